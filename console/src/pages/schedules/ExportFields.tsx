/** What an export contains and when it is made: the fields that a first export and a change of a schedule share. */

import { Group, MultiSelect, NativeSelect, Radio, Stack, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import { useHere } from '../../app/session';
import { localText } from '../../language/words';
import { type Catalogue, useExternalGenes } from '../segments/useCatalogue';
import { type Content, EXTERNAL } from './columns';
import { hourText, useWeekdays } from './timingText';
import type { Format, Timing } from './useSchedules';
import { useExportWords } from './words';

const MOST_COLUMNS = 20;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const LAST_DAY = 31;
const PERIODS = ['30', '90', '365'];

export function ContentFields({ content, onChange, genes: all }: { content: Content; onChange: (content: Content) => void; genes: Catalogue['genes'] }): ReactElement {
  const say = useExportWords();
  const { language } = useHere();
  const external = useExternalGenes();
  const known = [...new Set([...PERIODS, ...(content.window && content.window !== 'all' ? [content.window] : [])])];
  return (
    <Stack gap="sm">
      <Radio.Group label={say('format')} value={content.format} onChange={(format) => onChange({ ...content, format: format as Format })}>
        <Group gap="lg" mt={6}>
          <Radio value="csv" label={<>CSV <Text size="xs" c="dimmed" span>{say('csvHint')}</Text></>} />
          <Radio value="parquet" label={<>Parquet <Text size="xs" c="dimmed" span>{say('parquetHint')}</Text></>} />
        </Group>
      </Radio.Group>
      <MultiSelect
        label={say('columns')} description={say('columnsHint')} searchable hidePickedOptions clearable maxValues={MOST_COLUMNS} value={[...content.genes]} onChange={(genes) => onChange({ ...content, genes })} comboboxProps={{ shadow: 'md' }}
        data={[...all.values()].map((gene) => ({ value: gene.id, label: localText(gene.name, language) })).concat(external.map((gene) => ({ value: `${EXTERNAL}${gene.id}`, label: localText(gene.name, language) })))}
      />
      <NativeSelect
        label={say('window')} value={content.window} onChange={(event) => onChange({ ...content, window: event.currentTarget.value })}
        data={[{ value: '', label: say('windowDefault') }, ...known.map((days) => ({ value: days, label: say('windowDays', { count: days }) })), { value: 'all', label: say('windowAll') }]}
      />
    </Stack>
  );
}

export function TimingFields({ timing, onChange }: { timing: Timing; onChange: (timing: Timing) => void }): ReactElement {
  const say = useExportWords();
  const { tenant } = useHere();
  const weekdays = useWeekdays();
  return (
    <div>
      <Group gap="sm" align="flex-end">
        <NativeSelect flex="1 1 130px" label={say('every')} value={timing.every} onChange={(event) => onChange({ ...timing, every: event.currentTarget.value as Timing['every'] })} data={(['day', 'week', 'month'] as const).map((value) => ({ value, label: say(value) }))} />
        {timing.every === 'week' && <NativeSelect flex="1 1 130px" label={say('weekday')} value={String(timing.weekday)} onChange={(event) => onChange({ ...timing, weekday: Number(event.currentTarget.value) })} data={weekdays.map((label, index) => ({ value: String(index + 1), label }))} />}
        {timing.every === 'month' && (
          <NativeSelect
            flex="1 1 130px" label={say('dayOfMonth')} value={String(timing.day_of_month)} onChange={(event) => onChange({ ...timing, day_of_month: Number(event.currentTarget.value) })}
            data={Array.from({ length: LAST_DAY }, (_, index) => ({ value: String(index + 1), label: index + 1 === LAST_DAY ? say('lastDay') : say('nth', { count: index + 1 }) }))}
          />
        )}
        <NativeSelect flex="1 1 100px" label={say('hour')} value={String(timing.hour)} onChange={(event) => onChange({ ...timing, hour: Number(event.currentTarget.value) })} data={HOURS.map((hour) => ({ value: String(hour), label: hourText(hour) }))} />
      </Group>
      <Text size="xs" c="dimmed" mt={4}>{say('zone', { zone: tenant.time_zone })}</Text>
    </div>
  );
}
