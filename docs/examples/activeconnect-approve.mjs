// Asks the person's phone, waits for the approval, watches for a moment, and ends the session.
// Usage: node activeconnect-approve.mjs ACCOUNT.json USER     (ACCOUNT.json: see activeconnect-enroll.mjs)
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { AuthenticationAPI, openService, ProviderError } from 'presence-locker/activeconnect';

const [accountFile, userId] = process.argv.slice(2);
if (accountFile === undefined || userId === undefined) throw new Error('Say which account and which person.');
const { secretFile, ...account } = JSON.parse(await readFile(accountFile, 'utf8'));
const appSecret = (await readFile(secretFile, 'utf8')).trimEnd();

const service = openService({ ...account, appSecret });
try {
  const authentication = new AuthenticationAPI(service);
  const session = await authentication.authenticateUser(userId, { methods: ['acceptance'], durationSeconds: 900 });
  console.log('The phone was asked.');
  while (session.inProgress()) {
    await delay(500);
    await session.getStatus();
  }
  if (session.failed()) console.log(`Not approved: ${session.reading.status}`);
  if (session.active()) {
    console.log('Approved.');
    // From here on `getStatus` tells of presence: "active", or "walkaway" when the phone is no longer near.
    await session.destroy();
    console.log(`Ended: ${session.reading.status}`);
  }
} catch (fault) {
  if (!(fault instanceof ProviderError)) throw fault;
  // A stable code for programs, a sentence for people; neither holds a secret.
  console.log(`${fault.code}: ${fault.message}`);
  process.exitCode = 1;
} finally {
  service.close();
}
