import type { ActionResult, ExportResult } from '../protocol/ipc.ts';
import type { SettingsView, ViewModel } from '../protocol/view-model.ts';
import type { Clock } from './core/ports.ts';
import type { LoginItem } from './electron/login-item.electron.ts';
import type { PageHandlers } from './electron/shell.electron.ts';
import type { EnrollmentFlow } from './enrollment/enrollment-flow.ts';
import type { PresenceGatewayLink } from './link/presence-gateway-link.ts';
import type { Guard } from './runtime/guard.ts';
import type { PolicyFiles, PolicyReading } from './settings/policy-files.ts';
import { applySettingEdit, settingsView } from './settings/settings-view.ts';

const DONE: ActionResult = { ok: true };
const refused = (sentence: string): ActionResult => ({ ok: false, sentence });

/** What each channel of protocol/ipc.ts does. Pages ask; the rules decide. */
export function pageHandlers(app: {
  readonly guard: Guard;
  readonly clock: Clock;
  readonly view: () => ViewModel;
  readonly enrollment: EnrollmentFlow;
  readonly link: PresenceGatewayLink;
  readonly codeDoor: { submit(typed: string): Promise<ActionResult> };
  readonly policyFiles: PolicyFiles;
  readonly policy: () => PolicyReading;
  readonly loginItem: LoginItem;
  readonly copyText: (text: string) => void;
  readonly exportRecord: () => Promise<ExportResult>;
  readonly mayChangeSettings: () => boolean;
  /** The files changed: read them again and tell everybody. */
  readonly reloadPolicy: () => Promise<void>;
}): PageHandlers {
  const { guard, clock, enrollment, link, policyFiles, loginItem } = app;
  const at = (): number => clock.monotonicNow();
  const settings = async (): Promise<SettingsView> => settingsView(app.policy(), await loginItem.read());
  const notWhileAway = (): ActionResult | null =>
    app.mayChangeSettings() ? null : refused('Approve on your phone first: settings change only while you are here.');

  return {
    'view.get': app.view,
    'action.lockNow': (_nothing, { page }) => {
      guard.dispatch({ type: 'user.lockNow', from: page === 'curtain' ? 'curtain' : 'status', at: at() });
      return DONE;
    },
    'action.askAgain': () => {
      if (!app.view().actions.askAgain) return refused('Your phone cannot be asked again now.');
      guard.dispatch({ type: 'user.retry', at: at() });
      return DONE;
    },
    'action.answer': ({ data }, { page }) => {
      if (page === 'enrollment') return enrollment.answer(data);
      const { state } = guard.current();
      const session = state.name === 'verifying' ? state.session : null;
      if (session?.prompt?.kind !== 'code') return refused('Nothing has to be typed now.');
      return link.answerSession(session.sessionId, data) ? DONE : refused('The gateway cannot be reached.');
    },
    'action.copyLink': (_nothing, { page }) => {
      if (page === 'enrollment') return enrollment.copyPrompt();
      const { prompt } = app.view();
      if (prompt?.kind !== 'link') return refused('There is no link now.');
      app.copyText(prompt.url);
      return DONE;
    },
    'action.offlineCode': ({ code }) => app.codeDoor.submit(code),
    'action.pause': ({ minutes }) => {
      if (!app.view().actions.pause) return refused('Guarding cannot be paused now.');
      guard.dispatch({ type: 'user.pause', minutes, at: at() });
      return DONE;
    },
    'history.export': app.exportRecord,
    'enrollment.get': () => enrollment.view(),
    'enrollment.useAccount': ({ account, displayName }) => enrollment.useAccount(account, displayName),
    'enrollment.sendSms': ({ phoneNumber }) => enrollment.sendSms(phoneNumber),
    'enrollment.addContact': ({ contact }) => enrollment.addContact(contact),
    'enrollment.newLink': () => enrollment.newLink(),
    'enrollment.copyLink': () => enrollment.copyLink(),
    'enrollment.openPhonePage': () => enrollment.openPhonePage(),
    'enrollment.test': () => enrollment.test(),
    'enrollment.finish': () => enrollment.finish(),
    'enrollment.lostDevice': () => enrollment.lostDevice(),
    'enrollment.remove': () => enrollment.remove(),
    'enrollment.back': () => enrollment.back(),
    'methods.refresh': () => enrollment.refreshMethods(),
    'methods.create': ({ methodId, settings }) => enrollment.createMethod(methodId, settings),
    'methods.confirm': ({ data }) => enrollment.confirmMethod(data),
    'methods.update': (change) => enrollment.updateMethod(change),
    'methods.delete': ({ configId }) => enrollment.deleteMethod(configId),
    'codes.open': () => enrollment.openCodes(),
    'codes.make': () => enrollment.makeCodes(),
    'codes.prove': ({ code }) => enrollment.proveCodes(code),
    'codes.copy': ({ what }) => enrollment.copyCodes(what),
    'settings.get': settings,
    'settings.set': async ({ key, value }) => {
      const refusal = notWhileAway();
      if (refusal !== null) return refusal;
      const edited = applySettingEdit(app.policy(), key, value);
      if (!edited.ok) return refused(edited.error);
      try {
        await policyFiles.writeUser(edited.value);
      } catch {
        return refused('The settings could not be written to disk. Nothing was changed.');
      }
      await app.reloadPolicy();
      return DONE;
    },
    'settings.setStartAtLogin': async ({ value }) => {
      const refusal = notWhileAway();
      if (refusal !== null) return refusal;
      try {
        await loginItem.set(value);
      } catch (error) {
        return refused(error instanceof Error ? error.message : 'The system refused.');
      }
      await app.reloadPolicy();
      return DONE;
    },
  };
}
