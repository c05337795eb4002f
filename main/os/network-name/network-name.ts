/** The name of the network this workstation is in, for the person who is asked on the phone: nothing is ever decided by it. */
export interface NetworkNameSource {
  /** @returns the name as the system has it, or null where it has none or does not say. @throws when the system cannot be asked. */
  read(timeoutMs: number): Promise<string | null>;
  /** Calls back when the network may be another one. Sources that cannot tell never do. */
  onChange(listener: () => void): void;
  close(): Promise<void>;
}

/** A network's name is not worth waiting for: what takes longer than this was not said. */
export const NETWORK_NAME_TIMEOUT_MS = 1_000;
/** As protocol/frames.ts bounds it, in UTF-16 code units. */
const MAX_NETWORK_NAME_CHARACTERS = 80;
/** Names that only say that the system keeps it to itself (macOS). */
const WITHHELD: readonly string[] = ['<redacted>', '<private>', '<unknown ssid>'];
/** Control and invisible formatting characters: an access point's owner chooses its name, and it must not turn the text around it. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Fit for the frame and for the screen. @returns null where nothing readable is left. */
export function presentableNetworkName(claimed: string): string | null {
  const name = claimed.toWellFormed().replace(INVISIBLE, '').trim();
  // Bytes in an encoding we do not know: a mangled name would only confuse.
  if (name === '' || name.includes('\uFFFD') || WITHHELD.includes(name.toLowerCase())) return null;
  return name.length <= MAX_NETWORK_NAME_CHARACTERS ? name : shortened(name);
}

function shortened(name: string): string {
  let kept = '';
  for (const character of name) {
    if (kept.length + character.length >= MAX_NETWORK_NAME_CHARACTERS) break;
    kept += character;
  }
  return `${kept}…`;
}
