import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import type { PreloadOptions } from '../page/preload-options.ts';

/** Puts the scripts of chromium-host/page together as one classic script each: modules cannot be injected into a page. */
function joined(...names: readonly string[]): string {
  return names
    .map((name) => withoutTypes(readFileSync(new URL(`../page/${name}`, import.meta.url), 'utf8')))
    .map((source) => source.replaceAll(/^import [^;]*;$/gm, '').replaceAll(/^export /gm, ''))
    .join('\n');
}

/** Node warns once that stripping is experimental; that is this tool's business and not the app's output. */
function withoutTypes(source: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emitWarning;
  }
}

const mainWorld = joined('wire-value.ts', 'world-channel.ts', 'main-world.ts');
const preloadWorld = joined('wire-value.ts', 'world-channel.ts', 'preload-world.ts');

export const PRELOAD_WORLD = 'chromium-host preload';
export const BINDING = '__chromiumHost';

/** The scripts of one window. The nonce is what keeps a page from speaking on the bridge by itself. */
export function pageScripts(
  preloadSource: string | null,
  options: Omit<PreloadOptions, 'nonce' | 'binding'>,
): { mainWorld: string; preloadWorld: string } {
  const nonce = randomUUID();
  const all: PreloadOptions = { ...options, nonce, binding: BINDING };
  const preload =
    preloadSource === null ? 'null' : `function (exports, require, module, process) {\n${preloadSource}\n}`;
  return {
    mainWorld: `(() => {\n${mainWorld}\nstartMainWorld(${JSON.stringify(nonce)});\n})();`,
    preloadWorld: `(() => {\n${preloadWorld}\nstartPreloadWorld(${JSON.stringify(all)}, ${preload});\n})();`,
  };
}
