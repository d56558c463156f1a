/** Parts of somebody's timeline that are worth seeing alone, as the API names events. */

import type { operations } from '../../api/schema';

export type Asked = NonNullable<operations['list_events']['parameters']['query']>;
type Sieve = Pick<Asked, 'kind' | 'name'>;

export const SIEVES = {
  everything: {},
  orders: { name: ['order_completed', 'order_updated', 'order_refunded', 'order_cancelled'] },
  cart: { name: ['product_added', 'product_removed', 'cart_viewed', 'checkout_started', 'checkout_step_viewed', 'checkout_step_completed', 'payment_info_entered', 'coupon_applied'] },
  products: { name: ['product_viewed', 'product_list_viewed', 'product_clicked', 'products_searched', 'product_shared', 'product_reviewed', 'wishlist_added', 'wishlist_removed'] },
  pages: { kind: ['page', 'screen'], name: ['article_read'] },
  identity: { kind: ['identify', 'alias', 'group'], name: ['signed_up', 'signed_in', 'signed_out'] },
} as const satisfies Record<string, { kind?: readonly NonNullable<Sieve['kind']>[number][]; name?: readonly string[] }>;

export type SieveName = keyof typeof SIEVES;

export function sieveOf(name: string): Sieve {
  const found: { kind?: readonly NonNullable<Sieve['kind']>[number][]; name?: readonly string[] } = Object.hasOwn(SIEVES, name) ? SIEVES[name as SieveName] : {};
  return { ...(found.kind ? { kind: [...found.kind] } : {}), ...(found.name ? { name: [...found.name] } : {}) };
}
