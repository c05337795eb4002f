import { expect, test } from 'vitest';
import { EXIT_CODES } from '../../command/exit-codes.ts';
import { EXIT_CODES as WORKSTATION_EXIT_CODES } from '../../main/cli.ts';

test('one command has one meaning for a code: the words for the workstation share theirs', () => {
  const shared = Object.fromEntries(Object.entries(EXIT_CODES).map(([name, { code }]) => [name, code]));
  expect(shared).toMatchObject(WORKSTATION_EXIT_CODES);
});

test('no two endings have the same code', () => {
  const codes = Object.values(EXIT_CODES).map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
});
