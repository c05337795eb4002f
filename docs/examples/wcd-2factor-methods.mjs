// Lists the methods of a 2factor server, sets one up, and makes it the default.
// Usage: node wcd-2factor-methods.mjs ACCOUNT.json METHOD SETTING VALUE     for example: … account.json email email ada@example.org
// ACCOUNT.json: { "baseUrl": "https://login.example.org", "tokenFile": "…" }, and "prefix" or "header" where they are not the usual ones.
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { TwoFactorClient, TwoFactorRefusal } from 'presence-locker/wcd-2factor';

const [accountFile, method, setting, value] = process.argv.slice(2);
if (accountFile === undefined) throw new Error('Say which account.');
const { tokenFile, ...account } = JSON.parse(await readFile(accountFile, 'utf8'));
const client = new TwoFactorClient({ ...account, token: (await readFile(tokenFile, 'utf8')).trimEnd() });
const keyboard = createInterface({ input: process.stdin, output: process.stdout });

try {
  const methods = await client.listActiveMethods();
  for (const each of methods) console.log(`${each.method}: ${each.title}`);
  const chosen = methods.find((each) => each.method === method);
  if (chosen !== undefined && setting !== undefined && value !== undefined) {
    const config = { [setting]: value };
    const created = await client.createConfig({
      method_config_id: chosen.id,
      config,
      is_active: true,
      is_default: false,
    });
    // Some servers send what an authenticator app needs once.
    if (created.setUpLink !== null) console.log(`Open this in the app: ${created.setUpLink}`);
    // The vendor calls it `comfirmation_id`. Null: nothing is left to confirm.
    if (created.confirmationId === null || (await confirmed(created.item.id, created.confirmationId))) {
      await client.updateConfig(created.item.id, { config, is_active: true, is_default: true });
    } else {
      await client.deleteConfig(created.item.id);
      console.log('Not confirmed: it was removed again.');
      process.exitCode = 1;
    }
  }
  for (const own of await client.listOwnConfigs()) {
    const words = [own.status, own.is_available ? 'usable' : 'not usable', ...(own.is_default ? ['default'] : [])];
    console.log(`Yours: ${own.method_config.method} (${words.join(', ')})`);
  }
} catch (fault) {
  if (!(fault instanceof TwoFactorRefusal)) throw fault;
  // The server understood and refused: which fields, and its codes where it sent them.
  console.log(`Refused: ${fault.fields.join(', ')}`);
  process.exitCode = 1;
} finally {
  keyboard.close();
  client.close();
}

/**
 * @param {string | number} id
 * @param {string} confirmationId
 */
async function confirmed(id, confirmationId) {
  for (let tries = 3; tries > 0; tries -= 1) {
    const code = await keyboard.question('The code: ');
    try {
      await client.confirmConfig({ id, confirmation_id: confirmationId, data: { code: code.trim() } });
      return true;
    } catch (fault) {
      if (!(fault instanceof TwoFactorRefusal)) throw fault;
      console.log('That code is wrong.');
    }
  }
  return false;
}
