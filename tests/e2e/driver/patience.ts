/** Time a person would call "at once", with room for a busy machine. */
export const SOON_MS = 20_000;
