#!/usr/bin/env bash
# What people do after the first push: look around, copy inside the registry, build on an image, attach artifacts, delete. The registry logs its requests,
# so that what a client did not send can be counted.
#
#   STORAGE=local  on a folder in place of Azurite
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$(dirname "${BASH_SOURCE[0]}")/image.sh"

install_tools skopeo podman buildah umoci jq curl openssl
find_executable
start_storage
# The category is named in full: a shorter one would be outdone by the registry's own filter.
start_registry "${TELLING[@]}"

source_tls=--src-tls-verify=false target_tls=--dest-tls-verify=false

copy() { skopeo --insecure-policy copy -q --preserve-digests "$@"; }

get() { # PATH [CURL-ARGUMENTS...]
  local path=$1
  shift
  curl -fsS "$@" "$URL/v2/$path"
}

status() { # METHOD PATH [CURL-ARGUMENTS...]: the status; the answer's headers are in $WORK/h
  local method=(-X "$1") path=$2
  [[ $1 != HEAD ]] || method=(-I)
  shift 2
  request "$WORK/h" "${method[@]}" "$@" "$URL/v2/$path"
}

tags() { get "$1/tags/list" | jq -r '.tags | sort | join(",")'; } # REPOSITORY

# Every layer was mounted and none was sent: the only upload is the config's. The engines never mount that one.
only_mounts() { # REPOSITORY TAG LAYERS
  local config
  config=$(get "$1/manifests/$2" -H "Accept: $OCI_MANIFEST" | jq -r .config.digest)
  answers "$1" >"$WORK/answers"
  cat "$WORK/answers" # Shown if the check fails.
  same "$3" "$(grep -c '^POST .*mount=.* 201$' "$WORK/answers")" mounts
  same 1 "$(grep -c '^PATCH ' "$WORK/answers")" 'PATCH requests'
  same "${config/:/%3A}" "$(sed -n 's/^PUT .*[?&]digest=\([^& ]*\).* 201$/\1/p' "$WORK/answers")" 'uploaded digests'
}

# --- images ------------------------------------------------------------------------------------------------------------------------------------

make_small_layout() { # LAYOUT TAG
  local i
  for i in 1 2 3; do
    mkdir -p "$1.files"
    random_bytes $((100000 * i)) >"$1.files/data$i"
    tar -C "$1.files" --numeric-owner -cf "$1.$i.tar" "data$i"
    rm -r "$1.files"
    add_layer "$1" "$1.$i.tar" gzip
  done
  finish_layout "$1" "$2"
}

# Of a layout with one image.
blob_file() { echo "$1/blobs/sha256/${2#sha256:}"; } # LAYOUT DIGEST
manifest_digest() { jq -r '.manifests[0].digest' "$1/index.json"; }
manifest_file() { blob_file "$1" "$(manifest_digest "$1")"; }
config_file() { blob_file "$1" "$(jq -r .config.digest "$(manifest_file "$1")")"; }
layers_of() { jq -r '.layers[].digest' "$(manifest_file "$1")"; }

first=$WORK/first second=$WORK/second
make_small_layout "$first" image
make_small_layout "$second" image
app=docker://$REGISTRY/flows/app

push_images() {
  copy "$target_tls" "oci:$first:image" "$app:v1"
  copy "$target_tls" "oci:$first:image" "$app:v1-alias"
  copy "$target_tls" "oci:$second:image" "$app:v2"
}
check 'skopeo pushes two images under three tags' --needs skopeo push_images

# --- looking around ----------------------------------------------------------------------------------------------------------------------------

list_tags() {
  same 'flows/app v1,v1-alias,v2' "$(skopeo list-tags --tls-verify=false "$app" |
    jq -r --arg r "$REGISTRY/" '(.Repository | ltrimstr($r)) + " " + (.Tags | join(","))')" list
}

list_tags_of_nothing() {
  refuses skopeo list-tags --tls-verify=false "docker://$REGISTRY/flows/nothing" 2>"$WORK/error"
  grep -qi 'not found\|unknown' "$WORK/error"
}

inspect() {
  skopeo inspect --tls-verify=false "$app:v2" >"$WORK/inspect.json"
  same "$(manifest_digest "$second")" "$(jq -r .Digest "$WORK/inspect.json")" digest
  same "$(layers_of "$second")" "$(jq -r '.Layers[]' "$WORK/inspect.json")" layers
  same v1,v1-alias,v2 "$(jq -r '.RepoTags | join(",")' "$WORK/inspect.json")" tags
  same linux/amd64 "$(jq -r '.Os + "/" + .Architecture' "$WORK/inspect.json")" platform
}

