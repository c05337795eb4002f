import { z } from 'zod';
import { SessionStatusSchema } from '../../protocol/frames.ts';

/** A session as it is kept over restarts. `handle` holds the session's secret at the service: stored only sealed. */
export const SessionRecordSchema = z.strictObject({
  v: z.literal(1),
  sessionId: z.string().regex(/^[A-Za-z0-9_-]{16,64}$/),
  providerId: z.string().min(1).max(64),
  tokenName: z.string().min(1).max(128),
  deviceId: z.string().min(1).max(128),
  requestId: z.string().min(1).max(128),
  userId: z.string().min(1).max(128),
  /** SessionHandle.serialized */
  handle: z.string().min(1).max(16_384),
  status: SessionStatusSchema,
  /** No `seq` above this has been sent; a restarted gateway goes on above it. */
  reservedSeq: z.int().min(0),
  startedAtWallMs: z.int(),
  durationMs: z.int().min(0),
  /** Ended by the workstation; only the service has still to be told. */
  ending: z.boolean(),
});
export type SessionRecord = z.infer<typeof SessionRecordSchema>;

/** A stored thing that is not used, and why. `name` is a file name, never content. */
export interface StoreProblem {
  readonly name: string;
  readonly problem: 'torn' | 'not-authentic' | 'foreign' | 'unreadable';
}

/** Sessions that survive a restart. Calls for one session are made one after the other by the session itself. */
export interface SessionStore {
  /** Never throws for a bad record: it is left out and reported. @throws Error when the store as a whole cannot be read */
  load(): Promise<{ readonly records: readonly SessionRecord[]; readonly problems: readonly StoreProblem[] }>;
  /** Resolves when the record would survive a power cut. @throws Error */
  save(record: SessionRecord): Promise<void>;
  /** Removing what is not there succeeds. @throws Error */
  remove(sessionId: string): Promise<void>;
}

/** Sessions end with the process: a restarted gateway answers SESSION_UNKNOWN, and the workstation asks the phone again. */
export function createMemorySessionStore(): SessionStore {
  const records = new Map<string, SessionRecord>();
  return {
    load: async () => ({ records: [...records.values()], problems: [] }),
    save: async (record) => {
      records.set(record.sessionId, record);
    },
    remove: async (sessionId) => {
      records.delete(sessionId);
    },
  };
}
