/** Hands what the pages say to the snippet, and asks for consent. The shop itself works without scripts. */
(() => {
  const CONSENT = 'shop_consent';
  const banner = document.getElementById('consent');

  // Without the gateway there is no snippet, and nothing to tell.
  const tell = (told) => window.nx && JSON.parse(told).forEach(([method, ...words]) => window.nx[method](...words));

  const decide = (answer) => {
    localStorage.setItem(CONSENT, answer);
    if (window.nx) window.nx.consent(answer);
    // Who signed in before agreeing is known from here on.
    const { member } = document.body.dataset;
    if (answer === 'granted' && member && window.nx) window.nx.identify(member);
    banner.hidden = true;
  };

  const decided = localStorage.getItem(CONSENT);
  if (decided && window.nx) window.nx.consent(decided);
  banner.hidden = Boolean(decided);
  tell(document.body.dataset.tell);

  for (const button of banner.querySelectorAll('button')) {
    button.addEventListener('click', () => decide(button.value));
  }
  document.getElementById('consent-change').addEventListener('click', () => {
    banner.hidden = false;
    banner.querySelector('button').focus();
  });

  for (const button of document.querySelectorAll('button[data-share]')) {
    button.hidden = !navigator.clipboard;
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(location.href);
      button.textContent = button.dataset.done;
      tell(button.dataset.share);
    });
  }

  for (const end of document.querySelectorAll('[data-read]')) {
    const watch = new IntersectionObserver((seen) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      watch.disconnect();
      tell(end.dataset.read);
    });
    watch.observe(end);
  }
})();
