/** What the frame around every page says. */

import { words } from '../language/words';

export const useFrameWords = words(
  'frame',
  {
    skip: '跳到主要內容', navigation: '主選單', shop: '商店', language: 'English', lightDark: '深色／淺色', account: '我的帳號', signOut: '登出',
    platform: '平台管理', menu: '開啟選單', demo: '示範資料', acting: '您正以平台人員身分在「{shop}」操作，至 {until} 為止；每項變更都會記錄。', stopActing: '結束代操作', userMenu: '帳號選單',
    noShop: '您的帳號還不屬於任何商店。請向商店的管理員索取邀請。', closing: '這家商店已申請關閉。',
  },
  {
    skip: 'Skip to the content', navigation: 'Main menu', shop: 'Shop', language: '中文', lightDark: 'Dark or light', account: 'Account', signOut: 'Sign out',
    platform: 'Platform', menu: 'Open the menu', demo: 'demo data', acting: 'You act in “{shop}” as an operator until {until}; every change is recorded.', stopActing: 'Stop acting', userMenu: 'Account menu',
    noShop: 'Your account belongs to no shop yet. Ask a shop’s administrator for an invitation.', closing: 'This shop asked to be closed.',
  },
);
