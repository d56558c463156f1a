/** What the catalogue of genes says. */

import { words } from '../../language/words';

export const useGenesWords = words(
  'genes',
  {
    title: '基因目錄', lead: '基因是關於一個人的一項事實。點一個，看看大家的分布，或直接拿來建立客群。', findHint: '搜尋基因', nothing: '沒有符合的基因', nothingText: '換個字，例如「訂單」或「造訪」。', example: '例句', make: '用這個基因建立客群', number: '第 {count} 號', choose: '選一個基因', chooseText: '從左邊選一個，就會看到定義、分布與例句。',
  },
  {
    title: 'Genes', lead: 'A gene is one fact about a person. Choose one to see how everybody lies, or make a segment with it.', findHint: 'Search genes', nothing: 'No such gene', nothingText: 'Try another word, such as “orders” or “visit”.', example: 'For example', make: 'Make a segment with it', number: 'No. {count}', choose: 'Choose a gene', chooseText: 'Its definition, distribution and an example appear here.',
  },
);
