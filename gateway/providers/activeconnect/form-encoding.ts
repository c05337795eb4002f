/**
 * Form encoding of user ids and display names in paths and queries (the service's `quote_plus`): space → `+`, everything but
 * letters, digits and `_.-~` percent-encoded. A lone surrogate becomes U+FFFD rather than an exception.
 */
export function quotePlus(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}
