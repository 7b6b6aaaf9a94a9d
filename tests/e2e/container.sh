#!/usr/bin/env bash
# The container image: made from the native executable, started as its configuration says, and pushed into the registry that runs in it; what is pulled from there starts
# in turn. Needs root; containers are mere folders (chroot), so that no engine and no name spaces are needed.
#
#   NATIVE=DIR    the published server; without it, it is published first
#   IMAGE_MIB=45  how large its layers may be, compressed
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

IMAGE=localhost/registry:test
IMAGE_MIB=${IMAGE_MIB:-45}
USER_ID=1654
# What is not published yet is linked by clang, with zlib.
needed='buildah skopeo jq curl'
[[ -n ${NATIVE:-} ]] || needed+=' clang'

if ((EUID != 0)); then
  if [[ ${CI:-} == true ]]; then fail 'the image is made and run (not root)'; else skip 'the image is made and run (not root)'; fi
  finish
  exit
fi
# shellcheck disable=SC2086
install_tools $needed
[[ -n ${NATIVE:-} || -e /usr/lib/x86_64-linux-gnu/libz.so ]] || install_tools zlib=zlib1g-dev

# Storage and policy of this script alone.
cat >"$WORK/storage.conf" <<TOML
[storage]
driver = "vfs"
graphroot = "$WORK/images"
runroot = "$WORK/images-run"
TOML
export CONTAINERS_STORAGE_CONF=$WORK/storage.conf BUILDAH_ISOLATION=chroot

