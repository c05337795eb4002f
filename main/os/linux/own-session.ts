import { z } from 'zod';
import { BusCallFailed } from './bus-connection.ts';
import type { Bus } from './reconnecting-bus.ts';

/** logind's name on the system bus (systemd-logind and elogind alike). */
export const LOGIND = 'org.freedesktop.login1';
export const LOGIND_PATH = '/org/freedesktop/login1';
export const LOGIND_MANAGER = 'org.freedesktop.login1.Manager';
export const LOGIND_SESSION = 'org.freedesktop.login1.Session';
export const PROPERTIES = 'org.freedesktop.DBus.Properties';

export interface OwnSession {
  readonly id: string;
  readonly path: string;
  /** `x11`, `wayland`, `tty`, … as logind says. */
  readonly type: string;
}

const pathReplySchema = z.tuple([z.string().startsWith('/')]);
const sessionPropertiesSchema = z.tuple([
  z.object({
    Id: z.string().min(1),
    Type: z.string(),
    Class: z.string(),
    User: z.tuple([z.number(), z.string()]),
  }),
]);
const displaySchema = z.tuple([z.tuple([z.string(), z.string()])]);

const GRAPHICAL_TYPES: readonly string[] = ['x11', 'wayland', 'mir'];

/** No login session of this user could be found; `tried` says what was asked and what came back. */
export class NoOwnSession extends Error {
  override readonly name = 'NoOwnSession';
}

/**
 * Finds the login session that this process guards. Order: the configured id, the session of our process, XDG_SESSION_ID, the
 * user's display session, logind's `auto`. A candidate counts only if it belongs to our user and is a user session; a
 * graphical one is preferred, because a tray application started over SSH must guard the desktop and not the SSH login.
 * @throws NoOwnSession
 */
export async function findOwnSession(
  bus: Bus,
  options: {
    readonly sessionId?: string | undefined;
    readonly xdgSessionId?: string | undefined;
    readonly processId: number;
    readonly userId: number;
  },
): Promise<OwnSession> {
  const tried: string[] = [];
  let fallback: OwnSession | null = null;

  const candidates: readonly (readonly [string, () => Promise<string>])[] =
    options.sessionId !== undefined
      ? [['configured session id', () => sessionById(bus, options.sessionId ?? '')]]
      : [
          ['session of this process', () => manager(bus, 'GetSessionByPID', 'u', [options.processId])],
          ['XDG_SESSION_ID', () => sessionById(bus, options.xdgSessionId ?? '')],
          ["the user's display session", () => displaySession(bus)],
          ['session/auto', async () => `${LOGIND_PATH}/session/auto`],
        ];

  for (const [source, find] of candidates) {
    try {
      const session = await readSession(bus, await find(), options.userId);
      if (GRAPHICAL_TYPES.includes(session.type) || options.sessionId !== undefined) return session;
      fallback ??= session;
      tried.push(`${source}: ${session.id} is of type ${session.type}`);
    } catch (error) {
      tried.push(`${source}: ${error instanceof Error ? error.message : 'unknown error'}`);
    }
  }
  if (fallback !== null) return fallback;
  throw new NoOwnSession(`no login session found (${tried.join('; ')})`);
}

async function manager(bus: Bus, member: string, signature: string, body: readonly unknown[]): Promise<string> {
  const reply = await bus.call({
    destination: LOGIND,
    path: LOGIND_PATH,
    interface: LOGIND_MANAGER,
    member,
    signature,
    body,
  });
  return pathReplySchema.parse(reply)[0];
}

async function sessionById(bus: Bus, id: string): Promise<string> {
  if (id === '') throw new BusCallFailed('not set', null);
  return await manager(bus, 'GetSession', 's', [id]);
}

async function displaySession(bus: Bus): Promise<string> {
  const reply = await bus.call({
    destination: LOGIND,
    path: `${LOGIND_PATH}/user/self`,
    interface: PROPERTIES,
    member: 'Get',
    signature: 'ss',
    body: ['org.freedesktop.login1.User', 'Display'],
  });
  const [[id]] = displaySchema.parse(reply);
  return await sessionById(bus, id);
}

async function readSession(bus: Bus, path: string, expectedUserId: number): Promise<OwnSession> {
  const reply = await bus.call({
    destination: LOGIND,
    path,
    interface: PROPERTIES,
    member: 'GetAll',
    signature: 's',
    body: [LOGIND_SESSION],
  });
  const [claimed] = sessionPropertiesSchema.parse(reply);
  if (claimed.User[0] !== expectedUserId)
    throw new BusCallFailed(`session ${claimed.Id} belongs to another user`, null);
  if (claimed.Class !== 'user') throw new BusCallFailed(`session ${claimed.Id} is of class ${claimed.Class}`, null);
  // `auto` is an alias: PropertiesChanged arrives on the real path only, so ask for it.
  return { id: claimed.Id, path: await sessionById(bus, claimed.Id), type: claimed.Type };
}
