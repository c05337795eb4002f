import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { isLoopbackHost } from '../protocol/loopback.ts';
import { PolicyOverrideSchema } from '../protocol/policy.ts';
import { ConfigurationError } from './configuration-error.ts';
import { MethodsConfigSchema } from './methods/account.ts';
import { PROFILE_NAMES } from './providers/activeconnect/profiles.ts';
import { AuthsignalConfigSchema } from './providers/authsignal/account.ts';
import { PasskeyConfigSchema } from './providers/passkey/account.ts';
import { SecretRefSchema } from './secret-ref.ts';

const filePath = z.string().min(1).max(1_024);
const sha256Hex = z.string().regex(/^[0-9a-fA-F]{64}$/, { error: '64 hexadecimal digits' });
const httpUrl = z.url({ protocol: /^https?$/, error: 'an http(s):// address' }).max(500);
/** As a browser writes it in `Origin`; anything else (a path, a trailing slash) would never match and only look like a permission. */
const webOrigin = z
  .string()
  .max(300)
  .refine((origin) => URL.canParse(origin) && new URL(origin).origin === origin, {
    error: 'an origin such as https://example.org',
  });
/** It stands before a colon in the `Authentication` header, so it can hold none. */
const applicationId = z.string().regex(/^[!-9;-~]{1,200}$/, { error: '1 to 200 visible ASCII characters, no colon' });

const TcpSchema = z
  .strictObject({
    host: z.string().min(1).max(255),
    port: z.int().min(0).max(65_535),
    tls: z.strictObject({ certFile: filePath, keyFile: filePath }).optional(),
    /** The gateway stands behind a proxy that speaks TLS; without it, tokens and approvals would cross the network in the clear. */
    allowPlaintext: z.boolean().default(false),
    allowedOrigins: z.array(webOrigin).max(16).default([]),
    /** Limits count the last entry of `X-Forwarded-For`. Only where nothing but that proxy can connect: anybody else could write the header. */
    behindProxy: z.boolean().default(false),
  })
  .refine((listen) => listen.tls !== undefined || listen.allowPlaintext || isLoopbackHost(listen.host), {
    path: ['allowPlaintext'],
    error: 'true to listen without TLS beyond loopback (behind a proxy that speaks TLS), or listen.tls',
  });
const SocketSchema = z.strictObject({ socketPath: filePath });

const tokenFields = {
  name: z.string().min(1).max(128),
  /** Workstations that may make their first contact with it. Default 1: after it a stolen token is worth nothing. */
  devices: z.int().min(1).max(10_000).optional(),
};
const TokenSchema = z.union(
  [z.strictObject({ ...tokenFields, sha256: sha256Hex }), z.strictObject({ ...tokenFields, token: SecretRefSchema })],
  { error: '{"name", "sha256": 64 hexadecimal digits} or {"name", "token": {"file"} or {"keychain"}}' },
);

const ActiveconnectSchema = z.strictObject({
  kind: z.literal('activeconnect'),
  profile: z.enum(PROFILE_NAMES),
  baseUrl: httpUrl.optional(),
  appId: applicationId,
  appSecret: SecretRefSchema,
  headerPrefixes: z
    .array(z.string().regex(/^[A-Za-z0-9-]{1,80}$/, { error: '1 to 80 letters, digits or hyphens' }))
    .min(1)
    .max(4)
    .optional(),
  sessionOrigins: z.array(httpUrl).max(8).optional(),
  timeoutMs: z.int().min(500).max(15_000).optional(),
  simulated: z.boolean().default(false),
});

const TwoFactorSchema = z.strictObject({
  kind: z.literal('wcd-2factor'),
  baseUrl: httpUrl,
  prefix: z.string().min(1).max(200).optional(),
  header: z
    .strictObject({ name: z.string().max(80), template: z.string().max(500) })
    .partial()
    .optional(),
  token: SecretRefSchema,
  outOfBandMethods: z.array(z.string().min(1).max(128)).max(16).optional(),
  userId: z.string().min(1).max(128).optional(),
  timeoutMs: z.int().min(500).max(15_000).optional(),
  simulated: z.boolean().default(false),
});

/** One member per kind of provider. */
const ProviderSchema = z.discriminatedUnion('kind', [
  ActiveconnectSchema,
  AuthsignalConfigSchema,
  TwoFactorSchema,
  PasskeyConfigSchema,
]);

const LimitsSchema = z.strictObject({
  maxConnections: z.int().min(1).max(100_000).optional(),
  maxSessions: z.int().min(1).max(100_000).optional(),
  startsPerMinute: z.int().min(1).max(1_000).optional(),
  startsPerHour: z.int().min(1).max(10_000).optional(),
  framesPerSecond: z.int().min(1).max(1_000).optional(),
  frameBurst: z.int().min(1).max(10_000).optional(),
});

