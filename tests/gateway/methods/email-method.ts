import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { type ConfirmationMethod, defineMethod } from '../../../gateway/methods/method.ts';

const hashOf = (code: string): Buffer => createHash('sha256').update(code).digest();

/** @param send rejects when the message cannot be sent; the request then fails and nothing has changed */
export function emailMethod(send: (address: string, code: string) => Promise<void>): ConfirmationMethod {
  return defineMethod({
    key: 'email',
    title: 'Code by e-mail',
    settings: z.strictObject({ address: z.email().max(254).meta({ title: 'E-mail address' }) }),
    state: z.null(),
    asked: z.strictObject({ sha256: z.base64() }),
    data: z.object({ code: z.string().max(16) }),
    maxWrongInARow: 20,
    titleOf: ({ address }) => address,
    isSignificantChange: (before, after) => before?.address !== after.address,
    async request({ purpose, settings }) {
      const code = String(randomInt(1_000_000)).padStart(6, '0');
      await send(settings.address, code);
      const asked = { sha256: hashOf(code).toString('base64') };
      return purpose === 'set-up' ? { newState: null, asked } : { asked };
    },
    confirm({ asked }, { code }) {
      return timingSafeEqual(hashOf(code.trim()), Buffer.from(asked.sha256, 'base64')) ? {} : null;
    },
  });
}
