/** What the list of rows that were set aside says. */

import { words } from '../../language/words';

export const useBadRowWords = words(
  'bad-rows',
  {
    title: '異常資料', findHint: '原因、內容或 messageId', reason: '原因', status: '狀態', new: '待處理', replayed: '已重新處理', received: '收到時間', detail: '說明', source: '來源', browser: '網站', server: '伺服器', stage: '在哪一步', payload: '原始內容', see: '查看',
    noneTitle: '沒有異常資料', noneReplayed: '還沒有重新處理過的資料', noneText: '讀不懂的資料會保留在這裡，一筆都不會遺失；修正原因後可以重新處理。', replayAll: '全部重新處理', replayFound: '重新處理篩選結果', replayOne: '重新處理這一筆', replayHint: '原因排除後（例如時區或金鑰設定），照原樣重新判讀；成功的會補進來，不會重複計算。進度在', jobs: '工作', replayBegun: '已開始重新處理，進度顯示在右上角的工作。', accepted: '成功了：這筆資料已計入。', stillBad: '仍然讀不懂，原因如上。', whatToDo: '怎麼修正',
  },
  {
    title: 'Bad rows', findHint: 'Reason, content or messageId', reason: 'Reason', status: 'State', new: 'Waiting', replayed: 'Replayed', received: 'Received', detail: 'What is wrong', source: 'Source', browser: 'website', server: 'server', stage: 'Where', payload: 'As it was sent', see: 'Look at',
    noneTitle: 'No bad rows', noneReplayed: 'Nothing was replayed yet', noneText: 'What cannot be understood is kept here, every row of it; once the cause is gone it can be replayed.', replayAll: 'Replay all', replayFound: 'Replay what was found', replayOne: 'Replay this row', replayHint: 'Once the cause is gone, rows are judged again just as they were sent; what is good then counts, and counts once. Progress is under', jobs: 'Jobs', replayBegun: 'The replay has begun; its progress is in the tray above.', accepted: 'It worked: this row counts now.', stillBad: 'Still not understood, for the reason above.', whatToDo: 'What to do',
  },
);
