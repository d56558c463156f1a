/** What a job is called in both languages, and how long it still takes. */

import type { Schemas } from '../api/client';
import { words } from '../language/words';

export type Job = Schemas['JobAnswer'];

export const useJobNames = words(
  'job-names',
  {
    import_file: '匯入檔案', check_import: '試算匯入', look_at_file: '讀取檔案', export_segment: '匯出客群', replay_bad_rows: '重新處理異常資料', export_person: '匯出個人資料', other: '背景工作',
    percent: '{share}', seconds: '大約還要 {n} 秒', minutes: '大約還要 {n} 分鐘', hours: '大約還要 {n} 小時',
  },
  {
    import_file: 'Import of a file', check_import: 'Dry run of an import', look_at_file: 'Reading a file', export_segment: 'Export of a segment', replay_bad_rows: 'Replay of bad rows', export_person: 'Export of a person', other: 'Background work',
    percent: '{share}', seconds: 'about {n} s left', minutes: 'about {n} min left', hours: 'about {n} h left',
  },
);

type Say = ReturnType<typeof useJobNames>;

const KINDS = ['import_file', 'check_import', 'look_at_file', 'export_segment', 'replay_bad_rows', 'export_person'] as const;

export const jobName = (say: Say, job: Pick<Job, 'kind'>): string => say(KINDS.find((kind) => kind === job.kind) ?? 'other');

export const isOpen = (job: Pick<Job, 'state'>): boolean => job.state === 'queued' || job.state === 'running';

/** Seconds still to go, as fast as it went so far; null while nothing is known. */
export function secondsLeft(job: Pick<Job, 'done' | 'total' | 'started_at' | 'state'>, now: number): number | null {
  if (job.state !== 'running' || !job.total || !job.done || !job.started_at) return null;
  const spent = (now - Date.parse(job.started_at)) / 1000;
  return Math.max(0, Math.round((spent / job.done) * (job.total - job.done)));
}

export function leftText(say: Say, seconds: number): string {
  if (seconds < 90) return say('seconds', { n: seconds });
  return seconds < 5400 ? say('minutes', { n: Math.round(seconds / 60) }) : say('hours', { n: Math.round(seconds / 3600) });
}
