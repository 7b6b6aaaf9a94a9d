#!/usr/bin/env bash
# Measures lists and manifests of many repositories beside Debian's docker-registry with the same content on this machine, in one run. Prints a table, and
# fails if the catalog of the registry in a folder is not that much faster; writes nothing into the repository.
#
#   PUBLISHED=DIR              the published server, a native executable; without it, it is published first
#   REPOSITORIES=10000         a multiple of 1000: a hundred in each team
#   SECONDS_EACH=6             length of each load, after 2 s of warm-up
#   CATALOG_TIMES=20           how many times as fast as the peer pages of the catalog must be
#   SERVERS="peer local ours"  who is measured; the peer and local must be among them
#   AZURITE_REPOSITORIES=2000  as many on Azurite, for information; it is the slower to fill the more it holds. 0 leaves it out
source "$(dirname "${BASH_SOURCE[0]}")/../tests/e2e/lib.sh"
source "$(dirname "${BASH_SOURCE[0]}")/../tests/e2e/image.sh"
source "$(dirname "${BASH_SOURCE[0]}")/servers.sh"

REPOSITORIES=${REPOSITORIES:-10000}
TAGS=1000 # A full page of ours; docker-registry does not page tags.
SECONDS_EACH=${SECONDS_EACH:-6}
CATALOG_TIMES=${CATALOG_TIMES:-20}
AZURITE_REPOSITORIES=${AZURITE_REPOSITORIES:-2000}
tagged=zoo/tags
first=team000/app00

tools=(docker-registry wrk curl jq openssl)
install_tools "${tools[@]}"
for tool in "${tools[@]}"; do command -v "$tool" >/dev/null || { log "$tool is missing"; exit 1; }; done
find_executable

names() { # FIRST-TEAM LAST-TEAM
  local team app
  for ((team = $1; team <= $2; team++)); do
    for app in {00..99}; do printf 'team%03d/app%s\n' "$team" "$app"; done
  done
}

# --- the content -------------------------------------------------------------------------------------------------------------------------------

# Requests from stdin, "METHOD URL" each, many at once; all must be answered with 201.
all_created() { # AT-ONCE [CURL-OPTION-LINE...]
  local most=$1 option
  shift
  option=$(printf '%s\n' "$@")
  awk -v option="$option" '{ print (NR > 1 ? "next\n" : "") "silent\nshow-error\nrequest = " $1 "\nurl = \"" $2 "\"\noutput = /dev/null\nwrite-out = \"%{http_code}\\n\"\n" option }' \
    >"$WORK/requests"
  [[ -s $WORK/requests ]] || return 0
  curl --parallel --parallel-max "$most" -K "$WORK/requests" >"$WORK/statuses" 2>"$WORK/curl.log" || true
  same "$(grep -c ^url "$WORK/requests" || true)" "$(grep -c '^201$' "$WORK/statuses" || true)" 'requests answered with 201' || { sort "$WORK/statuses" | uniq -c; exit 1; }
}

# Mounts of the image's blobs, for each line "REPOSITORY FROM" of stdin.
mounts() { # AT-ONCE
  awk -v url="$URL/v2/" -v digests="$(jq -r '[.config.digest, .layers[].digest] | join(" ")' "$MANIFEST")" '
    { for (i = 1; i <= split(digests, d, " "); i++) print "POST", url $1 "/blobs/uploads/?mount=" d[i] "&from=" $2 }' | all_created "$1" 'data = ""'
}

fill_ours() {
  local manifest=("header = \"Content-Type: $OCI_MANIFEST\"" "data-binary = \"@$MANIFEST\"") step=$((teams / 10)) team i
  put_image "$first" latest
  { names 0 0 | tail -n +2 && echo "$tagged"; } | sed "s|$| $first|" | mounts 1
  for ((team = 0; team < teams; team += step)); do
    names "$team" $((team + step - 1)) >"$WORK/names"
    # Each from its namesake in the first team: of many mounts from one repository at once, some lose every race for its row and end as uploads.
    sed -n '/^team000/! s|team[0-9]*/\(.*\)|& team000/\1|p' "$WORK/names" | mounts 32
    sed "s|.*|PUT $URL/v2/&/manifests/latest|" "$WORK/names" | all_created 32 "${manifest[@]}"
    log "  $(((team + step) * 100)) of $((teams * 100)) repositories"
  done
  for ((i = 0; i < TAGS; i++)); do printf 'PUT %s/v2/%s/manifests/v%04d\n' "$URL" "$tagged" "$i"; done | all_created 8 "${manifest[@]}"
}

# Its own push tells how a repository lies on disk; the others are copies of that folder.
fill_peer() {
  local root=$WORK/peer/docker/registry/v2/repositories team app i tags
  put_image "$first" latest
  mkdir -p "$root/${tagged%/*}"
  cp -r "$root/$first" "$root/$tagged"
  tags=$root/$tagged/_manifests/tags
  for ((i = 0; i < TAGS; i++)); do cp -r "$tags/latest" "$tags/$(printf 'v%04d' "$i")"; done
  rm -r "$tags/latest"
  for app in {01..99}; do cp -r "$root/$first" "$root/team000/app$app"; done
  for ((team = 1; team < teams; team++)); do cp -r "$root/team000" "$root/$(printf 'team%03d' "$team")"; done
  log "  $(find "$root" -type d -name _manifests | wc -l) repositories"
}

