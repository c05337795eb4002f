/**
 * User ids and display names travel form-encoded (PROVIDERS §1, `quote_plus`): a space is `+`, a plus is `%2B`,
 * and only letters, digits and `_.-~` stay as they are.
 */
export function quotePlus(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

/** @returns undefined where an escape is broken or is not UTF-8: such a path names nobody. */
export function unquotePlus(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
