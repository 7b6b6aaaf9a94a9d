#!/usr/bin/env bash
# The package for Azure Functions: the same sources give the same bytes wherever and whenever it is made, it holds what the host needs and nothing else, and what comes out
# of it starts.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

install_tools zip unzip jq curl
zip=$WORK/first/package.zip folder=$WORK/unzipped

# Nothing that was built before, other file times, no git; another mask, clock and language.
copy_sources() { # FOLDER
  mkdir -p "$1"
  tar -C "$ROOT" --exclude-vcs --exclude=./out --exclude=bin --exclude=obj -cf - . | tar -C "$1" -xmf -
}

make_package() { "$ROOT/infra/package.sh" "$zip"; }

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

only_the_app_is_executable() {
  unzip -Z "$zip" | awk '/^[-dl]/ { print $1, $NF }' >"$WORK/modes"
  same '-rwxr-xr-x Serverless.Functions' "$(grep -v '^-rw-r--r-- ' "$WORK/modes")" 'not plain files'
  (($(wc -l <"$WORK/modes") > 100))
}

all_functions_are_there() {
  local file
  unzip -Z -1 "$zip" >"$WORK/names"
  for file in host.json $(cd "$ROOT/src/Serverless.Functions/Functions" && echo */function.json); do
    grep -qxF "$file" "$WORK/names" || { echo "$file is missing"; return 1; }
  done
  same "$(ls "$ROOT/src/Serverless.Functions/Functions" | wc -l)" "$(grep -c '/function.json$' "$WORK/names")" functions
}

nothing_else_is_there() {
  if grep -E '\.(pdb|xml|cs|csproj)$|appsettings|local\.settings|launchSettings|staticwebassets' "$WORK/names"; then return 1; fi
}

# Text of .NET is UTF-16 where it is a constant and UTF-8 where the compiler has put it.
no_folder_is_named() {
  local path file
  unzip -q "$zip" -d "$folder"
  for path in "$ROOT" "$WORK" "${TMPDIR:-/tmp}/tmp." "$HOME/"; do
    for file in "$folder"/Serverless.*; do
      if grep -qaF "$path" "$file" || tr -d '\0' <"$file" | grep -qaF "$path"; then echo "$path is in $file"; return 1; fi
    done
  done
}

# An app that was not compiled beforehand would run too, but start late.
is_compiled_beforehand() {
  local file
  for file in "$folder"/{Serverless.*,Azure.Core,Azure.Storage.*}.dll; do
    # The signature of the header before compiled code.
    grep -qaP 'RTR\x00' "$file" || { echo "$file is not compiled"; return 1; }
  done
}

start_unzipped() {
  local port
  port=$(free_port)
  URL=http://127.0.0.1:$port
  env -C "$folder" "FUNCTIONS_CUSTOMHANDLER_PORT=$port" Registry__PublicUrl=https://registry.example.com Registry__Auth__Mode=token \
    Registry__Storage__AccountName=registrystorage ./Serverless.Functions >"$WORK/package.log" 2>&1 </dev/null &
  started_pids+=("$!")
  wait_for_port "$port" "$!" 30 || { log 'it did not start:'; tail "$WORK/package.log"; }
}

it_answers() {
  same 200 "$(request "$WORK/h" "$URL/")" 'the answer to the probe'
  same 401 "$(request "$WORK/h" "$URL/v2/")" 'the answer to /v2/'
  same 'Bearer realm="https://registry.example.com/token",service="registry.example.com"' "$(header "$WORK/h" WWW-Authenticate)"
}

log 'making the package twice'
check 'the package is made' --needs 'zip unzip' make_package
check 'another copy of the sources gives the same bytes' --needs 'zip unzip' make_another
check 'the app is executable and nothing else is' --needs 'zip unzip' only_the_app_is_executable
check 'host.json and all functions are there' --needs 'zip unzip' all_functions_are_there
check 'neither symbols nor documentation nor development settings are there' --needs 'zip unzip' nothing_else_is_there
check 'no folder of the build is named' --needs 'zip unzip' no_folder_is_named
check 'it is compiled beforehand' --needs 'zip unzip' is_compiled_beforehand
if [[ -d $folder ]]; then start_unzipped; fi
check 'what comes out of the zip starts and answers' --needs 'zip unzip curl' it_answers
finish
