#!/usr/bin/env bash
# Publishes a project so that the same sources give the same bytes: nothing is taken from earlier builds, and neither the folder nor the commit is in what comes out.
#
#   infra/publish.sh PROJECT FOLDER [ARGUMENT-OF-DOTNET-PUBLISH...]
set -euo pipefail

(($# >= 2)) || { echo "usage: $0 PROJECT FOLDER [ARGUMENT...]" >&2; exit 2; }
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
project=$1 folder=$2
shift 2

# %2c is a comma, which would end the property. Symbols would bring the commit with them.
dotnet publish "$root/$project" -c Release -o "$folder" --artifacts-path "$work" --nologo -v quiet \
  -p:DebugType=none -p:IncludeSourceRevisionInInformationalVersion=false "-p:PathMap=$work/=/_/artifacts/%2c$root/=/_/" "$@"
# Symbols, documentation, and a list of web pages that are not there.
find "$folder" -type f \( -name '*.pdb' -o -name '*.dbg' -o -name '*.xml' -o -name '*.staticwebassets.endpoints.json' \) -delete
