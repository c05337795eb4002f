import type { IncomingMessage } from 'node:http';
import { quotePlus, unquotePlus } from '../activeconnect/form-encoding.ts';
import { type Address, isFromElsewhere, parseJson, readAddress, readBody } from '../http/exchange.ts';
import { answerFaults } from '../http/fault-site.ts';
import { FaultQueue } from '../http/faults.ts';
import { asAnswer, refused, type WireAnswer } from '../http/reply.ts';
import { SimulatorServer } from '../http/server.ts';
import { answerAsset } from '../phone/assets.ts';
import { renderPhonePage } from '../phone/page.ts';
import { type ApiCall, answerApiCall, findRoute, NotFound, NotSignedIn, ServerFault } from './api.ts';
import { errorsOnTheWire, ValidationError } from './errors.ts';
import { answerWith, faultSchema, type JsonAnswer, onTheWire, page } from './faults.ts';
import { isPhoneAction, operatePhone, phoneState } from './phone.ts';
import { renderPhoneView, renderUnknownPerson } from './phone-view.ts';
import type { Person, Service } from './service.ts';

export interface FrontSettings {
  /** Begins and ends with a slash. */
  readonly prefix: string;
  /** Lower case. */
  readonly headerName: string;
  /** The header's value for `person`; with `:<userId>` after it (percent-encoded), that person signs in. */
  readonly authorization: string;
  readonly person: string;
  readonly withSchemas: boolean;
  readonly allowFaults: boolean;
}

/** The web server in front of the simulated host project: who asks, what is asked, and how much may be sent. */
export class HttpFront {
  readonly faults = new FaultQueue(faultSchema);
  readonly #service: Service;
  readonly #settings: FrontSettings;
  readonly #server: SimulatorServer;

  constructor(service: Service, settings: FrontSettings) {
    this.#service = service;
    this.#settings = settings;
    this.#server = new SimulatorServer('wcd-2factor', (request) => this.#answer(request));
  }

