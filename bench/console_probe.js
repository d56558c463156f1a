// Runs in every page of the console that bench/console.py looks at: writes down how long a key takes to become counts,
// and how long anything that was clicked or typed takes to be painted.
(() => {
  const seen = { counted: [], interactions: {} };
  window.benchSeen = seen;

  new PerformanceObserver((list) => {
    for (const { interactionId, duration } of list.getEntries()) {
      if (interactionId) seen.interactions[interactionId] = Math.max(seen.interactions[interactionId] ?? 0, duration);
    }
  }).observe({ type: 'event', durationThreshold: 16, buffered: true });

  // From a key in a field of numbers, to counts of what was typed, painted.
  let pressed = null;
  let older = false;
  document.addEventListener('keydown', (event) => {
    if (event.target.type !== 'number' || !/^\d$/.test(event.key)) return;
    pressed = event.timeStamp;
    older = false;
  }, true);
  const look = () => {
    const people = document.querySelector('[data-testid=people]');
    if (pressed === null || people === null) return;
    if (people.classList.contains('old')) older = true;
    else if (older) {
      const began = pressed;
      pressed = null;
      // The frame after the next begins when this one is on the screen.
      requestAnimationFrame(() => requestAnimationFrame((now) => seen.counted.push(now - began)));
    }
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['class'] });
})();
