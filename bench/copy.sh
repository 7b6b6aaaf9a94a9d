#!/usr/bin/env bash
# Measures registry copy beside skopeo copy: the same images from one docker-registry into one Azurite, in turn, the tool straight into storage and skopeo through the native server. Prints
# ratios; ends with a failure where the tool is slower than it may be or takes memory that grows with the layers.
#
#   PUBLISHED=DIR     the published server, which skopeo pushes to; without it one is published
#   MIB=512           bytes of each image
#   ROUNDS=3          how often each is copied; the median counts
#   COPY_TIMES=0.5    how many times as fast as skopeo the tool must be at least
#   COPY_PEAK=700     how much memory the tool may take, in MiB
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/../tests/e2e/lib.sh"
source "$ROOT/tests/e2e/image.sh"
source "$ROOT/bench/servers.sh"

MIB=${MIB:-512} ROUNDS=${ROUNDS:-3}

install_tools skopeo jq openssl docker-registry time
find_executable
start_azurite
log 'building the tool'
dotnet build "$ROOT/src/Serverless.Cli" -c Release --nologo -v quiet >"$WORK/build.log" || { cat "$WORK/build.log"; exit 1; }
TOOL=$ROOT/src/Serverless.Cli/bin/Release/net10.0/registry.dll

start_named peer
PEER=127.0.0.1:$PORT

# An image of so many layers, MIB in all.
fill() { # LAYERS
  local i
  for ((i = 0; i < $1; i++)); do
    random_bytes $(((MIB << 20) / $1)) >"$WORK/layer"
    add_layer "$WORK/image$1" "$WORK/layer"
  done
  finish_layout "$WORK/image$1" v1
  skopeo --insecure-policy copy -q --dest-tls-verify=false "oci:$WORK/image$1:v1" "docker://$PEER/image$1:v1"
}

# Each copy goes to tables and a container of its own, where nothing is there yet.
place=0
storage() { # sets SETTINGS
  place=$((place + 1))
  SETTINGS=("Registry__Storage__ConnectionString=$CONNECTION_STRING" "Registry__Storage__TablePrefix=copy$place" "Registry__Storage__Container=copy$place")
}

by_skopeo() { # LAYERS
  local begin
  storage
  start_registry "${SETTINGS[@]}" "$QUIET"
  begin=$(now)
  skopeo --insecure-policy copy -q --src-tls-verify=false --dest-tls-verify=false "docker://$PEER/image$1:v1" "docker://$REGISTRY/image:v1"
  echo $(($(now) - begin)) >>"$WORK/skopeo.$1"
  echo "$(($(ticks "$REGISTRY_PID") * 10))" >>"$WORK/skopeo-cpu.$1"
  stop "$REGISTRY_PID"
}

by_tool() { # LAYERS
  local begin
  storage
  begin=$(now)
  env "${SETTINGS[@]}" /usr/bin/time -o "$WORK/time" -f '%M %U %S' dotnet "$TOOL" copy "http://$PEER/image$1:v1" image:v1 --quiet --set Outbound:Allow:0=127.0.0.1 >/dev/null 2>"$WORK/err" </dev/null || { cat "$WORK/err"; exit 1; }
  echo $(($(now) - begin)) >>"$WORK/tool.$1"
  awk '{ printf "%d\n", $1 / 1024 }' "$WORK/time" >>"$WORK/peak.$1"
  awk '{ printf "%d\n", ($2 + $3) * 1000 }' "$WORK/time" >>"$WORK/tool-cpu.$1"
}

failures=0
echo "| $MIB MiB in | skopeo by way of the server, MiB/s | registry copy, MiB/s | ratio | CPU of skopeo's server, s | CPU of the tool, s | peak of the tool, MiB |"
echo '|---|---|---|---|---|---|---|'
for layers in 1 8; do
  fill "$layers"
  for ((round = 0; round < ROUNDS; round++)); do
    by_skopeo "$layers"
    by_tool "$layers"
  done
  theirs=$(median <"$WORK/skopeo.$layers") ours=$(median <"$WORK/tool.$layers") peak=$(sort -n "$WORK/peak.$layers" | tail -1) server=$(median <"$WORK/skopeo-cpu.$layers") tool=$(median <"$WORK/tool-cpu.$layers")
  awk -v l="$layers" -v m="$MIB" -v t="$theirs" -v o="$ours" -v p="$peak" -v s="$server" -v c="$tool" \
    'BEGIN { printf "| %d layer(s) | %.0f | %.0f | %.2f | %.1f | %.1f | %d |\n", l, m * 1e6 / t, m * 1e6 / o, t / o, s / 1000, c / 1000, p }'
  awk -v t="$theirs" -v o="$ours" -v least="${COPY_TIMES:-0.5}" 'BEGIN { exit !(t / o < least) }' && { log "slower than it may be: $theirs µs by skopeo, $ours µs by the tool" >&2; failures=$((failures + 1)); }
  ((peak <= ${COPY_PEAK:-700})) || { log "$peak MiB is more than it may take" >&2; failures=$((failures + 1)); }
done
((failures == 0))
