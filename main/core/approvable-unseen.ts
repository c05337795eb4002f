import type { Capabilities } from '../../protocol/frames.ts';

/**
 * Whether somebody who sees nothing of ours, because the system's own locker covers it, can approve on the phone and know what they approve:
 * not where a number, a code or a link has to be read from our screen.
 */
export function isApprovableUnseen({
  numberMatching,
  prompts,
}: Pick<Capabilities, 'numberMatching' | 'prompts'>): boolean {
  return numberMatching !== true && prompts.includes('phone');
}
