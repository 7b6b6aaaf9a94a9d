#!/usr/bin/env bash
# Measures how long the server takes from its start to its first answer, and its memory by then: the native executable, the same sources compiled ReadyToRun, Debian's
# docker-registry, and a bare ASP.NET Core app; and the native one in a folder of its own. They are started in turn, so that what else the machine does is felt by all, and only ratios count. Prints a table, and fails
# beyond the limits; writes nothing into the repository.
#
#   NATIVE=DIR        the server as it is published; without it, it is published first
#   READY=DIR         the server compiled ReadyToRun; likewise
#   COLD_STARTS=20    how often each is started; the median counts
#   COLD_BARE=0.3     how many times as long as the bare app the native server may take
#   COLD_PEER=3.5     how many times as long as docker-registry
#   COLD_MIB=45       how much memory it may have by its first answer
#   DROP_CACHES=true  empties the kernel's file cache before every start, which needs root and is felt by everything else on the machine
source "$(dirname "${BASH_SOURCE[0]}")/../tests/e2e/lib.sh"
source "$(dirname "${BASH_SOURCE[0]}")/servers.sh"

COLD_STARTS=${COLD_STARTS:-20} COLD_BARE=${COLD_BARE:-0.3} COLD_PEER=${COLD_PEER:-3.5} COLD_MIB=${COLD_MIB:-45}
log 'publishing'
managed=(--runtime linux-x64 --self-contained -p:PublishAot=false -p:PublishReadyToRun=true)
if [[ -z ${NATIVE:-} ]]; then
  NATIVE=$WORK/native
  "$ROOT/infra/publish.sh" src/Serverless.Server "$NATIVE" --runtime linux-x64
fi
if [[ -z ${READY:-} ]]; then
  READY=$WORK/ready
  "$ROOT/infra/publish.sh" src/Serverless.Server "$READY" "${managed[@]}"
fi
"$ROOT/infra/publish.sh" bench/BareApp "$WORK/bare" "${managed[@]}"
install_tools docker-registry

# Storage is not called before the first request that needs it.
settings=(
  "Registry__Storage__ConnectionString=DefaultEndpointsProtocol=https;AccountName=registry;AccountKey=$AZURITE_KEY"
  Registry__PublicUrl=https://registry.example.com
)
prepare_app() { # FOLDER EXECUTABLE MODE
  PORT=$(free_port)
  SERVER_COMMAND=(env -C "$1" "${settings[@]}" "Registry__Auth__Mode=$3" "ASPNETCORE_URLS=http://127.0.0.1:$PORT" "urls=http://127.0.0.1:$PORT" "./$2")
}

time_named() { # NAME
  case $1 in
    bare) prepare_app "$WORK/bare" BareApp none ;;
    peer) prepare peer ;;
    ready) prepare_app "$READY" Serverless.Server none ;;
    native) prepare_app "$NATIVE" Serverless.Server none ;;
    folder)
      rm -rf "$WORK/folder"
      PORT=$(free_port)
      SERVER_COMMAND=(env -C "$NATIVE" "Registry__Storage__Path=$WORK/folder" Registry__PublicUrl=https://registry.example.com "ASPNETCORE_URLS=http://127.0.0.1:$PORT" ./Serverless.Server)
      ;;
    token) prepare_app "$NATIVE" Serverless.Server token ;;
  esac
  if [[ ${DROP_CACHES:-} == true ]]; then
    sync
    echo 3 >/proc/sys/vm/drop_caches
  fi
  time_start "$([[ $1 == token ]] && echo 401 || echo 200)"
}

names=(bare peer ready native token folder)
log "starting each $COLD_STARTS times"
for name in "${names[@]}"; do time_named "$name"; done # Once for the file cache.
for ((i = 0; i < COLD_STARTS; i++)); do
  for name in "${names[@]}"; do
    time_named "$name"
    echo "$ELAPSED" >>"$WORK/$name.times"
    echo "$RESIDENT" >>"$WORK/$name.memory"
  done
done

for name in "${names[@]}"; do
  result[$name.time]=$(median <"$WORK/$name.times")
  result[$name.memory]=$(median <"$WORK/$name.memory")
done
ms() { awk '{ printf "%.0f", $1 / 1000 }'; }
mib() { awk -v kib="${result[$1.memory]}" 'BEGIN { printf "%.1f", kib / 1024 }'; } # NAME
times() { awk -v a="${result[$1.time]}" -v b="${result[$2.time]}" 'BEGIN { printf "%.2f", a / b }'; } # NAME OTHER
row() { # TITLE NAME
  printf '| %s | %s | %s to %s | %s | %s | %s |\n' "$1" "$(ms <<<"${result[$2.time]}")" \
    "$(sort -n "$WORK/$2.times" | head -n 1 | ms)" "$(sort -n "$WORK/$2.times" | tail -n 1 | ms)" "$(times "$2" bare)" "$(times "$2" peer)" "$(mib "$2")"
}

echo
echo "| $(nproc) cores, $COLD_STARTS starts, files $([[ ${DROP_CACHES:-} == true ]] && echo 'on disk' || echo 'in the file cache') | median, ms | least to most | times the bare app | times docker-registry | MiB |"
echo '|---|---|---|---|---|---|'
row 'bare app, ReadyToRun' bare
row 'docker-registry' peer
row 'server, ReadyToRun' ready
row 'server, native, `Auth:Mode=none`, answers 200' native
row 'server, native, `Auth:Mode=token`, answers 401' token
row 'server, native, in a new folder, answers 200' folder

missed=0
within() { # NAME VALUE LIMIT WHAT
  awk -v v="$2" -v most="$3" 'BEGIN { exit !(v > most) }' || return 0
  log "server, $1: $2 $4; $3 is allowed"
  missed=1
}
for name in native token folder; do
  # The bare app has no database to make.
  if [[ $name != folder ]]; then within "$name" "$(times "$name" bare)" "$COLD_BARE" 'times the bare app'; fi
  within "$name" "$(times "$name" peer)" "$COLD_PEER" 'times docker-registry'
  within "$name" "$(mib "$name")" "$COLD_MIB" MiB
done
exit "$missed"
