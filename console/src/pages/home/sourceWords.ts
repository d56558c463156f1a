/** What the card of sources says. */

import { words } from '../../language/words';

export const useSourceWords = words(
  'sources',
  {
    title: '資料來源', lead: '每把可以送事件的金鑰：現在送多少、和平常同一時段相比、有沒有異常。', source: '來源', health: '狀態', rate: '每分鐘', hour: '這一小時', usual: '平常同時段', bad: '異常', last: '最近一筆', browser: '網站', server: '伺服器', restricted: '限定金鑰', revoked: '已停用',
    waiting: '等待第一筆', silent: '沒有資料', bad_: '異常偏多', low: '明顯偏少', late: '延遲', history: '載入歷史資料', well: '正常',
    fix_waiting: '安裝追蹤碼，或從伺服器送出第一筆事件。', fix_silent: '應該要有資料卻沒收到：請檢查追蹤碼或伺服器。', fix_bad: '一天內有 {share} 無法處理：看異常資料。', fix_low: '不到平常的一半：網站是否改版，或追蹤碼被移除？', fix_late: '有 5% 的事件晚了 {span}以上才送到。', fix_history: '多為兩週以前的事件，不算延遲。',
    noneTitle: '還沒有資料來源', noneText: '建立一把金鑰，把追蹤碼貼到網站，事件就會從這裡進來。', toKeys: '建立金鑰', firstWeek: '第一週', more: '只列出前 {count} 個來源。',
  },
  {
    title: 'Sources', lead: 'Each key that may send events: how much it sends now, how that compares with this hour of other weeks, and what is wrong.', source: 'Source', health: 'State', rate: 'A minute', hour: 'This hour', usual: 'Usual hour', bad: 'Bad', last: 'Newest', browser: 'Website', server: 'Server', restricted: 'Restricted key', revoked: 'revoked',
    waiting: 'Waiting', silent: 'Silent', bad_: 'Many bad', low: 'Low', late: 'Late', history: 'Loading history', well: 'Well',
    fix_waiting: 'Paste the snippet, or send a first event from your server.', fix_silent: 'Something should arrive and does not: look at the snippet or the server.', fix_bad: '{share} of a day could not be taken: see the bad rows.', fix_low: 'Less than half of what is usual: did the site change, or lose its snippet?', fix_late: '5% of its events arrive more than {span} late.', fix_history: 'Its events are of weeks ago, so none is late.',
    noneTitle: 'No sources yet', noneText: 'Make a key and paste the snippet into your site: events arrive from there.', toKeys: 'Make a key', firstWeek: 'first week', more: 'The first {count} sources only.',
  },
);
