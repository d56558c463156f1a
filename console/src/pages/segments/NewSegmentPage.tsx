/** A segment that nobody has saved yet; its tree is in the address, so that a link shows the same. */

import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { lazy, type ReactElement, Suspense } from 'react';
import { mayWrite, useHere } from '../../app/session';
import { Icon } from '../../parts/Icon';
import { PageHead } from '../../parts/PageHead';
import { Ready } from '../../parts/Ready';
import { Builder } from './builder/Builder';
import { useDraft } from './builder/useDraft';
import { useCatalogue } from './useCatalogue';
import { useSegmentWords } from './words';

const SaveDialog = lazy(async () => ({ default: (await import('./SaveDialog')).SaveDialog }));

export function Page(): ReactElement {
  const say = useSegmentWords();
  const { role } = useHere();
  const catalogue = useCatalogue();
  const draft = useDraft(null);
  const navigate = useNavigate();
  const [saving, dialog] = useDisclosure(false);
  return (
    <>
      <PageHead title={say('untitled')} lead={say('lead')}>
        {mayWrite(role) && <Button leftSection={<Icon name="save" />} disabled={draft.tree === null} onClick={dialog.open}>{say('saveTitle')}</Button>}
      </PageHead>
      <Ready of={catalogue} height={420}>
        {(known) => <Builder catalogue={known} {...draft} />}
      </Ready>
      <Suspense>{saving && draft.tree && <SaveDialog tree={draft.tree} onClose={dialog.close} onSaved={(id) => void navigate({ to: '/segments/$id', params: { id } } as never)} />}</Suspense>
    </>
  );
}
