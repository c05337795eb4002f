import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../main/core/audit-entry.ts';
import { historyEntry } from '../../main/core/history.ts';
import { notificationText } from '../../main/core/sentences.ts';
import { viewModel } from '../../main/core/view-model.ts';
import { createCodeDoor } from '../../main/offline/code-door.ts';
import type { CodeOutcome } from '../../main/offline/offline-codes.ts';
import { createUsageReport } from '../../main/offline/usage-report.ts';
import { createGuard, type Guard, type GuardStep } from '../../main/runtime/guard.ts';
import { DEFAULT_POLICY, type Policy } from '../../protocol/policy.ts';
import { recordingPorts } from '../fakes/effect-ports.ts';
import { CodeDesk, USER } from './code-desk.ts';

/** A guarded workstation: the real machine, the real verifier, everything around them written down. */
class Workstation {
  readonly desk: CodeDesk;
  readonly guard: Guard;
  readonly steps: GuardStep[] = [];
  readonly audit: AuditEntry[] = [];
  readonly told: string[] = [];
  policy: Policy = { ...DEFAULT_POLICY, offline: 'code' };
  /** Takes the place of the verifier's answer. */
  outcome: CodeOutcome | null = null;
  /** Done while the verifier is at work. */
  meanwhile: () => void = () => undefined;
  readonly door: ReturnType<typeof createCodeDoor>;
  reportFailures = 0;

  constructor(desk: CodeDesk) {
    this.desk = desk;
    const { ports } = recordingPorts(desk.time);
    this.guard = createGuard({
      runId: 'run',
      policy: () => this.policy,
      ports: () => ({
        ...ports,
        audit: { append: async (entry) => void this.audit.push(entry) },
        notifier: { ...ports.notifier, notify: async (kind) => void this.told.push(notificationText(kind).body) },
      }),
      onFault: (error) => {
        throw error;
      },
    });
    this.guard.subscribe((step) => this.steps.push(step));
    this.guard.subscribe(
      createUsageReport({
        codes: desk.codes,
        clock: desk.time,
        dispatch: this.guard.dispatch,
        onFailed: () => {
          this.reportFailures += 1;
        },
      }),
    );
    this.door = createCodeDoor({
      codes: {
        check: async (userId, typed) => {
          this.meanwhile();
          return this.outcome ?? (await desk.codes.check(userId, typed));
        },
      },
      machine: this.guard.current,
      policy: () => this.policy,
      clock: desk.time,
      dispatch: this.guard.dispatch,
    });
  }

  static async cutOff(): Promise<Workstation> {
    const workstation = new Workstation(await CodeDesk.withCodes());
    workstation.unlock();
    workstation.guard.dispatch({
      type: 'enrollment.changed',
      at: workstation.now,
      enrollment: { userId: USER, deviceId: 'device-a' },
    });
    return workstation;
  }

  get now(): number {
    return this.desk.time.monotonicNow();
  }
  get state(): string {
    return this.guard.current().state.name;
  }
  lock(): void {
    this.guard.dispatch({ type: 'os.locked', evidence: 'seen', at: this.now });
  }
  unlock(): void {
    this.guard.dispatch({ type: 'os.unlocked', evidence: 'seen', at: this.now });
  }
  /** The gateway is back, and the service has news of the phone. */
  networkReturns(): void {
    this.guard.dispatch({ type: 'gateway.up', approvableUnseen: true, at: this.now });
    const { state } = this.guard.current();
    const start = state.name === 'present' ? state.follow?.start : state.name === 'verifying' ? state.start : null;
    if (!start) throw new Error('the phone was not asked');
    const { requestId } = start;
    this.guard.dispatch({ type: 'session.started', at: this.now, requestId, sessionId: 's' });
    this.hear(1);
  }
  hear(seq: number): void {
    this.guard.dispatch({
      type: 'session.status',
      at: this.now,
      sessionId: 's',
      seq,
      status: 'pending',
      validForMs: 0,
      asOf: this.now,
    });
  }
  /** Lets everything that needs no time settle. */
  async settle(): Promise<void> {
    for (let round = 0; round < 10; round += 1) await new Promise((resolve) => setImmediate(resolve));
  }
  whatAudit(): string[] {
    return this.audit.map(({ what }) => what).filter((what) => what.startsWith('offline') || what === 'approved');
  }
  sentence = async (typed: string): Promise<string> => {
    const result = await this.door.submit(typed);
    return result.ok ? 'let in' : result.sentence;
  };
}

