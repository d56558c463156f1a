/** What the page of long work says. */

import { words } from '../../language/words';

export const useJobWords = words(
  'jobs',
  {
    title: '工作', lead: '匯入、匯出、重新處理等需要一段時間的事。關掉頁面也會繼續。', noneTitle: '目前沒有工作', noneText: '開始一次匯入或匯出後，進度會顯示在這裡。', queued: '排隊中', running: '進行中', succeeded: '完成', failed: '失敗', cancelled: '已取消', cancel: '取消', progress: '{done} / {total}', created: '建立', took: '花費 {seconds} 秒', download: '下載', kind: '工作', state: '狀態', exports: '客群匯出檔', expires: '{at} 前可下載', people: '{count} 人', openSegment: '開啟客群',
    making: '製作中', whatToDo: '怎麼處理',
  },
  {
    title: 'Jobs', lead: 'What takes a while: imports, exports, replays. They go on when you close the page.', noneTitle: 'No jobs at the moment', noneText: 'Start an import or an export, and its progress appears here.', queued: 'waiting', running: 'running', succeeded: 'done', failed: 'failed', cancelled: 'cancelled', cancel: 'Cancel', progress: '{done} of {total}', created: 'Begun', took: 'took {seconds} s', download: 'Download', kind: 'Job', state: 'State', exports: 'Files of segments', expires: 'until {at}', people: '{count} people', openSegment: 'Open the segment',
    making: 'being made', whatToDo: 'What to do',
  },
);
