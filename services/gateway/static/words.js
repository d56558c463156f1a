/** What the page says, in both languages, and how numbers, money and times read in them. */

const WORDS = {
  'zh-TW': {
    shop: '商店', myAccount: '我的帳號', docs: 'API 文件', theme: '深色／淺色', signOut: '登出', signIn: '登入', email: '電子郵件', password: '密碼',
    pitch: '每一位訪客，都是一個故事', pitchMore: '每一筆行為只計一次，幾秒內成為認得的人與可信的數字。',
    today: '今日', visitors: '訪客', members: '會員', orders: '訂單', revenue: '營收', last30: '近 30 天', byDay: '每日趨勢',
    asTable: '以表格檢視', day: '日期', live: '即時動態', liveEmpty: '等待下一筆事件……', pause: '暫停', resume: '繼續',
    people: '最新的人', searchHint: '搜尋會員編號、電子郵件、姓名……', kind: '類型', everybody: '全部', onlyVisitors: '未登入訪客',
    nobody: '沒有符合的人。', more: '載入更多', intake: '接收統計', intakeHint: '收到 = 計入 + 重複 + 異常 + 封鎖，永遠相等。',
    received: '收到', counted: '計入', duplicates: '重複', bad: '異常', suppressed: '封鎖', close: '關閉', member: '會員', visitor: '訪客',
    identifiers: '識別碼', traits: '特徵', timeline: '時間軸', events: '事件', lastSeen: '最近出現', noTraits: '尚無特徵。',
    asOf: '資料截至', zone: '時區', perSecond: '筆/秒', andMore: '另有 {n} 筆', sent: '原始事件', demo: '示範資料',
    eventCount: { other: '{n} 筆事件' }, orderCount: { other: '{n} 筆訂單' },
    unreachable: '暫時無法連線，正在重試。', nothingYet: '尚無資料', user_id: '會員編號', anonymous_id: '裝置',
    phone: '電話', line_id: 'LINE', external_id: '外部編號', unspecified: '其他',
    howJoined: '如何歸戶', notJoined: '只有一個識別碼，沒有歸戶關聯。', joining: '成立', refused: '未成立', withdrawn: '已撤回', unlink: '撤回', restore: '恢復',
    unlinkSure: '撤回後，視同從未關聯；之後的事件再提到，也不會再合併。確定撤回？', USER_ID_LIMIT: '兩位會員不會合併',
    EMAIL_LIMIT: '電子郵件已達上限', PHONE_LIMIT: '電話已達上限', LINE_ID_LIMIT: 'LINE 已達上限', EXTERNAL_ID_LIMIT: '外部編號已達上限',
    ANONYMOUS_ID_LIMIT: '裝置已達上限', BLOCKED_VALUE: '封鎖值', CLUSTER_TOO_LARGE: '關聯的識別碼過多',
  },
  en: {
    shop: 'Shop', myAccount: 'Account', docs: 'API docs', theme: 'Dark or light', signOut: 'Sign out', signIn: 'Sign in', email: 'E-mail', password: 'Password',
    pitch: 'Every visitor is a story', pitchMore: 'Each act counts exactly once, and within seconds becomes a person you know and a number you can trust.',
    today: 'Today', visitors: 'Visitors', members: 'Members', orders: 'Orders', revenue: 'Revenue', last30: 'last 30 days', byDay: 'Day by day',
    asTable: 'View as table', day: 'Day', live: 'Live', liveEmpty: 'Waiting for the next event…', pause: 'Pause', resume: 'Go on',
    people: 'Newest people', searchHint: 'Search member id, e-mail, name…', kind: 'Kind', everybody: 'Everybody', onlyVisitors: 'Visitors only',
    nobody: 'Nobody matches.', more: 'Load more', intake: 'Intake', intakeHint: 'Received = counted + duplicates + bad + suppressed, always.',
    received: 'Received', counted: 'Counted', duplicates: 'Duplicates', bad: 'Bad', suppressed: 'Suppressed', close: 'Close', member: 'Member', visitor: 'Visitor',
    identifiers: 'Identifiers', traits: 'Traits', timeline: 'Timeline', events: 'Events', lastSeen: 'Last seen', noTraits: 'No traits yet.',
    asOf: 'As of', zone: 'Time zone', perSecond: 'events/s', andMore: 'and {n} more', sent: 'As sent', demo: 'demo data',
    eventCount: { one: '{n} event', other: '{n} events' }, orderCount: { one: '{n} order', other: '{n} orders' },
    unreachable: 'Not reachable at the moment; trying again.', nothingYet: 'Nothing yet', user_id: 'Member id', anonymous_id: 'Device',
    phone: 'Phone', line_id: 'LINE', external_id: 'External id', unspecified: 'Other',
    howJoined: 'How they were joined', notJoined: 'One identifier, joined with no other.', joining: 'joins', refused: 'refused', withdrawn: 'withdrawn', unlink: 'Withdraw', restore: 'Restore',
    unlinkSure: 'It will be as if they had never been linked, whatever later events say. Withdraw this link?', USER_ID_LIMIT: 'two members are never joined',
    EMAIL_LIMIT: 'too many e-mails', PHONE_LIMIT: 'too many phones', LINE_ID_LIMIT: 'too many LINE ids', EXTERNAL_ID_LIMIT: 'too many external ids',
    ANONYMOUS_ID_LIMIT: 'too many devices', BLOCKED_VALUE: 'a blocked value', CLUSTER_TOO_LARGE: 'too many identifiers hang together',
  },
};

