# shellcheck shell=bash
# What docker and containerd do. clients.sh sources it.

source "$(dirname "${BASH_SOURCE[0]}")/engines.sh"

# --- docker ------------------------------------------------------------------------------------------------------------------------------------

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
