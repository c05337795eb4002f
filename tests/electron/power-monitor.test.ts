import { beforeEach, describe, expect, it, vi } from 'vitest';

vi.mock('electron', () => import('./fake-electron.ts'));

import { createPowerMonitorSource } from '../../main/electron/power-monitor.electron.ts';
import * as electron from './fake-electron.ts';

beforeEach(() => electron.forgetEverything());

describe('the power monitor', () => {
  it('listens to everything from the start, and tells whoever joins later', () => {
    const source = createPowerMonitorSource({ platform: 'darwin' });
    expect(electron.powerMonitor.listenerCount('lock-screen')).toBe(1);
    const heard: string[] = [];
    const stop = source.on('lock-screen', () => heard.push('lock'));
    electron.powerMonitor.emit('lock-screen');
    stop();
    electron.powerMonitor.emit('lock-screen');
    expect(heard).toEqual(['lock']);
    expect(electron.windows).toEqual([]);
  });

  it('hears console and remote connections on Windows', () => {
    const registered: Buffer[] = [];
    const source = createPowerMonitorSource({
      platform: 'win32',
      registerSessionNotification: (handle) => registered.push(handle),
    });
    const codes: number[] = [];
    source.onWindowsSessionChange((code) => codes.push(code));
    const wParam = Buffer.alloc(8);
    wParam.writeUInt32LE(0x7, 0);
    electron.onlyWindow().messageHooks.get(0x02b1)?.(wParam, Buffer.alloc(8));
    expect(codes).toEqual([0x7]);
    expect(registered).toHaveLength(1);
    expect(electron.onlyWindow().visible).toBe(false);
  });
});
