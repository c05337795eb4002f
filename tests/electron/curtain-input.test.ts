import { describe, expect, it, vi } from 'vitest';

vi.mock('electron', () => import('./fake-electron.ts'));

import { wouldLeaveCurtain } from '../../main/electron/curtain-window.electron.ts';
import * as electron from './fake-electron.ts';
import { hang, paintAll, raised, twoDisplaysBeforeEach, windowAt } from './hung-curtain.ts';

twoDisplaysBeforeEach();

describe('the curtain', () => {
  it('refuses to close while raised, and is made anew when it is closed all the same', async () => {
    const { curtain } = hang();
    await raised(curtain);
    const window = windowAt(0);
    window.close();
    expect(window.destroyed).toBe(false);
    window.destroy();
    expect(windowAt(0).visible).toBe(true);
  });

  it('refuses the keys that close a window only while raised', async () => {
    const { curtain } = hang();
    curtain.prepare();
    const altF4 = { key: 'F4', alt: true, control: false, meta: false };
    const before = electron.preventable();
    windowAt(0).webContents.emit('before-input-event', before, altF4);
    expect(before.prevented).toBe(false);
    const raising = curtain.raise();
    paintAll(curtain);
    await raising;
    const raisedAttempt = electron.preventable();
    windowAt(0).webContents.emit('before-input-event', raisedAttempt, altF4);
    expect(raisedAttempt.prevented).toBe(true);
  });

  it('lets typing and moving between the controls through', () => {
    const plain = { alt: false, control: false, meta: false };
    for (const key of ['w', 'Tab', 'Enter', '5', ' ']) expect(wouldLeaveCurtain({ key, ...plain })).toBe(false);
    expect(wouldLeaveCurtain({ key: 'W', ...plain, control: true })).toBe(true);
    expect(wouldLeaveCurtain({ key: 'F11', ...plain })).toBe(true);
  });

  it('takes the focus back, except from the phone of a trial', async () => {
    let phoneOpen = false;
    const { curtain } = hang('x11', () => phoneOpen);
    await raised(curtain);
    const focused = () => windowAt(0).calls.filter((call) => call === 'focus').length;
    const before = focused();
    windowAt(0).emit('blur');
    await vi.advanceTimersByTimeAsync(200);
    expect(focused()).toBe(before + 1);
    phoneOpen = true;
    windowAt(0).emit('blur');
    await vi.advanceTimersByTimeAsync(200);
    expect(focused()).toBe(before + 1);
  });
});
