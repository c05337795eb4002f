import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ROOT } from '../running-process.ts';
import { emailMethod } from './email-method.ts';
import { MethodsUnderTest } from './methods-under-test.ts';
import { begin, check, confirm, confirmSetUp, FAILED, NOBODY_KNOWS, request } from './set-up.ts';

let host: MethodsUnderTest;
let outOfOrder = false;
const sent: { address: string; code: string }[] = [];
beforeEach(async () => {
  sent.length = 0;
  outOfOrder = false;
  const email = emailMethod(async (address, code) => {
    if (outOfOrder) throw new Error('no mail today');
    sent.push({ address, code });
  });
  host = await MethodsUnderTest.start({ methods: [email] });
});
afterEach(() => host.close());

const ADDRESS = { address: 'ada@example.org' };
const newest = () => sent.at(-1)?.code ?? '';

describe('the worked example of docs/confirmation-methods.md', () => {
  test('is this file, but for where it lies', () => {
    const page = readFileSync(join(ROOT, 'docs', 'confirmation-methods.md'), 'utf8');
    const file = readFileSync(join(import.meta.dirname, 'email-method.ts'), 'utf8');
    const shown = /```ts\n(.*?)```/s.exec(page)?.[1];
    expect(shown).toBe(file.replace("'../../../gateway/methods/method.ts'", "'./method.ts'"));
  });

  test('offers a form, sends a code, and confirms with it', async () => {
    const { body } = await host.call('GET', 'method-config/list/active/');
    expect(body).toMatchObject([{ method: 'email', config_user_schema: { required: ['address'] } }]);
    const begun = await begin(host, { config: ADDRESS });
    expect(sent).toEqual([{ ...ADDRESS, code: expect.stringMatching(/^\d{6}$/) }]);
    expect((await confirmSetUp(host, begun, newest())).status).toBe(200);
    const id = await request(host, begun.configId);
    const wrong = newest() === '000000' ? '000001' : '000000';
    expect(await confirm(host, id, wrong)).toMatchObject(FAILED);
    expect(await confirm(host, id, newest())).toMatchObject({ status: 200 });
  });

  test('confirms with the code of this confirmation and no other', async () => {
    const begun = await begin(host, { config: ADDRESS });
    await confirmSetUp(host, begun, newest());
    const [first, firstCode] = [await request(host, begun.configId), newest()];
    let second = await request(host, begun.configId);
    while (newest() === firstCode) second = await request(host, begun.configId);
    expect(await confirm(host, second, firstCode)).toMatchObject(FAILED);
    expect(await confirm(host, first, firstCode)).toMatchObject({ status: 200 });
  });

  test('must be confirmed anew with another address, and what the old one confirmed is void', async () => {
    const begun = await begin(host, { config: ADDRESS });
    await confirmSetUp(host, begun, newest());
    const id = await request(host, begun.configId);
    await confirm(host, id, newest());
    const json = { config: { address: 'eve@example.org' }, is_active: true, is_default: true };
    const changed = await host.call('PUT', `user-config/own/${begun.configId}/update/`, { json });
    expect(changed).toMatchObject({ status: 200, body: { item: { status: '025-in_process' } } });
    expect(sent.at(-1)?.address).toBe('eve@example.org');
    expect(await check(host, id)).toEqual(NOBODY_KNOWS);
  });

  test('changes nothing when nothing can be sent', async () => {
    outOfOrder = true;
    const json = { method_config_id: 1, config: ADDRESS, is_active: true, is_default: true };
    expect((await host.call('POST', 'user-config/own/create/', { json })).status).toBe(500);
    expect((await host.call('GET', 'user-config/own/list/')).body).toEqual([]);
    expect(host.logged).toHaveLength(1);
    expect(host.logged.join()).not.toContain(ADDRESS.address);
  });
});
