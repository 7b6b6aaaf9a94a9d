#!/usr/bin/env bash
# The machine loses its power at random moments while clients push, move tags, delete and leave uploads for later. What is on the disk afterwards is what was synced, by
# power-loss/durable.c, in every other round with a random part of the rest. Whatever the registry acknowledged must be so when it runs again.
#
#   ROUNDS=N   how often
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

ROUNDS=${ROUNDS:-10}
# A new folder after so many, so that its making is interrupted too, and what must be looked through stays small.
ROUNDS_OF_A_FOLDER=5
HERE=$ROOT/tests/e2e/power-loss
SEED=${SEED:-$RANDOM$RANDOM}

install_tools gcc curl
[[ -e /usr/include/stdio.h ]] || install_tools /usr/include/stdio.h=libc6-dev
find_executable
DISK=$WORK/disk SHADOW=$WORK/shadow JOURNAL=$WORK/journal
gcc -O2 -shared -fPIC -o "$WORK/durable.so" "$HERE/durable.c" -ldl -lpthread

# Starts the registry on the disk that loses what was not synced. It may be killed before it answers anybody.
start_on_disk() { # [NAME=VALUE]...
  local port
  port=$(free_port)
  URL=http://127.0.0.1:$port
  env "Registry__Storage__Path=$DISK/registry" "LD_PRELOAD=$WORK/durable.so" "DISK=$DISK" "SHADOW=$SHADOW" "$@" \
    "$EXECUTABLE" --urls "$URL" >>"$WORK/registry.log" 2>&1 </dev/null &
  REGISTRY_PID=$!
  started_pids+=("$REGISTRY_PID")
  # Nobody wants to read that it was killed.
  disown "$REGISTRY_PID"
  wait_for_port "$port" "$REGISTRY_PID" 60
}

kill_registry() {
  kill -KILL "$REGISTRY_PID" 2>/dev/null || true
  while kill -0 "$REGISTRY_PID" 2>/dev/null; do sleep 0.02; done
}

noted() { wc -l <"$JOURNAL"; }

# Power is back: the registry runs on what has survived, and has to have all that it acknowledged.
check_disk() {
  start_on_disk || { echo 'the registry did not start:'; tail -n 5 "$WORK/registry.log"; return 1; }
  node "$HERE/client.mjs" check "$URL" "$JOURNAL" || return 1
  # A process that ends in peace has written what one that is killed has not; the next round begins after either.
  if ((RANDOM % 2)); then stop "$REGISTRY_PID"; else kill_registry; fi
}

new_disk() {
  rm -rf "$DISK" "$SHADOW" "$JOURNAL"
  mkdir "$DISK" "$SHADOW"
  touch "$JOURNAL"
}

log "seed $SEED"
failures=0 unasked=0
for ((round = 0; round < ROUNDS; round++)); do
  if ((round % ROUNDS_OF_A_FOLDER == 0)); then new_disk; fi

  # Half of the time right before or after a sync, where orders matter, and else after some answers.
  kill_at=0 answers=$((RANDOM % 200))
  if ((RANDOM % 2)); then kill_at=$((RANDOM % 500 + 1)); fi
  if start_on_disk "KILL_AT=$kill_at"; then
    node "$HERE/client.mjs" work "$URL" "$JOURNAL" "$SEED-$round" >"$WORK/work.log" 2>&1 &
    clients=$!
    started_pids+=("$clients")
    end=$((SECONDS + 60)) begin=$(noted)
    while kill -0 "$REGISTRY_PID" 2>/dev/null && ((SECONDS < end)); do
      if ((kill_at == 0 && $(noted) - begin >= answers)); then break; fi
      sleep "0.0$((RANDOM % 10))"
    done
    kill_registry
    wait "$clients" || true
    if [[ -s $WORK/work.log ]]; then cat "$WORK/work.log"; failures=$((failures + 1)); fi
  else
    ((kill_at)) || { tail "$WORK/registry.log"; exit 1; }
    kill_registry
    unasked=$((unasked + 1))
  fi

  mode=nothing
  if ((round % 2)); then mode=some; fi
  survivors=$(node "$HERE/rebuild.mjs" "$DISK" "$SHADOW" "$mode" "$round")
  if check_disk >"$WORK/round.log" 2>&1; then
    log "round $round ($mode, kill at $kill_at): $survivors; $(tail -n 1 "$WORK/round.log")"
  else
    failures=$((failures + 1))
    log "round $round ($mode, kill at $kill_at): $survivors"
    cat "$WORK/round.log"
    # Nothing that follows would tell more.
    kill_registry
    new_disk
  fi
done

check 'the registry answered somebody in most rounds' test "$unasked" -lt $((ROUNDS / 2))
check "everything that was acknowledged survived $ROUNDS losses of power" same 0 "$failures" 'rounds with failures'
finish
