import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

vi.mock('electron', () => import('./fake-electron.ts'));

import { createLoginItem } from '../../main/electron/login-item.electron.ts';
import { autostartEntry, autostartFilePath } from '../../main/electron/xdg-autostart.ts';
import * as electron from './fake-electron.ts';

let home = '';
beforeEach(async () => {
  electron.forgetEverything();
  home = await mkdtemp(join(tmpdir(), 'home-'));
});
afterEach(async () => {
  await chmod(home, 0o700);
  await rm(home, { recursive: true, force: true });
});

const onLinux = (env: { APPIMAGE?: string; XDG_CONFIG_HOME?: string } = {}) =>
  createLoginItem({ platform: 'linux', env, homeDirectory: home, execPath: '/opt/Presence Locker/presence-locker' });

describe('start at login on Linux', () => {
  it('is an entry in the autostart folder that starts this program', async () => {
    const item = onLinux();
    expect(await item.read()).toMatchObject({ value: false, available: true });
    await item.set(true);
    const content = await readFile(join(home, '.config/autostart/presence-locker.desktop'), 'utf8');
    expect(content.split('\n')[0]).toBe('[Desktop Entry]');
    expect(content).toContain('\nExec="/opt/Presence Locker/presence-locker"\n');
    expect(content).toContain('\nType=Application\n');
    expect(await item.read()).toMatchObject({ value: true });
    expect(await readdir(join(home, '.config/autostart'))).toEqual(['presence-locker.desktop']);
  });

  it('ends with the entry, and removing it twice is no failure', async () => {
    const item = onLinux();
    await item.set(true);
    await item.set(false);
    await item.set(false);
    expect(await item.read()).toMatchObject({ value: false });
  });

  it('starts the AppImage itself, not the mount that vanishes with it', async () => {
    const item = onLinux({ APPIMAGE: '/home/me/Apps/Presence Locker.AppImage' });
    await item.set(true);
    const content = await readFile(join(home, '.config/autostart/presence-locker.desktop'), 'utf8');
    expect(content).toContain('Exec="/home/me/Apps/Presence Locker.AppImage"');
  });

  it('is shown as off when the entry starts another copy or was switched off', async () => {
    await onLinux({ APPIMAGE: '/old/place.AppImage' }).set(true);
    expect(await onLinux().read()).toMatchObject({ value: false, detail: expect.stringContaining('something else') });
    const path = join(home, '.config/autostart/presence-locker.desktop');
    await onLinux().set(true);
    await writeFile(path, `${await readFile(path, 'utf8')}Hidden=true\n`);
    expect(await onLinux().read()).toMatchObject({ value: false });
  });

  it('says so when the folder cannot be used', async () => {
    await writeFile(join(home, '.config'), 'a file where a folder should be');
    await expect(onLinux().set(true)).rejects.toThrow();
    await expect(onLinux().read()).rejects.toThrow();
  });

  it('leaves nothing unfinished behind when it cannot be replaced', async () => {
    await mkdir(join(home, '.config/autostart/presence-locker.desktop'), { recursive: true });
    await writeFile(join(home, '.config/autostart/presence-locker.desktop/in-the-way'), '');
    await expect(onLinux().set(true)).rejects.toThrow();
    expect(await readdir(join(home, '.config/autostart'))).toEqual(['presence-locker.desktop']);
  });

  it('is systemd’s where its unit is enabled: no second way of starting is made, and one that was there goes', async () => {
    const item = onLinux();
    await item.set(true);
    const wanted = join(home, '.config/systemd/user/graphical-session.target.wants');
    await mkdir(wanted, { recursive: true });
    await symlink('/usr/lib/systemd/user/presence-locker.service', join(wanted, 'presence-locker.service'));
    expect(await item.read()).toMatchObject({ value: true, detail: expect.stringContaining('systemd') });
    await item.set(true);
    expect(await readdir(join(home, '.config/autostart'))).toEqual([]);
    await expect(item.set(false)).rejects.toThrow('systemctl --user disable presence-locker.service');
    await rm(join(wanted, 'presence-locker.service'));
    expect(await item.read()).toMatchObject({ value: false });
  });

  it('follows XDG_CONFIG_HOME only when it is absolute', () => {
    expect(autostartFilePath({ XDG_CONFIG_HOME: '/cfg' }, '/home/me')).toBe('/cfg/autostart/presence-locker.desktop');
    expect(autostartFilePath({ XDG_CONFIG_HOME: 'cfg' }, '/home/me')).toBe(
      '/home/me/.config/autostart/presence-locker.desktop',
    );
  });

  it('quotes what the Exec key would interpret', () => {
    const line = autostartEntry(['/a b/$HOME "x" `y` \\z 100%'])
      .split('\n')
      .find((it) => it.startsWith('Exec='));
    expect(line).toBe('Exec="/a b/\\\\$HOME \\\\"x\\\\" \\\\`y\\\\` \\\\\\\\z 100%%"');
  });

  it('refuses a path that would begin another key', () => {
    expect(() => autostartEntry(['/x\nExec=evil'])).toThrow('cannot be written');
  });
});

describe('start at login elsewhere', () => {
  it('is left to the system on macOS and Windows', async () => {
    for (const platform of ['darwin', 'win32'] as const) {
      const item = createLoginItem({ platform, env: {}, homeDirectory: home, execPath: '/x' });
      await item.set(true);
      expect(await item.read()).toMatchObject({ value: true, available: true });
      await item.set(false);
    }
  });

  it('says so when the system does not accept it', async () => {
    const item = createLoginItem({ platform: 'win32', env: {}, homeDirectory: home, execPath: '/x' });
    vi.spyOn(electron.app, 'setLoginItemSettings').mockImplementation(() => undefined);
    await expect(item.set(true)).rejects.toThrow('did not accept');
    vi.restoreAllMocks();
  });

  it('is not offered where the app runs from its sources', async () => {
    electron.app.isPackaged = false;
    expect(await onLinux().read()).toMatchObject({ available: false });
    await expect(onLinux().set(true)).rejects.toThrow('installed');
  });
});
