import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { resolveSecret, SecretRefSchema } from '../gateway/secret-ref.ts';
import {
  ConfigurationError,
  type ConnectionOptions,
  openService,
  openSessionService,
  PROFILE_NAMES,
  type Service,
  type SessionService,
} from '../library/activeconnect.ts';
import type { SecretStore } from '../main/core/ports.ts';
import { type Asked, type OptionName, UsageError } from './asked-options.ts';

export const CONNECTION_OPTIONS: readonly OptionName[] = ['config', 'service', 'base-url'];
export const ACCOUNT_OPTIONS: readonly OptionName[] = [
  ...CONNECTION_OPTIONS,
  'app-id',
  'secret-file',
  'secret-keychain',
  'secret-stdin',
];

const MAX_CONFIG_BYTES = 64 * 1024;
const MAX_SECRET_BYTES = 4_096;

/** The file of `--config`. Where the secret is, never the secret itself. */
export const AccountFileSchema = z.strictObject({
  service: z.enum(PROFILE_NAMES).optional(),
  baseUrl: z.string().max(500).optional(),
  appId: z.string().max(200).optional(),
  appSecret: SecretRefSchema.optional(),
  /** Origins besides the base URL's at which the service keeps its sessions. */
  sessionOrigins: z.array(z.string().max(500)).max(8).optional(),
  timeoutMs: z.int().min(500).max(15_000).optional(),
});
type AccountFile = z.infer<typeof AccountFileSchema>;

/** Where secrets come from besides files. */
export interface SecretSources {
  readonly keychain: SecretStore;
  /** `null` where standard input is a terminal: typed there, a secret would be shown. */
  readonly standardInput: AsyncIterable<Uint8Array> | null;
}

/** @throws UsageError, ConfigurationError, SecretStoreFailed */
export async function openAccount(asked: Asked, sources: SecretSources): Promise<Service> {
  const file = await readAccountFile(asked.text('config'));
  const connection = connectionOf(asked, file);
  const appId = asked.text('app-id') ?? file.appId;
  if (appId === undefined)
    throw new UsageError('Say which application: --app-id ID, or appId in the file of --config.');
  const appSecret = await secretOf(asked, file, sources);
  return namedAsAsked(asked, () => openService({ ...connection, appId, appSecret }));
}

/** For sessions, which have secrets of their own. @throws UsageError, ConfigurationError */
export async function openConnection(asked: Asked): Promise<SessionService> {
  const connection = connectionOf(asked, await readAccountFile(asked.text('config')));
  return namedAsAsked(asked, () => openSessionService(connection));
}

/** What the library calls an option may have been typed as one here: then it is called as it was typed. */
const TYPED_AS: Readonly<Record<string, readonly OptionName[]>> = {
  baseUrl: ['base-url'],
  appId: ['app-id'],
  appSecret: ['secret-file', 'secret-keychain', 'secret-stdin'],
};

/** @throws ConfigurationError */
function namedAsAsked<T>(asked: Asked, open: () => T): T {
  try {
    return open();
  } catch (fault) {
    if (!(fault instanceof ConfigurationError)) throw fault;
    const typed = TYPED_AS[fault.key]?.find((option) => asked.given(option));
    throw new ConfigurationError(typed === undefined ? fault.key : `--${typed}`, fault.expected);
  }
}

function connectionOf(asked: Asked, file: AccountFile): ConnectionOptions {
  const named = asked.text('service');
  const profile = named === undefined ? file.service : PROFILE_NAMES.find((name) => name === named);
  if (profile === undefined)
    throw new UsageError(`Say which service: --service ${PROFILE_NAMES.join('|')}, or --config FILE.`);
  const { sessionOrigins, timeoutMs } = file;
  return { profile, baseUrl: asked.text('base-url') ?? file.baseUrl, sessionOrigins, timeoutMs };
}

async function readAccountFile(path: string | undefined): Promise<AccountFile> {
  if (path === undefined) return {};
  let claimed: unknown;
  try {
    if ((await stat(path)).size > MAX_CONFIG_BYTES) throw new ConfigurationError('--config', 'a small file');
    claimed = JSON.parse(await readFile(path, 'utf8'));
  } catch (fault) {
    if (fault instanceof ConfigurationError) throw fault;
    // The parser's message would quote the file.
    throw new ConfigurationError('--config', 'a JSON file that can be read');
  }
  const parsed = AccountFileSchema.safeParse(claimed);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  // Names only: a value may be a misplaced secret.
  if (unknown !== undefined) throw new ConfigurationError('--config', `no such key as "${unknown}"`);
  throw new ConfigurationError('--config', `a usable ${issue?.path.join('.') || 'object'} (docs/cli.md)`);
}

async function secretOf(asked: Asked, file: AccountFile, sources: SecretSources): Promise<string> {
  const secretFile = asked.text('secret-file');
  const account = asked.text('secret-keychain');
  const fromInput = asked.given('secret-stdin');
  if ([secretFile !== undefined, account !== undefined, fromInput].filter((given) => given).length > 1) {
    throw new UsageError('Say once where the secret is: --secret-file, --secret-keychain or --secret-stdin.');
  }
  if (fromInput) return await secretOfInput(sources.standardInput);
  const named =
    secretFile === undefined ? (account === undefined ? undefined : { keychain: account }) : { file: secretFile };
  const ref = named ?? file.appSecret;
  if (ref === undefined) {
    throw new UsageError(
      'Say where the secret is: --secret-file, --secret-keychain, --secret-stdin, or appSecret in the file of --config.',
    );
  }
  if ('file' in ref) return await resolveSecret(ref, named === undefined ? 'appSecret' : '--secret-file');
  const secret = await sources.keychain.get(ref.keychain);
  if (secret !== null) return secret;
  throw new ConfigurationError(
    named === undefined ? 'appSecret' : '--secret-keychain',
    'an account that the keychain has under “presence-locker”',
  );
}

async function secretOfInput(input: SecretSources['standardInput']): Promise<string> {
  if (input === null)
    throw new UsageError('--secret-stdin: standard input is a terminal, which would show the secret. Pipe it in.');
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of input) {
    bytes += chunk.length;
    if (bytes > MAX_SECRET_BYTES) throw new ConfigurationError('--secret-stdin', `at most ${MAX_SECRET_BYTES} bytes`);
    chunks.push(chunk);
  }
  // The line's end is not part of the secret.
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}
