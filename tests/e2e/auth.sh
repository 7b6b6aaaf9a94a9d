#!/usr/bin/env bash
# Signing in with real clients: tokens from the registry's own token service, then htpasswd. Accounts are made by the operator's tool, as an operator does.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/image.sh"

install_tools skopeo podman jq curl openssl htpasswd=apache2-utils
find_executable
start_azurite

PASSWORD='correct horse'

build_tool
mkdir -p "$WORK/files"
random_bytes 100000 >"$WORK/files/data"
tar -C "$WORK/files" -cf "$WORK/layer.tar" data
cp "$WORK/layer.tar" "$WORK/import.tar"
add_layer "$WORK/image" "$WORK/layer.tar" gzip
finish_layout "$WORK/image" v1
export REGISTRY_AUTH_FILE=$WORK/auth.json

push() { skopeo --insecure-policy copy -q --dest-tls-verify=false "$@" "oci:$WORK/image:v1" "docker://$REGISTRY/$repository:v1"; } # SKOPEO-ARGUMENTS...
pull() { rm -rf "$WORK/pulled"; skopeo --insecure-policy copy -q --src-tls-verify=false "$@" "docker://$REGISTRY/$repository:v1" "oci:$WORK/pulled:v1"; }
status() { curl -sS -o /dev/null -w '%{http_code}' "$@"; }
body() { curl -sS "$@"; }

podman_flow() { # PASSWORD
  local image=$REGISTRY/team/podman:v1
  engine podman login --tls-verify=false -u alice --password-stdin "$REGISTRY" <<<"$1"
  engine podman import -q "$WORK/import.tar" "$image"
  engine podman push -q "${plain[@]}" "$image"
  engine podman rmi -f --all
  engine podman pull -q "${plain[@]}" "$image"
  engine podman rmi -f --all
  engine podman logout "$REGISTRY"
  refuses engine podman pull -q "${plain[@]}" "$image"
}

# --- tokens --------------------------------------------------------------------------------------------------------------------------------------

start_registry Registry__Auth__Mode=token 'Registry__Auth__Anonymous__0=public/*:pull'

make_accounts() {
  tool scopes set team 'team/*:pull,push,delete' 'public/*:pull,push'
  tool users add alice --scope team <<<"$PASSWORD"
  tool robots add ci --scope team --expires 1d >"$WORK/robot"
  same 1 "$(wc -l <"$WORK/robot")" 'lines of the robot'"'"'s password'
}
check 'the operator'"'"'s tool makes a scope map, a user and a robot' make_accounts
check 'token: podman logs in, pushes, pulls and logs out' --needs podman podman_flow "$PASSWORD"
check 'token: podman does not log in with a wrong password' --needs podman refuses engine podman login --tls-verify=false -u alice --password-stdin "$REGISTRY" <<<'wrong'

repository=team/app
check 'token: skopeo pushes with a user'"'"'s password' --needs skopeo push --dest-creds "alice:$PASSWORD"
check 'token: skopeo pulls with a robot'"'"'s password' --needs skopeo pull --src-creds "ci:$(cat "$WORK/robot")"
check 'token: skopeo does not pull without a password' --needs skopeo refuses pull --src-no-creds
check 'token: skopeo does not push with a wrong password' --needs skopeo refuses push --dest-creds 'alice:wrong'
repository=other/app
check 'token: skopeo does not push where the user may not' --needs skopeo refuses push --dest-creds "alice:$PASSWORD"
repository=public/app
check 'token: skopeo pushes to a public repository' --needs skopeo push --dest-creds "alice:$PASSWORD"
check 'token: skopeo pulls from a public repository without a password' --needs skopeo pull --src-no-creds
check 'token: skopeo does not push to a public repository without a password' --needs skopeo refuses push --dest-no-creds

alike() { # PATH PATH
  same "$(status "$URL$1")" "$(status "$URL$2")" status
  same "$(body "$URL$1")" "$(body "$URL$2")" body
}
check 'token: a private repository answers as a missing one does' alike /v2/team/app/manifests/v1 /v2/team/none/manifests/v1

rotate() {
  tool robots rotate ci >"$WORK/robot2"
  repository=team/app
  pull --src-creds "ci:$(cat "$WORK/robot")"
  pull --src-creds "ci:$(cat "$WORK/robot2")"
}
check 'token: both passwords of a robot work after a rotation' --needs skopeo rotate

