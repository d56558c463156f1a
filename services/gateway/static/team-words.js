/** What the frame, the invitation and the operator's page say. */

import { addWords } from './words.js';

addWords({
  'zh-TW': {
    overview: '總覽', team: '團隊', audit: '稽核紀錄', platform: '平台', role: '角色', name: '姓名',
    owner: '擁有者', admin: '管理者', marketer: '行銷', analyst: '分析', viewer: '檢視者',
    remove: '移除',
    cancel: '取消', saved: '已儲存。',
    actingBanner: '您正以「{role}」身分操作 {shop}，所有變更都會記錄，至 {until}。', stopActing: '結束操作',
    invitation: '邀請', newAccountHint: '請設定姓名與密碼以建立帳號。', toStart: '前往首頁',
    invitedTo: '您受邀以「{role}」身分加入 {shop}（{email}）。', accept: '接受邀請', makeAccount: '建立帳號並加入',
    signInAndAccept: '登入後接受', signOutFirst: '登出目前帳號', noToken: '連結不完整，請從信件中重新開啟。',
    findTenant: '搜尋商店名稱或編號', noTenants: '沒有符合的商店。', events30: '近 30 天事件', calls30: 'API 呼叫', made: '建立於', act: '代為操作',
    actIn: '代為操作 {shop}', actHint: '商店的擁有者會收到通知信，並看得到您的理由；不得匯出或刪除人員資料、變更金鑰、成員或登入設定。',
    reason: '理由（至少 10 個字）', minutes: '分鐘（最多 60）', startActing: '開始', notOperator: '您不是平台人員，或尚未以第二因素登入。',
    tenant: '商店',
  },
  en: {
    overview: 'Overview', team: 'Team', audit: 'Audit log', platform: 'Platform', role: 'Role', name: 'Name',
    owner: 'Owner', admin: 'Admin', marketer: 'Marketer', analyst: 'Analyst', viewer: 'Viewer',
    remove: 'Remove',
    cancel: 'Cancel', saved: 'Saved.',
    actingBanner: 'You are acting in {shop} as {role}; every change is recorded, until {until}.', stopActing: 'Stop acting',
    invitation: 'Invitation', newAccountHint: 'Choose a name and a password to make your account.', toStart: 'To the start page',
    invitedTo: 'You are invited to {shop} as {role} ({email}).', accept: 'Accept the invitation', makeAccount: 'Make account and join',
    signInAndAccept: 'Sign in to accept', signOutFirst: 'Sign out of the other account', noToken: 'The link is not complete: open it from the letter again.',
    findTenant: 'Find a shop by name or id', noTenants: 'No shop matches.', events30: 'Events, 30 days', calls30: 'API calls', made: 'Made', act: 'Act in it',
    actIn: 'Act in {shop}', actHint: 'The shop’s owners get a letter and read your reason. You cannot export or erase people, nor change keys, teammates or sign-in.',
    reason: 'Reason (10 characters or more)', minutes: 'Minutes (60 at most)', startActing: 'Start', notOperator: 'You are no operator, or signed in without a second factor.',
    tenant: 'Shop',
  },
});
