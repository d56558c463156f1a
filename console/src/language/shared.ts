/** Words that more than one page says. */

import { words } from './words';

export const useShared = words(
  'shared',
  {
    asOf: '資料截至 {time}', asOfNothing: '尚無資料', zone: '時區', now: '現在', loading: '載入中',
    cancel: '取消', close: '關閉', save: '儲存', confirm: '確定', delete: '刪除', remove: '移除', more: '載入更多', search: '搜尋', back: '返回',
    visitors: '訪客', members: '會員', people: '人', everybody: '全部的人', member: '會員', visitor: '訪客',
    asTable: '以表格檢視', asChart: '以圖表檢視', unknown: '未知', saved: '已儲存', again: '再試一次', all: '全部', name: '名稱', none: '無',
    failedTitle: '沒有成功', requestId: '詢問客服時請附上：{id}', errorDocs: '這個錯誤的說明',
    notFoundTitle: '這裡沒有頁面', notFoundText: '網址可能打錯，或內容已被移除。', home: '回到總覽',
    peopleCount_other: '{n} 人', copy: '複製', copied: '已複製', optional: '選填', email: '電子郵件', sms: '簡訊', line: 'LINE', change: '變更', edit: '編輯', csv: '下載 CSV', showPassword: '顯示或隱藏密碼',
  },
  {
    asOf: 'As of {time}', asOfNothing: 'No data yet', zone: 'Time zone', now: 'Now', loading: 'Loading',
    cancel: 'Cancel', close: 'Close', save: 'Save', confirm: 'Confirm', delete: 'Delete', remove: 'Remove', more: 'Load more', search: 'Search', back: 'Back',
    visitors: 'Visitors', members: 'Members', people: 'people', everybody: 'Everybody', member: 'Member', visitor: 'Visitor',
    asTable: 'View as table', asChart: 'View as chart', unknown: 'Unknown', saved: 'Saved', again: 'Try again', all: 'All', name: 'Name', none: 'None',
    failedTitle: 'That did not work', requestId: 'Quote this when you ask us: {id}', errorDocs: 'About this error',
    notFoundTitle: 'There is no page here', notFoundText: 'The address may be mistyped, or what it showed was removed.', home: 'Back to Home',
    peopleCount_one: '{n} person', peopleCount_other: '{n} people', copy: 'Copy', copied: 'Copied', optional: 'optional', email: 'E-mail', sms: 'SMS', line: 'LINE', change: 'Change', edit: 'Edit', csv: 'Download CSV', showPassword: 'Show or hide the password',
  },
);
