#!/usr/bin/env bash
# Events: what skopeo pushes and deletes is told to endpoints of each format, signed; and what was pushed while an endpoint was down, to a registry that was then killed, is told later.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/image.sh"

install_tools skopeo jq curl openssl
find_executable
start_azurite
build_tool

SECRET="whsec_$(openssl rand -base64 32)"
FORMATS=(distribution cloudevents cloudeventsbinary eventgrid)

start_receiver() {
  RECEIVER_PORT=$(free_port)
  TOLD=$WORK/told DOWN=$WORK/down
  touch "$TOLD" "$TOLD.refused"
  node "$(dirname "${BASH_SOURCE[0]}")/receiver.mjs" "$RECEIVER_PORT" "$TOLD" "$DOWN" >"$WORK/receiver.log" 2>&1 </dev/null &
  started_pids+=("$!")
  wait_for_port "$RECEIVER_PORT" "$!" 20
}

event_settings() {
  local format
  for format in "${FORMATS[@]}"; do echo "Registry__Events__${format}__Url=http://127.0.0.1:$RECEIVER_PORT/$format" "Registry__Events__${format}__Format=$format"; done
  echo Registry__Events__cloudevents__Secret="$SECRET" Registry__Events__eventgrid__Headers__0=aeg-sas-key:key
  echo Registry__Outbound__Allow__0=127.0.0.1 Registry__Timers__DeliverEvents__Interval=00:00:02
  echo EventsQueue=events AzureWebJobs_Events_Disabled=false AzureFunctionsJobHost__extensions__queues__maxPollingInterval=00:00:00.5000000
  for format in "${FORMATS[@]}"; do echo "Registry__Events__${format}__MaxBackoff=00:00:02"; done
}
# A check runs in a shell of its own, so what it starts is written down for the end.
start() {
  start_registry "${SETTINGS[@]}" "EventsStorage=$CONNECTION_STRING" "Registry__Storage__ConnectionString=$CONNECTION_STRING"
  echo "$REGISTRY_PID" >>"$WORK/pids"
}
stop_started() {
  local pid
  while read -r pid; do if kill -0 "$pid" 2>/dev/null; then stop "$pid"; fi; done <"$WORK/pids"
}
at_exit+=(stop_started)

copy() { skopeo --insecure-policy copy -q --dest-tls-verify=false "$@"; }
count() { jq -s "[.[] | select($1)] | length" "$TOLD"; } # JQ-CONDITION

# Waits until there are so many requests of a kind.
comes() { # COUNT JQ-CONDITION
  local i
  for ((i = 0; i < 300; i++)); do
    (($(count "$2") >= $1)) && return 0
    sleep 0.1
  done
  echo "$(count "$2") of $1: $2"
  return 1
}

