import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CliIo, isCliCommand, runCli } from '../../main/cli.ts';
import { createEnrollmentRecordFile } from '../../main/settings/enrollment-record.ts';
import { me, temporaryFolder } from './temporary-folder.ts';

const WALL = 1_700_000_000_000;

async function consoleOf(options: { readonly enrolled?: boolean; readonly machinePolicy?: string } = {}) {
  const home = await temporaryFolder();
  const machinePolicyFile = join(await temporaryFolder(), 'policy.json');
  if (options.machinePolicy !== undefined) await writeFile(machinePolicyFile, options.machinePolicy, { mode: 0o600 });
  const folder = join(home, '.config', 'presence-locker');
  if (options.enrolled !== false) {
    await createEnrollmentRecordFile(folder, me).write({
      version: 2,
      mode: 'trial',
      trial: true,
      userId: 'AAAAAAAAAAAAAAAAAAAAAA',
      displayName: 'Ada',
      enrolledAtWall: WALL,
      registered: true,
      appId: 'a',
      simulatorPort: 4_000,
    });
  }
  const out: string[] = [];
  const errors: string[] = [];
  const io: CliIo = {
    platform: 'linux',
    env: {},
    homeDirectory: home,
    print: (text) => out.push(text),
    printError: (text) => errors.push(text),
    uid: me?.uid ?? null,
    wallNow: () => WALL,
    machinePolicyFile,
    administrator: me,
  };
  const run = async (...argv: string[]) => {
    out.length = 0;
    errors.length = 0;
    const code = await runCli(argv, io);
    return { code, out: out.join(''), errors: errors.join('') };
  };
  const marker = join(folder, 'guarding-off.json');
  const markerExists = () =>
    stat(marker).then(
      () => true,
      () => false,
    );
  return { run, io, folder, marker, markerExists, errors };
}

describe('presence-locker disable', () => {
  it('leaves the marker with time and user, and says so', async () => {
    const { run, marker } = await consoleOf();
    expect(await run('disable')).toMatchObject({ code: 0, out: expect.stringContaining('Guarding is off') });
    expect(JSON.parse(await readFile(marker, 'utf8'))).toEqual({ sinceWall: WALL, by: me?.uid ?? null });
  });

  it('keeps the time of the first when it is off already', async () => {
    const { run, marker } = await consoleOf();
    await run('disable');
    const before = await readFile(marker, 'utf8');
    expect(await run('disable')).toMatchObject({ code: 0, out: expect.stringContaining('since 2023-') });
    expect(await readFile(marker, 'utf8')).toBe(before);
  });

  it('is refused where the machine’s policy forbids it', async () => {
    const { run, markerExists } = await consoleOf({ machinePolicy: '{"allowDisable":false}' });
    expect(await run('disable')).toMatchObject({ code: 1, errors: expect.stringContaining('policy of this computer') });
    expect(await markerExists()).toBe(false);
  });

  it('is refused where the machine’s policy exists and cannot be read, naming the file to repair', async () => {
    const { run, markerExists } = await consoleOf({ machinePolicy: '{"allowDisable":fal' });
    expect(await run('disable')).toMatchObject({ code: 1, errors: expect.stringContaining('not complete JSON') });
    expect(await markerExists()).toBe(false);
  });

  it('is refused where the gateway forbade it, also while the gateway is away', async () => {
    const { run, folder } = await consoleOf();
    await writeFile(join(folder, 'gateway-policy.json'), '{"allowDisable":false}', { mode: 0o600 });
    expect(await run('disable')).toMatchObject({ code: 1, errors: expect.stringContaining('gateway') });
  });

  it('works when the enrollment record is broken: that is what it is for', async () => {
    const { run, folder, markerExists } = await consoleOf();
    await writeFile(join(folder, 'enrollment.json'), '{', { mode: 0o600 });
    expect((await run('disable')).code).toBe(0);
    expect(await markerExists()).toBe(true);
  });

  it('says where it looked when nobody is enrolled, and leaves nothing', async () => {
    const { run, folder, markerExists } = await consoleOf({ enrolled: false });
    expect(await run('disable')).toMatchObject({ code: 1, errors: expect.stringContaining(folder) });
    expect(await markerExists()).toBe(false);
  });

  it.skipIf(me === null)('is refused to another user, root too', async () => {
    const { io, errors, markerExists } = await consoleOf();
    expect(await runCli(['disable'], { ...io, uid: (me?.uid ?? 0) + 1 })).toBe(1);
    expect(errors.join('')).toContain('another user');
    expect(await markerExists()).toBe(false);
  });

  it('says so when the marker cannot be written', async () => {
    const { run, marker } = await consoleOf();
    await mkdir(join(marker, 'in-the-way'), { recursive: true });
    expect(await run('disable')).toMatchObject({ code: 3, errors: expect.stringContaining('could not be written') });
  });
});

