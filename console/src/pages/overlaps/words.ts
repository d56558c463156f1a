/** What the page of overlaps says. */

import { words } from '../../language/words';

export const useOverlapWords = words(
  'overlaps',
  {
    title: '客群重疊', lead: '把最多八個客群疊在一起：看誰同時在裡面、誰只在其中一個，點選任何區塊就能存成新客群。',
    choose: '要比較的客群與名單', chooseHint: '選 2 到 8 個', segments: '客群', lists: '名單', emptyTitle: '選兩個以上的客群', emptyText: '例如「熟客」與「購物車未結帳」：兩者重疊的人，最值得先提醒。', tryThese: '先看「熟客、購物車未結帳、頂級消費」', gone: '網址裡有已刪除的客群或名單，已略過。',
    regions: '區塊', region: '區塊', people: '人數', share: '佔全部', onlyIn: '只在「{names}」', inside: '在「{names}」', outside: '不在「{names}」', and: '、', but: '，', picked: '已選區塊', pickHint: '點選圖上的區塊；可選好幾個，人數會加總。', union: '全部聯集', intersection: '全部交集', unique: '只在其中一個', first: '第一個，排除其餘', clear: '清除選取', open: '開啟為客群', save: '儲存為客群', venn: '文氏圖', upset: '交集圖', table: '表格',
    shown: '顯示最大的 {shown} 個區塊，另有 {rest} 個有人的區塊', showAll: '全部顯示', none: '這些客群目前都沒有人。', label: '{name}，{n} 人，佔 {share}', sentenceOr: '；或 ', vennLabel: '{count} 個客群的文氏圖', upsetLabel: '各區塊人數，由大到小',
  },
  {
    title: 'Overlaps', lead: 'Lay up to eight segments on each other: who is in several, who in one alone. Any region becomes a segment.',
    choose: 'Segments and lists to compare', chooseHint: 'Choose 2 to 8', segments: 'Segments', lists: 'Lists', emptyTitle: 'Choose two segments or more', emptyText: 'Such as “loyal” and “left a cart”: who is in both is worth a reminder first.', tryThese: 'Begin with loyal, cart and best', gone: 'The address names segments or lists that are gone; they are left out.',
    regions: 'Regions', region: 'Region', people: 'People', share: 'Of everybody', onlyIn: 'only in {names}', inside: 'in {names}', outside: 'not in {names}', and: ', ', but: ', ', picked: 'Chosen regions', pickHint: 'Choose regions in the picture; several add up.', union: 'All together', intersection: 'In all of them', unique: 'In exactly one', first: 'The first without the others', clear: 'Choose none', open: 'Open as a segment', save: 'Save as a segment', venn: 'Venn', upset: 'UpSet', table: 'Table',
    shown: 'The {shown} largest regions; {rest} more have people', showAll: 'Show all', none: 'Nobody is in any of these at the moment.', label: '{name}: {n} people, {share}', sentenceOr: '; or ', vennLabel: 'Venn diagram of {count} segments', upsetLabel: 'People in each region, the largest first',
  },
);
