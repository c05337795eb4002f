import { afterEach } from 'vitest';
import type { Gateway } from '../../gateway/gateway.ts';
import { ProviderError } from '../../gateway/providers/provider.ts';
import type { FakeGatewayClock } from './fake-gateway-clock.ts';
import { gatewayInMemory } from './workstation-in-memory.ts';

/** Longer than closing a gateway may take. */
const CLOSING_MS = 5_000;

/** What a provider answers that cannot be reached. */
export const down = () => new ProviderError('PROVIDER_UNREACHABLE', 'down');

/** @returns starts a gateway in virtual time, which is closed after the test that started it */
export function gatewaysOfThisFile(): typeof gatewayInMemory {
  const open: { readonly gateway: Gateway; readonly clock: FakeGatewayClock }[] = [];
  afterEach(async () => {
    for (const { gateway, clock } of open.splice(0)) {
      const closing = gateway.close();
      await clock.advance(CLOSING_MS);
      await closing;
    }
  });
  return async (options = {}) => {
    const parts = await gatewayInMemory(options);
    open.push(parts);
    return parts;
  };
}
