import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEnrollmentRecordFile, type EnrollmentRecord } from '../../main/settings/enrollment-record.ts';
import { me, temporaryFolder } from './temporary-folder.ts';

const embedded: EnrollmentRecord = {
  version: 1,
  mode: 'embedded',
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
    ['another version', { version: 2 }],
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
