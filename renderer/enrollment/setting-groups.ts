import type { SettingView } from '../../protocol/view-model.ts';

export type SettingGroup = 'computer' | 'asking' | 'leaving' | 'checking' | 'other';

export const SETTING_GROUPS: readonly SettingGroup[] = ['computer', 'asking', 'leaving', 'checking', 'other'];

/** Where a setting of protocol/policy.ts is looked for. One that is not listed stands under `other`, never nowhere. */
const GROUP_OF: Readonly<Record<string, SettingGroup>> = {
  allowQuitUnlocked: 'computer',
  allowDisable: 'computer',
  approvalTimeoutMs: 'asking',
  maxAttemptsPerUnlock: 'asking',
  maxStartsPerHour: 'asking',
  maxSessionSeconds: 'asking',
  unlockOnApproval: 'asking',
  offline: 'asking',
  tellNetworkName: 'asking',
  walkawayGraceMs: 'leaving',
  networkGraceMs: 'leaving',
  warnBeforeLock: 'leaving',
  maxPauseMinutes: 'leaving',
  pollIntervalMs: 'checking',
  verifyingPollIntervalMs: 'checking',
  leaseMs: 'checking',
  lockConfirmMs: 'checking',
  onUnconfirmedLock: 'checking',
};

export function settingsIn(group: SettingGroup, settings: readonly SettingView[]): readonly SettingView[] {
  return settings.filter((setting) => (GROUP_OF[setting.key] ?? 'other') === group);
}
