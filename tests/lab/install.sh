# shellcheck shell=bash
# Sourced: what the lab needs from the system, installed when it is missing.
# Debian 12 only; elsewhere it says which packages it wanted and stops.

# What each part needs beyond git, cargo and node.
BUILD_PACKAGES="build-essential pkg-config"
PG_PACKAGES="postgresql-15"
AD_PACKAGES="samba-ad-dc samba samba-dsdb-modules samba-vfs-modules samba-ad-provision winbind
  ldb-tools python3-samba ldap-utils openssl zstd"
BENCH_PACKAGES="wrk"
EDITOR_PACKAGES="apache2-bin libapache2-mod-auth-openidc python3-venv"
JAVA_PACKAGES="default-jdk-headless maven unzip"
BROWSER_PACKAGES="chromium libnss3-tools fonts-dejavu-core openssl"

# The cache outlives a clone: tools, the compiled dependencies, the directory snapshots. Never results.
hygie_cache() { echo "${XDG_CACHE_HOME:-$HOME/.cache}/hygie"; }

retry() {
  local attempt
  for attempt in 1 2 3; do
    "$@" && return 0
    echo "attempt $attempt of 3 failed: $*" >&2
    [ "$attempt" = 3 ] || sleep $((attempt * 5))
  done
  return 1
}

missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
      echo "$package"
  done
}

# install_packages NAME...: does nothing when all are there; never lets a package start a daemon.
install_packages() {
  local missing guard=/usr/sbin/policy-rc.d guarded="" as_root=() status=0
  if ! command -v dpkg-query >/dev/null; then
    echo "not a Debian system: install by hand the equivalent of: $*" >&2
    return 1
  fi
  missing=$(missing_packages "$@" | tr '\n' ' ')
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" != 0 ]; then
    if ! sudo -n true 2>/dev/null; then
      echo "missing packages: $missing" >&2
      echo "run as root, or install them by: sudo apt-get install --no-install-recommends $missing" >&2
      return 1
    fi
    as_root=(sudo -n)
  fi
  echo "installing: $missing"
  if [ ! -e "$guard" ]; then
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$guard" >/dev/null
    "${as_root[@]}" chmod +x "$guard"
    guarded=yes
  fi
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086 # one word a package
  {
    retry "${as_root[@]}" apt-get -q -o DPkg::Lock::Timeout=500 -o Acquire::Retries=3 update &&
      retry "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q \
        -o DPkg::Lock::Timeout=500 -o Acquire::Retries=3 \
        install -y --no-install-recommends $missing
  } || status=$?
  [ -z "$guarded" ] || "${as_root[@]}" rm -f "$guard"
  return "$status"
}

# npm_install DIR: `npm ci`, skipped when the lock file has not changed since the last one, or when a developer's own
# installation answers to the manifest (`npm ci` would take it from under a running vite).
npm_install() {
  local folder=$1 stamp sum
  stamp="$folder/node_modules/.hygie-lock"
  sum=$(sha256sum <"$folder/package-lock.json")
  [ "$(cat "$stamp" 2>/dev/null)" = "$sum" ] && return 0
  if [ "${CI:-}" != true ] && npm --prefix "$folder" ls >/dev/null 2>&1; then return 0; fi
  retry npm --prefix "$folder" ci --no-audit --no-fund || return 1
  printf '%s\n' "$sum" >"$stamp"
}

# cargo-deny in the cache, built light (a third of the time, fast enough to use).
DENY_VERSION=0.20.2
install_cargo_deny() {
  local cache
  cache=$(hygie_cache)
  if "$cache/tools/bin/cargo-deny" --version 2>/dev/null | grep -q "$DENY_VERSION"; then return 0; fi
  mkdir -p "$cache"
  retry env CARGO_TARGET_DIR="$cache/tools-build" CARGO_PROFILE_DEV_DEBUG=0 \
    cargo install cargo-deny --locked --debug --version "$DENY_VERSION" --root "$cache/tools" || return 1
  rm -rf "$cache/tools-build"
}

# The programs in the development profile. A test target is named beside them so that cargo unifies the same features
# as for `cargo test`: without it, dependencies are built a second time.
build_programs() { cargo build --workspace "$@" --bins --test it; }

# The console, which is embedded in the program. The same content keeps its dates: cargo then compiles nothing again.
build_console() {
  npm_install web-admin || return 1
  rm -rf web-admin/dist.next
  npm --prefix web-admin run build -- --outDir dist.next --emptyOutDir || return 1
  if diff -rq web-admin/dist web-admin/dist.next >/dev/null 2>&1; then
    rm -rf web-admin/dist.next
  else
    rm -rf web-admin/dist && mv web-admin/dist.next web-admin/dist
  fi
}
