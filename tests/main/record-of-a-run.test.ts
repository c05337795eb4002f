import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { NODE_DISK, type RecordDisk } from '../../main/audit/record-disk.ts';
import { createRecordFile } from '../../main/audit/record-file.ts';
import { verifyRecord } from '../../main/audit/verify-record.ts';
import { historyEntry } from '../../main/core/history.ts';
import { effectivePolicy } from '../../main/core/policy.ts';
import { PersonalNames } from '../../main/personal-names.ts';
import { exportRecord } from '../../main/record-export.ts';
import { FAULT_RECORD_INTERVAL_MS, RecordKeeping } from '../../main/record-keeping.ts';
import { createGuard } from '../../main/runtime/guard.ts';
import { titleOfSetting } from '../../main/settings/setting-descriptions.ts';
import { DEFAULT_POLICY, type PolicyOverride } from '../../protocol/policy.ts';
import type { Draft } from '../core/story.ts';
import { recordingPorts } from '../fakes/effect-ports.ts';

/** Whom the record must not know. */
const PERSON = {
  userId: 'Zk3v9QpLr7TnXw2bYc8dFg',
  deviceId: 'dev-5f2a9c417be0',
  displayName: 'Ada’s ThinkPad',
  phoneNumber: '+44 1632 960961',
  home: '/home/ada.lovelace',
} as const;
const SESSION_ID = 'session-81b2c7d4';

const layers = (user: PolicyOverride) => effectivePolicy({ user, machine: {}, gateway: {} });

