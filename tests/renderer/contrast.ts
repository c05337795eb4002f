/** A text whose contrast was too low, with what was measured. */
export interface LowContrast {
  readonly text: string;
  readonly colour: string;
  readonly background: string;
  readonly ratio: number;
}

/**
 * Runs inside the page (self-contained). Measures every visible text against what the computed styles put behind it: all layers up
 * to the root, translucent ones composited, of a gradient each of its stops, and the worst of them counts.
 */
export function lowContrasts(atLeast: number): { measured: number; low: LowContrast[] } {
  type Rgba = readonly [number, number, number, number];
  const canvas = document.createElement('canvas');
  canvas.width = 1;
  canvas.height = 1;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  if (pen === null) throw new Error('No canvas to read colours with.');
  const known = new Map<string, Rgba>();
  const rgba = (css: string): Rgba => {
    const before = known.get(css);
    if (before !== undefined) return before;
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = css;
    pen.fillRect(0, 0, 1, 1);
    const [r = 0, g = 0, b = 0, a = 0] = pen.getImageData(0, 0, 1, 1).data;
    const read: Rgba = [r, g, b, a / 255];
    known.set(css, read);
    return read;
  };
  const over = (top: Rgba, below: Rgba): Rgba => {
    const mix = (t: number, b: number) => t * top[3] + b * (1 - top[3]);
    return [mix(top[0], below[0]), mix(top[1], below[1]), mix(top[2], below[2]), 1];
  };
  const luminance = ([r, g, b]: Rgba): number => {
    const linear = (channel: number) => {
      const c = channel / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  };
  const ratioOf = (a: Rgba, b: Rgba): number => {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
  };
  const backgroundsOf = (element: Element): Rgba[] => {
    const line: Element[] = [];
    for (let at: Element | null = element; at !== null; at = at.parentElement) line.unshift(at);
    let behind: Rgba[] = [[255, 255, 255, 1]];
    for (const at of line) {
      const style = getComputedStyle(at);
      const colour = rgba(style.backgroundColor);
      behind = behind.map((below) => over(colour, below));
      const stops = style.backgroundImage.match(/(?:rgba?|oklab|oklch|color|lab|lch)\([^()]*\)/g) ?? [];
      behind = [...behind, ...stops.flatMap((stop) => behind.map((below) => over(rgba(stop), below)))];
    }
    return behind;
  };
  const opacityOf = (element: Element): number => {
    let opacity = 1;
    for (let at: Element | null = element; at !== null; at = at.parentElement)
      opacity *= Number(getComputedStyle(at).opacity);
    return opacity;
  };
  const low: LowContrast[] = [];
  let measured = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = node.textContent?.trim() ?? '';
    const element = node.parentElement;
    if (
      text === '' ||
      element === null ||
      element.closest('.only-heard, [aria-disabled="true"], script, style') !== null
    )
      continue;
    if (!element.checkVisibility()) continue;
    measured += 1;
    const ink = rgba(getComputedStyle(element).color);
    const worst = backgroundsOf(element)
      .map((background) => ({
        background,
        ratio: ratioOf(over([ink[0], ink[1], ink[2], ink[3] * opacityOf(element)], background), background),
      }))
      .toSorted((a, b) => a.ratio - b.ratio)[0];
    if (worst !== undefined && worst.ratio < atLeast) {
      low.push({
        text,
        colour: getComputedStyle(element).color,
        background: worst.background.map(Math.round).join(' '),
        ratio: worst.ratio,
      });
    }
  }
  return { measured, low };
}
