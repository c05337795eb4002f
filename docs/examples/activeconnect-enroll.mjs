// Makes a person known to the service, registers a phone, and takes both away again.
// Usage: node activeconnect-enroll.mjs ACCOUNT.json USER [PHONE-NUMBER]
// ACCOUNT.json: { "profile": "iampass", "appId": "…", "secretFile": "…" }, and "baseUrl" where it is not the service's own address.
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { ManagementAPI, openService } from 'presence-locker/activeconnect';

const [accountFile, userId, phoneNumber] = process.argv.slice(2);
if (accountFile === undefined || userId === undefined) throw new Error('Say which account and which person.');
const { secretFile, ...account } = JSON.parse(await readFile(accountFile, 'utf8'));
const appSecret = (await readFile(secretFile, 'utf8')).trimEnd();

const service = openService({ ...account, appSecret });
const management = new ManagementAPI(service);
// Every call can be broken off by a signal.
const patience = AbortSignal.timeout(120_000);

console.log(`The person: ${await management.addUser(userId, patience)}`);
const { created, existing } = await management.addUsers([userId, `${userId}-too`], patience);
console.log(`Of two, new: ${created.length}, known: ${existing.length}`);

console.log(`Open this on the phone: ${await management.getRegistrationLink(userId, 'Ada Lovelace', patience)}`);
if (phoneNumber !== undefined) {
  await management.sendRegistrationSms(userId, { phoneNumber, displayName: 'Ada Lovelace' }, patience);
  console.log('The link was sent by SMS as well.');
}
while (!(await management.hasRegisteredMobileDevice(userId, patience)))
  await delay(500, undefined, { signal: patience });
console.log('The phone is registered.');

console.log(`Lost phone, a new link: ${await management.lostUserMobileDevice(userId, patience)}`);
console.log(`Still registered: ${await management.hasRegisteredMobileDevice(userId, patience)}`);
await management.deleteUser(`${userId}-too`, patience);
await management.deleteUsers([userId], patience);
console.log('Both were deleted.');
service.close();
