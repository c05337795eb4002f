import { z } from 'zod';

/** What is asked of the thread that holds the keychain (keychain-thread.ts), and what it answers. Both ends are ours, in one process. */
export const KeychainRequestSchema = z.strictObject({
  id: z.int(),
  operation: z.enum(['get', 'set', 'delete']),
  service: z.string(),
  account: z.string(),
  /** Of `set` only. */
  secret: z.string().nullable(),
});
export type KeychainRequest = z.infer<typeof KeychainRequestSchema>;

export const KeychainReplySchema = z.union([
  /** The thread has loaded its code; sent once. */
  z.strictObject({ ready: z.literal(true) }),
  z.strictObject({ id: z.int(), ok: z.literal(true), value: z.union([z.string(), z.boolean(), z.null()]) }),
  /** In the library's words, which keychain.ts tells apart; never shown. */
  z.strictObject({ id: z.int(), ok: z.literal(false), words: z.string() }),
]);
export type KeychainReply = z.infer<typeof KeychainReplySchema>;
