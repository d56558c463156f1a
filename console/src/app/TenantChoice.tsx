/** Which shop this tab looks at. */

import { NativeSelect } from '@mantine/core';
import type { ReactElement } from 'react';
import { useChooseTenant } from './choose';
import type { Session } from './session';
import { useFrameWords } from './words';

export function TenantChoice({ session }: { session: Session }): ReactElement | null {
  const say = useFrameWords();
  const choose = useChooseTenant();
  if (session.tenants.length === 0) return null;
  return (
    <NativeSelect
      aria-label={say('shop')} data={session.tenants.map(({ id, name }) => ({ value: id, label: name }))} value={session.tenant_id}
      onChange={(event) => void choose(event.currentTarget.value)} w={{ base: 'auto', sm: 240 }} flex={{ base: 1, sm: 'none' }} miw={0}
      styles={{ input: { fontWeight: 600, textOverflow: 'ellipsis' } }}
    />
  );
}
