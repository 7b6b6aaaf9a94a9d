# shellcheck shell=bash disable=SC2034
# Shared by the end-to-end scripts: tools, free ports, servers that end with the script, checks that are counted.
# Source it; it makes $WORK, a temporary folder that is removed at exit.
#
#   CI=true               a missing tool is a failure, not a skipped check
#   PUBLISHED=DIR         the published server, a native executable; without it, it is published first, which takes some minutes
#   HOSTED=true           the published worker runs in the emulated Functions host, and clients talk to that
#   PUBLISHED_WORKER=DIR  the published worker; without it, it is published first
#   STORAGE=local         the registry keeps everything in a folder below $WORK, and there is no Azurite; for scripts that start it by start_storage
#   KEEP=true             keep $WORK
#   AZURITE_LOG=true      Azurite writes each request to $WORK/azurite.log

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
WORK=$(mktemp -d "${TMPDIR:-/tmp}/registry-e2e.XXXXXX")
AZURITE_VERSION=3.37.0
# Azurite's only account; its key is public.
AZURITE_KEY='Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='

passed=0 failed=0 skipped=0
started_pids=()
# Functions to be called before the script ends, whatever happens.
at_exit=()

log() { printf '%s  %s\n' "$(date +%H:%M:%S)" "$*"; }

# --- processes ---------------------------------------------------------------------------------------------------------------------------------

# A process and what it started in turn, from whichever of its threads.
tree() { # PID
  local child
  echo "$1"
  for child in $(cat "/proc/$1/task/"*/children 2>/dev/null || true); do tree "$child"; done
}

any_alive() { # PID...
  local pid
  for pid in "$@"; do kill -0 "$pid" 2>/dev/null && return 0; done
  return 1
}

