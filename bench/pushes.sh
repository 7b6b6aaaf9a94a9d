#!/usr/bin/env bash
# Measures many small pushes at once, and reads beside them, of the registry in a folder and of Debian's docker-registry on the same disk, in one run. Prints a table; writes nothing into
# the repository.
#
#   PUBLISHED=DIR   the published server, a native executable; without it, it is published first
#   BENCHMARKS=DLL  Serverless.Benchmarks.dll; without it the script builds it
#   CLIENTS=32      who push at the same time
#   SECONDS_EACH=10 length of each load
#   ROUNDS=3        how often each is measured, in turn; the median counts
source "$(dirname "${BASH_SOURCE[0]}")/../tests/e2e/lib.sh"
source "$(dirname "${BASH_SOURCE[0]}")/../tests/e2e/image.sh"
source "$(dirname "${BASH_SOURCE[0]}")/servers.sh"

CLIENTS=${CLIENTS:-32} SECONDS_EACH=${SECONDS_EACH:-10} ROUNDS=${ROUNDS:-3}
tools=(docker-registry wrk strace curl jq openssl)
install_tools "${tools[@]}"
for tool in "${tools[@]}"; do command -v "$tool" >/dev/null || { log "$tool is missing"; exit 1; }; done
find_executable
find_benchmarks

note() { echo "$3" >>"$WORK/$1.$2.figures"; } # NAME METRIC VALUE
reads() { wrk -t 1 -c 8 -d "$1s" --latency -H "Accept: $OCI_MANIFEST" "$URL/v2/bench/image/manifests/latest" >"$2"; } # SECONDS FILE

# Sets COUNT, RATE, MEDIAN and LATE, the last two in ms.
pushes() { # CLIENTS SECONDS
  dotnet "$BENCHMARKS" push "$URL/" "$1" "$2" >"$WORK/pushes"
  read -r COUNT RATE MEDIAN LATE <"$WORK/pushes"
}

p99_ms() { awk '$1 == "99%" { v = $2; print v ~ /us$/ ? v / 1000 : v ~ /ms$/ ? v + 0 : v * 1000 }' "$1"; } # FILE

round() { # NAME
  start_named "$1"
  put_image bench/image latest
  sync -f "$WORK"
  pushes 1 3
  note "$1" one "$MEDIAN"
  local cpu
  cpu=$(ticks "$SERVER")
  pushes "$CLIENTS" "$SECONDS_EACH"
  note "$1" cpu "$(awk -v c=$(($(ticks "$SERVER") - cpu)) -v n="$COUNT" 'BEGIN { printf "%.2f", c * 10 / n }')"
  note "$1" rate "$RATE"
  note "$1" median "$MEDIAN"
  note "$1" late "$LATE"
  reads "$SECONDS_EACH" "$WORK/alone"
  reads $((SECONDS_EACH + 2)) "$WORK/beside" &
  sleep 1
  pushes "$CLIENTS" "$SECONDS_EACH"
  wait $!
  load_is_clean "$WORK/alone"
  load_is_clean "$WORK/beside"
  note "$1" rate_beside "$RATE"
  note "$1" reads_alone "$(requests_per_second "$WORK/alone")"
  note "$1" reads_beside "$(requests_per_second "$WORK/beside")"
  note "$1" p99_alone "$(p99_ms "$WORK/alone")"
  note "$1" p99_beside "$(p99_ms "$WORK/beside")"
  note "$1" peak "$(peak_mib "$SERVER")"
  stop "$SERVER"
}

# Once more under strace, which takes time of its own: what a push costs the disk.
syncs() { # NAME
  prepare "$1"
  SERVER_COMMAND=(strace -f -qq -c --seccomp-bpf -e "trace=fsync,fdatasync" -o "$WORK/$1.strace" "${SERVER_COMMAND[@]}")
  start_server
  wait_for_port "$PORT" "$SERVER" 30
  pushes "$CLIENTS" "$SECONDS_EACH"
  stop "$SERVER"
  # Each client pushed once before it was counted.
  note "$1" syncs "$(awk -v n=$((COUNT + CLIENTS)) '$NF == "fsync" || $NF == "fdatasync" { calls += $4 } END { printf "%.2f", calls / n }' "$WORK/$1.strace")"
}

make_image 3 100000
for ((i = 1; i <= ROUNDS; i++)); do
  for name in peer local; do
    round "$name"
    log "round $i, $name: $(tail -n 1 "$WORK/$name.rate.figures") pushes/s, load $(machine_load)"
  done
done
for name in peer local; do
  syncs "$name"
  for file in "$WORK/$name".*.figures; do
    metric=${file#"$WORK/$name."}
    result[$name.${metric%.figures}]=$(median <"$file")
  done
done

row() { printf '| %s | %s | %s | %s |\n' "$1" "${result[local.$2]}" "${result[peer.$2]}" "$(ratio local peer "$2")"; } # TITLE METRIC
echo
echo "| $(nproc) cores, images of a layer of 10 kB, a config and a manifest | ours, in a folder | docker-registry, files | ours / theirs |"
echo '|---|---|---|---|'
row 'one client, time of a push, ms' one
row "$CLIENTS clients, pushes/s" rate
row "$CLIENTS clients, time of a push, median, ms" median
row "$CLIENTS clients, time of a push, 95 of 100, ms" late
row 'server CPU per push, ms' cpu
row 'syncs per push' syncs
row 'manifest GET, 8 connections, alone, requests/s' reads_alone
row 'the same beside the pushes, requests/s' reads_beside
row 'manifest GET alone, 99 of 100, ms' p99_alone
row 'the same beside the pushes, ms' p99_beside
row 'pushes/s beside the reads' rate_beside
row 'peak memory, MiB' peak
