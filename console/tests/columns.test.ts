import { describe, expect, test } from 'vitest';
import { columnsOf, contentOf } from '../src/pages/schedules/columns';
import type { Gene } from '../src/pages/segments/useCatalogue';

const gene = (id: string, windows: { max_days: number; all_time: boolean } | null) => [id, { id, windows } as Gene] as const;
const GENES = new Map([gene('orders', { max_days: 730, all_time: true }), gene('viewed_not_bought', { max_days: 90, all_time: false }), gene('member_stage', null)]);
const CHOSEN = ['orders', 'viewed_not_bought', 'member_stage', 'external:points'];

describe('columns of an export', () => {
  test('look back as far as was chosen, each as far as it can', () => {
    expect(columnsOf({ format: 'csv', genes: CHOSEN, window: '365' }, GENES)).toEqual(['orders:365', 'viewed_not_bought:90', 'member_stage', 'external:points']);
    expect(columnsOf({ format: 'csv', genes: CHOSEN, window: 'all' }, GENES)).toEqual(['orders:all', 'viewed_not_bought', 'member_stage', 'external:points']);
  });

  test('are read back as they were chosen', () => {
    expect(contentOf('csv', ['member_stage', 'external:points', 'orders:30'])).toEqual({ format: 'csv', genes: ['member_stage', 'external:points', 'orders'], window: '30' });
  });
});
