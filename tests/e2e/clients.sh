#!/usr/bin/env bash
# The clients that people use, and curl, against the published registry on Azurite.
#
#   STORAGE=local  on a folder in place of Azurite, from which nobody is sent elsewhere
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$(dirname "${BASH_SOURCE[0]}")/image.sh"

install_tools skopeo podman buildah docker=docker.io dockerd=docker.io containerd ctr=containerd jq curl openssl
find_executable
start_storage
start_registry

layout=$WORK/large

# --- a large image there and back --------------------------------------------------------------------------------------------------------------

make_image() {
  find_large_layout "$layout" v1
  same 12 "$(jq '.layers | length' "$layout/blobs/sha256/$(jq -r '.manifests[0].digest | ltrimstr("sha256:")' "$layout/index.json")")" layers
  (($(du -sb "$layout" | cut -f1) > LARGE_MIB * 1000 << 10))
}

push_large() { skopeo --insecure-policy copy --preserve-digests --dest-tls-verify=false "oci:$layout:v1" "docker://$REGISTRY/large/image:v1"; }
pull_large() { skopeo --insecure-policy copy --preserve-digests --src-tls-verify=false "docker://$REGISTRY/large/image:v1" "oci:$WORK/back:v1"; }

compare_large() {
  local digest count=0
  same "$(jq -r '.manifests[0].digest' "$layout/index.json")" "$(jq -r '.manifests[0].digest' "$WORK/back/index.json")" 'manifest digest'
  for digest in $(reachable "$layout"); do
    cmp "$layout/blobs/sha256/${digest#sha256:}" "$WORK/back/blobs/sha256/${digest#sha256:}"
    count=$((count + 1))
  done
  same 14 "$count" 'manifest, config and layers'
}

check "make an image of 12 layers and $LARGE_MIB MiB" make_image
((failed == 0)) || finish # Nothing below can be done without it.
check 'skopeo copies it in' --needs skopeo push_large
check 'skopeo copies it out' --needs skopeo pull_large
check 'manifest, config and layers came back byte for byte' --needs skopeo compare_large
rm -rf "$WORK/back"

# --- blobs by curl -----------------------------------------------------------------------------------------------------------------------------

