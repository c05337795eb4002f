import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const COOKIE_PROTOCOL = 'MIT-MAGIC-COOKIE-1';

/** Where an X server listens, out of the DISPLAY variable. */
export interface DisplayAddress {
  /** Empty: a Unix socket of this machine. */
  readonly host: string;
  readonly number: number;
}

/** @returns null when `display` is not of the form `[host]:number[.screen]`. */
export function parseDisplay(display: string): DisplayAddress | null {
  const match = /^(?<host>[^:]*):(?<number>\d{1,5})(?:\.\d+)?$/.exec(display);
  const number = match?.groups?.['number'];
  if (number === undefined) return null;
  const host = match?.groups?.['host'] ?? '';
  return { host: host === 'unix' ? '' : host, number: Number(number) };
}

/** Reads the cookie that the X server wants to see, as `xauth` keeps it. No file or no entry: the server may still let us in. */
export function readCookie(address: DisplayAddress, env: NodeJS.ProcessEnv): { name: string; data: Buffer } {
  const nothing = { name: '', data: Buffer.alloc(0) };
  const path = env['XAUTHORITY'] ?? join(homedir(), '.Xauthority');
  let file: Buffer;
  try {
    file = readFileSync(path);
  } catch {
    return nothing;
  }
  let offset = 0;
  const counted = (): Buffer => {
    const length = file.readUInt16BE(offset);
    const value = file.subarray(offset + 2, offset + 2 + length);
    offset += 2 + length;
    return value;
  };
  while (offset + 10 <= file.length) {
    offset += 2;
    counted();
    const number = counted().toString('latin1');
    const name = counted().toString('latin1');
    const data = counted();
    if (name === COOKIE_PROTOCOL && (number === '' || number === String(address.number))) return { name, data };
  }
  return nothing;
}
