import { createECDH, randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { isPublicAddress } from '../../../gateway/approver/public-address.ts';
import { HINTS_PER_FIVE_MINUTES } from '../../../gateway/providers/passkey/limits.ts';
import { type ApproverUnderTest, eventually, startApprover } from './approver-under-test.ts';
import { Desk, PERSON } from './desk-in-software.ts';
import { PhoneInSoftware } from './phone-in-software.ts';

let approver: ApproverUnderTest;
afterEach(() => approver?.close());

function subscription(endpoint = 'https://push.example/send/abc') {
  const keys = createECDH('prime256v1');
  keys.generateKeys();
  return { endpoint, keys: { p256dh: keys.getPublicKey('base64url'), auth: randomBytes(16).toString('base64url') } };
}

test.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '::1',
  '::',
  '::ffff:10.0.0.1',
  '::ffff:8.8.8.8',
  'fe80::1',
  'fd00::1',
  '64:ff9b::a00:1',
  '2002:a00:1::',
  '2001:db8::1',
  'not an address',
])('%s is not on the Internet', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each(['8.8.8.8', '172.32.0.1', '2606:4700::1111'])('%s is on the Internet', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

describe('notifications', () => {
  test.each([
    'https://127.0.0.1/x',
    'https://[::1]/x',
    'https://2130706433/x',
    'https://0x7f.1/x',
    'https://internal.example/x',
    'https://partly-internal.example/x',
    'https://nowhere.example/x',
    'https://push.example:8443/x',
    'https://user@push.example/x',
  ])('are not sent to %s', async (endpoint) => {
    const addresses: Record<string, string[]> = {
      'push.example': ['93.184.215.14'],
      'internal.example': ['10.0.0.5'],
      'partly-internal.example': ['93.184.215.14', '10.0.0.5'],
    };
    approver = await startApprover({
      resolve: async (name) => (addresses[name] ?? []).map((address) => ({ address, family: 4 })),
    });
    const desk = await Desk.at(approver);
    const phone = await desk.enrolledPhone(approver);
    expect(await phone.refusal('push.subscribe', subscription(endpoint))).toBe('PUSH_REFUSED');
    expect(await phone.refusal('push.subscribe', subscription('http://push.example/x'))).toBe('BAD_REQUEST');
  });

  test('are not sent to a name that leads into the own network later', async () => {
    const now = { leads: '93.184.215.14' };
    approver = await startApprover({ resolve: async () => [{ address: now.leads, family: 4 }] });
    const desk = await Desk.at(approver);
    const phone = await desk.enrolledPhone(approver);
    await phone.call('push.subscribe', subscription());
    now.leads = '192.168.1.1';
    await desk.asks();
    await eventually(() => approver.logger.lines.some((line) => line.includes('was not taken')), 'the refusal');
    expect(approver.pushed).toEqual([]);
  });

  test('go to the address that was checked, encrypted, and say nothing about anybody', async () => {
    approver = await startApprover();
    const desk = await Desk.at(approver);
    const phone = await desk.enrolledPhone(approver);
    const state = (await phone.call('push.subscribe', subscription())).state;
    expect(state.push.subscribed).toBe(true);
    await desk.asks();
    await eventually(() => approver.pushed.length === 1, 'the notification');
    const [sent] = approver.pushed;
    expect(sent?.to.address).toBe('93.184.215.14');
    expect(sent?.headers).toMatchObject({ 'Content-Encoding': 'aes128gcm', TTL: 60, Urgency: 'high' });
    expect(String(sent?.headers['Authorization'])).toMatch(/^vapid t=/);
    expect(sent?.body.toString('latin1')).not.toMatch(/Ada|look|device/);
  });

  test('end when the push service does not know the phone any more, or the phone says so', async () => {
    approver = await startApprover();
    approver.answers.pushStatus = 410;
    const desk = await Desk.at(approver);
    const phone = await desk.enrolledPhone(approver);
    await phone.call('push.subscribe', subscription());
    await desk.asks();
    await eventually(() => approver.service.phones.subscriptions('user-1').length === 0, 'the subscription to end');
    await phone.call('push.subscribe', subscription());
    expect((await phone.call('push.unsubscribe', {})).state.push.subscribed).toBe(false);
  });

  test('go to the phones there are when another one is added, and to all of them before they are disabled', async () => {
    approver = await startApprover();
    const desk = await Desk.at(approver);
    const phone = await desk.enrolledPhone(approver);
    await phone.call('push.subscribe', subscription('https://push.example/first'));
    await new PhoneInSoftware(approver).enroll((await phone.call('phone.add', {})).link, 'Second');
    await eventually(() => approver.pushed.length === 1, 'the notification of another key');
    await new PhoneInSoftware(approver).call('recover', { recoveryCode: phone.recoveryCode ?? '' });
    await eventually(() => approver.pushed.length === 2, 'the notification of the end');
    expect(approver.pushed.map(({ url }) => url.pathname)).toEqual(['/first', '/first']);
    expect(approver.service.phones.of(PERSON)).toEqual([]);
  });

  test('ring a phone only so often, while its page shows every request', async () => {
    approver = await startApprover();
    const desk = await Desk.at(approver);
    const phone = await desk.enrolledPhone(approver);
    await phone.call('push.subscribe', subscription());
    for (let asked = 0; asked < HINTS_PER_FIVE_MINUTES + 3; asked += 1) await desk.asks();
    await phone.asked();
    expect(approver.pushed).toHaveLength(HINTS_PER_FIVE_MINUTES);
  });

  test('have one key, made once', async () => {
    approver = await startApprover();
    expect(approver.providerAgain().service.secrets.vapid).toEqual(approver.service.secrets.vapid);
  });
});
