#!/usr/bin/env bash
# Mirrors: in front of Debian's docker-registry and of another registry of ours with sign-in, pulled from by skopeo, podman, docker and containerd, with the upstream there and gone.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/image.sh"
source "$(dirname "$0")/engines.sh"

MIRRORED_MIB=${MIRRORED_MIB:-128}
PASSWORD='correct horse battery'

install_tools skopeo jq curl podman docker=docker.io dockerd=docker.io containerd ctr=containerd docker-registry
find_executable
start_azurite
build_tool

# Docker's mirrors have a host of their own; on one machine localhost is another name for 127.0.0.1.
start_mirror() {
  start_registry "Registry__Mirror__hub__Prefix=hub/" "Registry__Mirror__hub__Remote=http://$PEER" Registry__Mirror__hub__Ttl=00:00:03 \
    Registry__Mirror__hub__Hosts__0=localhost Registry__Mirror__hub__Namespaces__0=docker.io "Registry__Mirror__ours__Prefix=ours/" "Registry__Mirror__ours__Remote=http://$UPSTREAM" \
    Registry__Mirror__ours__User=ann "Registry__Mirror__ours__Password=$PASSWORD" Registry__Outbound__Allow__0=127.0.0.1
}

push() { skopeo --insecure-policy copy -q --dest-tls-verify=false "$@"; }
pull() { skopeo --insecure-policy copy -q --src-tls-verify=false "docker://$1" "dir:$2"; }
raw() { skopeo inspect --raw --no-tags --tls-verify=false "docker://$1"; }
asked() { grep -c "\"$1 /v2/$2" "$WORK/peer.log" || true; } # METHOD PATH-BEGINNING

fill() {
  local i
  for i in 1 2 3 4; do
    make_layout "$WORK/image$i" 2 gzip
    push "oci:$WORK/image$i:v1" "docker://$PEER/library/app$i:v1"
  done
  push --dest-creds "ann:$PASSWORD" "oci:$WORK/image1:v1" "docker://$UPSTREAM/team/app:v1"
}

skopeo_pulls() { # SOURCE OF
  pull "$1" "$WORK/pulled" || return 1
  same "$(raw "$2" | digest_of /dev/stdin)" "$(digest_of "$WORK/pulled/manifest.json")" digest || return 1
  rm -rf "$WORK/pulled"
}
podman_pulls() { # IMAGE
  engine podman pull -q "${plain[@]}" "$REGISTRY/$1" && engine podman rmi -f "$REGISTRY/$1"
}
docker_pulls() { # NAME
  in_docker pull "$1" || { tail -5 "$WORK/dockerd.log"; return 1; }
  in_docker rmi -f "$1"
}
containerd_pulls() { # NAME
  in_containerd images pull --hosts-dir "$WORK/hosts" --snapshotter native "docker.io/library/$1" && in_containerd images rm --sync "docker.io/library/$1"
}

refuses_pushes() {
  same 403 "$(request "$WORK/h" -X POST "$URL/v2/hub/library/app1/blobs/uploads/")" status || return 1
  refuses push "oci:$WORK/image1:v1" "docker://$REGISTRY/hub/library/app1:v2" >/dev/null 2>&1
}
follows_a_tag() {
  local before after
  before=$(raw "$REGISTRY/hub/library/app4:v1" | digest_of /dev/stdin)
  push "oci:$WORK/image2:v1" "docker://$PEER/library/app4:v1" || return 1
  sleep 3.5
  after=$(raw "$REGISTRY/hub/library/app4:v1" | digest_of /dev/stdin)
  refuses same "$before" "$after" || return 1
  skopeo_pulls "$REGISTRY/hub/library/app4:v1" "$PEER/library/app4:v1"
}
asks_without_reading() {
  local gets heads
  sleep 3.5
  gets=$(asked GET library/app4/manifests) heads=$(asked HEAD library/app4/manifests)
  same 200 "$(request "$WORK/h" "$URL/v2/hub/library/app4/manifests/v1" -H "Accept: $OCI_MANIFEST")" status || return 1
  same "$gets $((heads + 1))" "$(asked GET library/app4/manifests) $(asked HEAD library/app4/manifests)" 'GET and HEAD that the upstream saw'
}
says_that_it_is_stale() {
  sleep 3.5
  same 200 "$(request "$WORK/h" "$URL/v2/hub/library/app4/manifests/v1" -H "Accept: $OCI_MANIFEST")" status || return 1
  header "$WORK/h" Warning | grep -q '^110 '
}
verifies() { tool verify >"$WORK/out" 2>&1 || { cat "$WORK/out"; return 1; }; }

