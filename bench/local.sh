#!/usr/bin/env bash
# Fills a folder with 100,000 manifests, a million rows, and measures what it takes on disk, the memory of the server on it, and the times of the common operations. Prints tables; writes
# nothing into the repository.
#
#   PUBLISHED=DIR      the published server, a native executable; without it, it is published first
#   BENCHMARKS=DLL     Serverless.Benchmarks.dll; without it the script builds it
#   TOOL=DLL           the operator's tool, registry.dll; likewise
#   MANIFESTS=100000   a multiple of 10,000, at least 20,000
#   FILLED=FOLDER      one that `Serverless.Benchmarks fill` has filled before, and that is changed; without it, one is filled, which takes minutes
#   TIMES=200          how often each operation is measured, one after another; the median counts
source "$(dirname "${BASH_SOURCE[0]}")/../tests/e2e/lib.sh"
source "$(dirname "${BASH_SOURCE[0]}")/../tests/e2e/image.sh"
source "$(dirname "${BASH_SOURCE[0]}")/servers.sh"

MANIFESTS=${MANIFESTS:-100000} TIMES=${TIMES:-200}
folder=${FILLED:-$WORK/filled}
tools=(wrk curl jq)
install_tools "${tools[@]}"
for tool in "${tools[@]}"; do command -v "$tool" >/dev/null || { log "$tool is missing"; exit 1; }; done
find_executable
find_benchmarks
if [[ -z ${TOOL:-} ]]; then
  log 'building the tool'
  dotnet build "$ROOT/src/Serverless.Cli" -c Release -o "$WORK/tool" --nologo -v quiet
  TOOL=$WORK/tool/registry.dll
fi

# Some are told by the end of a pipe, which is a process of its own.
operation() { echo "| $1 | $2 | $3 |" | tee -a "$WORK/operations"; } # TITLE MEDIAN 95-OF-100
bytes() { du -sb --apparent-size "$1" | cut -f 1; }
blocks() { du -s --block-size=1 "$1" | cut -f 1; }
mib() { awk -v b="$1" 'BEGIN { printf "%.0f", b / 1048576 }'; }

# --- what is asked for -------------------------------------------------------------------------------------------------------------------------

repository() { printf 'team%02d/app%02d' $(($1 / 100)) $(($1 % 100)); } # NUMBER
repositories=$((MANIFESTS / 100))
# So many repositories, spread over all.
spread() { # COUNT
  local i
  for ((i = 0; i < $1; i++)); do repository $((i * 7919 % repositories)); echo; done
}

again() { # REQUEST
  local i
  for ((i = 0; i < TIMES; i++)); do echo "$1"; done
}

# Requests from stdin, "METHOD PATH" each, one after another on one connection; all must be answered with the status.
times_of() { # TITLE STATUS
  awk -v url="$URL/v2/" '{ print (NR > 1 ? "next\n" : "") "silent\nshow-error\n" ($1 == "HEAD" ? "head" : "request = " $1) "\nurl = \"" url $2 "\"\noutput = /dev/null\nheader = \"Accept: '"$OCI_MANIFEST"'\"\nwrite-out = \"%{http_code} %{time_total}\\n\"" }' >"$WORK/requests"
  curl -K "$WORK/requests" >"$WORK/answers"
  same "$(grep -c ^url "$WORK/requests")" "$(grep -c "^$2 " "$WORK/answers")" "answers of $2: $1" || exit 1
  cut -d ' ' -f 2 "$WORK/answers" | sort -n >"$WORK/sorted"
  operation "$1" "$(median <"$WORK/sorted" | awk '{ printf "%.2f", $1 * 1000 }')" "$(awk '{ v[NR] = $1 } END { printf "%.2f", v[int(NR * .95)] * 1000 }' "$WORK/sorted")"
}

# What manifests are and name, as "REPOSITORY DIGEST LAYER".
details() { # TAG
  local name
  while read -r name; do
    curl -fsS -D "$WORK/h" -H "Accept: $OCI_MANIFEST" "$URL/v2/$name/manifests/$1" >"$WORK/manifest"
    echo "$name $(header "$WORK/h" Docker-Content-Digest) $(jq -r '.layers[-1].digest' "$WORK/manifest")"
  done
}

# --- the tool ----------------------------------------------------------------------------------------------------------------------------------

declare -a commands=()
# Runs a command of the tool once, and notes its time, with the start of .NET, and its peak.
tool() { # TITLE ARGUMENTS...
  local title=$1 begin peak='' seen pid
  shift
  begin=$(now)
  env "Registry__Storage__Path=$folder" dotnet "$TOOL" "$@" >"$WORK/tool.log" 2>&1 </dev/null &
  pid=$!
  started_pids+=("$pid")
  while seen=$(peak_mib "$pid" 2>/dev/null) && [[ -n $seen ]]; do
    peak=$seen
    sleep 0.05
  done
  wait "$pid" || { log "$* failed"; tail "$WORK/tool.log"; exit 1; }
  commands+=("| $title | $(awk -v us=$(($(now) - begin)) 'BEGIN { printf "%.1f", us / 1e6 }') | $peak |")
  log "  ${commands[-1]}"
}

# --- the run -----------------------------------------------------------------------------------------------------------------------------------

