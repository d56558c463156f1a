/** What the operator's page says. */

import { words } from '../../language/words';

export const useOperatorWords = words(
  'operator',
  {
    title: '平台管理', lead: '所有商店與它們的用量；需要協助時，可以具名、限時進入一家商店。', find: '搜尋商店名稱或編號', none: '沒有符合的商店', noneText: '換個名稱，或清空搜尋。', shop: '商店', demo: '示範', events30: '近 30 天事件', calls30: '近 30 天 API 呼叫', made: '建立於', act: '代為操作',
    actIn: '代為操作 {shop}', actHint: '商店的擁有者會收到通知信，並看得到您的理由；不得匯出或刪除人員資料、變更金鑰、成員或登入設定。', reason: '理由', reasonHint: '至少 10 個字；商店看得到。', role: '角色', minutes: '分鐘（最多 60）', start: '開始',
    notOperator: '這一頁是給平台人員的', notOperatorText: '您不是平台人員，或尚未以第二因素登入。', admin: '管理者', marketer: '行銷', analyst: '分析', viewer: '檢視者',
  },
  {
    title: 'Platform', lead: 'Every shop and what it uses. Where somebody asks for help, go in for a while, with your name and a reason.', find: 'Find a shop by name or id', none: 'No shop matches', noneText: 'Try another name, or clear the search.', shop: 'Shop', demo: 'demo', events30: 'Events, 30 days', calls30: 'API calls, 30 days', made: 'Made', act: 'Act in it',
    actIn: 'Act in {shop}', actHint: 'The shop’s owners get a letter and read your reason. You cannot export or erase people, nor change keys, teammates or sign-in.', reason: 'Reason', reasonHint: '10 characters or more; the shop reads it.', role: 'Role', minutes: 'Minutes (60 at most)', start: 'Start',
    notOperator: 'This page is for operators of the platform', notOperatorText: 'You are no operator, or signed in without a second factor.', admin: 'Admin', marketer: 'Marketer', analyst: 'Analyst', viewer: 'Viewer',
  },
);
