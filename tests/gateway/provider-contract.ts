import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CapabilitiesSchema } from '../../protocol/frames.ts';
import { describeAnswers } from './provider-contract-answers.ts';
import { describeEnrollment } from './provider-contract-enrollment.ts';
import { describeGateway } from './provider-contract-gateway.ts';
import { describeRefusals } from './provider-contract-refusals.ts';
import { describeRestart } from './provider-contract-restart.ts';
import { describeSessions } from './provider-contract-sessions.ts';
import type { ContractColumn } from './provider-contract-subject.ts';
import { ContractWorld } from './provider-contract-world.ts';
import { Observations } from './provider-observations.ts';

/**
 * What every provider promises (gateway/providers/provider.ts), run against its simulated service: each test on a service of its own. What a
 * provider cannot do, by its capabilities, must be absent and refused.
 *
 * @returns what was seen, complete when all tests have run
 */
export function describeProviderContract(column: ContractColumn): Observations {
  return onColumn(column, (world) => {
    test('declares its capabilities in the form of the protocol', () => {
      const { capabilities } = world().provider;
      expect(CapabilitiesSchema.parse(capabilities)).toEqual(capabilities);
      expect(capabilities.simulated).toBe(true);
    });
    describeSessions(world);
    describeRestart(world);
    const inside = column.inside === true;
    describeRefusals(world, inside);
    describeEnrollment(world);
    if (inside) describeAbsenceOfWire(world);
    else describeAnswers(world);
    describeGateway(world, inside);
  });
}

/** There is nothing to misunderstand, to wait for or to be refused by. */
function describeAbsenceOfWire(world: () => ContractWorld): void {
  test('needs no credentials and no service: it answers while nothing else is there', async () => {
    const { handle } = await world().approved();
    expect((await world().poll(handle, world().subject.open())).status).toBe('active');
    expect(world().subject.wire).toBeNull();
    for (const feature of ['wrongCredentials', 'rateLimit', 'silence', 'garbage', 'outage'] as const) {
      world().observed.note(feature, 'the gateway is the service');
    }
  });
}

/** Runs tests on the column's service, each on one of its own. */
export function onColumn(
  { title, start }: ContractColumn,
  describeTests: (world: () => ContractWorld) => void,
): Observations {
  const observed = new Observations(title);
  describe(title, () => {
    let world: ContractWorld;
    beforeEach(async () => {
      world = new ContractWorld(await start(), observed);
    });
    afterEach(() => world.subject.close());
    describeTests(() => world);
  });
  return observed;
}
