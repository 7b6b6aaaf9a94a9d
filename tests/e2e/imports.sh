#!/usr/bin/env bash
# Imports by the API: the walk of docs/api.md, from Debian's docker-registry; then one whose server is killed in the middle of a layer, and goes on.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/image.sh"

IMPORT_MIB=${IMPORT_MIB:-224}
ACCOUNT=ann
PASSWORD='correct horse battery'
SERVICE=registry.test

install_tools skopeo jq curl openssl docker-registry
find_executable
start_azurite
build_tool

start_slow_peer() {
  start_peer
  local port=${PEER##*:}
  # It is asked by way of somebody who is slow enough to be watched, and writes down what was asked for.
  node "$ROOT/tests/e2e/throttle.mjs" "$port" $((24 << 20)) "$WORK/asked" >"$WORK/throttle.port" &
  started_pids+=("$!")
  until [[ -s $WORK/throttle.port ]]; do sleep 0.05; done
  SLOW=127.0.0.1:$(cat "$WORK/throttle.port")
}

push() { skopeo --insecure-policy copy -q --dest-tls-verify=false "$@"; }
serve() { start_registry Registry__Auth__Mode=token "Registry__Auth__Token__Service=$SERVICE" Registry__Outbound__Allow__0=127.0.0.1; }

fill_peer() {
  make_layout "$WORK/small" 2 gzip
  push "oci:$WORK/small:v1" "docker://$PEER/org/app:v1"
  random_bytes $((IMPORT_MIB << 20)) >"$WORK/layer"
  add_layer "$WORK/large" "$WORK/layer"
  finish_layout "$WORK/large" v1
  push "oci:$WORK/large:v1" "docker://$PEER/org/large:v1"
  # Clients pack layers on the way.
  skopeo inspect --raw --no-tags --tls-verify=false "docker://$PEER/org/large:v1" | jq -r '.layers[0].digest' >"$WORK/layer.digest"
}

add_account() {
  tool scopes set team 'team/*:pull,push,delete' 'registry:catalog:*' && tool scopes set readers 'team/*:pull' && tool scopes set admins 'registry:admin:*' || return 1
  tool users add "$ACCOUNT" --scope team <<<"$PASSWORD" && tool users add bob --scope readers <<<"$PASSWORD" && tool users add root --scope admins <<<"$PASSWORD"
}

token() { # ACCOUNT SCOPE
  curl -fsS -u "$1:$PASSWORD" "$URL/token?service=$SERVICE&scope=$2" | jq -r .token
}

api() { # METHOD PATH CURL-ARGUMENTS...
  curl -sS -X "$1" -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' "${@:3}" "$URL/api/v1/$2"
}

# The commands of a walk in the document, one after the other; each has to succeed.
walk() { # NAME
  sed -n "/^<!-- walk $1 -->\$/,/^\`\`\`\$/p" "$ROOT/docs/api.md" | sed '1,2d;$d' >"$WORK/walk.sh"
  (($(grep -c curl "$WORK/walk.sh") >= 8)) || { echo 'the walk is not there'; return 1; }
  REGISTRY=$URL SERVICE=$SERVICE ACCOUNT=$ACCOUNT PASSWORD=$PASSWORD SOURCE=http://$PEER/org/app:v1 bash -eu -o pipefail "$WORK/walk.sh" >"$WORK/walk.out" || { cat "$WORK/walk.out"; return 1; }
}
walks_through_imports() {
  walk imports || return 1
  grep -q '"state":"succeeded"' "$WORK/walk.out" && grep -q '"state":"cancelled"' "$WORK/walk.out" || { cat "$WORK/walk.out"; return 1; }
}
# Of the image that was imported.
walks_through_repositories() {
  walk repositories || return 1
  grep -q '"repositories":\["team/app"' "$WORK/walk.out" && grep -q '"kind":"image"' "$WORK/walk.out" && grep -q '"tags":\["stable"\]' "$WORK/walk.out" || { cat "$WORK/walk.out"; return 1; }
}
walks_through_administration() {
  ACCOUNT=root walk administration || return 1
  grep -q '"pattern":"\*","hard":10737418240' "$WORK/walk.out" && grep -q '"undelivered":\[\]' "$WORK/walk.out" && grep -q '"action":"quota.delete"' "$WORK/walk.out" || { cat "$WORK/walk.out"; return 1; }
}
has_what_it_imported() {
  skopeo --insecure-policy copy -q --src-tls-verify=false --src-creds "bob:$PASSWORD" "docker://$REGISTRY/team/app:v1" "dir:$WORK/back"
  same "$(digest_of <(skopeo inspect --raw --no-tags --tls-verify=false "docker://$PEER/org/app:v1"))" "$(digest_of "$WORK/back/manifest.json")" digest
}
refuses_who_may_only_pull() {
  local TOKEN
  TOKEN=$(token bob repository:team/app:pull,push)
  same 401 "$(request "$WORK/h" -X POST -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d "{\"source\":\"http://$PEER/org/app:v1\",\"target\":\"team/app\"}" "$URL/api/v1/imports")" status
  header "$WORK/h" WWW-Authenticate | grep -q 'scope="repository:team/app:pull,push"'
  same application/problem+json "$(header "$WORK/h" Content-Type)" type
}

goes_on_after_a_kill() {
  local TOKEN id i state asked
  TOKEN=$(token "$ACCOUNT" repository:team/large:pull,push)
  id=$(api POST imports -d "{\"source\":\"http://$SLOW/org/large:v1\",\"target\":\"team/large\"}" | jq -r .id)
  for ((i = 0; i < 200; i++)); do
    if grep -q "GET /v2/org/large/blobs/$(cat "$WORK/layer.digest") -" "$WORK/asked"; then break; fi
    sleep 0.05
  done
  # Some 140 of 224 MiB have come by then: two parts of 64.
  sleep 6
  kill -KILL "$(cat "$WORK/first")"
  serve
  echo "$REGISTRY_PID" >"$WORK/second"
  TOKEN=$(token "$ACCOUNT" repository:team/large:pull,push)
  state=$(api GET "imports/$id" -H 'Prefer: wait=60')
  echo "$state"
  same succeeded "$(jq -r .state <<<"$state")" state || return 1
  same "$(digest_of <(skopeo inspect --raw --no-tags --tls-verify=false "docker://$PEER/org/large:v1"))" "$(digest_of <(curl -fsS -H "Authorization: Bearer $TOKEN" -H "Accept: $OCI_MANIFEST" "$URL/v2/team/large/manifests/v1"))" digest || return 1
  same "$(cat "$WORK/layer.digest")" "$(digest_of <(curl -fsSL -H "Authorization: Bearer $TOKEN" "$URL/v2/team/large/blobs/$(cat "$WORK/layer.digest")"))" 'digest of the layer' || return 1
  # Asked for twice: whole, and from the end of a part on.
  asked=$(grep "GET /v2/org/large/blobs/$(cat "$WORK/layer.digest")" "$WORK/asked" | awk '{ print $3 }' | tr '\n' ' ')
  [[ $asked =~ ^-\ bytes=(67108864|134217728)-\ $ ]] || { echo "asked for: $asked"; return 1; }
}

stop_second() { if [[ -f $WORK/second ]]; then stop "$(cat "$WORK/second")"; fi; }
at_exit+=(stop_second)

start_slow_peer
serve
echo "$REGISTRY_PID" >"$WORK/first"

check 'a peer with a small image and a large one' --needs 'skopeo docker-registry' fill_peer
check 'accounts' add_account
check 'the walk of docs/api.md through imports' --needs 'skopeo docker-registry' walks_through_imports
check 'the image is there' --needs 'skopeo docker-registry' has_what_it_imported
check 'the walk through repositories' --needs 'skopeo docker-registry' walks_through_repositories
check 'the walk of an admin' walks_through_administration
check 'who may only pull is told what it takes' refuses_who_may_only_pull
check 'an import whose server is killed goes on in the middle of a layer' --needs 'skopeo docker-registry' goes_on_after_a_kill

finish
