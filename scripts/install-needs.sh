#!/usr/bin/env bash
# Install what is missing on a Debian-like machine, from where its own apt gets packages.
#   scripts/install-needs.sh wheel   what `make wheel` compiles with
#   scripts/install-needs.sh demo    what `make demo` needs (no docker)
#   scripts/install-needs.sh image   that, and what `make image` needs
#   scripts/install-needs.sh release that, and what compiles a wheel for arm64
#   scripts/install-needs.sh test    that, and what the tests need
# Idempotent and quiet: nothing is asked of apt when nothing is missing.
set -euo pipefail

say() { echo "install-needs: $*"; }
have() { PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1; }
installed() { dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }

set_name=${1:-}
case "$set_name" in
  wheel | demo | image | release | test) ;;
  *) echo "usage: $0 wheel|demo|image|release|test" >&2; exit 1 ;;
esac
have apt-get || { say "no apt-get on this machine: install what docs/development.md lists by hand"; exit 0; }

missing=()
need() { have "$1" || missing+=("$2"); }        # need PROGRAM PACKAGE

if [ "$set_name" != wheel ]; then
  need runc runc
  need mmdebstrap mmdebstrap
fi
need bpftool bpftool
need gcc gcc
installed libc6-dev || missing+=(libc6-dev)
installed libbpf-dev || missing+=(libbpf-dev)
[ -e /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)
scripts_dir=$(cd "$(dirname "$0")" && pwd)
clang=$("$scripts_dir/find-clang.sh" || true)
compgen -c llvm-strip >/dev/null || clang=""    # one without the other is of no use
if ! "$scripts_dir/find-python.sh" >/dev/null; then
  missing+=(python3 python3-venv)
fi
case "$set_name" in
  image | release | test)
    need podman podman
    need skopeo skopeo
    ;;
esac
case "$set_name" in
  release | test)
    need aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu
    installed libc6-dev-arm64-cross || missing+=(libc6-dev-arm64-cross)
    ;;
esac
if [ "$set_name" = test ]; then
  need docker docker-cli
  need dockerd docker.io
  installed docker-buildx || missing+=(docker-buildx)
  docker compose version >/dev/null 2>&1 || missing+=(docker-compose)
  need cosign cosign
  need softhsm2-util softhsm2
  need gitleaks gitleaks
  need oscap openscap-scanner
  installed ssg-debian || missing+=(ssg-debian)
  need chromium chromium
  need docker-registry docker-registry
  need openssl openssl
  need debugfs e2fsprogs
  need umoci umoci
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
  need containerd containerd
  need kubectl kubectl
  need shellcheck shellcheck
  need apparmor_parser apparmor
  need strace strace
  need crun crun
  have qemu-aarch64 || have qemu-aarch64-static || missing+=(qemu-user-static)
  need rpmbuild rpm
  need gpg gnupg
  need dnf dnf
  need createrepo_c createrepo-c
  need newuidmap uidmap
  need db_load db-util
  need npm npm
  need jar default-jdk-headless
  need go golang-go
  need rustc rustc
  need git git
  need rsync rsync
  need jq jq
  need upx upx-ucl
fi

[ ${#missing[@]} -gt 0 ] || [ -z "$clang" ] || exit 0

if [ "$(id -u)" = 0 ]; then
  as_root=(env)
elif have sudo && sudo -n true 2>/dev/null; then
  as_root=(sudo env)
else
  [ -n "$clang" ] || missing+=(clang llvm)
  say "missing: ${missing[*]}"
  say "neither root nor sudo without a password: run 'sudo $0 $set_name' once"
  exit 1
fi
log=$(mktemp -t install-needs.XXXXXX)
trap 'rm -f "$log"' EXIT
apt() { "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Use-Pty=0 "$@" >"$log" 2>&1 || { tail -n 20 "$log" >&2; say "apt-get $1 failed"; exit 1; }; }

apt update
exists() { [ -n "$(apt-cache madison "$1" 2>/dev/null)" ]; }
if [ -z "$clang" ]; then
  # the newest that the release has: an unversioned default may be an older one
  for version in 21 20 19 18 17 16 15 14; do
    if exists "clang-$version" && exists "llvm-$version"; then missing+=("clang-$version" "llvm-$version"); break; fi
  done
fi
# before Debian 13 the client and the daemon were one package
exists docker-cli || missing=("${missing[@]/#docker-cli/docker.io}")
# nor was there a kubectl: its tests are left out then
exists kubectl || for i in "${!missing[@]}"; do [ "${missing[i]}" != kubectl ] || unset "missing[i]"; done
say "${missing[*]}"
apt install --no-install-recommends "${missing[@]}"