# Stops a process that this script started. npx does not pass signals on and may end before what it started, so the tree is noted first.
stop() { # PID
  local i pids
  mapfile -t pids < <(tree "$1")
  kill -TERM "${pids[@]}" 2>/dev/null || true
  for i in {1..50}; do
    any_alive "${pids[@]}" || break
    sleep 0.1
  done
  kill -KILL "${pids[@]}" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

cleanup() {
  local status=$? i name
  trap - EXIT INT TERM
  for ((i = ${#started_pids[@]} - 1; i >= 0; i--)); do
    if kill -0 "${started_pids[i]}" 2>/dev/null; then stop "${started_pids[i]}"; fi
  done
  for name in "${at_exit[@]}"; do "$name" || true; done
  if [[ ${KEEP:-} == true ]]; then log "kept $WORK"; else rm -rf "$WORK"; fi
  exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# --- checks ------------------------------------------------------------------------------------------------------------------------------------

pass() { passed=$((passed + 1)); echo "ok $1"; }
fail() { failed=$((failed + 1)); echo "FAIL $1"; }
skip() { skipped=$((skipped + 1)); echo "skip $1"; }

# Runs a command as one check. What it prints is shown only if it fails. It runs in a subshell of its own, where the first failing command ends it.
check() { # NAME [--needs "TOOL..."] COMMAND...
  local name=$1 tool status output="$WORK/check.log"
  shift
  if [[ $1 == --needs ]]; then
    for tool in $2; do
      command -v "$tool" >/dev/null && continue
      if [[ ${CI:-} == true ]]; then fail "$name ($tool is missing)"; else skip "$name ($tool is missing)"; fi
      return 0
    done
    shift 2
  fi
  set +e
  (set -e; trap - EXIT; "$@") >"$output" 2>&1
  status=$?
  set -e
  if ((status == 0)); then
    pass "$name"
  else
    fail "$name"
    tail -n 20 "$output" | sed 's/^/    /'
  fi
}

same() { # EXPECTED ACTUAL [WHAT]
  [[ $1 == "$2" ]] || { echo "${3:-value}: expected '$1', got '$2'"; return 1; }
}

# The negation of a command, which `set -e` notices: it lets `! command` pass, whatever comes of it.
refuses() { if "$@"; then echo "unexpectedly succeeded: $*"; return 1; fi; }

# The last line of every script.
finish() {
  echo "$passed passed, $failed failed, $skipped skipped"
  ((failed == 0))
}

# --- tools -------------------------------------------------------------------------------------------------------------------------------------

# Installs the packages of the tools that are missing. Without the means to do so the checks that need them are skipped or fail.
install_tools() { # TOOL[=PACKAGE]...
  local spec packages=()
  for spec in "$@"; do
    command -v "${spec%%=*}" >/dev/null || packages+=("${spec##*=}")
  done
  ((${#packages[@]})) || return 0
  log "installing ${packages[*]}"
  {
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
  } >"$WORK/apt.log" 2>&1 || { log "could not install ${packages[*]}:"; tail -n 5 "$WORK/apt.log"; }
}

# Ports that the kernel says are free, all different.
free_ports() { # COUNT
  node -e '
    const net = require("node:net"), servers = [];
    for (let i = 0; i < +process.argv[1]; i++) servers.push(net.createServer().listen(0, "127.0.0.1"));
    setTimeout(() => { for (const s of servers) { console.log(s.address().port); s.close(); } }, 50);' "$1"
}
free_port() { free_ports 1; }

wait_for_port() { # PORT PID SECONDS
  local end=$((SECONDS + $3))
  until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do
    kill -0 "$2" 2>/dev/null && ((SECONDS < end)) || return 1
    sleep 0.05
  done
}

# --- servers -----------------------------------------------------------------------------------------------------------------------------------

# Starts Azurite with its data on disk and sets AZURITE_PID and CONNECTION_STRING.
start_azurite() {
  local ports port quiet=(--silent)
  if [[ ${AZURITE_LOG:-} == true ]]; then quiet=(); fi
  mkdir -p "$WORK/azurite"
  mapfile -t ports < <(free_ports 3)
  npx --yes "azurite@$AZURITE_VERSION" "${quiet[@]}" --skipApiVersionCheck --disableTelemetry --location "$WORK/azurite" \
    --blobHost 127.0.0.1 --queueHost 127.0.0.1 --tableHost 127.0.0.1 \
    --blobPort "${ports[0]}" --queuePort "${ports[1]}" --tablePort "${ports[2]}" >"$WORK/azurite.log" 2>&1 </dev/null &
  AZURITE_PID=$!
  started_pids+=("$AZURITE_PID")
  for port in "${ports[@]}"; do
    # npx downloads it the first time.
    wait_for_port "$port" "$AZURITE_PID" 180 || { log 'Azurite did not start:'; cat "$WORK/azurite.log"; exit 1; }
  done
  CONNECTION_STRING="DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=$AZURITE_KEY;"
  CONNECTION_STRING+="BlobEndpoint=http://127.0.0.1:${ports[0]}/devstoreaccount1;QueueEndpoint=http://127.0.0.1:${ports[1]}/devstoreaccount1;"
  CONNECTION_STRING+="TableEndpoint=http://127.0.0.1:${ports[2]}/devstoreaccount1;"
  STORAGE_SETTING=Registry__Storage__ConnectionString=$CONNECTION_STRING
}

# Storage for the registry and the tool: a folder, or Azurite.
start_storage() {
  if [[ ${STORAGE:-} == local ]]; then STORAGE_SETTING=Registry__Storage__Path=$WORK/local; else start_azurite; fi
}

publish_server() { # DIR
  dotnet publish "$ROOT/src/Serverless.Server" -c Release -r linux-x64 -o "$1" --nologo -v quiet
}

publish_worker() { # DIR
  dotnet publish "$ROOT/src/Serverless.Functions" -c Release -o "$1" --nologo -v quiet
}

# Publishes, or shows why that failed and ends.
publish() { # server|worker DIR
  log "publishing the $1"
  "publish_$1" "$2" >"$WORK/publish.log" 2>&1 || { tail -n 20 "$WORK/publish.log"; exit 1; }
}

# Makes sure that there is a published server, and sets EXECUTABLE; hosted, a published worker.
find_executable() {
  if [[ ${HOSTED:-} == true ]]; then
    if [[ -z ${PUBLISHED_WORKER:-} ]]; then
      PUBLISHED_WORKER=$WORK/worker
      publish worker "$PUBLISHED_WORKER"
    fi
  else
    if [[ -z ${PUBLISHED:-} ]]; then
      PUBLISHED=$WORK/server
      publish server "$PUBLISHED"
    fi
    EXECUTABLE=$PUBLISHED/Serverless.Server
  fi
}

# What starts the registry: itself, or the Functions host.
find_starter() {
  if [[ ${HOSTED:-} != true ]]; then
    STARTER=("$EXECUTABLE")
    return 0
  fi
  dotnet build "$ROOT/tests/Serverless.FunctionsHost" --nologo -v quiet >"$WORK/build.log" || { cat "$WORK/build.log"; exit 1; }
  STARTER=(dotnet "$ROOT/tests/Serverless.FunctionsHost/bin/Debug/net10.0/Serverless.FunctionsHost.dll" "$PUBLISHED_WORKER")
}

# The operator's tool, on the registry's storage.
build_tool() {
  log 'building the operator'"'"'s tool'
  dotnet build "$ROOT/src/Serverless.Cli" --nologo -v quiet >"$WORK/build.log" || { cat "$WORK/build.log"; exit 1; }
}
tool() { env "$STORAGE_SETTING" dotnet "$ROOT/src/Serverless.Cli/bin/Debug/net10.0/registry.dll" "$@"; } # ARGUMENTS...

# The same over the API of the running registry, as somebody who has neither its storage nor its settings. It starts in an empty folder, so that there is no .registry.
tool_over_api() { # ACCOUNT PASSWORD ARGUMENTS...
  mkdir -p "$WORK/elsewhere"
  (cd "$WORK/elsewhere" && REGISTRY_URL=$URL REGISTRY_ACCOUNT=$1 REGISTRY_PASSWORD=$2 dotnet "$ROOT/src/Serverless.Cli/bin/Debug/net10.0/registry.dll" "${@:3}")
}

# Starts the registry with settings and sets REGISTRY_PID, REGISTRY (host:port) and URL. The storage is what start_storage or start_azurite has started, unless a setting says otherwise.
start_registry() { # [NAME=VALUE]...
  local port settings=("$@")
  [[ -n ${STARTER:-} ]] || find_starter
  [[ " $* " == *Registry__Storage__* ]] || settings+=("$STORAGE_SETTING")
  port=$(free_port)
  REGISTRY=127.0.0.1:$port
  URL=http://$REGISTRY
  if [[ ${HOSTED:-} == true ]]; then
    # In the host the registry must be told that it is open. Limits and address are set as by the templates in infra/; the timer comes when a script calls it.
    [[ " $* " == *Registry__PublicUrl=* ]] || settings+=("Registry__PublicUrl=$URL")
    [[ " $* " == *Registry__Auth__Mode=* ]] || settings+=(Registry__Auth__Mode=none)
    [[ " $* " == *FUNCTIONS_REQUEST_BODY_SIZE_LIMIT=* ]] || settings+=(FUNCTIONS_REQUEST_BODY_SIZE_LIMIT=10737418240)
    [[ " $* " == *MaintenanceSchedule=* ]] || settings+=('MaintenanceSchedule=0 0 0 1 1 *')
    [[ " $* " == *EventsQueue=* ]] || settings+=('AzureWebJobs_Events_Disabled=true')
    "${STARTER[@]}" --urls "$URL" "${settings[@]}" >>"$WORK/registry.log" 2>&1 </dev/null &
  else
    env "${settings[@]}" "${STARTER[@]}" --urls "$URL" >>"$WORK/registry.log" 2>&1 </dev/null &
  fi
  REGISTRY_PID=$!
  started_pids+=("$REGISTRY_PID")
  wait_for_port "$port" "$REGISTRY_PID" 30 && curl -fsS -o /dev/null "$URL/" || { log 'the registry did not start:'; tail "$WORK/registry.log"; exit 1; }
}

# Starts Debian's docker-registry on files below $WORK/peer and sets PEER (host:port) and PEER_PID. It tells of each request in $WORK/peer.log.
start_peer() {
  local port
  port=$(free_port)
  mkdir -p "$WORK/peer"
  cat >"$WORK/peer.yml" <<YAML
version: 0.1
log: {level: info, accesslog: {disabled: false}}
storage:
  filesystem: {rootdirectory: $WORK/peer}
  delete: {enabled: true}
http: {addr: "127.0.0.1:$port", secret: 0123456789abcdef0123456789abcdef}
YAML
  env OTEL_TRACES_EXPORTER=none docker-registry serve "$WORK/peer.yml" >"$WORK/peer.log" 2>&1 </dev/null &
  PEER_PID=$!
  started_pids+=("$PEER_PID")
  PEER=127.0.0.1:$port
  wait_for_port "$port" "$PEER_PID" 30
}

# Settings with which a registry logs each request.
TELLING=(Logging__LogLevel__Microsoft.AspNetCore.Hosting.Diagnostics=Information)

# Lines "METHOD PATH STATUS" of a repository's answers, of a registry that was started with "${TELLING[@]}". The log is written in the background, so a request of our own tells when it is complete.
answers() { # REPOSITORY
  local mark=mark/$RANDOM$RANDOM i
  curl -s -o /dev/null "$URL/v2/$mark/tags/list"
  for i in {1..100}; do
    if grep -q "Request finished .*/v2/$mark/" "$WORK/registry.log"; then break; fi
    sleep 0.05
  done
  # In the Functions host the log is JSON, and the address is the one behind the host.
  sed -n "s|\\\\u0026|\&|g; s|.*Request finished HTTP/[0-9.]* \([A-Z]*\) http://[^/]*/v2/\($1/[^ ]*\) - \([0-9]*\).*|\1 \2 \3|p" "$WORK/registry.log"
}

# --- container engines -------------------------------------------------------------------------------------------------------------------------

# Their storage is below $WORK and needs no kernel's help; registries need neither TLS nor signatures.
POLICY=$WORK/policy.json
echo '{"default":[{"type":"insecureAcceptAnything"}]}' >"$POLICY"
plain=(--tls-verify=false --signature-policy "$POLICY")
engine() { # podman|buildah ARGUMENTS...
  local tool=$1
  shift
  "$tool" --root "$WORK/storage" --runroot "$WORK/run" --storage-driver vfs "$@"
}

# --- the protocol by hand ----------------------------------------------------------------------------------------------------------------------

OCI_MANIFEST=application/vnd.oci.image.manifest.v1+json
OCI_INDEX=application/vnd.oci.image.index.v1+json
OCI_CONFIG=application/vnd.oci.image.config.v1+json
OCI_LAYER=application/vnd.oci.image.layer.v1.tar

digest_of() { # FILE
  local sum
  sum=$(sha256sum <"$1")
  echo "sha256:${sum%% *}"
}

size_of() { stat -c %s "$1"; }

# One request. Prints the status; the answer's headers are in FILE.
request() { # FILE CURL-ARGUMENTS...
  local headers=$1
  shift
  curl -sS -o /dev/null -D "$headers" -w '%{http_code}' "$@"
}

# A header of an answer that request has kept.
header() { # FILE NAME
  tr -d '\r' <"$1" | awk -v name="${2,,}" 'tolower($1) == name ":" { sub(/^[^:]*: */, ""); print; exit }'
}

# The absolute address of an upload.
location() { # FILE
  local target
  target=$(header "$1" Location)
  [[ $target == http* ]] && echo "$target" || echo "$URL$target"
}

# A location with one more parameter.
with_digest() { # LOCATION DIGEST
  [[ $1 == *\?* ]] && echo "$1&digest=$2" || echo "$1?digest=$2"
}
