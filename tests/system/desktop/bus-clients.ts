import { z } from 'zod';
import { openBusConnection } from '../../../main/os/linux/bus-connection.ts';

const namesSchema = z.tuple([z.array(z.string())]);

/** How many clients a bus has, the one that asks left out. */
export async function busClients(address: string): Promise<number> {
  const asking = await openBusConnection({ address, onSignal: () => undefined, onClosed: () => undefined });
  const [names] = namesSchema.parse(
    await asking.call({
      destination: 'org.freedesktop.DBus',
      path: '/org/freedesktop/DBus',
      interface: 'org.freedesktop.DBus',
      member: 'ListNames',
    }),
  );
  await asking.close();
  return names.filter((name) => name.startsWith(':')).length - 1;
}
