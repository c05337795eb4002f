import { type JSX, useMemo } from 'react';
import { encode } from 'uqr';

/** Quiet zone around the code, in modules. The standard asks for four; cameras need it on a dark curtain. */
export const QUIET_ZONE_MODULES = 4;

/** The modules of the code for a text, without quiet zone. Level M: survives a fingerprint on a screen and stays coarse. */
export function qrModules(text: string): readonly (readonly boolean[])[] {
  return encode(text, { ecc: 'M', border: 0 }).data;
}

/** One path of row runs: a fraction of the nodes of one square per module, and no hairlines between squares. */
export function qrPath(modules: readonly (readonly boolean[])[]): string {
  const runs: string[] = [];
  modules.forEach((row, y) => {
    let start = -1;
    for (let x = 0; x <= row.length; x += 1) {
      const dark = row[x] === true;
      if (dark && start < 0) start = x;
      if (!dark && start >= 0) {
        runs.push(`M${start} ${y}h${x - start}v1H${start}z`);
        start = -1;
      }
    }
  });
  return runs.join('');
}

export function QrCode({ text, label, quiet = QUIET_ZONE_MODULES }: QrCodeProps): JSX.Element {
  const modules = useMemo(() => qrModules(text), [text]);
  const path = useMemo(() => qrPath(modules), [modules]);
  const size = modules.length + 2 * quiet;
  return (
    <svg
      className="qr"
      role="img"
      aria-label={label}
      viewBox={`${-quiet} ${-quiet} ${size} ${size}`}
      shapeRendering="crispEdges"
    >
      <path d={path} />
    </svg>
  );
}

export interface QrCodeProps {
  readonly text: string;
  readonly label: string;
  /** Modules of white inside the drawing; less only where the ground around it is white already. */
  readonly quiet?: number;
}
