/** Every limit of main/electron, with its unit. Policy settings live in protocol/policy.ts; these are not for the person to change. */

/** A raised curtain counts as failed when not even one window has painted by then. Shorter than any approval time-out. */
export const CURTAIN_PAINT_TIMEOUT_MS = 4_000;
/** A page that had painted while hidden counts as covering after this time, where the OS does not report that its window is shown. */
export const CURTAIN_SHOW_GRACE_MS = 300;
/** Windows are compared with the displays this often besides display events, because hot-plug events get lost (electron#35809, #41372). */
export const CURTAIN_RECONCILE_INTERVAL_MS = 2_000;
/** One broken window (crash, hang, hide, close) is mended silently; a second on the same display within this time is a lost curtain. */
export const CURTAIN_RECOVERY_WINDOW_MS = 60_000;
/** Pause before the focus is taken back, so that two windows which both want it cannot starve the process. */
export const CURTAIN_REFOCUS_DELAY_MS = 100;

/** The embedded gateway or the simulator must listen by then. */
export const EMBEDDED_START_TIMEOUT_MS = 15_000;
/** Time to end by itself after `stop`, before it is ended. */
export const EMBEDDED_STOP_TIMEOUT_MS = 3_000;
/** Time for the OS to report the end of a process that was ended. */
export const EMBEDDED_KILL_TIMEOUT_MS = 2_000;

/** An alarm (nothing locks this workstation) is shown again this often until it is silenced. */
export const ALARM_REPEAT_INTERVAL_MS = 15_000;

/** Arguments accepted from a second instance, and the longest of them, in characters: it is another process and may be hostile. */
export const MAX_SECOND_INSTANCE_ARGUMENTS = 32;
export const MAX_SECOND_INSTANCE_ARGUMENT_LENGTH = 512;

/** Bytes of one bundled page file, and how many there may be: they are held in memory. */
export const MAX_PAGE_FILE_BYTES = 8 * 1024 * 1024;
export const MAX_PAGE_FILES = 500;

/** Link length handed to the browser, in characters. */
export const MAX_EXTERNAL_LINK_LENGTH = 2_000;
