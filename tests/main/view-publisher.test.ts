import { expect, it } from 'vitest';
import { createGuard } from '../../main/runtime/guard.ts';
import { ViewPublisher } from '../../main/view-publisher.ts';
import { DEFAULT_POLICY } from '../../protocol/policy.ts';
import type { ViewModel } from '../../protocol/view-model.ts';
import { recordingPorts } from '../fakes/effect-ports.ts';

it('tells what is only recorded, and nothing at a tick at which nothing happens', () => {
  const { ports, time } = recordingPorts();
  const guard = createGuard({
    runId: 'run',
    policy: () => DEFAULT_POLICY,
    ports: () => ports,
    onFault: (error) => {
      throw error;
    },
  });
  const published: ViewModel[] = [];
  new ViewPublisher(
    { guard, clock: time, policy: () => DEFAULT_POLICY, publish: (view) => published.push(view) },
    {
      workstation: 'DESK-0412',
      capabilities: null,
      via: 'this computer',
      trial: false,
      disabledSinceWall: null,
      problem: null,
      recoveryCodes: false,
      withoutGateway: null,
    },
    [],
  );
  guard.dispatch({ type: 'timer.fired', at: time.monotonicNow() });
  expect(published).toEqual([]);
  guard.dispatch({
    type: 'offlineCode.noted',
    at: time.monotonicNow(),
    note: { what: 'offline-code-refused', codeKind: 'totp', why: 'wrong', failures: 1 },
  });
  expect(published.at(-1)?.history.map(({ title }) => title)).toEqual(['A wrong code was typed']);
});
