import { watchUse } from '../sampling.ts';
import { BenchChild } from './child.ts';
import { type FromServer, FromServerSchema, FromWorkstationsSchema, type ServerMemory } from './messages.ts';

export interface LoadOptions {
  readonly workstations: number;
  readonly pollIntervalMs: number;
  readonly measureSeconds: number;
  /** For the Node of the server under load. */
  readonly nodeOptions?: readonly string[];
}

/** What one server needed for the load. Memory in bytes, in excess of what the empty server held. */
export interface LoadedServerFigures {
  readonly latenciesMs: readonly number[];
  /** One value for each second. */
  readonly cpuPercent: readonly number[];
  readonly rssPerConnection: number;
  /**
   * Part of it that holds nothing: the space in which V8 makes new objects. It grows in steps with the rate of allocation, up to 100 MB,
   * and is given back when the process is idle.
   */
  readonly youngPerConnection: number;
  readonly heapPerConnection: number;
  readonly connectedInMs: number;
  readonly framesSentPerSecond: number;
}

const ANSWER_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 300_000;

/** Puts the load on one kind of server and takes it away again. @throws Error when polls are left unanswered or connections are lost */
export async function loadServer(kind: 'gateway' | 'echo', options: LoadOptions): Promise<LoadedServerFigures> {
  const { workstations: count, pollIntervalMs, measureSeconds, nodeOptions = [] } = options;
  const limits = { connections: count };
  const serverFile = kind === 'gateway' ? 'gateway-process.ts' : 'echo-process.ts';
  const server = new BenchChild(serverFile, FromServerSchema, { ...limits, nodeOptions });
  const workstations = new BenchChild('workstations-process.ts', FromWorkstationsSchema, limits);
  try {
    const listening = await server.heard(ANSWER_TIMEOUT_MS);
    if (listening.type !== 'listening') throw new Error('the server does not listen');
    const { port } = listening;
    const empty = await memoryOf(server);
    const connect = { type: 'connect', port, count, pollIntervalMs, server: kind };
    const polling = await workstations.ask(connect, CONNECT_TIMEOUT_MS);
    if (polling.type !== 'polling') throw new Error('the workstations do not poll');
    // Until every one has polled, and what connecting left behind is gone.
    await workstations.ask({ type: 'measure', forMs: pollIntervalMs }, pollIntervalMs + ANSWER_TIMEOUT_MS);
    const measureMs = measureSeconds * 1_000;
    const [use, measured] = await Promise.all([
      watchUse(server.processId, measureSeconds),
      workstations.ask({ type: 'measure', forMs: measureMs }, measureMs + ANSWER_TIMEOUT_MS),
    ]);
    if (measured.type !== 'measured') throw new Error('nothing was measured');
    const full = await memoryOf(server);
    if (full.connections !== count) throw new Error(`${full.connections} of ${count} workstations are left`);
    if (measured.unanswered > 0) throw new Error(`${measured.unanswered} polls were not answered within the interval`);
    const each = (member: 'rssBytes' | 'youngBytes' | 'heapBytes'): number => (full[member] - empty[member]) / count;
    return {
      latenciesMs: measured.latenciesMs,
      cpuPercent: use.cpuPercent,
      rssPerConnection: each('rssBytes'),
      youngPerConnection: each('youngBytes'),
      heapPerConnection: each('heapBytes'),
      connectedInMs: polling.connectedInMs,
      framesSentPerSecond: measured.framesReceived / measureSeconds,
    };
  } finally {
    await workstations.stop();
    await server.stop();
  }
}

async function memoryOf(server: BenchChild<FromServer>): Promise<ServerMemory> {
  const answer = await server.ask({ type: 'memory' }, ANSWER_TIMEOUT_MS);
  if (answer.type !== 'memory') throw new Error('the server did not say what it holds');
  return answer;
}
