#!/usr/bin/env bash
# Measures what events take from pushes: registries without an endpoint, with one that works, with one that refuses connections and with one that hangs, side by side on one Azurite.
# Prints ratios.
#
#   PUBLISHED=DIR  the published server; without it one is published
#   PUSHES=400     pushes of a manifest by a tag in a round, four at a time
#   ROUNDS=10      rounds; in each the registries have their turn
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/../tests/e2e/lib.sh"

find_executable
start_azurite

RECEIVER_PORT=$(free_port)
node "$ROOT/tests/e2e/receiver.mjs" "$RECEIVER_PORT" "$WORK/told" "$WORK/down" >"$WORK/receiver.log" 2>&1 </dev/null &
started_pids+=("$!")
wait_for_port "$RECEIVER_PORT" "$!" 20
# Takes connections and answers nothing.
HANGING_PORT=$(free_port)
node -e "require('net').createServer(() => {}).listen($HANGING_PORT, '127.0.0.1')" >/dev/null 2>&1 </dev/null &
started_pids+=("$!")
wait_for_port "$HANGING_PORT" "$!" 20
CLOSED_PORT=$(free_port)

servers=()
serve() { # NAME [ENDPOINT-PORT]
  local settings=("Registry__Storage__ConnectionString=$CONNECTION_STRING" "Registry__Storage__TablePrefix=$1" "Registry__Storage__Container=$1")
  [[ -z ${2:-} ]] || settings+=("Registry__Events__ci__Url=http://127.0.0.1:$2/" Registry__Outbound__Allow__0=127.0.0.1)
  start_registry "${settings[@]}"
  servers+=("$1=$URL=$REGISTRY_PID")
}
serve none
serve works "$RECEIVER_PORT"
serve refuses "$CLOSED_PORT"
serve hangs "$HANGING_PORT"
node "$ROOT/bench/events.mjs" "${PUSHES:-400}" "${ROUNDS:-10}" "${servers[@]}"
