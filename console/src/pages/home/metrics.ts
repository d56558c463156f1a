/** What home measures a day by. */

export type Metric = 'visitors' | 'members' | 'orders' | 'revenue';
export const METRICS: readonly Metric[] = ['visitors', 'members', 'orders', 'revenue'];
