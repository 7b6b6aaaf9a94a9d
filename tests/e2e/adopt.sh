#!/usr/bin/env bash
# registry adopt: a store of Debian's docker-registry, put into a container under the names of distribution's azure driver, becomes this registry's in place; then it is pulled, deleted, collected
# and pushed again.
# shellcheck source-path=SCRIPTDIR
AZURITE_LOG=true
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/image.sh"

REPOSITORIES=${REPOSITORIES:-200}
TAGS=${TAGS:-5}
SAMPLE=${SAMPLE:-20}
install_tools skopeo jq curl openssl docker-registry
find_executable
NODE_OPTIONS="--require=$ROOT/tests/e2e/leaping-clock.cjs" start_azurite
build_tool

# Everything in the account, for a year of storage's clock (Azure Storage REST, "Create an account SAS").
account_sas() {
  local end key signature
  end=$(date -u -d '+1 year' +%Y-%m-%dT%H:%M:%SZ)
  key=$(base64 -d <<<"$AZURITE_KEY" | od -An -v -tx1 | tr -d ' \n')
  signature=$(printf '%s\n' devstoreaccount1 rwdlac b sco '' "$end" '' http,https 2019-12-12 | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64)
  echo "sv=2019-12-12&ss=b&srt=sco&sp=rwdlac&se=$end&spr=http,https&sig=$(jq -rn --arg s "$signature" '$s | @uri')"
}

blobs() { node "$ROOT/tests/e2e/distribution.mjs" list "$CONTAINER" "$SAS"; }
adopt() { tool adopt "$@"; }
skopeo_copy() { skopeo --insecure-policy copy -q --src-tls-verify=false --dest-tls-verify=false "$@"; }

fill() {
  node "$ROOT/tests/e2e/distribution.mjs" push "http://$PEER" "$REPOSITORIES" "$TAGS" >"$WORK/tags" || return 1
  # One that a client has made, with an attestation of its own.
  make_layout "$WORK/image" 2 gzip
  skopeo_copy "oci:$WORK/image:v1" "docker://$PEER/clients/skopeo:v1"
  same $((REPOSITORIES * TAGS)) "$(wc -l <"$WORK/tags")" tags
}
put_into_the_container() {
  node "$ROOT/tests/e2e/distribution.mjs" upload "$WORK/peer" "$CONTAINER" "$SAS" || return 1
  blobs >"$WORK/before"
  grep -q 'AppendBlob$' "$WORK/before"
}
refuses_what_is_young() {
  refuses adopt >"$WORK/out" 2>&1 || return 1
  grep -q 'less than an hour ago' "$WORK/out"
}
tells_what_would_be() {
  adopt --dry-run --force 2>"$WORK/dry" || { cat "$WORK/dry"; return 1; }
  cat "$WORK/dry"
  blobs | grep -v '^registry ' | cmp - "$WORK/before"
}

# The tool is stopped as soon as it has written something. (One that is killed keeps the timed tasks for two minutes, and so does the next one wait; ADOPT_SIGNAL=KILL shows it.)
is_stopped_and_repeated() {
  local pid i begun
  Registry__Storage__ConnectionString=$CONNECTION_STRING dotnet "$ROOT/src/Serverless.Cli/bin/Debug/net10.0/registry.dll" adopt --force >/dev/null 2>&1 </dev/null &
  pid=$!
  for ((i = 0; i < 600; i++)); do
    blobs | grep -q '/adopted-by ' && break
    sleep 0.05
  done
  # In the middle, on however fast a machine: so many calls to storage are some images, and far from all.
  begun=$(wc -l <"$WORK/azurite.log")
  for ((i = 0; i < 600; i++)); do
    (($(wc -l <"$WORK/azurite.log") > begun + 10 * REPOSITORIES)) && break
    sleep 0.02
  done
  kill "-${ADOPT_SIGNAL:-TERM}" "$pid"
  wait "$pid" 2>/dev/null || true
  adopt --force 2>"$WORK/report" || { cat "$WORK/report"; return 1; }
  cat "$WORK/report"
  refuses grep -q ' 0 things were here' "$WORK/report" || return 1
  # Whoever is stopped gives the tasks back.
  if [[ ${ADOPT_SIGNAL:-TERM} == TERM ]]; then refuses grep -q 'waiting for it' "$WORK/report" || return 1; fi
  grep -q ' 0 missing, 0 refused, 0 tags kept' "$WORK/report"
}

# Neither written anew nor copied: names, versions and kinds are what they were, and nothing but two markers was written.
copies_nothing() {
  local written
  blobs | grep -v '/adopted-by \|^registry ' | cmp - "$WORK/before" || return 1
  written=$(grep -c '"PUT /devstoreaccount1/registry/' "$WORK/adoption.log" || true)
  echo "$written writes to the container while it was adopted"
  ((written >= 2)) || return 1
  same 0 "$(grep '"PUT /devstoreaccount1/registry/' "$WORK/adoption.log" | grep -vc '/adopted-by \|/registry/registry ')" 'writes of anything but the markers'
}
is_pulled() { node "$ROOT/tests/e2e/distribution.mjs" pull "$URL" <"$WORK/tags"; }
is_pulled_by_skopeo() {
  local name tag digest
  skopeo_copy "docker://$REGISTRY/clients/skopeo:v1" "oci:$WORK/back:v1" || return 1
  same "$(jq -r '.manifests[0].digest' "$WORK/image/index.json")" "$(jq -r '.manifests[0].digest' "$WORK/back/index.json")" digest || return 1
  while read -r name tag digest; do
    skopeo_copy --all "docker://$REGISTRY/$name:$tag" "dir:$WORK/pulled" || return 1
    same "$digest" "$(digest_of "$WORK/pulled/manifest.json")" "digest of $name:$tag" || return 1
    rm -rf "$WORK/pulled"
  done < <(awk -v n="$(($(wc -l <"$WORK/tags") / SAMPLE))" 'NR % n == 1' "$WORK/tags")
}
verifies() {
  tool verify --rehash "${VERIFY[@]}" >"$WORK/findings" 2>"$WORK/err" || { cat "$WORK/findings" "$WORK/err"; return 1; }
  cat "$WORK/err"
  same 0 "$(wc -l <"$WORK/findings")" findings
}

