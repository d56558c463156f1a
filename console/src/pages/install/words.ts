/** What the pages of beginning say: opening a shop, and installing the tracking code. */

import { words } from '../../language/words';

export const useInstallWords = words(
  'install',
  {
    title: '安裝追蹤碼', lead: '三步：取得金鑰、貼到網站、看到自己的點擊。大約十五分鐘。', step1: '1. 網站金鑰', step2: '2. 貼到網站', step3: '3. 確認收到',
    keyText: '網站金鑰只能送資料、不能讀資料，所以可以放在網頁裡。金鑰只在建立當下顯示一次。', makeKey: '建立網站金鑰', keyName: '官網', orOwn: '或貼上已有的金鑰', keyWrong: '網站金鑰以 pk_live_ 開頭，共 40 個字。', keyReady: '使用這把金鑰：', otherKey: '換一把', known: '已有的網站金鑰：{keys}',
    how: '安裝方式', web: '網頁', gtm: 'Google 代碼管理工具', sdk: 'Segment SDK', server: '伺服器', code: '程式碼',
    webText: '貼到每一頁 <head> 的最上方。網頁瀏覽、GA4 的電子商務事件（dataLayer、gtag）會自動記錄。', gtmText: '新增「自訂 HTML」代碼，觸發條件選「初始化 - 所有網頁」，貼上後發布。', sdkText: '任何 Segment 相容的 SDK 都可以，只要把主機改成這裡。', serverText: '訂單成立時由伺服器也送一次最可靠；同一個 order_id 只算一筆訂單。伺服器請改用伺服器金鑰（設定 → 金鑰）。',
    consent: '等待訪客同意後才開始記錄', consentText: '同意橫幅請呼叫 nx.consent(\'granted\') 或 nx.consent(\'denied\')。', pinned: '固定版本並檢查完整性（SRI）', guide: '完整說明在 API 文件',
    waiting: '正在等待第一筆資料…', waitingText: '打開您的網站，隨意點一頁；幾秒內就會出現在這裡。', arrived: '收到了，安裝成功！', arrivedText: '最近收到的行為：', open: '看這個人', yours: '您的測試點擊',
    tryHere: '先點一下試試', tryText: '從這個瀏覽器送出一筆測試行為（Install Checked），確認金鑰可用。它會成為一位訪客。', trying: '已送出，等待出現…', tried: '測試點擊已收到，花了 {seconds} 秒。', tryNeedsKey: '先完成步驟 1，才能送出測試點擊。', tryLate: '已送出 {seconds} 秒還沒出現。系統可能忙碌，或這筆被列為異常：請到「匯入 → 異常資料」查看。',
    help: '沒有出現？', help401: '瀏覽器主控台出現 401：金鑰打錯或已撤銷。', help403: '出現 403：金鑰限制了網域，請到「設定 → 金鑰」確認。', helpCsp: '出現 Content Security Policy：請在 script-src 與 connect-src 加上 {host}。', helpBlock: '被廣告阻擋工具擋下：請由自家網域轉送，做法在說明文件。', helpBad: '有送到但格式不對：', badRows: '看異常資料',
    page: '檢查我的網頁', pageText: '貼上網站的網址，系統會打開看一次：追蹤碼在不在、金鑰對不對、有沒有被擋。', look: '檢查', lookedGood: '看起來都對：打開網站點一下，上面就會出現。', lookedBad: '還有地方要修改：', notReachable: '打不開這個網址。只能檢查任何人都能打開的 https 網址：請確認沒有打錯、網站已上線、不需要密碼。',
    newTitle: '開設新商店', newLead: '每家商店的資料完全分開。名稱、時區之後可以改，幣別不能。', name: '商店名稱', nameHint: '例如：月光選物', zone: '時區', zoneHint: '每日數字以這個時區的日期計算。', currency: '幣別', currencyHint: '所有金額換算成這個幣別；開設後不能變更。', locale: '商店語言', create: '開設商店', createdText: '「{name}」已開設。接著安裝追蹤碼。',
    notOwner: '只有商店的擁有者或平台人員可以開設新商店。請向他們索取邀請。',
  },
  {
    title: 'Install the tracking code', lead: 'Three steps: get a key, paste it into your site, see your own click. About fifteen minutes.', step1: '1. A key for the website', step2: '2. Paste it into the site', step3: '3. See it arrive',
    keyText: 'A website key can only send, never read, so it may stand in a page. It is shown once, when it is made.', makeKey: 'Make a website key', keyName: 'website', orOwn: 'Or paste a key you have', keyWrong: 'A website key begins with pk_live_ and has 40 characters.', keyReady: 'With this key:', otherKey: 'Use another', known: 'Website keys so far: {keys}',
    how: 'How to install', web: 'Web page', gtm: 'Google Tag Manager', sdk: 'Segment SDK', server: 'Server', code: 'Code',
    webText: 'At the very top of the <head> of every page. Page views and GA4’s e-commerce events (dataLayer, gtag) are recorded by themselves.', gtmText: 'Add a “Custom HTML” tag with the trigger “Initialization – All Pages”, paste this, and publish.', sdkText: 'Any SDK that is compatible with Segment works: point it at this host.', serverText: 'An order is safest when your server tells it too; with the same order_id it counts once. A server uses a server key (Settings → Keys).',
    consent: 'Begin only when the visitor has consented', consentText: 'Let your banner call nx.consent(\'granted\') or nx.consent(\'denied\').', pinned: 'A fixed version, checked by the browser (SRI)', guide: 'All of it is in the API docs',
    waiting: 'Waiting for the first event…', waitingText: 'Open your site and click on any page; it appears here within seconds.', arrived: 'It arrived: the installation works.', arrivedText: 'What came last:', open: 'See this person', yours: 'your test click',
    tryHere: 'Try one click here', tryText: 'Sends one test event (Install Checked) from this browser, to see that the key works. It becomes a visitor.', trying: 'Sent; waiting for it to appear…', tried: 'Your test click arrived after {seconds} s.', tryNeedsKey: 'A test click needs the key of step 1.', tryLate: 'Sent {seconds} s ago and not here yet. The system may be busy, or it was set aside: look at Imports → Bad rows.',
    help: 'Nothing appears?', help401: 'The browser’s console says 401: the key is mistyped or revoked.', help403: 'It says 403: the key is for other domains; see Settings → Keys.', helpCsp: 'It says Content Security Policy: add {host} to script-src and connect-src.', helpBlock: 'A blocker holds it back: let your own host hand it on; the guide says how.', helpBad: 'It came but could not be understood:', badRows: 'see the bad rows',
    page: 'Check my page', pageText: 'Give your site’s address: it is opened once to see whether the code is there, its key is right, and nothing blocks it.', look: 'Check', lookedGood: 'All looks right: open your site, click, and it appears above.', lookedBad: 'Something is to be mended:', notReachable: 'This address cannot be opened. Only https pages that everybody may open are looked at: check the spelling, that the site is live, and that it asks for no password.',
    newTitle: 'Open a shop', newLead: 'Each shop’s data are entirely separate. Name and time zone can change later, the currency cannot.', name: 'Name of the shop', nameHint: 'Such as: Moonlight Goods', zone: 'Time zone', zoneHint: 'Days are counted by its dates.', currency: 'Currency', currencyHint: 'All amounts are converted to it; it never changes.', locale: 'Language of the shop', create: 'Open the shop', createdText: '“{name}” is open. Now install the tracking code.',
    notOwner: 'Only an owner of a shop or an operator of the platform opens another. Ask one of them for an invitation.',
  },
);
