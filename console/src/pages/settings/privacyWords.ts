/** What the settings of privacy say. */

import { words } from '../../language/words';

export const usePrivacyWords = words(
  'privacy',
  {
    title: '隱私', retention: '資料保留期限', retentionText: '超過期限的行為會在一天內永久刪除，數字也跟著改變。', days: '保留天數', daysHint: '空白：不刪除', keepOrders: '保留訂單（營收與回購的歷史數字不變）', keepFirstSeen: '保留每個人第一次出現的時間', shorter: '儲存後，{n} 天以前的行為會永久刪除，無法復原。', saved: '已儲存。到期的資料會在一天內刪除。',
    remove: '刪除這家商店', removeText: '金鑰立即停用；等待期過後，所有資料永久刪除。等待期內可以取消。', removeDemo: '移除示範資料', removeDemoText: '示範商店與其他商店完全分開。移除後金鑰立即停用，等待期過後永久刪除；等待期內可以取消。', removeAsk: '所有顧客、行為、客群與設定都會刪除。網站送來的資料會立即停止接收。', typeName: '請輸入商店名稱「{name}」確認', waiting: '已申請刪除，金鑰已停用。{at} 前可以取消。', going: '正在刪除，無法取消。', takeBack: '取消刪除',
  },
  {
    title: 'Privacy', retention: 'How long events are kept', retentionText: 'What is older is deleted for ever within a day, and numbers change with it.', days: 'Keep for (days)', daysHint: 'Empty: for ever', keepOrders: 'Keep orders (past revenue and repeat purchases stay)', keepFirstSeen: 'Keep when each person was first seen', shorter: 'Once saved, what people did more than {n} days ago is deleted and cannot be brought back.', saved: 'Saved. What is too old is deleted within a day.',
    remove: 'Delete this shop', removeText: 'Keys stop at once; after the time to take it back, everything is deleted for ever.', removeDemo: 'Remove the demo data', removeDemoText: 'The demo is a shop of its own, apart from all others. Its keys stop at once; after the time to take it back, everything of it is deleted for ever.', removeAsk: 'All people, events, segments and settings are deleted. What websites send is refused at once.', typeName: 'Type the shop’s name “{name}” to confirm', waiting: 'Deletion was asked for and the keys have stopped. It can be taken back until {at}.', going: 'It is being deleted; this cannot be taken back.', takeBack: 'Take it back',
  },
);
