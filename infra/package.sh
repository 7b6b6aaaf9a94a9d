#!/usr/bin/env bash
# Makes the package that is deployed to Azure Functions: a zip of the published worker with what the host reads beside it, its hidden folder included. The same sources give
# the same bytes.
#
#   infra/package.sh FILE.zip
set -euo pipefail

[[ $# == 1 ]] || { echo "usage: $0 FILE.zip" >&2; exit 2; }
command -v zip >/dev/null || { echo 'zip is missing' >&2; exit 1; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$(dirname "$1")"
target=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$here/publish.sh" src/Serverless.Functions "$work/app"
cd "$work/app"
# Without them the host starts no worker, or finds no function in it; which of both it says only in its log.
for name in host.json functions.metadata worker.config.json extensions.json .azurefunctions; do
  [[ -e $name ]] || { echo "dotnet publish has made no $name" >&2; exit 1; }
done
# One time for all files, and modes that do not depend on who made the folder. The host starts `dotnet`, so that nothing needs an execute bit.
find . -exec touch -h -d '2020-01-01T00:00:00Z' {} +
find . -type d -exec chmod 755 {} +
find . -type f -exec chmod 644 {} +
rm -f "$target"
find . -type f | LC_ALL=C sort | TZ=UTC zip -q -X -9 "$target" -@
sha256sum "$target"
