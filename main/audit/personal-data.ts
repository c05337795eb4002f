import type { AuditEntry } from '../core/audit-entry.ts';

/** Longest free text kept of an entry, in characters. */
export const MAX_EVIDENCE_CHARACTERS = 300;
/** Shorter words would be found inside others and make the evidence unreadable. */
const SHORTEST_NAME_CHARACTERS = 3;

/** As a service or a person would write it: country code first (E.164), with or without spaces. */
const PHONE_NUMBER = /\+[1-9](?:[ -]?\d){6,14}/g;
const CONTROL = /\p{Cc}+/gu;

/** What must not get into the record, asked at every entry because it changes with the enrollment. */
export interface PersonalData {
  /** User id, device id, display name. */
  readonly names: readonly string[];
  /** Its path holds the person's account name. */
  readonly homeDirectory: string;
}

/**
 * The kinds of entries hold nothing personal, but their evidence quotes services, gateways and error messages. What is known to be
 * personal is taken out of these before anything is written, so that the record can be given away.
 */
export function withoutPersonalData(entry: AuditEntry, personal: PersonalData): AuditEntry {
  const cleaned = { ...entry };
  if ('evidence' in cleaned) cleaned.evidence = cleanText(cleaned.evidence, personal);
  if ('code' in cleaned) cleaned.code = cleanText(cleaned.code, personal);
  return cleaned;
}

function cleanText(text: string, { names, homeDirectory }: PersonalData): string {
  let clean = text.replace(CONTROL, ' ');
  if (homeDirectory.length > 1) clean = clean.replaceAll(homeDirectory, '~');
  for (const name of names) {
    if (name.length >= SHORTEST_NAME_CHARACTERS) clean = clean.replaceAll(name, '…');
  }
  clean = clean.replace(PHONE_NUMBER, '…');
  return clean.length > MAX_EVIDENCE_CHARACTERS ? `${clean.slice(0, MAX_EVIDENCE_CHARACTERS - 1)}…` : clean;
}
