import { parentPort } from 'node:worker_threads';
import { assertNever } from '../../protocol/result.ts';
import { openSystemEntry } from './keychain.ts';
import { type KeychainReply, type KeychainRequest, KeychainRequestSchema } from './keychain-request.ts';

/** Entry of the thread of keychain-thread.ts: here a keychain that does not answer holds up nobody. */
async function carryOut({ operation, service, account, secret }: KeychainRequest): Promise<string | boolean | null> {
  const entry = await openSystemEntry(service, account);
  switch (operation) {
    case 'get':
      return (await entry.getPassword()) ?? null;
    case 'set':
      if (secret === null) throw new Error('nothing to store');
      await entry.setPassword(secret);
      return null;
    case 'delete':
      return await entry.deletePassword();
    default:
      return assertNever(operation, 'operation');
  }
}

const reply = (message: KeychainReply): void => parentPort?.postMessage(message);

parentPort?.on('message', (claimed: unknown) => {
  const request = KeychainRequestSchema.parse(claimed);
  const { id } = request;
  carryOut(request).then(
    (value) => reply({ id, ok: true, value }),
    (error: unknown) => reply({ id, ok: false, words: error instanceof Error ? error.message : '' }),
  );
});
reply({ ready: true });
