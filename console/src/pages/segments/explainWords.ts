/** What the explanation of somebody's membership says. */

import { words } from '../../language/words';

export const useExplainWords = words(
  'explain',
  {
    title: '為什麼在，或不在？', who: '哪一位', whoHint: '輸入會員編號、Email 或電話', nobody: '找不到這個人，換個識別碼試試。', ask: '選一個人，逐項看他符合哪些條件。',
    inside: '在「{name}」裡', outside: '不在「{name}」裡', insideDraft: '符合這些條件', outsideDraft: '不符合這些條件', on: '看哪一天', onHint: '留空是現在；過去的日子是那天結束時。', now: '現在', knownToday: '過去的日子以今天所知回推：之後的歸戶與補傳的資料也算進去。',
    own: '本人：{value}', fulfilled: '符合', missed: '不符合', all: '以下全部符合', any: '以下至少一項符合', difference: '符合第一項，且不符合其餘', not: '不是以下情況', open: '打開顧客頁', person: '編號 {id}',
  },
  {
    title: 'Why in, or why not?', who: 'Who', whoHint: 'Type a member id, e-mail or phone', nobody: 'Nobody found; try another identifier.', ask: 'Choose somebody, and see condition by condition what they fulfil.',
    inside: 'Is in “{name}”', outside: 'Is not in “{name}”', insideDraft: 'Fulfils these conditions', outsideDraft: 'Does not fulfil these conditions', on: 'On which day', onHint: 'Empty is now; a past day is asked as of its end.', now: 'Now', knownToday: 'A past day is told with what is known today: later merges and late data count.',
    own: 'Theirs: {value}', fulfilled: 'Fulfilled', missed: 'Not fulfilled', all: 'All of these', any: 'At least one of these', difference: 'The first and none of the others', not: 'None of this', open: 'Open the person', person: 'Id {id}',
  },
);
