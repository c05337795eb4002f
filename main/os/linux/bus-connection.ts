import { createClient, type Message, messageType } from 'dbus-native';
import { z } from 'zod';

/**
 * The only file that speaks to dbus-native: one connection, promises with a time-out, decoded errors.
 * Everything above it sees `Bus` (see reconnecting-bus.ts).
 */

/** How long opening a connection (socket, authentication, Hello) may take. */
export const BUS_CONNECT_TIMEOUT_MS = 3_000;
/** How long one method call may take unless the caller says otherwise. */
export const BUS_CALL_TIMEOUT_MS = 2_000;
/** A peer on the bus may not make us hold more than this for one message; logind's answers are a few hundred bytes. */
const MAX_MESSAGE_BYTES = 1_048_576;

export interface BusCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  /** D-Bus signature of `body`; both absent for a call without arguments. */
  readonly signature?: string;
  readonly body?: readonly unknown[];
  /** Milliseconds. Default BUS_CALL_TIMEOUT_MS. */
  readonly timeoutMs?: number;
}

/** A signal as it arrived. `sender` is stamped by the bus daemon and cannot be forged; everything else can. */
export interface BusSignal {
  readonly sender: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body: readonly unknown[];
}

/** A D-Bus call failed. `dbusName` is the error's name on the bus, or null for time-outs and lost connections. */
export class BusCallFailed extends Error {
  override readonly name = 'BusCallFailed';
  readonly dbusName: string | null;
  constructor(message: string, dbusName: string | null, options?: ErrorOptions) {
    super(message, options);
    this.dbusName = dbusName;
  }
}

export interface BusConnection {
  /** @returns the arguments of the reply. @throws BusCallFailed */
  call(call: BusCall): Promise<readonly unknown[]>;
  close(): Promise<void>;
}

const dbusErrorSchema = z.object({ dbusName: z.string().optional(), message: z.string() });

function callFailure(call: BusCall, error: unknown): BusCallFailed {
  const decoded = dbusErrorSchema.safeParse(error);
  const detail = decoded.success ? decoded.data.message : 'unreadable error';
  const dbusName = decoded.success ? (decoded.data.dbusName ?? null) : null;
  return new BusCallFailed(`${call.interface}.${call.member}: ${detail}`, dbusName, { cause: error });
}

/**
 * Opens one connection to the bus at `address` (a D-Bus address as in DBUS_SYSTEM_BUS_ADDRESS).
 * `onClosed` is called exactly once after a successful opening, however the connection ends, `close()` included.
 * @throws BusCallFailed when the bus cannot be reached, refuses us, or does not answer in time.
 */
export async function openBusConnection(options: {
  readonly address: string;
  readonly onSignal: (signal: BusSignal) => void;
  readonly onClosed: (reason: string) => void;
}): Promise<BusConnection> {
  // `direct` stops dbus-native from sending Hello itself: it throws out of a timer when Hello is not answered, which
  // would let a hung bus daemon end this process. We send it below, where a failure is a rejected promise.
  const client = createClient({
    busAddress: options.address,
    direct: true,
    maxMessageSize: MAX_MESSAGE_BYTES,
    authMethods: ['EXTERNAL'],
    timeout: BUS_CALL_TIMEOUT_MS,
  });
  const connection = client.connection;
  let open = false;
  let ended = false;
  let lastError = 'the bus closed the connection';

  function call(request: BusCall): Promise<readonly unknown[]> {
    const message: Message = {
      destination: request.destination,
      path: request.path,
      interface: request.interface,
      member: request.member,
      ...(request.signature === undefined ? {} : { signature: request.signature, body: [...(request.body ?? [])] }),
    };
    return new Promise((resolve, reject) => {
      if (ended) {
        reject(new BusCallFailed(`${request.interface}.${request.member}: the bus connection is closed`, null));
        return;
      }
      client.invoke(
        message,
        { timeout: request.timeoutMs ?? BUS_CALL_TIMEOUT_MS },
        (error: unknown, ...reply: unknown[]) => {
          if (error) reject(callFailure(request, error));
          else resolve(reply);
        },
      );
    });
  }

  const failedEarly = new Promise<never>((_resolve, reject) => {
    connection.on('error', (error) => {
      lastError = error.message;
      if (!open) reject(new BusCallFailed(`bus connection: ${error.message}`, null, { cause: error }));
    });
    connection.on('handlerError', (error) => {
      lastError = error.message;
    });
    connection.on('close', () => {
      if (ended) return;
      ended = true;
      if (open) options.onClosed(lastError);
      else reject(new BusCallFailed(`bus connection: ${lastError}`, null));
    });
  });

  connection.on('message', (message) => {
    if (message.type !== messageType.signal) return;
    const { sender, path, member } = message;
    if (sender === undefined || path === undefined || member === undefined || message.interface === undefined) return;
    options.onSignal({ sender, path, interface: message.interface, member, body: message.body ?? [] });
  });

  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new BusCallFailed('bus connection: no answer in time', null)),
      BUS_CONNECT_TIMEOUT_MS,
    );
  });
  try {
    const hello = call({
      destination: 'org.freedesktop.DBus',
      path: '/org/freedesktop/DBus',
      interface: 'org.freedesktop.DBus',
      member: 'Hello',
      timeoutMs: BUS_CONNECT_TIMEOUT_MS,
    });
    await Promise.race([hello, failedEarly, tooLate]);
    open = true;
  } catch (error) {
    ended = true;
    connection.stream.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }

  return {
    call,
    close: async () => {
      if (ended) return;
      await client.close();
    },
  };
}
