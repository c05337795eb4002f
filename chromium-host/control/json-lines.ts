import type { Socket } from 'node:net';
import { MAX_CONTROL_LINE_CHARACTERS } from './control-protocol.ts';

/** Calls `onLine` with every line of JSON; whatever is not JSON, or too long, ends the connection. */
export function readJsonLines(socket: Socket, onLine: (value: unknown) => void): void {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_CONTROL_LINE_CHARACTERS) {
      socket.destroy(new Error('a line of the control channel is too long'));
      return;
    }
    for (const line of lines) {
      try {
        onLine(JSON.parse(line));
      } catch (error) {
        socket.destroy(error instanceof Error ? error : new Error(String(error)));
        return;
      }
    }
  });
}
