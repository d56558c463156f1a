/** What the home page says. */

import { words } from '../../language/words';

export const useHomeWords = words(
  'home',
  {
    title: '總覽', today: '今天', visitors: '訪客', members: '會員', orders: '訂單', revenue: '營收', sameWeekday: '上{weekday}全天 {value}', total: '近 30 天 {value}', byDay: '每日趨勢', filling: '今天還在累積',
    metric: '指標', live: '即時動態', perSecond: '每秒 {count} 筆', pause: '暫停', resume: '繼續', liveEmpty: '等待下一筆行為', liveEmptyText: '商店送來的每一筆行為，幾秒內就會出現在這裡。', someone: '#{nid}',
    loop: '成長循環', connect: '連結', connectText: '已認識的人', connectMore: '累計 {n} 筆行為', drive: '驅動', driveText: '近 30 天來訪', driveMore: '今天 {n} 人', insight: '洞察', insightText: '個客群', insightMore: '今天 {entered} 人次進入',
    serve: '服務', serveText: '近 30 天訂單', share: '分享', shareText: '粉絲', shareMore: '熟客 {n} 人',
    visitor: '訪客', member: '未購會員', first_time: '首購客', repeat: '回購客', loyal: '熟客', fan: '粉絲', stage: '階段', stageNow: '目前在此', stageSoFar: '曾到達', conversion: '轉換率', goOn: '前一步的 {share}', inDays: '，{count} 天',
    season: '檔期比較', seasonLead: '本檔與上一檔，同一天比同一天。', seasonDay: '今天是本檔第 {n} 天', seasonStart: '本檔第一天', seasonBefore: '對照檔第一天', seasonWrong: '請選擇：本檔第一天不晚於今天，對照檔早於本檔。', sameDay: '對照檔同日（{day}）', soFar: '本檔累計', soFarThen: '對照檔同期', difference: '累計差距', seasonOwn: '目前只有您看這個檔期。', seasonShare: '設為團隊檔期', seasonHint: '訪客與會員在整段期間只算一次。今天還在累積，對照檔同日是全天。',
    changes: '有什麼變化', changesLead: '昨天和前三個同星期的平均相比；以及今天人數變動最多的客群。', yesterday: '昨天{metric} {value}，平常 {usual}', noChanges: '一切如常：昨天的數字與平常相近，今天沒有客群的人數變動。',
    beginInstall: '安裝追蹤碼', beginInstallText: '在網站貼上兩行，看自己的點擊出現在這裡。', beginImport: '匯入過去的訂單與會員', beginImportText: 'CSV 或 Parquet，先試算再寫入。', beginSegment: '看看內建客群', beginSegmentText: '資料一進來，每個客群就有人數。',
    stages: '會員旅程', stagesLead: '每個人走到哪一步；點一下就成為客群。', stageLink: '以「{stage}」建立客群，{count} 人',
    health: '資料健康', healthLead: '收到 = 計入 + 重複 + 異常 + 封鎖，永遠相等。', received: '收到', counted: '計入', duplicates: '重複', bad: '異常', suppressed: '封鎖',
    fresh: '最新資料', badReasons: '異常原因', rows_other: '{count} 筆', noBad: '沒有異常資料。', unconverted: '{count} 筆訂單的幣別沒有匯率，未計入營收：{amount}',
    emptyTitle: '還沒有資料', emptyText: '把追蹤碼裝上網站，或匯入過去的訂單與會員，數字幾秒內就會出現在這裡。',
  },
  {
    title: 'Home', today: 'Today', visitors: 'Visitors', members: 'Members', orders: 'Orders', revenue: 'Revenue', sameWeekday: 'all of last {weekday}: {value}', total: 'last 30 days: {value}', byDay: 'Day by day', filling: 'Today is still filling up',
    metric: 'Measure', live: 'Live', perSecond: '{count} a second', pause: 'Pause', resume: 'Go on', liveEmpty: 'Waiting for the next event', liveEmptyText: 'Everything your shop sends appears here within seconds.', someone: '#{nid}',
    loop: 'The loop', connect: 'Connect', connectText: 'people known', connectMore: '{n} events so far', drive: 'Drive', driveText: 'visited in 30 days', driveMore: '{n} today', insight: 'Insight', insightText: 'segments', insightMore: 'entered {entered} times today',
    serve: 'Serve', serveText: 'orders in 30 days', share: 'Share', shareText: 'fans', shareMore: '{n} loyal customers',
    visitor: 'Visitor', member: 'Member', first_time: 'First order', repeat: 'Repeat', loyal: 'Loyal', fan: 'Fan', stage: 'Stage', stageNow: 'There now', stageSoFar: 'Came as far', conversion: 'Conversion', goOn: '{share} went on', inDays: ', {count} days',
    season: 'Campaign season', seasonLead: 'This season beside an earlier one, day for day.', seasonDay: 'Today is day {n} of the season', seasonStart: 'First day of this season', seasonBefore: 'First day of the other', seasonWrong: 'Choose days: this season’s first day is not after today, and the other season began earlier.', sameDay: 'Same day then ({day})', soFar: 'So far', soFarThen: 'Then, as far', difference: 'Difference', seasonOwn: 'Only you look at this season.', seasonShare: 'Use it for the team', seasonHint: 'Visitors and members count once in the whole period. Today is still filling up; the same day then is whole.',
    changes: 'What changed', changesLead: 'Yesterday beside the mean of the same weekday of three weeks; and the segments that moved most today.', yesterday: '{metric} yesterday: {value}, usually {usual}', noChanges: 'All as usual: yesterday was like the weeks before, and no segment has moved today.',
    beginInstall: 'Install the tracking code', beginInstallText: 'Paste two lines into your site, and watch your own click arrive.', beginImport: 'Import past orders and members', beginImportText: 'CSV or Parquet: try it first, then write.', beginSegment: 'Look at the built-in segments', beginSegmentText: 'Each has its number as soon as data arrive.',
    stages: 'From visitor to fan', stagesLead: 'How far everybody has come; one click makes a segment of them.', stageLink: 'Make a segment of “{stage}”, {count} people',
    health: 'Health of the data', healthLead: 'Received = counted + duplicates + bad + suppressed, always.', received: 'Received', counted: 'Counted', duplicates: 'Duplicates', bad: 'Bad', suppressed: 'Suppressed',
    fresh: 'Newest data', badReasons: 'Why rows are bad', rows_one: '{count} row', rows_other: '{count} rows', noBad: 'No bad rows.', unconverted: '{count} orders have a currency without a rate and are not in revenue: {amount}',
    emptyTitle: 'No data yet', emptyText: 'Put the tracking code on your site, or import past orders and members: the numbers appear here within seconds.',
  },
);
