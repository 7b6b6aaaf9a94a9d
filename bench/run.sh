#!/usr/bin/env bash
# Measures the registry beside Debian's docker-registry on this machine, in one run. Prints a table; writes nothing into the repository.
#
#   PUBLISHED=DIR  the published server, a native executable; without it, it is published first
#   ROUNDS=3       how often each push and pull is measured; the median counts
#   LAYER_MIB=1024 the size of the layer
source "$(dirname "${BASH_SOURCE[0]}")/../tests/e2e/lib.sh"
source "$(dirname "${BASH_SOURCE[0]}")/../tests/e2e/image.sh"
source "$(dirname "${BASH_SOURCE[0]}")/servers.sh"

ROUNDS=${ROUNDS:-3}
LAYER_MIB=${LAYER_MIB:-1024}
LAYER_BYTES=$((LAYER_MIB << 20))
WRK_SECONDS=${WRK_SECONDS:-10}
COLD_STARTS=${COLD_STARTS:-10}

install_tools docker-registry wrk hey curl jq openssl
for tool in docker-registry wrk hey curl jq openssl; do command -v "$tool" >/dev/null || { log "$tool is missing"; exit 1; }; done
find_executable

# --- the measurements --------------------------------------------------------------------------------------------------------------------------

cold_start() { # NAME
  local i
  for ((i = 0; i < COLD_STARTS; i++)); do
    prepare "$1"
    time_start 200
    echo "$ELAPSED"
  done >"$WORK/times"
  result[$1.cold]=$(median <"$WORK/times" | awk '{ printf "%.0f", $1 / 1000 }')
}

timed() { # NAME METRIC COMMAND...: appends wall microseconds and CPU ticks of the server
  local key=$1.$2 begin cpu
  shift 2
  cpu=$(ticks "$SERVER") begin=$(now)
  "$@"
  echo $(($(now) - begin)) >>"$WORK/$key.wall"
  echo $(($(ticks "$SERVER") - cpu)) >>"$WORK/$key.cpu"
}

push_stream() { # POST, one chunked PATCH, PUT: what docker, podman and skopeo do
  same 202 "$(request "$WORK/h" -X POST "$URL/v2/bench/layer/blobs/uploads/")"
  same 202 "$(request "$WORK/h2" -X PATCH -H 'Transfer-Encoding: chunked' -H 'Expect:' -T "$1" "$(location "$WORK/h")")"
  same 201 "$(request "$WORK/h" -X PUT "$(with_digest "$(location "$WORK/h2")" "$2")")"
}

push_whole() { # POST, then one PUT with the body: what containerd does
  same 202 "$(request "$WORK/h" -X POST "$URL/v2/bench/layer/blobs/uploads/")"
  same 201 "$(request "$WORK/h2" -H 'Expect:' -T "$1" "$(with_digest "$(location "$WORK/h")" "$2")")"
}

pull() { curl -fsSL -o /dev/null "$URL/v2/bench/layer/blobs/$1"; }

# The servers are measured as they are in the long run: with memory, connections and caches that they have by then.
warm_up() {
  local i digest file=$WORK/layer
  for i in 1 2; do
    for kind in stream whole; do
      random_bytes $((128 << 20)) >"$file"
      digest=$(digest_of "$file")
      "push_$kind" "$file" "$digest"
      pull "$digest"
    done
  done
  sleep 1
}

layers() { # NAME
  local i file=$WORK/layer digest
  for ((i = 0; i < ROUNDS; i++)); do
    # A server for each round: the in-memory store must not hold more than a layer of each kind.
    start_named "$1"
    warm_up
    for kind in stream whole; do
      random_bytes "$LAYER_BYTES" >"$file"
      digest=$(digest_of "$file")
      timed "$1" "$kind" "push_$kind" "$file" "$digest"
    done
    result[$1.push_peak]=$(peak_mib "$SERVER")
    timed "$1" pull pull "$digest"
    result[$1.pull_peak]=$(peak_mib "$SERVER")
    stop "$SERVER"
  done
  for kind in stream whole pull; do
    result[$1.$kind.wall]=$(median <"$WORK/$1.$kind.wall" | awk '{ printf "%.2f", $1 / 1e6 }')
    result[$1.$kind.cpu]=$(median <"$WORK/$1.$kind.cpu" | awk -v b="$LAYER_BYTES" '{ printf "%.3f", $1 * 1e7 / b }')
  done
}

# wrk waits for bodies that answers to HEAD do not have, so HEAD is asked by hey; it costs the machine more than wrk does.
load() { # SECONDS METHOD
  local target=$URL/v2/bench/image/manifests/latest
  if [[ $2 == HEAD ]]; then
    hey -z "${1}s" -c 32 -m HEAD -H "Accept: $OCI_MANIFEST" "$target" >"$WORK/load.log"
  else
    wrk -t 2 -c 32 -d "${1}s" -H "Accept: $OCI_MANIFEST" "$target" >"$WORK/load.log"
  fi
  load_is_clean "$WORK/load.log"
  requests_per_second "$WORK/load.log"
}

manifests() { # NAME
  local method cpu rate
  start_named "$1"
  make_image 3 100000
  put_image bench/image latest
  for method in GET HEAD; do
    load 5 "$method" >/dev/null
    cpu=$(ticks "$SERVER")
    rate=$(load "$WRK_SECONDS" "$method")
    cpu=$(($(ticks "$SERVER") - cpu))
    result[$1.$method]=$rate
    result[$1.$method.cpu]=$(awk -v c="$cpu" -v r="$rate" -v s="$WRK_SECONDS" 'BEGIN { printf "%.1f", c * 1e4 / (r * s) }')
  done
  result[$1.manifest_peak]=$(peak_mib "$SERVER")
  stop "$SERVER"
}

# --- the run -----------------------------------------------------------------------------------------------------------------------------------

for name in peer ours; do
  log "$name: cold starts"
  cold_start "$name"
  log "$name: manifests"
  manifests "$name"
  log "$name: layers of $LAYER_MIB MiB"
  layers "$name"
done
log 'ours on Azurite'
start_azurite
manifests azurite
layers azurite

row() { # TITLE METRIC
  local ours=${result[ours.$2]:-} peer=${result[peer.$2]:-}
  printf '| %s | %s | %s | %s | %s |\n' "$1" "$ours" "$peer" "$(awk -v a="$ours" -v b="$peer" 'BEGIN { printf "%.2f", a / b }')" "${result[azurite.$2]:-}"
}

echo
echo "| $(nproc) cores, layer of $LAYER_MIB MiB | ours, in memory | docker-registry, files | ours / theirs | ours on Azurite |"
echo '|---|---|---|---|---|'
row 'manifest GET by tag, requests/s' GET
row 'manifest GET, server CPU per request, µs' GET.cpu
row 'manifest HEAD by tag, requests/s' HEAD
row 'manifest HEAD, server CPU per request, µs' HEAD.cpu
row 'push POST + PATCH + PUT, s' stream.wall
row 'push POST + PATCH + PUT, server CPU, ns/byte' stream.cpu
row 'push POST + PUT, s' whole.wall
row 'push POST + PUT, server CPU, ns/byte' whole.cpu
row 'pull, s' pull.wall
row 'pull, server CPU, ns/byte' pull.cpu
row 'cold start to the first /v2/, ms' cold
row 'peak memory after manifests, MiB' manifest_peak
row 'peak memory after pushes, MiB' push_peak
row 'peak memory after pushes and pull, MiB' pull_peak
