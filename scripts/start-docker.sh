#!/usr/bin/env bash
# See that a docker daemon answers: `start-docker.sh start` starts one when none does, and notes in build/dockerd.pid that it did;
# `start-docker.sh stop` stops that one and no other. The daemon's log is build/dockerd.log.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p build
pid_file=build/dockerd.pid
log=build/dockerd.log

answers() { timeout 20 docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

case "${1:-}" in
  start)
    if answers; then exit 0; fi
    [ "$(id -u)" = 0 ] || { echo "start-docker: no docker daemon answers and this is not root" >&2; exit 1; }
    # A daemon that was killed leaves its pid file; the next one refuses to start beside it.
    stale=$(cat /var/run/docker.pid 2>/dev/null || true)
    if [ -n "$stale" ] && [ "$(cat "/proc/$stale/comm" 2>/dev/null || true)" != dockerd ]; then rm -f /var/run/docker.pid; fi
    setsid dockerd >"$log" 2>&1 </dev/null &
    echo $! >"$pid_file"
    for _ in $(seq 60); do
      if answers; then echo "start-docker: docker daemon started"; exit 0; fi
      kill -0 "$(cat "$pid_file")" 2>/dev/null || break
      sleep 1
    done
    tail -n 20 "$log" >&2
    echo "start-docker: the docker daemon does not come up (log: $log)" >&2
    exit 1
    ;;
  stop)
    [ -f "$pid_file" ] || exit 0
    pid=$(cat "$pid_file")
    rm -f "$pid_file"
    [ "$(cat "/proc/$pid/comm" 2>/dev/null || true)" = dockerd ] || exit 0
    kill "$pid" 2>/dev/null || exit 0
    for _ in $(seq 60); do
      kill -0 "$pid" 2>/dev/null || exit 0
      sleep 0.5
    done
    echo "start-docker: the docker daemon (pid $pid) does not end" >&2
    exit 1
    ;;
  *) echo "usage: $0 start|stop" >&2; exit 1 ;;
esac
