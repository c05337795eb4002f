import { AuthenticationAPI, Session } from '../library/activeconnect.ts';
import { ACCOUNT_OPTIONS, CONNECTION_OPTIONS, openAccount, openConnection } from './account.ts';
import { type Asked, type OptionName, UsageError } from './asked-options.ts';
import type { Ending } from './exit-codes.ts';
import { KEY_OPTIONS, sealingKey } from './sealing-key.ts';
import type { Call, Word } from './service-words.ts';
import {
  CommandFailed,
  createSessionFile,
  type NewSessionFile,
  readSessionFile,
  removeSessionFile,
  toText,
} from './session-file.ts';
import { watchSession } from './watch-session.ts';

const LONGEST_SESSION_S = 86_400;
const DEFAULT_INTERVAL_MS = 2_000;
const DEFAULT_GIVE_UP_AFTER_MS = 60_000;
/** Fastest and slowest asking. */
const INTERVAL_MS = { least: 100, most: 60_000 } as const;
const LONGEST_PATIENCE_MS = 3_600_000;
const OPEN_OPTIONS: readonly OptionName[] = [...CONNECTION_OPTIONS, 'session-file', ...KEY_OPTIONS];

async function startSession({ asked, surroundings, report, signal }: Call): Promise<Ending> {
  const [user = ''] = asked.users;
  const methods = asked
    .text('methods')
    ?.split(',')
    .filter((method) => method !== '');
  const durationSeconds = asked.count('duration', 1, LONGEST_SESSION_S);
  const service = await openAccount(asked, surroundings);
  try {
    const path = asked.text('session-file');
    const key = await sealingKey(asked, surroundings.keychain, 'make');
    const file = path === undefined ? null : await createSessionFile(path);
    const session = await started(service, file);
    const sealed = session.seal(key);
    if (file === null) report.fact({ status: session.reading.status, sealedSession: toText(sealed) }, toText(sealed));
    else {
      await kept(session, file, sealed);
      report.fact({ status: session.reading.status, sessionFile: path }, `The session is sealed in ${path}.`);
    }
    report.note('The phone was asked.');
    return 'done';
  } finally {
    service.close();
  }

  async function started(account: typeof service, file: NewSessionFile | null): Promise<Session> {
    try {
      return await new AuthenticationAPI(account).authenticateUser(user, { methods, durationSeconds }, signal);
    } catch (fault) {
      await file?.discard();
      throw fault;
    }
  }
}

/** A session that cannot be kept is ended: nobody could end it later. */
async function kept(session: Session, file: NewSessionFile, sealed: Buffer): Promise<void> {
  try {
    await file.keep(sealed);
  } catch (fault) {
    await session.destroy();
    throw fault;
  }
}

/** Opens the sealed session for a moment. */
async function withSession(call: Call, run: (session: Session, path: string) => Promise<Ending>): Promise<Ending> {
  const { asked, surroundings } = call;
  const path = sessionPath(asked);
  const service = await openConnection(asked);
  try {
    const key = await sealingKey(asked, surroundings.keychain, 'refuse');
    const opened = Session.unseal(await readSessionFile(path, surroundings.sessionInput), key, service);
    if (!opened.ok) {
      throw new CommandFailed(
        opened.error === 'torn'
          ? 'This is no sealed session.'
          : 'The session was sealed with another key, or was changed.',
      );
    }
    return await run(opened.value, path);
  } finally {
    service.close();
  }
}

function sessionPath(asked: Asked): string {
  const path = asked.text('session-file');
  if (path === undefined) throw new UsageError('Say which session: --session-file FILE, or - for standard input.');
  return path;
}

export const SESSION_WORDS: Readonly<Record<string, Word>> = {
  'session start': {
    summary: 'asks the phone; keeps the session sealed in --session-file, or prints it sealed',
    users: 'one',
    options: [...ACCOUNT_OPTIONS, 'methods', 'duration', 'session-file', ...KEY_OPTIONS],
    run: startSession,
  },
  'session watch': {
    summary: 'prints each change until the session ends; Ctrl+C ends the watching, not the session',
    users: 'none',
    options: [...OPEN_OPTIONS, 'interval-ms', 'give-up-after-ms'],
    run: async (call) => {
      const intervalMs = call.asked.count('interval-ms', INTERVAL_MS.least, INTERVAL_MS.most) ?? DEFAULT_INTERVAL_MS;
      const giveUpAfterMs = call.asked.count('give-up-after-ms', 0, LONGEST_PATIENCE_MS) ?? DEFAULT_GIVE_UP_AFTER_MS;
      return await withSession(call, (session) => watchSession(session, { ...call, intervalMs, giveUpAfterMs }));
    },
  },
  'session end': {
    summary: 'ends the session at the service and removes the file',
    users: 'none',
    options: OPEN_OPTIONS,
    run: async (call) =>
      await withSession(call, async (session, path) => {
        await session.destroy(call.signal);
        await removeSessionFile(path);
        call.report.fact({ status: session.reading.status }, 'The session has ended.');
        return 'done';
      }),
  },
};
