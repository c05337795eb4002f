import type { PageAnswer, PageRequest } from '../chromium/renderer-page.ts';
import { registerVirtualScheme, toAppUrl, toChromiumPolicy } from '../chromium/virtual-origin.ts';
import { implementedOnly, type Members, standIn } from '../stand-in.ts';
import type { WebContents } from './web-contents.ts';

type Handler = Parameters<Electron.Protocol['handle']>[1];
type RequestHandler = Parameters<Electron.Session['setPermissionRequestHandler']>[0];
type CheckHandler = Parameters<Electron.Session['setPermissionCheckHandler']>[0];
type BeforeRequest = (
  details: Electron.OnBeforeRequestListenerDetails,
  done: (answer: Electron.CallbackResponse) => void,
) => void;
type HeadersReceived = (
  details: Electron.OnHeadersReceivedListenerDetails,
  done: (answer: Electron.HeadersReceivedResponse) => void,
) => void;

class ProtocolRegistry
  implements Members<Electron.Protocol, 'registerSchemesAsPrivileged' | 'handle' | 'unhandle' | 'isProtocolHandled'>
{
  readonly handlers = new Map<string, Handler>();

  registerSchemesAsPrivileged(schemes: Electron.CustomScheme[]): void {
    for (const { scheme } of schemes) registerVirtualScheme(scheme);
  }

  handle(scheme: string, handler: Handler): void {
    if (this.handlers.has(scheme)) throw new Error(`The scheme has been registered: ${scheme}`);
    registerVirtualScheme(scheme);
    this.handlers.set(scheme, handler);
  }

  unhandle(scheme: string): void {
    if (!this.handlers.delete(scheme)) throw new Error(`The scheme has not been registered: ${scheme}`);
  }

  isProtocolHandled(scheme: string): boolean {
    return this.handlers.has(scheme);
  }
}

class WebRequest implements Members<Electron.WebRequest, 'onBeforeRequest' | 'onHeadersReceived'> {
  beforeRequest: BeforeRequest | null = null;
  headersReceived: HeadersReceived | null = null;

  onBeforeRequest(first: Electron.WebRequestFilter | BeforeRequest | null, second?: BeforeRequest | null): void {
    this.beforeRequest = listenerOf('onBeforeRequest', first, second);
  }

  onHeadersReceived(first: Electron.WebRequestFilter | HeadersReceived | null, second?: HeadersReceived | null): void {
    this.headersReceived = listenerOf('onHeadersReceived', first, second);
  }
}

/** `(listener)`, `(null)` or `(filter, listener)`; of filters only "everything" is implemented. */
function listenerOf<Listener extends (...args: never[]) => void>(
  name: string,
  first: Electron.WebRequestFilter | Listener | null,
  second: Listener | null | undefined,
): Listener | null {
  if (first === null || typeof first === 'function') return first;
  const everything = (first.urls ?? []).every((url) => url === '<all_urls>' || url === '*://*/*');
  if (!everything)
    throw new Error(`electron.session.webRequest.${name} with a URL filter is not implemented in chromium-host`);
  return second ?? null;
}

/** Chromium's names of what Electron's handlers are asked about. */
const PERMISSIONS = {
  geolocation: 'geolocation',
  notifications: 'notifications',
  midi: 'midi',
  'clipboard-read': 'clipboard-read',
  'idle-detection': 'idle-detection',
  camera: 'media',
  microphone: 'media',
} as const;

export class Session {
  readonly partition: string;
  readonly protocolItself = new ProtocolRegistry();
  readonly webRequestItself = new WebRequest();
  requestHandler: RequestHandler = null;
  checkHandler: CheckHandler = null;
  readonly electron: Electron.Session;

  constructor(partition: string) {
    this.partition = partition;
    this.electron = standIn<Electron.Session>('electron.session', {
      protocol: standIn<Electron.Protocol>('electron.protocol', this.protocolItself),
      webRequest: standIn<Electron.WebRequest>('electron.session.webRequest', this.webRequestItself),
      setPermissionRequestHandler: (handler) => {
        this.requestHandler = handler;
      },
      setPermissionCheckHandler: (handler) => {
        this.checkHandler = handler;
      },
      setDevicePermissionHandler: () => undefined,
      setDisplayMediaRequestHandler: () => undefined,
      setSpellCheckerEnabled: () => undefined,
    });
  }

