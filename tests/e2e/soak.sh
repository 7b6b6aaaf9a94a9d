#!/usr/bin/env bash
# Pushes, pulls, mounts, deletes and two collectors at once, with faults: nothing that was acknowledged may be lost, nothing may leak. Without the
# conditions on deletes something must be lost, or the soak would prove nothing.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

MINUTES=${MINUTES:-1}

log 'building the soak'
dotnet build "$ROOT/tests/Serverless.Soak" -c Release --nologo -v quiet
SOAK=$ROOT/tests/Serverless.Soak/bin/Release/net10.0/Serverless.Soak

# Its last line is the sum; the lines before tell what it was doing.
soak() { # STORAGE MINIMUM-OF-OPERATIONS
  "$SOAK" --storage "$1" --minutes "$MINUTES" | tee "$WORK/soak.log"
  local operations
  operations=$(tail -n 1 "$WORK/soak.log" | grep -o '^[0-9]*')
  ((operations >= $2)) || { echo "only $operations operations"; return 1; }
}

loses_without_conditional_deletes() {
  local status=0
  "$SOAK" --storage memory --minutes "$MINUTES" --without conditional-delete | tee "$WORK/soak.log" || status=$?
  same 1 "$status" 'exit code'
  grep -q '^LOST ' "$WORK/soak.log"
}

check 'soak in memory' soak memory $((5000 * MINUTES))
check 'soak on Azurite' --needs npx soak azurite $((500 * MINUTES))
check 'soak without conditional deletes loses something' loses_without_conditional_deletes
finish
