import { configured } from '../configured.ts';
import {
  type Provider,
  type ProviderAnswer,
  type ProviderEnrollment,
  ProviderError,
  type SessionHandle,
  type StartedSession,
  type StartSessionRequest,
} from '../provider.ts';
import { AuthenticationAPI } from './authentication-api.ts';
import { ManagementAPI } from './management-api.ts';
import { METHODS, PROFILES } from './profiles.ts';
import { openService, type Service, type ServiceOptions } from './service.ts';
import { Session, type SessionReading } from './session.ts';

/** @throws ConfigurationError */
export function createActiveconnectProvider(options: ServiceOptions): Provider & { close(): void } {
  const service = configured(() => openService(options));
  const authentication = new AuthenticationAPI(service);
  const id = options.profile;

  function sessionOf(handle: SessionHandle): Session {
    if (handle.providerId !== id) {
      throw new ProviderError('PROVIDER_BAD_ANSWER', 'The session was started at another service.');
    }
    return Session.fromJSON(handle.serialized, service);
  }

  return {
    id,
    capabilities: {
      title: PROFILES[id].title,
      proximity: true,
      push: false,
      prompts: ['phone'],
      enrollment: ['link', 'sms'],
      lostDevice: true,
      durations: true,
      methods: [...METHODS],
      simulated: options.simulated,
    },
    async startSession(request: StartSessionRequest, signal: AbortSignal): Promise<StartedSession> {
      const session = await authentication.authenticateUser(
        request.userId,
        { methods: request.methods, durationSeconds: request.durationSeconds },
        signal,
      );
      return {
        handle: { providerId: id, serialized: JSON.stringify(session) },
        answer: answerOf(session.reading),
      };
    },
    async pollSession(handle, signal) {
      return answerOf(await sessionOf(handle).getStatus(signal));
    },
    async endSession(handle, signal) {
      await sessionOf(handle).destroy(signal);
    },
    enrollment: enrollmentAt(service),
    close: () => service.close(),
  };
}

/** The phone shows the request by itself; the person has nothing to scan or type. */
function answerOf(reading: SessionReading): ProviderAnswer {
  const inProgress = reading.status === 'pending' || reading.status === 'identifying';
  return inProgress ? { ...reading, prompt: { kind: 'phone' } } : reading;
}

function enrollmentAt(service: Service): ProviderEnrollment {
  const management = new ManagementAPI(service);
  return {
    async begin({ userId, displayName }, signal) {
      await management.addUsers([userId], signal);
      const registered = await management.hasRegisteredMobileDevice(userId, signal);
      const link = await management.getRegistrationLink(userId, displayName, signal);
      return { link, registered };
    },
    async sendSms({ userId, displayName, phoneNumber }, signal) {
      await management.addUsers([userId], signal);
      await management.sendRegistrationSms(userId, { phoneNumber, displayName }, signal);
    },
    async check(userId, signal) {
      return { registered: await management.hasRegisteredMobileDevice(userId, signal) };
    },
    async lostDevice(userId, signal) {
      return { link: await management.lostUserMobileDevice(userId, signal) };
    },
    async remove(userId, signal) {
      try {
        await management.deleteUsers([userId], signal);
      } catch (fault) {
        // 404: the user is gone, or the application is — either way nobody is left to delete there.
        if (!(fault instanceof ProviderError) || fault.code !== 'USER_UNKNOWN') throw fault;
      }
    },
  };
}
