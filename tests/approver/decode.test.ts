import { expect, test } from 'vitest';
import { CALLS } from '../../gateway/approver/web/decode/answers.ts';
import { isAssertionOptions, isCreationOptions } from '../../gateway/approver/web/decode/passkey-guard.ts';
import { isState, liveFrameOf } from '../../gateway/approver/web/decode/state-guard.ts';
import { NAME_CHARACTERS } from '../../gateway/approver/web/pages/phone-entry.tsx';
import { APPROVER_CALLS } from '../../protocol/approver.ts';
import { AssertionOptionsSchema, CreationOptionsSchema } from '../../protocol/approver-passkey.ts';
import { ApproverLiveSchema, ApproverStateSchema, PHONE_NAME_CHARACTERS } from '../../protocol/approver-state.ts';
import { exampleRequest, exampleState } from './example-states.ts';
import { PasskeyDouble } from './passkey-double.ts';

const NOW = Date.UTC(2025, 2, 14, 9, 14);
const state = exampleState(NOW, { requests: [exampleRequest(NOW)] });

/** What a value may be replaced by; some of them are good in some places, and then both must say so. */
const INSTEAD: readonly unknown[] = [
  null,
  '',
  '1',
  'x'.repeat(5_000),
  'line\nbreak',
  -1,
  1.5,
  Number.MAX_SAFE_INTEGER + 1,
  true,
  [],
  {},
  Array.from({ length: 60 }, () => ({})),
];

/** The same value with one leaf, list or record at a time taken out or replaced. */
function changedOnce(value: unknown): readonly unknown[] {
  const here = INSTEAD;
  if (Array.isArray(value)) {
    return [
      ...here,
      ...value.flatMap((entry, at) => changedOnce(entry).map((changed) => value.with(at, changed))),
      value.slice(1),
      [...value, ...value, ...value, ...value, ...value, ...value],
    ];
  }
  if (typeof value !== 'object' || value === null) return here;
  const record: Readonly<Record<string, unknown>> = { ...value };
  return [
    ...here,
    ...Object.keys(record).map((key) => Object.fromEntries(Object.entries(record).filter(([name]) => name !== key))),
    ...Object.entries(record).flatMap(([key, entry]) =>
      changedOnce(entry).map((changed) => ({ ...record, [key]: changed })),
    ),
  ];
}

function sameVerdict(
  guard: (value: unknown) => boolean,
  schema: { safeParse(value: unknown): { success: boolean } },
  value: unknown,
): number {
  expect(guard(value), 'the unchanged value').toBe(true);
  expect(schema.safeParse(value).success).toBe(true);
  const changes = changedOnce(value);
  for (const changed of changes) {
    expect(guard(changed), JSON.stringify(changed)?.slice(0, 600)).toBe(schema.safeParse(changed).success);
  }
  return changes.length;
}

test('a state is taken exactly when the protocol’s schema takes it', () => {
  expect(sameVerdict(isState, ApproverStateSchema, state)).toBeGreaterThan(500);
});

test('a frame of the WebSocket is taken exactly when the schema takes it', () => {
  const taken = (value: unknown) => liveFrameOf(value) !== null;
  for (const frame of [
    { v: 1, type: 'state', state },
    { v: 1, type: 'signed-out' },
  ]) {
    expect(taken(frame)).toBe(ApproverLiveSchema.safeParse(frame).success);
  }
  for (const frame of [null, 'text', { v: 1, type: 'other' }, { v: 1, type: 'state' }, { v: 2, type: 'signed-out' }]) {
    expect(taken(frame), JSON.stringify(frame)).toBe(false);
  }
});

test('options for a passkey are refused where the user’s verification is not required, whatever else they say', async () => {
  const passkey = new PasskeyDouble();
  const creation = await passkey.creationOptions();
  const assertion = await passkey.assertionOptions();
  expect(isCreationOptions(creation) && CreationOptionsSchema.safeParse(creation).success).toBe(true);
  expect(isAssertionOptions(assertion) && AssertionOptionsSchema.safeParse(assertion).success).toBe(true);
  expect(isAssertionOptions({ ...assertion, userVerification: 'preferred' })).toBe(false);
  const { authenticatorSelection } = creation;
  expect(
    isCreationOptions({
      ...creation,
      authenticatorSelection: { ...authenticatorSelection, userVerification: 'preferred' },
    }),
  ).toBe(false);
});

test('every call goes where the protocol says, and a state in its answer is looked at', () => {
  for (const [name, { path, answer }] of Object.entries(CALLS)) {
    const agreed = Object.entries(APPROVER_CALLS).find(([call]) => call === name)?.[1];
    expect(path).toBe(agreed?.path);
    if (agreed?.answer.safeParse({ state }).success === true)
      expect(answer({ state: { ...state, requests: [{}] } }), name).toBe(false);
  }
  expect(Object.keys(CALLS).toSorted()).toEqual(Object.keys(APPROVER_CALLS).toSorted());
});

test('a phone’s name is as long as the protocol allows', () => {
  expect(NAME_CHARACTERS).toBe(PHONE_NAME_CHARACTERS);
});
