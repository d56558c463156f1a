/** What the page of the audit log says, and what its acts are called. */

import { words } from '../../language/words';

export const useAuditWords = words(
  'audit',
  {
    title: '稽核紀錄', lead: '誰在什麼時候做了什麼。每筆都以雜湊串接，改不了也刪不掉。', onlyLeaders: '您的角色不能檢視稽核紀錄', onlyLeadersText: '請洽商店的擁有者或管理者。',
    kind: '項目', everything: '全部', actor: '執行者', anybody: '所有人', from: '從', to: '到', csv: '下載 CSV', when: '時間', who: '執行者', what: '動作', subject: '對象', details: '細節', none: '沒有符合的紀錄', noneText: '換一個項目、執行者，或放寬日期。',
    before: '變更前', after: '變更後', address: '來源位址', hash: '雜湊', number: '編號', onSubject: '只看對象 {subject}', allSubjects: '看所有對象',
    proof: '完整性', proofText: '從第一筆逐筆驗證到最新一筆：任何竄改、刪除或截斷都會被發現。', verify: '開始驗證', verifying: '驗證中，已檢查 {n} 筆', intact: '完整：已檢查 {n} 筆', head: '最後一筆的雜湊：{head}', broken: '第 {n} 筆與當初寫下的不同（{why}）。請立即通知平台。',
    changed: '內容遭變更', missing: '遺失', replaced: '與平台留存不符',
  },
  {
    title: 'Audit log', lead: 'Who did what, and when. Every entry is chained to the one before: none can be changed or taken out.', onlyLeaders: 'Your role may not see the audit log', onlyLeadersText: 'Ask an owner or administrator of the shop.',
    kind: 'About', everything: 'everything', actor: 'Who', anybody: 'all of them', from: 'From', to: 'To', csv: 'Download CSV', when: 'When', who: 'Who', what: 'What', subject: 'Of what', details: 'Details', none: 'Nothing matches', noneText: 'Choose something else, somebody else, or more days.',
    before: 'Before', after: 'After', address: 'From where', hash: 'Hash', number: 'Number', onSubject: 'Only {subject}', allSubjects: 'Show all',
    proof: 'Integrity', proofText: 'Checks every entry from the first to the newest, so that every change, gap or missing end is found out.', verify: 'Verify', verifying: 'Verifying, {n} checked', intact: 'Intact: {n} entries checked', head: 'The last one’s hash: {head}', broken: 'Entry {n} is not as it was written ({why}). Tell the platform now.',
    changed: 'changed', missing: 'missing', replaced: 'differs from what the platform kept',
  },
);

/** What an act is about: the part of its name before the dot. */
const useKinds = words(
  'audit-kinds',
  {
    account: '帳號', ad_costs: '廣告費用', attribute: '屬性', bad_row: '問題資料', bad_rows: '問題資料', consents: '同意', erasure: '刪除個資', export: '個資檔案', export_schedule: '匯出排程', external_gene: '外部基因', goal: '目標', grant: '夥伴授權', impersonation: '代為操作',
    import: '匯入', invitation: '邀請', job: '工作', key: '金鑰', list: '名單', operator: '平台人員', passkey: '通行密鑰', password: '密碼', products: '商品', profile: '顧客', recovery_codes: '備用碼', rules: '歸戶規則', second_factor: '兩步驟驗證', segment: '客群', segment_export: '客群匯出',
    session: '登入', sessions: '登入', single_sign_on: '單一登入', snapshot: '快照', suppressions: '封鎖名單', teammate: '成員', tenant: '商店', verification: '會員驗證', yardsticks: '量尺', partner: '夥伴',
  },
  {
    account: 'account', ad_costs: 'advertising costs', attribute: 'attribute', bad_row: 'bad row', bad_rows: 'bad rows', consents: 'consent', erasure: 'erasure', export: 'personal data file', export_schedule: 'export schedule', external_gene: 'external gene', goal: 'goal', grant: 'partner’s grant', impersonation: 'operator in the shop',
    import: 'import', invitation: 'invitation', job: 'job', key: 'key', list: 'list', operator: 'operator', passkey: 'passkey', password: 'password', products: 'products', profile: 'person', recovery_codes: 'recovery codes', rules: 'identity rules', second_factor: 'second factor', segment: 'segment', segment_export: 'segment export',
    session: 'sign-in', sessions: 'sign-ins', single_sign_on: 'single sign-on', snapshot: 'snapshot', suppressions: 'suppressions', teammate: 'teammate', tenant: 'shop', verification: 'member verification', yardsticks: 'yardsticks', partner: 'partner',
  },
);

