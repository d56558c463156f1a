/** What the settings say. */

import { words } from '../../language/words';

export const useSettingsWords = words(
  'settings',
  {
    title: '設定', shop: '商店', keys: '金鑰', usage: '用量', name: '商店名稱', timeZone: '時區', timeZoneHint: '變更後，所有以日計算的數字會重新計算。', currency: '幣別', currencyHint: '建立後不能變更。', locale: '語言', session: '造訪間隔（分鐘）', sessionHint: '這麼久沒有動作，再回來就算新的一次造訪。', stages: '活躍度與會員階段', slowing: '趨緩（天）', dormant: '久未造訪（天）', lost: '流失（天）', loyalOrders: '熟客：訂單數', loyalDays: '熟客：期間（天）', price: '單價怎麼算', priceHint: '影響客單價與價位偏好。', priceAfter: '折扣後實付', priceBefore: '折扣前定價', eventsPerSecond: '每秒上限', save: '儲存', saved: '已儲存，相關數字會在幾分鐘內重算。',
    makeKey: '建立金鑰', keyName: '名稱', keyNameHint: '例如：官網', kind: '種類', browser: '網站（只能送行為）', server: '伺服器（完整權限）', restricted: '受限', hint: '金鑰', lastUsed: '最近使用', never: '尚未使用', revoked: '已撤銷', revoke: '撤銷', revokeAsk: '撤銷「{name}」後，使用它的網站或程式會立刻停止運作。', newKey: '新的金鑰', newKeyText: '請現在複製；關閉後不會再顯示。', noKeys: '還沒有金鑰', noKeysText: '建立一把網站金鑰，放進追蹤碼，就能開始收資料。', installTitle: '開始送資料', installText: '網站用 Segment 的 SDK，把主機指到這裡；或先用一行指令試試：', scopes: '權限', keyRevoked: '已撤銷「{name}」', created: '建立',
    day: '日期', events: '行為', setAside: '異常', bytes: '資料量', calls: 'API 呼叫', total: '合計', profiles: '目前共有 {count} 人', quota: '上限：每秒 {count} 筆行為', perDay: '每日行為數', peak: '最多的一天 {count} 筆，平均每秒 {rate} 筆，為上限的 {share}', beside: '團隊、帳號安全與稽核在各自的頁面。',
  },
  {
    title: 'Settings', shop: 'Shop', keys: 'Keys', usage: 'Usage', name: 'Name of the shop', timeZone: 'Time zone', timeZoneHint: 'Every number by day is worked out anew when it changes.', currency: 'Currency', currencyHint: 'Settled when the shop was made.', locale: 'Language', session: 'Visits end after (minutes)', sessionHint: 'Whoever comes back after so long without doing anything makes a new visit.', stages: 'Activity and stages', slowing: 'Slowing (days)', dormant: 'Dormant (days)', lost: 'Lost (days)', loyalOrders: 'Loyal: orders', loyalDays: 'Loyal: within (days)', price: 'Price of an order’s line', priceHint: 'Genes about prices go by it.', priceAfter: 'what was paid', priceBefore: 'the list price', eventsPerSecond: 'Most per second', save: 'Save', saved: 'Saved. Numbers that depend on it are worked out anew within minutes.',
    makeKey: 'New key', keyName: 'Name', keyNameHint: 'Such as: website', kind: 'Kind', browser: 'Website (sends events only)', server: 'Server (everything)', restricted: 'Restricted', hint: 'Key', lastUsed: 'Last used', never: 'not used yet', revoked: 'revoked', revoke: 'Revoke', revokeAsk: 'When “{name}” is revoked, the site or program that uses it stops working at once.', newKey: 'Your new key', newKeyText: 'Copy it now: it is not shown again.', noKeys: 'No keys yet', noKeysText: 'Make a key for your website and put it into the tracking code to begin.', installTitle: 'Begin to send', installText: 'Point a Segment SDK at this host, or try one line first:', scopes: 'Scopes', keyRevoked: 'Revoked “{name}”', created: 'Made',
    day: 'Day', events: 'Events', setAside: 'Bad', bytes: 'Data', calls: 'API calls', total: 'Total', profiles: '{count} people now', quota: 'At most {count} events a second', perDay: 'Events by day', peak: 'The busiest day had {count}, {rate} a second on average: {share} of the quota', beside: 'Team, account security and the audit log have their own pages.',
  },
);