lock() {
  tool users disable alice
  repository=team/app
  refuses pull --src-creds "alice:$PASSWORD"
  tool users enable alice
  pull --src-creds "alice:$PASSWORD"
}
check 'token: a user who is disabled gets no token' --needs skopeo lock

over_api() {
  tool scopes set operators 'registry:admin:*' 'registry:catalog:*' 'team/*:*'
  tool users add olga --scope operators <<<"$PASSWORD"
  olga() { tool_over_api olga "$PASSWORD" "$@"; }
  same "$(tool users list | cut -f 1-3)" "$(olga users list | cut -f 1-3)" users
  # The tool on storage does not know the registry's settings, in which there is one more.
  same "$(tool scopes list)" "$(olga scopes list | grep -v 'configuration$')" 'scope maps'
  olga robots add nightly --scope team --expires 1d >"$WORK/robot3"
  repository=team/app
  pull --src-creds "nightly:$(cat "$WORK/robot3")"
  same "$(tool repository list)" "$(olga repository list)" repositories
  same "$(tool tag list team/app | cut -f 1-4)" "$(olga tag list team/app | cut -f 1-4)" tags
  olga tag remove team/app:v1
  refuses pull --src-creds "alice:$PASSWORD"
  olga undelete team/app v1
  pull --src-creds "alice:$PASSWORD"
  olga tag history team/app:v1 >"$WORK/history"
  grep -q 'olga$' "$WORK/history"
  olga robots remove nightly
  refuses pull --src-creds "nightly:$(cat "$WORK/robot3")"
}
check 'token: the tool works over the API without storage' --needs skopeo over_api

over_api_refused() {
  local code=0
  tool_over_api alice "$PASSWORD" users list 2>"$WORK/said" || code=$?
  same 1 "$code" 'exit code without the right'
  grep -q 'it needs the right registry:admin:\*' "$WORK/said"
  code=0
  tool_over_api olga wrong users list 2>"$WORK/said" || code=$?
  same 1 "$code" 'exit code with a wrong password'
  grep -q 'does not let olga sign in' "$WORK/said"
  code=0
  tool_over_api olga "$PASSWORD" gc 2>"$WORK/said" || code=$?
  same 2 "$code" 'exit code of a command that needs storage'
}
check 'token: the tool over the API says what it lacks' over_api_refused

secrets() {
  refuses grep -F -e "$PASSWORD" -e "$(cat "$WORK/robot")" -e 'eyJ' "$WORK/registry.log"
  grep -q 'Refused: ' "$WORK/registry.log"
  grep -q 'alice (token)' "$WORK/registry.log"
}
check 'token: the log has the decisions and no secrets' secrets
stop "$REGISTRY_PID"

# --- htpasswd ------------------------------------------------------------------------------------------------------------------------------------

htpasswd -Bbn alice "$PASSWORD" >"$WORK/htpasswd"
start_registry Registry__Auth__Mode=basic "Registry__Auth__Basic__HtpasswdPath=$WORK/htpasswd" 'Registry__Auth__Basic__Rights__alice__0=team/*:*' \
  'Registry__Auth__Anonymous__0=public/*:pull'

check 'basic: podman logs in, pushes, pulls and logs out' --needs podman podman_flow "$PASSWORD"
repository=team/app
check 'basic: skopeo pulls with a password' --needs skopeo pull --src-creds "alice:$PASSWORD"
check 'basic: skopeo does not pull without one' --needs skopeo refuses pull --src-no-creds
check 'basic: skopeo does not pull with a wrong one' --needs skopeo refuses pull --src-creds 'alice:wrong'
repository=public/app
check 'basic: skopeo pulls from a public repository without a password' --needs skopeo pull --src-no-creds

changed() {
  repository=team/app
  htpasswd -Bbn bob 'another horse' >"$WORK/htpasswd"
  sleep 6
  refuses pull --src-creds "alice:$PASSWORD"
  same 403 "$(status -u 'bob:another horse' "$URL/v2/team/app/manifests/v1")" 'status of a user without rights'
}
check 'basic: a changed file counts within seconds' --needs skopeo changed

finish
