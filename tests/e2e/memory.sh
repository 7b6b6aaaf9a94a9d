#!/usr/bin/env bash
# The registry's memory does not grow with the layers: 4096 MiB as a stream, 1024 MiB as one body, and as much on the way out without redirects. Nor does it grow with those who send,
# or with how slow storage is: 64 uploads of 200 MiB at once, half of them as one body and half in a chunk of no known length, to storage that takes 2 MiB/s from each of them.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

LIMIT_MIB=${LIMIT_MIB:-200}
STREAM_MIB=${STREAM_MIB:-4096}
BODY_MIB=${BODY_MIB:-1024}
MANY=${MANY:-64} EACH_MIB=${EACH_MIB:-200} BUDGET_MIB=${BUDGET_MIB:-256}
SLOW=$((2 << 20))
install_tools curl openssl
find_executable
start_azurite
start_registry Registry__Redirect__Enabled=false

status_kib() { awk -v name="$1:" '$1 == name { print $2 }' "/proc/$REGISTRY_PID/status"; }

# Peak since the last reset, which the kernel grants to whoever may write clear_refs.
reset_peak() { echo 5 >"/proc/$REGISTRY_PID/clear_refs" 2>/dev/null || true; }

report() { # NAME SECONDS
  local peak rss
  peak=$(($(status_kib VmHWM) / 1024)) rss=$(($(status_kib VmRSS) / 1024))
  log "$1: $2 s, peak $peak MiB, now $rss MiB"
  check "$1 takes less than $LIMIT_MIB MiB" test "$peak" -lt "$LIMIT_MIB"
  reset_peak
}

# The same noise for the same password.
noise() { # PASSWORD BYTES
  openssl enc -aes-128-ctr -pass "pass:$1" -nosalt -in /dev/zero 2>/dev/null | head -c "$2" || true
}

stream() {
  local bytes=$((STREAM_MIB << 20)) target digest hasher
  same 202 "$(request "$WORK/h" -X POST "$URL/v2/memory/stream/blobs/uploads/")" 'status of POST'
  mkfifo "$WORK/fifo"
  sha256sum <"$WORK/fifo" >"$WORK/sum" &
  hasher=$!
  same 202 "$(noise stream "$bytes" | tee "$WORK/fifo" |
    curl -sS -o /dev/null -D "$WORK/h2" -w '%{http_code}' -X PATCH -H 'Transfer-Encoding: chunked' -H 'Expect:' -T - "$(location "$WORK/h")")" 'status of PATCH'
  wait "$hasher"
  digest=sha256:$(cut -d' ' -f1 "$WORK/sum")
  echo "$digest" >"$WORK/stream.digest"
  same "0-$((bytes - 1))" "$(header "$WORK/h2" Range)" Range
  same 201 "$(request "$WORK/h" -X PUT "$(with_digest "$(location "$WORK/h2")" "$digest")")" 'status of PUT'
}

stream_is_there() {
  same 200 "$(request "$WORK/h" -I "$URL/v2/memory/stream/blobs/$(cat "$WORK/stream.digest")")" 'status of HEAD'
  same "$((STREAM_MIB << 20))" "$(header "$WORK/h" Content-Length)" Content-Length
  same "$(cat "$WORK/stream.digest")" "$(header "$WORK/h" Docker-Content-Digest)" digest
}

whole() {
  same 202 "$(request "$WORK/h" -X POST "$URL/v2/memory/whole/blobs/uploads/")" 'status of POST'
  same 201 "$(request "$WORK/h2" -T "$WORK/whole" "$(with_digest "$(location "$WORK/h")" "$(digest_of "$WORK/whole")")")" 'status of PUT'
  same "$(digest_of "$WORK/whole")" "$(header "$WORK/h2" Docker-Content-Digest)" digest
}

download() { curl -fsS "$URL/v2/memory/whole/blobs/$(digest_of "$WORK/whole")" | cmp - "$WORK/whole"; }

# --- many at once, to slow storage ---------------------------------------------------------------------------------------------------------------

# The tables are Azurite's; the bytes go where they are taken slowly and not kept.
start_slow_storage() {
  local port=
  node "$ROOT/tests/e2e/slow-storage.mjs" "$SLOW" >"$WORK/slow.port" 2>"$WORK/slow.log" </dev/null &
  started_pids+=("$!")
  for _ in {1..100}; do
    port=$(cat "$WORK/slow.port")
    [[ -z $port ]] || break
    sleep 0.05
  done
  [[ -n $port ]] || { log 'the slow storage did not start:'; cat "$WORK/slow.log"; exit 1; }
  SLOW_STORAGE=$(sed "s|BlobEndpoint=http://127.0.0.1:[0-9]*/|BlobEndpoint=http://127.0.0.1:$port/|" <<<"$CONNECTION_STRING")
}

upload() { # NUMBER
  local name=$WORK/many.$1
  same 202 "$(request "$name" -X POST "$URL/v2/memory/many$1/blobs/uploads/")" 'status of POST' || return 1
  if (($1 % 2 == 0)); then
    same 201 "$(request "$name" -H 'Expect:' -T "$WORK/each" "$(with_digest "$(location "$name")" "$EACH")")" 'status of PUT with the body'
  else
    same 202 "$(request "$name.2" -X PATCH -H 'Transfer-Encoding: chunked' -H 'Expect:' -T "$WORK/each" "$(location "$name")")" 'status of PATCH' || return 1
    same 201 "$(request "$name" -X PUT "$(with_digest "$(location "$name.2")" "$EACH")")" 'status of PUT'
  fi
}

many() {
  local i pids=() failures=0
  for ((i = 0; i < MANY; i++)); do
    upload "$i" &
    pids+=("$!")
  done
  for i in "${pids[@]}"; do wait "$i" || failures=$((failures + 1)); done
  same 0 "$failures" 'uploads that failed'
  # A digest that is known already takes the bytes all the same.
  same "$MANY" "$(grep -c "^committed $((EACH_MIB << 20))\$" "$WORK/slow.log")" 'objects of the right size'
}

log "started: $(($(status_kib VmRSS) / 1024)) MiB"
begin=$SECONDS
check "a stream of $STREAM_MIB MiB is accepted" stream
report "a stream of $STREAM_MIB MiB" $((SECONDS - begin))
check 'it has its digest and size' stream_is_there

noise whole $((BODY_MIB << 20)) >"$WORK/whole"
begin=$SECONDS
check "one body of $BODY_MIB MiB is accepted" whole
report "one body of $BODY_MIB MiB" $((SECONDS - begin))
begin=$SECONDS
check 'it comes back byte for byte' download
report "a download of $BODY_MIB MiB" $((SECONDS - begin))
rm "$WORK/whole"

stop "$REGISTRY_PID"
start_slow_storage
noise each $((EACH_MIB << 20)) >"$WORK/each"
EACH=$(digest_of "$WORK/each")
start_registry "Registry__Storage__ConnectionString=$SLOW_STORAGE" Registry__Storage__TablePrefix=slow "Registry__Uploads__Memory=$((BUDGET_MIB << 20))"
LIMIT_MIB=$((BUDGET_MIB + 150))
begin=$SECONDS
check "$MANY uploads of $EACH_MIB MiB at once are accepted" many
report "$MANY uploads of $EACH_MIB MiB at once, with $BUDGET_MIB MiB for bodies," $((SECONDS - begin))
finish
