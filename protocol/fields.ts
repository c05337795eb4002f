import { z } from 'zod';

/** What frames and calls are made of: every field bounded, so that nothing has to be checked a second time behind the schema. */
export const id = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z0-9._:-]+$/);
/**
 * Who is asked. Ours is a random token (DESIGN §7); a shared gateway may serve clients that name people as their service does, so
 * anything printable goes and the provider encodes it — but nothing that a path could take for a step of its own.
 */
export const userId = z
  .string()
  .min(1)
  .max(128)
  .regex(/^(?!\.{1,2}$)[^\p{Cc}/\\]+$/u);
/** Free text shown to people: bounded, no control characters (a reason must not be able to forge log lines). */
export const text = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^\P{Cc}*$/u);
export const e164 = z.string().regex(/^\+[1-9]\d{6,14}$/);
/** A link that a phone opens or a page shows as a QR code. */
export const link = z.url({ protocol: /^https?$/ }).max(2_048);
