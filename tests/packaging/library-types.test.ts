import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../../scripts/run-steps.ts';
import { finished, type InstalledPackage, installPackage } from './installed-package.ts';

let installed: InstalledPackage;

beforeAll(() => {
  installed = installPackage();
});
afterAll(() => installed?.remove());

describe('the types', () => {
  /** @returns what the compiler says of somebody's strict program, their other settings the usual ones. */
  function complaintsOf(name: string, source: string): string {
    writeFileSync(join(installed.folder, name), source);
    const compilerOptions = {
      strict: true,
      module: 'nodenext',
      target: 'es2022',
      noEmit: true,
      allowJs: true,
      checkJs: true,
      skipLibCheck: false,
      types: ['node'],
    };
    writeFileSync(join(installed.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [name] }));
    try {
      finished(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', installed.folder]);
      return '';
    } catch (fault) {
      return String(fault);
    }
  }

  test('fit a strict program, nothing of them left out', () => {
    const source = `
      import { ManagementAPI, openService, ProviderError, Session, type SessionStatus, type StoredSession } from 'presence-locker/activeconnect';
      const service = openService({ profile: 'iampass', appId: 'a', appSecret: 's' });
      const added: Promise<'created' | 'existing'> = new ManagementAPI(service).addUser('u');
      export function statusOf(stored: StoredSession): SessionStatus {
        return Session.fromJSON(stored, service).reading.status;
      }
      export const codeOf = (fault: unknown) => (fault instanceof ProviderError ? fault.code satisfies string : added);
    `;
    expect(complaintsOf('program.mts', source)).toBe('');
  });

  test('of 2factor fit a strict program too', () => {
    const source = `
      import { type ChangedConfig, ProviderError, STATUSES, TwoFactorClient, TwoFactorRefusal, type UserConfig } from 'presence-locker/wcd-2factor';
      const client = new TwoFactorClient({ baseUrl: 'https://login.example.org', token: 't', header: { template: 'Bearer {token}' } });
      export const changed: Promise<ChangedConfig> = client.createConfig({ method_config_id: 1, config: { code: 'c' }, is_active: true, is_default: true });
      export const isReady = (config: UserConfig): boolean => config.status === STATUSES.confirmed && config.is_available;
      export const about = (fault: unknown) =>
        fault instanceof TwoFactorRefusal ? fault.codes satisfies readonly ('wrong_config' | 'failed_to_confirm' | 'empty_config')[]
          : fault instanceof ProviderError ? fault.code satisfies string : client.checkConfirmation('id', { signal: AbortSignal.timeout(1) });
    `;
    expect(complaintsOf('program.mts', source)).toBe('');
  });

  test.each([
    ['a forgotten token', "new TwoFactorClient({ baseUrl: 'https://login.example.org' });", 'token'],
    [
      'a config without its method',
      'client.createConfig({ config: {}, is_active: true, is_default: true });',
      'method_config_id',
    ],
    [
      'a call as the vendor never spelt it',
      'client.requestConfirmation({ userConfigId: 1, data: {} });',
      'userConfigId',
    ],
    [
      'settings that are no JSON',
      'client.updateConfig(1, { config: { at: new Date() }, is_active: true, is_default: true });',
      'Date',
    ],
  ])('of 2factor refuse %s', (_what, line, about) => {
    const source = `import { TwoFactorClient } from 'presence-locker/wcd-2factor';\ndeclare const client: TwoFactorClient; void client;\n${line}`;
    const complaint = complaintsOf('wrong.mts', source);
    expect(complaint).toContain('wrong.mts(3,');
    expect(complaint).toContain(about);
  });

  test.each([
    ['an unknown profile', "openService({ profile: 'okta', appId: 'a', appSecret: 's' });", 'okta'],
    ['a forgotten secret', "openService({ profile: 'iampass', appId: 'a' });", 'appSecret'],
    ['a status that there is none of', "const s: SessionStatus = 'approved'; export { s };", 'approved'],
  ])('refuse %s', (_what, line, about) => {
    const source = `import { openService, type SessionStatus } from 'presence-locker/activeconnect';\nexport type S = SessionStatus; void openService;\n${line}`;
    const complaint = complaintsOf('wrong.mts', source);
    expect(complaint).toContain('wrong.mts(3,');
    expect(complaint).toContain(about);
  });

  test.each(globSync('docs/examples/*.mjs', { cwd: ROOT }).map((file) => [basename(file)]))(
    'fit the example %s',
    (name) => {
      expect(complaintsOf(name, readFileSync(join(ROOT, 'docs/examples', name), 'utf8'))).toBe('');
    },
  );
});
