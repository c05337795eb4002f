import type { ShownConfirmation } from './confirmations.ts';
import type { PersonNeeds } from './method.ts';
import { isConfigAvailable, type ServedMethod, type StoredConfig } from './stored-config.ts';
import type { ChangedConfig } from './user-configs.ts';

/** Answers as WebCase 2factor writes them (PROVIDERS §3; its client's schemas are in providers/wcd-2factor/wire.ts). */
export const NO_CONFIRMATION = { id: null, status: null, is_available: false } as const;

export function methodShown({ id, method, isDefault }: ServedMethod) {
  return {
    id,
    title: method.title,
    method: method.key,
    is_default: isDefault,
    config_user_schema: method.settingsSchema,
  };
}

export function configShown(config: StoredConfig) {
  return {
    ...itemShown(config),
    method_config: methodShown({ id: config.methodId, method: config.method, isDefault: config.isOfDefaultMethod }),
    is_available: isConfigAvailable(config),
  };
}

/**
 * The field is really spelt `comfirmation_id`; the right spelling stands beside it. What the person needs (a link, codes) is shown in this
 * one answer and never again.
 */
export function changedShown({ config, confirmationId, needs }: ChangedConfig) {
  const ids = { comfirmation_id: confirmationId, confirmation_id: confirmationId };
  return { item: itemShown(config), ...ids, ...needsShown(needs) };
}

export function confirmationShown({ id, status, isAvailable }: ShownConfirmation, needs: PersonNeeds = {}) {
  return { id, status, is_available: isAvailable, ...needsShown(needs) };
}

function itemShown({ id, status, methodId, method, settings, isActive, isDefault }: StoredConfig) {
  return {
    id,
    title: method.titleOf(settings),
    status,
    method_config_id: methodId,
    config: settings,
    is_active: isActive,
    is_default: isDefault,
  };
}

function needsShown({ setUpLink, setUpCodes, codesLeft }: PersonNeeds) {
  return {
    ...(setUpLink === undefined ? {} : { set_up_link: setUpLink }),
    ...(setUpCodes === undefined ? {} : { set_up_codes: setUpCodes }),
    ...(codesLeft === undefined ? {} : { codes_left: codesLeft }),
  };
}