  /** @returns what the page gets for its request: the app's protocol handler, the network, or nothing. */
  async answer(contents: WebContents, request: PageRequest): Promise<PageAnswer> {
    const url = toAppUrl(request.url);
    const details = {
      id: 0,
      url,
      method: request.method,
      webContentsId: contents.id,
      webContents: contents.electron,
      resourceType: request.isMainFrameNavigation ? ('mainFrame' as const) : toResourceType(request.resourceType),
      referrer: request.headers['referer'] ?? '',
      timestamp: Date.now(),
      uploadData: [],
    };
    const { beforeRequest, headersReceived } = this.webRequestItself;
    if (beforeRequest !== null) {
      const verdict = await new Promise<Electron.CallbackResponse>((done) => beforeRequest(details, done));
      if (verdict.cancel === true || verdict.redirectURL !== undefined) return 'abort';
    }
    const handler = this.protocolItself.handlers.get(new URL(url).protocol.slice(0, -1));
    if (handler === undefined) return url === request.url ? 'continue' : 'abort';
    const body = request.body === null ? null : new Uint8Array(request.body);
    const response = await handler(
      new Request(url, { method: request.method, headers: { ...request.headers }, ...(body === null ? {} : { body }) }),
    );
    let headers: Record<string, string | string[]> = Object.fromEntries(response.headers);
    if (headersReceived !== null) {
      const lists = Object.fromEntries([...response.headers].map(([name, value]) => [name, [value]]));
      const received = {
        ...details,
        statusLine: `HTTP/1.1 ${response.status}`,
        statusCode: response.status,
        responseHeaders: lists,
      };
      const verdict = await new Promise<Electron.HeadersReceivedResponse>((done) => headersReceived(received, done));
      if (verdict.cancel === true) return 'abort';
      headers = verdict.responseHeaders ?? headers;
    }
    return { status: response.status, headers: flat(headers), body: Buffer.from(await response.arrayBuffer()) };
  }

  /**
   * Chromium cannot ask the app in the moment of a request, so the handlers are asked beforehand about each permission and the
   * browser is told the answers for the page's origin. Without handlers everything is granted, as in Electron.
   */
  async permissions(contents: WebContents, origin: string): Promise<ReadonlyMap<string, 'granted' | 'denied'>> {
    const answers = new Map<string, 'granted' | 'denied'>();
    for (const [name, electronName] of Object.entries(PERMISSIONS)) {
      const { requestHandler, checkHandler } = this;
      const frame = { requestingUrl: origin, isMainFrame: true };
      const checked =
        checkHandler?.(contents.electron, electronName, origin, { ...frame, securityOrigin: origin }) ?? true;
      // What fails the check needs no asking: the app would log a request that no page made.
      const granted = checked && (await asked(requestHandler, contents.electron, electronName, frame));
      answers.set(name, granted ? 'granted' : 'denied');
    }
    return answers;
  }
}

function asked(
  handler: RequestHandler,
  contents: Electron.WebContents,
  permission: Parameters<NonNullable<RequestHandler>>[1],
  details: { requestingUrl: string; isMainFrame: boolean },
): Promise<boolean> {
  if (handler === null) return Promise.resolve(true);
  return new Promise((resolve) => handler(contents, permission, resolve, details));
}

function flat(headers: Record<string, string | string[]>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const text = Array.isArray(value) ? value.join(', ') : value;
    result[name.toLowerCase()] = name.toLowerCase() === 'content-security-policy' ? toChromiumPolicy(text) : text;
  }
  return result;
}

function toResourceType(
  type: string,
): 'stylesheet' | 'script' | 'image' | 'font' | 'xhr' | 'webSocket' | 'subFrame' | 'other' {
  switch (type) {
    case 'stylesheet':
    case 'script':
    case 'image':
    case 'font':
    case 'xhr':
      return type;
    case 'fetch':
      return 'xhr';
    case 'websocket':
      return 'webSocket';
    case 'document':
      return 'subFrame';
    default:
      return 'other';
  }
}

const sessions = new Map<string, Session>();

/** All partitions share Chromium's profile; what differs between them are their handlers. */
export function sessionOf(partition: string): Session {
  const known = sessions.get(partition);
  if (known !== undefined) return known;
  const made = new Session(partition);
  sessions.set(partition, made);
  return made;
}

export const session = implementedOnly('electron.session', {
  get defaultSession(): Electron.Session {
    return sessionOf('').electron;
  },
  fromPartition: (partition: string): Electron.Session => sessionOf(partition).electron,
}) satisfies Pick<typeof Electron.Session, 'fromPartition' | 'defaultSession'>;

/** @returns our session behind the one that the app holds. */
export function sessionBehind(electron: Electron.Session): Session {
  const found = [...sessions.values()].find((candidate) => candidate.electron === electron);
  if (found === undefined) throw new Error('a session that chromium-host did not make');
  return found;
}

export const protocol = sessionOf('').electron.protocol;