leap() {
  local pid pids
  mapfile -t pids < <(tree "$AZURITE_PID")
  # A shell between npx and Azurite would end by the signal.
  for pid in "${pids[@]}"; do
    if [[ $(readlink "/proc/$pid/exe") == *node* ]]; then kill -USR2 "$pid"; fi
  done
}
collect() {
  local i
  for i in 1 2 3; do
    leap
    tool gc --quiet 2>&1 || return 1
  done
}
# Some repositories, and what skopeo has made.
gone() { awk '/^team0\// { print $1 }' "$WORK/tags" | sort -u | head -n 3; }
deletes_and_collects() {
  local name before after
  before=$(blobs | grep -c '/data ')
  for name in clients/skopeo $(gone); do
    tool repository remove "$name" >/dev/null 2>&1 || return 1
  done
  collect || return 1
  after=$(blobs | grep -c '/data ')
  echo "$before objects with bytes before, $after after"
  # Two configs of each repository, and what skopeo has made: a config and a layer.
  same 8 "$((before - after))" 'objects that are gone' || return 1
  # What the others share is still there.
  grep -v -E "^($(gone | paste -sd'|')) " "$WORK/tags" | node "$ROOT/tests/e2e/distribution.mjs" pull "$URL"
}
pushes_again() {
  local name
  name=$(gone | head -n 1)
  skopeo_copy "oci:$WORK/image:v1" "docker://$REGISTRY/clients/skopeo:v1" || return 1
  # The old registry still has it. skopeo may put another compression of a layer in its place that it has seen before.
  skopeo_copy --all --preserve-digests "docker://$PEER/$name:v1" "docker://$REGISTRY/$name:v1" || return 1
  collect || return 1
  grep "^$name v1 " "$WORK/tags" | node "$ROOT/tests/e2e/distribution.mjs" pull "$URL"
}
# The files of the old registry come back, and are adopted once more: what was collected is not linked there again.
adopts_what_was_collected_as_copies() {
  local file
  while read -r file; do
    curl -fsS -o /dev/null -X PUT -H 'x-ms-blob-type: BlockBlob' -H 'x-ms-version: 2021-12-02' --data-binary "@$WORK/peer$file" "$CONTAINER/$file?$SAS" || return 1
  done < <(comm -23 <(cut -d' ' -f1 "$WORK/before" | sort) <(blobs | cut -d' ' -f1 | sort))
  adopt --force 2>"$WORK/report" || { cat "$WORK/report"; return 1; }
  cat "$WORK/report"
  grep -q '; 0 blobs of 0 bytes linked where they lie' "$WORK/report" || return 1
  # The configs of the two repositories that nobody has pushed again.
  grep -q ' 4 blobs copied' "$WORK/report" || return 1
  collect || return 1
  is_pulled
}
translates_the_configuration() {
  tool adopt config "$WORK/peer.yml" >"$WORK/settings" 2>"$WORK/notes" || return 1
  grep -qx 'Registry__Auth__Mode=none' "$WORK/settings" && grep -qx '# Registry__Uploads__Secret=' "$WORK/settings" && grep -q 'storage.filesystem.rootdirectory: no counterpart' "$WORK/notes"
}

start_peer
SAS=$(account_sas)
CONTAINER=$(sed 's/.*BlobEndpoint=\([^;]*\);.*/\1/' <<<"$CONNECTION_STRING")/registry
VERIFY=(--keep-orphans)

check "a docker-registry with $REPOSITORIES repositories and $((REPOSITORIES * TAGS)) tags" --needs docker-registry fill
check 'its files in a container, as the azure driver names them' --needs docker-registry put_into_the_container
check 'what was written a moment ago is refused' --needs docker-registry refuses_what_is_young
check 'a dry run writes nothing' --needs docker-registry tells_what_would_be
mark=$(wc -l <"$WORK/azurite.log")
started=$EPOCHREALTIME
check 'an adoption that is stopped and repeated' --needs docker-registry is_stopped_and_repeated
tail -n "+$((mark + 1))" "$WORK/azurite.log" >"$WORK/adoption.log"
awk -v a="$started" -v b="$EPOCHREALTIME" 'BEGIN { printf "    adopted in %.1f s, a stop and a second run included\n", b - a }'
if [[ -f $WORK/report ]]; then sed 's/^/    /' "$WORK/report"; fi
check 'no byte was copied' --needs docker-registry copies_nothing
start_registry Registry__Redirect__Enabled=true
check 'all of it is pulled, byte for byte' --needs docker-registry is_pulled
check "a sample of $SAMPLE by skopeo" --needs "docker-registry skopeo" is_pulled_by_skopeo
check 'nothing dangles' --needs docker-registry verifies
check 'what is deleted is collected from where it lies' --needs docker-registry deletes_and_collects
check 'and can be pushed again' --needs "docker-registry skopeo" pushes_again
check 'what was collected is copied when it is adopted again' --needs docker-registry adopts_what_was_collected_as_copies
check 'nothing dangles after all that' --needs docker-registry verifies
check 'the old configuration in the words of this registry' --needs docker-registry translates_the_configuration

finish
