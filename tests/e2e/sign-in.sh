#!/usr/bin/env bash
# Clients that fetch tokens: docker, containerd, the .NET SDK, npm's of sigstore, and mounts by skopeo, podman and buildah; the SDK also where nobody signs in. Downloads are redirects.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/image.sh"
source "$(dirname "$0")/engines.sh"

install_tools skopeo podman buildah docker=docker.io dockerd=docker.io containerd ctr=containerd jq curl openssl
find_executable
start_azurite

PASSWORD='correct horse'
export REGISTRY_AUTH_FILE=$WORK/auth.json DOCKER_CONFIG=$WORK/docker-config

# An image as a layout and as a tar of files, and one on which .NET apps can be put.
make_images() {
  make_layout "$WORK/image" 3 gzip
  mkdir -p "$WORK/files"
  random_bytes 2000000 >"$WORK/files/data"
  tar -C "$WORK/files" --numeric-owner -cf "$WORK/files.tar" data
  tar -C "$WORK/image" -cf "$WORK/image.tar" .
}

copy() { skopeo --insecure-policy copy -q --src-tls-verify=false --dest-tls-verify=false "$@"; }
digest_at() { skopeo inspect --no-tags --tls-verify=false "${credentials[@]}" --format '{{.Digest}}' "docker://$REGISTRY/$1"; } # NAME:TAG

# --- the .NET SDK ------------------------------------------------------------------------------------------------------------------------------

make_app() {
  mkdir -p "$WORK/app"
  cat >"$WORK/app/app.csproj" <<XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <UseAppHost>false</UseAppHost>
    <EnableSdkContainerSupport>true</EnableSdkContainerSupport>
  </PropertyGroup>
</Project>
XML
  echo 'System.Console.WriteLine("hello");' >"$WORK/app/Program.cs"
}

# On an image of this registry, which it must pull first.
publish_app() { # NAME TAG
  env -u REGISTRY_AUTH_FILE DOTNET_CONTAINER_INSECURE_REGISTRIES="$REGISTRY" dotnet publish "$WORK/app" --nologo -t:PublishContainer -p:ContainerBaseImage="$REGISTRY/team/base:v1" \
    -p:ContainerRegistry="$REGISTRY" -p:ContainerRepository="$1" -p:ContainerImageTag="$2"
}

sdk_publishes() { # NAME TAG
  publish_app "$@"
  copy "${source_credentials[@]}" "docker://$REGISTRY/$1:$2" "dir:$WORK/published"
  same 2 "$(jq '.layers | length' "$WORK/published/manifest.json")" 'layers: that of the base and that of the app'
  tar -xzOf "$WORK/published/$(jq -r '.layers[1].digest | ltrimstr("sha256:")' "$WORK/published/manifest.json")" app/app.dll | cmp - "$WORK/app/bin/Release/net10.0/app.dll"
  rm -r "$WORK/published"
}

# --- npm: an attestation, as sigstore's client attaches it -------------------------------------------------------------------------------------

# It needs a package that it does not name, and a registry that asks to sign in.
install_sigstore() { npm install --prefix "$WORK/npm" --no-audit --no-fund --silent @sigstore/oci@0.6.0 promise-retry@2; }

