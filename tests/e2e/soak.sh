#!/usr/bin/env bash
# Pushes, pulls, mounts, deletes and two collectors at once, with faults: nothing that was acknowledged may be lost, nothing may leak. Without the
# conditions on deletes something must be lost, or the soak would prove nothing.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

SOAK_SECONDS=${SOAK_SECONDS:-60}

log 'building the soak'
dotnet build "$ROOT/tests/Serverless.Soak" -c Release --nologo -v quiet
SOAK=$ROOT/tests/Serverless.Soak/bin/Release/net10.0/Serverless.Soak

# All at once: what makes them slow makes them do things at odd moments.
begin_soak() { # NAME ARGUMENTS...
  local name=$1
  shift
  { "$SOAK" --minutes "$(awk -v s="$SOAK_SECONDS" 'BEGIN { print s / 60 }')" "$@" && echo 0 || echo $?; } >"$WORK/$name.log" 2>&1 </dev/null &
  started_pids+=("$!")
  begun[$name]=$!
}
declare -A begun

# The last line of a soak is the sum, the lines before tell what it was doing; its exit code comes behind it.
ended() { # NAME EXIT-CODE
  while kill -0 "${begun[$1]}" 2>/dev/null; do sleep 0.2; done
  cat "$WORK/$1.log"
  same "$2" "$(tail -n 1 "$WORK/$1.log")" 'exit code'
}

loses_nothing() { # NAME MINIMUM-OF-OPERATIONS
  local operations
  ended "$1" 0
  operations=$(tail -n 2 "$WORK/$1.log" | grep -o '^[0-9]* ' | head -n 1)
  ((operations >= $2)) || { echo "only $operations operations"; return 1; }
}

loses_something() { # NAME
  ended "$1" 1
  grep -q '^LOST ' "$WORK/$1.log"
}

begin_soak memory --storage memory
begin_soak azurite --storage azurite
begin_soak local --storage local
begin_soak unconditional --storage memory --without conditional-delete
check 'soak in memory' loses_nothing memory $((5000 * SOAK_SECONDS / 60))
check 'soak on Azurite' --needs npx loses_nothing azurite $((500 * SOAK_SECONDS / 60))
check 'soak on a local disk' loses_nothing local $((500 * SOAK_SECONDS / 60))
check 'soak without conditional deletes loses something' loses_something unconditional
finish
