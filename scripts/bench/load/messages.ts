import { z } from 'zod';

/** What the bench tells the processes it measures with, and what they answer. One answer to each message, in order. */
export const ToServerSchema = z.discriminatedUnion('type', [
  /** Garbage is collected first, so that what is counted is what is held. */
  z.strictObject({ type: z.literal('memory') }),
  z.strictObject({ type: z.literal('stop') }),
]);

export const FromServerSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('listening'), port: z.int() }),
  z.strictObject({
    type: z.literal('memory'),
    rssBytes: z.number(),
    /** Space in which V8 makes new objects; empty at this moment. */
    youngBytes: z.number(),
    /** JavaScript objects and the buffers they hold. */
    heapBytes: z.number(),
    connections: z.int(),
  }),
]);
export type FromServer = z.infer<typeof FromServerSchema>;
export type ServerMemory = Extract<FromServer, { type: 'memory' }>;

export const ToWorkstationsSchema = z.discriminatedUnion('type', [
  /** Brings all of them up and starts polling. */
  z.strictObject({
    type: z.literal('connect'),
    port: z.int(),
    count: z.int().min(1),
    pollIntervalMs: z.int().min(1),
    /** Whether the answers are the gateway's, or the frames themselves come back. */
    server: z.enum(['gateway', 'echo']),
  }),
  z.strictObject({ type: z.literal('measure'), forMs: z.int().min(1) }),
  z.strictObject({ type: z.literal('stop') }),
]);
export type ToWorkstations = z.infer<typeof ToWorkstationsSchema>;

export const FromWorkstationsSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('polling'), connectedInMs: z.number() }),
  z.strictObject({
    type: z.literal('measured'),
    latenciesMs: z.array(z.number()),
    /** Polls sent that were not answered before the next one was due. */
    unanswered: z.int(),
    framesReceived: z.int(),
  }),
]);
