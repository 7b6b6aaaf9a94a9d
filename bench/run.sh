#!/usr/bin/env bash
# Measures the registry beside Debian's docker-registry on this machine, in one run. Prints a table, and fails where the registry in a folder is slower than it must be; writes nothing
# into the repository.
#
#   PUBLISHED=DIR                       the published server, a native executable; without it, it is published first
#   ROUNDS=3                            how often each push is measured; the median counts
#   LAYER_MIB=1024                      the size of the layer
#   SERVERS="peer local ours azurite"   who is measured; the peer and local must be among them
#
# What local (native, everything in a folder on the peer's disk) must reach, as ratios to the peer:
#
#   MANIFEST_TIMES=10  requests/s of manifest GET, at least
#   PUSH_TIME=1.1      time of a push, at most; its CPU at most PUSH_CPU=1
#   PULL_TIME=1        time of a pull, at most
#   COLD_PEER=3.5      time from the start to the first answer, at most
source "$(dirname "${BASH_SOURCE[0]}")/../tests/e2e/lib.sh"
source "$(dirname "${BASH_SOURCE[0]}")/../tests/e2e/image.sh"
source "$(dirname "${BASH_SOURCE[0]}")/servers.sh"

ROUNDS=${ROUNDS:-3}
LAYER_MIB=${LAYER_MIB:-1024}
LAYER_BYTES=$((LAYER_MIB << 20))
WRK_SECONDS=${WRK_SECONDS:-10}
COLD_STARTS=${COLD_STARTS:-10}
PULLS=5 # In each round: they take little time, so that little else makes a difference.
MANIFEST_TIMES=${MANIFEST_TIMES:-10} PUSH_TIME=${PUSH_TIME:-1.1} PUSH_CPU=${PUSH_CPU:-1} PULL_TIME=${PULL_TIME:-1} COLD_PEER=${COLD_PEER:-3.5}
read -ra servers <<<"${SERVERS:-peer local ours azurite}"

install_tools docker-registry wrk hey curl jq openssl
for tool in docker-registry wrk hey curl jq openssl; do command -v "$tool" >/dev/null || { log "$tool is missing"; exit 1; }; done
find_executable

# --- the measurements --------------------------------------------------------------------------------------------------------------------------

# Each in turn, so that what else the machine does is felt by all.
cold_starts() {
  local i name
  for ((i = 0; i <= COLD_STARTS; i++)); do
    for name in "${servers[@]}"; do
      [[ $name != azurite ]] || continue
      prepare "$name"
      time_start 200
      # The first start brings files into the kernel's cache.
      if ((i > 0)); then echo "$ELAPSED" >>"$WORK/$name.cold"; fi
    done
  done
  for name in "${servers[@]}"; do
    if [[ -f $WORK/$name.cold ]]; then result[$name.cold]=$(median <"$WORK/$name.cold" | awk '{ printf "%.0f", $1 / 1000 }'); fi
  done
}

timed() { # NAME METRIC COMMAND...: appends wall microseconds and CPU ticks of the server
  local key=$1.$2 begin cpu
  shift 2
  # Nobody pays for what others have left for the disk to do.
  sync -f "$WORK"
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

# A server for each round: the in-memory store must not hold more than a layer of each kind.
layers_round() { # NAME
  local i file=$WORK/layer digest
  start_named "$1"
  warm_up
  for kind in stream whole; do
    random_bytes "$LAYER_BYTES" >"$file"
    digest=$(digest_of "$file")
    timed "$1" "$kind" "push_$kind" "$file" "$digest"
  done
  result[$1.push_peak]=$(peak_mib "$SERVER")
  for ((i = 0; i < PULLS; i++)); do timed "$1" pull pull "$digest"; done
  result[$1.pull_peak]=$(peak_mib "$SERVER")
  stop "$SERVER"
}

layers() {
  local i name kind
  for ((i = 1; i <= ROUNDS; i++)); do
    # In turn from the front and from the back: whoever comes after another writes into memory that was in use a moment ago, and on a virtual machine that costs less than memory that the host has to give back.
    mapfile -t order < <(if ((i % 2)); then printf '%s\n' "${servers[@]}"; else printf '%s\n' "${servers[@]}" | tac; fi)
    for name in "${order[@]}"; do
      layers_round "$name"
      log "  round $i, $name: $(for kind in stream whole; do tail -n 1 "$WORK/$name.$kind.wall"; done | awk '{ printf "%.2f s ", $1 / 1e6 }')pushes, $(tail -n "$PULLS" "$WORK/$name.pull.wall" | median | awk '{ printf "%.2f s", $1 / 1e6 }') pull, load $(machine_load)"
    done
  done
  for name in "${servers[@]}"; do
    for kind in stream whole pull; do
      result[$name.$kind.wall]=$(median <"$WORK/$name.$kind.wall" | awk '{ printf "%.2f", $1 / 1e6 }')
      result[$name.$kind.cpu]=$(median <"$WORK/$name.$kind.cpu" | awk -v b="$LAYER_BYTES" '{ printf "%.3f", $1 * 1e7 / b }')
    done
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

if [[ " ${servers[*]} " == *' azurite '* ]]; then start_azurite; fi
log 'cold starts'
cold_starts
for name in "${servers[@]}"; do
  log "$name: manifests"
  manifests "$name"
done
log "layers of $LAYER_MIB MiB"
layers

row() { # TITLE METRIC
  local peer=${result[peer.$2]} folder=${result[local.$2]} ours=${result[ours.$2]:-}
  printf '| %s | %s | %s | %s | %s | %s | %s |\n' "$1" "$folder" "$peer" "$(ratio local peer "$2")" "$ours" "${ours:+$(ratio ours peer "$2")}" "${result[azurite.$2]:-}"
}

echo
echo "| $(nproc) cores, layer of $LAYER_MIB MiB | ours, in a folder | docker-registry, files | folder / theirs | ours, in memory | memory / theirs | ours on Azurite |"
echo '|---|---|---|---|---|---|---|'
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

echo
demand 'manifest GET, requests/s,' "$(ratio local peer GET)" least "$MANIFEST_TIMES"
for kind in stream whole; do
  demand "push ($kind), time," "$(ratio local peer "$kind.wall")" most "$PUSH_TIME"
  demand "push ($kind), CPU," "$(ratio local peer "$kind.cpu")" most "$PUSH_CPU"
done
demand 'pull, time,' "$(ratio local peer pull.wall)" most "$PULL_TIME"
demand 'cold start' "$(ratio local peer cold)" most "$COLD_PEER"
demands_met
