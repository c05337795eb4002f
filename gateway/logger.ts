/**
 * What the gateway needs of a logger; a pino logger fits. Fields never hold a token, a secret, a session handle or the body of a
 * service's answer: redaction in index.ts is a second net, not the first.
 */
export interface GatewayLogger {
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** The class and message of something thrown, without stack or cause (causes may quote a service's answer). */
export function describeFault(fault: unknown): string {
  return fault instanceof Error ? `${fault.name}: ${fault.message}` : 'something that is not an Error was thrown';
}
