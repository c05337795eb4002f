import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ProviderMethods } from '../../gateway/providers/provider.ts';
import { formOf, plainText } from '../../gateway/providers/wcd-2factor/form.ts';
import { MethodsOfPersonSchema } from '../../protocol/confirmation-methods.ts';
import { codeOf, signal, TwoFactorWorld } from './wcd-2factor-under-test.ts';

const ADA = 'ada';

describe('setting up a confirmation method', () => {
  let world: TwoFactorWorld;
  let methods: ProviderMethods;
  beforeEach(async () => {
    world = await TwoFactorWorld.start({ schemas: true });
    const { methods: offered } = world.provider().enrollment;
    if (offered === undefined) throw new Error('the provider offers no methods');
    methods = offered;
  });
  afterEach(() => world.close());

  const idOf = async (key: string) => {
    const found = (await methods.list(ADA, signal)).methods.find((each) => each.key === key);
    if (found === undefined) throw new Error(`no method ${key}`);
    return found.id;
  };
  const email = async () => {
    const settings = { email: 'ada@example.org' };
    return methods.create(ADA, { methodId: await idOf('email'), settings, isDefault: true }, signal);
  };

  test('lists what there is, with the form of the method’s own schema, in the shape of a frame', async () => {
    const state = await methods.list(ADA, signal);
    expect(MethodsOfPersonSchema.parse(state)).toEqual(state);
    expect(state.configs).toEqual([]);
    expect(state.methods.map(({ key, form }) => [key, form.map((field) => [field.name, field.required])])).toEqual([
      ['dummy', [['code', true]]],
      ['email', [['email', true]]],
      ['sms', [['phone', true]]],
      ['push', [['device', false]]],
    ]);
  });

  test('counts only once it is confirmed by the code that was sent', async () => {
    const created = await email();
    expect(MethodsOfPersonSchema.parse(created)).toEqual(created);
    const { toConfirm } = created;
    if (toConfirm === undefined) throw new Error('nothing to confirm');
    expect(created.configs).toMatchObject([{ id: toConfirm.configId, status: 'in-process', isAvailable: false }]);
    expect(toConfirm.label).toBe('Code by e-mail');
    expect(await world.provider().enrollment.check(ADA, signal)).toEqual({ registered: false });

    const code = world.simulator.phone(ADA).code();
    const wrong = { ...toConfirm, data: code === '111111' ? '222222' : '111111' };
    expect(await codeOf(methods.confirm(ADA, wrong, signal))).toBe('CODE_WRONG');
    const confirmed = await methods.confirm(ADA, { ...toConfirm, data: code }, signal);
    expect(confirmed.configs).toMatchObject([{ status: 'confirmed', isAvailable: true, isDefault: true }]);
    expect(await world.provider().enrollment.check(ADA, signal)).toEqual({ registered: true });
    expect(await codeOf(methods.confirm(ADA, { ...toConfirm, data: code }, signal))).toBe('SETTINGS_REFUSED');
  });

  test('is confirmed by the phone alone where nothing is typed', async () => {
    const created = await methods.create(ADA, { methodId: await idOf('push'), settings: {}, isDefault: true }, signal);
    const { toConfirm } = created;
    if (toConfirm === undefined) throw new Error('nothing to confirm');
    expect(await codeOf(methods.confirm(ADA, { ...toConfirm, data: '' }, signal))).toBe('CODE_WRONG');
    world.simulator.phone(ADA).approve();
    expect((await methods.confirm(ADA, { ...toConfirm, data: '' }, signal)).configs).toMatchObject([
      { isAvailable: true },
    ]);
  });

  test('keeps the settings that are not changed, and asks again for those that matter', async () => {
    const { toConfirm } = await email();
    if (toConfirm === undefined) throw new Error('nothing to confirm');
    const { configId } = toConfirm;
    await methods.confirm(ADA, { ...toConfirm, data: world.simulator.phone(ADA).code() }, signal);
    const paused = await methods.update(ADA, { configId, isActive: false, isDefault: true }, signal);
    expect(paused.toConfirm).toBeUndefined();
    expect(paused.configs).toMatchObject([{ status: 'confirmed', isActive: false, isAvailable: false }]);
    const settings = { email: 'ada@example.com' };
    const moved = await methods.update(ADA, { configId, settings, isActive: true, isDefault: true }, signal);
    expect(moved.configs).toMatchObject([{ status: 'in-process', isActive: true, isAvailable: false }]);
    expect(moved.toConfirm?.configId).toBe(configId);
  });

  test('deletes, once or twice', async () => {
    const { toConfirm } = await email();
    const configId = toConfirm?.configId ?? '';
    expect((await methods.delete(ADA, configId, signal)).configs).toEqual([]);
    expect((await methods.delete(ADA, configId, signal)).configs).toEqual([]);
  });

  test('says when the settings are not accepted', async () => {
    const methodId = await idOf('email');
    expect(await codeOf(methods.create(ADA, { methodId, settings: {}, isDefault: true }, signal))).toBe(
      'SETTINGS_REFUSED',
    );
    expect(await codeOf(methods.update(ADA, { configId: '99', isActive: true, isDefault: true }, signal))).toBe(
      'SETTINGS_REFUSED',
    );
  });

  test('never shows another person’s', async () => {
    await email();
    expect((await methods.list('bob', signal)).configs).toEqual([]);
    expect(
      await codeOf(methods.update('bob', { configId: '1', settings: {}, isActive: true, isDefault: true }, signal)),
    ).toBe('USER_UNKNOWN');
  });
});

