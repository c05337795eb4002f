import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEnrollmentRecordFile, type EnrollmentRecord } from '../../main/settings/enrollment-record.ts';
import { me, temporaryFolder } from './temporary-folder.ts';

const embedded: EnrollmentRecord = {
  version: 2,
  mode: 'embedded',
  kind: 'activeconnect',
  trial: false,
  userId: 'AAAAAAAAAAAAAAAAAAAAAA',
  displayName: 'Ada',
  enrolledAtWall: 1_700_000_000_000,
  registered: true,
  profile: 'iampass',
  baseUrl: null,
  appId: 'app-1',
};

async function recordFile() {
  const folder = await temporaryFolder();
  const path = join(folder, 'enrollment.json');
  const put = (record: unknown) => writeFile(path, JSON.stringify(record), { mode: 0o600 });
  return { path, put, file: createEnrollmentRecordFile(folder, me) };
}

describe('enrollment record', () => {
  it('comes back as it was written, and is gone when removed', async () => {
    const { file } = await recordFile();
    expect((await file.read()).kind).toBe('absent');
    await file.write(embedded);
    expect(await file.read()).toMatchObject({ kind: 'valid', value: embedded });
    await file.remove();
    await file.remove();
    expect((await file.read()).kind).toBe('absent');
  });

  const ofOwnAccount = {
    mode: 'embedded',
    trial: false,
    version: 2,
    userId: embedded.userId,
    displayName: 'Ada',
    enrolledAtWall: null,
    registered: false,
  } as const;
  const others: readonly [string, EnrollmentRecord][] = [
    ['Authsignal', { ...ofOwnAccount, kind: 'authsignal', apiUrl: 'https://eu.api.authsignal.com/v1' }],
    [
      'WebCase 2factor',
      {
        ...ofOwnAccount,
        kind: 'wcd-2factor',
        baseUrl: 'https://login.example.org',
        prefix: '/2fa/',
        headerName: 'X-Session',
        headerTemplate: '{token}',
        outOfBandMethods: ['push'],
      },
    ],
  ];
  for (const [service, record] of others) {
    it(`of an account at ${service} comes back as it was written`, async () => {
      const { file } = await recordFile();
      await file.write(record);
      expect(await file.read()).toMatchObject({ kind: 'valid', value: record });
    });
  }

  /** Files as the first version wrote them, letter for letter. */
  const firstVersion: readonly [string, string, Partial<EnrollmentRecord>][] = [
    [
      'an own account',
      '{"version":1,"userId":"AAAAAAAAAAAAAAAAAAAAAA","displayName":"Ada","enrolledAtWall":1700000000000,"registered":true,"mode":"embedded","trial":false,"profile":"iampass","baseUrl":null,"appId":"app-1"}',
      embedded,
    ],
    [
      'a trial',
      '{"version":1,"userId":"AAAAAAAAAAAAAAAAAAAAAA","displayName":"Ada","enrolledAtWall":1700000000000,"registered":true,"mode":"trial","trial":true,"appId":"trial-app","simulatorPort":45678}',
      { version: 2, mode: 'trial', registered: true, simulatorPort: 45_678 },
    ],
    [
      'a shared gateway',
      '{"version":1,"userId":"AAAAAAAAAAAAAAAAAAAAAA","displayName":"Ada","enrolledAtWall":1700000000000,"registered":true,"mode":"shared","trial":false,"gatewayUrl":"wss://gateway.example.org/"}',
      { version: 2, mode: 'shared', registered: true, gatewayUrl: 'wss://gateway.example.org/' },
    ],
  ];
  for (const [account, text, expected] of firstVersion) {
    it(`of ${account}, written before there were kinds, still names the person`, async () => {
      const { file, path } = await recordFile();
      await writeFile(path, text, { mode: 0o600 });
      expect(await file.read()).toMatchObject({ kind: 'valid', value: expected });
    });
  }

  it('of the first version with a field that only the second one knows is refused', async () => {
    const { file, put } = await recordFile();
    await put({ ...embedded, version: 1 });
    expect((await file.read()).kind).toBe('invalid');
  });

  it('that is damaged is not the same as nobody enrolled', async () => {
    const { file, path } = await recordFile();
    await file.write(embedded);
    const whole = await readFile(path, 'utf8');
    await writeFile(path, whole.slice(0, whole.length / 2));
    expect((await file.read()).kind).toBe('invalid');
  });

  const refused: readonly [string, Record<string, unknown>][] = [
    ['a secret slipped in', { appSecret: 's' }],
    ['a real account marked as a trial', { trial: true }],
    ['a user id that is not our random token', { userId: 'ada.lovelace' }],
    ['a base URL that is no web address', { baseUrl: 'file:///etc/passwd' }],
    ['a name with control characters', { displayName: 'Ada\u001b[2J' }],
    ['another version', { version: 3 }],
    ['another kind of service', { kind: 'carrier-pigeon' }],
    ['fields of another kind of service', { kind: 'authsignal', apiUrl: null }],
    ['another mode', { mode: 'telepathy' }],
    ['a shared gateway’s field', { gatewayUrl: 'wss://x.example/' }],
  ];
  for (const [what, change] of refused) {
    it(`is refused with ${what}`, async () => {
      const { file, put } = await recordFile();
      await put({ ...embedded, ...change });
      expect((await file.read()).kind).toBe('invalid');
    });
  }
});
