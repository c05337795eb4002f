import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Desktop, startDesktop } from './desktop/desktop.ts';
import { startKeychain } from './desktop/keychain.ts';
import { startManaged } from './desktop/managed-process.ts';
import { requireTools } from './desktop/tools.ts';

const PROBE = fileURLToPath(new URL('keychain-probe.ts', import.meta.url));
const answerSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.string().nullable() }),
  z.object({ ok: z.literal(false), code: z.string(), message: z.string() }),
]);

async function probe(
  env: Readonly<Record<string, string>>,
  operation: 'get' | 'set' | 'delete',
  account: string,
  secret = '',
): Promise<z.infer<typeof answerSchema>> {
  const child = await startManaged([process.execPath, PROBE, operation, account], env);
  child.writeAndEnd(secret);
  await child.ended;
  const line = child.stdout.trim();
  if (line === '') throw new Error(`the probe said nothing: ${child.output}`);
  return answerSchema.parse(JSON.parse(line));
}

describe.skipIf(requireTools(['keychain']))('a real Secret Service', () => {
  let desktop: Desktop;
  const secret = randomBytes(24).toString('base64');

  beforeAll(async () => {
    desktop = await startDesktop({ parts: ['keychain'] });
  });
  afterAll(async () => await desktop?.stop());

  it('keeps a secret across processes and forgets it when told', async () => {
    expect(await probe(desktop.env, 'get', 'application-secret')).toEqual({ ok: true, value: null });
    expect(await probe(desktop.env, 'set', 'application-secret', secret)).toEqual({ ok: true, value: null });
    expect(await probe(desktop.env, 'get', 'application-secret')).toEqual({ ok: true, value: secret });
    expect(await probe(desktop.env, 'get', 'another-account')).toEqual({ ok: true, value: null });
    expect(await probe(desktop.env, 'delete', 'application-secret')).toEqual({ ok: true, value: null });
    expect(await probe(desktop.env, 'get', 'application-secret')).toEqual({ ok: true, value: null });
    expect(await probe(desktop.env, 'delete', 'application-secret')).toEqual({ ok: true, value: null });
  });

  it('says that it is locked, and neither gives nor stores anything', async () => {
    const lockable = await startDesktop({ parts: ['keychain'] });
    try {
      expect(await probe(lockable.env, 'set', 'application-secret', secret)).toEqual({ ok: true, value: null });
      await lockable.keychain?.lock();
      for (const operation of ['get', 'set', 'delete'] as const) {
        const answer = await probe(lockable.env, operation, 'application-secret', secret);
        expect(answer).toMatchObject({ ok: false, code: 'locked' });
      }
    } finally {
      await lockable.stop();
    }
  });

  it('refuses to store where no Secret Service is on the bus', async () => {
    const bare = await startDesktop({ parts: [] });
    const bus = await startKeychain({ folder: bare.folder, env: bare.env, withKeyring: false });
    try {
      const env = { ...bare.env, DBUS_SESSION_BUS_ADDRESS: bus.busAddress };
      const answer = await probe(env, 'set', 'application-secret', secret);
      expect(answer).toMatchObject({ ok: false, code: 'unavailable' });
      expect(JSON.stringify(answer)).not.toContain(secret);
    } finally {
      await bus.stop();
      await bare.stop();
    }
  });

  it('refuses to store where there is no session bus', async () => {
    const { DBUS_SESSION_BUS_ADDRESS: _gone, ...env } = desktop.env;
    const nowhere = { ...env, DBUS_SESSION_BUS_ADDRESS: `unix:path=${desktop.folder}/no-such-bus` };
    expect(await probe(nowhere, 'set', 'application-secret', secret)).toMatchObject({
      ok: false,
      code: 'unavailable',
    });
  });
});
