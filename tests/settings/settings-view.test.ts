import { describe, expect, it } from 'vitest';
import { effectivePolicy, type PolicyLayers } from '../../main/core/policy.ts';
import type { PolicyReading } from '../../main/settings/policy-files.ts';
import { applySettingEdit, settingsView } from '../../main/settings/settings-view.ts';
import { PolicySchema } from '../../protocol/policy.ts';
import { SettingsViewSchema } from '../../protocol/view-model.ts';

function reading(layers: Partial<PolicyLayers> = {}, problem: string | null = null): PolicyReading {
  const all = { user: {}, machine: {}, gateway: {}, ...layers };
  return { ...effectivePolicy(all), layers: all, problem };
}
const startAtLogin = { value: true, available: true, detail: '' };
const settingOf = (from: PolicyReading, key: string) =>
  settingsView(from, startAtLogin).settings.find((setting) => setting.key === key);

describe('settings view', () => {
  it('shows every setting once that has an effect, in a form the pages accept', () => {
    const view = settingsView(reading({}, 'The file x cannot be used.'), startAtLogin);
    expect(SettingsViewSchema.parse(view)).toEqual(view);
    const withEffect = Object.keys(PolicySchema.shape).filter((key) => key !== 'offline');
    expect(view.settings.map(({ key }) => key).sort()).toEqual(withEffect.sort());
    expect(view.problem).toBe('The file x cannot be used.');
  });
  it('shows durations in the unit people use, with the limits of the policy in it', () => {
    expect(settingOf(reading(), 'walkawayGraceMs')).toMatchObject({
      value: 10,
      control: { kind: 'number', min: 0, max: 120, unit: 's' },
    });
    expect(settingOf(reading(), 'maxSessionSeconds')).toMatchObject({
      value: 60,
      control: { min: 1, max: 1_440, unit: 'min' },
    });
  });
  it('offers every choice under a name of its own', () => {
    const control = settingOf(reading(), 'unlockOnApproval')?.control;
    expect(control).toEqual({
      kind: 'choice',
      options: [
        { value: 'curtain', title: 'lifts the cover' },
        { value: 'session', title: 'also unlocks the screen' },
      ],
    });
  });
  it('says who set a value', () => {
    const from = reading({
      user: { pollIntervalMs: 4_000 },
      machine: { leaseMs: 10_000 },
      gateway: { maxPauseMinutes: 0 },
    });
    const sources = ['pollIntervalMs', 'leaseMs', 'maxPauseMinutes', 'warnBeforeLock'].map(
      (key) => settingOf(from, key)?.source,
    );
    expect(sources).toEqual(['user', 'machine', 'gateway', 'default']);
  });
});

describe('editing a setting', () => {
  it('takes the value in the unit shown and keeps what was stated before', () => {
    const edited = applySettingEdit(reading({ user: { maxPauseMinutes: 5 } }), 'walkawayGraceMs', 2.5);
    expect(edited).toEqual({ ok: true, value: { maxPauseMinutes: 5, walkawayGraceMs: 2_500 } });
  });
  const refused: readonly [string, PolicyReading, string, number | boolean | string, string][] = [
    [
      'a setting fixed by the machine',
      reading({ machine: { leaseMs: 9_000 } }),
      'leaseMs',
      5,
      'policy of this computer',
    ],
    ['a setting fixed by the gateway', reading({ gateway: { leaseMs: 9_000 } }), 'leaseMs', 5, 'gateway'],
    ['a value beyond the limits, naming them', reading(), 'walkawayGraceMs', 121, 'between 0 and 120 s'],
    ['not a number', reading(), 'walkawayGraceMs', Number.NaN, 'between'],
    ['a word where a number belongs', reading(), 'walkawayGraceMs', '10', 'between'],
    ['a choice that is not offered', reading(), 'offline', 'open', 'cannot be set'],
    ['a word where a switch belongs', reading(), 'allowDisable', 'yes', 'cannot be set'],
    ['a setting that does not exist', reading(), 'walkAwayGraceMs', 1, 'no such setting'],
    ['a property every object has', reading(), 'constructor', 1, 'no such setting'],
  ];
  for (const [what, from, key, value, sentence] of refused) {
    it(`refuses ${what}`, () => {
      const result = applySettingEdit(from, key, value);
      expect(result.ok ? '' : result.error).toContain(sentence);
    });
  }
});
