#!/usr/bin/env bash
# Measures what a flood of bogus sign-ins, each under another name and from another address, takes from everybody else: how long users wait who sign in, and how many tokens
# are checked beside it, compared with as many plain 401s. Prints ratios; fails beyond the limits.
#
#   SECONDS_EACH=10  length of each of the fourteen loads
#   RATE=500         bogus sign-ins, or plain 401s, a second
#   HOSTED=true      the published worker in the emulated Functions host, on Azurite, instead of a server in memory
#   BENCHMARKS=DLL   Serverless.Benchmarks.dll; without it, it is built first
source "$(dirname "${BASH_SOURCE[0]}")/../tests/e2e/lib.sh"

command -v node >/dev/null || { log "node is missing"; exit 1; }
if [[ -z ${BENCHMARKS:-} ]]; then
  dotnet build -c Release -v q --nologo -o "$WORK/bench" "$ROOT/bench/Serverless.Benchmarks" >&2
  BENCHMARKS=$WORK/bench/Serverless.Benchmarks.dll
fi

if [[ ${HOSTED:-} == true ]]; then
  find_executable
  start_azurite
  dotnet "$BENCHMARKS" sign-in-users "$CONNECTION_STRING"
  # Without Auth:Proxies, as below the Functions host by default, nobody is told from others by address.
  start_registry Registry__Auth__Mode=token Registry__Auth__Anonymous__0=public/*:pull
  server=$(pgrep -P "$REGISTRY_PID" -f Serverless.Functions)
else
  port=$(free_port)
  URL=http://127.0.0.1:$port
  dotnet "$BENCHMARKS" sign-in-server "$URL" >"$WORK/server.log" 2>&1 </dev/null &
  server=$!
  started_pids+=("$server")
  wait_for_port "$port" "$server" 30 || { log "the server did not start"; cat "$WORK/server.log"; exit 1; }
fi
node "$ROOT/bench/sign-in.mjs" "$URL" "$server" "${SECONDS_EACH:-10}" "${RATE:-500}"
