#!/bin/sh
# Entrypoint of the image: the first word says which role this container plays, the rest goes to it. Anything else is run as it is.
set -eu

role="${1:-}"
case "$role" in
  gateway | worker | console | cli)
    shift
    flags=''
    # A worker mostly waits for networks: room for one more of them is worth more than speed.
    if [ "$role" = worker ]; then flags='--optimize-for-size --max-semi-space-size=4'; fi
    exec node $flags "$(dirname "$0")/../apps/$role/src/main.ts" "$@"
    ;;
  '')
    echo 'Say which role to play: gateway, worker, console, or cli with a verb of ai-core.' >&2
    exit 64
    ;;
  *)
    exec "$@"
    ;;
esac