describe('the form of a method', () => {
  const formWith = (schema: unknown, method = 'totp') =>
    formOf({ id: 1, title: 'T', method, is_default: false, config_user_schema: schema });
  const one = (property: unknown, required: readonly string[] = ['x']) =>
    formWith({ type: 'object', properties: { x: property }, required });
  const FALLBACK = { name: 'code', label: 'Code', kind: 'text', required: true, secret: false, maxLength: 500 };

  test.each<[string, unknown, object]>([
    ['a text', { type: 'string', title: 'Address' }, { label: 'Address', kind: 'text', secret: false }],
    ['a bounded text', { type: 'string', maxLength: 9_999 }, { label: 'x', kind: 'text', maxLength: 500 }],
    ['a password', { type: 'string', format: 'password' }, { kind: 'text', secret: true }],
    ['a whole number', { type: 'integer', description: 'How\nmany' }, { kind: 'number', help: 'How many' }],
    ['a number', { type: 'number' }, { kind: 'number' }],
    ['a switch', { type: 'boolean' }, { kind: 'boolean' }],
    ['a choice', { type: 'string', enum: ['a', 'b'] }, { kind: 'choice', choices: ['a', 'b'] }],
    [
      'a text that may be null',
      { anyOf: [{ type: 'string' }, { type: 'null' }], title: 'T' },
      { kind: 'text', label: 'T' },
    ],
  ])('%s', (_name, property, expected) => {
    expect(one(property)).toMatchObject([{ name: 'x', required: true, ...expected }]);
  });

  test('asks for nothing where the schema has nothing', () => {
    expect(formWith({ type: 'object', properties: {} })).toEqual([]);
  });

  test('leaves out what no form can show, unless it is required', () => {
    for (const property of [
      { type: 'object' },
      { $ref: '#/x' },
      { type: 'integer', enum: ['1'] },
      { type: 'array' },
      null,
    ]) {
      expect(one(property, [])).toEqual([]);
      expect(one(property)).toEqual([FALLBACK]);
    }
  });

  test.each<[string, unknown]>([
    ['no schema', undefined],
    ['a schema of something else', { type: 'array', properties: {} }],
    ['a required member that is not described', { properties: {}, required: ['x'] }],
    ['a name that is none', { properties: { 'x y': { type: 'string' } }, required: ['x y'] }],
    [
      'too many members',
      { properties: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`x${index}`, { type: 'string' }])) },
    ],
  ])('%s is one text field', (_name, schema) => {
    expect(formWith(schema)).toEqual([FALLBACK]);
  });

  test.each([
    ['email', 'email'],
    ['sms', 'phone'],
    ['dummy', 'code'],
    ['constructor', 'code'],
  ])('that field of %s is called %s', (method, name) => {
    expect(formWith(undefined, method)).toMatchObject([{ name }]);
  });

  test('a title is one bounded line', () => {
    expect(plainText(' a\r\n\u0007b  c ', 80)).toBe('a b c');
    expect(plainText('x'.repeat(100), 10)).toBe('xxxxxxxxx…');
  });
});
