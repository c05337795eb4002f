// Keeps a session over a restart: sealed in a file, and opened again where no application secret is.
// Usage: node activeconnect-session-at-rest.mjs ACCOUNT.json USER FILE     (ACCOUNT.json: see activeconnect-enroll.mjs)
import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import {
  AuthenticationAPI,
  openService,
  openSessionService,
  SEALING_KEY_BYTES,
  Session,
} from 'presence-locker/activeconnect';

const [accountFile, userId, file] = process.argv.slice(2);
if (accountFile === undefined || userId === undefined || file === undefined)
  throw new Error('Say account, person and file.');
const { secretFile, ...account } = JSON.parse(await readFile(accountFile, 'utf8'));
const appSecret = (await readFile(secretFile, 'utf8')).trimEnd();

// In real life the key comes from a keychain and outlives the process.
const key = randomBytes(SEALING_KEY_BYTES);

const service = openService({ ...account, appSecret });
const started = await new AuthenticationAPI(service).authenticateUser(userId);
await writeFile(file, started.seal(key), { mode: 0o600 });
console.log(`Sealed while ${started.reading.status}.`);
service.close();

// A later process: only the session's own secrets are needed, and they are in the file.
const connection = openSessionService(account);
const opened = Session.unseal(await readFile(file), key, connection);
// 'torn' or 'not-authentic': another key, or somebody changed the file.
if (!opened.ok) throw new Error(`The file does not open: ${opened.error}`);
const { status } = await opened.value.getStatus();
console.log(`Opened again: ${status}.`);

// The vendor's own JSON object, for what the vendor's client stored or is to read. It holds the session's secret: never store it like this.
const stored = opened.value.toJSON();
console.log(`Members: ${Object.keys(stored).join(', ')}`);
const again = Session.fromJSON(stored, connection);
console.log(`In progress: ${again.inProgress()}`);
await again.destroy();
console.log(`Ended: ${again.reading.status}.`);
await rm(file);
connection.close();
