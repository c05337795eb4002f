import { runToEnd } from './desktop/managed-process.ts';

const FORGE_TIMEOUT_MS = 10_000;

/** Sends `LockedHint=true` in logind's name, but from another connection, to every client of the bus directly. */
export async function spawnForger(options: {
  readonly env: Readonly<Record<string, string>>;
  readonly sessionPath: string;
}): Promise<void> {
  const script = `
import dbus, sys
from dbus.lowlevel import SignalMessage
bus = dbus.SystemBus()
names = bus.get_object("org.freedesktop.DBus", "/org/freedesktop/DBus").ListNames(dbus_interface="org.freedesktop.DBus")
sent = 0
for name in names:
    if not name.startswith(":") or name == bus.get_unique_name():
        continue
    message = SignalMessage(sys.argv[1], "org.freedesktop.DBus.Properties", "PropertiesChanged")
    message.set_destination(name)
    message.append("org.freedesktop.login1.Session", {"LockedHint": dbus.Boolean(True)}, dbus.Array([], signature="s"), signature="sa{sv}as")
    bus.send_message(message)
    sent += 1
bus.flush()
bus.get_object("org.freedesktop.DBus", "/org/freedesktop/DBus").GetId(dbus_interface="org.freedesktop.DBus")
assert sent > 0
`;
  await runToEnd(['/usr/bin/python3', '-c', script, options.sessionPath], options.env, { timeoutMs: FORGE_TIMEOUT_MS });
}
