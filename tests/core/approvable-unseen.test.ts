import { describe, expect, it } from 'vitest';
import { isApprovableUnseen } from '../../main/core/approvable-unseen.ts';

describe('an approval that needs nothing of ours to be seen', () => {
  it.each([
    ['a question on the phone', { prompts: ['phone'] }, true],
    ['a question on the phone, or a code in its place', { prompts: ['code', 'phone'] }, true],
    ['a number to choose', { prompts: ['number'] }, false],
    ['a number to choose, whatever else is said', { prompts: ['phone'], numberMatching: true }, false],
    ['a code only', { prompts: ['code'] }, false],
    ['a link only', { prompts: ['link'] }, false],
    ['a service that says of nothing how it asks', { prompts: [] }, false],
  ] as const)('%s', (_what, { prompts, ...rest }, expected) => {
    expect(isApprovableUnseen({ ...rest, prompts: [...prompts] })).toBe(expected);
  });
});
