import { SecretStoreFailed } from '../../main/core/ports.ts';
import { createKeychain } from '../../main/secrets/keychain.ts';

/**
 * Runs one keychain operation in a process of its own, because the native library reads DBUS_SESSION_BUS_ADDRESS once. The secret comes on
 * standard input. Prints one JSON line: `{"ok":true,"value":…}` or `{"ok":false,"code":…,"message":…}`.
 * usage: keychain-probe.ts <get|set|delete> <account> [timeout ms]
 */
async function main(operation: string, account: string, timeoutMs: number): Promise<unknown> {
  const keychain = createKeychain({ timeoutMs });
  if (operation === 'get') return await keychain.get(account);
  if (operation === 'delete') {
    await keychain.delete(account);
    return null;
  }
  let secret = '';
  for await (const chunk of process.stdin) secret += String(chunk);
  await keychain.set(account, secret);
  return null;
}

const [operation = '', account = '', timeoutMs = '5000'] = process.argv.slice(2);
try {
  console.log(JSON.stringify({ ok: true, value: await main(operation, account, Number(timeoutMs)) }));
} catch (error) {
  if (!(error instanceof SecretStoreFailed)) throw error;
  console.log(JSON.stringify({ ok: false, code: error.code, message: error.message }));
}
process.exit(0);
