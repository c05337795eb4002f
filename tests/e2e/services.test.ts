import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { PolicyOverride } from '../../protocol/policy.ts';
import { requireTools } from '../system/desktop/tools.ts';
import { GuardedDesktop } from './driver/guarded-desktop.ts';
import { OwnService } from './driver/own-service.ts';
import { SOON_MS } from './driver/patience.ts';
import { Phone } from './driver/phone.ts';

const POLICY = { leaseMs: 8_000, pollIntervalMs: 1_000 } as const satisfies PolicyOverride;
const CodesSchema = z.looseObject({ codes: z.array(z.looseObject({ code: z.string() })) });

/** From the first click to a lock that the service asks for, with an account typed into the pages and a service that runs elsewhere. */
describe.skipIf(requireTools(['x-server', 'logind', 'locker', 'keychain']))(
  'with an own account on a real desktop',
  () => {
    let guarded: GuardedDesktop;
    const services: OwnService[] = [];

    beforeAll(async () => {
      guarded = await GuardedDesktop.start(POLICY);
    });
    afterAll(async () => {
      await guarded?.stop();
      for (const service of services) await service.stop();
    });
    afterEach(({ task }) => {
      if (task.result?.state === 'fail') console.error(guarded.app.tail());
    });

    async function serviceOf(...args: [string, ...string[]]): Promise<OwnService> {
      const service = await OwnService.start(args, guarded.desktop.env);
      services.push(service);
      return service;
    }

    /** Types the account into the form of the enrollment window. */
    async function enterAccount(service: string, fields: Readonly<Record<string, string>>): Promise<void> {
      await guarded.window('enrollment');
      await guarded.press('enrollment', 'role=button[name=/Use your own account/]');
      await guarded.press('enrollment', `role=radio[name="${service}"]`);
      if ('apiUrl' in fields) await guarded.press('enrollment', 'role=radio[name="Another address"]');
      await guarded.type('enrollment', fields);
      await guarded.press('enrollment', 'role=button[name="Continue"]');
      await guarded.enrollmentUntil((view) => view.registration !== null || view.problem !== null, 'the next step');
    }

    async function lockedBecause(from: number, cause: string): Promise<void> {
      const locked = await guarded.app.untilState('locked', SOON_MS, from);
      expect(locked.cause).toBe(cause);
      expect(await guarded.lockerRuns()).toBe(true);
    }

    async function noSecretLeft(secret: string): Promise<void> {
      expect(await guarded.beside.keychainSecrets()).toContain(secret);
      expect(guarded.app.everything()).not.toContain(secret);
      expect(await readFile(join(guarded.userData, 'enrollment.json'), 'utf8')).not.toContain(secret);
    }

    it('Authsignal: a link, an approval on the phone, and a lock when the service closes the session', async () => {
      const secret = randomBytes(24).toString('hex');
      const service = await serviceOf('authsignal', '--secret', secret);
      await enterAccount('Authsignal', { secretKey: secret, apiUrl: service.announced.url });
      const { service: known } = await guarded.enrollmentView();
      expect(known).toMatchObject({ title: 'Authsignal', proximity: false });
      expect(await guarded.read('enrollment', 'main')).toContain('does not notice when your phone leaves');
      const record = z
        .looseObject({ userId: z.string() })
        .parse(JSON.parse(await readFile(join(guarded.userData, 'enrollment.json'), 'utf8')));
      guarded.takePhone(new Phone(`${service.origin}/phone/${record.userId}`));
      await guarded.phone.act('register');
      await guarded.finishEnrollment();
      await guarded.app.untilState('verifying', SOON_MS);
      await guarded.approve();
      await guarded.untilCovered(false);
      await guarded.lockByHand();
      await guarded.unlockByHand();
      await guarded.untilCovered(true);
      await guarded.approve();
      await guarded.untilCovered(false);
      await noSecretLeft(secret);

      const from = guarded.app.mark;
      await guarded.phone.act('block');
      await lockedBecause(from, 'session-closed');
      await guarded.unlockByHand();
      await guarded.approve();
      await guarded.bridge('enrollment', 'window.presenceLocker.enrollment.remove()');
      await guarded.app.untilState('unenrolled', SOON_MS, from);
    });

    it('WebCase 2factor: a method from its form, a code typed on the curtain, and a lock when the permit is used up', async () => {
      const token = randomBytes(24).toString('hex');
      const service = await serviceOf('wcd-2factor', '--schemas', '--authorization', `Token ${token}`);
      const phone = new Phone(z.string().parse(service.announced['phone']));
      const sentCode = async (): Promise<string> => {
        const deadline = performance.now() + SOON_MS;
        for (;;) {
          const [newest] = CodesSchema.parse(await phone.state()).codes;
          if (newest !== undefined) return newest.code;
          if (performance.now() > deadline) throw new Error('no code was sent');
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      };
      await enterAccount('WebCase 2factor', { siteUrl: service.origin, token });
      await guarded.press('enrollment', 'li:has-text("Code by e-mail") >> role=button[name=/Set up/]');
      await guarded.fillIn('enrollment', '.methods form', 'ada@example.org');
      await guarded.enrollmentUntil((view) => view.methods?.toConfirm != null, 'what is to be confirmed');
      await guarded.fillIn('enrollment', '.methods__confirm', await sentCode());
      await guarded.enrollmentUntil((view) => view.registration?.registered === true, 'the confirmed method');
      await guarded.press('enrollment', 'role=button[name="Try an approval"]');
      await guarded.enrollmentUntil((view) => view.testPrompt?.kind === 'code', 'the question for a code');
      await guarded.fillIn('enrollment', 'form.sms', await sentCode());
      await guarded.enrollmentUntil((view) => view.test === 'approved', 'the test approval');
      const from = guarded.app.mark;
      await guarded.startGuarding();
      await guarded.app.untilState('verifying', SOON_MS, from);
      await guarded.fillIn('curtain', '.code-entry', '000000x');
      expect(await guarded.read('curtain', '.code-entry .field__wrong')).toContain('That code is wrong');
      await guarded.fillIn('curtain', '.code-entry', await sentCode());
      await guarded.app.untilState('present', SOON_MS, from);
      await guarded.untilCovered(false);
      await noSecretLeft(token);
      const closing = guarded.app.mark;
      await phone.act('close');
      await lockedBecause(closing, 'session-closed');
    });
  },
);