tells_distribution() {
  comes 1 '.path == "/distribution" and .text.events[0].target.tag == "v1"'
  comes 2 '.path == "/distribution" and .text.events[0].target.mediaType == "application/octet-stream"'
  same 'application/vnd.docker.distribution.events.v2+json' "$(jq -rs '.[] | select(.path == "/distribution") | .headers["content-type"]' "$TOLD" | sort -u)" 'media type'
  same "$(skopeo inspect --no-tags --tls-verify=false --format '{{.Digest}}' "docker://$REGISTRY/team/app:v1")" \
    "$(jq -rs '.[] | select(.path == "/distribution" and .text.events[0].target.tag == "v1") | .text.events[0].target.digest' "$TOLD")" digest
  jq -rs '.[] | select(.path == "/distribution" and .text.events[0].target.tag == "v1") | .text.events[0].request.useragent' "$TOLD" | grep -q skopeo
}
tells_cloud_events() {
  comes 1 '.path == "/cloudevents" and .text.type == "io.serverless-registry.manifest.push" and (.headers["content-type"] | startswith("application/cloudevents+json"))'
  comes 1 '.path == "/cloudeventsbinary" and .headers["ce-type"] == "io.serverless-registry.manifest.push" and .headers["ce-specversion"] == "1.0"'
}
tells_event_grid() { comes 1 '(.path | startswith("/eventgrid?")) and .text[0].eventType == "Microsoft.ContainerRegistry.ImagePushed" and .headers["aeg-sas-key"] == "key" and .text[0].data.target.tag == "v1"'; }
is_signed() {
  jq -cs '[.[] | select(.path == "/cloudevents")][0]' "$TOLD" >"$WORK/signed"
  node --input-type=module -e "
    import { verify } from '$ROOT/docs/examples/verify-webhook.mjs';
    import { readFileSync } from 'node:fs';
    const { headers, body } = JSON.parse(readFileSync('$WORK/signed'));
    const changed = Buffer.concat([Buffer.from(body, 'base64'), Buffer.from(' ')]);
    process.exit(verify(headers, Buffer.from(body, 'base64'), '$SECRET') && !verify(headers, changed, '$SECRET') ? 0 : 1);"
}
tells_of_a_deletion() {
  skopeo --insecure-policy delete --tls-verify=false "docker://$REGISTRY/team/app:v1"
  comes 1 '.path == "/distribution" and .text.events[0].action == "delete"'
  comes 1 '(.path | startswith("/eventgrid?")) and .text[0].eventType == "Microsoft.ContainerRegistry.ImageDeleted"'
}
pushes_while_it_is_down() {
  touch "$DOWN"
  copy "oci:$WORK/image:v1" "docker://$REGISTRY/team/app:while-down"
  for _ in {1..100}; do grep -q while-down "$TOLD.refused" && break; sleep 0.1; done
  grep -q while-down "$TOLD.refused"
}
kill_registry() {
  local pids
  mapfile -t pids < <(tree "$REGISTRY_PID")
  kill -KILL "${pids[@]}"
  wait "$REGISTRY_PID" 2>/dev/null || true
}
tells_later() {
  kill_registry
  rm "$DOWN"
  start
  [[ ${HOSTED:-} != true ]] || request "$WORK/h" -X POST -H 'Content-Type: application/json' -d '{"input":""}' "$URL/admin/functions/Maintenance" >/dev/null
  comes 1 '.path == "/distribution" and .text.events[0].target.tag == "while-down"'
  comes 1 '(.path | startswith("/eventgrid?")) and .text[0].data.target.tag == "while-down"'
}
has_the_same_id() {
  same "$(jq -rs '[.[] | select(.path == "/distribution" and .text.events[0].target.tag == "while-down") | .text.events[0].id] | unique | join(" ")' "$TOLD")" \
    "$(jq -rs '[.[] | select(.path == "/distribution" and .text.events[0].target.tag == "while-down") | .text.events[0].id] | unique | join(" ")' "$TOLD.refused")" id
}
leaves_nothing() {
  local i
  for ((i = 0; i < 100; i++)); do
    env "${SETTINGS[@]}" Registry__Storage__ConnectionString="$CONNECTION_STRING" dotnet "$ROOT/src/Serverless.Cli/bin/Debug/net10.0/registry.dll" events list >"$WORK/left"
    grep -q while-down "$WORK/left" || return 0
    sleep 0.3
  done
  cat "$WORK/left"
  return 1
}
tests_an_endpoint() {
  env "${SETTINGS[@]}" Registry__Storage__ConnectionString="$CONNECTION_STRING" dotnet "$ROOT/src/Serverless.Cli/bin/Debug/net10.0/registry.dll" events test distribution
  touch "$DOWN"
  refuses env "${SETTINGS[@]}" Registry__Storage__ConnectionString="$CONNECTION_STRING" dotnet "$ROOT/src/Serverless.Cli/bin/Debug/net10.0/registry.dll" events test distribution
  rm "$DOWN"
}

start_receiver
mapfile -t SETTINGS < <(event_settings | tr ' ' '\n')
start
make_layout "$WORK/image" 2 gzip

check 'skopeo pushes' --needs skopeo copy "oci:$WORK/image:v1" "docker://$REGISTRY/team/app:v1"
check 'distribution'"'"'s format' --needs skopeo tells_distribution
check 'CloudEvents, structured and binary' tells_cloud_events
check 'Event Grid, as ACR has it' tells_event_grid
check 'the signature is right, and that of another body is not' is_signed
check 'deletions' --needs skopeo tells_of_a_deletion
check 'a push does not mind endpoints that are down' --needs skopeo pushes_while_it_is_down
check 'a registry that was killed tells of it when it is there again' tells_later
check 'under the same id' has_the_same_id
check 'and then nothing is left' leaves_nothing
check 'the tool tries an endpoint' tests_an_endpoint

finish
