#!/usr/bin/env bash
# Installs the Debian packages of deploy/packages.txt that are missing; does nothing when none is.
#
#   deploy/install_packages.sh build         what building and running needs
#   deploy/install_packages.sh build tests   and what the tests need
#
# Needs root or sudo only when something is missing. Safe to run again, also after it was interrupted.
set -euo pipefail
list=$(dirname "$(readlink -f "$0")")/packages.txt

wanted() {
  awk -v parts=" $* " '
    { sub(/#.*/, "") }
    /^\[/ { gsub(/[][ ]/, ""); on = index(parts, " " $0 " "); next }
    on && NF { print $1 }' "$list"
}

# Node.js comes to many machines from elsewhere than Debian, and Debian's npm can't be installed beside it.
has_otherwise() {
  case $1 in
    nodejs) command -v node >/dev/null ;;
    npm) command -v npm >/dev/null ;;
    *) false ;;
  esac
}

missing() {
  local package
  for package in $(wanted "$@"); do
    has_otherwise "$package" && continue
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || echo "$package"
  done
}

as_root() {
  if [[ $(id -u) -eq 0 ]]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  elif command -v sudo >/dev/null; then
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  else
    echo "run as root, or install by hand: ${packages[*]}" >&2
    exit 1
  fi
}

[[ $# -gt 0 ]] || set -- build
command -v dpkg-query >/dev/null || { echo "this is not a Debian system: see $list for what is needed" >&2; exit 1; }
mapfile -t packages < <(missing "$@")
if [[ ${#packages[@]} -eq 0 ]]; then exit 0; fi
echo "installing ${#packages[@]} packages: ${packages[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly() {
  as_root "$@" </dev/null >>"$log" 2>&1 && return
  tail -n 30 "$log" >&2
  echo "could not be installed; the end of what apt said is above" >&2
  exit 1
}
quietly apt-get -o DPkg::Lock::Timeout=300 update -qq
quietly apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "${packages[@]}"
# The measured peers and gpsd come with services that start by themselves; the tests start their own.
for service in redis-server nats-server gpsd.socket gpsd; do
  if [[ -d /run/systemd/system ]] && printf '%s\n' "${packages[@]}" | grep -q "^${service%.socket}$"; then
    as_root systemctl disable --now "$service" >/dev/null 2>&1 || true
  fi
done
