/** Names of events as people say them: canonical ones are translated, others are shown as sent. */

const ZH = {
  page: '瀏覽網頁', screen: '瀏覽畫面', identify: '表明身分', group: '加入群組', alias: '合併身分', page_viewed: '瀏覽網頁', product_viewed: '瀏覽商品', product_list_viewed: '瀏覽商品列表',
  product_clicked: '點選商品', products_searched: '搜尋商品', product_added: '加入購物車', product_removed: '移出購物車', cart_viewed: '查看購物車', checkout_started: '開始結帳',
  checkout_step_viewed: '查看結帳步驟', checkout_step_completed: '完成結帳步驟', payment_info_entered: '填寫付款資料', order_completed: '完成訂單', order_updated: '更新訂單', order_refunded: '退款', order_cancelled: '取消訂單',
  signed_up: '註冊', signed_in: '登入', signed_out: '登出', product_shared: '分享商品', product_reviewed: '評論商品', wishlist_added: '加入收藏', wishlist_removed: '移出收藏', coupon_applied: '使用優惠券', article_read: '閱讀文章',
};
const EN: typeof ZH = {
  page: 'Saw a page', screen: 'Saw a screen', identify: 'Said who they are', group: 'Joined a group', alias: 'Joined two ids', page_viewed: 'Page viewed', product_viewed: 'Product viewed', product_list_viewed: 'Product list viewed',
  product_clicked: 'Product clicked', products_searched: 'Products searched', product_added: 'Added to cart', product_removed: 'Removed from cart', cart_viewed: 'Cart viewed', checkout_started: 'Checkout started',
  checkout_step_viewed: 'Checkout step viewed', checkout_step_completed: 'Checkout step completed', payment_info_entered: 'Payment info entered', order_completed: 'Order completed', order_updated: 'Order updated', order_refunded: 'Order refunded', order_cancelled: 'Order cancelled',
  signed_up: 'Signed up', signed_in: 'Signed in', signed_out: 'Signed out', product_shared: 'Product shared', product_reviewed: 'Product reviewed', wishlist_added: 'Added to wishlist', wishlist_removed: 'Removed from wishlist', coupon_applied: 'Coupon applied', article_read: 'Article read',
};

export const EVENT_NAMES = Object.keys(ZH).filter((name) => name.includes('_'));

export function eventText(kind: string, name: string, language: string): string {
  const known: Readonly<Record<string, string>> = language === 'en' ? EN : ZH;
  const asked = name.toLowerCase().replaceAll(' ', '_');
  const word = Object.hasOwn(known, asked) ? known[asked] : kind !== 'track' && Object.hasOwn(known, kind) ? known[kind] : undefined;
  if (word) return word;
  const text = name || kind;
  return /^[a-z_]+$/.test(text) ? text.replaceAll('_', ' ').replace(/^./, (letter) => letter.toUpperCase()) : text;
}
