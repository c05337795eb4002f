"""Creates a login session with logind and keeps it alive.

logind ends a session when the last copy of the FIFO that CreateSession returns is closed. Node cannot receive a file
descriptor over D-Bus, so this process holds it. Prints one line `<session id> <object path>` and then waits until its
standard input closes, which happens at the latest when the process that started it is gone.

usage: hold-session.py <x11|wayland> <display>
"""

import os
import sys

import dbus

MANAGER = "org.freedesktop.login1.Manager"
SIGNATURE = "uusssssussbssa(sv)"


def main() -> None:
    session_type, display = sys.argv[1], sys.argv[2]
    bus = dbus.SystemBus()
    manager = bus.get_object("org.freedesktop.login1", "/org/freedesktop/login1", introspect=False)
    create = manager.get_dbus_method("CreateSession", MANAGER)
    reply = create(
        dbus.UInt32(os.getuid()),
        dbus.UInt32(os.getpid()),
        "presence-locker-test",  # service
        session_type,
        "user",  # class
        "",  # desktop
        "",  # seat: none, there is no hardware
        dbus.UInt32(0),
        "",  # tty
        display,
        dbus.Boolean(False),
        "",
        "",
        dbus.Array([], signature="(sv)"),
        signature=SIGNATURE,
    )
    session_id, path, fifo = str(reply[0]), str(reply[1]), reply[3].take()
    print(session_id, path, flush=True)
    sys.stdin.read()
    os.close(fifo)


main()
