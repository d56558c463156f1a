/** What the team's page says. */

import { words } from '../../language/words';

export const useTeamWords = words(
  'team',
  {
    title: '團隊', lead: '誰能進這家商店，能做到什麼程度。', rolesHelp: '角色權限說明', members: '成員', role: '角色', since: '{at} 加入', you: '您', roleOf: '{name} 的角色',
    owner: '擁有者', admin: '管理者', marketer: '行銷', analyst: '分析', viewer: '檢視者',
    remove: '移除', removeAsk: '要移除 {name} 嗎？對方會立即登出這家商店。', leave: '離開商店', leaveAsk: '要離開這家商店嗎？之後需要新的邀請才能再加入。', changeRole: '變更角色', changeRoleAsk: '要將 {name} 設為「{role}」嗎？',
    invite: '邀請成員', inviteHint: '對方會收到一封信，七天內開啟連結即可加入。', email: '電子郵件', letterLanguage: '信件語言', send: '寄出邀請', sent: '邀請已寄出', open: '尚未接受的邀請', noneOpen: '沒有尚未接受的邀請。', validUntil: '有效至 {at}', expired: '已過期',
    resend: '重寄', revoke: '撤回', revokeAsk: '要撤回給 {name} 的邀請嗎？', revoked: '已撤回', removed: '已移除', saved: '已儲存', acting: '平台人員正在操作', actingText: '他們在這裡的每項變更都會記在稽核紀錄；您可以隨時結束。', until: '至 {at}', endNow: '立即結束',
  },
  {
    title: 'Team', lead: 'Who may come into this shop, and how much they may do.', rolesHelp: 'What each role may do', members: 'Teammates', role: 'Role', since: 'since {at}', you: 'you', roleOf: 'Role of {name}',
    owner: 'Owner', admin: 'Admin', marketer: 'Marketer', analyst: 'Analyst', viewer: 'Viewer',
    remove: 'Remove', removeAsk: 'Remove {name}? They are signed out of this shop at once.', leave: 'Leave', leaveAsk: 'Leave this shop? You need a new invitation to come back.', changeRole: 'Change the role', changeRoleAsk: 'Make {name} “{role}”?',
    invite: 'Invite a teammate', inviteHint: 'They get a letter; its link lets them in for seven days.', email: 'E-mail', letterLanguage: 'Language of the letter', send: 'Send invitation', sent: 'The invitation is on its way', open: 'Open invitations', noneOpen: 'No open invitations.', validUntil: 'valid until {at}', expired: 'expired',
    resend: 'Send again', revoke: 'Revoke', revokeAsk: 'Revoke the invitation of {name}?', revoked: 'Revoked', removed: 'Removed', saved: 'Saved', acting: 'The platform is acting here', actingText: 'Every change they make is in the audit log. You can end it at any time.', until: 'until {at}', endNow: 'End now',
  },
);
