#!/usr/bin/env bash
# The image for Azure Container Apps: made on a base of Debian's packages, started as its configuration says, and pushed into the registry that runs in it; what is
# pulled from there starts in turn. Needs root; containers are mere folders (chroot), so that no engine and no name spaces are needed.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

IMAGE=localhost/registry:test BASE_IMAGE=localhost/base:test
USER_ID=1654
needed='buildah skopeo jq curl apt-get dpkg-deb'

if ((EUID != 0)); then
  if [[ ${CI:-} == true ]]; then fail 'the image is made and run (not root)'; else skip 'the image is made and run (not root)'; fi
  finish
  exit
fi
install_tools buildah skopeo jq curl

# Storage and policy of this script alone.
cat >"$WORK/storage.conf" <<TOML
[storage]
driver = "vfs"
graphroot = "$WORK/images"
runroot = "$WORK/images-run"
TOML
export CONTAINERS_STORAGE_CONF=$WORK/storage.conf BUILDAH_ISOLATION=chroot

# What Microsoft's runtime-deps has too, but for ICU, which the registry does without; and the settings of that image.
make_base() {
  local root=$WORK/base file
  mkdir -p "$root/tmp" "$WORK/packages"
  chmod 1777 "$root/tmp"
  cd "$WORK/packages"
  [[ -n $(apt-cache search --names-only '^libssl3') ]] || apt-get update -qq
  apt-get download -qq libc6 libgcc-s1 libstdc++6 zlib1g ca-certificates tzdata "$(apt-cache search --names-only '^libssl3(t64)?$' | cut -d ' ' -f 1)"
  for file in *.deb; do dpkg-deb -x "$file" "$root"; done
  printf 'FROM scratch\nCOPY . /\nENV ASPNETCORE_HTTP_PORTS=8080 DOTNET_RUNNING_IN_CONTAINER=true\n' >"$WORK/Containerfile"
  buildah build --quiet --file "$WORK/Containerfile" --tag "$BASE_IMAGE" "$root"
}

make_image() { BASE=$BASE_IMAGE SOURCE=https://registry.example.com/sources "$ROOT/infra/image.sh" "$IMAGE"; }

inspect() { skopeo inspect --config "containers-storage:$1" | jq -r "$2"; } # IMAGE FILTER

image_says_how_to_start_it() {
  same /app/Serverless.Functions "$(inspect "$IMAGE" '.config.Entrypoint | join(" ")')" 'entry point'
  same null "$(inspect "$IMAGE" '.config.Cmd')" command
  same "$USER_ID" "$(inspect "$IMAGE" .config.User)" user
  same 8080/tcp "$(inspect "$IMAGE" '.config.ExposedPorts | keys | join(" ")')" ports
}

image_says_what_it_is() {
  same MIT "$(inspect "$IMAGE" '.config.Labels["org.opencontainers.image.licenses"]')" licence
  same https://registry.example.com/sources "$(inspect "$IMAGE" '.config.Labels["org.opencontainers.image.source"]')" source
  same "$(dotnet msbuild "$ROOT/src/Serverless.Functions" -getProperty:Version)" "$(inspect "$IMAGE" '.config.Labels["org.opencontainers.image.version"]')" version
  same 1970-01-01T00:00:00Z "$(inspect "$IMAGE" .created)" 'time of making'
}

# Starts the image's entry point as the template does, in a container of its own. Sets CONTAINER, SERVER (its pid) and URL.
start_image() { # IMAGE
  local port command
  port=$(free_port)
  URL=http://127.0.0.1:$port
  CONTAINER=$(buildah from --pull-never "$1")
  mapfile -t command < <(inspect "$1" '.config.Entrypoint[]')
  buildah run --env "urls=$URL" --env "Registry__Storage__ConnectionString=$CONNECTION_STRING" "$CONTAINER" -- "${command[@]}" >>"$WORK/container.log" 2>&1 </dev/null &
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
  same Serverless.Func "$(<"/proc/$last/comm")" 'the last process' # The kernel keeps 15 characters.
  same "$USER_ID $USER_ID $USER_ID $USER_ID" "$(awk '/^Uid:/ { print $2, $3, $4, $5 }' "/proc/$last/status")" 'its user'
}

copy() { skopeo --policy "$POLICY" copy -q "$@"; }

it_holds_itself() {
  copy --dest-tls-verify=false --digestfile "$WORK/digest" "containers-storage:$IMAGE" "docker://${URL#http://}/self/registry:1"
  same "$(<"$WORK/digest")" "$(curl -fsSI -H "Accept: $OCI_MANIFEST" "$URL/v2/self/registry/manifests/1" | tr -d '\r' | awk 'tolower($1) == "docker-content-digest:" { print $2 }')"
}

it_comes_back() {
  copy --src-tls-verify=false "docker://${URL#http://}/self/registry:1" containers-storage:localhost/pulled:test
  same "$(inspect "$IMAGE" '.rootfs.diff_ids | join(" ")')" "$(inspect localhost/pulled:test '.rootfs.diff_ids | join(" ")')" layers
}

what_came_back_serves() {
  same self/registry "$(curl -fsS "$URL/v2/_catalog" | jq -r '.repositories | join(" ")')" 'what it holds'
  same 200 "$(request "$WORK/h" -H "Accept: $OCI_MANIFEST" "$URL/v2/self/registry/manifests/1")" 'its own manifest'
}

# A maintenance job of the template: the same image, another command.
its_tool_works() {
  local job
  job=$(sed -n "s/^ *'\(\/app\/[^']*\)'$/\1/p" "$ROOT/infra/modules/containerApps.bicep")
  buildah run --env "Registry__Storage__ConnectionString=$CONNECTION_STRING" "$CONTAINER" -- "$job" gc --quiet
  buildah run --env "Registry__Storage__ConnectionString=$CONNECTION_STRING" "$CONTAINER" -- "$job" tag history self/registry:1 | grep -F "$(<"$WORK/digest")"
}

log 'making the base and the image'
check 'a base is made of packages' --needs "$needed" make_base
check 'the image is made' --needs "$needed" make_image
check 'it says how it is started, by whom and on which port' --needs "$needed" image_says_how_to_start_it
check 'it says what it is' --needs "$needed" image_says_what_it_is
if ((failed + skipped > 0)); then finish; exit; fi
start_azurite
start_image "$IMAGE"
check 'it answers without being root' it_answers_without_being_root
check 'it is pushed into the registry that runs in it' it_holds_itself
check 'it comes back from there' it_comes_back
stop "$SERVER"
start_image localhost/pulled:test
check 'what came back starts and serves itself' what_came_back_serves
check 'its tool does the work of a job' its_tool_works
finish
