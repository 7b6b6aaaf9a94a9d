#!/usr/bin/env bash
# The registry is killed (SIGKILL) at random moments of 50 pushes. Whatever it acknowledged must be there afterwards, and pushing again must succeed.
#
#   STORAGE=local  on a folder in place of Azurite
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$(dirname "${BASH_SOURCE[0]}")/image.sh"

PUSHES=${PUSHES:-50}
install_tools jq curl openssl
find_executable
start_storage
start_registry

acknowledged=$WORK/acknowledged # One line each: blob|manifest REPOSITORY DIGEST [TAG]
touch "$acknowledged"

# A request that must be answered with this status.
must() { # STATUS CURL-ARGUMENTS...
  local status expected=$1
  shift
  status=$(request "$headers" --max-time 120 "$@") || { echo "no answer: ${*: -1}"; return 1; }
  same "$expected" "$status" "status of ${*: -1}"
}

# Three ways to upload, because each writes in another order.
push_blob() { # REPOSITORY FILE whole|stream|chunks
  local digest size half
  digest=$(digest_of "$2")
  must 202 -X POST "$URL/v2/$1/blobs/uploads/" || return 1
  case $3 in
    whole) ;;
    stream) must 202 -X PATCH -H 'Transfer-Encoding: chunked' -T "$2" "$(location "$headers")" || return 1 ;;
    chunks)
      size=$(size_of "$2") half=$(($(size_of "$2") / 2))
      head -c "$half" "$2" >"$2.chunk"
      must 202 -X PATCH -H "Content-Range: 0-$((half - 1))" -T "$2.chunk" "$(location "$headers")" || return 1
      tail -c +$((half + 1)) "$2" >"$2.chunk"
      must 202 -X PATCH -H "Content-Range: $half-$((size - 1))" -T "$2.chunk" "$(location "$headers")" || return 1
      ;;
  esac
  if [[ $3 == whole ]]; then
    must 201 -T "$2" "$(with_digest "$(location "$headers")" "$digest")" || return 1
  else
    must 201 -X PUT "$(with_digest "$(location "$headers")" "$digest")" || return 1
  fi
  echo "blob $1 $digest" >>"$acknowledged"
}

push() { # REPOSITORY TAG FOLDER
  local headers=$3/headers digest
  push_blob "$1" "$3/config" whole || return 1
  push_blob "$1" "$3/layer1" stream || return 1
  push_blob "$1" "$3/layer2" "$( ((RANDOM % 2)) && echo whole || echo chunks)" || return 1
  must 201 -X PUT -H "Content-Type: $OCI_MANIFEST" --data-binary "@$3/manifest" "$URL/v2/$1/manifests/$2" || return 1
  digest=$(digest_of "$3/manifest")
  same "$digest" "$(header "$headers" Docker-Content-Digest)" digest || return 1
  echo "manifest $1 $digest $2" >>"$acknowledged"
}

make() { # FOLDER
  local i
  mkdir -p "$1"
  for i in 1 2; do random_bytes $(((RANDOM * 32768 + RANDOM) % 19000000 + 1000000)) >"$1/layer$i"; done
  jq -n --arg a "$(digest_of "$1/layer1")" --arg b "$(digest_of "$1/layer2")" \
    '{architecture: "amd64", os: "linux", config: {}, rootfs: {type: "layers", diff_ids: [$a, $b]}}' >"$1/config"
  jq -n --arg m "$OCI_MANIFEST" --arg ct "$OCI_CONFIG" --arg lt "$OCI_LAYER" \
    --arg c "$(digest_of "$1/config")" --argjson cs "$(size_of "$1/config")" \
    --arg a "$(digest_of "$1/layer1")" --argjson asize "$(size_of "$1/layer1")" \
    --arg b "$(digest_of "$1/layer2")" --argjson bsize "$(size_of "$1/layer2")" '{
      schemaVersion: 2, mediaType: $m, config: {mediaType: $ct, digest: $c, size: $cs},
      layers: [{mediaType: $lt, digest: $a, size: $asize}, {mediaType: $lt, digest: $b, size: $bsize}]}' >"$1/manifest"
}

verify() {
  local kind repository digest tag
  while read -r kind repository digest tag; do
    if [[ $kind == blob ]]; then
      same "$digest" "sha256:$(curl -fsSL "$URL/v2/$repository/blobs/$digest" | sha256sum | cut -d' ' -f1)" "blob in $repository"
    else
      same "$digest" "sha256:$(curl -fsS -H "Accept: $OCI_MANIFEST" "$URL/v2/$repository/manifests/$digest" | sha256sum | cut -d' ' -f1)" "manifest in $repository"
      same "$digest" "sha256:$(curl -fsS -H "Accept: $OCI_MANIFEST" "$URL/v2/$repository/manifests/$tag" | sha256sum | cut -d' ' -f1)" "tag $tag of $repository"
    fi
  done <"$acknowledged"
}

# The length of one push, by which the moments of the kills are chosen.
make "$WORK/push"
begin=${EPOCHREALTIME/./}
check 'a push without a kill' push kill/warm-up v1 "$WORK/push"
length=$((${EPOCHREALTIME/./} - begin))

in_flight=0 between=0 refused=0
for ((i = 1; i <= PUSHES; i++)); do
  rm -rf "$WORK/push"
  make "$WORK/push"
  # Five repositories, so that most pushes come to one that has content.
  repository=kill/app$((i % 5))
  begin=${EPOCHREALTIME/./}
  (trap - EXIT; push "$repository" "v$i" "$WORK/push" >"$WORK/push.log" 2>&1) &
  pusher=$!
  started_pids+=("$pusher")
  sleep "$(printf "0.%06d" $(((RANDOM * 32768 + RANDOM) % (length < 1200000 ? length * 3 / 4 : 900000))))"
  kill -KILL "$REGISTRY_PID"
  wait "$REGISTRY_PID" 2>/dev/null || true
  if wait "$pusher"; then
    between=$((between + 1))
    length=$(((length * 9 + ${EPOCHREALTIME/./} - begin) / 10))
  else
    in_flight=$((in_flight + 1))
  fi
  start_registry
  (trap - EXIT; push "$repository" "v$i" "$WORK/push" >"$WORK/push.log" 2>&1) || { refused=$((refused + 1)); cat "$WORK/push.log"; }
done

log "$PUSHES kills: $in_flight hit a push in flight, $between came after its end; $(grep -c ^blob "$acknowledged") blobs and $(grep -c ^manifest "$acknowledged") manifests acknowledged"
check 'kills hit pushes in flight' test "$in_flight" -ge $((PUSHES / 4))
check 'every push succeeds when it is made again' same 0 "$refused" 'refused pushes'
check 'every acknowledged blob, manifest and tag is there' verify
finish
