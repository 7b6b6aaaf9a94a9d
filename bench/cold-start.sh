#!/usr/bin/env bash
# Measures how long the published package takes from its start to its first answer, beside a bare ASP.NET Core app that is published the same way. Prints a table, and
# fails if ours takes too many times as long; writes nothing into the repository.
#
#   PUBLISHED=DIR     the published app; without it, it is published first
#   COLD_STARTS=20    how often each is started, in turn; the median counts
#   COLD_TIMES=1.3    how many times as long as the bare app ours may take
#   DROP_CACHES=true  empties the kernel's file cache before every start, which needs root and is felt by everything else on the machine
source "$(dirname "${BASH_SOURCE[0]}")/../tests/e2e/lib.sh"
source "$(dirname "${BASH_SOURCE[0]}")/servers.sh"

COLD_STARTS=${COLD_STARTS:-20}
COLD_TIMES=${COLD_TIMES:-1.3}
log 'publishing'
if [[ -z ${PUBLISHED:-} ]]; then
  PUBLISHED=$WORK/app
  "$ROOT/infra/publish.sh" src/Serverless.Functions "$PUBLISHED"
fi
"$ROOT/infra/publish.sh" bench/BareApp "$WORK/bare"

# As the Functions host starts a custom handler, with the settings of infra/modules/functions.bicep. The bare app gets the same.
settings=(
  FUNCTIONS_CUSTOMHANDLER_WORKER_ID=00000000-0000-0000-0000-000000000001 FUNCTIONS_REQUEST_BODY_SIZE_LIMIT=104857600
  AzureWebJobsStorage__accountName=hoststorage AzureWebJobsStorage__credential=managedidentity AzureWebJobsDisableHomepage=true
  Registry__Storage__AccountName=registrystorage Registry__Storage__ClientId=00000000-0000-0000-0000-000000000002
  Registry__PublicUrl=https://registry.example.com Registry__Auth__Proxies=1
  Registry__Timers__CollectGarbage__Schedule='0 7 * * * *' Registry__Timers__PurgeUploads__Schedule='0 37 * * * *'
  Registry__Timers__ApplyRetention__Schedule='0 17 3 * * *' Registry__Timers__Verify__Schedule='0 47 4 * * 0'
)

prepare_app() { # FOLDER MODE COMMAND...
  local folder=$1 mode=$2
  shift 2
  PORT=$(free_port)
  SERVER_COMMAND=(env -C "$folder" "${settings[@]}" "Registry__Auth__Mode=$mode" "FUNCTIONS_APP_ROOT_PATH=$folder" "FUNCTIONS_CUSTOMHANDLER_PORT=$PORT"
    "ASPNETCORE_URLS=http://127.0.0.1:$PORT" "$@")
}

time_named() { # NAME
  case $1 in
    bare) prepare_app "$WORK/bare" none ./BareApp ;;
    slim) prepare_app "$WORK/bare" none ./BareApp slim ;;
    token | none) prepare_app "$PUBLISHED" "$1" ./Serverless.Functions ;;
  esac
  if [[ ${DROP_CACHES:-} == true ]]; then
    sync
    echo 3 >/proc/sys/vm/drop_caches
  fi
  time_start "$([[ $1 == token ]] && echo 401 || echo 200)"
}

names=(bare slim token none)
log "starting each $COLD_STARTS times"
for name in "${names[@]}"; do time_named "$name"; done # Once for the file cache.
for ((i = 0; i < COLD_STARTS; i++)); do
  for name in "${names[@]}"; do
    time_named "$name"
    echo "$ELAPSED" >>"$WORK/$name.times"
  done
done

ms() { awk '{ printf "%.0f", $1 / 1000 }'; }
for name in "${names[@]}"; do result[$name]=$(median <"$WORK/$name.times"); done
times() { awk -v a="${result[$1]}" -v b="${result[bare]}" 'BEGIN { printf "%.2f", a / b }'; } # NAME
row() { # TITLE NAME
  printf '| %s | %s | %s to %s | %s |\n' "$1" "$(ms <<<"${result[$2]}")" "$(sort -n "$WORK/$2.times" | head -n 1 | ms)" "$(sort -n "$WORK/$2.times" | tail -n 1 | ms)" "$(times "$2")"
}

echo
echo "| $(nproc) cores, $COLD_STARTS starts, files $([[ ${DROP_CACHES:-} == true ]] && echo 'on disk' || echo 'in the file cache') | median, ms | least to most | times the bare app |"
echo '|---|---|---|---|'
row 'bare app, `WebApplication.CreateBuilder`' bare
row 'bare app, `WebApplication.CreateSlimBuilder`' slim
row 'ours, `Auth:Mode=token`, answers 401' token
row 'ours, `Auth:Mode=none`, answers 200' none

slow=0
for name in token none; do
  awk -v t="$(times "$name")" -v most="$COLD_TIMES" 'BEGIN { exit !(t > most) }' || continue
  log "ours, $name, takes $(times "$name") times as long as the bare app; $COLD_TIMES is allowed"
  slow=1
done
exit "$slow"
