/** Goes into the page itself: takes calls until the file is there. */

((page: { nx?: Record<string, unknown> }, queue: unknown[]) => {
  page.nx ??= { q: queue };
  for (const method of 'track identify page group alias reset consent'.split(' ')) {
    page.nx[method] ??= (...args: unknown[]) => queue.push([method, args, Date.now()]);
  }
})(window as unknown as { nx?: Record<string, unknown> }, []);
