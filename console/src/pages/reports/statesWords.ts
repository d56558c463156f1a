/** What states of customers say. */

import { words } from '../../language/words';

export const useStatesWords = words(
  'states',
  {
    title: '顧客動態', lead: '誰是新客、主力客，誰正在睡著；睡著的人有多少被喚醒。', kind: '分類方式', from: '從這天結束時', to: '到這天結束時（空白：現在）',
    wakeUp: '喚醒率', slept: ' 位睡著的人中，', wokeUp: ' 位醒來', asleep: '開始時睡著的人', woken: '睡著後醒來的人', nobodySlept: '開始時沒有睡著的人',
    now: '目前各狀態', past: '{day}各狀態', nowHint: '點人數就成為客群。', moves: '從哪裡到哪裡', movesHint: '橫列是開始時的狀態，直欄是結束時；顏色越深，該列的人越多。點人數就成為客群。以今天已知的資料計算。',
    before: '開始', after: '結束', none: '還沒消費', notYet: '這天還沒結束，請選昨天以前。', shown: '顯示', asPeople: '人數', asShare: '佔該列', row: '開始時人數',
  },
  {
    title: 'Customer states', lead: 'Who is new, who is active, who is falling asleep, and how many of the sleeping woke up.', kind: 'States', from: 'From the end of', to: 'To the end of (empty: now)',
    wakeUp: 'Wake-up rate', slept: ' people slept, ', wokeUp: ' of them woke up', asleep: 'Asleep at the beginning', woken: 'Asleep and woken', nobodySlept: 'Nobody slept at the beginning',
    now: 'States now', past: 'States on {day}', nowHint: 'Each number opens as a segment.', moves: 'From where to where', movesHint: 'Rows are states at the beginning, columns at the end; the darker, the more of the row. Each number opens as a segment. Counted with what is known today.',
    before: 'Before', after: 'After', none: 'no order yet', notYet: 'This day is not over; choose yesterday or earlier.', shown: 'Show', asPeople: 'People', asShare: 'Of the row', row: 'Before',
  },
);
