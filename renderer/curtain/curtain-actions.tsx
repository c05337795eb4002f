import { type JSX, useState } from 'react';
import type { PresenceLockerBridge } from '../../protocol/ipc.ts';
import type { ViewModel } from '../../protocol/view-model.ts';
import { assertNever } from '../shared/assert-never.ts';
import { Button } from '../shared/button.tsx';
import type { Action } from '../shared/use-action.ts';
import { words } from '../shared/words.ts';

export type CurtainActionName = 'trialPhone' | 'copyLink' | 'askAgain' | 'recoveryCode' | 'backToPhone' | 'lockNow';

/** More choices than this are none. */
export const ACTIONS_AT_MOST = 3;

/** What goes first where there are too many. */
const DISPENSABLE: readonly CurtainActionName[] = ['askAgain', 'copyLink'];

/**
 * What is offered, first choice first. In a trial its phone comes first. Where there are too many, asking again goes, then the link: a
 * recovery code is only offered when the service cannot be reached, and a link can be scanned without being copied.
 */
export function curtainActions(view: ViewModel, recovering: boolean): readonly CurtainActionName[] {
  const { askAgain, recoveryCode, lockNow } = view.actions;
  const offered: CurtainActionName[] = [];
  if (view.trial && view.state === 'verifying' && !recovering) offered.push('trialPhone');
  if (view.prompt?.kind === 'link' && !recovering) offered.push('copyLink');
  if (recovering) offered.push('backToPhone');
  else if (askAgain) offered.push('askAgain');
  if (recoveryCode && !recovering) offered.push('recoveryCode');
  if (lockNow) offered.push('lockNow');
  const spare = DISPENSABLE.filter((name) => offered.includes(name)).slice(
    0,
    Math.max(0, offered.length - ACTIONS_AT_MOST),
  );
  return offered.filter((name) => !spare.includes(name));
}

export interface CurtainActionsProps {
  readonly bridge: PresenceLockerBridge;
  readonly view: ViewModel;
  readonly action: Action;
  readonly recovering: boolean;
  readonly setRecovering: (recovering: boolean) => void;
}

export function CurtainActions({
  bridge,
  view,
  action,
  recovering,
  setRecovering,
}: CurtainActionsProps): JSX.Element | null {
  // A new request has a new link, which has not been copied yet.
  const [copied, setCopied] = useState<string | null>(null);
  const shownLink = view.prompt?.kind === 'link' ? view.prompt.url : '';
  const offered = curtainActions(view, recovering);
  if (offered.length === 0) return null;
  // With a code to type, its own button is the main one; beside a link to scan there is nothing to press first.
  const main = recovering || view.prompt?.kind === 'code' ? undefined : offered.find((name) => mayBeMain(name, view));
  return (
    <div className="row curtain__actions">
      {offered.map((name) => (
        <Button
          key={name}
          busy={action.pending}
          onPress={() => press(name)}
          {...(name === main ? { kind: 'main' as const } : {})}
        >
          {name === 'copyLink' && copied === shownLink ? words.curtain.linkCopied : label(name, view)}
        </Button>
      ))}
    </div>
  );

  function press(name: CurtainActionName): void {
    switch (name) {
      case 'trialPhone':
        void action.run(() => bridge.enrollment.openPhonePage());
        return;
      case 'copyLink':
        void action.run(() => bridge.action.copyLink()).then((done) => setCopied(done ? shownLink : null));
        return;
      case 'askAgain':
        void action.run(() => bridge.action.askAgain());
        return;
      case 'recoveryCode':
        setRecovering(true);
        return;
      case 'backToPhone':
        setRecovering(false);
        return;
      case 'lockNow':
        void action.run(() => bridge.action.lockNow());
        return;
      default:
        assertNever(name);
    }
  }
}

const mayBeMain = (name: CurtainActionName, view: ViewModel): boolean =>
  view.prompt?.kind === 'link' ? name === 'trialPhone' : name !== 'lockNow';

function label(name: CurtainActionName, view: ViewModel): JSX.Element | string {
  switch (name) {
    case 'trialPhone':
      return words.openTrialPhone;
    case 'copyLink':
      return words.curtain.copyLink;
    case 'askAgain':
      return (
        <>
          {words.curtain.askAgain}{' '}
          <span className="button__more">{words.curtain.attemptsLeft(view.actions.attemptsLeft)}</span>
        </>
      );
    case 'recoveryCode':
      return words.curtain.useRecoveryCode;
    case 'backToPhone':
      return words.curtain.backToPhone;
    case 'lockNow':
      return words.lockNow;
    default:
      return assertNever(name);
  }
}
