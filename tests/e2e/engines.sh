# shellcheck shell=bash
# docker and containerd, each with a daemon of its own below $WORK that needs neither a bridge nor rules of a firewall nor overlays. They need root. Source it after lib.sh.

docker_socket=unix://$WORK/docker.sock
in_docker() { docker --host "$docker_socket" "$@"; }

start_dockerd() { # [DOCKERD-ARGUMENTS...]
  local i
  mkdir -p "$WORK/docker"
  # A file of its own: what the machine's says might not go together with the options. From 29 on the storage driver is for this one only.
  echo '{"features": {"containerd-snapshotter": false}}' >"$WORK/docker/daemon.json"
  dockerd --config-file "$WORK/docker/daemon.json" --data-root "$WORK/docker/data" --exec-root "$WORK/docker/exec" --pidfile "$WORK/docker/pid" --host "$docker_socket" \
    "$@" --storage-driver vfs --bridge none --iptables=false --ip6tables=false --ip-forward=false >"$WORK/dockerd.log" 2>&1 </dev/null &
  started_pids+=("$!")
  for i in {1..600}; do
    if in_docker version >/dev/null 2>&1; then return 0; fi
    kill -0 "${started_pids[-1]}" 2>/dev/null || break
    sleep 0.1
  done
}

in_containerd() { ctr --address "$WORK/containerd.sock" "$@"; }

start_containerd() {
  local i
  mkdir -p "$WORK/containerd"
  cat >"$WORK/containerd/config.toml" <<TOML
version = 2
root = "$WORK/containerd/root"
state = "$WORK/containerd/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "$WORK/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
path = "$WORK/containerd/opt"
TOML
  containerd --config "$WORK/containerd/config.toml" >"$WORK/containerd.log" 2>&1 </dev/null &
  started_pids+=("$!")
  for i in {1..600}; do
    if in_containerd version >/dev/null 2>&1; then return 0; fi
    kill -0 "${started_pids[-1]}" 2>/dev/null || break
    sleep 0.1
  done
}
