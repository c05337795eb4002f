import { describe, expect, it } from 'vitest';
import { describeWorkstation, lookAtNetworkAfter } from '../../main/workstation-description.ts';
import { WorkstationDescriptionSchema } from '../../protocol/frames.ts';

const known = (name: string | null) => ({ current: () => name });

describe('what the phone is told about this computer', () => {
  it('is its name and the name of its network', () => {
    const told = describeWorkstation('Desk', known('Office 3rd floor'), { tellNetworkName: true });
    expect(told).toEqual({ name: 'Desk', network: 'Office 3rd floor' });
    expect(WorkstationDescriptionSchema.parse(told)).toEqual(told);
  });
  it('has a name as long as a frame may carry', () => {
    const told = describeWorkstation('x'.repeat(200), known(null), { tellNetworkName: true });
    expect(WorkstationDescriptionSchema.parse(told)).toEqual({ name: 'x'.repeat(80) });
  });
  it('leaves the network out where it is not known, or the policy keeps it back', () => {
    expect(describeWorkstation('Desk', known(null), { tellNetworkName: true })).not.toHaveProperty('network');
    expect(describeWorkstation('Desk', known('Office'), { tellNetworkName: false })).not.toHaveProperty('network');
  });
});

it('the network is looked at again after sleep and around a lock, and after nothing else', () => {
  const looked: string[] = [];
  const networkName = {
    refresh: () => void looked.push('refresh'),
    networkMayHaveChanged: () => void looked.push('forget and look'),
  };
  lookAtNetworkAfter({ type: 'os.resumed', at: 1 }, networkName);
  lookAtNetworkAfter({ type: 'os.locked', evidence: 'seen', at: 2 }, networkName);
  lookAtNetworkAfter({ type: 'os.unlocked', evidence: 'seen', at: 3 }, networkName);
  lookAtNetworkAfter({ type: 'timer.fired', at: 4 }, networkName);
  expect(looked).toEqual(['forget and look', 'refresh', 'refresh']);
});
