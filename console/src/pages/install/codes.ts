/** The lines that a shop pastes, with its key and this host in them. */

export interface About {
  stub: string;
  floating: string;
  pinned: string;
  integrity: string;
}

export type How = 'web' | 'gtm' | 'sdk' | 'server';
export const HOWS: readonly How[] = ['web', 'gtm', 'sdk', 'server'];

export interface Wishes {
  key: string;
  host: string;
  consent: boolean;
  pinned: boolean;
}

const WEBSITE_KEY = /^pk_live_[A-Za-z0-9]{32}$/;
export const isWebsiteKey = (text: string): boolean => WEBSITE_KEY.test(text);

/** What somebody typed for an address, as one that can be fetched. */
export function addressOf(typed: string): string {
  const text = typed.trim();
  return /^[a-z]+:\/\//i.test(text) ? text : `https://${text}`;
}

function snippet(about: About, { key, host, consent, pinned }: Wishes): string {
  const file = pinned ? `src="${host}${about.pinned}" integrity="${about.integrity}" crossorigin="anonymous"` : `src="${host}${about.floating}"`;
  return `<script>${about.stub}</script>\n<script async ${file} data-key="${key}"${consent ? ' data-consent="pending"' : ''}></script>`;
}

export function codeOf(how: How, about: About, wishes: Wishes): string {
  const { key, host } = wishes;
  switch (how) {
    case 'web':
    case 'gtm':
      return snippet(about, wishes);
    case 'sdk':
      return [
        '// analytics.js (npm i @segment/analytics-next)',
        `AnalyticsBrowser.load({ writeKey: '${key}', cdnURL: '${host}' });`,
        '',
        '// Node.js (npm i @segment/analytics-node)',
        `new Analytics({ writeKey: '${key}', host: '${host}' });`,
        '',
        '# Python (pip install segment-analytics-python)',
        `analytics.write_key, analytics.host = '${key}', '${host}'`,
      ].join('\n');
    case 'server':
      return [
        `curl -u "sk_live_…:" -H 'Content-Type: application/json' ${host}/v1/track -d '{`,
        '  "userId": "member-17", "event": "Order Completed", "messageId": "order-A-1001",',
        '  "properties": {"order_id": "A-1001", "currency": "TWD",',
        '    "products": [{"product_id": "L7", "price": 1250, "quantity": 1}]}}\'',
      ].join('\n');
  }
}
