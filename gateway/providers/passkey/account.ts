import { z } from 'zod';

/** The provider's part of a gateway configuration (gateway/config.ts); docs/operations.md explains each key. Needs `database` beside it. */
export const PasskeyConfigSchema = z.strictObject({
  kind: z.literal('passkey'),
  /** Judged by `siteOf`. */
  publicUrl: z.string().min(1).max(300),
  title: z
    .string()
    .min(1)
    .max(60)
    .regex(/^\P{Cc}*$/u)
    .optional(),
  /** Folder with the phones' page. Absent: the one that was built beside the gateway. */
  webDirectory: z.string().min(1).max(1_024).optional(),
  behindProxy: z.boolean().default(false),
  pushContact: z
    .url({ protocol: /^(?:mailto|https)$/, error: 'mailto: or https://' })
    .max(200)
    .optional(),
  simulated: z.boolean().default(false),
});
export type PasskeyConfig = z.infer<typeof PasskeyConfigSchema>;
