/** What the list of searches says. */

import { words } from '../../language/words';

export const useSearchesWords = words(
  'searches',
  {
    title: '站內搜尋', lead: '大家在找什麼、找不到什麼，找過之後有沒有買。', find: '字詞', findHint: '字詞的一部分', onlyNone: '只看查無結果', minPeople: '最少人數', sort: '排序',
    sort_searches: '搜尋最多', sort_people: '人數最多', sort_without_result: '查無結果最多', sort_not_ordered: '搜尋未購最多',
    term: '字詞', searches: '搜尋', withoutResult: '查無結果', results: '目前結果數', people: '人數', ordered: '有下單', notOrdered: '沒下單', soon: '7 天內下單', similar: '相近字詞', terms: '{n} 個字詞',
    noneFound: '查無結果', unknownResults: '未提供', none: '沒有符合的搜尋', noneText: '商店送來站內搜尋（Products Searched）後，字詞會列在這裡；附上結果數（results），就知道哪些字找不到東西。',
  },
  {
    title: 'Searches', lead: 'What people look for, what they do not find, and whether they order afterwards.', find: 'Term', findHint: 'Part of a term', onlyNone: 'Only those that find nothing', minPeople: 'Min. people', sort: 'Sort',
    sort_searches: 'Most searches', sort_people: 'Most people', sort_without_result: 'Most without a result', sort_not_ordered: 'Most without an order',
    term: 'Term', searches: 'Searches', withoutResult: 'Without result', results: 'Results now', people: 'People', ordered: 'Ordered', notOrdered: 'Did not order', soon: 'Ordered in 7 days', similar: 'Similar terms', terms: '{n} terms',
    noneFound: 'finds nothing', unknownResults: 'not told', none: 'No such searches', noneText: 'Once your shop sends Products Searched, terms are here; with the number of results (results) you see which of them find nothing.',
  },
);