# Twenty at once over two instances, of which the second knows nothing of the first.
many_pull_at_once() {
  local digest i first=$URL second pids=()
  random_bytes $((MIRRORED_MIB * 1048576)) >"$WORK/blob"
  digest=$(digest_of "$WORK/blob")
  same 202 "$(request "$WORK/h" -X POST "http://$PEER/v2/library/large/blobs/uploads/")" status || return 1
  same 201 "$(request "$WORK/h" -T "$WORK/blob" "$(with_digest "$(location "$WORK/h")" "$digest")")" status || return 1
  FIRST_PID=$REGISTRY_PID
  start_mirror >/dev/null || return 1
  second=$URL
  echo "$REGISTRY_PID" >>"$WORK/more"
  for i in {1..20}; do
    # A digest is all that is kept of each.
    { curl -fsSL "$( ((i % 2)) && echo "$first" || echo "$second" )/v2/hub/library/large/blobs/$digest" | sha256sum >"$WORK/sum$i"; } &
    pids+=("$!")
  done
  for i in "${pids[@]}"; do wait "$i" || return 1; done
  for i in {1..20}; do same "${digest#*:}" "$(cut -d' ' -f1 "$WORK/sum$i")" "digest of pull $i" || return 1; done
  i=$(asked GET "library/large/blobs/$digest")
  ((i >= 1 && i <= 2)) || { echo "the upstream saw $i fetches"; return 1; }
  echo "$i" >"$WORK/fetches"
  for i in "$FIRST_PID" "$REGISTRY_PID"; do
    i=$(awk '$1 == "VmHWM:" { print int($2 / 1024) }' "/proc/$i/status")
    echo "peak $i MiB" >>"$WORK/peaks"
    # Kestrel and the runtime have 60; the windows and blocks of one fetch 40.
    ((i < 260)) || { echo "peak memory $i MiB"; return 1; }
  done
}

stop_more() { local pid; while read -r pid; do stop "$pid"; done <"$WORK/more" 2>/dev/null; }
at_exit+=(stop_more)

start_peer
# The second upstream: ours, with accounts.
tool scopes set all '*:pull,push' --set Storage:TablePrefix=upstream --set Storage:Container=upstream
tool users add ann --scope all --set Storage:TablePrefix=upstream --set Storage:Container=upstream <<<"$PASSWORD"
start_registry Registry__Auth__Mode=token "Registry__Storage__ConnectionString=$CONNECTION_STRING" Registry__Storage__TablePrefix=upstream Registry__Storage__Container=upstream
UPSTREAM=$REGISTRY UPSTREAM_PID=$REGISTRY_PID
start_mirror

check 'an upstream without sign-in, and one with' --needs skopeo fill
check 'skopeo pulls for the first time' --needs skopeo skopeo_pulls "$REGISTRY/hub/library/app1:v1" "$PEER/library/app1:v1"
check 'podman pulls for the first time' --needs podman podman_pulls hub/library/app2:v1
check 'skopeo pulls from an upstream with sign-in' --needs skopeo skopeo_pulls "$REGISTRY/ours/team/app:v1" "$PEER/library/app1:v1"
start_dockerd --registry-mirror "http://localhost:${REGISTRY##*:}"
check 'docker pulls by registry-mirrors' --needs 'dockerd docker' docker_pulls library/app3:v1
start_containerd
mkdir -p "$WORK/hosts/docker.io"
printf 'server = "https://registry-1.docker.io"\n[host."%s"]\n  capabilities = ["pull", "resolve"]\n' "$URL" >"$WORK/hosts/docker.io/hosts.toml"
check 'containerd pulls by hosts.toml' --needs 'containerd ctr' containerd_pulls app4:v1
check 'a tag that was moved is followed' --needs skopeo follows_a_tag
check 'one that was not is asked for and not read' asks_without_reading
check 'pushes are refused' --needs skopeo refuses_pushes
check "twenty pull $MIRRORED_MIB MiB at once from two instances" many_pull_at_once
[[ -f $WORK/fetches ]] && log "fetches that the upstream saw: $(cat "$WORK/fetches"); $(paste -sd' ' "$WORK/peaks")"
check 'verify finds nothing' verifies
stop "$PEER_PID"
stop "$UPSTREAM_PID"
check 'skopeo pulls with the upstream gone' --needs skopeo skopeo_pulls "$REGISTRY/hub/library/app1:v1" "$REGISTRY/hub/library/app1:v1"
check 'podman pulls with the upstream gone' --needs podman podman_pulls hub/library/app2:v1
check 'skopeo pulls with the upstream gone that wanted sign-in' --needs skopeo skopeo_pulls "$REGISTRY/ours/team/app:v1" "$REGISTRY/ours/team/app:v1"
check 'docker pulls with the upstream gone' --needs 'dockerd docker' docker_pulls library/app3:v1
check 'containerd pulls with the upstream gone' --needs 'containerd ctr' containerd_pulls app4:v1
check 'a tag whose upstream is gone is said to be stale' says_that_it_is_stale

finish
