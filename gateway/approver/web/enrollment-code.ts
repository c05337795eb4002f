/** ENROLL_FRAGMENT of protocol/approver.ts, which brings zod along; a test opens such a link. */
const IN_LINK = /^#enroll=([A-Za-z0-9_-]{22})$/;

/**
 * The link as it stands in the address, for a browser that cannot use it: the person takes it to one that can. Nothing is taken out or used up.
 */
export function unusedEnrollmentLink(): string | null {
  return IN_LINK.test(window.location.hash) ? window.location.href : null;
}

/** Takes the code out of the address, so that it is in no history, no shared link and no screenshot of the address bar. */
export function takeEnrollmentCode(): string | null {
  const code = IN_LINK.exec(window.location.hash)?.[1] ?? null;
  if (window.location.hash.startsWith('#enroll=')) window.history.replaceState(null, '', window.location.pathname);
  return code;
}
