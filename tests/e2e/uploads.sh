#!/usr/bin/env bash
# Layers that the Functions host cannot take: they go through a server of uploads beside it, on a name of its own (https://uploads.registry.test on 127.0.0.2, known by a line in
# /etc/hosts that goes with this script) or below a path. Clients sign in by tokens. Needs root.
#
#   UPLOAD_MIB=100        the layer of each client; the host takes bodies of 64 MiB
#   LARGE_UPLOAD_MIB=300  that of skopeo
HOSTED=true
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$(dirname "${BASH_SOURCE[0]}")/image.sh"

UPLOAD_MIB=${UPLOAD_MIB:-100} LARGE_UPLOAD_MIB=${LARGE_UPLOAD_MIB:-300}
LIMIT=67108864
NAME=uploads.registry.test
PASSWORD='correct horse'

install_tools skopeo podman docker=docker.io dockerd=docker.io containerd ctr=containerd jq curl openssl nginx
if ((EUID != 0)); then
  if [[ ${CI:-} == true ]]; then fail 'large layers go through the server of uploads (not root)'; else skip 'large layers go through the server of uploads (not root)'; fi
  finish
fi
find_executable
HOSTED=false find_executable
SERVER=$EXECUTABLE
start_azurite

build_tool
{ tool scopes set team 'team/*:pull,push,delete' && tool users add alice --scope team <<<"$PASSWORD"; } >"$WORK/tool.log" 2>&1 || { cat "$WORK/tool.log"; exit 1; }

# --- a name, its certificate, and who trusts it --------------------------------------------------------------------------------------------------

HOSTS_LINE="127.0.0.2 $NAME # registry-e2e $$"
forget_name() { sed "/# registry-e2e $$\$/d" /etc/hosts >"$WORK/hosts" && cat "$WORK/hosts" >/etc/hosts; } # The file itself stays: it may be mounted.
at_exit+=(forget_name)
echo "$HOSTS_LINE" >>/etc/hosts

make_certificate() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$WORK/ca.key" -out "$WORK/ca.pem" -days 2 -subj '/CN=registry-e2e' -addext 'basicConstraints=critical,CA:TRUE'
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$WORK/server.key" -out "$WORK/server.csr" -subj "/CN=$NAME"
  openssl x509 -req -in "$WORK/server.csr" -CA "$WORK/ca.pem" -CAkey "$WORK/ca.key" -CAcreateserial -days 2 -out "$WORK/server.pem" -extfile <(echo "subjectAltName=DNS:$NAME")
  cat /etc/ssl/certs/ca-certificates.crt "$WORK/ca.pem" >"$WORK/roots.pem" 2>/dev/null || cp "$WORK/ca.pem" "$WORK/roots.pem"
}
make_certificate >"$WORK/openssl.log" 2>&1 || { cat "$WORK/openssl.log"; exit 1; }
# What is written in Go, curl and .NET all read it.
export SSL_CERT_FILE=$WORK/roots.pem CURL_CA_BUNDLE=$WORK/roots.pem

# --- the two hosts -------------------------------------------------------------------------------------------------------------------------------

# A line of log for each request, with the bytes of its body; under Functions they are for who looks.
logged=(Logging__LogLevel__Default=Information 'Logging__LogLevel__Serverless.Web.Telemetry.RequestLog=Debug')
start_uploads() { # ADDRESS WHAT-CURL-ASKS [NAME=VALUE]...
  local address=$1 probe=$2
  shift 2
  env "${logged[@]}" "Registry__Storage__ConnectionString=$CONNECTION_STRING" "Registry__Http__Addresses__0=$address" Registry__Auth__Mode=token Registry__Uploads__Only=true "$@" \
    "$SERVER" >>"$WORK/uploads.log" 2>&1 </dev/null &
  UPLOADS_PID=$!
  started_pids+=("$UPLOADS_PID")
  for _ in {1..200}; do
    if curl -fsS -o /dev/null "$probe" 2>"$WORK/probe.log"; then return 0; fi
    kill -0 "$UPLOADS_PID" 2>/dev/null || break
    sleep 0.05
  done
  log 'the server of uploads did not start:'
  tail "$WORK/uploads.log" "$WORK/probe.log"
  exit 1
}

