import { describe, expect, it } from 'vitest';
import { optionsAgain, readCommandLine, whyNotHere } from '../../chromium-host/command-line.ts';

describe('the command line of chromium-host', () => {
  it('runs the app of this folder with the system Chromium unless told otherwise', () => {
    expect(readCommandLine([])).toEqual({
      appDirectory: '.',
      chromiumPath: '/usr/bin/chromium',
      userData: null,
      controlSocket: null,
      trayWindow: true,
      appArguments: [],
    });
  });

  it('takes its own options first and leaves everything after them to the app', () => {
    const read = readCommandLine([
      '--app',
      'a',
      '--user-data=u',
      '--no-tray-window',
      '--control',
      's',
      'open',
      '--app',
      'b',
    ]);
    expect(read).toMatchObject({ appDirectory: 'a', userData: 'u', trayWindow: false, controlSocket: 's' });
    expect(read.appArguments).toEqual(['open', '--app', 'b']);
  });

  it('leaves options it does not know to the app, and everything after --', () => {
    expect(readCommandLine(['--hidden', '--app', 'x']).appArguments).toEqual(['--hidden', '--app', 'x']);
    expect(readCommandLine(['--app', 'x', '--', '--app', 'y']).appArguments).toEqual(['--app', 'y']);
  });

  it('can be repeated for another start of the same app', () => {
    for (const argv of [
      ['--app', 'a', '--hidden'],
      ['--chromium', '/c', '--user-data', 'u', '--control=s', '--no-tray-window', '--app', 'a', 'open'],
    ]) {
      const first = readCommandLine(argv);
      expect(readCommandLine([...optionsAgain(first), first.appDirectory, ...first.appArguments])).toEqual(first);
    }
  });

  it('refuses an option without its value', () => {
    expect(() => readCommandLine(['--app'])).toThrow("'--app <value>'");
  });

  it('says what Wayland alone lacks', () => {
    expect(whyNotHere(readCommandLine([]), { WAYLAND_DISPLAY: 'wayland-0' })).toContain('Xwayland');
  });
});
