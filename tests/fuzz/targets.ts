import type { TargetName } from './shares.ts';
import { anyTarget, type FuzzTarget } from './target.ts';
import { busAnswersTarget } from './targets/bus-answers.ts';
import { codeBookTarget } from './targets/code-book.ts';
import { codecTarget } from './targets/codec.ts';
import { gatewayHttpTarget } from './targets/gateway-http.ts';
import { gatewaySocketTarget } from './targets/gateway-socket.ts';
import { ipcTarget } from './targets/ipc.ts';
import { linkTarget } from './targets/link.ts';
import { recordTarget } from './targets/record.ts';
import { serviceAnswersTarget } from './targets/service-answers.ts';
import { settingsTarget } from './targets/settings.ts';
import { storedSessionsTarget } from './targets/stored-sessions.ts';
import { x11RepliesTarget } from './targets/x11-replies.ts';

/** One for each name of shares.ts. */
export const FUZZ_TARGETS: { readonly [Name in TargetName]: () => FuzzTarget } = {
  codec: () => anyTarget(codecTarget()),
  link: () => anyTarget(linkTarget()),
  ipc: () => anyTarget(ipcTarget()),
  'bus-answers': () => anyTarget(busAnswersTarget()),
  settings: () => anyTarget(settingsTarget()),
  'stored-sessions': () => anyTarget(storedSessionsTarget()),
  'gateway-socket': () => anyTarget(gatewaySocketTarget()),
  'service-answers': () => anyTarget(serviceAnswersTarget()),
  'gateway-http': () => anyTarget(gatewayHttpTarget()),
  'code-book': () => anyTarget(codeBookTarget()),
  record: () => anyTarget(recordTarget()),
  'x11-replies': () => anyTarget(x11RepliesTarget()),
};
