import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { X11Screen } from '../../main/os/linux/x11-screen.ts';

const SOCKET_FOLDER = '/tmp/.X11-unix';
const DISPLAY = 40_000 + (process.pid % 9_000);
const SOCKET = `${SOCKET_FOLDER}/X${DISPLAY}`;
const ACCEPTED_WITHOUT_CONTENT = Buffer.from([1, 0, 11, 0, 0, 0, 0, 0]);
const ACCEPTED_WITH_ONE_SCREEN = Buffer.concat([Buffer.from([1, 0, 11, 0, 0, 0, 22, 0]), Buffer.alloc(88)]);
const X_ERROR = Buffer.concat([Buffer.from([0, 3]), Buffer.alloc(30)]);

describe.skipIf(process.platform !== 'linux')('an X server that does not answer as one', () => {
  let stop = async (): Promise<void> => undefined;
  afterEach(() => stop());

  it.each([
    ['has no screen to tell of', [ACCEPTED_WITHOUT_CONTENT]],
    ['refuses the first question', [ACCEPTED_WITH_ONE_SCREEN, X_ERROR]],
  ])('is left again when it %s, however often it is asked', async (_why, answers) => {
    let connected = 0;
    const server = createServer((socket) => {
      connected += 1;
      socket.on('close', () => {
        connected -= 1;
      });
      socket.on('error', () => socket.destroy());
      let said = 0;
      socket.on('data', () => {
        const answer = answers[said];
        said += 1;
        if (answer !== undefined) socket.write(answer);
      });
    });
    if (!existsSync(SOCKET_FOLDER)) mkdirSync(SOCKET_FOLDER, { mode: 0o1777 });
    await new Promise<void>((resolve) => server.listen(SOCKET, resolve));
    stop = async () => {
      await new Promise((resolve) => server.close(resolve));
      rmSync(SOCKET, { force: true });
    };
    const screen = new X11Screen({ DISPLAY: `:${DISPLAY}` });
    for (let time = 0; time < 5; time += 1) expect(await screen.cover()).toBe('unknown');
    await vi.waitFor(() => expect(connected).toBe(0));
  });
});
