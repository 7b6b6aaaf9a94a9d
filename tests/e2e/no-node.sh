#!/usr/bin/env bash
# What README promises to those who have the .NET SDK and no Node.js: its first command runs a registry that keeps what is pushed, and its tests pass, those that need Node.js being skipped and saying so. In a
# clean clone of the last commit, and in an environment of its own: an empty home, and a PATH of links to all that this machine has, but for Node.js. Packages come from this machine's cache.
#
#   ALL_TESTS=true  README's second command, which is all tests; without it, the tests of two projects
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

install_tools curl jq git
clone=$WORK/clone

# --- a machine without Node.js -----------------------------------------------------------------------------------------------------------------

make_machine() {
  local folders folder
  mkdir -p "$WORK/bin" "$WORK/home/.nuget"
  IFS=: read -ra folders <<<"$PATH"
  for folder in "${folders[@]}"; do
    [[ ! -d $folder ]] || find "$folder/" -mindepth 1 -maxdepth 1 ! -name 'node*' ! -name 'np[mx]*' ! -name corepack -exec ln -st "$WORK/bin" {} + 2>/dev/null || true # The first of a name counts.
  done
  [[ ! -d $HOME/.nuget/NuGet ]] || ln -s "$HOME/.nuget/NuGet" "$WORK/home/.nuget/NuGet"
  packages=$(dotnet nuget locals global-packages --list)
  # Nothing of ours but what the package manager and the network need.
  mapfile -t kept < <(env | grep -E '^(NUGET_[A-Z_]*|SSL_CERT_[A-Z]*|DOTNET_ROOT|LANG|https?_proxy|HTTPS?_PROXY|no_proxy|NO_PROXY)=' || true)
  machine=(env -i "${kept[@]}" "PATH=$WORK/bin" "HOME=$WORK/home" "NUGET_PACKAGES=${packages#*: }" DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1)
}

there() { (cd "$clone" && "${machine[@]}" "$@"); } # COMMAND...

there_is_no_node() {
  local tool
  mkdir -p "$clone"
  for tool in node npm npx; do refuses there bash -c "command -v $tool"; done
  there bash -c 'command -v dotnet git'
}

