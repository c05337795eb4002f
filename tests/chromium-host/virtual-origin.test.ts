import { beforeAll, describe, expect, it } from 'vitest';
import {
  registerVirtualScheme,
  toAppUrl,
  toChromiumPolicy,
  toChromiumUrl,
} from '../../chromium-host/chromium/virtual-origin.ts';

describe('the origin that stands in for a custom scheme', () => {
  beforeAll(() => registerVirtualScheme('app'));

  it.each([
    'app://presence-locker/curtain/index.html',
    'app://presence-locker/curtain/index.html?display=primary#a%20b',
    'app://presence-locker/',
  ])('leads %s there and back unchanged', (url) => {
    expect(toChromiumUrl(url)).toMatch(/^https:\/\/presence-locker\.app\.invalid\//);
    expect(toAppUrl(toChromiumUrl(url))).toBe(url);
  });

  it.each(['https://example.invalid/x', 'http://127.0.0.1:8080/phone', 'about:blank', 'other://host/x', 'not a url'])(
    'leaves %s alone in both directions',
    (url) => {
      expect(toChromiumUrl(url)).toBe(url);
      expect(toAppUrl(url)).toBe(url);
    },
  );

  it('does not take a page of another scheme for one of the app', () => {
    expect(toAppUrl('http://presence-locker.app.invalid/')).toBe('http://presence-locker.app.invalid/');
    expect(toAppUrl('https://presence-locker.app.invalid.example/')).toBe(
      'https://presence-locker.app.invalid.example/',
    );
  });

  it('lets a policy that names the scheme name the origin', () => {
    expect(toChromiumPolicy("default-src 'none'; script-src app://presence-locker 'self'; img-src app: data:")).toBe(
      "default-src 'none'; script-src https://presence-locker.app.invalid 'self'; img-src https://*.app.invalid data:",
    );
  });
});
