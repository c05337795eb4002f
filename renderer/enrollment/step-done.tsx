import type { JSX } from 'react';
import { Button } from '../shared/button.tsx';
import { Ring } from '../shared/ring.tsx';
import { words } from '../shared/words.ts';
import { NoProximity } from './no-proximity.tsx';
import type { StepProps } from './step-props.ts';
import { StepTitle } from './step-title.tsx';

const text = words.enrollment.done;

/** The last step, before guarding starts and after. */
export function DoneStep({ bridge, view, action, busy }: StepProps): JSX.Element {
  const guarded = view.enrolledSinceWall !== null;
  return (
    <div className="done">
      <Ring mark="present" remaining={null} />
      <StepTitle title={guarded ? text.guarded : text.title} lead={guarded ? text.guardedText : text.lead} />
      <NoProximity view={view} />
      <div className="row">
        {guarded ? (
          <>
            <Button kind="main" busy={busy} onPress={() => void action.run(() => bridge.openWindow('status'))}>
              {text.openStatus}
            </Button>
            <Button kind="plain" busy={busy} onPress={() => void action.run(() => bridge.enrollment.back())}>
              {text.manage}
            </Button>
          </>
        ) : (
          <Button kind="main" busy={busy} onPress={() => void action.run(() => bridge.enrollment.finish())}>
            {text.start}
          </Button>
        )}
      </div>
    </div>
  );
}
