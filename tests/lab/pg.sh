#!/usr/bin/env bash
# A throw-away PostgreSQL for tests, on 127.0.0.1.
#
#   tests/lab/pg.sh up DIR PORT     starts it; DIR/url holds postgres://test@127.0.0.1:PORT/
#   tests/lab/pg.sh down DIR        stops it and removes its data
#
# Trust authentication and no durability: for tests only. HYGIE_PG_DURABLE=1 keeps fsync, for tests of durability.
set -euo pipefail
# shellcheck source=tests/lab/install.sh
. "$(dirname "${BASH_SOURCE[0]}")/install.sh"

usage() { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[ $# -ge 2 ] || usage
BIN=/usr/lib/postgresql/15/bin
verb=$1
DIR=$(mkdir -p "$2" && cd "$2" && pwd)

# The server refuses to run as root; the package has made a user for it.
as_server() {
  if [ "$(id -u)" = 0 ]; then
    setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
  else
    "$@"
  fi
}

up() {
  local port=$1 data
  # shellcheck disable=SC2086
  install_packages $PG_PACKAGES
  down
  # Not below DIR: a folder above it may be closed to the server's user.
  data=$(mktemp -d /tmp/hygie-pg.XXXXXX)
  printf '%s\n' "$data" >"$DIR/data"
  [ "$(id -u)" != 0 ] || chown postgres "$data"
  cd "$data"
  as_server "$BIN/initdb" -D "$data/db" -U test -A trust -E UTF8 --locale=C.UTF-8 --no-sync --no-instructions \
    >"$DIR/initdb.log"
  {
    echo "listen_addresses='127.0.0.1'"
    echo "port=$port"
    echo "unix_socket_directories='$data'"
    echo "shared_buffers=64MB"
    echo "max_connections=300"
    if [ -z "${HYGIE_PG_DURABLE:-}" ]; then
      printf '%s\n' fsync=off synchronous_commit=off full_page_writes=off
    fi
  } >>"$data/db/postgresql.conf"
  if ! as_server "$BIN/pg_ctl" -D "$data/db" -l "$data/server.log" -t 60 -w start >/dev/null; then
    echo "PostgreSQL did not start on port $port:" >&2
    tail -n 20 "$data/server.log" >&2
    exit 1
  fi
  echo "postgres://test@127.0.0.1:$port/" >"$DIR/url"
  echo "PostgreSQL is up: $(cat "$DIR/url")"
}

down() {
  local data
  [ -e "$DIR/data" ] || return 0
  data=$(cat "$DIR/data")
  if [ -e "$data/db/postmaster.pid" ]; then
    (cd "$data" && as_server "$BIN/pg_ctl" -D "$data/db" -m immediate -t 20 stop >/dev/null) ||
      echo "PostgreSQL in $data did not stop" >&2
  fi
  case $data in /tmp/hygie-pg.*) rm -rf "$data" ;; esac
  rm -f "$DIR/data" "$DIR/url"
}

case $verb in
  up) [ $# = 3 ] || usage; up "$3" ;;
  down) down ;;
  *) usage ;;
esac
