// Asks a person for a confirmation with their default method, and waits for the code or for the phone.
// Usage: node wcd-2factor-confirm.mjs ACCOUNT.json     (ACCOUNT.json: see wcd-2factor-methods.mjs)
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { ProviderError, STATUSES, TwoFactorClient, TwoFactorRefusal } from 'presence-locker/wcd-2factor';

const [accountFile] = process.argv.slice(2);
if (accountFile === undefined) throw new Error('Say which account.');
const { tokenFile, ...account } = JSON.parse(await readFile(accountFile, 'utf8'));
const client = new TwoFactorClient({ ...account, token: (await readFile(tokenFile, 'utf8')).trimEnd() });
const keyboard = createInterface({ input: process.stdin, output: process.stdout });
// Every call can be broken off by a signal.
const signal = AbortSignal.timeout(120_000);

try {
  const own = await client.listOwnConfigs({ signal });
  const chosen = own.find((config) => config.is_default && config.is_available);
  if (chosen === undefined) {
    console.log('This person has no default method that is set up.');
    process.exitCode = 1;
  } else {
    const { id } = await client.requestConfirmation({ user_config_id: chosen.id, data: {} }, { signal });
    console.log(`Asked by ${chosen.method_config.title}.`);
    const isConfirmed = await confirmed(id);
    // A confirmation is good for one use: the host project uses it up when it does what was confirmed.
    console.log(isConfirmed ? 'Confirmed.' : 'Not confirmed.');
    if (!isConfirmed) process.exitCode = 1;
  }
} catch (fault) {
  if (!(fault instanceof ProviderError)) throw fault;
  // A stable code for programs, a sentence for people; neither holds a secret.
  console.log(`${fault.code}: ${fault.message}`);
  process.exitCode = 1;
} finally {
  keyboard.close();
  client.close();
}

/** @param {string} id */
async function confirmed(id) {
  for (let tries = 3; tries > 0; tries -= 1) {
    const code = (await keyboard.question('The code, or Enter when the phone has confirmed: ', { signal })).trim();
    try {
      const { status, is_available } =
        code === ''
          ? await client.checkConfirmation(id, { signal })
          : await client.confirmConfirmation({ id, data: { code } }, { signal });
      // Only both together are a yes; a status that you do not know is none.
      if (status === STATUSES.confirmed && is_available) return true;
      console.log('Not yet.');
    } catch (fault) {
      if (!(fault instanceof TwoFactorRefusal)) throw fault;
      console.log('That code is wrong.');
    }
  }
  return false;
}