# --- the loads ---------------------------------------------------------------------------------------------------------------------------------

declare -A list=([tags]="$tagged/tags/list" [catalog]=_catalog [catalog100]='_catalog?n=100' [catalog1000]='_catalog?n=1000')

# What is listed, to be compared in the end: nobody is measured for less than the other gives.
entries() { # NAME METRIC
  curl -fsS "$URL/v2/${list[$2]}" | jq -r '(.tags // .repositories) | sort[]' >"$WORK/$1.$2.entries"
}

# Few connections for lists: some answers take the peer a good part of a second. All of the two cores are busy with them in any case.
rate() { # NAME METRIC WRK-ARGUMENTS...
  local key=$1.$2
  shift 2
  wrk -t 2 --timeout 60s -d 2s "$@" >/dev/null
  wrk -t 2 --timeout 60s -d "${SECONDS_EACH}s" "$@" >"$WORK/load.log"
  load_is_clean "$WORK/load.log"
  result[$key]=$(awk '/^ *Requests\/sec/ { printf($2 < 100 ? "%.1f" : "%.0f", $2) }' "$WORK/load.log")
  log "  $key: ${result[$key]}/s"
}

# Every repository in turn: a single one would be in every cache.
cat >"$WORK/turns.lua" <<'LUA'
local paths, i = {}, 0
function init(args)
  for name in io.lines(args[1]) do paths[#paths + 1] = wrk.format("GET", "/v2/" .. name .. "/manifests/latest") end
  i = math.random(#paths)
end
function request()
  i = i % #paths + 1
  return paths[i]
end
LUA

measure() { # NAME
  local metric
  for metric in tags catalog100 catalog1000 catalog middle; do
    entries "$1" "$metric"
    rate "$1" "$metric" -c 8 "$URL/v2/${list[$metric]}"
  done
  rate "$1" manifest -c 32 -H "Accept: $OCI_MANIFEST" -s "$WORK/turns.lua" "$URL/" -- "$WORK/all-names"
  result[$1.peak]=$(peak_mib "$SERVER")
}

# --- the run -----------------------------------------------------------------------------------------------------------------------------------

make_image 1 1000
read -ra servers <<<"${SERVERS:-peer local ours}"
if ((AZURITE_REPOSITORIES > 0)); then
  start_azurite
  servers+=(azurite)
fi
for name in "${servers[@]}"; do
  teams=$(($([[ $name == azurite ]] && echo "$AZURITE_REPOSITORIES" || echo "$REPOSITORIES") / 100))
  list[middle]="_catalog?n=100&last=$(printf 'team%03d/app50' $((teams / 2)))"
  names 0 $((teams - 1)) >"$WORK/all-names"
  log "$name: filling with $((teams * 100)) repositories"
  begin=$SECONDS
  start_named "$name"
  if [[ $name == peer ]]; then fill_peer; else fill_ours; fi
  log "$name: filled in $((SECONDS - begin)) s"
  measure "$name"
  stop "$SERVER"
done

for name in "${servers[@]}"; do
  [[ $name != azurite ]] || continue
  for metric in tags catalog100 catalog1000 middle; do cmp "$WORK/peer.$metric.entries" "$WORK/$name.$metric.entries"; done
done

row() { # TITLE METRIC
  local ours=${result[ours.$2]:-}
  printf '| %s | %s | %s | %s | %s | %s | %s |\n' "$1" "${result[local.$2]}" "${result[peer.$2]}" "$(ratio local peer "$2")" "$ours" "${ours:+$(ratio ours peer "$2")}" "${result[azurite.$2]:-}"
}
size() { wc -l <"$WORK/$1.$2.entries"; } # NAME METRIC

echo
echo "| $(nproc) cores, $REPOSITORIES repositories, requests/s | ours, in a folder | docker-registry, files | folder / theirs | ours, in memory | memory / theirs | ours on Azurite, $AZURITE_REPOSITORIES |"
echo '|---|---|---|---|---|---|---|'
row "tags, $(size local tags)" tags
row 'catalog, the first 100' catalog100
row 'catalog, 100 from the middle' middle
row 'catalog, the first 1000' catalog1000
row "catalog, without \`n\`: ours $(size local catalog) names, theirs $(size peer catalog)" catalog
row 'manifest GET by tag, every repository in turn' manifest
row 'peak memory, MiB' peak

echo
# Pages of the same size: what is a page without `n` is each one's own choice.
for metric in catalog100 middle catalog1000; do demand "$metric, requests/s," "$(ratio local peer "$metric")" least "$CATALOG_TIMES"; done
demands_met
