/** What exports and their schedules say. */

import { words } from '../../language/words';

export const useExportWords = words(
  'exports',
  {
    title: '定期匯出', lead: '每天、每週或每月自動把客群存成檔案；時間依商店時區，錯過的會補做一次。', noneTitle: '還沒有定期匯出', noneText: '打開任何客群，按「匯出」，選「定期」：例如每週一早上六點的名單。', toSegments: '選一個客群',
    export: '匯出', exportTitle: '匯出「{name}」', once: '只這一次', repeated: '定期', format: '格式', csvHint: 'Excel、Google 試算表可直接開啟', parquetHint: '欄位有型別，給分析工具用', columns: '附上的基因', columnsHint: '最多 20 個', window: '基因的期間', windowDefault: '基因的預設', windowDays: '最近 {count} 天', windowAll: '所有時間', start: '開始匯出', schedule: '建立排程', started: '匯出已開始，完成後在「工作」下載。', scheduled: '排程已建立，下一次：{at}', saved: '排程已更新', personal: '檔案含顧客編號；到期後自動刪除，有人要求刪除個資時也會立即刪除。',
    every: '頻率', day: '每天', week: '每週', month: '每月', hour: '時間', weekday: '星期', dayOfMonth: '日期', lastDay: '每月最後一天', nth: '{count} 日', onDay: '每天 {hour}', onWeek: '每{weekday} {hour}', onMonth: '每月 {day} {hour}', zone: '時區：{zone}',
    next: '下一次', paused: '已暫停', pause: '暫停', resume: '繼續', edit: '修改', remove: '刪除', removed: '排程已刪除', removeAsk: '刪除「{name}」的排程？已做好的檔案會保留到期滿。', comma: '、', never: '還沒執行過', download: '下載', gone: '檔案已刪除', runs: '執行紀錄', hideRuns: '收起', people: '{count} 人', queued: '排隊中', running: '製作中', succeeded: '完成', failed: '失敗', cancelled: '已取消', unknownSegment: '已刪除的客群',
  },
  {
    title: 'Export schedules', lead: 'Segments as files every day, week or month, in your shop’s time zone; one that was missed is made once, later.', noneTitle: 'No schedules yet', noneText: 'Open any segment, press “Export” and choose “Repeated”: such as a list every Monday at six.', toSegments: 'Choose a segment',
    export: 'Export', exportTitle: 'Export “{name}”', once: 'This once', repeated: 'Repeated', format: 'Format', csvHint: 'opens in Excel and Google Sheets', parquetHint: 'typed columns, for tools', columns: 'Genes beside each person', columnsHint: 'Up to 20', window: 'Period of the genes', windowDefault: 'as each gene has it', windowDays: 'last {count} days', windowAll: 'all time', start: 'Start the export', schedule: 'Make the schedule', started: 'The export has begun; fetch it under Jobs when it is done.', scheduled: 'Scheduled; next: {at}', saved: 'The schedule is changed', personal: 'Files hold profile ids; they are deleted when they expire, and at once when somebody asks to be forgotten.',
    every: 'How often', day: 'every day', week: 'every week', month: 'every month', hour: 'At', weekday: 'Weekday', dayOfMonth: 'Day', lastDay: 'the last day', nth: 'day {count}', onDay: 'every day at {hour}', onWeek: 'every {weekday} at {hour}', onMonth: 'every month, {day}, at {hour}', zone: 'Time zone: {zone}',
    next: 'Next', paused: 'paused', pause: 'Pause', resume: 'Resume', edit: 'Edit', remove: 'Delete', removed: 'The schedule is deleted', removeAsk: 'Delete the schedule of “{name}”? Files that were made stay until they expire.', comma: ', ', never: 'Not run yet', download: 'Download', gone: 'file deleted', runs: 'Runs', hideRuns: 'Hide runs', people: '{count} people', queued: 'waiting', running: 'being made', succeeded: 'done', failed: 'failed', cancelled: 'cancelled', unknownSegment: 'deleted segment',
  },
);