// Apart, so that an event that is called like a button is not translated like one.
const EVENT_WORDS = {
  'zh-TW': {
    page: '瀏覽網頁', screen: '瀏覽畫面',
    identify: '表明身分', group: '加入群組', alias: '合併身分',
    page_viewed: '瀏覽網頁', product_viewed: '瀏覽商品', product_list_viewed: '瀏覽商品列表', product_clicked: '點選商品',
    products_searched: '搜尋商品', product_added: '加入購物車', product_removed: '移出購物車', cart_viewed: '查看購物車',
    checkout_started: '開始結帳', order_completed: '完成訂單', order_updated: '更新訂單', order_refunded: '退款',
    order_cancelled: '取消訂單', signed_up: '註冊', signed_in: '登入', signed_out: '登出',
  },
  en: {
    page: 'Saw a page', screen: 'Saw a screen',
    identify: 'Said who they are', group: 'Joined a group', alias: 'Joined two ids',
  },
};

let language = localStorage.getItem('language') ?? (navigator.language.startsWith('zh') ? 'zh-TW' : 'en');

/** Words of a page of its own, in every language. */
export function addWords(more) {
  for (const [name, words] of Object.entries(more)) Object.assign(WORDS[name], words);
}

export function currentLanguage() {
  return language;
}

export function switchLanguage() {
  language = language === 'en' ? 'zh-TW' : 'en';
  localStorage.setItem('language', language);
}

/** The word for a key, or undefined. */
export function word(key) {
  return WORDS[language][key];
}

/** An event's name for people: canonical names (product_viewed, Product Viewed) are translated, others shown as sent. */
export function eventWord(kind, name) {
  const known = EVENT_WORDS[language];
  for (const key of [name.toLowerCase().replaceAll(' ', '_'), ...(kind === 'track' ? [] : [kind])]) {
    if (Object.hasOwn(known, key)) return known[key];
  }
  const text = name || kind;
  return /^[a-z_]+$/.test(text) ? text.replaceAll('_', ' ').replace(/^./, (letter) => letter.toUpperCase()) : text;
}

export function number(value) {
  return new Intl.NumberFormat(language).format(value);
}

/** How many of something, in the form that goes with the number: counted(1, 'eventCount') is "1 event". */
export function counted(value, key) {
  const forms = word(key);
  return (forms[new Intl.PluralRules(language).select(value)] ?? forms.other).replace('{n}', number(value));
}

/** Amounts are exact decimal text; only what is shown is rounded. */
export function money(amount, currency, compact = false) {
  const options = compact ? { notation: 'compact', maximumFractionDigits: 1 } : {};
  return new Intl.NumberFormat(language, {
    style: 'currency', currency: currency || 'TWD', currencyDisplay: 'narrowSymbol', ...options,
  }).format(amount);
}

export function dayText(iso) {
  const [year, month, day] = iso.split('-').map(Number);
  return new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric', timeZone: 'UTC' })
    .format(Date.UTC(year, month - 1, day));
}

export function timeText(iso, timeZone, withDay = true) {
  if (!iso) return '–';
  const day = withDay ? { month: 'short', day: 'numeric' } : {};
  return new Intl.DateTimeFormat(language, {
    ...day, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZone,
  }).format(new Date(iso));
}
