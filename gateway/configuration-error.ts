/** A setting that cannot be used. Names the key and what was expected, never the value: it may be a misplaced secret. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly key: string;
  readonly expected: string;
  constructor(key: string, expected: string) {
    super(`${key}: expected ${expected}`);
    this.key = key;
    this.expected = expected;
  }
}
