#!/usr/bin/env bash
# registry copy: from Debian's docker-registry and from this registry with sign-in, by the operator's tool straight into storage; killed in the middle and repeated.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/image.sh"

COPY_MIB=${COPY_MIB:-96}
PASSWORD='correct horse battery'

install_tools skopeo jq curl openssl docker-registry
find_executable
start_azurite
build_tool

start_peer() {
  local port
  port=$(free_port)
  mkdir -p "$WORK/peer"
  cat >"$WORK/peer.yml" <<YAML
version: 0.1
log: {level: info, accesslog: {disabled: false}}
storage:
  filesystem: {rootdirectory: $WORK/peer}
http: {addr: "127.0.0.1:$port"}
YAML
  env OTEL_TRACES_EXPORTER=none docker-registry serve "$WORK/peer.yml" >"$WORK/peer.log" 2>&1 </dev/null &
  started_pids+=("$!")
  PEER=127.0.0.1:$port
  wait_for_port "$port" "$!" 30
}

copy() { tool copy "$@" --set Outbound:Allow:0=127.0.0.1; }
push() { skopeo --insecure-policy copy -q --dest-tls-verify=false "$@"; }
raw() { skopeo inspect --raw --no-tags --tls-verify=false "docker://$1"; }
put() { same 201 "$(request "$WORK/h" -X PUT -H "Content-Type: $3" --data-binary "@$2" "http://$1")" status; } # PATH FILE MEDIA-TYPE

# Five platforms, what they were built from, and a signature, which this peer keeps under a tag of the referrers schema.
fill_peer() {
  local i index empty
  for i in 1 2 3 4 5; do
    make_layout "$WORK/image$i" 2 gzip
    push "oci:$WORK/image$i:v1" "docker://$PEER/team/app:p$i"
    raw "$PEER/team/app:p$i" >"$WORK/manifest$i"
    jq -cn --arg d "$(digest_of "$WORK/manifest$i")" --argjson s "$(size_of "$WORK/manifest$i")" --arg t "$OCI_MANIFEST" --arg p "arch$i" \
      '{mediaType: $t, digest: $d, size: $s, platform: {os: "linux", architecture: $p}}' >>"$WORK/entries"
  done
  jq -s --arg t "$OCI_INDEX" '{schemaVersion: 2, mediaType: $t, manifests: .}' "$WORK/entries" >"$WORK/index"
  put "$PEER/v2/team/app/manifests/multi" "$WORK/index" "$OCI_INDEX" || return 1
  index=$(digest_of "$WORK/index")
  printf '{}' >"$WORK/empty"
  empty=$(digest_of "$WORK/empty")
  same 202 "$(request "$WORK/h" -X POST "http://$PEER/v2/team/app/blobs/uploads/")" status || return 1
  same 201 "$(request "$WORK/h" -T "$WORK/empty" "$(with_digest "$(location "$WORK/h")" "$empty")")" status || return 1
  jq -n --arg t "$OCI_MANIFEST" --arg e "$empty" --arg i "$index" --argjson s "$(size_of "$WORK/index")" --arg it "$OCI_INDEX" \
    '{schemaVersion: 2, mediaType: $t, artifactType: "application/x.signature", config: {mediaType: "application/vnd.oci.empty.v1+json", digest: $e, size: 2}, layers: [{mediaType: "application/vnd.oci.empty.v1+json", digest: $e, size: 2}], subject: {mediaType: $it, digest: $i, size: $s}}' >"$WORK/signature"
  put "$PEER/v2/team/app/manifests/signature" "$WORK/signature" "$OCI_MANIFEST" || return 1
  jq -n --arg t "$OCI_INDEX" --arg mt "$OCI_MANIFEST" --arg d "$(digest_of "$WORK/signature")" --argjson s "$(size_of "$WORK/signature")" \
    '{schemaVersion: 2, mediaType: $t, manifests: [{mediaType: $mt, digest: $d, size: $s, artifactType: "application/x.signature"}]}' >"$WORK/list"
  put "$PEER/v2/team/app/manifests/${index/:/-}" "$WORK/list" "$OCI_INDEX"
}

copies_an_index() {
  copy "http://$PEER/team/app:multi" copied/app:v1 >"$WORK/out" || return 1
  same "$(digest_of "$WORK/index")" "$(digest_of <(raw "$REGISTRY/copied/app:v1"))" 'digest of the index'
  for i in 1 2 3 4 5; do same "$(digest_of "$WORK/manifest$i")" "$(digest_of <(raw "$REGISTRY/copied/app@$(digest_of "$WORK/manifest$i")"))" "digest of image $i" || return 1; done
  same "$(digest_of "$WORK/signature")" "$(curl -fsS "$URL/v2/copied/app/referrers/$(digest_of "$WORK/index")" | jq -r '.manifests[].digest')" referrer
  skopeo --insecure-policy copy -q --src-tls-verify=false --all "docker://$REGISTRY/copied/app:v1" "dir:$WORK/back"
}
sends_nothing_twice() {
  local before
  before=$(grep -c 'GET /v2/team/app/blobs/' "$WORK/peer.log")
  copy "http://$PEER/team/app:multi" copied/app:v2 2>"$WORK/err" >/dev/null || return 1
  grep -q '; 0 of 0 bytes' "$WORK/err" || { cat "$WORK/err"; return 1; }
  same "$before" "$(grep -c 'GET /v2/team/app/blobs/' "$WORK/peer.log")" 'blobs that were asked for'
}
copies_tags() {
  copy "http://$PEER/team/app" some/app --tags 'p*' >/dev/null || return 1
  same 'p1 p2 p3 p4 p5' "$(curl -fsS "$URL/v2/some/app/tags/list" | jq -r '.tags | join(" ")')" tags
}
takes_a_platform() {
  copy "http://$PEER/team/app:multi" one/app:v1 --platform linux/arch3 >/dev/null || return 1
  same "$(digest_of "$WORK/manifest3")" "$(digest_of <(raw "$REGISTRY/one/app:v1"))" digest
}
copies_a_layout() {
  tool copy "oci:$WORK/image1:v1" layout/app:v1 >/dev/null || return 1
  skopeo --insecure-policy copy -q --src-tls-verify=false "docker://$REGISTRY/layout/app:v1" "dir:$WORK/layout-back"
}

# The tool is killed as soon as some of the layers have arrived.
goes_on_after_a_kill() {
  local pid sent i before
  for i in 1 2 3 4 5 6; do
    random_bytes $((COPY_MIB * 1048576 / 6)) >"$WORK/layer$i"
    add_layer "$WORK/large" "$WORK/layer$i"
  done
  finish_layout "$WORK/large" v1
  push "oci:$WORK/large:v1" "docker://$PEER/team/large:v1" || return 1
  before=$(grep -c "GET /v2/team/large/blobs/" "$WORK/peer.log" || true)
  Registry__Storage__ConnectionString=$CONNECTION_STRING dotnet "$ROOT/src/Serverless.Cli/bin/Debug/net10.0/registry.dll" \
    copy "http://$PEER/team/large:v1" large/app:v1 --set Outbound:Allow:0=127.0.0.1 >/dev/null 2>&1 </dev/null &
  pid=$!
  for ((i = 0; i < 600; i++)); do
    (($(grep -c "GET /v2/team/large/blobs/" "$WORK/peer.log" || true) >= before + 6)) && break
    sleep 0.05
  done
  kill -KILL "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  copy "http://$PEER/team/large:v1" large/app:v1 2>"$WORK/err" >/dev/null || { cat "$WORK/err"; return 1; }
  cat "$WORK/err"
  sent=$(grep -o '[0-9]* blobs copied' "$WORK/err" | tail -1 | tr -dc 0-9)
  ((sent < 7)) || { echo "$sent blobs were sent again"; return 1; }
  same "$(raw "$PEER/team/large:v1" | digest_of /dev/stdin)" "$(raw "$REGISTRY/large/app:v1" | digest_of /dev/stdin)" digest
}

copies_with_sign_in() {
  tool scopes set readers 'copied/*:pull' || return 1
  tool users add ann --scope readers <<<"$PASSWORD" || return 1
  start_registry Registry__Auth__Mode=token || return 1
  # A check runs in a shell of its own, so what it starts is written down for the end.
  echo "$REGISTRY_PID" >"$WORK/second"
  refuses copy "http://$REGISTRY/copied/app:v1" again/app:v1 >/dev/null 2>&1 || return 1
  REGISTRY_SOURCE_PASSWORD='wrong password here' refuses copy "http://$REGISTRY/copied/app:v1" again/app:v1 --user ann >"$WORK/out" 2>&1 || return 1
  refuses grep -q "$PASSWORD\|wrong password here" "$WORK/out" || return 1
  REGISTRY_SOURCE_PASSWORD=$PASSWORD copy "http://$REGISTRY/copied/app:v1" again/app:v1 --user ann >"$WORK/out" 2>&1 || { cat "$WORK/out"; return 1; }
  grep -q ' 0 blobs copied' "$WORK/out" # All of it is here, in another repository.
}

stop_second() { if [[ -f $WORK/second ]]; then stop "$(cat "$WORK/second")"; fi; }
at_exit+=(stop_second)

start_peer
start_registry

check 'a peer with an index of five platforms and a signature' --needs skopeo fill_peer
check 'the index comes with its images and what refers to it' --needs skopeo copies_an_index
check 'a second copy asks for no blob' --needs skopeo sends_nothing_twice
check 'tags by a pattern' --needs skopeo copies_tags
check 'one platform of an index' --needs skopeo takes_a_platform
check 'a layout' --needs skopeo copies_a_layout
check 'a copy that was killed goes on' --needs skopeo goes_on_after_a_kill
check 'from this registry, with a password and a token' --needs skopeo copies_with_sign_in

finish
