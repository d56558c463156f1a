/** What traffic sources and their costs say. */

import { words } from '../../language/words';

export const useSourcesWords = words(
  'sources',
  {
    title: '流量來源', lead: '哪個來源帶來的人會入會、會買、買得多；放進廣告費用，就能看投資報酬。',
    results: '成效', costs: '廣告費用', of: '來源算法', of_first_visit: '首次來源', of_visits: '每次造訪', ofHint_first_visit: '每個人只算在第一次來的地方。', ofHint_visits: '同一個人從兩個來源來過，兩列都算；合計只算一次。',
    source: '來源', visits: '造訪', visitors: '訪客', newMembers: '新入會', buyers: '購買人數', orders: '訂單', revenue: '營收', average: '客單價', cost: '費用', perOne: '獲客費用', perBuyer: '購買者 {amount}', perMember: '新會員 {amount}', roas: 'ROAS', total: '合計', sources: '{n} 個來源', range: '{from}～{to}',
    perVisitor: '訪客的 {share}', noCost: '沒有匯入費用', unconverted: '沒有匯率：{amount}', costDays: '{n} 天有費用',
    direct: '直接流量', search: '自然搜尋', social: '社群', referral: '推薦連結', offline: '門市與線下', unknown: '未知',
    add: '登記費用', import: '匯入費用檔', costsLead: '每個來源每天一筆；同一天再登記會取代原本的金額。', day: '日期', amount: '金額', currency: '幣別', saved: '已登記「{source}」{day} 的費用', removed: '已刪除「{source}」{day} 的費用', removeAsk: '要刪除「{source}」{day} 的費用嗎？投資報酬會跟著重算。', remove: '刪除「{source}」{day} 的費用',
    sourceHint: '與成效表的來源相同，例如 google / cpc', amountWrong: '請填 0 以上的數字，例如 1200.50', noCosts: '還沒有廣告費用', noCostsText: '從廣告平台下載每日報表（日期、來源、費用），匯入後成效表就會出現每位購買者費用與 ROAS。', allSources: '全部來源',
  },
  {
    title: 'Traffic sources', lead: 'Which source brings people who join, buy and buy more; with what advertising cost, also its return.',
    results: 'Results', costs: 'Advertising costs', of: 'Counted by', of_first_visit: 'First source', of_visits: 'Each visit', ofHint_first_visit: 'Everybody counts once, where they came from the first time.', ofHint_visits: 'Who came through two sources is in both rows; the total has them once.',
    source: 'Source', visits: 'Visits', visitors: 'Visitors', newMembers: 'New members', buyers: 'Buyers', orders: 'Orders', revenue: 'Revenue', average: 'Order value', cost: 'Cost', perOne: 'Cost per person', perBuyer: 'buyer {amount}', perMember: 'new member {amount}', roas: 'ROAS', total: 'Total', sources: '{n} sources', range: '{from} to {to}',
    perVisitor: '{share} of visitors', noCost: 'No cost imported', unconverted: 'No exchange rate: {amount}', costDays: '{n} days have a cost',
    direct: 'Direct', search: 'Search', social: 'Social', referral: 'Referral', offline: 'Stores and offline', unknown: 'Unknown',
    add: 'Enter a cost', import: 'Import a file of costs', costsLead: 'One amount for a source and a day; entering it again replaces it.', day: 'Day', amount: 'Amount', currency: 'Currency', saved: 'Saved the cost of “{source}” on {day}', removed: 'Deleted the cost of “{source}” on {day}', removeAsk: 'Delete the cost of “{source}” on {day}? Returns are counted again without it.', remove: 'Delete the cost of “{source}” on {day}',
    sourceHint: 'As the results name it, such as google / cpc', amountWrong: 'A number of 0 or more, such as 1200.50', noCosts: 'No advertising costs yet', noCostsText: 'Download the daily report of your advertising platform (day, source, cost) and import it: the results then show cost per buyer and ROAS.', allSources: 'All sources',
  },
);

export type SourceWord = 'direct' | 'search' | 'social' | 'referral' | 'offline';
const KNOWN: readonly string[] = ['direct', 'search', 'social', 'referral', 'offline'];

/** How a source is called: those that we name ourselves have words, campaigns are called as they call themselves. */
export function useSourceName(): (source: string) => string {
  const say = useSourcesWords();
  return (source) => (source === '' ? say('unknown') : KNOWN.includes(source) ? say(source as SourceWord) : source);
}
