import { z } from 'zod';
import type { IdleProbe } from '../user-activity-source.ts';
import type { Bus } from './reconnecting-bus.ts';

const idleReplySchema = z.tuple([z.union([z.bigint(), z.number()])]);

/** GNOME's own counter, which also works on Wayland. */
export function mutterIdleProbe(bus: Bus): IdleProbe {
  return async () => {
    try {
      const reply = await bus.call({
        destination: 'org.gnome.Mutter.IdleMonitor',
        path: '/org/gnome/Mutter/IdleMonitor/Core',
        interface: 'org.gnome.Mutter.IdleMonitor',
        member: 'GetIdletime',
      });
      return Number(idleReplySchema.parse(reply)[0]);
    } catch {
      return null; // not GNOME; another probe may know
    }
  };
}
