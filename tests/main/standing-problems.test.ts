import { expect, it } from 'vitest';
import { StandingProblems } from '../../main/standing-problems.ts';

const problem = (code: string) => ({ code, title: code, detail: code });

it('shows the most pressing problem, and the next one when that is over', () => {
  const problems = new StandingProblems();
  const shown: (string | null)[] = [];
  problems.follow((foremost) => shown.push(foremost === null ? null : foremost.code));
  problems.set('sentinel', problem('SENTINEL_LOST'));
  problems.set('session', problem('SESSION_NOT_OBSERVED'));
  problems.set('record', problem('AUDIT_FAILED'));
  problems.set('session', null);
  problems.set('record', null);
  problems.set('sentinel', null);
  expect(shown).toEqual([
    'SENTINEL_LOST',
    'SESSION_NOT_OBSERVED',
    'SESSION_NOT_OBSERVED',
    'AUDIT_FAILED',
    'SENTINEL_LOST',
    null,
  ]);
});

it('keeps what went wrong before there was anything to show it in', () => {
  const problems = new StandingProblems();
  problems.set('record', problem('AUDIT_FAILED'));
  expect(problems.foremost()?.code).toBe('AUDIT_FAILED');
});
