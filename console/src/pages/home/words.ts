/** What the home page says. */

import { words } from '../../language/words';

export const useHomeWords = words(
  'home',
  {
    title: '總覽', today: '今天', visitors: '訪客', members: '會員', orders: '訂單', revenue: '營收', sameWeekday: '上{weekday}全天 {value}', total: '近 30 天 {value}', byDay: '每日趨勢', filling: '今天還在累積',
    metric: '指標', live: '即時動態', perSecond: '每秒 {count} 筆', pause: '暫停', resume: '繼續', liveEmpty: '等待下一筆行為', liveEmptyText: '商店送來的每一筆行為，幾秒內就會出現在這裡。', someone: '#{nid}',
    stages: '會員旅程', stagesLead: '每個人現在走到哪一步；點一下就成為客群。', stageLink: '以「{stage}」建立客群，{count} 人',
    health: '資料健康', healthLead: '收到 = 計入 + 重複 + 異常 + 封鎖，永遠相等。', received: '收到', counted: '計入', duplicates: '重複', bad: '異常', suppressed: '封鎖',
    fresh: '最新資料', badReasons: '異常原因', rows_other: '{count} 筆', noBad: '沒有異常資料。', unconverted: '{count} 筆訂單的幣別沒有匯率，未計入營收：{amount}',
    emptyTitle: '還沒有資料', emptyText: '把追蹤碼裝上網站，或匯入過去的訂單與會員，數字幾秒內就會出現在這裡。', emptyDocs: '看 API 文件',
  },
  {
    title: 'Home', today: 'Today', visitors: 'Visitors', members: 'Members', orders: 'Orders', revenue: 'Revenue', sameWeekday: 'all of last {weekday}: {value}', total: 'last 30 days: {value}', byDay: 'Day by day', filling: 'Today is still filling up',
    metric: 'Measure', live: 'Live', perSecond: '{count} a second', pause: 'Pause', resume: 'Go on', liveEmpty: 'Waiting for the next event', liveEmptyText: 'Everything your shop sends appears here within seconds.', someone: '#{nid}',
    stages: 'From visitor to loyal customer', stagesLead: 'How far everybody has come; one click makes a segment of them.', stageLink: 'Make a segment of “{stage}”, {count} people',
    health: 'Health of the data', healthLead: 'Received = counted + duplicates + bad + suppressed, always.', received: 'Received', counted: 'Counted', duplicates: 'Duplicates', bad: 'Bad', suppressed: 'Suppressed',
    fresh: 'Newest data', badReasons: 'Why rows are bad', rows_one: '{count} row', rows_other: '{count} rows', noBad: 'No bad rows.', unconverted: '{count} orders have a currency without a rate and are not in revenue: {amount}',
    emptyTitle: 'No data yet', emptyText: 'Put the tracking code on your site, or import past orders and members: the numbers appear here within seconds.', emptyDocs: 'See the API docs',
  },
);
