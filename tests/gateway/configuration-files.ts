import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

export const SHA256 = 'a'.repeat(64);

/** Of the test that runs. */
let directory = '';

/** A configuration with which nothing is wrong; its application secret is in no file yet. */
export function validConfig() {
  return {
    listen: { host: '127.0.0.1', port: 0 },
    tokens: [{ name: 'desk', sha256: SHA256 }],
    provider: {
      kind: 'activeconnect',
      profile: 'iampass',
      baseUrl: 'http://127.0.0.1:9',
      appId: 'APP',
      appSecret: { file: 'x' },
    },
    database: { file: join(directory, 'data', 'gateway.db'), key: { file: join(directory, 'database.key') } },
  };
}

/** A folder of its own for each test of the file that calls this. */
export function configurationFiles() {
  const secret = (name: string, content: string, mode = 0o600): string => {
    const path = join(directory, name);
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  };
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'gateway-config-'));
    secret('database.key', Buffer.alloc(32, 7).toString('base64'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));
  return {
    get directory(): string {
      return directory;
    },
    /** @returns the path */
    secret,
  };
}
