// Uses @segment/analytics-next as its documentation shows; bundled into a page by the test.
import { AnalyticsBrowser } from '@segment/analytics-next';

window.run = async (gateway, writeKey, strategy) => {
  const analytics = AnalyticsBrowser.load(
    { writeKey, cdnURL: gateway },
    { integrations: { 'Segment.io': { deliveryStrategy: { strategy, config: { size: 3, timeout: 500 } } } } },
  );
  const sent = [];
  const noted = (context) => sent.push(context.event.messageId);
  await analytics.ready();
  const userId = `browser-member-${strategy}`;
  noted(await analytics.page('Home'));
  noted(await analytics.track('Product Viewed', { product_id: 'P1', price: 12.5 }));
  const anonymousId = (await analytics.user()).anonymousId();
  noted(await analytics.identify(userId, { city: '臺北市' }));
  noted(await analytics.track('Order Completed', { order_id: `browser-${strategy}`, revenue: 99.9 }));
  return { sent, anonymousId, userId };
};
