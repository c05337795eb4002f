import { describe, expect, it } from 'vitest';
import { findX11Cookie, localDisplayNumber } from '../../main/os/linux/x11-connection.ts';

function field(value: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(value.length);
  return Buffer.concat([length, Buffer.from(value, 'latin1')]);
}
function entry(display: string, name: string, data: string): Buffer {
  return Buffer.concat([Buffer.from([1, 0]), field('host'), field(display), field(name), field(data)]);
}

describe('the X authority file', () => {
  const file = Buffer.concat([
    entry('0', 'MIT-MAGIC-COOKIE-1', 'cookie of display zero'),
    entry('7', 'XDM-AUTHORIZATION-1', 'another scheme'),
    entry('7', 'MIT-MAGIC-COOKIE-1', 'cookie of display seven'),
  ]);

  it('gives the cookie of the display, of the scheme that is spoken', () => {
    expect(findX11Cookie(file, 7)?.data.toString()).toBe('cookie of display seven');
  });
  it('gives none for a display it does not name', () => {
    expect(findX11Cookie(file, 3)).toBeNull();
  });
  it('gives none when it is cut short', () => {
    expect(findX11Cookie(file.subarray(0, file.length - 5), 7)).toBeNull();
    expect(findX11Cookie(Buffer.alloc(0), 7)).toBeNull();
  });
});

describe('a display name', () => {
  it.each([
    [':7', 7],
    [':0.0', 0],
    ['unix:12', 12],
    ['host:0', null],
    ['localhost:10.0', null],
    ['', null],
    [':../../x', null],
  ])('%j is local display %j', (display, number) => {
    expect(localDisplayNumber(display)).toBe(number);
  });
});
