import { z } from 'zod';
import type { ConfirmationMethod } from '../../../gateway/methods/method.ts';
import { recoveryCodeMethod } from '../../../gateway/methods/recovery-code.ts';
import { totpMethod } from '../../../gateway/methods/totp.ts';
import type { ContractTime } from '../provider-contract-subject.ts';
import type { TwoFactorHost } from '../wcd-2factor-subject.ts';
import { AuthenticatorApp } from './authenticator-app.ts';
import { ISSUER, MethodsUnderTest, SERVICE_TOKEN } from './methods-under-test.ts';

const CountSchema = z.object({ count: z.int() });

/** The gateway's own registry as the host project: people confirm with an authenticator app. */
export async function registryHost(time: ContractTime): Promise<TwoFactorHost> {
  const apps = new Map<string, AuthenticatorApp>();
  const now = () => time.service.wallMs();
  const methods = [seenBy(apps, now, totpMethod({ issuer: ISSUER })), recoveryCodeMethod()];
  const host = await MethodsUnderTest.start({ clock: time.service, methods });

  function appOf(userId: string): AuthenticatorApp {
    const app = apps.get(userId);
    if (app === undefined) throw new Error('this person has set up no app');
    return app;
  }

  return {
    url: host.url,
    token: SERVICE_TOKEN,
    headerTemplate: 'Bearer {token}:{userId}',
    outOfBandMethods: [],
    methodToSetUp: { key: 'totp', settings: { label: 'phone' } },
    phone: (userId) => ({
      async register() {
        const { userConfigs, confirmations } = host.service;
        const wanted = { method_config_id: 1, config: {}, is_active: true, is_default: true };
        const { config, confirmationId } = await userConfigs.create(userId, wanted);
        const data = { code: appOf(userId).fresh() };
        await confirmations.confirmConfig(userId, { id: config.id, confirmation_id: confirmationId ?? '', data });
      },
      code() {
        if (waiting(userId) === 0) throw new Error('nobody asks this person for a code');
        return appOf(userId).fresh();
      },
      /** The host project takes back what was confirmed. */
      async close() {
        host.database.change(
          'DELETE FROM confirmation WHERE config_id IN (SELECT id FROM user_config WHERE user_id = $userId)',
          { userId },
        );
      },
    }),
    close: () => host.close(),
  };

  function waiting(userId: string): number {
    const sql = `SELECT count(*) AS count FROM confirmation JOIN user_config ON user_config.id = config_id
      WHERE user_id = $userId AND confirmation.status = '025-in_process' AND expires_at > $nowMs`;
    return host.database.row(CountSchema, sql, { userId, nowMs: now() })?.count ?? 0;
  }
}

/** Whoever sets the method up scans the link, as a person does from the screen. */
function seenBy(
  apps: Map<string, AuthenticatorApp>,
  now: () => number,
  method: ConfirmationMethod,
): ConfirmationMethod {
  return {
    ...method,
    async request(context) {
      const requested = await method.request(context);
      const link = requested.needs?.setUpLink;
      if (link !== undefined) apps.set(context.userId, new AuthenticatorApp(link, now));
      return requested;
    },
  };
}
