/** Valid frames of both directions, one of each type and of each kind that is handled differently. */

export const FUZZ_TOKEN = 'fuzz-token-0123456789abcdef';

export function clientFrames(ids: {
  readonly requestId: string;
  readonly sessionId: string;
  readonly deviceId: string;
}) {
  const { requestId, sessionId, deviceId } = ids;
  const asked = { v: 1, requestId, userId: 'user-1' };
  return [
    { v: 1, type: 'hello', token: FUZZ_TOKEN, deviceId, appVersion: '0.1.0', platform: 'linux' },
    { v: 1, type: 'hello', deviceKey: 'A'.repeat(43), deviceId, appVersion: '0.1.0', platform: 'linux' },
    { v: 1, type: 'hello.proof', signature: 'A'.repeat(86) },
    { v: 1, type: 'device.forget', requestId },
    { ...asked, type: 'session.start', reason: 'unlock', methods: ['acceptance'], durationSeconds: 3_600 },
    { ...asked, type: 'session.start', reason: 'retry' },
    { v: 1, type: 'session.poll', sessionId, seq: 0 },
    { v: 1, type: 'session.answer', sessionId, data: '123456' },
    { v: 1, type: 'session.end', sessionId, reason: 'locked' },
    { ...asked, type: 'enroll.begin', displayName: 'Ada' },
    { ...asked, type: 'enroll.sms', displayName: 'Ada', phoneNumber: '+491701234567' },
    { ...asked, type: 'enroll.contact', displayName: 'Ada', contact: { kind: 'email', email: 'ada@example.org' } },
    { ...asked, type: 'enroll.check' },
    { ...asked, type: 'enroll.lostDevice' },
    { ...asked, type: 'enroll.remove' },
    { ...asked, type: 'methods.list' },
    { ...asked, type: 'methods.create', methodId: 'totp', settings: { title: 'Phone', digits: 6 }, isDefault: true },
    { ...asked, type: 'methods.confirm', configId: '1', confirmationId: 'c-1', data: '123456' },
    { ...asked, type: 'methods.update', configId: '1', isActive: true, isDefault: false },
    { ...asked, type: 'methods.delete', configId: '1' },
  ];
}

const CAPABILITIES = {
  title: 'IAMPASS',
  proximity: true,
  push: false,
  prompts: ['phone'],
  enrollment: ['link', 'sms'],
  lostDevice: true,
  durations: true,
  methods: ['acceptance', 'facial'],
  simulated: false,
};

export function gatewayFrames(ids: { readonly requestId: string; readonly sessionId: string; readonly seq: number }) {
  const { requestId, sessionId, seq } = ids;
  const state = { v: 1, type: 'session.state', sessionId, seq, validForMs: 0 };
  return [
    { v: 1, type: 'ready', serverTime: 1_700_000_000_000, capabilities: CAPABILITIES },
    { v: 1, type: 'ready', serverTime: 1, capabilities: CAPABILITIES, policy: { leaseMs: 5_000, offline: 'lock' } },
    { v: 1, type: 'challenge', nonce: 'A'.repeat(43) },
    { v: 1, type: 'device.forgotten', requestId },
    { ...state, requestId, status: 'pending', prompt: { kind: 'phone' } },
    { ...state, requestId, status: 'pending', prompt: { kind: 'link', url: 'https://phone.example/x' } },
    { ...state, requestId, status: 'active', validForMs: 15_000 },
    { ...state, status: 'active', validForMs: 15_000 },
    { ...state, status: 'walkaway' },
    { ...state, status: 'identifying', prompt: { kind: 'number', number: '42' } },
    { ...state, status: 'closed', reason: 'SESSION_UNKNOWN' },
    { ...state, status: 'something-new', reason: 'of a newer gateway' },
    { ...state, sessionId: 'of-somebody-else', requestId: 'of-somebody-else', status: 'active', validForMs: 15_000 },
    { v: 1, type: 'session.ended', sessionId },
    { v: 1, type: 'enroll.state', requestId, registered: true, link: 'https://phone.example/r', expiresAt: 1 },
    {
      v: 1,
      type: 'methods.state',
      requestId,
      methods: [{ id: 'totp', key: 'totp', title: 'App', isDefault: true, form: [] }],
      configs: [],
      setUpLink: 'otpauth://totp/x',
    },
    { v: 1, type: 'command.lock', reason: 'the office closes' },
    { v: 1, type: 'command.pause', sessionId, minutes: 15 },
    { v: 1, type: 'policy', policy: { walkawayGraceMs: 0, unlockOnApproval: 'curtain' } },
    { v: 1, type: 'error', requestId, code: 'NO_MOBILE_DEVICE', message: 'No phone.', retryable: false },
    { v: 1, type: 'error', requestId: sessionId, code: 'SESSION_UNKNOWN', message: 'Gone.', retryable: false },
    { v: 1, type: 'error', code: 'SLOW_CONSUMER', message: 'Too slow.', retryable: true },
  ];
}
