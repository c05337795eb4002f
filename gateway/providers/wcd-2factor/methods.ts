import type { ConfirmationMethod, MethodsOfPerson, PersonConfig } from '../../../protocol/confirmation-methods.ts';
import { ProviderError, type ProviderMethods } from '../provider.ts';
import type { CallOptions, ChangedConfig, TwoFactorClient } from './client.ts';
import { formOf, plainText } from './form.ts';
import { TwoFactorRefusal } from './refusal.ts';
import { type ConfigId, type MethodConfig, type MethodData, STATUSES, type UserConfig } from './wire.ts';

/** As many as a `methods.state` frame holds (protocol/confirmation-methods.ts). */
const MAX_SHOWN = 16;
const MAX_TITLE_CHARACTERS = 80;
const MAX_KEY_CHARACTERS = 60;

/** Whose calls these are, with the signal that ends them. @throws ProviderError for a person this account does not speak for */
export type CallsFor = (userId: string, signal: AbortSignal) => CallOptions;

/** Setting up, confirming and removing a person's methods (PROVIDERS §3). */
export function methodsAt(client: TwoFactorClient, callsFor: CallsFor): ProviderMethods {
  async function stateOf(options: CallOptions): Promise<MethodsOfPerson> {
    const [methods, configs] = await Promise.all([client.listActiveMethods(options), client.listOwnConfigs(options)]);
    return {
      methods: methods.slice(0, MAX_SHOWN).map(methodShown),
      configs: configs.slice(0, MAX_SHOWN).map(configShown),
    };
  }

  async function stateAfter(change: ChangedConfig, options: CallOptions): Promise<MethodsOfPerson> {
    const state = await stateOf(options);
    const configId = String(change.item.id);
    const title = state.configs.find((config) => config.id === configId)?.title ?? '';
    return {
      ...state,
      ...(change.confirmationId === null
        ? {}
        : { toConfirm: { configId, confirmationId: change.confirmationId, label: codeLabel(title) } }),
      ...(change.setUpLink === null ? {} : { setUpLink: change.setUpLink }),
    };
  }

  return {
    list: async (userId, signal) => stateOf(callsFor(userId, signal)),
    async create(userId, { methodId, settings, isDefault }, signal) {
      const options = callsFor(userId, signal);
      const request = {
        method_config_id: idOnWire(methodId),
        config: settings,
        is_active: true,
        is_default: isDefault,
      };
      return stateAfter(await settingsTaken(client.createConfig(request, options)), options);
    },
    async confirm(userId, { configId, confirmationId, data }, signal) {
      const options = callsFor(userId, signal);
      const request = { id: idOnWire(configId), confirmation_id: confirmationId, data: typedData(data) };
      try {
        await client.confirmConfig(request, options);
      } catch (fault) {
        if (!(fault instanceof TwoFactorRefusal)) throw fault;
        // A refused id is one that is confirmed already or gone; everything else is about what was typed.
        const aboutIds = fault.fields.includes('id') || fault.fields.includes('confirmation_id');
        throw aboutIds ? settingsRefused(fault) : codeWrong(fault);
      }
      return stateOf(options);
    },
    async update(userId, { configId, settings, isActive, isDefault }, signal) {
      const options = callsFor(userId, signal);
      const config = settings ?? (await configOf(configId, options)).config;
      const request = { config, is_active: isActive, is_default: isDefault };
      return stateAfter(await settingsTaken(client.updateConfig(idOnWire(configId), request, options)), options);
    },
    async delete(userId, configId, signal) {
      const options = callsFor(userId, signal);
      try {
        await client.deleteConfig(idOnWire(configId), options);
      } catch (fault) {
        // 404: it is gone already, which is what was asked for.
        if (!(fault instanceof ProviderError) || fault.code !== 'USER_UNKNOWN') throw fault;
      }
      return stateOf(options);
    },
  };

  async function configOf(configId: string, options: CallOptions): Promise<UserConfig> {
    const found = (await client.listOwnConfigs(options)).find((config) => String(config.id) === configId);
    if (found === undefined)
      throw new ProviderError('SETTINGS_REFUSED', 'The service does not know this method of the person.');
    return found;
  }
}

/** The config that is asked when none is named: active, confirmed, and the person's default. */
export function isDefaultAndReady(config: UserConfig): boolean {
  return config.is_default && isReady(config);
}

/** `is_available` says it all; a server that contradicts itself is not believed. */
export function isReady(config: UserConfig): boolean {
  return config.is_available && config.is_active && config.status === STATUSES.confirmed;
}

/** What a person typed as a method's data (PROVIDERS §3: `{code}`); nothing typed is a question whether a phone has confirmed meanwhile. */
export function typedData(data: string): MethodData {
  const code = data.trim();
  return code === '' ? {} : { code };
}

/** Label of the field in which the code is typed. */
export function codeLabel(title: string): string {
  if (title === '') return 'Code';
  // "Code by e-mail" says it already.
  return plainText(/^code\b/iu.test(title) ? title : `Code for ${title}`, MAX_TITLE_CHARACTERS);
}

export function titleOf(config: Pick<UserConfig, 'title' | 'method_config'>): string {
  const { method_config: method } = config;
  return plainText(
    [config.title, method.title, method.method].find((text) => text.trim() !== '') ?? '',
    MAX_TITLE_CHARACTERS,
  );
}

export function codeWrong(cause: TwoFactorRefusal): ProviderError {
  return new ProviderError('CODE_WRONG', 'The service did not accept the code.', { cause });
}

function settingsRefused(cause: TwoFactorRefusal): ProviderError {
  return new ProviderError('SETTINGS_REFUSED', 'The service did not accept the settings.', { cause });
}

async function settingsTaken(change: Promise<ChangedConfig>): Promise<ChangedConfig> {
  try {
    return await change;
  } catch (fault) {
    throw fault instanceof TwoFactorRefusal ? settingsRefused(fault) : fault;
  }
}

/** The vendor's ids are numbers and travel as such; frames have text. */
function idOnWire(id: string): ConfigId {
  return /^\d{1,15}$/.test(id) ? Number(id) : id;
}

function methodShown(method: MethodConfig): ConfirmationMethod {
  const title = plainText(method.title, MAX_TITLE_CHARACTERS);
  const key = plainText(method.method, MAX_KEY_CHARACTERS);
  return {
    id: String(method.id),
    key,
    title: title === '' ? key : title,
    isDefault: method.is_default,
    form: formOf(method),
  };
}

function configShown(config: UserConfig): PersonConfig {
  return {
    id: String(config.id),
    methodId: String(config.method_config_id),
    title: titleOf(config),
    status: statusShown(config.status),
    isActive: config.is_active,
    isDefault: config.is_default,
    isAvailable: isReady(config),
  };
}

/** A word this version does not know is not confirmed. */
function statusShown(claimedStatus: string): PersonConfig['status'] {
  if (claimedStatus === STATUSES.confirmed) return 'confirmed';
  return claimedStatus === STATUSES.inProcess ? 'in-process' : 'new';
}