/** The guard with every port faked but the record, which is the real one on a real disk. */
async function running(disk?: RecordDisk) {
  const folder = await mkdtemp(join(tmpdir(), 'presence-locker-run-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'app', 'record.jsonl');
  const names = new PersonalNames(PERSON.deviceId, PERSON.home);
  names.enrolled({
    version: 2,
    mode: 'trial',
    trial: true,
    userId: PERSON.userId,
    displayName: PERSON.displayName,
    enrolledAtWall: null,
    registered: true,
    appId: 'a',
    simulatorPort: 4_000,
  });
  const record = createRecordFile(path, { personal: () => names.data(), ...(disk === undefined ? {} : { disk }) });
  const recorded = recordingPorts();
  let policy = () => DEFAULT_POLICY;
  const guard = createGuard({
    runId: 'run',
    policy: () => policy(),
    ports: () => ({ ...recorded.ports, audit: record }),
    onFault: () => keeping.ruleFailed(),
  });
  const log = pino({ level: 'silent' });
  const keeping = new RecordKeeping({ record, guard, clock: recorded.time, log, onTold: () => undefined });
  const tell = (draft: Draft): void => guard.dispatch({ ...draft, at: recorded.time.monotonicNow() });
  const status = (seq: number, word: 'active' | 'closed' | 'walkaway', reason?: string): void =>
    tell({
      type: 'session.status',
      sessionId: SESSION_ID,
      seq,
      status: word,
      validForMs: 15_000,
      asOf: recorded.time.monotonicNow(),
      ...(reason === undefined ? {} : { reason }),
    });
  let starts = 0;
  const approve = (): void => {
    tell({ type: 'gateway.up', approvableUnseen: true });
    tell({ type: 'os.unlocked', evidence: 'logind LockedHint=false' });
    const enrollment = { userId: PERSON.userId, deviceId: PERSON.deviceId };
    tell({ type: 'enrollment.changed', enrollment });
    starts += 1;
    tell({ type: 'session.started', requestId: `run.${starts}`, sessionId: SESSION_ID });
    status(1, 'active');
  };
  const breakRules = () => {
    policy = () => {
      throw new Error('broken rule');
    };
  };
  return { ...recorded, folder, path, record, guard, keeping, tell, status, approve, breakRules, names };
}

describe('the record of a run', () => {
  it('names nobody, whatever services, gateways and error messages quote', async () => {
    const { path, record, keeping, tell, status, approve, time, failOn } = await running();
    const everything = Object.values(PERSON).join(' and ');
    await keeping.started('1.0.0', layers({ walkawayGraceMs: 5_000 }), []);
    approve();
    failOn('notify leaving', `cannot tell ${everything}`);
    status(2, 'walkaway', `phone of ${everything}`);
    await vi.waitFor(async () => expect(await readFile(path, 'utf8')).toContain('effect-failed'));
    status(3, 'active', `back: ${PERSON.displayName}`);
    status(4, 'closed', everything);
    tell({ type: 'os.locked', evidence: `${PERSON.home}/bin/locker covers the screen` });
    approve();
    tell({ type: 'gateway.lockCommand', reason: `asked for by ${PERSON.userId}, call ${PERSON.phoneNumber}` });
    tell({ type: 'os.locked', evidence: 'seen' });
    tell({ type: 'os.unlocked', evidence: 'seen' });
    tell({ type: 'session.refused', requestId: 'run.3', code: PERSON.userId, retryable: false });
    tell({ type: 'curtain.lost', reason: `EACCES, open '${PERSON.home}/.config/x'` });
    tell({ type: 'enrollment.changed', enrollment: null });
    tell({ type: 'os.locked', evidence: `seen by ${PERSON.deviceId}` });
    await keeping.policyChanged(layers({}), layers({ leaseMs: 5_000 }));
    await keeping.switched(time.wallNow(), 'from a console');
    await keeping.stopped('asked to quit');

    const text = await readFile(path, 'utf8');
    for (const word of [...Object.values(PERSON), SESSION_ID, '1632', 'lovelace']) expect(text).not.toContain(word);
    const kinds = new Set((await record.recent()).map(({ entry }) => entry.what));
    for (const kind of ['approved', 'lock-requested', 'lock-observed', 'unenrolled', 'policy-changed', 'returned'])
      expect(kinds).toContain(kind);
    expect(text).toContain('service said closed');
    expect(await verifyRecord(path)).toMatchObject({ ok: true, losses: [] });
  });

  it('tells of each lock the cause, and what was known', async () => {
    const { record, path, status, approve, time } = await running();
    approve();
    time.pass(4_000);
    status(2, 'closed');
    const { entry } = (await record.recent()).find((line) => line.entry.what === 'lock-requested') ?? {};
    expect(entry).toMatchObject({ cause: 'session-closed', evidence: 'service said closed' });
    const line = (await readFile(path, 'utf8')).split('\n').find((text) => text.includes('"lock-requested"'));
    expect(JSON.parse(line ?? '')).toMatchObject({
      situation: { state: 'present', status: 'closed', leaseLeftMs: 11_000, socket: 'up' },
    });
  });

  it('tells of settings, of guarding switched off and on, and of an end without a word', async () => {
    const { record, keeping, folder } = await running();
    await keeping.started('1.0.0', layers({}), await record.recent());
    await keeping.policyChanged(layers({}), layers({ walkawayGraceMs: 5_000, offline: 'code' }));
    await keeping.policyChanged(layers({}), layers({}));
    await keeping.switched(5, 'from a console');
    await keeping.switched(null, 'from a console');
    await keeping.started('1.0.0', layers({ leaseMs: 5_000 }), await record.recent());
    await keeping.stopped('asked to quit');
    await keeping.started('1.0.0', layers({}), await record.recent());
    const told = (await record.recent()).map(({ entry }) => entry).slice(1);
    expect(told).toEqual([
      { what: 'app-started', version: '1.0.0', endedWell: null, settings: [] },
      {
        what: 'policy-changed',
        changes: [
          { setting: 'walkawayGraceMs', from: 10_000, to: 5_000, source: 'user' },
          { setting: 'offline', from: 'lock', to: 'code', source: 'user' },
        ],
      },
      { what: 'guarding-disabled', sinceWall: 5, evidence: 'from a console' },
      { what: 'guarding-enabled', evidence: 'from a console' },
      {
        what: 'app-started',
        version: '1.0.0',
        endedWell: false,
        settings: expect.arrayContaining([{ setting: 'leaseMs', value: 5_000, source: 'user' }]),
      },
      { what: 'app-stopped', evidence: 'asked to quit' },
      { what: 'app-started', version: '1.0.0', endedWell: true, settings: [] },
    ]);
    const words = { policy: DEFAULT_POLICY, settingTitle: titleOfSetting };
    const changed = told.find(({ what }) => what === 'policy-changed');
    expect(changed && historyEntry(changed, 1, words)?.detail).toBe('“Time to come back”, “Without a connection”');
    expect(await readdir(join(folder, 'app'))).toEqual(['record.jsonl']);
  });

  it('tells of a lock that a broken rule led to, but not at every tick', async () => {
    const { record, tell, approve, breakRules, time } = await running();
    approve();
    breakRules();
    tell({ type: 'os.activity' });
    tell({ type: 'os.activity' });
    time.sleep(FAULT_RECORD_INTERVAL_MS);
    tell({ type: 'os.activity' });
    const faults = (await record.recent()).filter(({ entry }) => 'cause' in entry && entry.cause === 'fault');
    expect(faults).toHaveLength(2);
  });
});

describe('a full disk', () => {
  const fullDisk = (full: { now: boolean }): RecordDisk => ({
    ...NODE_DISK,
    async putEnd(path, bytes, position) {
      if (full.now) throw new Error('ENOSPC: no space left on device, write');
      await NODE_DISK.putEnd(path, bytes, position);
    },
  });

  it('stops no guarding, is told to the person once, and is in the record afterwards', async () => {
    const full = { now: true };
    const { record, guard, calls, approve, status, tell, path } = await running(fullDisk(full));
    approve();
    await vi.waitFor(() => expect(calls).toContain('notify problem'));
    expect(guard.current().state.name).toBe('present');
    status(2, 'closed');
    expect(calls).toContain('requestLock 0');
    tell({ type: 'os.locked', evidence: 'seen' });
    expect(await record.recent()).toEqual([]);
    expect(calls.filter((call) => call === 'notify problem')).toHaveLength(1);
    full.now = false;
    tell({ type: 'os.unlocked', evidence: 'seen' });
    const kinds = (await record.recent()).map(({ entry }) => entry.what);
    expect(kinds.slice(0, 3)).toEqual(['record-begun', 'record-recovered', 'os-unlocked']);
    expect((await verifyRecord(path)).losses[0]?.lostEntries).toBeGreaterThan(3);
  });

  it('does not go round in circles when notifications fail too', async () => {
    const { calls, record, approve, failOn } = await running(fullDisk({ now: true }));
    failOn('notify problem', 'no notifications here');
    approve();
    await vi.waitFor(() => expect(calls).toContain('notify problem'));
    const before = calls.length;
    for (let turn = 0; turn < 20; turn += 1) await record.recent();
    expect(calls.length).toBe(before);
  });
});

describe('a copy of the record', () => {
  const copied = async (over: Partial<Parameters<typeof exportRecord>[0]> = {}) => {
    const run = await running();
    run.approve();
    const target = join(run.folder, 'copy.jsonl');
    const { record, keeping, guard, time } = run;
    const asked: string[] = [];
    const result = await exportRecord({
      record,
      keeping,
      ask: async (name) => {
        asked.push(name);
        return target;
      },
      state: () => guard.current().state.name,
      wallNow: () => time.wallNow(),
      ...over,
    });
    return { ...run, result, target, asked };
  };

  it('is saved where the person chose, verifies, and is recorded without its place', async () => {
    const { result, target, asked, record, path } = await copied();
    expect(asked).toEqual([expect.stringMatching(/^presence-locker-record-\d{4}-\d\d-\d\d\.jsonl$/)]);
    expect(result).toEqual({ ok: true, savedAs: target });
    expect((await verifyRecord(target)).ok).toBe(true);
    expect((await record.recent()).at(-1)?.entry).toEqual({ what: 'record-copied' });
    expect(await readFile(path, 'utf8')).not.toContain('copy.jsonl');
  });

  it('is nothing when the person chose nowhere', async () => {
    const { result, record } = await copied({ ask: async () => null });
    expect(result).toEqual({ ok: true, savedAs: null });
    expect((await record.recent()).at(-1)?.entry.what).not.toBe('record-copied');
  });

  it.each(['verifying', 'locked', 'locking', 'unlocking'] as const)(
    'is refused while %s: a dialog could stand above the cover',
    async (state) => {
      const { result, asked } = await copied({ state: () => state });
      expect(result).toMatchObject({ ok: false });
      expect(asked).toEqual([]);
    },
  );

  it('says why it could not be saved, without a stack or a code alone', async () => {
    const { result } = await copied({ ask: async () => '/nowhere/at/all/copy.jsonl' });
    expect(result).toEqual({
      ok: false,
      sentence: 'The copy could not be saved there (ENOENT). Choose another place.',
    });
  });
});
