/** What is said about people's requests: their data as a file, and to be forgotten. */

import { words } from '../../language/words';

export const useRequestWords = words(
  'requests',
  {
    title: '個資請求', lead: '依本人要求刪除的人，與提供給本人的個資檔案。每一步都記在稽核紀錄。', erasures: '刪除', exports: '個資檔案', moreActions: '更多動作',
    export: '匯出這個人的個資', erase: '刪除這個人', eraseWarning: '刪除後無法復原，也沒有人能找回來。', eraseAtOnce: '60 秒內，所有頁面、客群與報表的人數都不再有這個人。', eraseBackups: '備份與紀錄檔到期後一併消失；回執會列出每個地方的進度。',
    eraseAgain: '同一個人之後再來，會是全新的訪客。', suppress: '以後也不再記錄這個人', suppressHint: '這些識別碼之後傳來的行為一律不計入。', typeToErase: '輸入 {id} 以確認', eraseNow: '永久刪除',
    noErasures: '還沒有刪除過任何人', noErasuresText: '顧客要求刪除個資時，到那個人的頁面選「刪除這個人」，進度會列在這裡。', noExports: '沒有個資檔案', noExportsText: '顧客要求提供個資時，到那個人的頁面選「匯出這個人的個資」，檔案會列在這裡。',
    person: '顧客', askedAt: '要求時間', askedBy: '經手人', identifiers: '識別碼', receipt: '回執', nobodyHad: '沒有人有這個識別碼', suppressed: '不再記錄', closed: '已全部刪除', closedText: '最後一處已於 {at} 前完成。',
    doneOf: '{total} 處中已完成 {done} 處', openText: '最晚 {at} 全部完成。', place: '存放處', state: '狀態', when: '時間', done: '已刪除', due: '待完成', by: '{at} 前', keptUntil: '保留至', download: '下載', making: '製作中', ready: '已完成',
    store_identity: '歸戶資料', store_gateway: '收件與帳務', store_insight: '行為與基因', store_recommender: '推薦', store_campaign: '行銷活動', store_identity_files: '歸戶檔案', store_gateway_files: '匯出的檔案', store_insight_files: '分析檔案', store_repeated_requests: '重複呼叫的紀錄', store_import_files: '匯入的檔案', store_bus: '訊息佇列', store_logs: '紀錄檔', store_backups: '備份',
  },
  {
    title: 'Privacy requests', lead: 'Whom you forgot when they asked for it, and files with personal data for those who asked. Every step is in the audit log.', erasures: 'Erasures', exports: 'Files', moreActions: 'More actions',
    export: 'Export this person’s data', erase: 'Erase this person', eraseWarning: 'This cannot be undone, by nobody.', eraseAtOnce: 'Within 60 seconds they are in no page, segment or report any more.', eraseBackups: 'Backups and logs follow as they expire; the receipt says how far each place is.',
    eraseAgain: 'If the same person comes back, they are somebody new.', suppress: 'Record nothing of them from now on', suppressHint: 'Whatever their identifiers send is dropped.', typeToErase: 'Type {id} to confirm', eraseNow: 'Erase for good',
    noErasures: 'Nobody was erased yet', noErasuresText: 'When somebody asks to be forgotten, choose “Erase this person” on their page; how far it is will be listed here.', noExports: 'No files', noExportsText: 'When somebody asks for their data, choose “Export this person’s data” on their page; the file will be here.',
    person: 'Person', askedAt: 'Asked for', askedBy: 'By', identifiers: 'Identifiers', receipt: 'Receipt', nobodyHad: 'nobody had the identifier', suppressed: 'recorded no more', closed: 'Erased everywhere', closedText: 'The last place was done by {at}.',
    doneOf: '{done} of {total} places are done', openText: 'All will be done by {at}.', place: 'Place', state: 'State', when: 'When', done: 'erased', due: 'to come', by: 'by {at}', keptUntil: 'Kept until', download: 'Download', making: 'being made', ready: 'ready',
    store_identity: 'Identities', store_gateway: 'Intake', store_insight: 'Behaviour and genes', store_recommender: 'Recommendations', store_campaign: 'Campaigns', store_identity_files: 'Identity files', store_gateway_files: 'Exported files', store_insight_files: 'Insight files', store_repeated_requests: 'Remembered requests', store_import_files: 'Imported files', store_bus: 'Message bus', store_logs: 'Logs', store_backups: 'Backups',
  },
);
