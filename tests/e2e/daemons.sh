# shellcheck shell=bash
# docker and containerd, each with a daemon of its own below $WORK that needs neither a bridge nor rules of a firewall nor overlays. They need root. clients.sh sources it.

# --- docker ------------------------------------------------------------------------------------------------------------------------------------

docker_socket=unix://$WORK/docker.sock
in_docker() { docker --host "$docker_socket" "$@"; }

start_dockerd() {
  local i
  mkdir -p "$WORK/docker"
  # A file of its own: what the machine's says might not go together with the options. From 29 on the storage driver is for this one only.
  echo '{"features": {"containerd-snapshotter": false}}' >"$WORK/docker/daemon.json"
  dockerd --config-file "$WORK/docker/daemon.json" --data-root "$WORK/docker/data" --exec-root "$WORK/docker/exec" --pidfile "$WORK/docker/pid" --host "$docker_socket" \
    --storage-driver vfs --bridge none --iptables=false --ip6tables=false --ip-forward=false >"$WORK/dockerd.log" 2>&1 </dev/null &
  started_pids+=("$!")
  for i in {1..600}; do
    if in_docker version >/dev/null 2>&1; then return 0; fi
    kill -0 "${started_pids[-1]}" 2>/dev/null || break
    sleep 0.1
  done
}

docker_is_up() { in_docker version || { tail "$WORK/dockerd.log"; return 1; }; }

docker_pushes() {
  in_docker import "$WORK/daemons.tar" "$REGISTRY/docker/app:v1"
  in_docker push "$REGISTRY/docker/app:v1" | tee "$WORK/docker.push"
  grep -qF "digest: $(skopeo inspect --no-tags --tls-verify=false --format '{{.Digest}}' "docker://$REGISTRY/docker/app:v1")" "$WORK/docker.push"
}

docker_mounts() {
  in_docker tag "$REGISTRY/docker/app:v1" "$REGISTRY/docker/second:v1"
  in_docker push "$REGISTRY/docker/second:v1" | tee "$WORK/docker.push"
  grep -q 'Mounted from docker/app' "$WORK/docker.push"
}

docker_pulls() {
  local id
  id=$(in_docker image inspect --format '{{.Id}}' "$REGISTRY/docker/app:v1")
  in_docker rmi -f "$id"
  in_docker pull "$REGISTRY/docker/second:v1"
  same "$id" "$(in_docker image inspect --format '{{.Id}}' "$REGISTRY/docker/second:v1")" 'id of the image'
}

docker_pulls_an_index() {
  in_docker pull "$REGISTRY/build/platforms:latest"
  same amd64 "$(in_docker image inspect --format '{{.Architecture}}' "$REGISTRY/build/platforms:latest")" architecture
}

# --- containerd --------------------------------------------------------------------------------------------------------------------------------

in_containerd() { ctr --address "$WORK/containerd.sock" "$@"; }

start_containerd() {
  local i
  mkdir -p "$WORK/containerd"
  cat >"$WORK/containerd/config.toml" <<TOML
version = 2
root = "$WORK/containerd/root"
state = "$WORK/containerd/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "$WORK/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
path = "$WORK/containerd/opt"
TOML
  containerd --config "$WORK/containerd/config.toml" >"$WORK/containerd.log" 2>&1 </dev/null &
  started_pids+=("$!")
  for i in {1..600}; do
    if in_containerd version >/dev/null 2>&1; then return 0; fi
    kill -0 "${started_pids[-1]}" 2>/dev/null || break
    sleep 0.1
  done
}

containerd_is_up() { in_containerd version || { tail "$WORK/containerd.log"; return 1; }; }

containerd_digest() { in_containerd images ls "name==$1" | awk 'NR == 2 { print $3 }'; } # IMAGE

containerd_pushes() {
  tar -C "$WORK/daemons" -cf "$WORK/daemons.oci.tar" .
  in_containerd images import --base-name "$REGISTRY/containerd/app" --no-unpack "$WORK/daemons.oci.tar"
  in_containerd images push --plain-http "$REGISTRY/containerd/app:v1"
  same "$(jq -r '.manifests[0].digest' "$WORK/daemons/index.json")" "$(skopeo inspect --no-tags --tls-verify=false --format '{{.Digest}}' "docker://$REGISTRY/containerd/app:v1")" digest
}

containerd_pulls() {
  in_containerd images rm --sync "$REGISTRY/containerd/app:v1"
  in_containerd images pull --plain-http --snapshotter native "$REGISTRY/containerd/app:v1"
  same "$(jq -r '.manifests[0].digest' "$WORK/daemons/index.json")" "$(containerd_digest "$REGISTRY/containerd/app:v1")" digest
}

containerd_pulls_an_index() {
  in_containerd images pull --plain-http --snapshotter native --all-platforms "$REGISTRY/build/platforms:latest"
  same "$(digest_of "$WORK/index.json")" "$(containerd_digest "$REGISTRY/build/platforms:latest")" digest
}

# --- both --------------------------------------------------------------------------------------------------------------------------------------

# An image of two layers as a layout, and a tar of files.
make_small_image() {
  local i
  for i in 1 2; do
    mkdir -p "$WORK/daemons.files"
    random_bytes $((3000000 * i)) >"$WORK/daemons.files/data$i"
    tar -C "$WORK/daemons.files" --numeric-owner -cf "$WORK/daemons.$i.tar" "data$i"
    cp "$WORK/daemons.$i.tar" "$WORK/daemons.tar"
    rm -r "$WORK/daemons.files"
    add_layer "$WORK/daemons" "$WORK/daemons.$i.tar" gzip
  done
  finish_layout "$WORK/daemons" v1
}

if ((EUID != 0)); then
  if [[ ${CI:-} == true ]]; then fail 'docker and containerd push and pull (not root)'; else skip 'docker and containerd push and pull (not root)'; fi
  return
fi

make_small_image
if command -v dockerd >/dev/null; then start_dockerd; fi
check 'a docker daemon is up' --needs 'dockerd docker' docker_is_up
check 'docker pushes' --needs 'dockerd docker skopeo' docker_pushes
check 'docker pushes to a second repository by a mount' --needs 'dockerd docker' docker_mounts
check 'docker pulls what it pushed' --needs 'dockerd docker' docker_pulls
check 'docker pulls from an index' --needs 'dockerd docker buildah' docker_pulls_an_index
if command -v containerd >/dev/null; then start_containerd; fi
check 'a containerd is up' --needs 'containerd ctr' containerd_is_up
check 'containerd pushes' --needs 'containerd ctr skopeo' containerd_pushes
check 'containerd pulls what it pushed' --needs 'containerd ctr' containerd_pulls
check 'containerd pulls an index with all its images' --needs 'containerd ctr buildah' containerd_pulls_an_index
