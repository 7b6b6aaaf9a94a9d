#!/usr/bin/env bash
# Compiles the Bicep files, compares what they would make with what was made before, and checks what no compiler can know; without Azure. Then it breaks copies of them and
# sees to it that the checks notice. The last line is the sum: "N passed, N failed, N skipped".
#
#   infra/check.sh                 both
#   infra/check.sh --no-self-test  the checks only
#   infra/check.sh --self-test     the broken copies only
#   infra/check.sh --update        writes what the checks compare with: formatting, snapshots, azuredeploy.json
#
#   BICEP=FILE  the compiler; without it, it is restored from NuGet
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if [[ -z ${BICEP:-} ]]; then
  # In a folder of its own: nothing of the solution's properties and package versions is for this project.
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  cp "$here/check/Bicep.csproj" "$work/"
  if ! dotnet restore "$work/Bicep.csproj" --nologo -v quiet >"$work/restore.log" 2>&1; then
    tail -n 5 "$work/restore.log"
    echo 'FAIL the compiler could not be restored'
    echo '0 passed, 1 failed, 0 skipped'
    exit 1
  fi
  version=$(sed -n 's/.*PackageDownload.*Version="\[\(.*\)\]".*/\1/p' "$work/Bicep.csproj")
  packages=$(dotnet nuget locals global-packages --list)
  BICEP=${packages#*: }
  BICEP=${BICEP%/}/azure.bicep.commandline.linux-x64/$version/tools/bicep
  [[ -x $BICEP ]] || chmod u+x "$BICEP"
fi

node "$here/check/main.mjs" "$BICEP" "$@"
