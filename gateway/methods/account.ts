import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-fA-F]{64}$/, { error: '64 hexadecimal digits' });
/** Paths that mean something else at this server. */
const TAKEN = /^\/(?:approver|webhooks|healthz|metrics|v1)\//;

/** `methods` of the gateway's configuration (docs/operations.md). */
export const MethodsConfigSchema = z.strictObject({
  prefix: z
    .string()
    .max(200)
    .regex(/^\/(?:[A-Za-z0-9_-]+\/)+$/, { error: 'a path such as /api/v1/auth/2factor/' })
    .refine((prefix) => !TAKEN.test(prefix), { error: 'a path that nothing else of the gateway has' })
    .optional(),
  /** What authenticator apps show beside a code. A colon would end it (otpauth links). */
  issuer: z
    .string()
    .regex(/^[^:\p{Cc}]{1,64}$/u, { error: 'one short line of text without a colon' })
    // It stands twice in a link that may have 1,024 characters (providers/wcd-2factor/wire.ts), beside the label and the secret.
    .refine((text) => text.isWellFormed() && encodeURIComponent(text).length <= 192, { error: 'a shorter text' })
    .default('Presence Locker'),
  /** How long a confirmed confirmation counts if nobody uses it up. Default: the longest session of `policy`, or of the default policy. */
  permitSeconds: z.int().min(60).max(86_400).optional(),
  /** One entry for each token; a person may have several. */
  people: z
    .array(z.strictObject({ userId: z.string().min(1).max(128), sha256 }))
    .max(10_000)
    .default([]),
  /** Tokens that may speak for everybody. */
  services: z
    .array(z.strictObject({ name: z.string().min(1).max(128), sha256 }))
    .max(100)
    .default([]),
});
export type MethodsConfig = z.infer<typeof MethodsConfigSchema>;