const DATABASE_WANTED = 'a file and a key, for the keys to be kept in by which workstations are known';

/** The gateway's configuration file: JSON, strict; a misspelt key is refused rather than ignored. docs/operations.md explains each key. */
export const ConfigSchema = z.strictObject({
  listen: z.unknown().transform((claimed, context) => {
    // Two shapes told apart by one key, so that a mistake is reported for the shape that was meant.
    const schema =
      typeof claimed === 'object' && claimed !== null && 'socketPath' in claimed ? SocketSchema : TcpSchema;
    const parsed = schema.safeParse(claimed);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) {
      context.addIssue({ code: 'custom', path: pathOf(issue), message: expectationOf(issue), input: undefined });
    }
    return z.NEVER;
  }),
  tokens: z.array(TokenSchema).min(1).max(1_000),
  provider: ProviderSchema,
  /** Absent: sessions end with the process. `key`: 32 bytes in base64. */
  store: z.strictObject({ directory: filePath, key: SecretRefSchema }).optional(),
  /** SQLite file, and the key (32 bytes in base64) for what is sealed in it. Keeps the keys that workstations are known by. */
  database: z.strictObject(
    { file: filePath, key: SecretRefSchema },
    { error: ({ code }) => (code === 'invalid_type' ? DATABASE_WANTED : undefined) },
  ),
  /** Our own confirmation methods, served over HTTP. Absent: not served. */
  methods: MethodsConfigSchema.optional(),
  /** Unix socket of the administrator's command. Default: `admin.sock` beside the database, if there is one. */
  admin: z.strictObject({ socketPath: filePath }).optional(),
  lease: z.strictObject({ ms: z.int().min(1_000).max(120_000) }).optional(),
  limits: LimitsSchema.optional(),
  policy: PolicyOverrideSchema.optional(),
});
export type GatewayConfig = z.infer<typeof ConfigSchema>;

/** Whether everything comes through a proxy; said of the listener, or, as before there was that key, of passkeys. */
export function isBehindProxy({ listen, provider }: GatewayConfig): boolean {
  return ('behindProxy' in listen && listen.behindProxy) || (provider.kind === 'passkey' && provider.behindProxy);
}

/** @throws ConfigurationError naming the key and what was expected; `--config` when the file itself is the trouble */
export async function loadConfig(path: string): Promise<GatewayConfig> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (fault) {
    const code = fault instanceof Error && 'code' in fault ? String(fault.code) : 'unknown fault';
    throw new ConfigurationError('--config', `a file that can be read (${code})`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's message would quote the file.
    throw new ConfigurationError('--config', 'a JSON file');
  }
  return decodeConfig(json);
}

/** @throws ConfigurationError for the first key that cannot be used */
export function decodeConfig(claimed: unknown): GatewayConfig {
  const parsed = ConfigSchema.safeParse(claimed);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    if (issue === undefined) throw new ConfigurationError('the file', 'a gateway configuration');
    throw new ConfigurationError(keyOf(issue), expectationOf(issue));
  }
  const names = parsed.data.tokens.map((token) => token.name);
  if (new Set(names).size !== names.length) throw new ConfigurationError('tokens', 'names that differ');
  return parsed.data;
}

type Issue = z.core.$ZodIssue;

function keyOf(issue: Issue): string {
  const key = pathOf(issue).map(String).join('.');
  return key === '' ? 'the file' : key;
}

function pathOf(issue: Issue): PropertyKey[] {
  return issue.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys.slice(0, 1)] : [...issue.path];
}

/** What was expected, in words; built from the schema alone, since a value may be a misplaced secret. */
function expectationOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.startsWith('Invalid') ? typeInWords(issue.expected) : issue.message;
    case 'too_small':
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unitOf(issue.origin, issue.minimum)}`;
    case 'too_big':
      return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${unitOf(issue.origin, issue.maximum)}`;
    case 'invalid_value':
      return `one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'unrecognized_keys':
      return 'no such key';
    case 'invalid_format':
      return issue.message.startsWith('Invalid') ? `a text of the agreed form (${issue.format})` : issue.message;
    default:
      return issue.message;
  }
}

function typeInWords(type: string): string {
  switch (type) {
    case 'int':
      return 'a whole number';
    case 'string':
      return 'a text';
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'a list';
    case 'object':
      return 'an object';
    default:
      return `a ${type}`;
  }
}

function unitOf(origin: string, count: number | bigint): string {
  const one = Number(count) === 1;
  if (origin === 'string') return one ? ' character' : ' characters';
  if (origin === 'array') return one ? ' entry' : ' entries';
  return '';
}
