/** What the pages of imports say. */

import { words } from '../../language/words';

export const useImportWords = words(
  'imports',
  {
    title: '匯入', lead: '把過去的訂單、會員或商品放進來：CSV、JSON Lines 或 Parquet，UTF-8 與 Big5 都可以。', files: '檔案', badTab: '異常資料', noneTitle: '還沒有匯入過', noneText: '從一個檔案開始：先試算、看看哪些列有問題，再正式匯入。', events: '訂單與行為', members: '會員', products: '商品', list: '名單', gene: '外部基因', ad_costs: '廣告費用', file: '檔案', kind: '內容', state: '狀態', rows: '列數', created: '建立', chooseFile: '選擇檔案', upload: '上傳',
    waiting_for_file: '等待檔案', reading: '讀取中', unreadable: '讀不懂', ready: '待確認', queued: '排隊中', running: '匯入中', succeeded: '完成', failed: '失敗', cancelled: '已取消',
    step1: '檔案', step2: '欄位對應', step3: '試算', step4: '匯入', columns: '欄位', to: '對應到', type: '型別', samples: '內容範例', leaveOut: '不匯入', saveMapping: '儲存對應', mappingSaved: '對應已儲存', dryRun: '試算', dryRunFirst: '儲存對應後先試算，不會寫入任何資料。', start: '開始匯入', startAdmins: '只有管理員可以開始匯入。', accepted: '可匯入', rejected: '有問題', people: '不同的人', span: '時間範圍', badRows: '有問題的列', line: '第 {count} 列', downloadRejected: '下載有問題的列', cancel: '取消匯入', progress: '{share}，每秒 {rate} 列', found: '{format} · {encoding}', constants: '每一列都相同的值', constantsHint: '例如訂單檔沒有行為名稱時，填 Order Completed。', event: '行為名稱', linesOfOrders: '一筆訂單分成多列', text: '文字', number: '數字', boolean: '是／否', time: '時間', json: 'JSON', added: '新增', changed: '更新', unchanged: '不變', listHere: '名單檔請在名單的頁面使用。',
  },
  {
    title: 'Imports', lead: 'Bring in past orders, members or products: CSV, JSON lines or Parquet, in UTF-8 or Big5.', files: 'Files', badTab: 'Bad rows', noneTitle: 'No imports yet', noneText: 'Begin with a file: try it first, see which rows are bad, then import.', events: 'Orders and events', members: 'Members', products: 'Products', list: 'List', gene: 'External gene', ad_costs: 'Advertising costs', file: 'File', kind: 'Content', state: 'State', rows: 'Rows', created: 'Begun', chooseFile: 'Choose a file', upload: 'Upload',
    waiting_for_file: 'waits for its file', reading: 'being read', unreadable: 'cannot be read', ready: 'to be confirmed', queued: 'waiting', running: 'running', succeeded: 'done', failed: 'failed', cancelled: 'cancelled',
    step1: 'File', step2: 'Columns', step3: 'Dry run', step4: 'Import', columns: 'Column', to: 'Becomes', type: 'Type', samples: 'Examples', leaveOut: 'Left out', saveMapping: 'Save the mapping', mappingSaved: 'The mapping is saved', dryRun: 'Try it', dryRunFirst: 'Save the mapping and try it first: nothing is written.', start: 'Start the import', startAdmins: 'Only administrators may start an import.', accepted: 'Good rows', rejected: 'Bad rows', people: 'Different people', span: 'Period', badRows: 'Bad rows', line: 'line {count}', downloadRejected: 'Download bad rows', cancel: 'Cancel the import', progress: '{share}, {rate} rows a second', found: '{format} · {encoding}', constants: 'The same for every row', constantsHint: 'Where the file does not name the event, such as Order Completed.', event: 'Event', linesOfOrders: 'An order has several lines', text: 'text', number: 'number', boolean: 'yes or no', time: 'time', json: 'JSON', added: 'New', changed: 'Changed', unchanged: 'As before', listHere: 'Files of lists are used where lists are.',
  },
);
