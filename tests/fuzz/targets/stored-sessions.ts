import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { createGateway } from '../../../gateway/gateway.ts';
import { seal } from '../../../gateway/sealing.ts';
import { openSealedFileStore } from '../../../gateway/store/sealed-file-store.ts';
import { createMemorySessionStore, type SessionRecord } from '../../../gateway/store/session-store.ts';
import { FakeGatewayClock } from '../../gateway/fake-gateway-clock.ts';
import { FakeProvider } from '../../gateway/fake-provider.ts';
import { ACCEPTED_TOKENS } from '../../gateway/gateway-under-test.ts';
import { Workstation } from '../../gateway/workstation-in-memory.ts';
import { editedBytes, mutatedText, type Recipe, recipes } from '../mutation.ts';
import { type FuzzTarget, FuzzViolation } from '../target.ts';

interface Stored {
  readonly record: Recipe;
  /** Damage to the sealed bytes, or none: then only what was sealed is odd, as another version's would be. */
  readonly damaged: boolean;
  /** `moved`: sealed for another name. */
  readonly key: 'ours' | 'another';
  readonly name: 'right' | 'moved' | 'odd';
}

const stored: fc.Arbitrary<Stored> = fc.record({
  record: recipes,
  damaged: fc.boolean(),
  key: fc.integer({ min: 0, max: 9 }).map((roll) => (roll === 0 ? 'another' : 'ours')),
  name: fc.integer({ min: 0, max: 9 }).map((roll) => (roll === 0 ? 'moved' : roll === 1 ? 'odd' : 'right')),
});

const SESSION_ID = '0123456789abcdef0123456789abcdef';
const MOVED_ID = 'fedcba9876543210fedcba9876543210';
const KEY = Buffer.alloc(32, 7);
const OTHER_KEY = Buffer.alloc(32, 8);
const PROVIDER_ID = 'fake';
const RECORD: SessionRecord = {
  v: 1,
  sessionId: SESSION_ID,
  providerId: PROVIDER_ID,
  tokenName: 'desk',
  deviceId: 'device-1',
  requestId: 'request-1',
  userId: 'user-1',
  handle: '{"any":"handle"}',
  status: 'active',
  reservedSeq: 1_000,
  startedAtWallMs: 1_700_000_000_000,
  durationMs: 3_600_000,
  ending: false,
};
const EXAMPLES = [RECORD, { ...RECORD, status: 'pending' }, { ...RECORD, ending: true, reservedSeq: 0 }];

/** What a restarted gateway finds in its store: an approval from before the restart must not be a lease after it. */
export function storedSessionsTarget(): FuzzTarget<Stored> {
  return {
    name: 'stored-sessions',
    inputs: stored,
    async open() {
      const folder = mkdtempSync(join(tmpdir(), 'fuzz-store-'));
      const store = await openSealedFileStore({ directory: folder, key: KEY, providerId: PROVIDER_ID });
      return {
        async feed(input) {
          const { name, bytes, untouched } = fileOf(input);
          const path = join(folder, name);
          writeFileSync(path, bytes);
          try {
            const { records, problems } = await store.load();
            if (records.length + problems.length !== 1) throw new FuzzViolation('neither used nor reported');
            const [record] = records;
            if (record === undefined) return problems[0]?.problem ?? '';
            if (!untouched) throw new FuzzViolation('believed what was not sealed as it is');
            return await restored(record);
          } finally {
            rmSync(path, { force: true });
          }
        },
        async close() {
          rmSync(folder, { recursive: true, force: true });
        },
      };
    },
  };
}

function fileOf({ record, damaged, key, name }: Stored) {
  const text = mutatedText({ ...record, ofText: damaged ? [] : record.ofText }, EXAMPLES);
  const sealed = seal(text, key === 'ours' ? KEY : OTHER_KEY, `presence-locker session 1|${PROVIDER_ID}|${SESSION_ID}`);
  const bytes = damaged ? editedBytes(sealed, record.ofText) : sealed;
  const fileName = name === 'right' ? SESSION_ID : name === 'moved' ? MOVED_ID : '../x'.replaceAll(/[./]/g, '_');
  return { name: `${fileName}.session`, bytes, untouched: bytes.equals(sealed) && key === 'ours' && name === 'right' };
}

/** The gateway goes on with it; as long as the service says nothing new, nobody gets a lease. */
async function restored(record: SessionRecord): Promise<string> {
  const clock = new FakeGatewayClock();
  const provider = new FakeProvider();
  provider.onPoll = () => ({ status: 'pending', prompt: { kind: 'phone' } });
  const quiet = (): void => undefined;
  const store = createMemorySessionStore();
  await store.save(record);
  const gateway = await createGateway({
    provider,
    clock,
    store,
    logger: { info: quiet, warn: quiet, error: quiet },
    audit: { append: quiet },
    acceptedTokens: ACCEPTED_TOKENS,
  });
  const workstation = await Workstation.introduced(gateway);
  await workstation.says({ v: 1, type: 'session.poll', sessionId: record.sessionId, seq: 0 });
  await clock.advance(2_000);
  const lease = workstation.states().find(({ status, validForMs }) => status === 'active' && validForMs > 0);
  if (lease !== undefined) throw new FuzzViolation('a lease out of the store');
  const older = workstation.states().find(({ seq }) => seq <= record.reservedSeq);
  if (older !== undefined) throw new FuzzViolation('a sequence number from before the restart');
  workstation.leave();
  const closing = gateway.close();
  await clock.advance(10_000);
  await closing;
  return 'accepted';
}
