import type { JSX } from 'react';
import type { EnrollmentView, Mark as MarkName } from '../../protocol/view-model.ts';
import { Mark } from '../shared/mark.tsx';
import { TrialMark } from '../shared/trial-mark.tsx';
import { words } from '../shared/words.ts';
import type { Tab } from './enrollment-page.tsx';
import { isRenewingCodes, type RailStep, railSteps, type Step } from './steps.ts';

export interface RailProps {
  readonly tab: Tab;
  readonly onTab: (tab: Tab) => void;
  readonly view: EnrollmentView | null;
  readonly step: Step | null;
}

/** Where one is: the two sections, and in the first the steps on the way. */
export function Rail({ tab, onTab, view, step }: RailProps): JSX.Element {
  const inFlow = tab === 'phone' && view !== null && step !== null && step !== 'manage' && !isRenewingCodes(view);
  return (
    <div className="rail">
      <nav className="rail__tabs" aria-label={words.enrollment.sections}>
        <RailTab name="phone" tab={tab} onTab={onTab} title={words.enrollment.phoneTab} />
        {inFlow ? <Steps view={view} step={step} /> : null}
        <RailTab name="settings" tab={tab} onTab={onTab} title={words.enrollment.settingsTab} />
      </nav>
      {view?.trial === true ? <TrialMark /> : null}
    </div>
  );
}

function RailTab({ name, tab, onTab, title }: RailTabProps): JSX.Element {
  return (
    <button
      type="button"
      className="rail__tab"
      data-tab={name}
      {...(tab === name ? { 'aria-current': 'page' as const } : {})}
      onClick={() => onTab(name)}
    >
      {title}
    </button>
  );
}

interface RailTabProps {
  readonly name: Tab;
  readonly tab: Tab;
  readonly onTab: (tab: Tab) => void;
  readonly title: string;
}

function Steps({ view, step }: { readonly view: EnrollmentView; readonly step: Step }): JSX.Element {
  const steps = railSteps(view);
  const here = step === 'done' ? steps.length : placeOf(steps, step);
  return (
    <div className="rail__flow">
      {here < steps.length ? <p className="rail__of">{words.enrollment.stepOf(here + 1, steps.length)}</p> : null}
      <ol className="rail__steps" aria-label={words.enrollment.stepsLabel}>
        {steps.map((name, index) => (
          <RailStepItem key={name} name={name} place={index < here ? 'done' : index === here ? 'here' : 'ahead'} />
        ))}
      </ol>
    </div>
  );
}

/** -1 for a step that is not on the way (`manage`). */
function placeOf(steps: readonly Step[], step: Step): number {
  return steps.indexOf(step);
}

function RailStepItem({
  name,
  place,
}: {
  readonly name: RailStep;
  readonly place: 'done' | 'here' | 'ahead';
}): JSX.Element {
  const mark: MarkName = place === 'done' ? 'present' : place === 'here' ? 'verifying' : 'unenrolled';
  return (
    <li data-place={place} {...(place === 'here' ? { 'aria-current': 'step' as const } : {})}>
      <Mark name={mark} {...(place === 'done' ? { label: words.enrollment.stepDone } : {})} />
      <span>{words.enrollment.steps[name]}</span>
    </li>
  );
}
