/**
 * `presence-locker/activeconnect`: clients of Activeconnect and IAMPASS (one service, two profiles), names as the vendor's. They are the gateway's
 * own clients: what a workstation is locked by is what this exports. docs/library.md explains them with examples.
 */

export { ConfigurationError } from '../gateway/configuration-error.ts';
export type { StoredSession } from '../gateway/providers/activeconnect/answers.ts';
export {
  type AuthenticateUserOptions,
  AuthenticationAPI,
} from '../gateway/providers/activeconnect/authentication-api.ts';
export {
  type AddedUsers,
  ManagementAPI,
  type RegistrationSms,
} from '../gateway/providers/activeconnect/management-api.ts';
export { METHODS, PROFILE_NAMES, type ProfileName } from '../gateway/providers/activeconnect/profiles.ts';
export {
  type AccountOptions,
  type ConnectionOptions,
  openService,
  openSessionService,
  type Service,
  type SessionService,
} from '../gateway/providers/activeconnect/service.ts';
export { Session, type SessionReading } from '../gateway/providers/activeconnect/session.ts';
export { ProviderError } from '../gateway/providers/provider.ts';
export { SEALING_KEY_BYTES } from '../gateway/sealing.ts';
export type { SessionStatus } from '../protocol/frames.ts';
