/** How often the page asks for its view. A request must be seen while a person waits in front of the workstation. */
const POLL_MS = 800;
/** Three missed polls in a row are worth a sentence; one is not. */
const POLL_TIMEOUT_MS = 5000;

/**
 * The page's script, served as a file of its own. Kept as text, because the simulator is also bundled into the
 * application, where files beside the code are not at hand. It draws nothing itself: the server renders the view.
 */
export const PHONE_SCRIPT = `'use strict';
(() => {
  const main = document.querySelector('main');
  const notice = document.querySelector('.notice');
  const announce = document.querySelector('.announce');
  const viewUrl = main.dataset.view;
  if (!viewUrl) return;
  let shown = '';
  let missed = 0;
  let timer;
  // Times come from the service; a phone whose clock is wrong must count down the same seconds.
  let ahead = 0;

  function tell(text) {
    if (notice.textContent !== text) notice.textContent = text;
  }

  function tick() {
    for (const ring of main.querySelectorAll('.countdown')) {
      const from = Date.parse(ring.dataset.from);
      const to = Date.parse(ring.dataset.to);
      const left = Math.min(Math.max(to - Date.now() - ahead, 0), to - from);
      const share = left / (to - from);
      const seconds = Math.ceil(left / 1000);
      ring.querySelector('.left').setAttribute('stroke-dasharray', share * 100 + ' 100');
      ring.querySelector('.dot').setAttribute('transform', 'rotate(' + share * 360 + ' 50 50)');
      ring.querySelector('.seconds').textContent =
        seconds < 100 ? String(seconds) : Math.floor(seconds / 60) + ':' + String(seconds % 60).padStart(2, '0');
      ring.setAttribute('aria-label', seconds + ' seconds left');
    }
  }

  function show(html) {
    if (html === shown) return;
    const focused = document.activeElement && document.activeElement.dataset.action;
    const before = main.querySelector('h1').textContent;
    shown = html;
    main.innerHTML = html;
    for (const time of main.querySelectorAll('time')) {
      time.textContent = new Date(time.dateTime).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
    }
    const again = focused && main.querySelector('[data-action="' + focused + '"]');
    if (again) again.focus();
    const title = main.querySelector('h1').textContent;
    document.title = title + ' – simulated phone';
    if (title !== before) announce.textContent = title;
    tick();
  }

  async function poll() {
    clearTimeout(timer);
    try {
      const response = await fetch(viewUrl + location.search, { signal: AbortSignal.timeout(${POLL_TIMEOUT_MS}) });
      const html = await response.text();
      ahead = Number(response.headers.get('X-Service-Time')) - Date.now();
      show(html);
      if (missed > 2) tell('');
      missed = 0;
    } catch {
      missed += 1;
      if (missed > 2) tell('The simulated service cannot be reached. This page goes on trying.');
    }
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(poll, ${POLL_MS});
  }

  main.addEventListener('submit', async (event) => {
    event.preventDefault();
    const pressed = event.submitter;
    if (pressed) pressed.disabled = true;
    try {
      const response = await fetch(event.target.action, { method: 'POST', headers: { Accept: 'application/json' } });
      const answer = await response.json();
      tell(response.ok ? '' : answer.reason);
      if (response.ok && location.search) history.replaceState(null, '', location.pathname);
    } catch {
      tell('That did not reach the simulated service. Try again.');
    }
    if (pressed) pressed.disabled = false;
    await poll();
  });

  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) poll();
  });
  setInterval(tick, 200);
  poll();
})();
`;
