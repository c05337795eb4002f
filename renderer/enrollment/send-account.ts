import type { Account, ActionResult, PresenceLockerBridge } from '../../protocol/ipc.ts';

/** The bridge's `useAccount` under a name that is not taken for a React hook. */
export function sendAccount(
  bridge: PresenceLockerBridge,
  account: Account,
  displayName: string,
): Promise<ActionResult> {
  const { useAccount: send } = bridge.enrollment;
  return send(account, displayName);
}
