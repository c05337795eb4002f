import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { z } from 'zod';
import { createSystemClock } from '../../../gateway/clock.ts';
import { MethodsRefusal } from '../../../gateway/methods/refusal.ts';
import { servedMethods } from '../../../gateway/methods/registry.ts';
import { createMethodsService } from '../../../gateway/methods/service.ts';
import { openDatabase } from '../../../gateway/store/database.ts';

/** A gateway of its own process that takes every permit it gets of those it is told, and prints which. */
const TaskSchema = z.object({
  file: z.string(),
  key: z.string(),
  ids: z.array(z.string()),
  beginAt: z.int(),
});
const { file, key, ids, beginAt } = TaskSchema.parse(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')));
const database = await openDatabase({ file, key: Buffer.from(key, 'base64') });
const { confirmations } = createMethodsService({
  registry: servedMethods({ issuer: 'Example Ltd' }),
  database,
  clock: createSystemClock(),
  audit: { append: () => undefined },
  logger: pino({ level: 'silent' }),
  signIn: () => 'refused',
  permitMs: 3_600_000,
});
// Both processes begin together, however long each took to start.
while (Date.now() < beginAt) await new Promise((resolve) => setTimeout(resolve, 5));
const taken = ids.filter((id) => {
  try {
    confirmations.use('ada', id);
    return true;
  } catch (fault) {
    if (fault instanceof MethodsRefusal) return false;
    throw fault;
  }
});
database.close();
process.stdout.write(JSON.stringify(taken));
