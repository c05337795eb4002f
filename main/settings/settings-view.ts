import { z } from 'zod';
import { type PolicyOverride, PolicySchema } from '../../protocol/policy.ts';
import { err, ok, type Result } from '../../protocol/result.ts';
import type { SettingsView, SettingView } from '../../protocol/view-model.ts';
import { POLICY_KEYS, type PolicyKey, sourceOf } from '../core/policy.ts';
import type { PolicyReading } from './policy-files.ts';
import { SETTING_DESCRIPTIONS } from './setting-descriptions.ts';

/** `offline`: no recovery codes can be made yet, and a choice without an effect would be a false promise. */
const NOT_SHOWN: readonly PolicyKey[] = ['offline'];
const SHOWN_KEYS = Object.keys(SETTING_DESCRIPTIONS)
  .filter(isPolicyKey)
  .filter((key) => !NOT_SHOWN.includes(key));

function isPolicyKey(key: string): key is PolicyKey {
  return POLICY_KEYS.some((known) => known === key);
}

/** Builds what the settings page shows. @param startAtLogin from the OS, as main/electron knows it. */
export function settingsView(reading: PolicyReading, startAtLogin: SettingsView['startAtLogin']): SettingsView {
  return { startAtLogin, settings: SHOWN_KEYS.map((key) => settingView(reading, key)), problem: reading.problem };
}

function settingView(reading: PolicyReading, key: PolicyKey): SettingView {
  const { title, detail, unit, options } = SETTING_DESCRIPTIONS[key];
  const value = reading.policy[key];
  const shown = typeof value === 'number' && unit !== undefined ? value / unit.factor : value;
  return { key, title, detail, value: shown, control: controlOf(key, unit, options), source: sourceOf(reading, key) };
}

/** Limits come from the schema, so that the page never offers what the policy would refuse. */
function controlOf(
  key: PolicyKey,
  unit: { readonly name: string; readonly factor: number } | undefined,
  options: Readonly<Record<string, string>> | undefined,
): SettingView['control'] {
  const schema = PolicySchema.shape[key].unwrap();
  if (schema instanceof z.ZodNumber) {
    const { name, factor } = unit ?? { name: '', factor: 1 };
    return { kind: 'number', min: (schema.minValue ?? 0) / factor, max: (schema.maxValue ?? 0) / factor, unit: name };
  }
  if (schema instanceof z.ZodBoolean) return { kind: 'switch' };
  return { kind: 'choice', options: schema.options.map((value) => ({ value, title: options?.[value] ?? value })) };
}

/**
 * Applies an edit of the settings page to what the user's file states.
 * @param claimedKey and claimedValue as the page sent them; numbers in the unit shown.
 * @returns the override to write, or a sentence why not.
 */
export function applySettingEdit(
  reading: PolicyReading,
  claimedKey: string,
  claimedValue: number | boolean | string,
): Result<PolicyOverride, string> {
  if (!isPolicyKey(claimedKey)) return err('There is no such setting.');
  const { title, unit } = SETTING_DESCRIPTIONS[claimedKey];
  const source = sourceOf(reading, claimedKey);
  if (source === 'machine') return err(`“${title}” is fixed by the policy of this computer.`);
  if (source === 'gateway') return err(`“${title}” is fixed by your organisation’s gateway.`);
  const value =
    typeof claimedValue === 'number' && unit !== undefined ? Math.round(claimedValue * unit.factor) : claimedValue;
  const parsed = PolicySchema.shape[claimedKey].unwrap().safeParse(value);
  if (!parsed.success) return err(refusalOf(claimedKey, title));
  return ok({ ...reading.layers.user, [claimedKey]: parsed.data });
}

function refusalOf(key: PolicyKey, title: string): string {
  const control = controlOf(key, SETTING_DESCRIPTIONS[key].unit, SETTING_DESCRIPTIONS[key].options);
  if (control.kind !== 'number') return `“${title}” cannot be set to that.`;
  const unit = control.unit === '' ? '' : ` ${control.unit}`;
  return `“${title}” must be between ${control.min} and ${control.max}${unit}.`;
}
