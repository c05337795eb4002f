import type { Provider, StartedSession } from '../../../gateway/providers/provider.ts';
import { BENCH_ENROLLMENT, benchCapabilities } from '../bench-service.ts';

const ACTIVE = { status: 'active' } as const;

/** A service in the same process that answers at once and always well: what is measured is the gateway, not somebody's HTTP. */
export class AnsweringProvider implements Provider {
  readonly id = 'bench';
  readonly capabilities = benchCapabilities(false);
  sessions = 0;

  async startSession(): Promise<StartedSession> {
    this.sessions += 1;
    return { handle: { providerId: this.id, serialized: `{"session":${this.sessions}}` }, answer: ACTIVE };
  }

  async pollSession() {
    return ACTIVE;
  }

  async endSession() {
    this.sessions -= 1;
  }

  readonly enrollment = BENCH_ENROLLMENT;
}
