/**
 * `presence-locker/wcd-2factor`: a client of WebCase 2factor servers (`wcd_2factor` 0.2), calls and fields as in the vendor's REST interface. It
 * is the gateway's own client: what a workstation is locked by is what this exports. docs/library.md explains it with examples.
 */

export { ConfigurationError } from '../gateway/configuration-error.ts';
export { ProviderError } from '../gateway/providers/provider.ts';
export {
  type AuthenticationHeader,
  DEFAULT_HEADER_NAME,
  DEFAULT_HEADER_TEMPLATE,
} from '../gateway/providers/wcd-2factor/authentication.ts';
export {
  type CallOptions,
  type ChangedConfig,
  TwoFactorClient,
  type TwoFactorClientOptions,
} from '../gateway/providers/wcd-2factor/client.ts';
export {
  NON_FIELD_ERRORS,
  REFUSAL_CODES,
  type RefusalCode,
  TwoFactorRefusal,
} from '../gateway/providers/wcd-2factor/refusal.ts';
export {
  type ChangedItem,
  type CheckedConfirmation,
  type ConfigId,
  type Confirmation,
  type ConfirmConfigRequest,
  type ConfirmRequest,
  type CreateConfigRequest,
  DEFAULT_PREFIX,
  type MethodConfig,
  type MethodData,
  type RequestConfirmationRequest,
  STATUSES,
  type UpdateConfigRequest,
  type UserConfig,
} from '../gateway/providers/wcd-2factor/wire.ts';
