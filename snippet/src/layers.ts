/** Events that a page tells others already: GA4's data layer, and the queue of the original Etu script. */

import { isRecord, type Told } from './values';

type Call = (method: string, args: unknown[]) => void;

const ECOMMERCE =
  /^((view|select|add|remove|begin)_(item(_list)?|promotion|search_results|(to_|from_)?cart|to_wishlist|checkout)|purchase|refund|search|sign_up|login|share)$/;

const attached = new WeakSet<object>();
let member: unknown;

/** Take what is in the layers that the page has by now, and what will be pushed. */
export function followLayers(call: Call): void {
  attach('dataLayer', (item) => {
    // gtag() pushes its arguments.
    const { event, ecommerce, ...rest } = item[0] === 'event' ? { ...(item[2] as Told), event: item[1] } : item;
    if (ECOMMERCE.test(event as string)) call('track', [event, isRecord(ecommerce) ? ecommerce : rest]);
  });
  attach('_qevents', ({ act, uid, pid, cat, oid, keywords, ptuple }) => {
    if (uid && uid !== member) call('identify', [(member = uid)]);
    const products = (ptuple as Told[] | undefined)?.map((line) => ({
      product_id: line.paypid ?? line.pid,
      quantity: line.qty,
      price: line.unit_price,
      category: line.pcat,
    }));
    if (act) call('track', [act, { product_id: pid, category: cat, order_id: oid, query: keywords, products }]);
  });
}

function attach(name: string, take: (item: Told) => void): void {
  const layer = (window as unknown as Told)[name];
  if (!Array.isArray(layer) || attached.has(layer)) return;
  attached.add(layer);
  const attempt = (item: unknown): void => {
    try {
      if (isRecord(item)) take(item);
    } catch {
      // Whatever else a page keeps there is its own business.
    }
  };
  layer.forEach(attempt);
  const { push } = layer;
  layer.push = (...items: unknown[]): number => {
    const length = push.apply(layer, items);
    items.forEach(attempt);
    return length;
  };
}
