// Uses @segment/analytics-node as its documentation shows, and prints the message ids it gave its calls.
import { Analytics } from '@segment/analytics-node';

const [host, writeKey] = process.argv.slice(2);
const analytics = new Analytics({ writeKey, host, flushAt: 3, flushInterval: 100 });
const sent = [];
const noted = (_, context) => sent.push(context.event.messageId);

analytics.on('error', (error) => {
  console.error(error);
  process.exitCode = 1;
});

const anonymousId = 'node-device';
const userId = 'node-member';
analytics.track({ anonymousId, event: 'Product Viewed', properties: { product_id: 'P1', price: 12.5 } }, noted);
analytics.page({ anonymousId, name: 'Home' }, noted);
analytics.identify({ anonymousId, userId, traits: { city: '臺北市' } }, noted);
analytics.track({ userId, event: 'Order Completed', properties: { order_id: 'node-1', revenue: 99.9 } }, noted);
analytics.screen({ userId, name: 'Cart' }, noted);
analytics.group({ userId, groupId: 'vip' }, noted);
await analytics.closeAndFlush();
console.log(JSON.stringify(sent));
