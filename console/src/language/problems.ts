/** What went wrong and what to do, by the codes that /docs/errors lists; others are told as the gateway told them. */

import { type Problem, UNREACHABLE } from '../api/problem';
import { words } from './words';

const useWords = words(
  'problems',
  {
    UNREACHABLE: '暫時連不上伺服器。請檢查網路，稍後再試一次。',
    SIGN_IN_FAILED: '電子郵件或密碼不正確。', CODE_NOT_VALID: '驗證碼不正確或已使用過。', TICKET_NOT_VALID: '已逾時或已使用，請重新開始。', SIGN_IN_TOO_OFTEN: '嘗試次數過多，請稍後再試。', PASSWORD_NOT_GOOD: '此密碼太短或太常見，請換一個。',
    SINGLE_SIGN_ON_OFF: '此地址沒有單一登入，請使用密碼或通行密鑰。', SINGLE_SIGN_ON_FAILED: '單一登入未完成，請重新開始。', PASSKEY_NOT_VALID: '通行密鑰無效，請再試一次。', TOO_MANY_PASSKEYS: '通行密鑰已達上限，請先移除不用的。', EMAIL_TAKEN: '已有帳號使用此地址。', ADDRESS_NOT_REACHABLE: '暫時無法連線到身分提供者。', OWN_SIGN_IN_NEEDED: '請以自己的密碼或通行密鑰登入後再變更。',
    PAGE_FAILED: '這個頁面沒有載入成功。請再試一次；仍不行時請重新整理。',
    REQUEST_NOT_VALID: '送出的內容不完整或格式不對，請檢查標示的欄位。', NOT_ALLOWED: '您的角色沒有這項權限，請洽商店的管理員。',
    NOT_WHILE_ACTING: '平台人員代為操作時不能做這件事。', SECOND_FACTOR_REQUIRED: '這家商店要求兩步驟驗證，請先到「我的帳號」設定。',
    TENANT_NOT_FOUND: '您已不屬於這家商店，請切換到其他商店。', SERVICE_AWAY: '服務正在重新啟動，請稍候幾秒再試。', WENT_WRONG: '我們這邊出了問題，已記錄下來。',
    OWNERS_OPEN_SHOPS: '只有商店的擁有者或平台人員可以開設新商店。', TOO_MANY_SHOPS: '您擁有的商店已達上限：請先刪除不用的，或洽平台人員。', NAME_NOT_CONFIRMED: '輸入的不是這家商店的名稱。', DELETION_HAS_BEGUN: '已開始刪除，無法取消。', BAD_ROW_NOT_FOUND: '這筆異常資料已不存在。',
    TOO_MANY_CALLS: '呼叫太頻繁，請稍候再試。', GATEWAY_BUSY: '系統忙碌中，請稍候再試。', FRESH_SIGN_IN_NEEDED: '請重新登入後再做這個變更。',
    TOO_MANY_FEEDS: '同時開啟太多即時動態，請關掉其他分頁。', PROFILE_NOT_FOUND: '找不到這個人，可能已依本人要求刪除。', LINK_NOT_FOUND: '這個關聯已不存在，請重新整理。',
    SEGMENT_NOT_FOUND: '這個客群已不存在，可能被同事刪除。', SEGMENT_NAME_TAKEN: '已有客群用這個名稱，請換一個。',
    SEGMENT_CHANGED: '同事剛儲存了較新的版本。您的修改仍在畫面上：請另存新客群，或重新載入後再修改。', SEGMENT_IN_USE: '其他客群用到了它，請先從那些客群移除。',
    SEGMENT_CYCLE: '客群不能直接或間接包含自己。', SEGMENTS_TOO_DEEP: '客群引用客群的層數太多。', TOO_MANY_SEGMENTS: '客群數量已達上限，請先刪除不用的。',
    SEGMENT_NOT_VALID: '有條件尚未完成，請看標示的位置。', TREE_NOT_READABLE: '條件的格式讀不懂，請看標示的位置。', GENE_NOT_KNOWN: '沒有這個基因。', SEGMENT_TEXT_NOT_VALID: '名稱、資料夾或說明太長，或含有不能使用的字元。',
    TEAMMATE_NOT_FOUND: '這位成員已不在團隊裡，請重新整理。', LAST_OWNER: '商店至少要有一位擁有者：請先讓別人成為擁有者。', OWNERS_ONLY: '只有擁有者可以這麼做。', ALREADY_TEAMMATE: '這個地址的人已經在團隊裡。', ALREADY_INVITED: '已邀請過這個地址：請在下方重寄或撤回那封邀請。', TOO_MANY_INVITATIONS: '尚未接受的邀請太多，請先撤回不需要的。', INVITATION_NOT_FOUND: '這封邀請已不存在，請重新整理。', IMPERSONATION_NOT_FOUND: '代為操作已經結束。',
    EXPORT_NOT_FOUND: '這個檔案已到期，請重新匯出。', EXPORT_NOT_READY: '檔案還在製作，請稍候。', ERASURE_NOT_FOUND: '沒有這筆刪除紀錄。',
    LIST_NOT_FOUND: '這份名單已不存在。', JOB_NOT_FOUND: '這項工作已不存在。', IMPORT_NOT_FOUND: '這次匯入已不存在。', KEY_NOT_FOUND: '這把金鑰已不存在。', PAGE_NOT_FOUND: '這裡沒有內容。',
    FILE_TOO_LARGE: '檔案太大，請分成幾個檔案。', FILE_NOT_TAKEN: '檔案沒有收完整，請再上傳一次。', FILE_NOT_READABLE: '檔案讀不懂，請確認是 CSV、JSON Lines 或 Parquet。',
    IMPORT_MAPPING_NOT_VALID: '欄位對應不完整，請看標示的位置。', IMPORT_NOT_READY: '檔案還在檢查，請稍候。', TOO_MANY_IMPORTS: '同時進行的匯入太多，請等前面的完成。',
    REPORT_TOO_WIDE: '範圍太大，一次算不完：請減少期數或天數，或一分鐘後再試。', REPORT_NOT_VALID: '這份報表的條件不對，請檢查日期與篩選。', AD_COST_NOT_VALID: '費用的格式不對：金額是 0 以上的數字，幣別是三個字母，每天一筆。', GOAL_NOT_FOUND: '這個目標已不存在。', GOAL_NAME_TAKEN: '已有目標用這個名稱，請換一個。', GOAL_IN_USE: '有客群用到這個目標，請先從那些客群移除。', GOAL_TEXT_NOT_VALID: '名稱或說明太長，或含有不能使用的字元。', TOO_MANY_GOALS: '目標數量已達上限，請先刪除不用的。',
  },
  {
    UNREACHABLE: 'The server cannot be reached. Check your connection and try again in a moment.',
    SIGN_IN_FAILED: 'E-mail address or password is wrong.', CODE_NOT_VALID: 'The code is wrong, or was used before.', TICKET_NOT_VALID: 'Too late, or used already: start again.', SIGN_IN_TOO_OFTEN: 'Too many tries; wait a little.', PASSWORD_NOT_GOOD: 'This password is too short or too common; choose another one.',
    SINGLE_SIGN_ON_OFF: 'No single sign-on for this address: use a password or passkey.', SINGLE_SIGN_ON_FAILED: 'Single sign-on did not work; start again.', PASSKEY_NOT_VALID: 'The passkey was not accepted; try again.', TOO_MANY_PASSKEYS: 'There are as many passkeys as there may be; remove one you no longer use.', EMAIL_TAKEN: 'Another account has this address.', ADDRESS_NOT_REACHABLE: 'The identity provider cannot be reached.', OWN_SIGN_IN_NEEDED: 'Sign in with your own password or passkey to change this.',
    PAGE_FAILED: 'This page did not load. Try again; if that does not help, reload.',
    REQUEST_NOT_VALID: 'Something in the form is missing or malformed: check the marked fields.', NOT_ALLOWED: 'Your role does not allow this. Ask an administrator of your shop.',
    NOT_WHILE_ACTING: 'An operator who acts in a shop cannot do this.', SECOND_FACTOR_REQUIRED: 'This shop asks for a second factor: set one up under “Account” first.',
    TENANT_NOT_FOUND: 'You no longer belong to this shop; switch to another.', SERVICE_AWAY: 'A service is restarting; try again in a few seconds.', WENT_WRONG: 'Something went wrong on our side; it has been noted.',
    OWNERS_OPEN_SHOPS: 'Only an owner of a shop or an operator of the platform opens another.', TOO_MANY_SHOPS: 'You own as many shops as you may: delete one you no longer need, or ask the operator.', NAME_NOT_CONFIRMED: 'This is not the name of the shop.', DELETION_HAS_BEGUN: 'It is being deleted; this cannot be taken back.', BAD_ROW_NOT_FOUND: 'This row is gone.',
    TOO_MANY_CALLS: 'Too many calls; wait a moment and try again.', GATEWAY_BUSY: 'The system is busy; try again in a moment.', FRESH_SIGN_IN_NEEDED: 'Sign in again before you change this.',
    TOO_MANY_FEEDS: 'Too many live feeds are open; close some other tabs.', PROFILE_NOT_FOUND: 'There is no such person; perhaps they asked to be forgotten.', LINK_NOT_FOUND: 'This link is gone; reload the page.',
    SEGMENT_NOT_FOUND: 'This segment is gone; perhaps a teammate deleted it.', SEGMENT_NAME_TAKEN: 'Another segment has this name; choose another one.',
    SEGMENT_CHANGED: 'A teammate has just saved a newer version. Your changes are still here: save them as a new segment, or reload and change again.', SEGMENT_IN_USE: 'Other segments use it: take it out of them first.',
    SEGMENT_CYCLE: 'A segment cannot contain itself, not even through others.', SEGMENTS_TOO_DEEP: 'Segments name segments too many times over.', TOO_MANY_SEGMENTS: 'There are as many segments as there may be; delete some you no longer use.',
    SEGMENT_NOT_VALID: 'A condition is not finished: look at the marked places.', TREE_NOT_READABLE: 'A condition cannot be read: look at the marked places.', GENE_NOT_KNOWN: 'There is no such gene.', SEGMENT_TEXT_NOT_VALID: 'The name, folder or description is too long or has characters that cannot be kept.',
    TEAMMATE_NOT_FOUND: 'This teammate is gone; reload the page.', LAST_OWNER: 'A shop keeps at least one owner: make somebody else an owner first.', OWNERS_ONLY: 'Only an owner may do this.', ALREADY_TEAMMATE: 'Whoever has this address is in the team already.', ALREADY_INVITED: 'This address was invited already: send that invitation again below, or revoke it.', TOO_MANY_INVITATIONS: 'Too many invitations are open; revoke those you no longer need.', INVITATION_NOT_FOUND: 'This invitation is gone; reload the page.', IMPERSONATION_NOT_FOUND: 'The operator has stopped already.',
    EXPORT_NOT_FOUND: 'This file has expired; export again.', EXPORT_NOT_READY: 'The file is still being made; wait a moment.', ERASURE_NOT_FOUND: 'There is no such erasure.',
    LIST_NOT_FOUND: 'This list is gone.', JOB_NOT_FOUND: 'This job is gone.', IMPORT_NOT_FOUND: 'This import is gone.', KEY_NOT_FOUND: 'This key is gone.', PAGE_NOT_FOUND: 'There is nothing here.',
    FILE_TOO_LARGE: 'The file is too large; split it.', FILE_NOT_TAKEN: 'The file did not arrive whole; upload it again.', FILE_NOT_READABLE: 'The file cannot be read; it has to be CSV, JSON Lines or Parquet.',
    IMPORT_MAPPING_NOT_VALID: 'The mapping is not complete: look at the marked places.', IMPORT_NOT_READY: 'The file is still being checked; wait a moment.', TOO_MANY_IMPORTS: 'Too many imports at once; wait for one to end.',
    REPORT_TOO_WIDE: 'That is too much to count at once: ask for fewer periods or days, or again in a minute.', REPORT_NOT_VALID: 'The report cannot be asked like this: check its days and filters.', AD_COST_NOT_VALID: 'The cost is malformed: the amount is a number of 0 or more, the currency three letters, one for a day.', GOAL_NOT_FOUND: 'This goal is gone.', GOAL_NAME_TAKEN: 'Another goal has this name; choose another one.', GOAL_IN_USE: 'Segments name this goal: take it out of them first.', GOAL_TEXT_NOT_VALID: 'The name or description is too long or has characters that cannot be kept.', TOO_MANY_GOALS: 'There are as many goals as there may be; delete some you no longer use.',
  },
);

export function useProblemText(): (problem: Problem) => string {
  const say = useWords();
  return (problem) => {
    const code = problem.status === 0 && problem.code !== 'PAGE_FAILED' ? UNREACHABLE : problem.code;
    const known = (say as (key: string, values?: object) => string)(code, { defaultValue: '' });
    return known || `${problem.message}（${problem.code}）`;
  };
}
