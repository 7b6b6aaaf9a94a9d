#!/usr/bin/env bash
# Collects 10,000 manifests and 50,000 blobs, half of them garbage, beside Debian's docker-registry on the same content. Ours runs on the in-memory store, which counts
# its calls; docker-registry on files. Writes nothing into the repository.
source "$(dirname "${BASH_SOURCE[0]}")/../tests/e2e/lib.sh"

install_tools docker-registry
command -v docker-registry >/dev/null || { log 'docker-registry is missing'; exit 1; }
mkdir "$WORK/peer"
cat >"$WORK/peer.yml" <<YAML
version: 0.1
storage:
  filesystem: {rootdirectory: $WORK/peer}
  delete: {enabled: true}
YAML

dotnet run -c Release --project "$ROOT/bench/Serverless.Benchmarks" -- collect "$WORK/peer"
count() { find "$WORK/peer/docker/registry/v2/blobs" -name data | wc -l; }
before=$(count)
log 'docker-registry garbage-collect'
begin=$EPOCHREALTIME
OTEL_TRACES_EXPORTER=none docker-registry garbage-collect --delete-untagged "$WORK/peer.yml" >"$WORK/peer.log" 2>&1 || { tail "$WORK/peer.log"; exit 1; }
end=$EPOCHREALTIME
awk -v b="$begin" -v e="$end" -v n=$((before - $(count))) 'BEGIN { printf "docker-registry: %d blobs, manifests included, in %.1f s, with the registry stopped\n", n, e - b }'
begin=$EPOCHREALTIME
OTEL_TRACES_EXPORTER=none docker-registry garbage-collect --delete-untagged "$WORK/peer.yml" >"$WORK/peer.log" 2>&1
end=$EPOCHREALTIME
awk -v b="$begin" -v e="$end" 'BEGIN { printf "docker-registry, nothing to do: %.0f ms\n", (e - b) * 1000 }'
