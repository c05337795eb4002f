import { createGateway } from '../../../gateway/gateway.ts';
import { hashToken } from '../../../gateway/tokens.ts';
import { AnsweringProvider } from './answering-provider.ts';
import { serveBench } from './serve-bench.ts';
import { LOAD_TOKEN } from './workstation-frames.ts';

/** The gateway under load, alone in its process so that its memory and CPU are its own. */
const ROOM_FOR_ALL = 100_000;

const provider = new AnsweringProvider();
/** What is logged goes nowhere: the bare server beside it writes no log either. */
const silent = () => undefined;
const gateway = await createGateway({
  provider,
  acceptedTokens: [{ name: 'load', sha256: hashToken(LOAD_TOKEN) }],
  logger: { info: silent, warn: silent, error: silent },
  limits: { maxConnections: ROOM_FOR_ALL, maxSessions: ROOM_FOR_ALL },
});
const { url } = await gateway.listen({ kind: 'tcp', host: '127.0.0.1', port: 0, tls: null });
serveBench(Number(new URL(url).port), () => provider.sessions);
