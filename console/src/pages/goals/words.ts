/** What the page of goals says. */

import { words } from '../../language/words';

export const useGoalWords = words(
  'goals',
  {
    title: '目標', lead: '除了下單，還有什麼算成功？預約、加入 LINE、索取目錄…把它命名為目標，漏斗、留存、轉換率與客群條件都能用它來算。',
    make: '建立目標', edit: '修改目標', name: '名稱', nameHint: '例如：預約試乘', description: '說明', event: '行為', eventHint: '網站或系統送來的行為名稱', where: '且內容', value: '價值欄位', valueHint: '選填。哪個欄位代表它值多少，例如 price', valueOf: '價值：{path}', changedAt: '修改',
    none: '還沒有目標，目前以訂單為目標', noneText: '零售以外也好用：試乘、看屋、課程報名、訂閱電子報，都可以是目標。', open: '達成的人', funnel: '漏斗', saved: '已儲存「{name}」', removed: '已刪除「{name}」', removeAsk: '要刪除「{name}」嗎？仍有客群使用時不能刪除。', used: '目標用在哪裡',
  },
  {
    title: 'Goals', lead: 'What counts as success beside an order? A booking, a LINE friend, a catalogue asked for: name it, and the funnel, retention, conversion and segments can count by it.',
    make: 'New goal', edit: 'Change the goal', name: 'Name', nameHint: 'such as: test drive booked', description: 'Description', event: 'Event', eventHint: 'As your site or system sends it', where: 'with', value: 'Value', valueHint: 'Optional: the property that says what it is worth, such as price', valueOf: 'Value: {path}', changedAt: 'Changed',
    none: 'No goals yet: an order is the goal', noneText: 'Good beyond retail, too: a test drive, a viewing, a course, a newsletter can be goals.', open: 'Who reached it', funnel: 'Funnel', saved: 'Saved “{name}”', removed: 'Deleted “{name}”', removeAsk: 'Delete “{name}”? It cannot be deleted while a segment names it.', used: 'Where the goal is used',
  },
);
