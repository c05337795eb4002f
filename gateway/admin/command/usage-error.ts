/** What was typed cannot be understood. The message names words and options, never a value: a value may be a misplaced secret. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