  /** @returns the port. Rejects with Node's own error, for example where the port is taken. */
  listen(host: string, port: number): Promise<number> {
    return this.#server.listen(host, port);
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  async #answer(request: IncomingMessage): Promise<WireAnswer> {
    const address = readAddress(request);
    if (address === undefined) return page(400, 'Bad Request');
    const path = `/${address.path.join('/')}`;
    if (path.startsWith(this.#settings.prefix))
      return this.#answerApi(request, path.slice(this.#settings.prefix.length));
    const [area, name = ''] = address.path;
    switch (area) {
      case 'phone':
        return this.#answerPhone(request, address);
      case 'assets':
        return (address.path.length === 2 ? answerAsset(name) : null) ?? asAnswer(refused(404, 'NOT_FOUND'));
      case 'faults':
        return this.#settings.allowFaults && address.path.length === 1
          ? asAnswer(await answerFaults(this.faults, request, address))
          : page(404, 'Not Found');
      default:
        return page(404, 'Not Found');
    }
  }

  async #answerApi(request: IncomingMessage, path: string): Promise<WireAnswer> {
    const route = findRoute(path);
    if (route === undefined) return page(404, 'Not Found');
    if (request.method !== route.method) {
      const detail = `Method "${request.method}" not allowed.`;
      return onTheWire({ status: 405, body: { detail }, headers: { Allow: route.method } });
    }
    const bytes = await readBody(request);
    if (bytes === 'too-large') return { ...page(413, 'Request Entity Too Large'), headers: { Connection: 'close' } };
    const carryOut = (codedErrors: boolean): JsonAnswer => {
      const person = this.#signedIn(request);
      if (person === 'refused') return { status: 403, body: { detail: 'Invalid token.' } };
      const json = bytes.length === 0 ? { value: {} } : parseJson(bytes);
      if (json === undefined) return { status: 400, body: { detail: 'JSON parse error.' } };
      const host = this.#service.signedIn(this.#settings.person);
      if (host === undefined) throw new ServerFault();
      const { withSchemas } = this.#settings;
      return this.#carryOut({ route, person, host, body: json.value, withSchemas }, codedErrors);
    };
    try {
      return await answerWith(this.faults.take(route.call), carryOut, this.#server.closing);
    } catch (fault) {
      // What the vendor's server does not catch is its own page.
      if (fault instanceof ServerFault) return page(500, '<!doctype html><title>Server Error (500)</title>');
      throw fault;
    }
  }

  #carryOut(call: ApiCall, codedErrors: boolean): JsonAnswer {
    try {
      return answerApiCall(this.#service, call);
    } catch (fault) {
      if (fault instanceof ValidationError) return { status: 400, body: errorsOnTheWire(fault.errors, codedErrors) };
      if (fault instanceof NotSignedIn) {
        return { status: 403, body: { detail: 'Authentication credentials were not provided.' } };
      }
      if (fault instanceof NotFound) return { status: 404, body: { detail: 'Not found.' } };
      throw fault;
    }
  }

  #signedIn(request: IncomingMessage): Person | null | 'refused' {
    const { headerName, authorization, person } = this.#settings;
    const claimed = request.headers[headerName];
    if (claimed === undefined) return null;
    if (claimed === authorization) return this.#service.signedIn(person) ?? 'refused';
    if (typeof claimed !== 'string' || !claimed.startsWith(`${authorization}:`)) return 'refused';
    const userId = unquotePlus(claimed.slice(authorization.length + 1)) ?? '';
    return isUserId(userId) ? (this.#service.signedIn(userId) ?? 'refused') : 'refused';
  }

  /**
   * `/phone/<userId>` is the page of a person, `…/view` the part of it that changes, `…/state` the same as JSON, and a POST to `…/<action>`
   * operates it. Nobody signs in here: whoever knows the user id holds the phone.
   */
  #answerPhone(request: IncomingMessage, address: Address): WireAnswer {
    const [, encodedUser = '', what] = address.path;
    if (address.path.length > 3) return asAnswer(refused(404, 'NOT_FOUND'));
    const person = this.#service.person(unquotePlus(encodedUser) ?? '');
    if (what === undefined || what === 'view' || what === 'state') {
      if (request.method !== 'GET') return asAnswer(refused(405, 'METHOD_NOT_ALLOWED', { Allow: 'GET' }));
      if (what !== 'state') return phoneHtml(person, what === undefined);
      return asAnswer(
        person === undefined ? refused(404, 'UNKNOWN_USER') : { status: 200, body: { ...phoneState(person) } },
      );
    }
    if (!isPhoneAction(what)) return asAnswer(refused(404, 'NOT_FOUND'));
    if (request.method !== 'POST') return asAnswer(refused(405, 'METHOD_NOT_ALLOWED', { Allow: 'POST' }));
    if (isFromElsewhere(request, address.host)) return asAnswer(refused(403, 'CROSS_SITE'));
    if (person === undefined) return asAnswer(refused(404, 'UNKNOWN_USER'));
    const answer = operatePhone(this.#service, person, what);
    if (request.headers.accept?.includes('text/html') === true) {
      return { ...page(303, ''), headers: { Location: `/phone/${encodedUser}` } };
    }
    if (answer.ok) return asAnswer({ status: 200, body: { ...answer.state } });
    return asAnswer({ status: 409, body: { status: false, reason: answer.objection, state: answer.state } });
  }
}

export function isUserId(text: string): boolean {
  return text.length > 0 && text.length <= 256 && !/\p{Cc}/u.test(text);
}

function phoneHtml(person: Person | undefined, isPage: boolean): WireAnswer {
  const view = person === undefined ? renderUnknownPerson() : renderPhoneView(phoneState(person));
  const viewUrl = person === undefined ? null : `/phone/${quotePlus(person.userId)}/view`;
  const text = isPage ? renderPhonePage({ view, who: person?.userId ?? '', viewUrl }) : view;
  return { ...page(person === undefined ? 404 : 200, text), headers: { 'X-Service-Time': String(Date.now()) } };
}
