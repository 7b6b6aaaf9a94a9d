#!/usr/bin/env bash
# The published worker in the emulated Functions host: large layers, the host's limit, the timer, sign-in.
HOSTED=true
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$(dirname "${BASH_SOURCE[0]}")/image.sh"

PLATFORM_LIMIT=104857600
LAYER_MIB=${LAYER_MIB:-300}

install_tools skopeo podman buildah jq curl openssl
find_executable
start_azurite
start_registry

# The process of the registry itself, which the host has started.
worker() { pgrep -P "$REGISTRY_PID" -f Serverless.Functions; }

peak_mib() { awk '$1 == "VmHWM:" { print int($2 / 1024) }' "/proc/$1/status"; } # PID

# --- a layer of 300 MiB, chunked ---------------------------------------------------------------------------------------------------------------

push_by_skopeo() { skopeo --insecure-policy copy -q --dest-tls-verify=false "oci:$WORK/plain:v1" "docker://$REGISTRY/large/skopeo:v1"; }
pull_by_skopeo() {
  skopeo --insecure-policy copy -q --src-tls-verify=false "docker://$REGISTRY/large/skopeo:v1" "dir:$WORK/back"
  local layer
  layer=$(jq -r '.layers[0].digest | ltrimstr("sha256:")' "$WORK/back/manifest.json")
  (($(size_of "$WORK/back/$layer") > LAYER_MIB << 20)) # Noise does not compress.
  same "$(jq -r '.[0]' <(jq -s . "$WORK/plain.diffs"))" "$(digest_of <(gunzip -c "$WORK/back/$layer"))" 'the digest of what was packed'
  rm -r "$WORK/back"
}
push_by_podman() {
  engine podman import -q "$WORK/plain/blobs/sha256/$(jq -r '.digest | ltrimstr("sha256:")' "$WORK/plain.layers")" "$REGISTRY/large/podman:v1"
  engine podman push -q "${plain[@]}" "$REGISTRY/large/podman:v1"
}
pull_by_podman() {
  engine podman rmi -af
  engine podman pull -q "${plain[@]}" "$REGISTRY/large/podman:v1"
  engine podman rmi -af
}
stays_small() { # PID
  echo "peak $(peak_mib "$1") MiB"
  (($(peak_mib "$1") < 250))
}

check "make an image of one layer of $LAYER_MIB MiB" make_layout "$WORK/plain" "$LAYER_MIB"
check 'skopeo pushes it, chunked' --needs skopeo push_by_skopeo
check 'skopeo pulls it' --needs skopeo pull_by_skopeo
check 'podman pushes it, chunked' --needs podman push_by_podman
check 'podman pulls it' --needs podman pull_by_podman
check 'the registry keeps none of it in memory' stays_small "$(worker)"
check 'neither does the host' stays_small "$REGISTRY_PID"

# --- 150 MiB with a length ---------------------------------------------------------------------------------------------------------------------

random_bytes $((150 << 20)) >"$WORK/body"
body=$(digest_of "$WORK/body")

start_upload() {
  same 202 "$(request "$WORK/h" -X POST "$URL/v2/large/body/blobs/uploads/")" 'status of the POST'
  with_digest "$(location "$WORK/h")" "$body"
}
is_refused() {
  same 500 "$(request "$WORK/h" -T "$WORK/body" "$(start_upload)")" status
  same 404 "$(request "$WORK/h" -I "$URL/v2/large/body/blobs/$body")" 'status of the blob'
}
is_taken() {
  same 201 "$(request "$WORK/h" -T "$WORK/body" "$(start_upload)")" status
  same "$body" "sha256:$(curl -fsSL "$URL/v2/large/body/blobs/$body" | sha256sum | cut -d' ' -f1)" digest
}
is_cut_off() {
  same 500 "$(request "$WORK/h" -H 'Transfer-Encoding: chunked' -T "$WORK/body" "$(start_upload)")" status
  same 404 "$(request "$WORK/h" -I "$URL/v2/large/body/blobs/$body")" 'status of the blob'
}
# The host has all of it before the worker hears of it; the worker streams it on.
is_held_by_the_host() {
  echo "peaks: host $(peak_mib "$REGISTRY_PID") MiB, worker $(peak_mib "$(worker)") MiB"
  (($(peak_mib "$REGISTRY_PID") > 150))
  stays_small "$(worker)"
}
is_taken_chunked() { same 201 "$(request "$WORK/h" -H 'Transfer-Encoding: chunked' -T "$WORK/body" "$(start_upload)")" status; }
push_packed() { skopeo --insecure-policy copy -q --preserve-digests --dest-tls-verify=false "oci:$WORK/packed:v1" "docker://$REGISTRY/large/packed:v1"; }
is_told() {
  refuses push_packed 2>"$WORK/told"
  cat "$WORK/told"
  grep -q 'writing blob' "$WORK/told"
}

