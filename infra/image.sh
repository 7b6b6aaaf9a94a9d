#!/usr/bin/env bash
# Makes the container image for Azure Container Apps with buildah, or with docker where there is no buildah: the published app and the operator's tool in one folder, so that
# they share the runtime. The same sources and base give the same layers.
#
#   infra/image.sh IMAGE[:TAG]
#
#   BASE=IMAGE  another base than that of infra/Containerfile, which says what it needs
#   SOURCE=URL  where the sources are, for the image's label
set -euo pipefail

[[ $# == 1 ]] || { echo "usage: $0 IMAGE[:TAG]" >&2; exit 2; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
builder=$(command -v buildah || command -v docker) || { echo 'neither buildah nor docker is there' >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$here/publish.sh" src/Serverless.Cli "$work/app" --runtime linux-x64 --self-contained -p:PublishReadyToRun=true
# The app comes second: of the files that both bring, the tool's lack what makes the app start by itself.
"$here/publish.sh" src/Serverless.Functions "$work/app"
find "$work/app" -type d -exec chmod 755 {} +
find "$work/app" -type f -exec chmod 644 {} +
chmod 755 "$work/app/Serverless.Functions" "$work/app/registry"
find "$work/app" -exec touch -h -d '1970-01-01T00:00:00Z' {} +

version=$(dotnet msbuild "$here/../src/Serverless.Functions" -getProperty:Version)
options=(--file "$here/Containerfile" --tag "$1" --build-arg "VERSION=$version")
[[ -z ${BASE:-} ]] || options+=(--build-arg "BASE=$BASE")
[[ -z ${SOURCE:-} ]] || options+=(--label "org.opencontainers.image.source=$SOURCE")
if [[ $builder == */buildah ]]; then
  buildah build --quiet --timestamp 0 "${options[@]}" "$work/app"
else
  SOURCE_DATE_EPOCH=0 docker build --quiet "${options[@]}" "$work/app"
fi
