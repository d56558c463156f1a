/** What a segment's history says. */

import { words } from '../../language/words';

export const useHistoryWords = words(
  'segment-history',
  {
    tab: '歷史', daysTitle: '每日人數', daysLead: '當天記錄的數字，之後補到的資料不會回頭改。', size: '人數', entered: '進入', left: '離開', day: '日期', net: '淨變化', noneTitle: '還沒有歷史', noneText: '客群每天結束時記一筆；明天起就看得到變化。', shown: '{day}：{n} 人，進入 {entered}，離開 {left}',
    changesTitle: '最近異動', changesLead: '最近七天誰進、誰出，以及原因。', quietTitle: '最近沒有異動', quietText: '有人進入或離開時，會在這裡說明原因。', reason_events: '行為或資料', reason_time: '時間經過', reason_yardstick: '比較基準變了', reason_definition: '條件被修改', reason_identity: '歸戶或拆分', reason_erasure: '依要求刪除',
    people: '看是誰', hide: '收起', more: '只列出前 100 位', in: '進入的人', out: '離開的人', why: '為什麼', range: '期間', days: '{count} 天', trend: '近 {count} 天人數走勢', counting: '第一次計算中', asOf: '計算到 {time}', slow: '資料量較大，隔一段時間更新一次', failed: '自 {time} 起無法更新：{text}', live: '即時更新',
  },
  {
    tab: 'History', daysTitle: 'People by day', daysLead: 'As recorded on each day; what is learnt later does not change it.', size: 'People', entered: 'Entered', left: 'Left', day: 'Day', net: 'Change', noneTitle: 'No history yet', noneText: 'A segment is noted down at the end of each day; from tomorrow on you see how it moves.', shown: '{day}: {n} people, {entered} entered, {left} left',
    changesTitle: 'Latest changes', changesLead: 'Who came and went in the last seven days, and why.', quietTitle: 'No changes lately', quietText: 'When somebody enters or leaves, it is told here with the reason.', reason_events: 'behaviour or data', reason_time: 'time passed', reason_yardstick: 'what they are compared with changed', reason_definition: 'conditions were edited', reason_identity: 'profiles joined or parted', reason_erasure: 'erased on request',
    people: 'Show who', hide: 'Hide', more: 'The first 100 only', in: 'Entered', out: 'Left', why: 'Why', range: 'Period', days: '{count} days', trend: 'People over {count} days', counting: 'counted for the first time', asOf: 'Counted up to {time}', slow: 'Many people: counted from time to time', failed: 'Not updated since {time}: {text}', live: 'Kept up to date',
  },
);
