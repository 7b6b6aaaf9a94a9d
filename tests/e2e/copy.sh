#!/usr/bin/env bash
# registry copy and registry push: from Debian's docker-registry, from this registry with sign-in, from layouts and archives straight into storage, and out of it again; killed in the middle
# and repeated.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/image.sh"

COPY_MIB=${COPY_MIB:-48}
PASSWORD='correct horse battery'

install_tools skopeo jq curl openssl docker-registry
find_executable
start_azurite
build_tool

copy() { tool copy "$@" --set Outbound:Allow:0=127.0.0.1; }
push() { skopeo --insecure-policy copy -q --dest-tls-verify=false "$@"; }
raw() { skopeo inspect --raw --no-tags --tls-verify=false "docker://$1"; }
put() { same 201 "$(request "$WORK/h" -X PUT -H "Content-Type: $3" --data-binary "@$2" "http://$1")" status; } # PATH FILE MEDIA-TYPE

# Pushes a manifest of one small blob, and prints its descriptor with more fields.
put_artifact() { # TAG BLOB-TEXT MORE-OF-THE-MANIFEST MORE-OF-THE-DESCRIPTOR
  local blob
  printf '%s' "$2" >"$WORK/$1.blob"
  blob=$(digest_of "$WORK/$1.blob")
  same 202 "$(request "$WORK/h" -X POST "http://$PEER/v2/team/app/blobs/uploads/")" status || return 1
  same 201 "$(request "$WORK/h" -T "$WORK/$1.blob" "$(with_digest "$(location "$WORK/h")" "$blob")")" status || return 1
  jq -n --arg t "$OCI_MANIFEST" --arg d "$blob" --argjson s "$(size_of "$WORK/$1.blob")" --argjson more "$3" \
    '{schemaVersion: 2, mediaType: $t, config: {mediaType: "application/vnd.oci.image.config.v1+json", digest: $d, size: $s}, layers: [{mediaType: "application/vnd.in-toto+json", digest: $d, size: $s}]} + $more' >"$WORK/$1"
  put "$PEER/v2/team/app/manifests/$1" "$WORK/$1" "$OCI_MANIFEST" || return 1
  describe "$WORK/$1" "$4"
}
describe() { # FILE MORE
  jq -cn --arg d "$(digest_of "$1")" --argjson s "$(size_of "$1")" --arg t "$OCI_MANIFEST" --argjson more "$2" '{mediaType: $t, digest: $d, size: $s} + $more'
}

# Five platforms, each with an attestation as BuildKit makes them, and a signature, which this peer keeps under a tag of the referrers schema.
fill_peer() {
  local i j index
  for i in 1 2 3 4 5; do
    for j in 1 2 3; do
      random_bytes $((COPY_MIB * 1048576 / 15)) >"$WORK/layer$j"
      add_layer "$WORK/image$i" "$WORK/layer$j"
    done
    finish_layout "$WORK/image$i" v1
    push "oci:$WORK/image$i:v1" "docker://$PEER/team/app:p$i"
    raw "$PEER/team/app:p$i" >"$WORK/manifest$i"
    describe "$WORK/manifest$i" "{\"platform\": {\"os\": \"linux\", \"architecture\": \"arch$i\"}}" >>"$WORK/entries"
    put_artifact "attestation$i" "{\"of\": $i}" '{}' "{\"platform\": {\"os\": \"unknown\", \"architecture\": \"unknown\"},
      \"annotations\": {\"vnd.docker.reference.type\": \"attestation-manifest\", \"vnd.docker.reference.digest\": \"$(digest_of "$WORK/manifest$i")\"}}" >>"$WORK/entries" || return 1
  done
  jq -s --arg t "$OCI_INDEX" '{schemaVersion: 2, mediaType: $t, manifests: .}' "$WORK/entries" >"$WORK/index"
  put "$PEER/v2/team/app/manifests/multi" "$WORK/index" "$OCI_INDEX" || return 1
  index=$(digest_of "$WORK/index")
  put_artifact signature '{}' "{\"artifactType\": \"application/x.signature\", \"subject\": {\"mediaType\": \"$OCI_INDEX\", \"digest\": \"$index\", \"size\": $(size_of "$WORK/index")}}" \
    '{"artifactType": "application/x.signature"}' >"$WORK/listed" || return 1
  jq --arg t "$OCI_INDEX" '{schemaVersion: 2, mediaType: $t, manifests: [.]}' "$WORK/listed" >"$WORK/list"
  put "$PEER/v2/team/app/manifests/${index/:/-}" "$WORK/list" "$OCI_INDEX"
}

# The blobs that the peer was asked for since a line of its log, one digest a line.
asked() { tail -n "+$1" "$WORK/peer.log" | grep -o 'GET /v2/team/app/blobs/sha256:[0-9a-f]*' | sed 's|.*/||' | sort -u || true; }
line() { echo $(($(wc -l <"$WORK/peer.log") + 1)); }
sizes() { # reads digests, prints the sum of their sizes
  local digest sum=0
  while read -r digest; do sum=$((sum + $(size_of "$(find "$WORK/peer" -path "*/${digest#sha256:}/data")"))); done
  echo "$sum"
}

# The tool is killed as soon as some of the blobs have arrived. What it was at is sent again, and nothing else.
goes_on_after_a_kill() {
  local pid i first second
  first=$(line)
  Registry__Storage__ConnectionString=$CONNECTION_STRING dotnet "$ROOT/src/Serverless.Cli/bin/Debug/net10.0/registry.dll" \
    copy "http://$PEER/team/app:multi" copied/app:v1 --parallel 2 --set Outbound:Allow:0=127.0.0.1 >/dev/null 2>&1 </dev/null &
  pid=$!
  for ((i = 0; i < 1200; i++)); do
    (($(asked "$first" | wc -l) >= 7)) && break
    sleep 0.02
  done
  kill -KILL "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  refuses raw "$REGISTRY/copied/app:v1" >/dev/null 2>&1 || return 1
  asked "$first" >"$WORK/asked1"
  second=$(line)
  copy "http://$PEER/team/app:multi" copied/app:v1 2>"$WORK/err" >"$WORK/out" || { cat "$WORK/err"; return 1; }
  asked "$second" >"$WORK/asked2"
  same "$(jq -r '.config.digest, .layers[].digest' "$WORK"/manifest? "$WORK"/attestation? "$WORK/signature" | sort -u)" "$(sort -u "$WORK/asked1" "$WORK/asked2")" 'blobs of both runs' || return 1
  i=$(comm -12 "$WORK/asked1" "$WORK/asked2" | wc -l)
  echo "$(wc -l <"$WORK/asked1") blobs were begun before, $i of them again, $(wc -l <"$WORK/asked2") in all, of $(sizes <"$WORK/asked2") bytes"
  # As many as were on their way.
  ((i <= 2)) || return 1
  grep -q "; $(sizes <"$WORK/asked2") of $(sizes <"$WORK/asked2") bytes" "$WORK/err" || { cat "$WORK/err"; return 1; }
}

comes_whole() { # REGISTRY/REPOSITORY
  same "$(digest_of "$WORK/index")" "$(digest_of <(raw "$1:v1"))" 'digest of the index' || return 1
  for i in "$WORK"/manifest? "$WORK"/attestation?; do same "$(digest_of "$i")" "$(digest_of <(raw "$1@$(digest_of "$i")"))" "digest of $i" || return 1; done
  rm -rf "$WORK/back"
  skopeo --insecure-policy copy -q --src-tls-verify=false --all "docker://$1:v1" "dir:$WORK/back"
}
copies_an_index() {
  comes_whole "$REGISTRY/copied/app" || return 1
  same "$(digest_of "$WORK/signature")" "$(curl -fsS "$URL/v2/copied/app/referrers/$(digest_of "$WORK/index")" | jq -r '.manifests[].digest')" referrer
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

pushes_archives() {
  local config
  config=$(jq -r .config.digest "$WORK/manifest1")
  skopeo --insecure-policy copy -q "oci:$WORK/image1:v1" "docker-archive:$WORK/docker.tar:example.test/app:v1" || return 1
  tool push "$WORK/docker.tar" pushed/app:docker >/dev/null || return 1
  tool copy "docker-archive:$WORK/docker.tar:example.test/app:v1" pushed/other >/dev/null || return 1
  same "$(raw "$REGISTRY/pushed/app:docker" | digest_of /dev/stdin)" "$(raw "$REGISTRY/pushed/other:v1" | digest_of /dev/stdin)" 'digest of one archive' || return 1
  skopeo --insecure-policy copy -q --src-tls-verify=false "docker://$REGISTRY/pushed/app:docker" "oci:$WORK/unpacked:v1" || return 1
  same "$(jq -r '.rootfs.diff_ids[]' "$WORK/image1/blobs/sha256/${config#sha256:}")" "$(skopeo inspect --config "oci:$WORK/unpacked:v1" | jq -r '.rootfs.diff_ids[]')" 'what the layers hold' || return 1
  skopeo --insecure-policy copy -q "oci:$WORK/image1:v1" "oci-archive:$WORK/oci.tar:v1" || return 1
  tool push "$WORK/oci.tar" pushed/app:oci >/dev/null || return 1
  same "$(digest_of "$WORK/manifest1")" "$(raw "$REGISTRY/pushed/app:oci" | digest_of /dev/stdin)" 'digest of a layout in an archive'
}

# Out of storage into the peer, which lists no referrers, so that a tag does.
copies_out() {
  copy copied/app:v1 "http://$PEER/back/app" >"$WORK/out" || return 1
  comes_whole "$PEER/back/app" || return 1
  same "$(digest_of "$WORK/signature")" "$(raw "$PEER/back/app:$(digest_of "$WORK/index" | tr : -)" | jq -r '.manifests[].digest')" referrer || return 1
  copy copied/app:v1 "http://$PEER/back/app" 2>"$WORK/err" >/dev/null || return 1
  grep -q '^0 manifests, 1 tags and 0 blobs copied' "$WORK/err" || { cat "$WORK/err"; return 1; }
}
# A registry that looks itself for what could be mounted, as this one does, is sent no blob that it has in any repository.
copies_out_by_mounts() {
  copy copied/app:v1 "http://$REGISTRY/mounted/app" >/dev/null 2>"$WORK/err" || { cat "$WORK/err"; return 1; }
  grep -q '^12 manifests, 1 tags and 0 blobs copied' "$WORK/err" || { cat "$WORK/err"; return 1; }
}
copies_into_a_layout() {
  tool copy copied/app:v1 "oci:$WORK/layout" >/dev/null || return 1
  same "$(digest_of "$WORK/index")" "$(skopeo inspect --raw "oci:$WORK/layout:v1" | digest_of /dev/stdin)" digest || return 1
  skopeo --insecure-policy copy -q --all "oci:$WORK/layout:v1" "dir:$WORK/layout-back" || return 1
  tool push "$WORK/layout" relaid/app:v1 >/dev/null || return 1
  same "$(digest_of "$WORK/signature")" "$(curl -fsS "$URL/v2/relaid/app/referrers/$(digest_of "$WORK/index")" | jq -r '.manifests[].digest')" referrer
}

copies_with_sign_in() {
  tool scopes set readers 'copied/*:pull' 'again/*:pull,push' || return 1
  tool users add ann --scope readers <<<"$PASSWORD" || return 1
  start_registry Registry__Auth__Mode=token || return 1
  # A check runs in a shell of its own, so what it starts is written down for the end.
  echo "$REGISTRY_PID" >"$WORK/second"
  refuses copy "http://$REGISTRY/copied/app:v1" again/app:v1 >/dev/null 2>&1 || return 1
  REGISTRY_SOURCE_PASSWORD='wrong password here' refuses copy "http://$REGISTRY/copied/app:v1" again/app:v1 --user ann >"$WORK/out" 2>&1 || return 1
  refuses grep -q "$PASSWORD\|wrong password here" "$WORK/out" || return 1
  REGISTRY_SOURCE_PASSWORD=$PASSWORD copy "http://$REGISTRY/copied/app:v1" again/app:v1 --user ann >"$WORK/out" 2>&1 || { cat "$WORK/out"; return 1; }
  grep -q ' 0 blobs copied' "$WORK/out" || { cat "$WORK/out"; return 1; } # All of it is here, in another repository.
  # Into it as well. A token for one repository lets it mount from no other, so everything is sent.
  refuses copy copied/app:v1 "http://$REGISTRY/again/out" >/dev/null 2>&1 || return 1
  REGISTRY_TARGET_PASSWORD=$PASSWORD copy copied/app:v1 "http://$REGISTRY/again/out" --user ann >"$WORK/out" 2>&1 || { cat "$WORK/out"; return 1; }
  grep -q '^12 manifests, 1 tags and 26 blobs copied' "$WORK/out" || { cat "$WORK/out"; return 1; }
}

stop_second() { if [[ -f $WORK/second ]]; then stop "$(cat "$WORK/second")"; fi; }
at_exit+=(stop_second)

start_peer
start_registry

check 'a peer with an index of five platforms, attestations and a signature' --needs skopeo fill_peer
check 'a copy that was killed goes on, and sends only what is missing' --needs skopeo goes_on_after_a_kill
check 'the index has come with its images and what refers to it' --needs skopeo copies_an_index
check 'a second copy asks for no blob' --needs skopeo sends_nothing_twice
check 'tags by a pattern' --needs skopeo copies_tags
check 'one platform of an index' --needs skopeo takes_a_platform
check 'a layout' --needs skopeo copies_a_layout
check 'archives' --needs skopeo pushes_archives
check 'out into another registry' --needs skopeo copies_out
check 'out into a registry that has it elsewhere' --needs skopeo copies_out_by_mounts
check 'out into a layout' --needs skopeo copies_into_a_layout
check 'from this registry and to it, with a password and a token' --needs skopeo copies_with_sign_in

finish
