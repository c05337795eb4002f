import { z } from 'zod';

/**
 * Messages between main and the processes it starts itself (Electron utility processes): the embedded gateway and, in a trial,
 * the simulated service. They go over the process's own message port, because argv and environment are readable by others.
 */
const path = z.string().min(1).max(1_024);

/** The account at the service, secrets in clear: it goes over the message port only. One member per kind of provider. */
export const ProviderAccountSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('activeconnect'),
    profile: z.enum(['activeconnect', 'iampass']),
    /** `null`: the profile's own address. */
    baseUrl: z.url({ protocol: /^https?$/ }).nullable(),
    appId: z.string().min(1).max(200),
    appSecret: z.string().min(1).max(500),
    /** The service is the built-in simulator: shown as a trial everywhere. */
    simulated: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('authsignal'),
    /** `null`: the vendor's default region. */
    apiUrl: z.url({ protocol: /^https?$/ }).nullable(),
    secret: z.string().min(1).max(500),
    simulated: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('wcd-2factor'),
    baseUrl: z.url({ protocol: /^https?$/ }).max(500),
    /** Absent: the usual one. */
    prefix: z.string().min(1).max(200).optional(),
    /** Absent: `Authorization: Token {token}`. */
    header: z
      .strictObject({ name: z.string().max(80), template: z.string().max(500) })
      .partial()
      .optional(),
    token: z.string().min(1).max(4_096),
    outOfBandMethods: z.array(z.string().min(1).max(128)).max(16).optional(),
    simulated: z.boolean(),
  }),
]);
export type ProviderAccount = z.infer<typeof ProviderAccountSchema>;

export const EmbeddedGatewayConfigSchema = z.strictObject({
  /** Unix socket path, or `\\.\pipe\…` on Windows. */
  socketPath: path,
  /** Per-run token; the only one accepted. */
  token: z.string().min(32).max(512),
  /** Folder for sealed sessions. */
  storeDirectory: path,
  /** 32 bytes, base64: key of AES-256-GCM for what is stored. */
  storeKeyBase64: z.base64().length(44),
  leaseMs: z.int().min(1_000).max(120_000),
  provider: ProviderAccountSchema,
});
export type EmbeddedGatewayConfig = z.infer<typeof EmbeddedGatewayConfigSchema>;

export const ToGatewayProcessSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('start'), config: EmbeddedGatewayConfigSchema }),
  z.strictObject({ type: z.literal('stop') }),
]);
export const FromGatewayProcessSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('listening'), socketPath: path }),
  z.strictObject({ type: z.literal('failed'), sentence: z.string().max(500) }),
  /** A log line for main's log: level and message, already free of secrets. */
  z.strictObject({ type: z.literal('log'), level: z.enum(['info', 'warn', 'error']), message: z.string().max(2_000) }),
]);

export const ToSimulatorProcessSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('start'),
    /** `activeconnect` for now. */
    service: z.literal('activeconnect'),
    /** Loopback unless the person wants to use a real phone on the same network. */
    host: z.string().max(64),
    port: z.int().min(0).max(65_535),
    /** Kept by main over restarts so that a trial survives a restart of the app; absent: made anew and reported. */
    appId: z.string().min(1).max(200).optional(),
    appSecret: z.string().min(1).max(500).optional(),
    /** Users to know from the start, each with a registered phone (a trial that goes on after a restart). */
    users: z.array(z.string().min(1).max(200)).max(8).optional(),
  }),
  z.strictObject({ type: z.literal('stop') }),
]);
export const FromSimulatorProcessSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('listening'), url: z.url().max(500), appId: z.string(), appSecret: z.string() }),
  z.strictObject({ type: z.literal('failed'), sentence: z.string().max(500) }),
]);
export type ToGatewayProcess = z.infer<typeof ToGatewayProcessSchema>;
export type FromGatewayProcess = z.infer<typeof FromGatewayProcessSchema>;
export type ToSimulatorProcess = z.infer<typeof ToSimulatorProcessSchema>;
export type FromSimulatorProcess = z.infer<typeof FromSimulatorProcessSchema>;
