import { getHeapSpaceStatistics } from 'node:v8';
import { assertNever } from '../../../protocol/result.ts';
import { type FromServer, type ServerMemory, ToServerSchema } from './messages.ts';

/** Answers the bench until it is told to stop. @param connections that are up now */
export function serveBench(port: number, connections: () => number): void {
  process.on('disconnect', () => process.exit(0));
  process.on('message', (claimed) => {
    const message = ToServerSchema.parse(claimed);
    switch (message.type) {
      case 'memory':
        say(memory(connections()));
        return;
      case 'stop':
        process.exit(0);
        return;
      default:
        assertNever(message, 'message to a server of the bench');
    }
  });
  say({ type: 'listening', port });
}

function memory(connections: number): ServerMemory {
  if (globalThis.gc === undefined) throw new Error('a server of the bench runs with --expose-gc');
  // Twice: the first leaves what finalizers release.
  globalThis.gc();
  globalThis.gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  const youngBytes = young?.physical_space_size ?? 0;
  return { type: 'memory', rssBytes: rss, youngBytes, heapBytes: heapUsed + external, connections };
}

function say(message: FromServer): void {
  if (process.send === undefined) throw new Error('this is a part of npm run bench and not started by itself');
  process.send(message);
}
