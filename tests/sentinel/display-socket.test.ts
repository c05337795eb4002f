import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { displayIsGone, displaySockets } from '../../main/sentinel/display-socket.ts';

async function display() {
  const folder = await mkdtemp(join(tmpdir(), 'display-'));
  const server = createServer((socket) => socket.destroy()).listen(join(folder, 'wayland-7'));
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });
  return { env: { XDG_RUNTIME_DIR: folder, WAYLAND_DISPLAY: 'wayland-7' }, server };
}

describe('whether a session still has its display', () => {
  it('is seen at the socket the display listens on', async () => {
    const { env, server } = await display();
    expect(await displayIsGone(env)).toBe(false);
    server.close();
    await once(server, 'close');
    expect(await displayIsGone(env)).toBe(true);
  });

  it('is no when one of two displays is there', async () => {
    const { env } = await display();
    expect(await displayIsGone({ ...env, DISPLAY: ':59999' })).toBe(false);
    expect(await displayIsGone({ DISPLAY: ':59999' })).toBe(true);
  });

  it('cannot be told of a display over the network or of none: then it counts as there', async () => {
    for (const env of [{}, { DISPLAY: 'elsewhere:0' }, { DISPLAY: ':0/../../etc' }, { WAYLAND_DISPLAY: 'wayland-0' }])
      expect(await displayIsGone(env)).toBe(false);
  });

  it('knows the forms of a display’s name', () => {
    expect(displaySockets({ DISPLAY: ':1.0' })).toEqual(['/tmp/.X11-unix/X1', '\0/tmp/.X11-unix/X1']);
    expect(displaySockets({ DISPLAY: 'unix:12' })[0]).toBe('/tmp/.X11-unix/X12');
    expect(displaySockets({ WAYLAND_DISPLAY: '/run/w' })).toEqual(['/run/w']);
  });
});
