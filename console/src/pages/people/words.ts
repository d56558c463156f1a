/** What the pages of people say. */

import { words } from '../../language/words';

export const usePeopleWords = words(
  'people',
  {
    title: '顧客', lead: '每一位訪客與會員。用會員編號、電子郵件、電話、LINE 或任何屬性搜尋。', findHint: '搜尋會員編號、電子郵件、姓名', kind: '類型', everybody: '全部', onlyMembers: '會員', onlyVisitors: '訪客', noneTitle: '沒有符合的人', noneText: '換個關鍵字；識別碼要從開頭打起，屬性可以是其中一段。',
    who: '顧客', identifiers: '識別碼', orders: '訂單', revenue: '營收', currency: '幣別', events: '行為', lastSeen: '最近出現', firstSeen: '首次接觸', reveal: '顯示個資', conceal: '隱藏個資', masked: '個資已遮蔽',
    user_id: '會員編號', email: '電子郵件', phone: '電話', line_id: 'LINE', external_id: '外部編號', anonymous_id: '裝置', unspecified: '其他',
    overview: '基本資料', timeline: '時間軸', genes: '基因', joined: '如何歸戶', consent: '同意與聯絡', traits: '屬性', noTraits: '還沒有屬性。', noEvents: '還沒有行為', noEventsText: '這個人的瀏覽、搜尋與訂單，收到後幾秒內就會出現在這裡。', noneSieved: '這個範圍沒有行為', noneSievedText: '換一種行為，或放寬日期。', showOnly: '只看', sieve_everything: '所有行為', sieve_orders: '訂單與退款', sieve_cart: '購物車與結帳', sieve_products: '商品與搜尋', sieve_pages: '網頁與內容', sieve_identity: '身分與登入', fromDay: '從', toDay: '到',
    inSegments: '目前所在的客群', inNone: '不在任何客群裡', inNoneText: '符合某個客群的條件後，幾秒內就會列在這裡。', segments: '客群', segment: '客群', people: '人數', counted: '計算時間', why: '為什麼', otherSegment: '為什麼不在某個客群？', otherSegmentText: '選一個客群，逐條看這個人符合哪些條件、差在哪裡。', findSegment: '搜尋客群', noSegment: '沒有這個客群', requests: '個資請求', revealFailed: '沒有記錄成功，個資仍然遮蔽。', revealNote: '每次顯示都會記在稽核紀錄', asSent: '原始內容', notJoined: '只有一個識別碼，還沒有和其他識別碼歸戶。',
    joining: '已歸戶', refused: '未歸戶', withdrawn: '已撤回', withdraw: '撤回', restore: '恢復', withdrawAsk: '撤回後，視同從未關聯；之後的行為再提到，也不會再歸戶。', withdrawn_done: '已撤回關聯', restored_done: '已恢復關聯',
    USER_ID_LIMIT: '兩位會員不會合併', EMAIL_LIMIT: '電子郵件已達上限', PHONE_LIMIT: '電話已達上限', LINE_ID_LIMIT: 'LINE 已達上限', EXTERNAL_ID_LIMIT: '外部編號已達上限', ANONYMOUS_ID_LIMIT: '裝置已達上限', BLOCKED_VALUE: '封鎖值', CLUSTER_TOO_LARGE: '關聯的識別碼太多',
    stillOne: '還有 {n} 條關聯讓他們是同一人：也撤回那些關聯，才會拆開。', partedInto: '已拆成不同的人：', oneAgain: '相關的人：', noChange: '他們原本就不是同一人，人數不變。', ledger: '身分變更', ledgerNone: '還沒有變更過。', thisPerson: '這個人', colon: '：', moreMoves: '還有 {n} 個識別碼',
    cause_events: '行為裡一起出現', cause_link: '手動歸戶', cause_unlink: '撤回關聯', cause_restore: '恢復關聯', cause_rules: '歸戶規則變更',
    percentile: '高於 {share} 的人', percentileHead: '與大家相比', value: '值', gene: '基因', channels: '可聯絡管道', reachable: '可發送', notReachable: '不可發送', purposes: '同意事項', noConsents: '還沒有表示過同意或拒絕。', granted: '同意', denied: '拒絕', sms: '簡訊', line: 'LINE', NO_ADDRESS: '沒有聯絡方式', NO_CONSENT: '尚未同意', DENIED: '已拒絕', SUPPRESSED: '已封鎖', UNDELIVERABLE: '無法送達', suppressed: '這個人已被封鎖，新的行為不會計入。',
    inWindow: '{days} 天內', allTime: '所有時間',
  },
  {
    title: 'People', lead: 'Every visitor and member. Search by member id, e-mail, phone, LINE or any attribute.', findHint: 'Search member id, e-mail, name', kind: 'Kind', everybody: 'Everybody', onlyMembers: 'Members', onlyVisitors: 'Visitors', noneTitle: 'Nobody matches', noneText: 'Try another word: identifiers from their beginning, attributes by any part.',
    who: 'Person', identifiers: 'Identifiers', orders: 'Orders', revenue: 'Revenue', currency: 'Currency', events: 'Events', lastSeen: 'Last seen', firstSeen: 'First seen', reveal: 'Show personal data', conceal: 'Hide personal data', masked: 'Personal data are masked',
    user_id: 'Member id', email: 'E-mail', phone: 'Phone', line_id: 'LINE', external_id: 'External id', anonymous_id: 'Device', unspecified: 'Other',
    overview: 'At a glance', timeline: 'Timeline', genes: 'Genes', joined: 'How they were joined', consent: 'Consent and contact', traits: 'Attributes', noTraits: 'No attributes yet.', noEvents: 'No events yet', noEventsText: 'What they view, search and order appears here within seconds.', noneSieved: 'Nothing of this kind', noneSievedText: 'Choose other events, or more days.', showOnly: 'Show', sieve_everything: 'everything', sieve_orders: 'orders and refunds', sieve_cart: 'cart and checkout', sieve_products: 'products and searches', sieve_pages: 'pages and content', sieve_identity: 'identity and sign-in', fromDay: 'From', toDay: 'To',
    inSegments: 'Segments they are in', inNone: 'In no segment', inNoneText: 'Within seconds after they fulfil a segment’s conditions it is listed here.', segments: 'Segments', segment: 'Segment', people: 'People', counted: 'Counted', why: 'Why', otherSegment: 'Why not in another one?', otherSegmentText: 'Choose a segment to see condition by condition what they fulfil and what is missing.', findSegment: 'Find a segment', noSegment: 'No such segment', requests: 'Privacy requests', revealFailed: 'It could not be noted, so the data stay masked.', revealNote: 'Every look is noted in the audit log', asSent: 'As sent', notJoined: 'One identifier, joined with no other yet.',
    joining: 'joins', refused: 'refused', withdrawn: 'withdrawn', withdraw: 'Withdraw', restore: 'Restore', withdrawAsk: 'It will be as if they had never been linked, whatever later events say.', withdrawn_done: 'The link was withdrawn', restored_done: 'The link was restored',
    USER_ID_LIMIT: 'two members are never joined', EMAIL_LIMIT: 'too many e-mails', PHONE_LIMIT: 'too many phones', LINE_ID_LIMIT: 'too many LINE ids', EXTERNAL_ID_LIMIT: 'too many external ids', ANONYMOUS_ID_LIMIT: 'too many devices', BLOCKED_VALUE: 'a blocked value', CLUSTER_TOO_LARGE: 'too many identifiers hang together',
    stillOne: 'Other links ({n}) still make them one person: withdraw those too to part them.', partedInto: 'They are parted into:', oneAgain: 'Who is concerned:', noChange: 'They were not one person before either.', ledger: 'Changes of who they are', ledgerNone: 'None yet.', thisPerson: 'this person', colon: ': ', moreMoves: 'and {n} more identifiers',
    cause_events: 'Events named them together', cause_link: 'Joined by hand', cause_unlink: 'A link was withdrawn', cause_restore: 'A link was restored', cause_rules: 'The rules changed',
    percentile: 'above {share} of people', percentileHead: 'Against everybody', value: 'Value', gene: 'Gene', channels: 'Channels', reachable: 'reachable', notReachable: 'not reachable', purposes: 'Consent', noConsents: 'Nothing agreed to or denied yet.', granted: 'granted', denied: 'denied', sms: 'SMS', line: 'LINE', NO_ADDRESS: 'no address', NO_CONSENT: 'no consent yet', DENIED: 'denied', SUPPRESSED: 'suppressed', UNDELIVERABLE: 'cannot be delivered', suppressed: 'This person is suppressed: new events are not counted.',
    inWindow: 'in {days} days', allTime: 'all time',
  },
);
