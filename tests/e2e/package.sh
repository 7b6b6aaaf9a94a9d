#!/usr/bin/env bash
# The package for Azure Functions: the same sources give the same bytes wherever and whenever it is made, it holds what the host needs and nothing else, and what comes out
# of it starts below the emulated host.
#
#   PACKAGE=FILE.zip  the package, if there is one already; without it, it is made first
#   TWICE=false       does not make another one to compare it with
HOSTED=true
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

install_tools zip unzip jq curl
zip=${PACKAGE:-$WORK/first/package.zip} folder=$WORK/unzipped

# Nothing that was built before, other file times, no git; another mask, clock and language.
copy_sources() { # FOLDER
  mkdir -p "$1"
  tar -C "$ROOT" --exclude-vcs --exclude=./out --exclude=bin --exclude=obj -cf - . | tar -C "$1" -xmf -
}

make_package() { [[ -f $zip ]] || "$ROOT/infra/package.sh" "$zip"; }

make_another() {
  copy_sources "$WORK/elsewhere"
  umask 077
  TZ=Asia/Tokyo LC_ALL=C "$WORK/elsewhere/infra/package.sh" "$WORK/second.zip"
  cmp "$zip" "$WORK/second.zip" && return 0
  mkdir "$WORK/a" "$WORK/b"
  unzip -q "$zip" -d "$WORK/a"
  unzip -q "$WORK/second.zip" -d "$WORK/b"
  diff -rq "$WORK/a" "$WORK/b"
  return 1
}

all_files_are_plain() {
  unzip -Z "$zip" | awk '/^[-dl]/ { print $1, $NF }' >"$WORK/modes"
  same '' "$(grep -v '^-rw-r--r-- ' "$WORK/modes")" 'not plain files'
  (($(wc -l <"$WORK/modes") > 40))
}

what_the_host_reads_is_there() {
  local file
  unzip -Z -1 "$zip" >"$WORK/names"
  unzip -q "$zip" -d "$folder"
  for file in host.json functions.metadata worker.config.json extensions.json Serverless.Functions.dll .azurefunctions/function.deps.json; do
    grep -qxF "$file" "$WORK/names" || { echo "$file is missing"; return 1; }
  done
  same dotnet "$(jq -r .description.defaultExecutablePath "$folder/worker.config.json")" 'what starts the worker'
  # The host loads these before it looks for functions.
  jq -r '.extensions[].hintPath' "$folder/extensions.json" | while read -r file; do [[ -f $folder/$file ]] || { echo "$file is missing"; return 1; }; done
  # Anything else might have the host start something in the worker's place.
  same '["extensions","functionTimeout","logging","version"]' "$(jq -c keys "$folder/host.json")" 'members of host.json'
}

all_functions_are_there() {
  same "$(grep -rhoE '\[Function\(' "$ROOT/src/Serverless.Functions" --include='*.cs' | wc -l)" "$(jq length "$folder/functions.metadata")" functions
  same '%MaintenanceSchedule%' "$(jq -r '.[].bindings[] | select(.type == "timerTrigger") | .schedule' "$folder/functions.metadata")" 'schedules of timers'
}

nothing_else_is_there() {
  if grep -E '\.(pdb|xml|cs|csproj)$|appsettings|local\.settings|launchSettings|staticwebassets|sqlite|LocalStorage' "$WORK/names"; then return 1; fi
}

# Text of .NET is UTF-16 where it is a constant and UTF-8 where the compiler has put it.
no_folder_is_named() {
  local path file
  for path in "$ROOT" "$WORK" "${TMPDIR:-/tmp}/tmp." "$HOME/"; do
    for file in "$folder"/{Serverless.*,*.json,functions.metadata,.azurefunctions/*.json}; do
      if grep -qaF "$path" "$file" || tr -d '\0' <"$file" | grep -qaF "$path"; then echo "$path is in $file"; return 1; fi
    done
  done
}

# An app that was not compiled beforehand would run too, but start late.
is_compiled_beforehand() {
  local file
  for file in "$folder"/{Serverless.*,Azure.Core,Azure.Data.*,Azure.Storage.*,Microsoft.Azure.Functions.Worker.Core,Microsoft.Azure.Functions.Worker.Grpc}.dll; do
    # The signature of the header before compiled code.
    grep -qaP 'RTR\x00' "$file" || { echo "$file is not compiled"; return 1; }
  done
}

it_answers() {
  same 204 "$(request "$WORK/h" "$URL/")" 'the host'"'"'s answer to the probe'
  same 401 "$(request "$WORK/h" "$URL/v2/")" 'the answer to /v2/'
  same 'Bearer realm="https://registry.example.com/token",service="registry.example.com"' "$(header "$WORK/h" WWW-Authenticate)"
}

check 'the package is made' --needs 'zip unzip' make_package
if [[ ${TWICE:-} != false ]]; then check 'another copy of the sources gives the same bytes' --needs 'zip unzip' make_another; fi
check 'all files are plain ones' --needs 'zip unzip' all_files_are_plain
check 'what the host reads is there, hidden files too' --needs 'zip unzip jq' what_the_host_reads_is_there
check 'all functions are there' --needs 'zip unzip jq' all_functions_are_there
check 'neither symbols nor documentation nor development settings are there' --needs 'zip unzip' nothing_else_is_there
check 'no folder of the build is named' --needs 'zip unzip' no_folder_is_named
check 'it is compiled beforehand' --needs 'zip unzip' is_compiled_beforehand
if [[ -d $folder ]]; then
  PUBLISHED_WORKER=$folder
  start_registry Registry__PublicUrl=https://registry.example.com Registry__Auth__Mode=token Registry__Storage__AccountName=registrystorage AzureWebJobsDisableHomepage=true
fi
check 'what comes out of the zip starts below the host and answers' --needs 'zip unzip curl' it_answers
finish
