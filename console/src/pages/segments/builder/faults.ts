/** What is wrong with a condition, by the codes of the API; others as the gateway told them. */

import type { Fault } from '../../../api/problem';
import { useLanguage, words } from '../../../language/words';

const useWords = words(
  'faults',
  {
    GROUP_EMPTY: '這個群組是空的：加入條件，或移除它。', VALUES_EMPTY: '請至少選擇一個值。', VALUE_NOT_KNOWN: '沒有這個值，請從清單選擇。', NUMBER_NOT_VALID: '請輸入數字。', NUMBER_OUT_OF_RANGE: '數字超出可用範圍。', RANGE_REVERSED: '下限比上限大，請對調。',
    TEXT_EMPTY: '請填寫這一欄。', TEXT_TOO_LONG: '文字太長。', TEXT_NOT_VALID: '含有不能使用的字元。', WINDOW_TOO_LONG: '期間太長，請縮短。', WINDOW_REVERSED: '期間的開始晚於結束，請對調。', WINDOW_MISSING: '請選擇期間。', WINDOW_NOT_ALLOWED: '這個條件沒有期間。',
    EVENT_NAME_NOT_CANONICAL: '行為名稱請用小寫英文與底線，例如 product_viewed。', PROPERTY_NOT_VALID: '欄位名稱不正確，例如 price 或 products.category。', DATE_OUT_OF_RANGE: '日期超出範圍。', MONTH_NOT_VALID: '月份是 1 到 12。', DIFFERENCE_OF_ONE: '排除至少要有兩項。',
    TREE_TOO_DEEP: '群組放得太深，最多 12 層。', TREE_TOO_LARGE: '條件太多，最多 200 個。', TOO_MANY_VALUES: '值太多了，請減少。', ID_NOT_VALID: '請選擇一個。', OPERATOR_NOT_ALLOWED: '這種值不能這樣比較。', GENE_NOT_KNOWN: '沒有這個基因。', AS_OF_NOT_ALLOWED: '這個基因沒有保留過去的值，請改看現在。', AS_OF_NOT_OVER: '這天還沒結束，請選昨天以前。', AS_OF_MORE_THAN_A_DAY: '請選同一天。', YARDSTICK_NOT_KNOWN: '請選擇平均或中位數。',
  },
  {
    GROUP_EMPTY: 'This group is empty: put a condition into it, or remove it.', VALUES_EMPTY: 'Choose at least one value.', VALUE_NOT_KNOWN: 'There is no such value: choose one of the list.', NUMBER_NOT_VALID: 'Type a number.', NUMBER_OUT_OF_RANGE: 'The number is out of range.', RANGE_REVERSED: 'The lower end is above the upper one: swap them.',
    TEXT_EMPTY: 'Fill this in.', TEXT_TOO_LONG: 'The text is too long.', TEXT_NOT_VALID: 'It has characters that cannot be used.', WINDOW_TOO_LONG: 'The period is too long.', WINDOW_REVERSED: 'The period begins after its end: swap them.', WINDOW_MISSING: 'Choose a period.', WINDOW_NOT_ALLOWED: 'This condition has no period.',
    EVENT_NAME_NOT_CANONICAL: 'Names of events are lower case with underscores, such as product_viewed.', PROPERTY_NOT_VALID: 'Name a field such as price or products.category.', DATE_OUT_OF_RANGE: 'The date is out of range.', MONTH_NOT_VALID: 'A month is 1 to 12.', DIFFERENCE_OF_ONE: 'Without anything to leave out this is no difference.',
    TREE_TOO_DEEP: 'Groups stand too deep in each other: at most 12.', TREE_TOO_LARGE: 'Too many conditions: at most 200.', TOO_MANY_VALUES: 'Too many values.', ID_NOT_VALID: 'Choose one.', OPERATOR_NOT_ALLOWED: 'Such values cannot be compared like this.', GENE_NOT_KNOWN: 'There is no such gene.', AS_OF_NOT_ALLOWED: 'How this gene was on a past day is not kept: ask for now.', AS_OF_NOT_OVER: 'This day is not over: choose yesterday or earlier.', AS_OF_MORE_THAN_A_DAY: 'Choose one day.', YARDSTICK_NOT_KNOWN: 'Choose the mean or the median.',
  },
);

export function useFaultText(): (fault: Fault) => string {
  const say = useWords() as (key: string, values?: object) => string;
  const language = useLanguage();
  return (fault) => say(fault.code ?? '', { defaultValue: '' }) || (language === 'en' ? `${fault.detail} ${fault.fix ?? ''}` : `${fault.detail}（${fault.code ?? ''}）`);
}
