import { z } from 'zod';
import type { Capabilities } from '../../../protocol/frames.ts';
import type { GatewayClock } from '../../clock.ts';
import type { GatewayLogger } from '../../logger.ts';
import type { Database } from '../../store/database.ts';
import { type GatewayHost, type Provider, ProviderError, type SessionHandle } from '../provider.ts';
import { Approvals } from './approvals.ts';
import { Blocks } from './blocks.ts';
import { EnrollmentCodes } from './enrollment-codes.ts';
import { EnrollmentDesk } from './enrollment-desk.ts';
import { PasskeyUse } from './passkey-use.ts';
import { Pauses } from './pauses.ts';
import { People } from './people.ts';
import { Phones } from './phones.ts';
import { type ApproverSecrets, approverSecretsOf } from './secrets.ts';
import { SessionBook } from './session-book.ts';
import { ApprovedSessions, PASSKEY_PROVIDER_ID } from './sessions.ts';
import { type ApproverSite, siteOf } from './site.ts';
import { Ties } from './ties.ts';

const HandleSchema = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'not JSON', input: undefined });
      return z.NEVER;
    }
  })
  .pipe(z.strictObject({ v: z.literal(1), sessionId: z.string().min(1).max(64) }));

export interface PasskeyOptions {
  /** `https://` and a host name, or `http://localhost`. Decides WebAuthn's origin and RP id. */
  readonly publicUrl: string;
  /** Default: the host name. */
  readonly title?: string | undefined;
  /** Phones are operated by a test or a demo: marked as a trial everywhere. */
  readonly simulated: boolean;
  readonly database: Database;
  readonly clock: GatewayClock;
  readonly logger: GatewayLogger;
}

/** The parts that the phones' door (gateway/approver) works with. */
export interface PasskeyService {
  readonly site: ApproverSite;
  readonly title: string;
  readonly clock: GatewayClock;
  readonly logger: GatewayLogger;
  readonly secrets: ApproverSecrets;
  readonly people: People;
  readonly phones: Phones;
  readonly book: SessionBook;
  readonly blocks: Blocks;
  readonly sessions: ApprovedSessions;
  readonly approvals: Approvals;
  readonly pauses: Pauses;
  readonly codes: EnrollmentCodes;
  readonly ties: Ties;
  readonly enrollment: EnrollmentDesk;
  readonly passkeyUse: PasskeyUse;
  readonly host: () => GatewayHost | null;
  on(listener: PasskeyListener): void;
}

/** Worth a notification: a workstation asks, or the person's keys or what they open become more, or the keys none. */
export type WorthAHint = 'request' | 'phones';

export interface PasskeyListener {
  /** What a person's phones show is different. */
  readonly changed?: (userId: string) => void;
  readonly asked?: (userId: string, about: WorthAHint) => void;
}

/** People's own phones as the service: everything it knows lies in the gateway's database. @throws ConfigurationError */
export function createPasskeyProvider(options: PasskeyOptions): Provider & { readonly service: PasskeyService } {
  const { database, clock, logger } = options;
  const site = siteOf(options.publicUrl);
  const title = options.title ?? site.rpId;
  const listeners: PasskeyListener[] = [];
  let attached: GatewayHost | null = null;
  const host = () => attached;
  const changed = (userId: string) => {
    for (const listener of listeners) listener.changed?.(userId);
  };
  const asked = (userId: string, about: WorthAHint) => {
    for (const listener of listeners) listener.asked?.(userId, about);
  };
  const secrets = approverSecretsOf(database);
  const people = new People(database);
  const phones = new Phones(database);
  const book = new SessionBook(database);
  const blocks = new Blocks({ clock, book });
  const sessions = new ApprovedSessions({ clock, people, book, host, changed });
  const passkeyUse = new PasskeyUse({ clock, site, people, phones, host });
  const pauses = new Pauses({ clock, sessions, passkeyUse, host });
  const approvals = new Approvals({
    clock,
    logger,
    database,
    people,
    phones,
    book,
    blocks,
    sessions,
    passkeyUse,
    pauses,
    host,
    changed,
    asked: (userId) => asked(userId, 'request'),
  });
  const codes = new EnrollmentCodes({ clock, database, secrets, people });
  const common = { clock, database, people, phones, codes, host, changed };
  const keysChanged = (userId: string) => asked(userId, 'phones');
  const ties = new Ties({ ...common, book, approvals, pauses, asked: keysChanged });
  const enrollment = new EnrollmentDesk({ ...common, site, secrets, sessions, ties, asked: keysChanged });
  return {
    id: PASSKEY_PROVIDER_ID,
    capabilities: capabilitiesOf(title, options.simulated),
    startSession: async (request) => approvals.start(request),
    pollSession: async (handle) => approvals.poll(sessionIdOf(handle)),
    endSession: async (handle, _signal, reason) => approvals.end(sessionIdOf(handle), reason),
    enrollment: {
      begin: async (user) => enrollment.beginAtWorkstation(user),
      check: async (userId) => enrollment.check(userId),
      remove: async (userId) => enrollment.removeWorkstation(userId),
    },
    attach: (gateway) => {
      attached = gateway;
      gateway.onConnections((workstation) => {
        for (const userId of book.usersAt(workstation)) changed(userId);
      });
    },
    service: {
      site,
      title,
      clock,
      logger,
      secrets,
      people,
      phones,
      book,
      blocks,
      sessions,
      approvals,
      pauses,
      codes,
      ties,
      enrollment,
      passkeyUse,
      host,
      on: (listener) => listeners.push(listener),
    },
  };
}

function capabilitiesOf(title: string, simulated: boolean): Capabilities {
  return {
    title,
    proximity: false,
    push: true,
    prompts: ['number'],
    enrollment: ['link'],
    lostDevice: false,
    durations: true,
    methods: [],
    simulated,
    numberMatching: true,
    remoteLock: true,
    showsWorkstation: true,
  };
}

/** @throws ProviderError for the handle of another service, or one that cannot be read */
function sessionIdOf({ providerId, serialized }: SessionHandle): string {
  const parsed = providerId === PASSKEY_PROVIDER_ID ? HandleSchema.safeParse(serialized) : null;
  if (parsed?.success !== true)
    throw new ProviderError('PROVIDER_BAD_ANSWER', 'The stored session is not one of passkeys.');
  return parsed.data.sessionId;
}
