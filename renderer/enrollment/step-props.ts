import type { PresenceLockerBridge } from '../../protocol/ipc.ts';
import type { EnrollmentView } from '../../protocol/view-model.ts';
import type { Received } from '../shared/published.ts';
import type { Action } from '../shared/use-action.ts';
import type { Draft } from './steps.ts';

export interface BodyProps extends Received<EnrollmentView> {
  readonly bridge: PresenceLockerBridge;
  readonly workstation: string;
  readonly draft: Draft | null;
  readonly setDraft: (draft: Draft | null) => void;
}

/** What a step needs besides its view. */
export interface StepProps extends BodyProps {
  readonly action: Action;
  readonly busy: boolean;
  /** How often a problem asked for another number: each time the SMS field opens and takes the focus. */
  readonly numberEdits: number;
}