inspect_raw() { skopeo inspect --raw --tls-verify=false "$app:v2" | cmp - "$(manifest_file "$second")"; }
inspect_by_digest() { skopeo inspect --raw --tls-verify=false "$app@$(manifest_digest "$first")" | cmp - "$(manifest_file "$first")"; }
inspect_config() { skopeo inspect --config --raw --tls-verify=false "$app:v2" | cmp - "$(config_file "$second")"; }
inspect_nothing() { refuses skopeo inspect --raw --tls-verify=false "$app:no-such-tag"; }

check 'skopeo lists tags' --needs skopeo list_tags
check 'skopeo lists no tags of a repository that is not there' --needs skopeo list_tags_of_nothing
check 'skopeo inspects an image' --needs skopeo inspect
check 'skopeo inspects a manifest as it was pushed' --needs skopeo inspect_raw
check 'skopeo inspects by digest' --needs skopeo inspect_by_digest
check 'skopeo inspects a config as it was pushed' --needs skopeo inspect_config
check 'skopeo inspects no tag that is not there' --needs skopeo inspect_nothing

# --- from repository to repository -------------------------------------------------------------------------------------------------------------

# The clients know from a pull where a layer is.
skopeo_mounts() {
  copy "$source_tls" "$target_tls" "$app:v1" "docker://$REGISTRY/copies/skopeo:v1"
  only_mounts copies/skopeo v1 3
  get copies/skopeo/manifests/v1 -H "Accept: $OCI_MANIFEST" | cmp - "$(manifest_file "$first")"
}

skopeo_skips_what_is_there() {
  copy "$source_tls" "$target_tls" "$app:v1" "docker://$REGISTRY/copies/skopeo:again"
  same 3 "$(answers copies/skopeo | grep -c 'mount=')" 'mounts, all of them of the first copy'
  same again,v1 "$(tags copies/skopeo)" tags
}

engine_mounts() { # podman|buildah
  engine "$1" pull -q "${plain[@]}" "$REGISTRY/flows/app:v2"
  engine "$1" push -q "${plain[@]}" "$REGISTRY/flows/app:v2" "docker://$REGISTRY/copies/$1:v2"
  only_mounts "copies/$1" v2 3
  same "$(layers_of "$second")" "$(get "copies/$1/manifests/v2" -H "Accept: $OCI_MANIFEST" | jq -r '.layers[].digest')" layers
  engine podman rmi -f --all
}

check 'skopeo copies to another repository by mounts' --needs skopeo skopeo_mounts
check 'skopeo sends and mounts nothing that is there' --needs skopeo skopeo_skips_what_is_there
check 'podman pushes to another repository by mounts' --needs 'skopeo podman' engine_mounts podman
check 'buildah pushes to another repository by mounts' --needs 'skopeo podman buildah' engine_mounts buildah

# --- umoci -------------------------------------------------------------------------------------------------------------------------------------

umoci_builds() {
  umoci init --layout "$WORK/umoci"
  umoci new --image "$WORK/umoci:built"
  mkdir -p "$WORK/inserted/deep"
  random_bytes 200000 >"$WORK/inserted/deep/data"
  ln -s data "$WORK/inserted/deep/link"
  chmod 0640 "$WORK/inserted/deep/data"
  umoci insert --image "$WORK/umoci:built" "$WORK/inserted" /opt/inserted
  umoci unpack --image "$WORK/umoci:built" "$WORK/bundle"
  echo changed >"$WORK/bundle/rootfs/opt/changed"
  rm "$WORK/bundle/rootfs/opt/inserted/deep/link"
  umoci repack --image "$WORK/umoci:built" "$WORK/bundle"
  umoci config --image "$WORK/umoci:built" --config.label flow=umoci
  same 2 "$(umoci stat --image "$WORK/umoci:built" --json | jq '[.history[] | select(.layer)] | length')" layers
}

umoci_there_and_back() {
  copy "$target_tls" "oci:$WORK/umoci:built" "docker://$REGISTRY/flows/umoci:built"
  copy "$source_tls" "docker://$REGISTRY/flows/umoci:built" "oci:$WORK/umoci-back:built"
  umoci unpack --image "$WORK/umoci-back:built" "$WORK/bundle-back"
  diff -r --no-dereference "$WORK/bundle/rootfs" "$WORK/bundle-back/rootfs"
  cmp "$WORK/inserted/deep/data" "$WORK/bundle-back/rootfs/opt/inserted/deep/data"
  same 640 "$(stat -c %a "$WORK/bundle-back/rootfs/opt/inserted/deep/data")" mode
  refuses test -e "$WORK/bundle-back/rootfs/opt/inserted/deep/link"
  same umoci "$(skopeo inspect --config --tls-verify=false "docker://$REGISTRY/flows/umoci:built" | jq -r .config.Labels.flow)" label
}

check 'umoci builds an image of two layers' --needs umoci umoci_builds
check 'what umoci built comes back with the same files' --needs 'umoci skopeo' umoci_there_and_back

source "$(dirname "${BASH_SOURCE[0]}")/artifacts.sh"
finish
