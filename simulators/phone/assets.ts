import type { WireAnswer } from '../http/reply.ts';
import { FAVICON } from './marks.ts';
import { PHONE_SCRIPT } from './script.ts';
import { PHONE_STYLE } from './style.ts';

const ASSETS: Readonly<Record<string, { readonly contentType: string; readonly text: string }>> = {
  'phone.js': { contentType: 'text/javascript; charset=utf-8', text: PHONE_SCRIPT },
  'phone.css': { contentType: 'text/css; charset=utf-8', text: PHONE_STYLE },
  'mark.svg': { contentType: 'image/svg+xml', text: FAVICON },
};

/** What the phone's page loads from `/assets/<name>`. @returns null where there is no such file */
export function answerAsset(name: string): WireAnswer | null {
  const asset = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
  return asset === undefined ? null : { kind: 'text', status: 200, ...asset };
}