layer=$(reachable "$layout" | tail -n 1)
small=$(reachable "$layout" | sed -n 3p)
small_file=$layout/blobs/sha256/${small#sha256:}

download() {
  same "$layer" "sha256:$(curl -fsSL "$URL/v2/large/image/blobs/$layer" | sha256sum | cut -d' ' -f1)" sha256
}

direct() {
  same 200 "$(request "$WORK/h" "$URL/v2/large/image/blobs/$small")" status
  curl -fsS "$URL/v2/large/image/blobs/$layer" | cmp - "$layout/blobs/sha256/${layer#sha256:}"
}

redirect() {
  same 307 "$(request "$WORK/h" "$URL/v2/large/image/blobs/$small")" status
  [[ $(header "$WORK/h" Location) == http://127.0.0.1:* ]]
  [[ $(header "$WORK/h" Location) != "$URL"* ]]
  same "$small" "$(header "$WORK/h" Docker-Content-Digest)" digest
}

head_blob() {
  same 200 "$(request "$WORK/h" -I "$URL/v2/large/image/blobs/$small")" status
  same "$(size_of "$small_file")" "$(header "$WORK/h" Content-Length)" size
}

range_behind_redirect() {
  same 206 "$(curl -sSL -o "$WORK/part" -w '%{http_code}' -r 1000-1999 "$URL/v2/large/image/blobs/$small")" status
  cmp "$WORK/part" <(tail -c +1001 "$small_file" | head -c 1000)
}

suffix_range() {
  same 206 "$(curl -sS -o "$WORK/part" -w '%{http_code}' -r -500 "$URL/v2/large/image/blobs/$small")" status
  cmp "$WORK/part" <(tail -c 500 "$small_file")
}

check 'a blob has the bytes of its digest' download
if [[ ${STORAGE:-} == local ]]; then
  check 'GET of a blob is answered here' direct
else
  check 'GET of a blob is sent to storage' redirect
fi
check 'HEAD of a blob tells its size' head_blob
check 'a range works behind the redirect' range_behind_redirect
check 'a suffix range is served in spite of redirects' suffix_range

# --- mounts ------------------------------------------------------------------------------------------------------------------------------------

mount_by_curl() {
  same 201 "$(request "$WORK/h" -X POST "$URL/v2/mounted/by-hand/blobs/uploads/?mount=$layer&from=large/image")" status
  same "$layer" "$(header "$WORK/h" Docker-Content-Digest)" digest
  same 200 "$(request "$WORK/h" -I "$URL/v2/mounted/by-hand/blobs/$layer")" 'status of the mounted blob'
}

mount_of_nothing() {
  same 202 "$(request "$WORK/h" -X POST "$URL/v2/mounted/by-hand/blobs/uploads/?mount=$small&from=no/such/repository")" status
  [[ -n $(header "$WORK/h" Location) ]]
}

mount_by_skopeo() {
  skopeo --debug --insecure-policy copy --preserve-digests --src-tls-verify=false --dest-tls-verify=false \
    "docker://$REGISTRY/large/image:v1" "docker://$REGISTRY/mounted/image:v1" >"$WORK/debug" 2>&1 || { tail "$WORK/debug"; return 1; }
  grep -q 'mount=' "$WORK/debug"
  same 1 "$(grep -c 'msg="PATCH ' "$WORK/debug")" 'PATCH requests, the only one being for the config'
  same "$(jq -r '.manifests[0].digest' "$layout/index.json")" \
    "$(skopeo inspect --no-tags --tls-verify=false --format '{{.Digest}}' "docker://$REGISTRY/mounted/image:v1")" digest
}

check 'a blob is mounted from another repository' mount_by_curl
check 'a mount of nothing begins an upload' mount_of_nothing
check 'skopeo copies between repositories without sending a layer' --needs skopeo mount_by_skopeo

# --- podman ------------------------------------------------------------------------------------------------------------------------------------

podman_pull() { engine podman pull -q "${plain[@]}" "$REGISTRY/large/image:v1"; }
podman_push() { engine podman push -q "${plain[@]}" "$REGISTRY/large/image:v1" "$REGISTRY/podman/second:v2"; }

podman_pull_again() {
  local config
  config=$(engine podman image inspect --format '{{.Id}}' "$REGISTRY/large/image:v1")
  engine podman rmi -f "$config"
  engine podman pull -q "${plain[@]}" "$REGISTRY/podman/second:v2"
  same "$(jq -r '.layers | length' "$layout/blobs/sha256/$(jq -r '.manifests[0].digest | ltrimstr("sha256:")' "$layout/index.json")")" \
    "$(engine podman image inspect --format '{{len .RootFS.Layers}}' "$REGISTRY/podman/second:v2")" layers
  engine podman rmi -f --all
}

check 'podman pulls' --needs podman podman_pull
check 'podman pushes to a second repository' --needs podman podman_push
check 'podman pulls what it pushed' --needs podman podman_pull_again

# --- buildah: an index of two platforms --------------------------------------------------------------------------------------------------------

build_platforms() {
  local arch
  engine buildah manifest create platforms
  for arch in amd64 arm64; do
    mkdir -p "$WORK/context"
    echo "hello from $arch" >"$WORK/context/hello"
    printf 'FROM scratch\nCOPY hello /hello\nCMD ["/hello"]\n' >"$WORK/context/Containerfile"
    engine buildah bud --isolation chroot --platform "linux/$arch" --signature-policy "$POLICY" -q \
      -t "platform:$arch" -f "$WORK/context/Containerfile" "$WORK/context"
    engine buildah manifest add platforms "localhost/platform:$arch"
  done
}

push_platforms() { engine buildah manifest push --all -q "${plain[@]}" platforms "docker://$REGISTRY/build/platforms:latest"; }

read_platforms() {
  skopeo inspect --raw --tls-verify=false "docker://$REGISTRY/build/platforms:latest" >"$WORK/index.json"
  same "$OCI_INDEX" "$(jq -r .mediaType "$WORK/index.json")" 'media type'
  same amd64,arm64 "$(jq -r '[.manifests[].platform.architecture] | sort | join(",")' "$WORK/index.json")" platforms
}

copy_platforms() {
  skopeo --insecure-policy copy --all --src-tls-verify=false --dest-tls-verify=false \
    "docker://$REGISTRY/build/platforms:latest" "docker://$REGISTRY/copied/platforms:latest"
  skopeo inspect --raw --tls-verify=false "docker://$REGISTRY/copied/platforms:latest" | cmp - "$WORK/index.json"
  skopeo --override-arch arm64 --override-os linux inspect --no-tags --tls-verify=false "docker://$REGISTRY/copied/platforms:latest" |
    jq -e '.Architecture == "arm64"'
}

check 'buildah builds for two platforms' --needs buildah build_platforms
check 'buildah pushes an index' --needs buildah push_platforms
check 'skopeo reads the index' --needs 'buildah skopeo' read_platforms
check 'skopeo copies the index with all its images' --needs 'buildah skopeo' copy_platforms

# --- docker and containerd ---------------------------------------------------------------------------------------------------------------------

source "$(dirname "${BASH_SOURCE[0]}")/daemons.sh"

# --- an artifact with a subject, by curl -------------------------------------------------------------------------------------------------------

put_blob() { # REPOSITORY FILE
  local digest
  digest=$(digest_of "$2")
  same 202 "$(request "$WORK/h" -X POST "$URL/v2/$1/blobs/uploads/")" 'status of POST'
  same 201 "$(request "$WORK/h" -T "$2" "$(with_digest "$(location "$WORK/h")" "$digest")")" 'status of PUT'
  same "$digest" "$(header "$WORK/h" Docker-Content-Digest)" digest
}

push_artifact() {
  local subject digest
  subject=$(jq -r '.manifests[0].digest' "$layout/index.json")
  printf '{}' >"$WORK/empty"
  printf '{"spdxVersion":"SPDX-2.3"}' >"$WORK/sbom"
  put_blob large/image "$WORK/empty"
  put_blob large/image "$WORK/sbom"
  jq -n --arg t "$OCI_MANIFEST" --arg s "$subject" --arg e "$(digest_of "$WORK/empty")" --arg b "$(digest_of "$WORK/sbom")" \
    --argjson ss "$(size_of "$layout/blobs/sha256/${subject#sha256:}")" --argjson bs "$(size_of "$WORK/sbom")" '{
      schemaVersion: 2, mediaType: $t, artifactType: "application/spdx+json",
      config: {mediaType: "application/vnd.oci.empty.v1+json", digest: $e, size: 2},
      layers: [{mediaType: "application/spdx+json", digest: $b, size: $bs, annotations: {"org.opencontainers.image.title": "sbom.json"}}],
      subject: {mediaType: $t, digest: $s, size: $ss}}' >"$WORK/artifact.json"
  digest=$(digest_of "$WORK/artifact.json")
  same 201 "$(request "$WORK/h" -X PUT -H "Content-Type: $OCI_MANIFEST" --data-binary "@$WORK/artifact.json" "$URL/v2/large/image/manifests/$digest")" status
  same "$subject" "$(header "$WORK/h" OCI-Subject)" OCI-Subject
  same "$digest" "$(header "$WORK/h" Docker-Content-Digest)" digest
  curl -fsS -H "Accept: $OCI_MANIFEST" "$URL/v2/large/image/manifests/$digest" | cmp - "$WORK/artifact.json"
}

upload_in_chunks() {
  local digest state
  head -c 3000000 "$small_file" >"$WORK/chunked"
  digest=$(digest_of "$WORK/chunked")
  same 202 "$(request "$WORK/h" -X POST "$URL/v2/chunks/app/blobs/uploads/")" 'status of POST'
  state=$(location "$WORK/h")
  head -c 2000000 "$WORK/chunked" >"$WORK/chunk"
  same 202 "$(request "$WORK/h" -X PATCH -H 'Content-Range: 0-1999999' --data-binary "@$WORK/chunk" "$state")" 'status of the first PATCH'
  same 0-1999999 "$(header "$WORK/h" Range)" range
  same 416 "$(request "$WORK/h2" -X PATCH -H 'Content-Range: 5-6' --data-binary "ab" "$(location "$WORK/h")")" 'status of a chunk out of order'
  tail -c +2000001 "$WORK/chunked" >"$WORK/chunk"
  same 202 "$(request "$WORK/h" -X PATCH -H "Content-Range: 2000000-$(($(size_of "$WORK/chunked") - 1))" --data-binary "@$WORK/chunk" "$(location "$WORK/h")")" \
    'status of the second PATCH'
  same 201 "$(request "$WORK/h" -X PUT "$(with_digest "$(location "$WORK/h")" "$digest")")" 'status of PUT'
  curl -fsSL "$URL/v2/chunks/app/blobs/$digest" | cmp - "$WORK/chunked"
}

check 'an artifact with a subject is accepted' push_artifact
check 'a blob is uploaded in chunks' upload_in_chunks

# --- without redirects -------------------------------------------------------------------------------------------------------------------------

direct_range() {
  same 206 "$(curl -sS -D "$WORK/h" -o "$WORK/part" -w '%{http_code}' -r 1000-1999 "$URL/v2/large/image/blobs/$small")" status
  same "bytes 1000-1999/$(size_of "$small_file")" "$(header "$WORK/h" Content-Range)" Content-Range
  cmp "$WORK/part" <(tail -c +1001 "$small_file" | head -c 1000)
  same 416 "$(request "$WORK/h" -r 99999999999- "$URL/v2/large/image/blobs/$small")" 'status of a range outside'
}

direct_pull() {
  skopeo --insecure-policy copy --src-tls-verify=false "docker://$REGISTRY/build/platforms:latest" "dir:$WORK/direct"
}

stop "$REGISTRY_PID"
start_registry Registry__Redirect__Enabled=false
check 'without redirects the bytes come directly' direct
check 'without redirects ranges work' direct_range
check 'without redirects skopeo pulls' --needs 'skopeo buildah' direct_pull

finish
