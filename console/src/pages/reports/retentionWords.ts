/** What retention says. */

import { words } from '../../language/words';

export const useRetentionWords = words(
  'retention',
  {
    title: '回訪留存', lead: '同一期開始的人，之後每一期還有多少回來；點任何一格，就是那一群人。',
    unit: '單位', week: '週', month: '月', start: '分群依據', first_order: '首次下單', first_visit: '首次造訪', member_since: '入會', first_goal: '首次達成目標', activity: '回來做什麼', order: '下單', visit: '造訪', reach: '達成目標',
    periods: '回看', n_month: '{n} 個月', n_week: '{n} 週', cohort: '開始於', people: '人數', sameWeek: '當週', sameMonth: '當月', weekAfter: '{n} 週後', monthAfter: '{n} 個月後', shown: '顯示', asShare: '比例', asPeople: '人數', average: '平均',
    unfinished: '虛線框：這一期還沒結束，數字仍會增加。', averageHint: '平均只計已結束的期，依人數加權。', weekOf: '{day} 起', cell: '{cohort}開始的人，{after}：{n} 人（{share}）',
  },
  {
    title: 'Retention', lead: 'Of those who began in one period, how many came back in each one after it; every cell opens as exactly these people.',
    unit: 'Period', week: 'Weeks', month: 'Months', start: 'Began with', first_order: 'First order', first_visit: 'First visit', member_since: 'Becoming a member', first_goal: 'First time at a goal', activity: 'Came back to', order: 'Order', visit: 'Visit', reach: 'Reach the goal',
    periods: 'How far back', n_month: '{n} months', n_week: '{n} weeks', cohort: 'Began in', people: 'People', sameWeek: 'Same week', sameMonth: 'Same month', weekAfter: 'Week {n}', monthAfter: 'Month {n}', shown: 'Show', asShare: 'Shares', asPeople: 'People', average: 'Average',
    unfinished: 'Dashed: this period is not over, and its number still grows.', averageHint: 'Averages are of periods that are over, weighted by people.', weekOf: 'from {day}', cell: 'Began in {cohort}, {after}: {n} people ({share})',
  },
);
