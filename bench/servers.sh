# What the benchmarks share: the servers that are compared, and figures about them. Source it after lib.sh.

declare -A result # result[NAME.METRIC]
now() { echo "${EPOCHREALTIME/./}"; }
median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
ticks() { awk '{ sub(/^.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; } # user and system time in 1/100 s
peak_mib() { awk '/^VmHWM:/ { printf "%.0f", $2 / 1024 }' "/proc/$1/status"; }

# Nobody tells of every request, here as there.
QUIET=Logging__LogLevel__Default=Error
declare -a SERVER_COMMAND
prepare() { # ours|local|azurite|peer
  local port
  port=$(free_port)
  URL=http://127.0.0.1:$port PORT=$port
  case $1 in
    ours) SERVER_COMMAND=(env "$QUIET" Registry__Storage__InMemory=true Registry__Redirect__Enabled=false "$EXECUTABLE" --urls "$URL") ;;
    local)
      rm -rf "$WORK/local"
      SERVER_COMMAND=(env "$QUIET" "Registry__Storage__Path=$WORK/local" "$EXECUTABLE" --urls "$URL")
      ;;
    azurite) SERVER_COMMAND=(env "$QUIET" "Registry__Storage__ConnectionString=$CONNECTION_STRING" "$EXECUTABLE" --urls "$URL") ;;
    peer)
      rm -rf "$WORK/peer"
      mkdir -p "$WORK/peer"
      cat >"$WORK/peer.yml" <<YAML
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage:
  filesystem: {rootdirectory: $WORK/peer}
  cache: {blobdescriptor: inmemory}
http: {addr: "127.0.0.1:$port"}
YAML
      SERVER_COMMAND=(env OTEL_TRACES_EXPORTER=none docker-registry serve "$WORK/peer.yml")
      ;;
  esac
}

start_server() {
  "${SERVER_COMMAND[@]}" >>"$WORK/server.log" 2>&1 </dev/null &
  SERVER=$!
  started_pids+=("$SERVER")
}

start_named() { # NAME
  prepare "$1"
  start_server
  wait_for_port "$PORT" "$SERVER" 30 || { log "$1 did not start"; tail "$WORK/server.log"; exit 1; }
  curl -fsS -o /dev/null "$URL/v2/"
}

# From the start of the prepared server's process to its first answer of a status to /v2/, without a client process in between. Sets ELAPSED, in µs, and RESIDENT, its
# memory by then in KiB, and ends it.
time_start() { # STATUS
  local begin status=
  exec 9<> <(:)
  begin=$(now)
  start_server
  until [[ $status == "$1" ]]; do
    (($(now) - begin < 20000000)) || { log "no answer: ${SERVER_COMMAND[*]}"; tail "$WORK/server.log"; exit 1; } >&2
    read -rt 0.001 -u 9 || true # A pause without a process.
    { exec 3<>"/dev/tcp/127.0.0.1/$PORT"; } 2>/dev/null || continue
    printf 'GET /v2/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
    read -r _ status _ <&3 || status=
    exec 3>&-
  done
  ELAPSED=$(($(now) - begin))
  RESIDENT=$(awk '/^VmRSS:/ { print $2 }' "/proc/$SERVER/status")
  exec 9>&-
  kill -KILL "$SERVER"
  wait "$SERVER" 2>/dev/null || true
}

put_small() { # REPOSITORY FILE
  same 202 "$(request "$WORK/h" -X POST "$URL/v2/$1/blobs/uploads/")"
  same 201 "$(request "$WORK/h2" -T "$2" "$(with_digest "$(location "$WORK/h")" "$(digest_of "$2")")")"
}

# An image of a few layers of noise. Sets IMAGE, its layout, and MANIFEST, the manifest's file.
make_image() { # LAYERS BYTES
  local i
  IMAGE=$WORK/image
  rm -rf "$IMAGE"*
  mkdir -p "$IMAGE"
  for ((i = 0; i < $1; i++)); do
    random_bytes "$2" >"$IMAGE.$i"
    add_layer "$IMAGE" "$IMAGE.$i"
  done
  finish_layout "$IMAGE" latest
  MANIFEST=$IMAGE/blobs/sha256/$(jq -r '.manifests[0].digest[7:]' "$IMAGE/index.json")
}

put_image() { # REPOSITORY TAG
  local digest
  for digest in $(jq -r '.config.digest, .layers[].digest' "$MANIFEST"); do put_small "$1" "$IMAGE/blobs/sha256/${digest#sha256:}"; done
  same 201 "$(request "$WORK/h" -X PUT -H "Content-Type: $OCI_MANIFEST" --data-binary "@$MANIFEST" "$URL/v2/$1/manifests/$2")"
}

# Answers other than 200 would flatter whoever gives them.
load_is_clean() { # FILE
  if grep -q 'Non-2xx\|Socket errors\|Error distribution\|\[[345][0-9][0-9]\].*responses' "$1"; then cat "$1" >&2; fi
}

requests_per_second() { awk '/^ *Requests\/sec/ { printf "%.0f", $2 }' "$1"; } # FILE

# What the figures must be. Demands that are not met are told one by one; `demands_met` fails when there was one.
missed=0
demand() { # WHAT VALUE least|most LIMIT
  local word=met
  if awk -v v="$2" -v l="$4" -v kind="$3" 'BEGIN { exit !(v == "" || (kind == "least" ? v < l : v > l)) }'; then word='NOT MET' missed=1; fi
  echo "demand $word: $1 is $2 times the peer's; at $3 $4"
}
ratio() { awk -v a="${result[$1.$3]}" -v b="${result[$2.$3]}" 'BEGIN { printf "%.2f", a / b }'; } # NAME OTHER METRIC
demands_met() { ((missed == 0)); }

# Sets BENCHMARKS, the console modes of Serverless.Benchmarks.
find_benchmarks() {
  [[ -z ${BENCHMARKS:-} ]] || return 0
  log 'building the benchmarks'
  dotnet build "$ROOT/bench/Serverless.Benchmarks" -c Release -o "$WORK/benchmarks" --nologo -v quiet
  BENCHMARKS=$WORK/benchmarks/Serverless.Benchmarks.dll
}

# What else the machine does is part of every figure.
machine_load() { awk '{ print $1 }' /proc/loadavg; }
