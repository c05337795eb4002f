/** Fixed limits of the passkey provider and of the approver's door, units in the names. */

/** An approval that is not given within this was not given. */
export const REQUEST_MS = 60_000;
/** One to go on waits no longer than the session still lasts, but so long that it can be there at all. */
export const SHORTEST_REQUEST_MS = 1_000;
/** A pause that is not granted within this after the minutes were picked was not granted. */
export const PAUSE_GRANT_MS = 60_000;
/** Challenges one request may have: each is a try of a phone. */
export const MAX_CHALLENGES_PER_REQUEST = 10;
/** Requests of one person that wait at the same time, over all workstations. */
export const MAX_PENDING_PER_PERSON = 8;
/** Requests of one person, and of one workstation, in ten minutes: what is above this rings no phone (prompt flood). */
export const REQUESTS_PER_TEN_MINUTES = 20;
/** After "that wasn't me" the workstation's requests for this person are refused this long. */
export const BLOCK_MS = 900_000;
/** Assertions of one person that failed, in ten minutes; after that none is looked at. */
export const FAILED_ASSERTIONS_PER_TEN_MINUTES = 10;

/** A link for one more phone is good for this long, and its code for this many failed attempts. */
export const ENROLLMENT_CODE_MS = 600_000;
export const ENROLLMENT_CODE_BYTES = 16;
export const MAX_FAILURES_PER_CODE = 5;
/** A challenge of an enrollment or a sign-in. */
export const CHALLENGE_MS = 300_000;
export const CHALLENGE_BYTES = 32;
/** Challenges of enrollments or sign-ins that are open at once; a new one pushes the oldest out. */
export const MAX_OPEN_CHALLENGES = 1_000;
/** A person without a phone, or a session that is over, is forgotten after this. */
export const FORGET_PERSON_MS = 86_400_000;
export const FORGET_SESSION_MS = 172_800_000;
/** Rows of one person's history. */
export const MAX_ACTIVITY_KEPT = 200;

/** A signed-in page: without a call for this long it is signed out; at the latest after the second. */
export const SIGN_IN_IDLE_MS = 1_200_000;
export const SIGN_IN_LONGEST_MS = 28_800_000;
/** A page that signed in again: its earlier sign-in answers only what is on its way. */
export const REPLACED_SIGN_IN_MS = 5_000;
export const MAX_SIGN_INS = 4_096;
export const MAX_SIGN_INS_PER_PHONE = 4;
/** Live connections of one phone, and in all. */
export const MAX_LIVE_PER_PHONE = 4;
export const MAX_LIVE = 1_024;

/** Per signed-in phone, or else per address (an IPv6 /64 is one). */
export const CALLS_PER_MINUTE = 300;
/** Per address: sign-ins begun, and codes and passkeys that were refused to somebody who is not signed in. */
export const SIGN_INS_PER_MINUTE = 20;
export const FAILURES_PER_TEN_MINUTES = 20;

/** Notifications to one person in five minutes; the request is in the page all the same. */
export const HINTS_PER_FIVE_MINUTES = 10;
export const PUSH_TIMEOUT_MS = 10_000;
/** Push services close to the end of a request must not deliver it. */
export const PUSH_TTL_SECONDS = 60;

/** The end of a session is told so much later to a workstation that had itself removed: its app has forgotten the enrollment by then. */
export const ANSWER_FIRST_MS = 2_000;
