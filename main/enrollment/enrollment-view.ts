import type { EnrollmentView } from '../../protocol/view-model.ts';
import { serviceTitle } from '../core/sentences.ts';
import type { EnrollmentState } from './enrollment-desk.ts';
import type { EnrollmentRecord } from './enrollment-ports.ts';

/** @returns "via this computer" or "via gateway.example.org". */
export const viaOf = (record: EnrollmentRecord): string =>
  record.mode === 'shared' ? `via ${new URL(record.gatewayUrl).host}` : 'via this computer';

/** The page on which the simulated phone is operated, or null outside a trial. */
export const phonePageOf = (record: EnrollmentRecord | null, simulatorUrl: string | null): string | null =>
  record?.mode !== 'trial' || simulatorUrl === null
    ? null
    : new URL(`/phone/${encodeURIComponent(record.userId)}`, simulatorUrl).href;

/** What the enrollment page shows. Holds no secret, because the state holds none. */
export function enrollmentView(
  state: EnrollmentState,
  simulatorUrl: string | null,
  codesRequired: boolean,
  now: number,
): EnrollmentView {
  const { record, capabilities, registration } = state;
  return {
    step: state.step,
    mode: state.mode,
    kind: state.kind,
    busy: state.busy,
    service:
      record === null || capabilities === null
        ? null
        : {
            title: serviceTitle(capabilities),
            via: viaOf(record),
            proximity: capabilities.proximity,
            enrollment: [...capabilities.enrollment],
            lostDevice: capabilities.lostDevice,
            remoteLock: capabilities.remoteLock === true,
          },
    registration:
      registration === null
        ? null
        : {
            link: registration.link,
            expiresInMs: registration.expiresAt === null ? null : Math.max(0, registration.expiresAt - now),
            sms: registration.sms,
            opened: registration.opened,
            registered: registration.registered,
          },
    contact: state.contact,
    methods: methodsView(state),
    test: state.test,
    testPrompt: state.testPrompt,
    problem: state.problem,
    codes: { required: codesRequired, left: state.codesLeft, proven: state.codesProven },
    phonePage: phonePageOf(record, simulatorUrl),
    trial: record?.trial ?? state.mode === 'trial',
    enrolledSinceWall: record?.registered === true ? record.enrolledAtWall : null,
  };
}

/** Which confirmation it is stays here: the page confirms the one that is shown. */
function methodsView({ methods: known }: EnrollmentState): EnrollmentView['methods'] {
  if (known === null) return null;
  const { methods, configs, toConfirm } = known;
  return {
    methods: [...methods],
    configs: [...configs],
    toConfirm: toConfirm === null ? null : { configId: toConfirm.configId, label: toConfirm.label },
  };
}
