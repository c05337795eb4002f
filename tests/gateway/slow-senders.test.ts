import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HttpDoor } from '../../gateway/http-door.ts';
import {
  HTTP_HEADERS_TIMEOUT_MS,
  HTTP_REQUEST_TIMEOUT_MS,
  HTTP_TIMEOUTS_LOOK_INTERVAL_MS,
} from '../../gateway/limits.ts';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.ts';

/** A machine that is busy notices later. */
const SLACK_MS = 5_000;
const DRIP_INTERVAL_MS = 200;

/** Reads whatever comes, for as long as it comes. */
const reader: HttpDoor = {
  owns: (path) => path === '/reads',
  async answer(request, response) {
    for await (const _ of request);
    response.end('read');
  },
  upgrade: (_request, socket) => void socket.destroy(),
  close: () => undefined,
};

let running: GatewayUnderTest;
beforeAll(async () => {
  running = await startGateway({ doors: [reader] });
});
afterAll(() => running.close());

/** Sends the beginning at once and then a byte now and then, without an end. @returns what was answered, and after how long it was cut off */
function drip(beginning: string, withinMs: number): Promise<{ readonly answer: string; readonly afterMs: number }> {
  const from = performance.now();
  return new Promise((resolve, reject) => {
    const socket = connect(running.socketPath);
    let answer = '';
    socket.write(beginning);
    const dripping = setInterval(() => socket.write('x'), DRIP_INTERVAL_MS);
    const tooLong = setTimeout(() => {
      socket.destroy();
      reject(new Error(`still open after ${withinMs} ms`));
    }, withinMs);
    socket.on('data', (chunk: Buffer) => {
      answer += String(chunk);
    });
    // Cut off in the middle of its sending, as it should be.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(dripping);
      clearTimeout(tooLong);
      resolve({ answer, afterMs: performance.now() - from });
    });
  });
}

describe('a sender that never comes to an end', () => {
  test.concurrent.each([
    ['of its headers', 'GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ', HTTP_HEADERS_TIMEOUT_MS],
    ['of its body', 'POST /reads HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n', HTTP_REQUEST_TIMEOUT_MS],
  ])('%s is cut off within seconds of its time', { timeout: 30_000 }, async (_of, beginning, allowedMs) => {
    const { answer, afterMs } = await drip(beginning, allowedMs + HTTP_TIMEOUTS_LOOK_INTERVAL_MS + SLACK_MS);
    expect(afterMs).toBeGreaterThan(allowedMs - 1_000);
    expect(answer).toMatch(/^(?:HTTP\/1\.1 408 |$)/);
  });
});