stop "$REGISTRY_PID"
start_registry "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT=$PLATFORM_LIMIT"
check "a body of 150 MiB with its length meets the platform's limit" is_refused
check 'so does one in chunks' is_cut_off
check 'make an image of one packed layer of 150 MiB' make_layout "$WORK/packed" 150 gzip
check 'skopeo, which knows its length, is told' --needs skopeo is_told
stop "$REGISTRY_PID"
start_registry # With the limit of the templates.
check 'with a higher limit the body is taken' is_taken
check 'the host holds a body whose length it knows' is_held_by_the_host
check 'with a higher limit skopeo pushes it' --needs skopeo push_packed
stop "$REGISTRY_PID"
start_registry Registry__Storage__InMemory=true
check 'with a higher limit it is taken in chunks' is_taken_chunked

# --- the timer ---------------------------------------------------------------------------------------------------------------------------------

call_timer() { same 202 "$(request "$WORK/h" -X POST -H 'Content-Type: application/json' -d '{"input":""}' "$URL/admin/functions/Maintenance")" status; }
# The log tells that a task has run, by its name and what it did.
has_run() { # TASK
  local i
  for i in {1..100}; do
    if grep -q "$1: [a-z ]*: [0-9]" "$WORK/registry.log"; then return 0; fi
    sleep 0.1
  done
  return 1
}
is_hidden() { same 404 "$(request "$WORK/h" -X POST -d '{}' "$URL/Maintenance")" status; }
# The host says why it would leave the function out; the real one says so only in its log.
does_not_start() { # REASON SETTING...
  local reason=$1
  shift
  refuses "${STARTER[@]::2}" "$WORK/changed" --urls "http://127.0.0.1:$(free_port)" Registry__Storage__InMemory=true Registry__Auth__Mode=none AzureWebJobs_Events_Disabled=true "$@" >"$WORK/refusal" 2>&1
  cat "$WORK/refusal"
  grep -qF "$reason" "$WORK/refusal"
}
change_schedule() { # SCHEDULE
  rm -rf "$WORK/changed"
  cp -r "$PUBLISHED_WORKER" "$WORK/changed"
  sed -i "s|%MaintenanceSchedule%|$1|" "$WORK/changed/functions.metadata"
  grep -qF "$1" "$WORK/changed/functions.metadata"
}
finds_no_nested_name() {
  change_schedule '%Registry__Timers__Schedule%'
  does_not_start "A name with '__' never resolves" 'Registry__Timers__Schedule=0 0 0 1 1 *' 'MaintenanceSchedule=0 0 0 1 1 *'
}
needs_its_schedule() {
  change_schedule '%MaintenanceSchedule%'
  does_not_start "there is no app setting 'MaintenanceSchedule'"
}

check 'the host calls the timer' call_timer
for name in CollectGarbage PurgeTokens ApplyRetention Verify; do check "$name, which is due, is done" has_run "$name"; done
check 'the timer cannot be called from outside' is_hidden
check 'a schedule by a name with __ is refused' finds_no_nested_name
check 'so is a timer without its setting' needs_its_schedule
stop "$REGISTRY_PID"

# --- sign-in -----------------------------------------------------------------------------------------------------------------------------------

export REGISTRY_AUTH_FILE=$WORK/auth.json
make_account() {
  tool scopes set team 'large/*:pull'
  tool users add alice --scope team <<<'correct horse battery'
}
signs_in() {
  engine podman login --tls-verify=false -u alice --password-stdin "$REGISTRY" <<<'correct horse battery'
  engine podman pull -q "${plain[@]}" "$REGISTRY/large/podman:v1"
}
is_sent_to_the_host() {
  same 401 "$(request "$WORK/h" "$URL/v2/")" status
  header "$WORK/h" WWW-Authenticate | grep -F "realm=\"$URL/token\""
}

build_tool
start_registry Registry__Auth__Mode=token
check 'the token service is where clients reach it' is_sent_to_the_host
check 'make an account' make_account
check 'podman signs in and pulls' --needs podman signs_in

finish
