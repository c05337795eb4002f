import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { EXIT_CODES } from '../../command/exit-codes.ts';
import { formOf, WORDS } from '../../gateway/admin/command/words.ts';
import type { ProviderError } from '../../gateway/providers/provider.ts';
import { ERROR_CODES } from '../../protocol/error-codes.ts';
import { IPC } from '../../protocol/ipc.ts';
import { PolicySchema } from '../../protocol/policy.ts';
import { markdownTable } from './markdown.ts';

/** The tables that documentation shows, made from the tables that the product runs on. */
export const TABLES: { readonly [name: string]: (root: string) => string } = {
  'policy settings': policyTable,
  'error codes': errorTable,
  'ipc channels': ipcTable,
  'exit codes': exitTable,
  'codes of the library': libraryErrorTable,
  'words of the administrator': administratorTable,
};

/** What of JSON Schema a policy setting uses. */
const SettingSchema = z.object({
  default: z.union([z.number(), z.boolean(), z.string()]),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  enum: z.array(z.string()).optional(),
});

const UNIT_OF_SUFFIX: readonly (readonly [RegExp, string])[] = [
  [/Ms$/, 'ms'],
  [/Seconds$/, 's'],
  [/Minutes$/, 'min'],
];

function policyTable(root: string): string {
  const source = readFileSync(join(root, 'protocol/policy.ts'), 'utf8');
  const meanings = new Map([...source.matchAll(/\/\*\* (.+?) \*\/\s+(\w+): z/gs)].map((m) => [m[2] ?? '', m[1] ?? '']));
  const settings = z.record(z.string(), SettingSchema).parse(z.toJSONSchema(PolicySchema).properties);
  const rows = Object.entries(settings).map(([key, setting]) => {
    const unit = UNIT_OF_SUFFIX.find(([suffix]) => suffix.test(key))?.[1];
    return [
      `\`${key}\``,
      typeof setting.default === 'number' && unit !== undefined
        ? `${setting.default} ${unit}`
        : `\`${String(setting.default)}\``.replace(/`(\d+)`/, '$1'),
      allowed(setting),
      (meanings.get(key) ?? 'undocumented: say in protocol/policy.ts what it means').replace(/\s*\n\s*\*?\s*/g, ' '),
    ];
  });
  return markdownTable(['Setting', 'Default', 'Allowed', 'What it means'], rows);
}

function allowed(setting: z.infer<typeof SettingSchema>): string {
  if (setting.enum !== undefined) return setting.enum.map((value) => `\`${value}\``).join(', ');
  if (typeof setting.default === 'boolean') return '`true`, `false`';
  return `${setting.minimum ?? ''} – ${setting.maximum ?? ''}`;
}

function errorTable(): string {
  const rows = Object.entries(ERROR_CODES).map(([code, entry]) => [
    `\`${code}\``,
    entry.closeCode === null ? 'stays open' : String(entry.closeCode),
    entry.logLevel,
    entry.retryable ? 'yes' : 'no',
    entry.text,
  ]);
  return markdownTable(['Code', 'Close code', 'Log level', 'Retryable', 'What the person reads'], rows);
}

function ipcTable(): string {
  const rows = Object.entries(IPC).map(([channel, entry]) => [
    `\`${channel}\``,
    entry.kind === 'invoke' ? 'page asks main' : 'main tells page',
    entry.pages.join(', '),
  ]);
  return markdownTable(['Channel', 'Direction', 'Pages'], rows);
}

function administratorTable(): string {
  const rows = Object.entries(WORDS).map(([name, word]) => [`\`${formOf(name, word)}\``, word.summary]);
  return markdownTable(['Words', 'What it does'], rows);
}

function exitTable(): string {
  const rows = Object.entries(EXIT_CODES).map(([name, { code, meaning }]) => [String(code), name, meaning]);
  return markdownTable(['Code', 'Name', 'Meaning'], rows);
}

/** A code that is added to ProviderError must be added here, or the types do not fit. */
const PROVIDER_ERROR_CODES: Readonly<Record<ProviderError['code'], true>> = {
  USER_UNKNOWN: true,
  NO_MOBILE_DEVICE: true,
  REPORTED_BY_PHONE: true,
  START_REFUSED: true,
  SMS_REFUSED: true,
  CODE_WRONG: true,
  SETTINGS_REFUSED: true,
  CONTACT_REFUSED: true,
  NOT_SUPPORTED: true,
  PROVIDER_UNAUTHORIZED: true,
  PROVIDER_RATE_LIMITED: true,
  PROVIDER_UNAVAILABLE: true,
  PROVIDER_UNREACHABLE: true,
  PROVIDER_NO_NETWORK: true,
  PROVIDER_TIMEOUT: true,
  PROVIDER_BAD_ANSWER: true,
};

function libraryErrorTable(): string {
  const rows = Object.entries(ERROR_CODES)
    .filter(([code]) => Object.hasOwn(PROVIDER_ERROR_CODES, code))
    .map(([code, { retryable, text }]) => [`\`${code}\``, retryable ? 'yes' : 'no', text]);
  return markdownTable(['Code', 'Later it may work', 'Meaning'], rows);
}
