/** A word of the service made fit for logs and screens: letters, digits and plain punctuation, bounded. `''` when nothing is left. */
export function readableWord(claimedWord: string | null | undefined): string {
  return (claimedWord ?? '')
    .replace(/[^\p{L}\p{N} _.:'-]/gu, '')
    .slice(0, 60)
    .trim();
}
