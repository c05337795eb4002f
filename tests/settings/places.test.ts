import { describe, expect, it } from 'vitest';
import { embeddedGatewaySocket, machinePolicyFile, userDataDirectory } from '../../main/settings/places.ts';

const linux = { platform: 'linux', env: {}, homeDirectory: '/home/ada' } as const;

describe('user data folder', () => {
  it.each([
    ['Linux', linux, '/home/ada/.config/presence-locker'],
    ['Linux with XDG', { ...linux, env: { XDG_CONFIG_HOME: '/x' } }, '/x/presence-locker'],
    ['Linux with a relative XDG', { ...linux, env: { XDG_CONFIG_HOME: 'x' } }, '/home/ada/.config/presence-locker'],
    ['macOS', { ...linux, platform: 'darwin' }, '/home/ada/Library/Application Support/presence-locker'],
    ['Windows', { platform: 'win32', env: { APPDATA: 'C:\\A' }, homeDirectory: 'C:\\U' }, 'C:\\A\\presence-locker'],
  ] as const)('is the one Electron uses on %s', (_os, surroundings, expected) => {
    expect(userDataDirectory(surroundings)).toBe(expected);
  });
});

describe('machine-wide policy file', () => {
  it.each([
    ['linux', '/etc/presence-locker/policy.json'],
    ['darwin', '/Library/Application Support/presence-locker/policy.json'],
    ['win32', 'C:\\ProgramData\\presence-locker\\policy.json'],
  ] as const)('on %s is where only an administrator writes', (platform, expected) => {
    expect(machinePolicyFile(platform)).toBe(expected);
  });
});

describe('socket of the embedded gateway', () => {
  it('is in the runtime folder, one per user data folder', () => {
    const surroundings = { ...linux, env: { XDG_RUNTIME_DIR: '/run/user/1000' } };
    const first = embeddedGatewaySocket(surroundings, '/home/ada/.config/presence-locker');
    expect(first).toMatch(/^\/run\/user\/1000\/presence-locker-[0-9a-f]{16}\.sock$/);
    expect(embeddedGatewaySocket(surroundings, '/elsewhere')).not.toBe(first);
  });
  it('moves to the user data folder when the runtime folder’s name is too long for a socket', () => {
    const surroundings = { ...linux, env: { XDG_RUNTIME_DIR: `/run/${'x'.repeat(100)}` } };
    expect(embeddedGatewaySocket(surroundings, '/d')).toBe('/d/gw.sock');
  });
  it('is a named pipe on Windows', () => {
    expect(embeddedGatewaySocket({ ...linux, platform: 'win32' }, 'C:\\d')).toMatch(/^\\\\\.\\pipe\\presence-locker-/);
  });
});
