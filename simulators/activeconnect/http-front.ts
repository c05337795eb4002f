import type { IncomingMessage } from 'node:http';
import { type Address, readAddress, readBody } from '../http/exchange.ts';
import { answerFaults } from '../http/fault-site.ts';
import { FaultQueue } from '../http/faults.ts';
import { asAnswer, refused, type WireAnswer } from '../http/reply.ts';
import { SimulatorServer } from '../http/server.ts';
import { answerAsset } from '../phone/assets.ts';
import { answerApiCall, findRoute } from './api.ts';
import { answerWith, callOf, faultSchema } from './faults.ts';
import { NonceMemory } from './nonce-memory.ts';
import { answerPhone } from './phone-site.ts';
import type { Service } from './service.ts';
import { TIMESTAMP_TOLERANCE_S } from './signature.ts';

/** Longer than a timestamp can be accepted: one that lies ahead by the whole tolerance is good for twice as long. */
const NONCE_KEPT_MS = (2 * TIMESTAMP_TOLERANCE_S + 60) * 1000;

/** The web server in front of the simulated service: finds out what is asked, and bounds what may be sent. */
export class HttpFront {
  readonly faults = new FaultQueue(faultSchema, callOf);
  readonly #service: Service;
  readonly #allowFaults: boolean;
  readonly #nonces = new NonceMemory(NONCE_KEPT_MS);
  readonly #server: SimulatorServer;

  constructor(service: Service, allowFaults: boolean) {
    this.#service = service;
    this.#allowFaults = allowFaults;
    this.#server = new SimulatorServer('activeconnect', (request) => this.#answer(request));
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
    if (address === undefined) return asAnswer(refused(400, 'INVALID_HOST_OR_TARGET'));
    const [area, name = ''] = address.path;
    switch (area) {
      case 'management':
      case 'authentication':
        return this.#answerApi(request, address);
      case 'phone':
        return answerPhone(this.#service, request, address);
      case 'assets':
        return (address.path.length === 2 ? answerAsset(name) : null) ?? asAnswer(refused(404, 'NOT_FOUND'));
      case 'faults':
        return this.#allowFaults && address.path.length === 1
          ? asAnswer(await answerFaults(this.faults, request, address))
          : asAnswer(refused(404, 'NOT_FOUND'));
      default:
        return asAnswer(refused(404, 'NOT_FOUND'));
    }
  }

  async #answerApi(request: IncomingMessage, address: Address): Promise<WireAnswer> {
    const route = findRoute(address.path);
    if (route === undefined) return asAnswer(refused(404, 'NOT_FOUND'));
    if (request.method !== route.method) return asAnswer(refused(405, 'METHOD_NOT_ALLOWED', { Allow: route.method }));
    const call = { route, address, headers: request.headers, readBody: () => readBody(request) };
    const carryOut = () => answerApiCall(this.#service, this.#nonces, call);
    return answerWith(this.faults.take(route.call), carryOut, this.#server.closing);
  }
}