describe('presence-locker enable', () => {
  it('removes the marker', async () => {
    const { run, markerExists } = await consoleOf();
    await run('disable');
    expect(await run('enable')).toMatchObject({ code: 0, out: expect.stringContaining('on again') });
    expect(await markerExists()).toBe(false);
    expect(await run('enable')).toMatchObject({ code: 0, out: expect.stringContaining('already') });
  });

  it('works where the policy forbids disabling', async () => {
    const { run } = await consoleOf({ machinePolicy: '{"allowDisable":false}' });
    expect((await run('enable')).code).toBe(0);
  });
});

describe('presence-locker status', () => {
  it('tells a person', async () => {
    const { run } = await consoleOf();
    const { code, out } = await run('status');
    expect(code).toBe(0);
    expect(out).toContain('A phone is enrolled (trial).\nGuarding is on. It can be switched off here.\n');
  });

  it('tells a program', async () => {
    const { run, folder } = await consoleOf();
    await run('disable');
    expect(JSON.parse((await run('status', '--json')).out)).toEqual({
      folder,
      enrolled: true,
      mode: 'trial',
      trial: true,
      guarding: false,
      disabledSinceWall: WALL,
      disableAllowed: true,
      problems: [],
    });
  });

  it('names what is broken', async () => {
    const { run, folder } = await consoleOf();
    await writeFile(join(folder, 'enrollment.json'), '{', { mode: 0o600 });
    await writeFile(join(folder, 'guarding-off.json'), '{', { mode: 0o600 });
    const { out } = await run('status');
    expect(out).toContain('the record cannot be read');
    expect(out).toContain('guarding-off.json');
    expect(JSON.parse((await run('status', '--json')).out)).toMatchObject({ enrolled: true, guarding: true });
  });

  it('says that nobody is enrolled', async () => {
    const { run } = await consoleOf({ enrolled: false });
    expect((await run('status')).out).toContain('Nobody is enrolled.');
  });

  it('looks into the folder it is given', async () => {
    const { run } = await consoleOf({ enrolled: false });
    const other = await temporaryFolder();
    expect(JSON.parse((await run('status', `--user-data-dir=${other}`, '--json')).out)).toMatchObject({
      folder: other,
    });
  });
});

describe('the command line', () => {
  it('knows its commands', () => {
    expect(['disable', 'enable', 'status', 'help', '--help', '-h'].every((word) => isCliCommand([word]))).toBe(true);
    expect([[], ['start'], ['--type=renderer'], ['constructor']].some((argv) => isCliCommand(argv))).toBe(false);
  });
  it('explains itself', async () => {
    const { run } = await consoleOf();
    expect(await run('help')).toMatchObject({ code: 0, out: expect.stringContaining('presence-locker <command>') });
  });
  it.each([['disable', '--force'], ['disable', '--json'], ['frobnicate'], ['status', '--user-data-dir=']])(
    'refuses %j %j with exit code 2',
    async (...argv) => {
      const { run, markerExists } = await consoleOf();
      expect(await run(...argv)).toMatchObject({
        code: 2,
        errors: expect.stringContaining(`Not understood: ${argv[0]}`),
      });
      expect(await markerExists()).toBe(false);
    },
  );
});
