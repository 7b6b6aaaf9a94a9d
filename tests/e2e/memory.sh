#!/usr/bin/env bash
# The registry's memory does not grow with the layers: 4096 MiB as a stream, 1024 MiB as one body, and as much on the way out without redirects.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

LIMIT_MIB=${LIMIT_MIB:-200}
STREAM_MIB=${STREAM_MIB:-4096}
BODY_MIB=${BODY_MIB:-1024}
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
finish