start_registry "${logged[@]}" Registry__Auth__Mode=token "Registry__Uploads__Url=https://$NAME" "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT=$LIMIT"
start_uploads https://127.0.0.2:443 "https://$NAME/" "Registry__Uploads__Url=https://$NAME" "Registry__PublicUrl=$URL" \
  "Registry__Http__Tls__Certificate=$WORK/server.pem" "Registry__Http__Tls__Key=$WORK/server.key"

# The most memory that each of a process and what it has started has had, in MiB.
peak_mib() { # PID
  local pid most=0 mib
  for pid in $(tree "$1"); do
    mib=$(awk '$1 == "VmHWM:" { print int($2 / 1024) }' "/proc/$pid/status")
    ((mib > most)) && most=$mib
  done
  echo "$most"
}
# Bytes of bodies of requests for uploads that a log tells of.
taken_bytes() { awk '/ \/v2\/\{name\}\/blobs\/uploads\// && match($0, /[0-9]+ bytes in/) { sum += substr($0, RSTART, RLENGTH) } END { printf "%.0f\n", sum }' "$1"; } # LOG

# --- layers --------------------------------------------------------------------------------------------------------------------------------------

layer_of() { jq -r '.layers[0].digest' "$1/blobs/sha256/$(jq -r '.manifests[0].digest | ltrimstr("sha256:")' "$1/index.json")"; } # LAYOUT
creds=(--dest-creds "alice:$PASSWORD")
export REGISTRY_AUTH_FILE=$WORK/auth.json DOCKER_CONFIG=$WORK/docker-config

push_by_skopeo() { skopeo --insecure-policy copy -q --preserve-digests --dest-tls-verify=false "${creds[@]}" "oci:$1:v1" "docker://$REGISTRY/team/skopeo:v1"; } # LAYOUT
pull_by_skopeo() { # LAYOUT
  skopeo --insecure-policy copy -q --src-tls-verify=false --src-creds "alice:$PASSWORD" "docker://$REGISTRY/team/skopeo:v1" "dir:$WORK/back"
  cmp "$WORK/back/$(layer_of "$1" | cut -d: -f2)" "$1/blobs/sha256/$(layer_of "$1" | cut -d: -f2)"
  rm -r "$WORK/back"
}
push_by_podman() {
  engine podman login --tls-verify=false -u alice --password-stdin "$REGISTRY" <<<"$PASSWORD"
  engine podman import -q "$WORK/podman.tar" "$REGISTRY/team/podman:v1"
  engine podman push -q "${plain[@]}" "$REGISTRY/team/podman:v1"
  engine podman rmi -af
}
push_by_docker() {
  in_docker login -u alice --password-stdin "$REGISTRY" <<<"$PASSWORD"
  in_docker import "$WORK/docker.tar" "$REGISTRY/team/docker:v1"
  in_docker push "$REGISTRY/team/docker:v1"
  in_docker rmi -f "$REGISTRY/team/docker:v1"
}
push_by_containerd() {
  tar -C "$WORK/ctr" -cf "$WORK/ctr.oci.tar" .
  in_containerd images import --base-name "$REGISTRY/team/ctr" --no-unpack "$WORK/ctr.oci.tar"
  rm "$WORK/ctr.oci.tar"
  in_containerd images push --plain-http --user "alice:$PASSWORD" "$REGISTRY/team/ctr:v1"
  in_containerd images rm --sync "$REGISTRY/team/ctr:v1"
}
# What the other clients push, new each time: nothing that was pushed before may stand in for it.
make_sources() {
  local name
  make_layout "$WORK/ctr" "$UPLOAD_MIB" gzip
  for name in podman docker; do random_bytes $((UPLOAD_MIB << 20)) >"$WORK/data" && tar -C "$WORK" -cf "$WORK/$name.tar" data; done
  mkdir -p "$WORK/sdk"
  random_bytes $((UPLOAD_MIB << 20)) >"$WORK/sdk/data"
}
# An app with one large file, on a base image of one small layer.
prepare_sdk() {
  mkdir -p "$WORK/base.files"
  echo base >"$WORK/base.files/base"
  tar -C "$WORK/base.files" -cf "$WORK/base.tar" base
  add_layer "$WORK/base" "$WORK/base.tar" gzip
  finish_layout "$WORK/base" v1
  skopeo --insecure-policy copy -q --dest-tls-verify=false "${creds[@]}" "oci:$WORK/base:v1" "docker://$REGISTRY/team/base:v1"
  cat >"$WORK/sdk/App.csproj" <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <EnableSdkContainerSupport>true</EnableSdkContainerSupport>
  </PropertyGroup>
  <ItemGroup>
    <Content Include="data" CopyToPublishDirectory="Always" />
  </ItemGroup>
</Project>
XML
  echo 'System.Console.WriteLine();' >"$WORK/sdk/Program.cs"
}
push_by_sdk() { # TAG
  (cd "$WORK/sdk" && DOTNET_CONTAINER_INSECURE_REGISTRIES=$REGISTRY DOTNET_CONTAINER_REGISTRY_UNAME=alice DOTNET_CONTAINER_REGISTRY_PWORD=$PASSWORD \
    dotnet publish -t:PublishContainer --nologo -v quiet -p:ContainerRegistry="$REGISTRY" -p:ContainerRepository=team/sdk -p:ContainerImageTag="$1" \
    -p:ContainerBaseImage="$REGISTRY/team/base:v1" -p:ContainerRuntimeIdentifier=linux-x64)
}