/** What was done: the part after the dot. */
const useActs = words(
  'audit-acts',
  {
    made: '建立', changed: '變更', deleted: '刪除', removed: '移除', added: '新增', revoked: '撤銷', rotated: '更換', sent: '寄出', resent: '重寄', accepted: '接受', joined: '加入', left: '離開', role_changed: '變更角色', started: '開始', ended: '結束', refused: '失敗', reset: '重設', reset_asked: '要求重設', email_changed: '變更電子郵件',
    cancelled: '取消', checked: '檢查', mapped: '對應欄位', file_stored: '上傳檔案', reading_chosen: '選擇讀法', rejected_downloaded: '下載退回資料', downloaded: '下載', archived: '封存', unarchived: '取消封存', restored: '還原', taken: '建立', replaced: '取代', put: '寫入', type_put: '變更型別', values_put: '寫入數值',
    stated: '登記', replayed: '重送', replay_started: '開始重送', linked: '歸戶', unlinked: '撤回歸戶', links_restored: '恢復歸戶', revealed: '顯示個資', lifted: '解除', refreshed: '更新', deletion_asked: '申請關閉', deletion_taken_back: '取消關閉', closed: '關閉', secret_rotated: '更換密鑰',
  },
  {
    made: 'made', changed: 'changed', deleted: 'deleted', removed: 'removed', added: 'added', revoked: 'revoked', rotated: 'rotated', sent: 'sent', resent: 'sent again', accepted: 'accepted', joined: 'joined', left: 'left', role_changed: 'role changed', started: 'started', ended: 'ended', refused: 'refused', reset: 'reset', reset_asked: 'reset asked for', email_changed: 'e-mail changed',
    cancelled: 'cancelled', checked: 'checked', mapped: 'mapped', file_stored: 'file uploaded', reading_chosen: 'reading chosen', rejected_downloaded: 'rejected rows downloaded', downloaded: 'downloaded', archived: 'archived', unarchived: 'unarchived', restored: 'restored', taken: 'taken', replaced: 'replaced', put: 'written', type_put: 'type changed', values_put: 'values written',
    stated: 'stated', replayed: 'sent again', replay_started: 'sending again', linked: 'joined', unlinked: 'parted', links_restored: 'joined again', revealed: 'personal data shown', lifted: 'lifted', refreshed: 'made anew', deletion_asked: 'closing asked for', deletion_taken_back: 'closing taken back', closed: 'closed', secret_rotated: 'secret rotated',
  },
);

/** Kinds that one may look for. */
export const KINDS = [
  'session', 'teammate', 'invitation', 'account', 'password', 'passkey', 'second_factor', 'single_sign_on', 'impersonation', 'key', 'grant', 'tenant', 'profile', 'consents', 'suppressions', 'erasure', 'export', 'rules', 'verification',
  'segment', 'segment_export', 'export_schedule', 'snapshot', 'list', 'goal', 'external_gene', 'attribute', 'products', 'ad_costs', 'import', 'bad_rows', 'job',
] as const;

export function useActText(): { kind: (name: string) => string; act: (action: string) => string } {
  const kinds = useKinds() as unknown as (key: string, values: object) => string;
  const acts = useActs() as unknown as (key: string, values: object) => string;
  const plain = (text: string): string => text.replaceAll('_', ' ');
  const kind = (name: string): string => kinds(name, { defaultValue: plain(name) });
  return {
    kind,
    act: (action) => {
      const [about = '', done = ''] = action.split('.');
      return `${kind(about)} · ${acts(done, { defaultValue: plain(done) })}`;
    },
  };
}
