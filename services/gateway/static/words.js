/** What every page says, in both languages, and how numbers and times read in them. */

const WORDS = {
  'zh-TW': {
    shop: '商店', myAccount: '我的帳號', signOut: '登出', signIn: '登入', email: '電子郵件', password: '密碼',
    pitch: '每一位訪客，都是一個故事', pitchMore: '每一筆行為只計一次，幾秒內成為認得的人與可信的數字。',
    members: '會員', more: '載入更多',
    unreachable: '暫時無法連線，正在重試。',
  },
  en: {
    shop: 'Shop', myAccount: 'Account', signOut: 'Sign out', signIn: 'Sign in', email: 'E-mail', password: 'Password',
    pitch: 'Every visitor is a story', pitchMore: 'Each act counts exactly once, and within seconds becomes a person you know and a number you can trust.',
    members: 'Members', more: 'Load more',
    unreachable: 'Not reachable at the moment; trying again.',
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

export function number(value) {
  return new Intl.NumberFormat(language).format(value);
}

export function timeText(iso, timeZone, withDay = true) {
  if (!iso) return '–';
  const day = withDay ? { month: 'short', day: 'numeric' } : {};
  return new Intl.DateTimeFormat(language, {
    ...day, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZone,
  }).format(new Date(iso));
}
