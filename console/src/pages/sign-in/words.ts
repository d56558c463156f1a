/** What signing in, a new password and an invitation say. */

import { words } from '../../language/words';

export const useSignInWords = words(
  'sign-in',
  {
    pitch: '每一位訪客，都是一個故事', pitchMore: '每一筆行為只計一次，幾秒內成為認得的人與可信的數字。',
    signIn: '登入', email: '電子郵件', password: '密碼', forgot: '忘記密碼？', withPasskey: '使用通行密鑰登入', withSso: '使用單一登入（SSO）', or: '或', back: '返回登入',
    codeTitle: '兩步驟驗證', codeHint: '請輸入驗證器應用程式顯示的六位數，或一組備用碼。', code: '驗證碼', goOn: '繼續',
    ssoTitle: '單一登入', ssoHint: '請輸入公司的電子郵件地址。', ssoChoose: '請選擇商店：',
    forgotTitle: '重設密碼', forgotHint: '我們會寄一個連結到這個地址，30 分鐘內有效。', sendLink: '寄送連結', linkSent: '如果此地址已註冊，連結已寄出，請查看信箱。',
    resetTitle: '設定新密碼', newPassword: '新密碼', passwordHint: '至少 8 個字元，建議 15 個以上；一句話就是好密碼。', setPassword: '設定密碼', passwordSet: '密碼已更新，請用新密碼登入。', linkNeeded: '請從信件中的連結開啟此頁。',
    passkeyFailed: '通行密鑰未完成，請再試一次。',
    invitation: '加入商店', invitedTo: '您受邀以「{role}」身分加入 {shop}（{email}）。', newAccountHint: '請設定姓名與密碼以建立帳號。', name: '姓名',
    accept: '接受邀請', make_account: '建立帳號並加入', sign_in: '登入後接受', sign_out: '登出目前帳號', otherAccount: '您目前用另一個帳號登入，這封邀請不是給它的。', noToken: '連結不完整，請從信件中重新開啟。', toStart: '前往首頁',
    owner: '擁有者', admin: '管理者', marketer: '行銷', analyst: '分析', viewer: '檢視者',
  },
  {
    pitch: 'Every visitor is a story', pitchMore: 'Each act counts exactly once, and within seconds becomes a person you know and a number you can trust.',
    signIn: 'Sign in', email: 'E-mail', password: 'Password', forgot: 'Forgot your password?', withPasskey: 'Sign in with a passkey', withSso: 'Single sign-on (SSO)', or: 'or', back: 'Back to sign in',
    codeTitle: 'Second step', codeHint: 'Enter the six digits of your authenticator app, or a recovery code.', code: 'Code', goOn: 'Continue',
    ssoTitle: 'Single sign-on', ssoHint: 'Enter your e-mail address at work.', ssoChoose: 'Choose a shop:',
    forgotTitle: 'Reset your password', forgotHint: 'We send a link to this address. It is good for 30 minutes.', sendLink: 'Send the link', linkSent: 'If this address has an account, a link is on its way. Look into your mailbox.',
    resetTitle: 'Choose a new password', newPassword: 'New password', passwordHint: '8 characters or more, better 15; a sentence makes a good one.', setPassword: 'Set password', passwordSet: 'Your password is set. Sign in with it.', linkNeeded: 'Open this page by the link in our letter.',
    passkeyFailed: 'That did not work; try again.',
    invitation: 'Join a shop', invitedTo: 'You are invited to {shop} as {role} ({email}).', newAccountHint: 'Choose a name and a password to make your account.', name: 'Name',
    accept: 'Accept the invitation', make_account: 'Make account and join', sign_in: 'Sign in to accept', sign_out: 'Sign out of the other account', otherAccount: 'You are signed in with another account; this invitation is not for it.', noToken: 'The link is not complete: open it from the letter again.', toStart: 'To the start page',
    owner: 'Owner', admin: 'Admin', marketer: 'Marketer', analyst: 'Analyst', viewer: 'Viewer',
  },
);
