#!/usr/bin/env bash
# A real Active Directory for tests: a Samba domain controller for HOPITAL.TEST on a loopback address.
#
#   tests/lab/ad.sh up DIR IP [LDIF]   from the snapshot of that LDIF, made first when there is none; running on return
#   tests/lab/ad.sh snapshot DIR LDIF  makes that snapshot when there is none; DIR/snapshot names it
#   tests/lab/ad.sh stop DIR           the process ends, the folder stays
#   tests/lab/ad.sh start DIR          runs it again
#   tests/lab/ad.sh freeze DIR         it takes connections and never answers (thaw ends that)
#   tests/lab/ad.sh thaw DIR
#   tests/lab/ad.sh down DIR           ends it and removes the folder
#
# In DIR: `address` (the IP), `ca.crt`, `accounts` (lines "name user-principal-name password").
# Accounts: `admin` may do all; `read` is svc-hygie, a plain user with no right beyond reading.
# Needs root: the ports of a directory are fixed (88, 389, 636...), so each controller has its own 127.x address.
# Environment: HYGIE_LAB_CACHE (default: the cache folder), where snapshots are kept.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/lab/install.sh
. "$HERE/install.sh"

usage() { sed -n '2,14s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[ $# -ge 2 ] || usage
verb=$1
DIR=$(mkdir -p "$2" && cd "$2" && pwd)

# Passwords of a directory that lives for one test run and holds nobody real.
ADMIN_PASSWORD='Adm1n-Passw0rd!'
READ_PASSWORD='Lecture-Annuaire-2026!'
# Raise it when what this script puts in a snapshot changes.
SNAPSHOT_VERSION=1

fail() { echo "ad.sh: $*" >&2; exit 1; }

write_config() {
  cat >"$DIR/smb.conf" <<C
[global]
  netbios name = DC1
  realm = HOPITAL.TEST
  workgroup = HOPITAL
  server role = active directory domain controller
  server services = ldap, cldap, kdc
  interfaces = $1/8
  bind interfaces only = yes
  private dir = $DIR/private
  lock directory = $DIR
  state directory = $DIR/state
  cache directory = $DIR/cache
  pid directory = $DIR/run
  ncalrpc dir = $DIR/ncalrpc
  winbindd socket directory = $DIR/winbindd
  ntp signd socket directory = $DIR/ntp_signd
  binddns dir = $DIR/bind-dns
  logging = file
  log file = $DIR/log.%m
  tls enabled = yes
  tls keyfile = $DIR/tls/dc.key
  tls certfile = $DIR/tls/dc.crt
  tls cafile = $DIR/tls/ca.crt
  idmap_ldb:use rfc2307 = yes
C
}

# One authority for the life of the folder, and a certificate that names the address, so that a client verifies
# ldaps://IP without a hosts file.
make_certificates() {
  local ip=$1
  mkdir -p "$DIR/tls"
  (
    cd "$DIR/tls"
    openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 30 \
      -subj "/CN=Hopital Test CA" -addext keyUsage=critical,keyCertSign,cRLSign
    openssl req -newkey rsa:2048 -nodes -keyout dc.key -out dc.csr -subj /CN=dc1.hopital.test
    printf 'basicConstraints=CA:FALSE\nsubjectAltName=DNS:dc1.hopital.test,DNS:localhost,IP:%s\nextendedKeyUsage=serverAuth\n' \
      "$ip" >dc.ext
    openssl x509 -req -in dc.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile dc.ext -out dc.crt
    chmod 600 ca.key dc.key
  ) >"$DIR/openssl.log" 2>&1 || { cat "$DIR/openssl.log" >&2; fail "certificates could not be made"; }
  cp "$DIR/tls/ca.crt" "$DIR/ca.crt"
}

# Off line, straight in the database: the fast way, and it needs no rights. The options may follow the verb.
database() { "$@" -H "$DIR/private/sam.ldb" "--configfile=$DIR/smb.conf"; }

provision() {
  local ip=$1 ldif=$2
  rm -rf "${DIR:?}"/*
  samba-tool domain provision --use-rfc2307 --realm=HOPITAL.TEST --domain=HOPITAL --server-role=dc \
    --dns-backend=NONE --host-name=dc1 --host-ip="$ip" --adminpass="$ADMIN_PASSWORD" --targetdir="$DIR" \
    --option="interfaces=lo" --option="bind interfaces only=yes" >"$DIR/provision.log" 2>&1 ||
    { tail -n 20 "$DIR/provision.log" >&2; fail "provisioning failed"; }
  write_config "$ip"
  database samba-tool user create svc-hygie "$READ_PASSWORD" >"$DIR/load.log" 2>&1 ||
    { cat "$DIR/load.log" >&2; fail "the reading account could not be made"; }
  database samba-tool user setexpiry svc-hygie --noexpiry >>"$DIR/load.log" 2>&1
  if [ -n "$ldif" ]; then
    database ldbadd "$ldif" >>"$DIR/load.log" 2>&1 || { tail -n 20 "$DIR/load.log" >&2; fail "$ldif was refused"; }
    tail -n 1 "$DIR/load.log"
  fi
  printf 'admin Administrator@hopital.test %s\nread svc-hygie@hopital.test %s\n' \
    "$ADMIN_PASSWORD" "$READ_PASSWORD" >"$DIR/accounts"
}
start() {
  local ip try
  ip=$(cat "$DIR/address")
  mkdir -p "$DIR"/{run,ncalrpc,winbindd,ntp_signd,cache,state}
  if running; then return 0; fi
  if timeout 2 bash -c "exec 3<>/dev/tcp/$ip/389" 2>/dev/null; then
    fail "another server answers on $ip:389 already; choose another 127.x address"
  fi
  setsid samba -F -M single --no-process-group -s "$DIR/smb.conf" --debug-stdout >"$DIR/samba.out" 2>&1 </dev/null &
  echo "$! $(born $!)" >"$DIR/samba.pid"
  # The certificate is the last thing to come up: wait for an answer over TLS.
  for ((try = 0; try < 300; try++)); do
    if LDAPTLS_CACERT="$DIR/tls/ca.crt" timeout 5 \
      ldapsearch -x -H "ldaps://$ip" -b "" -s base dn >/dev/null 2>&1; then
      echo "directory is up: ldaps://$ip"
      return 0
    fi
    running || break
    sleep 0.1
  done
  tail -n 20 "$DIR/samba.out" >&2
  stop
  fail "the domain controller did not come up on $ip"
}

# When a process began; empty when there is none (or its corpse, which waits for a parent to look). Samba writes over its own command line, and a number may pass to
# another program, so number and birth together say which process is ours.
born() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 != "Z" { print $20 }'; }
process() { cut -d' ' -f1 "$DIR/samba.pid"; }
running() {
  local pid birth
  read -r pid birth 2>/dev/null <"$DIR/samba.pid" || return 1
  [ -n "$birth" ] && [ "$(born "$pid")" = "$birth" ]
}

stop() {
  local pid try
  running || { rm -f "$DIR/samba.pid"; return 0; }
  pid=$(process)
  kill -CONT "$pid" 2>/dev/null || true
  kill "$pid" 2>/dev/null || true
  for ((try = 0; try < 100; try++)); do
    running || break
    sleep 0.1
  done
  ! running || kill -KILL "$pid" 2>/dev/null || true
  rm -f "$DIR/samba.pid"
}

# DIR/snapshot names the snapshot of this LDIF, made first when there is none.
snapshot() {
  local ip=$1 ldif=$2 key cache snapshot
  [ "$(id -u)" = 0 ] || fail "a domain controller needs root (ports 88, 389 and 636 on $ip); run it as root"
  [ -z "$ldif" ] || [ -s "$ldif" ] || fail "no records to load in $ldif"
  # shellcheck disable=SC2086
  install_packages $AD_PACKAGES
  stop
  cache="${HYGIE_LAB_CACHE:-$(hygie_cache)}/ad"
  mkdir -p "$cache"
  key=$( { echo "version $SNAPSHOT_VERSION"; samba --version; cat ${ldif:+"$ldif"} </dev/null; } | sha256sum | cut -c1-24)
  snapshot="$cache/$key.tar.zst"
  if [ ! -e "$snapshot" ]; then
    provision "$ip" "$ldif"
    tar -C "$DIR" -cf - . | zstd -q -3 -o "$snapshot.$$"
    mv "$snapshot.$$" "$snapshot"
  fi
  printf '%s\n' "$snapshot" >"$DIR/snapshot"
}

up() {
  local ip=$1 snapshot
  snapshot "$ip" "${2:-}"
  snapshot=$(cat "$DIR/snapshot")
  rm -rf "${DIR:?}"/*
  zstd -qdc "$snapshot" | tar -C "$DIR" -xf -
  printf '%s\n' "$ip" >"$DIR/address"
  write_config "$ip"
  make_certificates "$ip"
  start
}

case $verb in
  up) [ $# -ge 3 ] || usage; up "$3" "${4:-}" ;;
  snapshot) [ $# = 3 ] || usage; snapshot 127.0.0.1 "$3" ;;
  start) start ;;
  stop) stop ;;
  freeze) running || fail "not running"; kill -STOP "$(process)" ;;
  thaw) running || fail "not running"; kill -CONT "$(process)" ;;
  down) stop; rm -rf "$DIR" ;;
  *) usage ;;
esac
