import type { ApproverRequest } from '../../../../protocol/approver.ts';
import { assertNever } from '../../../../renderer/shared/assert-never.ts';
import { isRecord } from '../decode/guards.ts';

/**
 * `needs-home-screen`: iOS gives Web Push only to a page on the Home Screen. `unsupported`: this browser never. `refused`: the person said
 * no, and only they can change it. `off`: could be asked for. `on`: allowed.
 */
export type Permission = 'unsupported' | 'needs-home-screen' | 'refused' | 'off' | 'on';

const SERVICE_WORKER = '/approver/service-worker.js';
const SCOPE = '/approver/';

export function permission(): Permission {
  if (!('serviceWorker' in navigator) || !('PushManager' in window) || !('Notification' in window)) {
    return isApple() && !isInstalled() ? 'needs-home-screen' : 'unsupported';
  }
  switch (Notification.permission) {
    case 'granted':
      return 'on';
    case 'denied':
      return 'refused';
    case 'default':
      return 'off';
    default:
      return assertNever(Notification.permission);
  }
}

/** An iPad says that it is a Mac; a Mac has no touch screen. */
const isIpad = (): boolean =>
  navigator.userAgent.includes('iPad') || (navigator.userAgent.includes('Macintosh') && navigator.maxTouchPoints > 1);
const isApple = (): boolean => isIpad() || /iPhone|iPod/.test(navigator.userAgent);

/** On the Home Screen already: what gives no notifications there is older than iOS 16.4. */
const isInstalled = (): boolean => window.matchMedia('(display-mode: standalone)').matches;

/** Chromium wants a script's address from a policy that the page's Content-Security-Policy names; there is this one, for this one address. */
interface ScriptAddresses {
  createPolicy(
    name: 'service-worker',
    rules: { createScriptURL(): string },
  ): {
    createScriptURL(asked: string): string;
  };
}
declare global {
  interface Window {
    readonly trustedTypes?: ScriptAddresses;
  }
}

function serviceWorkerAddress(): string {
  const policy = window.trustedTypes?.createPolicy('service-worker', { createScriptURL: () => SERVICE_WORKER });
  return policy === undefined ? SERVICE_WORKER : policy.createScriptURL('');
}

/** Once for a page. Without one there are no notifications and no page while offline; everything else works, so a failure is only reported. */
export async function registerServiceWorker(): Promise<ServiceWorkerRegistration | null> {
  if (!('serviceWorker' in navigator)) return null;
  try {
    return await navigator.serviceWorker.register(serviceWorkerAddress(), { scope: SCOPE, updateViaCache: 'none' });
  } catch (error) {
    console.warn('The service worker could not be registered.', error);
    return null;
  }
}

/** Asks the person (only after a tap) and then the phone's push service. @returns null when either said no. */
export async function subscribe(publicKey: string): Promise<ApproverRequest<'push.subscribe'> | null> {
  try {
    if ((await Notification.requestPermission()) !== 'granted') return null;
    return await subscription(publicKey);
  } catch (error) {
    console.warn('The push service gave no subscription.', error);
    return null;
  }
}

/** The subscription this phone has, or a new one, for a permission given earlier: push services drop subscriptions as they like. */
export async function subscription(publicKey: string): Promise<ApproverRequest<'push.subscribe'> | null> {
  const { pushManager } = await navigator.serviceWorker.ready;
  const had = await pushManager.getSubscription();
  const stillGood = had !== null && isForKey(had, publicKey);
  // A gateway with new keys cannot send to a subscription made for the old ones.
  if (!stillGood) await had?.unsubscribe();
  const current = stillGood
    ? had
    : await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
  const { endpoint, keys } = current.toJSON();
  if (endpoint === undefined || !isRecord(keys)) return null;
  const { p256dh, auth } = keys;
  return p256dh === undefined || auth === undefined ? null : { endpoint, keys: { p256dh, auth } };
}

function isForKey({ options }: PushSubscription, publicKey: string): boolean {
  const key = options.applicationServerKey;
  return (
    key !== null &&
    btoa(String.fromCharCode(...new Uint8Array(key))).replace(/=+$/, '') ===
      publicKey.replaceAll('-', '+').replaceAll('_', '/')
  );
}

export async function unsubscribe(): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration(SCOPE);
  const current = await registration?.pushManager.getSubscription();
  await current?.unsubscribe();
}

/** The page shows the truth now: what hung on the lock screen is old. */
export async function clearNotifications(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const registration = await navigator.serviceWorker.getRegistration(SCOPE);
  const shown = (await registration?.getNotifications?.()) ?? [];
  for (const notification of shown) notification.close();
}

/** Runs `look` when the service worker says that a push came: a hint, so the gateway is asked. */
export function onHint(look: () => void): void {
  if ('serviceWorker' in navigator) navigator.serviceWorker.addEventListener('message', look);
}

/** A name the person knows their phone by; nothing finer is read from it. */
export function phoneKind(): 'iphone' | 'ipad' | 'android' | 'other' {
  const agent = navigator.userAgent;
  if (agent.includes('iPhone')) return 'iphone';
  if (isIpad()) return 'ipad';
  return agent.includes('Android') ? 'android' : 'other';
}
