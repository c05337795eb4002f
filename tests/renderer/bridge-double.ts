import type { ActionResult, ExportResult, MadeCodesResult, MethodChanged, Page } from '../../protocol/ipc.ts';
import type { EnrollmentView, SettingsView, ViewModel } from '../../protocol/view-model.ts';

/** What the double answers with; anything left out is never answered (main is slow) unless `broken` (main is gone). */
export interface BridgeScript {
  readonly page: Page;
  readonly view?: ViewModel;
  readonly enrollment?: EnrollmentView;
  readonly settings?: SettingsView;
  readonly made?: MadeCodesResult;
  /** Every question is rejected. */
  readonly broken?: boolean;
  /** Answers of actions by name, e.g. `action.pause`; the rest succeed. */
  readonly results?: Readonly<Record<string, ActionResult>>;
  /** What `methods.create` and `methods.update` tell besides. */
  readonly setUpLink?: string;
  /** Answer of `history.export`; without one the person chose nowhere. */
  readonly exported?: ExportResult;
}

/** What a test sees in the page, beside `window.presenceLocker` itself. */
export interface BridgeDoubleControls {
  readonly calls: { readonly name: string; readonly args: readonly unknown[] }[];
  readonly violations: string[];
  pushView(view: ViewModel): void;
  pushEnrollment(view: EnrollmentView): void;
  pushSettings(view: SettingsView): void;
}

declare global {
  interface Window {
    bridgeDouble?: BridgeDoubleControls;
  }
}

/**
 * Runs inside the page before its scripts, where the preload would have been. Self-contained: it is sent there as source text.
 */
export function installBridgeDouble(script: BridgeScript): void {
  const calls: { name: string; args: readonly unknown[] }[] = [];
  const violations: string[] = [];
  document.addEventListener('securitypolicyviolation', (event) => {
    violations.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
  });
  function channel<T>(first: T | undefined) {
    const listeners = new Set<(value: T) => void>();
    return {
      push: (value: T) => {
        for (const listener of listeners) listener(value);
      },
      get: (): Promise<T> => {
        if (script.broken === true) return Promise.reject(new Error('main is gone'));
        return first === undefined ? new Promise<T>(() => undefined) : Promise.resolve(first);
      },
      onChange: (listener: (value: T) => void) => {
        listeners.add(listener);
        return () => {
          listeners.delete(listener);
        };
      },
    };
  }
  const act = (name: string, ...args: readonly unknown[]): Promise<ActionResult> => {
    calls.push({ name, args });
    if (script.broken === true) return Promise.reject(new Error('main is gone'));
    return Promise.resolve(script.results?.[name] ?? { ok: true });
  };
  const withSetUpLink = (result: ActionResult): MethodChanged =>
    result.ok ? { ok: true, setUpLink: script.setUpLink ?? null } : result;
  const view = channel(script.view);
  const enrollment = channel(script.enrollment);
  const settings = channel(script.settings);
  const bridge: NonNullable<Window['presenceLocker']> = {
    page: script.page,
    view: { get: view.get, onChange: view.onChange },
    action: {
      lockNow: () => act('action.lockNow'),
      askAgain: () => act('action.askAgain'),
      answer: (data) => act('action.answer', data),
      copyLink: () => act('action.copyLink'),
      pause: (minutes) => act('action.pause', minutes),
      offlineCode: (code) => act('action.offlineCode', code),
    },
    history: {
      export: () => act('history.export').then(() => script.exported ?? { ok: true, savedAs: null }),
    },
    painted: () => act('painted'),
    openWindow: (page) => act('openWindow', page),
    enrollment: {
      get: enrollment.get,
      onChange: enrollment.onChange,
      useAccount: (account, displayName) => act('enrollment.useAccount', account, displayName),
      sendSms: (phoneNumber) => act('enrollment.sendSms', phoneNumber),
      addContact: (contact) => act('enrollment.addContact', contact),
      newLink: () => act('enrollment.newLink'),
      copyLink: () => act('enrollment.copyLink'),
      openPhonePage: () => act('enrollment.openPhonePage'),
      test: () => act('enrollment.test'),
      finish: () => act('enrollment.finish'),
      lostDevice: () => act('enrollment.lostDevice'),
      remove: () => act('enrollment.remove'),
      back: () => act('enrollment.back'),
    },
    methods: {
      refresh: () => act('methods.refresh'),
      create: (methodId, settings) => act('methods.create', methodId, settings).then(withSetUpLink),
      confirm: (data) => act('methods.confirm', data),
      update: (change) => act('methods.update', change).then(withSetUpLink),
      delete: (configId) => act('methods.delete', configId),
    },
    codes: {
      open: () => act('codes.open'),
      make: () => {
        calls.push({ name: 'codes.make', args: [] });
        return Promise.resolve(script.made ?? { ok: false, sentence: 'Codes cannot be made now.' });
      },
      prove: (code) => act('codes.prove', code),
      copy: (what) => act('codes.copy', what),
    },
    settings: {
      get: settings.get,
      onChange: settings.onChange,
      set: (key, value) => act('settings.set', key, value),
      setStartAtLogin: (value) => act('settings.setStartAtLogin', value),
    },
  };
  Object.defineProperty(window, 'presenceLocker', { value: Object.freeze(bridge) });
  window.bridgeDouble = {
    calls,
    violations,
    pushView: view.push,
    pushEnrollment: enrollment.push,
    pushSettings: settings.push,
  };
}
