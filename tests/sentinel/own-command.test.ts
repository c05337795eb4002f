import { describe, expect, it } from 'vitest';
import { ownCommand } from '../../main/sentinel/own-command.ts';

const INSTALLED = {
  platform: 'linux',
  execPath: '/opt/Presence Locker/presence-locker-app',
  execArgv: [],
  argv: ['/opt/Presence Locker/presence-locker-app', '--user-data-dir=/home/me/x'],
  env: {},
  fromSources: false,
} as const;

describe('how the program starts itself again', () => {
  it('is its own executable with its own switches and the role', () => {
    expect(ownCommand(INSTALLED, 'watched')).toEqual({
      program: INSTALLED.execPath,
      args: ['--user-data-dir=/home/me/x', '--watched'],
    });
  });

  it('shows nothing as the sentinel on Linux', () => {
    expect(ownCommand(INSTALLED, 'sentinel').args).toEqual([
      '--user-data-dir=/home/me/x',
      '--sentinel',
      '--ozone-platform=headless',
      '--disable-gpu',
    ]);
    expect(ownCommand({ ...INSTALLED, platform: 'darwin' }, 'sentinel').args.at(-1)).toBe('--sentinel');
  });

  it('leaves out the roles of the process that starts it, and keeps who starts main again', () => {
    const sentinel = ownCommand({ ...INSTALLED, argv: [...INSTALLED.argv, '--restarted-by=systemd'] }, 'sentinel');
    const main = ownCommand({ ...INSTALLED, argv: [INSTALLED.execPath, ...sentinel.args] }, 'watched');
    expect(main.args).toEqual(['--user-data-dir=/home/me/x', '--restarted-by=systemd', '--watched']);
    expect(ownCommand({ ...INSTALLED, argv: [INSTALLED.execPath, ...main.args] }, 'sentinel').args).toEqual(
      sentinel.args,
    );
  });

  it('is the AppImage and not the mount that vanishes with the process', () => {
    const env = { APPIMAGE: '/home/me/Presence-Locker.AppImage' };
    expect(ownCommand({ ...INSTALLED, env }, 'watched').program).toBe(env.APPIMAGE);
    // Somebody else's AppImage in whose terminal the app is run from its sources.
    expect(ownCommand({ ...INSTALLED, env, fromSources: true }, 'watched').program).toBe(INSTALLED.execPath);
  });

  it('repeats what runs the app from its sources', () => {
    const own = {
      ...INSTALLED,
      fromSources: true,
      execPath: '/node',
      execArgv: ['/host.ts', '--app'],
      argv: ['/node', '/app'],
    };
    expect(ownCommand(own, 'watched')).toEqual({ program: '/node', args: ['/host.ts', '--app', '/app', '--watched'] });
  });
});
