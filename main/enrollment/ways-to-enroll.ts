import type { Capabilities } from '../../protocol/frames.ts';

type Way = Capabilities['enrollment'][number];

export const offers = (capabilities: Capabilities | null, way: Way): boolean =>
  capabilities?.enrollment.includes(way) === true;

/** Neither a link nor another way that this version knows: nobody could go on from here. */
export const isDeadEnd = (link: string | undefined, capabilities: Capabilities | null): boolean =>
  link === undefined && !offers(capabilities, 'contact') && !offers(capabilities, 'methods');
