import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { EnrollmentView } from '../protocol/view-model.ts';
import type { RecordedEntry } from './audit/record-file.ts';
import type { Clock } from './core/ports.ts';
import type { Shell } from './electron/shell.electron.ts';
import type { PolicyInForce } from './policy-in-force.ts';
import type { SessionGuard } from './session-guard.ts';
import { settingsView } from './settings/settings-view.ts';
import type { ShownProblem, StandingProblems } from './standing-problems.ts';
import { ViewPublisher } from './view-publisher.ts';
import type { WhoIsGuarded } from './who-is-guarded.ts';

/** What pages and tray are told, from every place where it comes from. */
export interface WhatIsShown {
  readonly views: ViewPublisher;
  /** What a changed policy or setting of the system changes in the pages. */
  settingsChanged(): void;
}

/** @param options.recorded what happened before this process, newest last. */
export function joinPages(options: {
  readonly shell: Pick<Shell, 'publish' | 'loginItem'>;
  readonly session: Pick<SessionGuard, 'guard' | 'link'>;
  readonly who: Pick<WhoIsGuarded, 'enrollment' | 'gate' | 'workstationName'>;
  readonly inForce: PolicyInForce;
  readonly problems: StandingProblems;
  readonly recorded: readonly RecordedEntry[];
  readonly clock: Clock;
  readonly log: Logger;
}): WhatIsShown {
  const { shell, session, inForce, problems, clock, log } = options;
  const { enrollment, gate, workstationName } = options.who;
  const views = new ViewPublisher(
    { guard: session.guard, clock, policy: inForce.policy, publish: (view) => shell.publish.view(view) },
    {
      workstation: hostname(),
      capabilities: null,
      via: 'this computer',
      trial: false,
      disabledSinceWall: gate.offSinceWall,
      problem: problems.foremost(),
      recoveryCodes: false,
      withoutGateway: null,
    },
    options.recorded,
  );
  problems.follow((problem) => views.update({ problem }));
  session.link.onReady((capabilities) => views.update({ capabilities }));
  enrollment.onChange((view) => {
    const kept = enrollment.record();
    views.update({
      workstation: workstationName(),
      trial: view.trial,
      via: kept?.mode === 'shared' ? new URL(kept.gatewayUrl).host : 'this computer',
      recoveryCodes: view.codes.left !== null,
    });
    // While it is tried again nothing new is known.
    if (!view.busy) views.update({ withoutGateway: view.service === null ? whyWithoutGateway(view.problem) : null });
    shell.publish.enrollment(view);
  });
  return {
    views,
    settingsChanged() {
      // Whether codes must be made is the policy's word.
      shell.publish.enrollment(enrollment.view());
      shell.loginItem
        .read()
        .then((startAtLogin) => shell.publish.settings(settingsView(inForce.reading, startAtLogin)))
        .catch((error: unknown) => log.error({ err: error }, 'the settings could not be shown'));
    },
  };
}

const whyWithoutGateway = (problem: EnrollmentView['problem']): ShownProblem | null =>
  problem === null ? null : { code: problem.code, title: problem.title, detail: problem.detail };
