/** Saved segments in their folders, each with how many people are in it now. */

import { Button, Group, NativeSelect, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { mayWrite, useHere } from '../../app/session';
import { Empty } from '../../parts/Empty';
import { Icon } from '../../parts/Icon';
import { PageHead } from '../../parts/PageHead';
import { Ready } from '../../parts/Ready';
import { useUrlState } from '../../parts/useUrlState';
import { SegmentTable } from './SegmentTable';
import { folderIn } from './naming';
import { type Sort, useSegmentList } from './useSegments';
import { useSegmentWords } from './words';
import './segments.css';

export function Page(): ReactElement {
  const say = useSegmentWords();
  const { role, language } = useHere();
  const [q, setQ] = useUrlState('q');
  const [folder, setFolder] = useUrlState('folder', 'all');
  const [sort, setSort] = useUrlState('sort', 'name');
  const archived = folder === 'archived';
  const list = useSegmentList({ q, sort: sort as Sort, archived, folder: archived || folder === 'all' ? undefined : folder === 'none' ? '' : folder.slice(1) });
  return (
    <>
      <PageHead title={say('title')} lead={say('lead')}>
        {mayWrite(role) && <Button component={Link} to={'/segments/new' as string} leftSection={<Icon name="plus" />}>{say('make')}</Button>}
      </PageHead>
      <Group gap="xs" mb="md">
        <TextInput type="search" aria-label={say('findHint')} placeholder={say('findHint')} leftSection={<Icon name="search" size={16} />} value={q} onChange={(event) => setQ(event.currentTarget.value)} flex="1 1 220px" maw={360} />
        <NativeSelect aria-label={say('sort')} value={sort} onChange={(event) => setSort(event.currentTarget.value)} data={(['name', 'changed', 'created'] as const).map((one) => ({ value: one, label: say(`sort_${one}`) }))} />
      </Group>
      <Ready of={list} height={420}>
        {(found) => (
          <div className="segments">
            <nav className="folders" aria-label={say('folders')}>
              <FolderButton name={say('allFolders')} chosen={folder === 'all'} onChoose={() => setFolder('all')} />
              {found.folders.map((one) => (
                <FolderButton key={one.name} name={folderIn(one.name, language) || say('noFolder')} count={one.segments} chosen={folder === (one.name ? `/${one.name}` : 'none')} onChoose={() => setFolder(one.name ? `/${one.name}` : 'none')} />
              ))}
              <FolderButton name={say('archived')} chosen={archived} onChoose={() => setFolder('archived')} />
            </nav>
            <div className="card flush">
              {found.segments.length === 0 ? <Empty icon="segments" title={say('noneTitle')} text={say('noneText')} /> : <SegmentTable segments={found.segments} />}
            </div>
          </div>
        )}
      </Ready>
    </>
  );
}

function FolderButton({ name, count, chosen, onChoose }: { name: string; count?: number; chosen: boolean; onChoose: () => void }): ReactElement {
  return (
    <button type="button" className="folder" aria-pressed={chosen} onClick={onChoose}>
      <Icon name="folder" size={16} />
      <span className="cut">{name}</span>
      {count !== undefined && <span className="folder-count">{count}</span>}
    </button>
  );
}