clone_it() { GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*' git clone --quiet --no-local "$ROOT" "$clone"; }

# The commands of README, as they stand there.
command_of() { sed -n "s/^    \(dotnet $1 .*\)$/\1/p" "$clone/README.md" | head -n 1; } # VERB

# --- the first command -------------------------------------------------------------------------------------------------------------------------

# As somebody types it, save for the port, which may be taken.
run_it() {
  local port command
  port=$(free_port)
  URL=http://127.0.0.1:$port
  command=$(command_of run)
  same 'dotnet run --project src/Serverless.Server' "$command" "README's first command" || return 1
  (cd "$clone" && exec "${machine[@]}" "urls=$URL" bash -c "$command") >>"$WORK/run.log" 2>&1 </dev/null &
  RUN=$!
  started_pids+=("$RUN")
  # It is built first.
  wait_for_port "$port" "$RUN" 1200 || { tail -n 20 "$WORK/run.log"; return 1; }
}

it_runs() {
  same 200 "$(request "$WORK/h" "$URL/v2/")" status
  grep -F "No storage is set: everything is kept in $clone/.registry" "$WORK/run.log"
  same '' "$(cd "$clone" && git status --porcelain)" 'what git sees of it'
}

push_blob() { # FILE
  same 201 "$(request "$WORK/h" -X POST -H 'Content-Type: application/octet-stream' --data-binary "@$1" "$URL/v2/team/app/blobs/uploads/?digest=$(digest_of "$1")")" "status of the push of $1"
}

push_image() {
  echo '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}' >"$WORK/config"
  head -c 20000000 /dev/urandom >"$WORK/layer"
  push_blob "$WORK/config"
  push_blob "$WORK/layer"
  jq -n --arg type "$OCI_MANIFEST" --arg configType "$OCI_CONFIG" --arg layerType "$OCI_LAYER" --arg config "$(digest_of "$WORK/config")" --arg layer "$(digest_of "$WORK/layer")" \
    --argjson configSize "$(size_of "$WORK/config")" --argjson layerSize "$(size_of "$WORK/layer")" \
    '{schemaVersion: 2, mediaType: $type, config: {mediaType: $configType, digest: $config, size: $configSize}, layers: [{mediaType: $layerType, digest: $layer, size: $layerSize}]}' >"$WORK/manifest"
  same 201 "$(request "$WORK/h" -X PUT -H "Content-Type: $OCI_MANIFEST" --data-binary "@$WORK/manifest" "$URL/v2/team/app/manifests/v1")" 'status of the push'
}

pull_image() {
  curl -fsS -H "Accept: $OCI_MANIFEST" "$URL/v2/team/app/manifests/v1" | cmp - "$WORK/manifest"
  curl -fsS "$URL/v2/team/app/blobs/$(digest_of "$WORK/config")" | cmp - "$WORK/config"
  curl -fsS "$URL/v2/team/app/blobs/$(digest_of "$WORK/layer")" | cmp - "$WORK/layer"
}

# The operator's tool, as README calls it, beside the server.
tool_works_there() {
  local command
  command=$(sed -n 's/^    \(dotnet run .* scopes set .*\)$/\1/p' "$clone/README.md")
  there bash -c "$command" 2>&1 | tee "$WORK/tool.log"
  grep -F "No storage is set: using $clone/.registry." "$WORK/tool.log"
}

# --- the second ---------------------------------------------------------------------------------------------------------------------------------

counter() { cat "$1"/*.trx | grep -o '<Counters [^>]*' | grep -o " $2=\"[0-9]*\"" | tr -dc '0-9\n' | awk '{ sum += $1 } END { print sum + 0 }'; } # FOLDER NAME

# Passes if none fails, at least so many pass and at least so many are skipped, for want of Node.js.
tests_pass() { # PASSED SKIPPED DOTNET-TEST-ARGUMENTS...
  local folder=$WORK/results total executed passing
  rm -rf "$folder"
  there dotnet test "${@:3}" --nologo --logger trx --results-directory "$folder" || { cat "$folder"/*.trx | grep -m 20 -A 5 'outcome="Failed"'; return 1; }
  total=$(counter "$folder" total) executed=$(counter "$folder" executed) passing=$(counter "$folder" passed)
  echo "$passing passed, $((total - executed)) skipped" | tee "$WORK/counts"
  ((passing >= $1 && total - executed >= $2))
  (($2 == 0)) || grep -q 'It needs Azurite, and with it Node.js: there is no npx.' "$folder"/*.trx
}

all_tests() {
  local command
  command=$(command_of test)
  same 'dotnet test Serverless.sln' "$command" "README's second command"
  tests_pass 3000 300 Serverless.sln
}

# Where everything must be tested, nothing is skipped for want of a tool.
tests_fail_in_ci() {
  refuses there env CI=true dotnet test tests/Serverless.AzureStorage.Tests --no-build --nologo --filter FullyQualifiedName~AzureTaskClaimTests >"$WORK/ci.log"
  grep -F 'npx was not found' "$WORK/ci.log"
}

make_machine
check 'there is no Node.js' there_is_no_node
rmdir "$clone"
check 'the last commit is cloned' clone_it
if ((failed == 0)); then log 'running it'; fi
if ((failed > 0)) || ! run_it; then fail 'the first command runs a registry'; finish; exit; fi
check 'the first command runs a registry on a folder' it_runs
check 'an image is pushed' push_image
check 'it is pulled' pull_image
check "the operator's tool works on the same folder" tool_works_there
stop "$RUN"
log 'running it again'
if run_it; then check 'it is there when the command is run again' pull_image; else fail 'it is there when the command is run again'; fi
stop "$RUN"
log 'running tests'
if [[ ${ALL_TESTS:-} == true ]]; then
  check 'the second command passes, without what needs Node.js' all_tests
  log "$(<"$WORK/counts")"
else
  check 'tests of storage in a folder pass' tests_pass 20 0 tests/Serverless.LocalStorage.Tests
  check 'tests of storage on Azure pass, without what needs Node.js' tests_pass 20 20 tests/Serverless.AzureStorage.Tests
fi
check 'in CI they fail' tests_fail_in_ci
finish