attach() { # NAME TAG USER PASSWORD
  (cd "$WORK/npm" && node -e '
    const { attachArtifactToImage, getImageDigest } = require("@sigstore/oci");
    const [imageName, imageTag, username, password] = process.argv.slice(1), credentials = { username, password };
    (async () => {
      const imageDigest = await getImageDigest({ imageName, imageTag, credentials });
      const artifact = Buffer.from(JSON.stringify({ attestation: imageTag }));
      const attached = await attachArtifactToImage({ imageName, imageDigest, credentials, artifact, mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json", annotations: { "org.example.by": "npm" } });
      console.log(imageDigest, attached.digest);
    })().catch(e => { console.error(e); process.exit(1); });' "$REGISTRY/$1" "$2" "${3:-}" "${4:-}")
}

sigstore_attaches() { # NAME TAG USER PASSWORD
  attach "$@" >"$WORK/attached"
  read -r subject attached <"$WORK/attached"
  same "$subject" "$(digest_at "$1:$2")" 'digest of the image'
  same "$attached" "$(curl -fsS "${bearer[@]}" "$URL/v2/$1/referrers/$subject" | jq -r '.manifests[].digest')" referrers
}

# --- docker ------------------------------------------------------------------------------------------------------------------------------------

docker_signs_in() { in_docker login -u alice --password-stdin "$REGISTRY" <<<"$PASSWORD"; }
docker_refuses() { refuses in_docker login -u alice --password-stdin "$REGISTRY" <<<'wrong'; }

docker_pushes() {
  in_docker import "$WORK/files.tar" "$REGISTRY/team/docker:v1"
  in_docker push "$REGISTRY/team/docker:v1" | tee "$WORK/docker.push"
  grep -qF "digest: $(digest_at team/docker:v1)" "$WORK/docker.push"
}

docker_mounts() {
  in_docker tag "$REGISTRY/team/docker:v1" "$REGISTRY/team/docker-second:v1"
  in_docker push "$REGISTRY/team/docker-second:v1" | tee "$WORK/docker.push"
  grep -q 'Mounted from team/docker' "$WORK/docker.push"
}

docker_pulls() {
  local id
  id=$(in_docker image inspect --format '{{.Id}}' "$REGISTRY/team/docker:v1")
  in_docker rmi -f "$id"
  in_docker pull "$REGISTRY/team/docker-second:v1"
  same "$id" "$(in_docker image inspect --format '{{.Id}}' "$REGISTRY/team/docker-second:v1")" 'id of the image'
}

docker_is_refused_elsewhere() {
  in_docker tag "$REGISTRY/team/docker-second:v1" "$REGISTRY/other/docker:v1"
  refuses in_docker push "$REGISTRY/other/docker:v1"
}

docker_signs_out() {
  in_docker logout "$REGISTRY"
  refuses in_docker pull "$REGISTRY/team/base:v1"
}

# --- containerd --------------------------------------------------------------------------------------------------------------------------------

containerd_pushes() {
  in_containerd images import --base-name "$REGISTRY/team/containerd" --no-unpack "$WORK/image.tar"
  in_containerd images push --plain-http --user "alice:$PASSWORD" "$REGISTRY/team/containerd:v1"
  same "$(jq -r '.manifests[0].digest' "$WORK/image/index.json")" "$(digest_at team/containerd:v1)" digest
}

containerd_pulls() {
  in_containerd images rm --sync "$REGISTRY/team/containerd:v1"
  in_containerd images pull --plain-http --snapshotter native --user "alice:$PASSWORD" "$REGISTRY/team/containerd:v1"
  same "$(jq -r '.manifests[0].digest' "$WORK/image/index.json")" "$(in_containerd images ls "name==$REGISTRY/team/containerd:v1" | awk 'NR == 2 { print $3 }')" digest
}

containerd_is_refused() { refuses in_containerd images pull --plain-http --snapshotter native "$REGISTRY/team/base:v1"; }

# --- mounts ------------------------------------------------------------------------------------------------------------------------------------

# Of the image nothing was sent but its config, which every client writes anew.
only_mounted() { # NAME
  answers "$1" >"$WORK/answers"
  cat "$WORK/answers" # Shown if the check fails.
  same 1 "$(grep -c '^POST .*mount=.* 201$' "$WORK/answers")" mounts
  (($(grep -c '^PATCH ' "$WORK/answers") <= 1))
}

skopeo_mounts() {
  # From here on it knows where the layer is.
  copy --src-creds "alice:$PASSWORD" "docker://$REGISTRY/team/base:v1" "dir:$WORK/known"
  copy --src-creds "alice:$PASSWORD" --dest-creds "alice:$PASSWORD" "docker://$REGISTRY/team/base:v1" "docker://$REGISTRY/team/skopeo:v1"
  only_mounted team/skopeo
}

engine_mounts() { # podman|buildah
  engine "$1" login --tls-verify=false -u alice --password-stdin "$REGISTRY" <<<"$PASSWORD"
  engine "$1" pull -q "${plain[@]}" "$REGISTRY/team/base:v1"
  engine "$1" push -q "${plain[@]}" "$REGISTRY/team/base:v1" "docker://$REGISTRY/team/$1:v1"
  only_mounted "team/$1"
  engine podman rmi -f --all
}

# --- where nobody signs in ---------------------------------------------------------------------------------------------------------------------

credentials=() source_credentials=() bearer=()
start_registry
make_images
make_app
check 'none: an image to build on is pushed' --needs skopeo copy "oci:$WORK/image:v1" "docker://$REGISTRY/team/base:v1"
check 'none: the .NET SDK publishes an image' --needs 'dotnet skopeo' sdk_publishes team/sdk v1
check 'none: the .NET SDK publishes it again' --needs 'dotnet skopeo' sdk_publishes team/sdk v2
stop "$REGISTRY_PID"

# --- with tokens -------------------------------------------------------------------------------------------------------------------------------

credentials=(--creds "alice:$PASSWORD") source_credentials=(--src-creds "alice:$PASSWORD")
build_tool
start_registry "${TELLING[@]}" Registry__Auth__Mode=token Registry__Auth__Token__Lifetime=00:10:00
tool scopes set team 'team/*:pull,push,delete' >"$WORK/tool.log"
tool users add alice --scope team <<<"$PASSWORD" >>"$WORK/tool.log" 2>&1
bearer=(-H "Authorization: Bearer $(curl -fsS -u "alice:$PASSWORD" "$URL/token?scope=repository:team/sdk:pull" | jq -r .token)")

mkdir -p "$DOCKER_CONFIG"
jq -n --arg r "$REGISTRY" --arg a "$(printf 'alice:%s' "$PASSWORD" | base64 -w0)" '{auths: {($r): {auth: $a}}}' >"$DOCKER_CONFIG/config.json"
check 'token: the .NET SDK publishes an image' --needs 'dotnet skopeo' sdk_publishes team/sdk token
rm "$DOCKER_CONFIG/config.json"
check 'token: the .NET SDK publishes nothing without credentials' --needs dotnet refuses publish_app team/sdk refused
check "npm's client of sigstore is there" --needs npm install_sigstore
check "token: npm's client of sigstore attaches an attestation" --needs 'node skopeo' sigstore_attaches team/sdk token alice "$PASSWORD"
check "token: npm's client of sigstore is refused with a wrong password" --needs node refuses attach team/sdk token alice wrong

check 'token: skopeo mounts' --needs skopeo skopeo_mounts
check 'token: podman mounts' --needs 'podman skopeo' engine_mounts podman
check 'token: buildah mounts' --needs 'buildah skopeo' engine_mounts buildah

if ((EUID != 0)); then
  if [[ ${CI:-} == true ]]; then fail 'token: docker and containerd (not root)'; else skip 'token: docker and containerd (not root)'; fi
  finish
fi

if command -v dockerd >/dev/null; then start_dockerd; fi
check 'token: docker does not sign in with a wrong password' --needs 'dockerd docker' docker_refuses
check 'token: docker signs in' --needs 'dockerd docker' docker_signs_in
check 'token: docker pushes' --needs 'dockerd docker skopeo' docker_pushes
check 'token: docker pushes to a second repository by a mount' --needs 'dockerd docker' docker_mounts
check 'token: docker pulls what it pushed' --needs 'dockerd docker' docker_pulls
check 'token: docker does not push where the user may not' --needs 'dockerd docker' docker_is_refused_elsewhere
check 'token: docker signs out and pulls nothing' --needs 'dockerd docker' docker_signs_out
if command -v containerd >/dev/null; then start_containerd; fi
check 'token: containerd pushes' --needs 'containerd ctr skopeo' containerd_pushes
check 'token: containerd pulls what it pushed' --needs 'containerd ctr' containerd_pulls
check 'token: containerd pulls nothing without a password' --needs 'containerd ctr' containerd_is_refused

finish