make_image() { SOURCE=https://registry.example.com/sources "$ROOT/infra/image.sh" "$IMAGE"; }

inspect() { skopeo inspect --config "containers-storage:$1" | jq -r "$2"; } # IMAGE FILTER

image_says_how_to_start_it() {
  same /app/Serverless.Server "$(inspect "$IMAGE" '.config.Entrypoint | join(" ")')" 'entry point'
  same null "$(inspect "$IMAGE" '.config.Cmd')" command
  same "$USER_ID:$USER_ID" "$(inspect "$IMAGE" .config.User)" user
  same 8080/tcp "$(inspect "$IMAGE" '.config.ExposedPorts | keys | join(" ")')" ports
  same '/data /data' "$(inspect "$IMAGE" '.config.WorkingDir + " " + (.config.Volumes | keys | join(" "))')" 'working directory and volumes'
}

image_says_what_it_is() {
  same MIT "$(inspect "$IMAGE" '.config.Labels["org.opencontainers.image.licenses"]')" licence
  same https://registry.example.com/sources "$(inspect "$IMAGE" '.config.Labels["org.opencontainers.image.source"]')" source
  same "$(dotnet msbuild "$ROOT/src/Serverless.Server" -getProperty:Version)" "$(inspect "$IMAGE" '.config.Labels["org.opencontainers.image.version"]')" version
  same 1970-01-01T00:00:00Z "$(inspect "$IMAGE" .created)" 'time of making'
}

# Starts the image's entry point as the template does, in a container of its own. Sets CONTAINER, SERVER (its pid) and URL. The storage is Azurite's, unless options say otherwise.
start_image() { # IMAGE [OPTION-OF-BUILDAH-RUN...]
  local port command options=("${@:2}")
  ((${#options[@]})) || options=(--env "Registry__Storage__ConnectionString=$CONNECTION_STRING")
  port=$(free_port)
  URL=http://127.0.0.1:$port
  CONTAINER=$(buildah from --pull-never "$1")
  mapfile -t command < <(inspect "$1" '.config.Entrypoint[]')
  buildah run --env "urls=$URL" "${options[@]}" "$CONTAINER" -- "${command[@]}" >>"$WORK/container.log" 2>&1 </dev/null &
  SERVER=$!
  started_pids+=("$SERVER")
  wait_for_port "$port" "$SERVER" 30 || { log 'the container did not start:'; tail "$WORK/container.log"; return 1; }
}

it_answers_without_being_root() {
  local last
  same 200 "$(request "$WORK/h" "$URL/")" 'the answer to the probe'
  same 200 "$(request "$WORK/h" "$URL/v2/")" 'the answer to /v2/'
  # buildah starts itself, which starts the app.
  last=$(tree "$SERVER" | tail -n 1)
  same Serverless.Serv "$(<"/proc/$last/comm")" 'the last process' # The kernel keeps 15 characters.
  same "$USER_ID $USER_ID $USER_ID $USER_ID" "$(awk '/^Uid:/ { print $2, $3, $4, $5 }' "/proc/$last/status")" 'its user'
}

copy() { skopeo --policy "$POLICY" copy -q "$@"; }

it_holds_itself() {
  copy --dest-tls-verify=false --digestfile "$WORK/digest" "containers-storage:$IMAGE" "docker://${URL#http://}/self/registry:1"
  same "$(<"$WORK/digest")" "$(curl -fsSI -H "Accept: $OCI_MANIFEST" "$URL/v2/self/registry/manifests/1" | tr -d '\r' | awk 'tolower($1) == "docker-content-digest:" { print $2 }')"
}

it_is_small() {
  local size
  size=$(curl -fsS -H "Accept: $OCI_MANIFEST" "$URL/v2/self/registry/manifests/1" | jq '[.layers[].size] | add')
  echo "$size bytes"
  ((size <= IMAGE_MIB << 20))
}

it_holds_one_executable_and_no_shell() {
  local root
  # A container that has not run: running adds files of its own.
  root=$(buildah mount "$(buildah from --pull-never "$IMAGE")")
  same /app/Serverless.Server "$(cd "$root" && find . -type f -perm /111 -not -path './lib64/*' -printf '/%P\n')" 'executables'
}

# On a file system that nothing can be written to. Its name space of mounts is its own.
it_needs_no_writing() {
  local root port pid
  root=$(buildah mount "$CONTAINER")
  port=$(free_port)
  mkdir -p "$root/dev" # As engines do; random numbers come from there.
  unshare --mount bash -c 'mount --bind "$1" "$1" && mount --rbind /dev "$1/dev" && mount -o remount,bind,ro "$1" && exec env -i "PATH=$PATH" "urls=$2" "Registry__Storage__ConnectionString=$3" \
    chroot --userspec="$4:$4" "$1" /app/Serverless.Server' - "$root" "http://127.0.0.1:$port" "$CONNECTION_STRING" "$USER_ID" >>"$WORK/read-only.log" 2>&1 </dev/null &
  pid=$!
  wait_for_port "$port" "$pid" 30 || { cat "$WORK/read-only.log"; return 1; }
  same 201 "$(request "$WORK/h" -X POST --data-binary hello "http://127.0.0.1:$port/v2/read/only/blobs/uploads/?digest=$(digest_of <(printf hello))")" 'the answer to a push'
  stop "$pid"
}

it_comes_back() {
  copy --src-tls-verify=false "docker://${URL#http://}/self/registry:1" containers-storage:localhost/pulled:test
  same "$(inspect "$IMAGE" '.rootfs.diff_ids | join(" ")')" "$(inspect localhost/pulled:test '.rootfs.diff_ids | join(" ")')" layers
}

what_came_back_serves() {
  same self/registry "$(curl -fsS "$URL/v2/_catalog" | jq -r '.repositories | join(" ")')" 'what it holds'
  same 200 "$(request "$WORK/h" -H "Accept: $OCI_MANIFEST" "$URL/v2/self/registry/manifests/1")" 'its own manifest'
}

# A maintenance job of a container platform: the same image, with a task's name.
it_does_the_work_of_a_job() {
  buildah run --env "Registry__Storage__ConnectionString=$CONNECTION_STRING" "$CONTAINER" -- /app/Serverless.Server --run-task CollectGarbage >"$WORK/job.log"
  grep -F 'repositories reviewed' "$WORK/job.log"
  refuses buildah run "$CONTAINER" -- /app/Serverless.Server --run-task Sweep
}

# Not told of any storage, it keeps everything in its volume. buildah makes that beside the container, whatever else is mounted in that place.
it_keeps_everything_in_its_volume() {
  local blob volume
  blob=$(digest_of <(printf hello))
  same 201 "$(request "$WORK/h" -X POST --data-binary hello "$URL/v2/in/volume/blobs/uploads/?digest=$blob")" 'the answer to a push'
  same hello "$(curl -fsS "$URL/v2/in/volume/blobs/$blob")" 'what was pushed'
  volume=$(dirname "$(find "$WORK/images" -path '*/buildah-volumes/*' -name .registry)")
  same "700 $USER_ID" "$(stat -c '%a %u' "$volume/.registry")" 'mode and owner of the folder'
  [[ -f $volume/.registry/registry.db ]]
  same 1 "$(find "$volume/.registry/objects" -type f -size 5c | wc -l)" 'objects of five bytes'
  echo "$volume" >"$WORK/volume.path"
}

another_container_goes_on_with_it() {
  same hello "$(curl -fsS "$URL/v2/in/volume/blobs/$(digest_of <(printf hello))")" 'what was pushed'
}

# The image's own folder, as an engine copies it into a volume that it makes.
its_volume_is_for_its_user() {
  local root
  root=$(buildah mount "$(buildah from --pull-never "$IMAGE")")
  same "$USER_ID $USER_ID" "$(stat -c '%u %g' "$root/data")" 'owner of /data'
}

log 'making the image'
check 'the image is made' --needs "$needed" make_image
check 'it says how it is started, by whom and on which port' --needs "$needed" image_says_how_to_start_it
check 'it says what it is' --needs "$needed" image_says_what_it_is
if ((failed + skipped > 0)); then finish; exit; fi
start_azurite
start_image "$IMAGE"
check 'it answers without being root' it_answers_without_being_root
check 'it is pushed into the registry that runs in it' it_holds_itself
check "its layers have at most $IMAGE_MIB MiB" it_is_small
check 'it holds one executable and no shell' it_holds_one_executable_and_no_shell
check 'it works where nothing can be written' it_needs_no_writing
check 'it comes back from there' it_comes_back
stop "$SERVER"
start_image localhost/pulled:test
check 'what came back starts and serves itself' what_came_back_serves
check 'it does the work of a job' it_does_the_work_of_a_job
stop "$SERVER"
check 'its volume is for its user' its_volume_is_for_its_user
start_image "$IMAGE" --env Logging__LogLevel__Default=Information
check 'without storage it keeps everything in its volume' it_keeps_everything_in_its_volume
stop "$SERVER"
if [[ -f $WORK/volume.path ]]; then
  cp -a "$(<"$WORK/volume.path")" "$WORK/volume"
  start_image "$IMAGE" --volume "$WORK/volume:/elsewhere" --env Registry__Storage__Path=/elsewhere/.registry
  check 'another container goes on with a copy of it' another_container_goes_on_with_it
fi
finish