if [[ -z ${FILLED:-} ]]; then
  log "filling with $MANIFESTS manifests"
  dotnet "$BENCHMARKS" fill "$folder" "$MANIFESTS"
fi
dotnet "$BENCHMARKS" count-rows "$folder" >"$WORK/rows"
rows=$(awk -F '\t' '$1 == "all" { print $2 }' "$WORK/rows")
database=$(bytes "$folder/registry.db") objects=$(find "$folder/objects" -type f | wc -l)

serve() {
  local port
  port=$(free_port)
  URL=http://127.0.0.1:$port PORT=$port
  SERVER_COMMAND=(env "$QUIET" "Registry__Storage__Path=$folder" "$EXECUTABLE" --urls "$URL")
}

log 'starts'
for ((i = 0; i <= 10; i++)); do
  serve
  time_start 200
  if ((i > 0)); then echo "$ELAPSED" >>"$WORK/starts"; fi
done
serve
start_server
wait_for_port "$PORT" "$SERVER" 30
resident=$(peak_mib "$SERVER")

log 'operations'
middle=$(repository $((repositories / 2)))
spread 100 | details v080 >"$WORK/details"
spread "$TIMES" | sed 's|.*|GET &/manifests/v010|' | times_of 'manifest GET by tag' 200
awk '{ print "GET", $1 "/manifests/" $2 }' "$WORK/details" | times_of 'manifest GET by digest' 200
awk '{ print "HEAD", $1 "/blobs/" $3 }' "$WORK/details" | times_of 'blob HEAD' 200
awk '{ print "GET", $1 "/blobs/" $3 }' "$WORK/details" | times_of 'blob GET, 2 kB' 200
spread "$TIMES" | sed 's|.*|GET &/tags/list|' | times_of 'tags of a repository, 105' 200
again 'GET zoo/tags/tags/list' | times_of 'tags, a page of 1000' 200
again 'GET _catalog?n=100' | times_of 'catalog, the first 100' 200
again "GET _catalog?n=100&last=$middle" | times_of 'catalog, 100 from the middle' 200
spread 100 | details v000 | awk '{ print "GET", $1 "/referrers/" $2 }' | times_of 'referrers, 10' 200
dotnet "$BENCHMARKS" push "$URL/" 1 5 >"$WORK/pushes"
operation 'push of a small image: two blobs, a manifest' "$(cut -f 3 "$WORK/pushes")" "$(cut -f 4 "$WORK/pushes")"
# Of repositories that the collector is not measured on.
for ((i = repositories - 100; i < repositories; i++)); do repository "$i"; echo; done | details v080 | awk '{ print "DELETE", $1 "/manifests/" $2 }' | times_of 'manifest DELETE by digest' 202
log 'loads'
spread "$repositories" >"$WORK/all-names"
cat >"$WORK/turns.lua" <<'LUA'
local paths, i = {}, 0
function init(args)
  for name in io.lines(args[1]) do
    for v = 0, 79 do paths[#paths + 1] = wrk.format("GET", string.format("/v2/%s/manifests/v%03d", name, v)) end
  end
  i = math.random(#paths)
end
function request()
  i = i * 7919 % #paths + 1
  return paths[i]
end
LUA
wrk -t 2 -c 32 -d 10s -H "Accept: $OCI_MANIFEST" -s "$WORK/turns.lua" "$URL/" -- "$WORK/all-names" >"$WORK/load.log"
load_is_clean "$WORK/load.log"
rate=$(requests_per_second "$WORK/load.log")
peak=$(peak_mib "$SERVER")
stop "$SERVER"

log 'the collector'
dotnet "$BENCHMARKS" collect-folder "$folder" 1000 | tee "$WORK/collected"
log 'the tool'
tool 'verify' verify --quiet
tool 'backup, the first' backup "$WORK/backup" --quiet
tool 'backup, with nothing new' backup "$WORK/backup" --quiet

echo
echo "| $MANIFESTS manifests, $rows rows | |"
echo '|---|---|'
echo "| database, MiB | $(mib "$database") |"
echo "| database, bytes in a row | $((database / rows)) |"
echo "| objects, files | $objects |"
echo "| objects, MiB, and MiB of blocks on the disk | $(mib "$(find "$folder/objects" -type f -printf '%s\n' | awk '{ s += $1 } END { printf "%.0f", s }')"), $(mib "$(blocks "$folder/objects")") |"
echo "| start to the first answer, ms | $(median <"$WORK/starts" | awk '{ printf "%.0f", $1 / 1000 }') |"
echo "| memory of the server after its start, MiB | $resident |"
echo "| peak memory after all operations and loads, MiB | $peak |"
echo "| manifest GET by tag, $((repositories * 80)) tags in turn, 32 connections, requests/s | $rate |"
echo "| reading all rows, s | $(awk -F '\t' '$1 == "seconds" { print $2 }' "$WORK/rows") |"
echo
echo '| one after another, ms | median | 95 of 100 |'
echo '|---|---|---|'
cat "$WORK/operations"
echo
echo '| the tool, with the start of .NET | s | peak, MiB |'
echo '|---|---|---|'
printf '%s\n' "${commands[@]}"
echo
echo '| in one process | number | s |'
echo '|---|---|---|'
awk -F '\t' '{ printf "| %s | %s | %.2f |\n", $1, $2, $3 / 1000 }' "$WORK/collected"
