import { z } from 'zod';
import { AuthenticatorApp } from './authenticator-app.ts';
import type { MethodsUnderTest } from './methods-under-test.ts';

const ChangedSchema = z.object({
  item: z.object({ id: z.int() }),
  comfirmation_id: z.uuid(),
  set_up_link: z.string().optional(),
  set_up_codes: z.array(z.string()).optional(),
});
const ConfirmationSchema = z.object({ id: z.uuid(), status: z.string(), is_available: z.boolean() });

export const TOTP = 1;
export const RECOVERY = 2;

export interface Begun {
  readonly configId: number;
  readonly confirmationId: string;
  readonly link: string;
  readonly codes: readonly string[];
}

/** Creates a config over HTTP. */
export async function begin(
  host: MethodsUnderTest,
  { as = 'ada', method = TOTP, config = {}, isDefault = true } = {},
): Promise<Begun> {
  const json = { method_config_id: method, config, is_active: true, is_default: isDefault };
  const { status, body } = await host.call('POST', 'user-config/own/create/', { as, json });
  if (status !== 200) throw new Error(`create answered ${status} ${JSON.stringify(body)}`);
  const made = ChangedSchema.parse(body);
  return {
    configId: made.item.id,
    confirmationId: made.comfirmation_id,
    link: made.set_up_link ?? '',
    codes: made.set_up_codes ?? [],
  };
}

export async function confirmSetUp(host: MethodsUnderTest, begun: Begun, code: string, as = 'ada') {
  const json = { id: begun.configId, confirmation_id: begun.confirmationId, data: { code } };
  return host.call('POST', 'user-config/own/confirm/', { as, json });
}

/** A confirmed authenticator app. */
export async function withApp(
  host: MethodsUnderTest,
  as = 'ada',
): Promise<{ configId: number; app: AuthenticatorApp }> {
  const begun = await begin(host, { as });
  const app = new AuthenticatorApp(begun.link, () => host.clock.wallMs());
  const { status } = await confirmSetUp(host, begun, app.fresh(), as);
  if (status !== 200) throw new Error(`confirm answered ${status}`);
  return { configId: begun.configId, app };
}

/** Confirmed recovery codes. */
export async function withCodes(host: MethodsUnderTest, as = 'ada') {
  const begun = await begin(host, { as, method: RECOVERY });
  const { status } = await confirmSetUp(host, begun, begun.codes[0] ?? '', as);
  if (status !== 200) throw new Error(`confirm answered ${status}`);
  return { configId: begun.configId, codes: begun.codes };
}

export async function request(host: MethodsUnderTest, configId: number, as = 'ada'): Promise<string> {
  const json = { user_config_id: configId, data: {} };
  const { status, body } = await host.call('POST', 'confirmation/request/', { as, json });
  if (status !== 200) throw new Error(`request answered ${status} ${JSON.stringify(body)}`);
  return ConfirmationSchema.parse(body).id;
}

export const confirm = (host: MethodsUnderTest, id: string, code: string, as = 'ada') =>
  host.call('POST', 'confirmation/confirm/', { as, json: { id, data: { code } } });

export const check = async (host: MethodsUnderTest, id: string, as = 'ada') =>
  (await host.call('GET', `confirmation/${id}/check/`, { as })).body;

export const use = (host: MethodsUnderTest, id: string, as = 'ada') =>
  host.call('POST', 'confirmation/use/', { as, json: { id } });

export const FAILED = { status: 400, body: { non_field_errors: ['Failed to confirm.'] } };
export const UNKNOWN = { status: 400, body: { id: ['Invalid pk - object does not exist.'] } };
export const NOBODY_KNOWS = { id: null, status: null, is_available: false };
