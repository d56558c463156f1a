/** What all reports say: their places, filters, and what can be done with a number. */

import { words } from '../../language/words';

export const useReportWords = words(
  'reports',
  {
    reports: '報表', funnel: '會員漏斗', retention: '回訪留存', sources: '流量來源', products: '棄購商品', searches: '站內搜尋', states: '顧客動態',
    download: '下載 CSV', toSegment: '以這 {n} 人建立客群', segment: '客群', everybody: '全部的人', noSegment: '找不到這個客群',
    firstSeenFrom: '首次接觸從', firstSeenTo: '首次接觸到', goal: '轉換目標', orderGoal: '下單（預設）', lostGoal: '已刪除的目標', goalHint: '達成目標的次數取代訂單數。', from: '從', to: '到', range: '期間', days: '最近 {n} 天', clear: '清除篩選',
    view: '檢視方式', asTable: '以表格檢視', asChart: '以圖表檢視', noneTitle: '這個範圍沒有資料', noneText: '放寬篩選條件，或等新的行為進來。', wrongRange: '起日不能晚於迄日。',
  },
  {
    reports: 'Reports', funnel: 'Funnel', retention: 'Retention', sources: 'Traffic sources', products: 'Not ordered', searches: 'Searches', states: 'Customer states',
    download: 'Download CSV', toSegment: 'Make a segment of these {n} people', segment: 'Segment', everybody: 'Everybody', noSegment: 'No such segment',
    firstSeenFrom: 'First seen from', firstSeenTo: 'First seen to', goal: 'Goal', orderGoal: 'An order (default)', lostGoal: 'A goal that was deleted', goalHint: 'Reaching the goal counts in the place of an order.', from: 'From', to: 'To', range: 'Period', days: 'last {n} days', clear: 'Clear filters',
    view: 'View', asTable: 'View as table', asChart: 'View as chart', noneTitle: 'Nothing in this range', noneText: 'Loosen the filters, or wait for new events.', wrongRange: 'The first day is after the last.',
  },
);