source "$(dirname "${BASH_SOURCE[0]}")/engines.sh"
start_dockerd
start_containerd
make_layout "$WORK/skopeo" "$LARGE_UPLOAD_MIB" gzip
make_sources

check "skopeo pushes a layer of $LARGE_UPLOAD_MIB MiB" --needs skopeo push_by_skopeo "$WORK/skopeo"
check 'skopeo pulls it' --needs skopeo pull_by_skopeo "$WORK/skopeo"
check "podman pushes a layer of $UPLOAD_MIB MiB" --needs podman push_by_podman
check "docker pushes a layer of $UPLOAD_MIB MiB" --needs 'docker dockerd' push_by_docker
check "containerd pushes a layer of $UPLOAD_MIB MiB" --needs 'containerd ctr' push_by_containerd
check 'make an app with a large file' --needs skopeo prepare_sdk
check "the .NET SDK pushes a layer of $UPLOAD_MIB MiB" push_by_sdk v1

took_none() { # MIB-AT-LEAST
  echo "bytes of uploads: the app $(taken_bytes "$WORK/registry.log"), the server of uploads $(taken_bytes "$WORK/uploads.log")"
  grep -q 'POST /v2/{name}/blobs/uploads/ team/skopeo 202' "$WORK/registry.log" # Else there would be nothing to count.
  same 0 "$(taken_bytes "$WORK/registry.log")" 'bytes of uploads through the app'
  (($(taken_bytes "$WORK/uploads.log") > $1 << 20))
}
stay_flat() {
  echo "peaks in MiB: host and app $(peak_mib "$REGISTRY_PID"), server of uploads $(peak_mib "$UPLOADS_PID")"
  (($(peak_mib "$REGISTRY_PID") < 250 && $(peak_mib "$UPLOADS_PID") < 200))
}
shows_no_capability() {
  refuses grep -e _capability -e _state "$WORK/registry.log" "$WORK/uploads.log"
}
check 'no byte of a layer went through the app' took_none $((LARGE_UPLOAD_MIB + 4 * UPLOAD_MIB))
check 'both stay flat' stay_flat
log "peaks in MiB: host and app $(peak_mib "$REGISTRY_PID"), server of uploads $(peak_mib "$UPLOADS_PID")"
check 'no log shows a capability' shows_no_capability

# --- clients that do not follow ------------------------------------------------------------------------------------------------------------------

