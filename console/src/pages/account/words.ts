/** What one's own account says. */

import { words } from '../../language/words';

export const useAccountWords = words(
  'account',
  {
    title: '我的帳號', lead: '以 {email} 登入。這裡的設定跟著您，不屬於任何一家商店。',
    profile: '個人資料', name: '姓名', language: '信件語言', saved: '已儲存', newEmail: '新的電子郵件', changeEmail: '變更電子郵件', changeEmailHint: '先寄確認信到新地址；開啟信中的連結後才會變更。', sendLink: '寄送確認信', emailSent: '確認信已寄出，請開啟信中的連結。', emailChanged: '電子郵件已變更',
    password: '密碼', changePassword: '變更密碼', currentPassword: '目前密碼', newPassword: '新密碼', passwordHint: '至少 8 個字元，建議 15 個以上；一句話就是好密碼。', passwordChanged: '密碼已變更，其他裝置已登出。', noPassword: '此帳號尚未設定密碼；可在登入頁用「忘記密碼」設定。',
    authenticator: '驗證器應用程式', authenticatorHint: '登入時除了密碼，再輸入手機顯示的六位數。', on: '已啟用', off: '未啟用', setUp: '開始設定', turnOff: '停用', turnOffAsk: '要停用驗證器應用程式嗎？備用碼也會失效。', scan: '用驗證器應用程式掃描此 QR Code，再輸入它顯示的六位數。', qr: '設定驗證器用的 QR Code', secretKey: '無法掃描時，請手動輸入：', turnOn: '啟用', code: '驗證碼',
    recovery: '備用碼', recoveryLeft: '剩餘 {n} 組備用碼。', newCodes: '重新產生備用碼', recoveryHint: '手機不在身邊時，每組可用一次。請存放在安全的地方，離開此頁後不再顯示。', kept: '我已保存',
    passkeys: '通行密鑰', passkeysHint: '用指紋、臉部或裝置密碼登入，不需要密碼，也不會被釣魚。', addPasskey: '新增通行密鑰', passkeyName: '通行密鑰的名稱', rename: '更名', noPasskeys: '尚無通行密鑰。', synced: '跨裝置同步', neverUsed: '尚未使用', lastUsed: '最近使用 {at}', passkeyFailed: '通行密鑰未完成，請再試一次。', removePasskey: '移除通行密鑰', removePasskeyAsk: '要移除通行密鑰「{name}」嗎？',
    sessions: '登入中的裝置', sessionsHint: '不認得的裝置請登出，並變更密碼。', current: '此裝置', end: '登出', everywhere: '登出所有裝置', everywhereAsk: '要登出所有裝置嗎？此裝置也會登出。', by_password: '密碼', by_passkey: '通行密鑰', by_sso: '單一登入', unknownBrowser: '未知的瀏覽器',
    freshTitle: '請再次驗證身分', freshHint: '變更帳號安全設定前，請證明是您本人。', usePasskey: '使用通行密鑰',
    onlySso: '您以單一登入進入；帳號設定須以自己的密碼或通行密鑰登入後變更。', needFactor: '這家商店要求兩步驟驗證：請設定驗證器應用程式；或新增通行密鑰，再用它重新登入。',
  },
  {
    title: 'Account', lead: 'You sign in as {email}. What is set here goes with you, not with a shop.',
    profile: 'Profile', name: 'Name', language: 'Language of letters', saved: 'Saved', newEmail: 'New e-mail', changeEmail: 'Change e-mail', changeEmailHint: 'We write to the new address first; it changes when you open the link in that letter.', sendLink: 'Send the letter', emailSent: 'We wrote to the new address: open the link in the letter.', emailChanged: 'Your e-mail address was changed',
    password: 'Password', changePassword: 'Change the password', currentPassword: 'Current password', newPassword: 'New password', passwordHint: '8 characters or more, better 15; a sentence makes a good one.', passwordChanged: 'Changed. All other devices are signed out.', noPassword: 'This account has no password yet; “Forgot your password?” where you sign in sets one.',
    authenticator: 'Authenticator app', authenticatorHint: 'Besides the password, signing in asks for six digits from your phone.', on: 'on', off: 'off', setUp: 'Set up', turnOff: 'Turn off', turnOffAsk: 'Turn the authenticator app off? The recovery codes go with it.', scan: 'Scan this with your authenticator app, then enter the six digits it shows.', qr: 'QR code to set the authenticator app up', secretKey: 'Cannot scan? Type this instead:', turnOn: 'Turn on', code: 'Code',
    recovery: 'Recovery codes', recoveryLeft: '{n} recovery codes left.', newCodes: 'Make new recovery codes', recoveryHint: 'For when your phone is gone; each is good once. Keep them safe: they are not shown again.', kept: 'I have kept them',
    passkeys: 'Passkeys', passkeysHint: 'Sign in with fingerprint, face or device PIN: no password, nothing to phish.', addPasskey: 'Add a passkey', passkeyName: 'Name of the passkey', rename: 'Rename', noPasskeys: 'No passkeys yet.', synced: 'synced', neverUsed: 'not used yet', lastUsed: 'last used {at}', passkeyFailed: 'That did not work; try again.', removePasskey: 'Remove the passkey', removePasskeyAsk: 'Remove the passkey “{name}”?',
    sessions: 'Where you are signed in', sessionsHint: 'Sign out a device you do not know, and change your password.', current: 'this device', end: 'Sign out', everywhere: 'Sign out everywhere', everywhereAsk: 'Sign out everywhere, on this device too?', by_password: 'password', by_passkey: 'passkey', by_sso: 'single sign-on', unknownBrowser: 'Unknown browser',
    freshTitle: 'Show again who you are', freshHint: 'Before your account’s security changes, prove that it is you.', usePasskey: 'Use a passkey',
    onlySso: 'You came by single sign-on. Sign in with your own password or passkey to change your account.', needFactor: 'This shop asks for a second factor: set up an authenticator app; or add a passkey and sign in again with it.',
  },
);
