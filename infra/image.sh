#!/usr/bin/env bash
# Makes the container image of the plain server with buildah, or with docker where there is no buildah: the native executable with SQLite, and this machine's libraries for them.
# The same sources on the same machine give the same layers.
#
#   infra/image.sh IMAGE[:TAG]
#
#   NATIVE=DIR  the published server; without it, it is published first
#   SOURCE=URL  where the sources are, for the image's label
set -euo pipefail

[[ $# == 1 ]] || { echo "usage: $0 IMAGE[:TAG]" >&2; exit 2; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
builder=$(command -v buildah || command -v docker) || { echo 'neither buildah nor docker is there' >&2; exit 1; }
authorities=/etc/ssl/certs/ca-certificates.crt
[[ -f $authorities ]] || { echo "$authorities is missing (package ca-certificates)" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/context/root

if [[ -z ${NATIVE:-} ]]; then
  NATIVE=$work/app
  "$here/publish.sh" src/Serverless.Server "$NATIVE" --runtime linux-x64
fi
mkdir -p "$root/app" "$root/etc/ssl/certs" "$root/tmp" "$work/context/data"
# SQLite lies beside the executable, which opens it by name when it first needs it.
cp "$NATIVE/Serverless.Server" "$NATIVE/libe_sqlite3.so" "$root/app/"

# What the two are linked with, and what .NET opens by name when it first needs it: OpenSSL.
libraries() {
  ldd "$root/app/Serverless.Server" "$root/app/libe_sqlite3.so" | awk '$2 == "=>" { print $3 } NF > 1 && $1 ~ /^\// { print $1 }'
  ldconfig -p | awk '/libssl\.so\.3 .*x86-64|libcrypto\.so\.3 .*x86-64/ { print $NF }'
}
while read -r library; do
  # Where the loader looks without a cache; its own path is written into the executable.
  case $library in */ld-linux*) target=$root/lib64 ;; *) target=$root/lib/x86_64-linux-gnu ;; esac
  mkdir -p "$target"
  cp -L "$library" "$target/"
done < <(libraries | sort -u)
[[ -f $root/lib/x86_64-linux-gnu/libcrypto.so.3 ]] || { echo 'OpenSSL 3 is missing (package libssl3)' >&2; exit 1; }

cp -L "$authorities" "$root$authorities"
echo 'registry:x:1654:1654::/:/nonexistent' >"$root/etc/passwd"
echo 'registry:x:1654:' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
find "$root" -type d -exec chmod 755 {} +
find "$root" -type f -exec chmod 644 {} +
chmod 755 "$root/app/Serverless.Server" "$root"/lib64/*
chmod 1777 "$root/tmp"
find "$work/context" -exec touch -h -d '1970-01-01T00:00:00Z' {} +

version=$(dotnet msbuild "$here/../src/Serverless.Server" -getProperty:Version)
options=(--file "$here/Containerfile" --tag "$1" --build-arg "VERSION=$version")
[[ -z ${SOURCE:-} ]] || options+=(--label "org.opencontainers.image.source=$SOURCE")
if [[ $builder == */buildah ]]; then
  buildah build --quiet --timestamp 0 "${options[@]}" "$work/context"
else
  SOURCE_DATE_EPOCH=0 docker build --quiet "${options[@]}" "$work/context"
fi
