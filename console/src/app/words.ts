/** What the frame around every page says. */

import { words } from '../language/words';

export const useFrameWords = words(
  'frame',
  {
    skip: '跳到主要內容', navigation: '主選單', shop: '商店', language: 'English', lightDark: '深色／淺色', account: '我的帳號', signOut: '登出',
    platform: '平台管理', menu: '開啟選單', demo: '示範資料', acting: '您正以平台人員身分在「{shop}」操作，至 {until} 為止；每項變更都會記錄。', stopActing: '結束代操作', userMenu: '帳號選單',
    noShop: '您的帳號還不屬於任何商店。請向商店的管理員索取邀請。', newShop: '開設新商店', firstShop: '開設第一家商店',
    demoText: '這是示範商店：真實店家的公開資料，可以放心操作。', demoRemove: '移除示範資料', closing: '這家商店已申請刪除，金鑰已停用。', closingSee: '查看或取消',
    find: '搜尋或跳到…', findHint: '頁面、動作、顧客、客群', pages: '頁面', actions: '動作', people: '顧客', segments: '客群', shops: '切換商店', nothingFound: '找不到。試試會員編號、電子郵件或客群名稱。', newSegment: '建立客群', toOther: '切換成英文', toDark: '切換深色／淺色', helpTitle: '鍵盤快速鍵', helpFind: '搜尋或跳到任何地方', helpGo: '到「{place}」', helpSlash: '跳到這一頁的搜尋欄', helpHelp: '看這份說明', helpClose: '關閉對話框或選單',
    tray: '工作', trayOpen: '{n} 項工作進行中', trayNone: '沒有進行中的工作', trayAll: '所有工作', cancelJob: '取消', trayDone: '「{job}」完成', trayFailed: '「{job}」失敗：{reason}',
  },
  {
    skip: 'Skip to the content', navigation: 'Main menu', shop: 'Shop', language: '中文', lightDark: 'Dark or light', account: 'Account', signOut: 'Sign out',
    platform: 'Platform', menu: 'Open the menu', demo: 'demo data', acting: 'You act in “{shop}” as an operator until {until}; every change is recorded.', stopActing: 'Stop acting', userMenu: 'Account menu',
    noShop: 'Your account belongs to no shop yet. Ask a shop’s administrator for an invitation.', newShop: 'Open a new shop', firstShop: 'Open your first shop',
    demoText: 'This is a demo shop with public data of a real one: try whatever you like.', demoRemove: 'Remove the demo data', closing: 'This shop is to be deleted; its keys have stopped.', closingSee: 'See or take back',
    find: 'Search or go to…', findHint: 'Pages, actions, people, segments', pages: 'Pages', actions: 'Actions', people: 'People', segments: 'Segments', shops: 'Go to another shop', nothingFound: 'Nothing found. Try a member id, an e-mail address or the name of a segment.', newSegment: 'New segment', toOther: 'Switch to Chinese', toDark: 'Switch dark or light', helpTitle: 'Keyboard', helpFind: 'Search or go anywhere', helpGo: 'Go to {place}', helpSlash: 'To the search of this page', helpHelp: 'This list', helpClose: 'Close a dialog or menu',
    tray: 'Jobs', trayOpen: '{n} jobs running', trayNone: 'No job is running', trayAll: 'All jobs', cancelJob: 'Cancel', trayDone: '“{job}” is done', trayFailed: '“{job}” failed: {reason}',
  },
);