token=$(curl -fsS -u "alice:$PASSWORD" "$URL/token?service=127.0.0.1&scope=repository:team/artifact:pull,push" | jq -r .token)
push_artifact() { # USER-AGENT
  local digest
  random_bytes 5000 >"$WORK/artifact"
  digest=$(digest_of "$WORK/artifact")
  same 202 "$(request "$WORK/h" -A "$1" -H "Authorization: Bearer $token" -X POST "$URL/v2/team/artifact/blobs/uploads/")" 'status of POST'
  [[ $(header "$WORK/h" Location) == "$URL"/v2/team/artifact/* ]]
  refuses grep -q _capability "$WORK/h"
  same 201 "$(request "$WORK/h" -A "$1" -H "Authorization: Bearer $token" -T "$WORK/artifact" "$(with_digest "$(location "$WORK/h")" "$digest")")" 'status of PUT'
}
for agent in oras/1.3.3 Helm/3.21.1 somebody/1.0; do check "an artifact of $agent stays with the app" push_artifact "$agent"; done

# --- below a path --------------------------------------------------------------------------------------------------------------------------------

# What Front Door does: one name, and a path that leads to the server of uploads.
start_router() {
  local app=$1 uploads=$2
  mkdir -p "$WORK/nginx"
  cat >"$WORK/nginx/nginx.conf" <<CONF
daemon off;
pid $WORK/nginx/pid;
error_log $WORK/nginx/error.log;
events {}
http {
  access_log off;
  client_body_temp_path $WORK/nginx/body;
  proxy_temp_path $WORK/nginx/proxy;
  fastcgi_temp_path $WORK/nginx/fastcgi;
  uwsgi_temp_path $WORK/nginx/uwsgi;
  scgi_temp_path $WORK/nginx/scgi;
  client_max_body_size 0;
  proxy_request_buffering off;
  proxy_buffering off;
  proxy_http_version 1.1;
  proxy_read_timeout 240s;
  server {
    listen $REGISTRY;
    location / { proxy_pass http://$app; proxy_set_header Host \$http_host; }
    location /v2/-uploads/ { proxy_pass http://$uploads; proxy_set_header Host \$http_host; }
  }
}
CONF
  nginx -c "$WORK/nginx/nginx.conf" >"$WORK/nginx/log" 2>&1 </dev/null &
  started_pids+=("$!")
  wait_for_port "${REGISTRY#*:}" "$!" 10 || { cat "$WORK/nginx/log" "$WORK/nginx/error.log"; exit 1; }
}
stop "$REGISTRY_PID"
stop "$UPLOADS_PID"
: >"$WORK/registry.log"
: >"$WORK/uploads.log"
mapfile -t ports < <(free_ports 2)
router=127.0.0.1:${ports[0]} behind=127.0.0.1:${ports[1]}
start_registry "${logged[@]}" Registry__Auth__Mode=token Registry__Uploads__Url=/v2/-uploads "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT=$LIMIT" "Registry__PublicUrl=http://$router"
app=$REGISTRY
REGISTRY=$router URL=http://$router
start_uploads "http://$behind" "http://$behind/" Registry__Uploads__Url=/v2/-uploads Registry__Prefix=/v2/-uploads "Registry__PublicUrl=$URL"
start_router "$app" "$behind"

make_layout "$WORK/skopeo2" "$UPLOAD_MIB" gzip
make_sources

push_by_path() { # USER-AGENT
  local digest
  digest=$(digest_of "$WORK/data")
  same 202 "$(request "$WORK/h" -A "$1" -H "Authorization: Bearer $token" -X POST "$URL/v2/team/artifact/blobs/uploads/")" 'status of POST'
  [[ $(header "$WORK/h" Location) == "$URL"/v2/-uploads/v2/team/artifact/* ]]
  # Of a few bytes: nginx takes it for a failure when it is answered before it has passed a large body on.
  same 401 "$(request "$WORK/h2" -A "$1" -X PATCH -d some "$(location "$WORK/h")")" 'status of a PATCH without a token'
  [[ $(header "$WORK/h2" WWW-Authenticate) == "Bearer realm=\"$URL/token\""* ]]
  same 201 "$(request "$WORK/h" -A "$1" -H "Authorization: Bearer $token" -T "$WORK/data" "$(with_digest "$(location "$WORK/h")" "$digest")")" 'status of PUT'
}
check 'by path: skopeo pushes' --needs 'skopeo nginx' push_by_skopeo "$WORK/skopeo2"
check 'by path: podman pushes' --needs 'podman nginx' push_by_podman
check 'by path: docker pushes' --needs 'docker dockerd nginx' push_by_docker
check 'by path: containerd pushes' --needs 'containerd ctr nginx' push_by_containerd
check 'by path: the .NET SDK pushes' --needs nginx push_by_sdk v2
token=$(curl -fsS -u "alice:$PASSWORD" "$URL/token?service=127.0.0.1&scope=repository:team/artifact:pull,push" | jq -r .token)
check 'by path: so does a client that would not follow to another host, with its token only' --needs nginx push_by_path oras/1.3.3
check 'by path: no byte of a layer went through the app' --needs nginx took_none $((5 * UPLOAD_MIB))
check 'by path: both stay flat' stay_flat

finish
