import { connect } from 'node:net';
import { isAbsolute, join } from 'node:path';

/** A display that is there takes a connection at once. */
const CONNECT_TIMEOUT_MS = 1_000;

/** Where the display of a session listens: a path, or a name in the abstract namespace (which begins with a zero byte). */
export function displaySockets(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const { DISPLAY, WAYLAND_DISPLAY, XDG_RUNTIME_DIR } = env;
  const sockets: string[] = [];
  const number = /^(?:unix)?:(\d{1,5})(?:\.\d{1,3})?$/.exec(DISPLAY ?? '')?.[1];
  if (number !== undefined) sockets.push(`/tmp/.X11-unix/X${number}`, `\0/tmp/.X11-unix/X${number}`);
  if (WAYLAND_DISPLAY !== undefined && WAYLAND_DISPLAY !== '') {
    if (isAbsolute(WAYLAND_DISPLAY)) sockets.push(WAYLAND_DISPLAY);
    else if (XDG_RUNTIME_DIR !== undefined) sockets.push(join(XDG_RUNTIME_DIR, WAYLAND_DISPLAY));
  }
  return sockets;
}

/**
 * Whether the display this process was started on is gone for good: nobody can be at a desktop that is not there. False where it cannot
 * be told (a display over the network, an operating system without such sockets).
 */
export async function displayIsGone(env: Readonly<Record<string, string | undefined>>): Promise<boolean> {
  const sockets = displaySockets(env);
  if (sockets.length === 0) return false;
  const answers = await Promise.all(sockets.map(answersAt));
  return !answers.includes(true);
}

/** Only a clear no is one: a display too busy to answer is there. */
function answersAt(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    const settle = (there: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(there);
    };
    const timer = setTimeout(() => settle(true), CONNECT_TIMEOUT_MS);
    socket.once('connect', () => settle(true));
    socket.once('error', (cause) =>
      settle(!('code' in cause && (cause.code === 'ENOENT' || cause.code === 'ECONNREFUSED'))),
    );
  });
}
