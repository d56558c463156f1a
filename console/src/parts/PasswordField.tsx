/** A password, which its writer may look at. */

import { PasswordInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { useShared } from '../language/shared';

interface Props {
  name: string;
  label: string;
  /** A new one has a least length; whoever keeps passwords is told which it is. */
  fresh?: boolean;
  hint?: string;
  disabled?: boolean;
  autoFocus?: boolean;
}

export function PasswordField({ name, label, fresh = false, hint, autoFocus = false, disabled = false }: Props): ReactElement {
  const say = useShared();
  return (
    <PasswordInput
      name={name} label={label} required withAsterisk={false} disabled={disabled} autoFocus={autoFocus} data-autofocus={autoFocus || undefined} maxLength={1024} autoComplete={fresh ? 'new-password' : 'current-password'}
      visibilityToggleButtonProps={{ 'aria-label': say('showPassword') }} {...(fresh ? { minLength: 8 } : {})} {...(hint ? { description: hint } : {})}
    />
  );
}
