/**
 * Two jobs: say on the lock screen that somebody asks, and show the page's own "no connection" while the phone is offline. It never
 * answers for the API, the WebSocket or version.json, and the page itself always comes from the gateway while that answers.
 */
export {};

declare const self: ServiceWorkerGlobalScope;
/** Changes with every build: so do the bytes of this file, which is how a browser notices a new worker. */
declare const __APPROVER_VERSION__: string;

const ROOT = '/approver/';
const CACHE_PREFIX = 'approver-';
const CACHE = `${CACHE_PREFIX}${__APPROVER_VERSION__}`;
/** Named by their content, so what is cached cannot be old. */
const HASHED = '/approver/assets/';
/** A gateway that takes longer is treated as unreachable: the kept page says so and goes on trying. */
const PAGE_TIMEOUT_MS = 6_000;
const TAG = 'look';
const ICON = '/approver/icons/192.png';
const BADGE = '/approver/icons/badge-96.png';

/** No name, no workstation, no number: a lock screen is read by whoever stands beside it, and a push is only a hint. */
const NOTICES = {
  en: { title: 'Presence Locker', body: 'Something asks for you. Open to see what.' },
  de: { title: 'Presence Locker', body: 'Etwas fragt nach dir. Öffne die App, um es zu sehen.' },
} as const;

self.addEventListener('install', (event) => {
  event.waitUntil(self.skipWaiting());
});

self.addEventListener('activate', (event) => {
  event.waitUntil(takeOver());
});

async function takeOver(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith(CACHE_PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (request.mode === 'navigate' && url.pathname === ROOT) event.respondWith(page(request));
  else if (url.pathname.startsWith(HASHED)) event.respondWith(asset(request));
});

/** From the gateway, past the browser's own cache; the kept one only when there is no answer. */
async function page(request: Request): Promise<Response> {
  try {
    const fresh = await fetch(request.url, {
      cache: 'no-cache',
      credentials: 'same-origin',
      signal: AbortSignal.timeout(PAGE_TIMEOUT_MS),
    });
    if (fresh.ok) await (await caches.open(CACHE)).put(ROOT, fresh.clone());
    return fresh;
  } catch (error) {
    const kept = await caches.match(ROOT, { cacheName: CACHE });
    if (kept === undefined) throw error;
    return kept;
  }
}

async function asset(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept !== undefined) return kept;
  const fresh = await fetch(request);
  if (fresh.ok) await cache.put(request, fresh.clone());
  return fresh;
}

self.addEventListener('push', (event) => {
  event.waitUntil(notice());
});

/** The payload is not read: whatever a push says, the page asks the gateway. Browsers take push away from who shows nothing. */
async function notice(): Promise<void> {
  const { title, body } = NOTICES[self.navigator.language.toLowerCase().startsWith('de') ? 'de' : 'en'];
  await self.registration.showNotification(title, {
    body,
    tag: TAG,
    icon: ICON,
    badge: BADGE,
    requireInteraction: true,
  });
  for (const client of await pages()) client.postMessage(TAG);
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open());
});

async function open(): Promise<void> {
  const [shown] = await pages();
  if (shown === undefined) await self.clients.openWindow(ROOT);
  else {
    shown.postMessage(TAG);
    await shown.focus();
  }
}

function pages(): Promise<readonly WindowClient[]> {
  return self.clients.matchAll({ type: 'window', includeUncontrolled: true });
}