describe('a code typed on the curtain', () => {
  it('lets in while the gateway cannot be reached, and is on record', async () => {
    const workstation = await Workstation.cutOff();
    expect(await workstation.door.submit(workstation.desk.code(1))).toEqual({ ok: true });
    expect(workstation.state).toBe('present');
    expect(workstation.audit).toContainEqual({
      what: 'approved',
      proof: 'offline-code',
      evidence: 'recovery code accepted',
    });
  });

  it('typed before a lock and verified after it lets nobody in, and is on record as spent in vain', async () => {
    const workstation = await Workstation.cutOff();
    workstation.meanwhile = () => {
      workstation.lock();
      workstation.unlock();
    };
    expect(await workstation.sentence(workstation.desk.code(1))).toContain('came too late');
    expect(workstation.state).toBe('verifying');
    expect(workstation.audit).toContainEqual({
      what: 'offline-code-refused',
      codeKind: 'recovery',
      why: 'not-now',
      failures: 0,
    });
  });

  it('is not even looked at while the phone can be asked, so that it is not spent', async () => {
    const workstation = await Workstation.cutOff();
    workstation.guard.dispatch({ type: 'gateway.up', approvableUnseen: true, at: workstation.now });
    expect(await workstation.sentence(workstation.desk.code(1))).toBe(
      'Your phone can be asked, so a code is not accepted now.',
    );
    workstation.guard.dispatch({ type: 'gateway.down', reason: 'test', at: workstation.now });
    expect(await workstation.sentence(workstation.desk.code(1))).toBe('let in');
  });

  it('that was right when the network came back is too late: the phone decides again', async () => {
    const workstation = await Workstation.cutOff();
    workstation.meanwhile = () =>
      workstation.guard.dispatch({ type: 'gateway.up', approvableUnseen: true, at: workstation.now });
    expect(await workstation.sentence(workstation.desk.code(1))).toContain('came too late');
    expect(workstation.state).toBe('verifying');
  });

  it('counts for nothing where the policy does not allow codes, or nothing is covered', async () => {
    const workstation = await Workstation.cutOff();
    workstation.policy = DEFAULT_POLICY;
    expect(await workstation.sentence(workstation.desk.code(1))).toBe('Codes are not accepted on this computer.');
    workstation.policy = { ...DEFAULT_POLICY, offline: 'code' };
    workstation.lock();
    expect(await workstation.sentence(workstation.desk.code(1))).toBe('Nothing has to be typed now.');
    workstation.unlock();
    expect(await workstation.sentence(workstation.desk.code(1))).toBe('let in');
  });

  it('waits for the one before it', async () => {
    const workstation = await Workstation.cutOff();
    const first = workstation.sentence(workstation.desk.code(1));
    expect(await workstation.sentence(workstation.desk.code(2))).toBe('Another code is being checked.');
    expect(await first).toBe('let in');
  });

  it('that is wrong or used is on record with the count, and nothing made from it is', async () => {
    const workstation = await Workstation.cutOff();
    const wrong = workstation.desk.wrongDigits();
    await workstation.door.submit(wrong);
    await workstation.door.submit('0000-0000-0000-0000');
    expect(workstation.audit.filter(({ what }) => what === 'offline-code-refused')).toEqual([
      { what: 'offline-code-refused', codeKind: 'totp', why: 'wrong', failures: 1 },
      { what: 'offline-code-refused', codeKind: 'recovery', why: 'wrong', failures: 2 },
    ]);
  });
});

describe('each refusal has its sentence', () => {
  const outcomes: readonly (readonly [CodeOutcome, string])[] = [
    [{ kind: 'wrong', codeKind: 'totp', failures: 1, waitMs: 0 }, 'That code is wrong.'],
    [
      { kind: 'wrong', codeKind: 'recovery', failures: 4, waitMs: 60_000 },
      'That code is wrong. The next try is possible in 60 seconds.',
    ],
    [
      { kind: 'used', codeKind: 'totp', failures: 1, waitMs: 0 },
      'That code was used already. Wait for the app to show the next one.',
    ],
    [
      { kind: 'used', codeKind: 'recovery', failures: 3, waitMs: 30_000 },
      'That recovery code was used already. Each works once. The next try is possible in 30 seconds.',
    ],
    [{ kind: 'wait', waitMs: 28_001 }, 'Too many wrong codes. Wait 29 seconds, then try again.'],
    [{ kind: 'wait', waitMs: 1 }, 'Too many wrong codes. Wait 1 second, then try again.'],
    [{ kind: 'totp-off' }, 'Too many wrong codes: codes from an app are no longer accepted. Use a recovery code.'],
    [
      { kind: 'malformed' },
      'That is no code: a recovery code has 16 letters and digits, a code from an app has 6 digits.',
    ],
    [{ kind: 'none-made' }, 'No recovery codes were set up for this workstation.'],
    [{ kind: 'damaged' }, 'The stored codes cannot be read. New ones have to be made once your phone can be asked.'],
  ];
  it.each(outcomes)('%o', async (outcome, sentence) => {
    const workstation = await Workstation.cutOff();
    workstation.outcome = outcome;
    expect(await workstation.sentence('typed')).toBe(sentence);
    expect(workstation.state).toBe('verifying');
  });

  it.each([
    ['locked', 'The keychain is locked, so no code can be checked.'],
    ['timeout', 'The keychain does not answer, so no code can be checked.'],
    ['unavailable', 'The keychain cannot be used, so no code can be checked.'],
  ] as const)('a keychain that is %s', async (fault, sentence) => {
    const workstation = await Workstation.cutOff();
    workstation.desk.keychain.fault = fault;
    expect(await workstation.sentence(workstation.desk.code(1))).toBe(sentence);
  });
});

