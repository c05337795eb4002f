#!/bin/sh
# The command `presence-locker`. `disable`, `enable` and `status` must work where there is no display: over SSH and on a
# text console, which is how somebody gets back in when the curtain cannot be answered. The command comes first, so that the
# app knows it before anything else; the two switches after it are for Chromium. So must `--sentinel`, which the systemd unit runs.
# Everything else is the app itself.
set -eu
here=$(dirname -- "$(readlink -f -- "$0")")
app="$here/presence-locker-app"
[ -x "$app" ] || app='/opt/Presence Locker/presence-locker-app'
if [ ! -x "$app" ]; then
  echo "presence-locker: the app was found neither in $here nor in /opt/Presence Locker" >&2
  exit 127
fi
case "${1:-}" in
  --sentinel | disable | enable | status | help) exec "$app" "$@" --ozone-platform=headless --disable-gpu ;;
  *) exec "$app" "$@" ;;
esac
