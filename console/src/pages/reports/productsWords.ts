/** What the list of products that were not ordered says. */

import { words } from '../../language/words';

export const useProductsWords = words(
  'products',
  {
    title: '棄購商品', lead: '很多人看過、放進購物車，卻沒有買的商品；直接把這些人變成客群去溝通。',
    viewed: '瀏覽未購', carted: '購物車未結帳', category: '分類', categoryHint: '例如 服飾 > 鞋', brand: '品牌', sort: '排序', minPeople: '最少人數',
    sort_people: '人數最多', sort_amount_viewed: '瀏覽最多', sort_amount_carted: '數量最多', sort_price: '價格最高', sort_against_category: '比同類貴最多', sort_value: '金額最高',
    product: '商品', people: '人數', views: '瀏覽次數', quantity: '數量', value: '購物車金額', price: '價格', against: '與同分類相比', stock: '庫存', instead: '改買了',
    dearer: '貴 {share}', cheaper: '便宜 {share}', same: '相當', middlePrice: '同類中位數 {price}', inStock: '有貨', soldOut: '缺貨', unknownStock: '未知', insteadOne: '{name}（{n} 人）', nothingInstead: '–',
    allPeople: '{products} 項商品，共 {people} 人', openAll: '把這些人全部建立為客群', inCarts: '購物車總值 {value}', unconverted: '沒有匯率，未計入：{amounts}',
    viewedNone: '沒有瀏覽未購的商品', viewedNoneText: '商店送來商品瀏覽（Product Viewed）後，看過卻沒買的商品會列在這裡。也可以放寬天數或篩選。', cartedNone: '沒有留在購物車的商品', cartedNoneText: '商店送來加入購物車（Product Added）後，放超過一小時還沒結帳的商品會列在這裡。也可以放寬天數或篩選。',
  },
  {
    title: 'Not ordered', lead: 'Products that many people viewed or put into a cart and did not buy; each number opens as a segment to talk to.',
    viewed: 'Viewed', carted: 'Left in carts', category: 'Category', categoryHint: 'such as Wear > Shoes', brand: 'Brand', sort: 'Sort', minPeople: 'Min. people',
    sort_people: 'Most people', sort_amount_viewed: 'Most views', sort_amount_carted: 'Most pieces', sort_price: 'Highest price', sort_against_category: 'Dearest in its category', sort_value: 'Most money',
    product: 'Product', people: 'People', views: 'Views', quantity: 'Pieces', value: 'In carts', price: 'Price', against: 'Against category', stock: 'Stock', instead: 'Ordered instead',
    dearer: '{share} dearer', cheaper: '{share} cheaper', same: 'about the same', middlePrice: 'median {price}', inStock: 'in stock', soldOut: 'sold out', unknownStock: 'unknown', insteadOne: '{name} ({n})', nothingInstead: '–',
    allPeople: '{products} products, {people} people', openAll: 'Make a segment of all of them', inCarts: '{value} in carts', unconverted: 'Without an exchange rate, not in the sum: {amounts}',
    viewedNone: 'Nothing viewed and not ordered', viewedNoneText: 'Once your shop sends Product Viewed, what people looked at and did not buy is here. Or take more days, or loosen the filters.', cartedNone: 'Nothing left in carts', cartedNoneText: 'Once your shop sends Product Added, what lies in carts for more than an hour is here. Or take more days, or loosen the filters.',
  },
);