describe('what happened without the phone', () => {
  it('is told and recorded when the service answers again, once', async () => {
    const workstation = await Workstation.cutOff();
    await workstation.door.submit(workstation.desk.wrongDigits());
    await workstation.door.submit(workstation.desk.code(1));
    workstation.told.length = 0;
    workstation.networkReturns();
    await workstation.settle();
    expect(workstation.told.filter((text) => text.includes('let somebody in'))).toEqual([
      'A code let somebody in once, and a code was refused once. If that was not you, make new codes.',
    ]);
    expect(workstation.audit.at(-1)).toEqual({ what: 'offline-codes-reported', accepted: 1, refused: 1 });
    for (const seq of [2, 3, 4]) workstation.hear(seq);
    await workstation.settle();
    expect(workstation.whatAudit()).toEqual(['offline-code-refused', 'approved', 'offline-codes-reported']);
  });

  it('is told when somebody tried in vain, too', async () => {
    const workstation = await Workstation.cutOff();
    await workstation.door.submit('0000-0000-0000-0000');
    workstation.networkReturns();
    await workstation.settle();
    expect(workstation.told).toContain('A code was refused once. If that was not you, make new codes.');
  });

  it('is not told while the gateway is back and the service is not', async () => {
    const workstation = await Workstation.cutOff();
    await workstation.door.submit(workstation.desk.code(1));
    workstation.guard.dispatch({ type: 'gateway.up', approvableUnseen: true, at: workstation.now });
    await workstation.settle();
    expect(workstation.whatAudit()).toEqual(['approved']);
  });

  it('waits for a keychain that does not answer, without asking it at every poll', async () => {
    const workstation = await Workstation.cutOff();
    await workstation.door.submit(workstation.desk.code(1));
    workstation.desk.keychain.fault = 'timeout';
    workstation.networkReturns();
    await workstation.settle();
    for (const seq of [2, 3, 4]) workstation.hear(seq);
    await workstation.settle();
    expect(workstation.reportFailures).toBe(1);
    workstation.desk.keychain.fault = null;
    workstation.desk.time.pass(60_000);
    workstation.hear(5);
    await workstation.settle();
    expect(workstation.whatAudit()).toEqual(['approved', 'offline-codes-reported']);
  });
});

it('no code, no digit and no hash of one is in an event, the record, the history, a notification or the view', async () => {
  const workstation = await Workstation.cutOff();
  const { desk } = workstation;
  const wrong = desk.wrongDigits();
  const digits = desk.app();
  await workstation.door.submit(wrong);
  await workstation.door.submit(digits);
  workstation.lock();
  workstation.unlock();
  await workstation.door.submit(digits);
  await workstation.door.submit(desk.code(1));
  workstation.networkReturns();
  await workstation.settle();
  const history = workstation.audit.map((entry) =>
    historyEntry(entry, 0, { policy: workstation.policy, settingTitle: (setting) => setting }),
  );
  const facts = {
    workstation: 'DESK-0412',
    capabilities: null,
    via: 'this computer',
    trial: false,
    disabledSinceWall: null,
    problem: null,
    recoveryCodes: true,
    withoutGateway: null,
    history: history.filter((entry) => entry !== null),
  };
  const now = { monotonicMs: workstation.now, wallMs: desk.time.wallNow() };
  const view = viewModel(workstation.guard.current(), workstation.policy, facts, now);
  const shown = JSON.stringify([workstation.steps, workstation.audit, workstation.told, history, view]);
  const [book = ''] = desk.keychain.entries.values();
  const { totpSecret, salt, unused, used } = JSON.parse(book);
  const plain = desk.recovery.map((code) => code.replaceAll('-', ''));
  for (const secret of [...desk.recovery, ...plain, totpSecret, salt, ...unused, ...used])
    expect(shown).not.toContain(secret);
  for (const code of [wrong, digits]) expect(shown).not.toMatch(new RegExp(`(?<!\\d)${code}(?!\\d)`));
});
