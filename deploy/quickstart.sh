#!/usr/bin/env bash
# Vigie in one command: installs what is missing (Debian 12), builds, starts a hub and the operations room's web server
# on this machine and plays a patrol into them. Safe to run again.
#
#   deploy/quickstart.sh               until Ctrl-C; the hub's data stay
#   deploy/quickstart.sh --port 7800   on other ports (three in a row, and the page on 80 more; default 7700 and 7780)
#   deploy/quickstart.sh --speed 600   the patrol's two days in three minutes (default 100 times real time: twenty)
#   deploy/quickstart.sh --fresh       forgets what earlier runs kept
#   deploy/quickstart.sh --check       in a temporary folder, on free ports: asks every part, stops all; exit 0 or 1
#
# VIGIE_DATA names another folder for the data. VIGIE_BIN names a folder with built programs: nothing is then installed
# or built.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
cd "$root"
build=$root/build
programs=${VIGIE_BIN:-$build/bin}
hub_program=$programs/vigie-hub
vigie=$programs/vigie
web_program=$programs/vigie-web
scenario=deploy/scenarios/patrol.toml
host=127.0.0.1
port=7700
speed=100
fresh=no
check=no
data=${VIGIE_DATA:-${XDG_DATA_HOME:-$HOME/.local/share}/vigie-quickstart}
hub_pid=
web_pid=
patrol_pid=

usage() { sed -n '2,/^set -/p' "$0" | sed '$d; s/^# \{0,1\}//'; }
say() { printf '== %s\n' "$*"; }
fail() {
  printf 'FAILED: %s\n' "$*" >&2
  if [[ -s ${log:-} ]]; then
    echo "the end of the hub's log:" >&2
    tail -c "+$log_from" "$log" | tail -n 20 >&2
  fi
  exit 1
}

while [[ $# -gt 0 ]]; do
  case $1 in
    --check) check=yes ;;
    --fresh) fresh=yes ;;
    --port | --speed)
      [[ ${2:-} =~ ^[0-9]+$ ]] || { echo "$1 needs a number: see --help" >&2; exit 2; }
      if [[ $1 == --port ]]; then port=$2; else speed=$2; fi
      shift
      ;;
    -h | --help) usage; exit 0 ;;
    *) echo "unknown option '$1': see --help" >&2; exit 2 ;;
  esac
  shift
done

stop_all() {
  local status=$?
  trap - EXIT INT TERM
  if [[ -n $patrol_pid ]] && kill "$patrol_pid" 2>/dev/null; then wait "$patrol_pid" 2>/dev/null || true; fi
  if [[ -n $web_pid ]] && kill "$web_pid" 2>/dev/null; then wait "$web_pid" 2>/dev/null || true; fi
  if [[ -n $hub_pid ]] && kill "$hub_pid" 2>/dev/null; then wait "$hub_pid" 2>/dev/null || true; fi
  if [[ $check == yes && -n ${temporary:-} ]]; then rm -rf "$temporary"; fi
  exit "$status"
}

# GET /PATH of the hub's status port, or of another one; prints the body, fails unless it is a 200.
page() {
  local answer at=${2:-$((port + 2))}
  answer=$(exec 2>/dev/null 3<>"/dev/tcp/$host/$at" &&
    printf 'GET %s HTTP/1.1\r\nHost: %s:%s\r\nConnection: close\r\n\r\n' "$1" "$host" "$at" >&3 &&
    timeout 10 cat <&3) || return 1
  printf '%s' "${answer#*$'\r\n\r\n'}"
  [[ $answer == 'HTTP/1.1 200'* ]]
}

is_taken() { (exec 3<>"/dev/tcp/$host/$1") 2>/dev/null; }

# The hub's three ports, and the page's.
ports() { echo "$port $((port + 1)) $((port + 2)) $((port + 80))"; }

# Free ones, below those that the kernel gives to outgoing connections.
find_ports() {
  local i each taken
  for i in {1..50}; do
    port=$((10000 + RANDOM % 20000))
    taken=no
    for each in $(ports); do
      if is_taken "$each"; then taken=yes; fi
    done
    if [[ $taken == no ]]; then return; fi
  done
  fail 'no three free ports in a row'
}

# True while a hub holds this folder's log.
is_in_use() { [[ -e $1/hub.lock ]] && grep -q ":$(stat -c %i "$1/hub.lock") " /proc/locks; }

check_place() {
  [[ $port -le 65455 ]] || fail "--port $port leaves no room for the page's port, 80 more"
  if is_in_use "$data/log"; then
    fail "a hub uses $data already: stop it, or name another folder with VIGIE_DATA=FOLDER"
  fi
  local each
  for each in $(ports); do
    if is_taken "$each"; then
      fail "port $each is taken: try --port 7800, and VIGIE_DATA=FOLDER beside another quickstart"
    fi
  done
}

install_and_build() {
  deploy/install_packages.sh build
  if [[ ! -f $build/build.ninja ]]; then
    say 'configuring the build'
    cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DVIGIE_TESTS=OFF -DVIGIE_BENCH=OFF \
      -DVIGIE_WARNINGS_ARE_ERRORS=OFF >/dev/null
  fi
  say 'building (the first time takes some minutes)'
  local built
  built=$(mktemp)
  if ! deploy/ninja_tenths.sh "$built" nice -n 5 ninja -C "$build" vigie-hub vigie vigie-web page; then
    grep -E -A 8 'error|FAILED' "$built" | head -n 40 >&2
    rm -f "$built"
    fail 'the build'
  fi
  rm -f "$built"
}

start_hub() {
  mkdir -p "$data"
  people=$data/identities
  log=$data/hub.log
  log_from=$(($(stat -c %s "$log" 2>/dev/null || echo 0) + 1))
  "$hub_program" --config deploy/vigie-hub.toml --data "$data/log" --host "$host" --port "$port" \
    --log-file "$log" </dev/null &
  hub_pid=$!
  local i
  for i in {1..300}; do
    if page /readyz >/dev/null; then return; fi
    kill -0 "$hub_pid" 2>/dev/null || fail 'the hub ended while it started'
    sleep 0.1
  done
  fail "the hub is not ready after 30 s: $(page /readyz || true)"
}

# The operations room's page, seen as joint/room by whoever opens it on this machine.
start_web() {
  "$web_program" --hub "$host:$port" --listen "$host:$((port + 80))" --data "$data/web" --open \
    --identity "$people/room.toml" --set metrics.listen= --log-file "$data/web.log" </dev/null &
  web_pid=$!
  local i
  for i in {1..100}; do
    if page / $((port + 80)) >/dev/null; then return; fi
    kill -0 "$web_pid" 2>/dev/null || fail "the web server ended while it started: $(tail -n 3 "$data/web.log")"
    sleep 0.1
  done
  fail "the page is not there after 10 s: $(tail -n 3 "$data/web.log")"
}

stop_web() {
  kill -TERM "$web_pid"
  wait "$web_pid" || fail "the web server did not stop cleanly (exit status $?)"
  web_pid=
}

# enrol NAME ROLE FILE [OPTION...]: makes a key file by a code, as on a device of its own. What is there stays.
enrol() {
  local name=$1 role=$2 file=$people/$3.toml code
  shift 3
  [[ ! -e $file ]] || return 0
  code=$("$vigie" invite "$name" --role "$role" "$@" --identity "$data/log/keys/administrator.toml" \
    --hub "$host:$port" 2>>"$data/enrolment.log") || fail "no invitation for $name: $(tail -n 1 "$data/enrolment.log")"
  "$vigie" join - --identity "$file" <<<"$code" >>"$data/enrolment.log" 2>&1 ||
    fail "$name does not join: $(tail -n 1 "$data/enrolment.log")"
}

# Two contingents, each with an administrator and a gateway for its units, and the joint room to which both show theirs.
enrol_people() {
  mkdir -p -m 700 "$people"
  enrol joint/room console room
  local owner
  for owner in alpha bravo; do
    enrol "$owner/gateway" gateway "$owner" --unit "$owner/*"
    enrol "$owner/boss" administrator "$owner-boss"
    [[ ! -e $people/$owner.granted ]] || continue
    "$vigie" grant "$owner/joint-patrol" --to joint --identity "$people/$owner-boss.toml" --hub "$host:$port" \
      >>"$data/enrolment.log" 2>&1 || fail "$owner grants nothing: $(tail -n 1 "$data/enrolment.log")"
    touch "$people/$owner.granted"
  done
}

# Plays the patrol, each contingent's units by its own gateway. Takes the shell's place, so that a signal reaches it:
# call it in a subshell or in the background.
play() {
  exec "$vigie" simulate "$scenario" --identity "$people/alpha.toml" --identity "$people/bravo.toml" \
    --hub "$host:$port" "$@"
}

# What earlier runs kept, and what the README's tour leaves beside it.
forget() {
  (cd "$data" && rm -rf log identities web ./*.log aid.toml patrol.vgr code.png)
}

stop_hub() {
  kill -TERM "$hub_pid"
  wait "$hub_pid" || fail "the hub did not stop cleanly (exit status $?)"
  hub_pid=
}

# expect WHAT COMMAND...: the command must succeed; what it prints is not shown.
expect() {
  local what=$1
  shift
  "$@" >/dev/null || fail "$what"
  printf 'ok: %s\n' "$what"
}

in_subshell() { ("$@"); }
holds() { grep -q -- "$2" <<<"$1"; }
at_least() { [[ $1 -ge $2 ]]; }
count() { grep -c -- "$2" <<<"$1" || true; }
count_each() { { grep -o -- "$2" <<<"$1" || true; } | wc -l; }

run_check() {
  local hub=$host:$port units snapshot replayed again shown
  export VIGIE_IDENTITY=$people/room.toml
  local everything=(--from 2000-01-01T00:00:00Z --to 2100-01-01T00:00:00Z --format ndjson)
  units=$(grep -cE '^ *\[\[ *units? *\]\]' "$scenario" || true)
  expect 'the hub says it is healthy' page /healthz
  enrol_people
  say "playing $scenario"
  expect 'the patrol is played and acknowledged' in_subshell play --speed max
  enrol charlie/room console charlie
  local nobody=(timeout 60 "$vigie" watch --hub "$hub" --snapshot --format ndjson --timeout 3s)
  holds "$("${nobody[@]}" --plain 2>&1 || true)" 'asks who is there' || fail 'a stranger is not turned away'
  printf 'ok: a stranger is turned away\n'
  shown=$("${nobody[@]}" --identity "$people/charlie.toml") || fail 'the console of a third owner'
  expect 'a third owner is shown nothing of the patrol' at_least 0 "$(count "$shown" '"class":"track"')"
  snapshot=$(timeout 60 "$vigie" watch --hub "$hub" --snapshot --format ndjson) || fail 'vigie watch --snapshot'
  expect "the snapshot shows the patrol's $units units" at_least \
    "$(count "$snapshot" '"class":"track"')" "$units"
  replayed=$(timeout 300 "$vigie" replay --hub "$hub" "${everything[@]}" --speed max) || fail 'vigie replay'
  expect 'the replay gives its positions' at_least "$(count "$replayed" '"class":"track"')" 1000
  expect 'and its events' at_least "$(count "$replayed" '"class":"event"')" 10
  shown=$(timeout 60 "$vigie" audit --hub "$hub" --identity "$people/alpha-boss.toml" --format json) ||
    fail 'vigie audit'
  expect 'the audit tells its administrator who granted what' holds "$shown" '"kind":"granted"'
  expect 'a range is recorded' timeout 300 "$vigie" record --hub "$hub" --out "$data/patrol.vgr"
  expect 'and proved to be what the room sealed' timeout 60 "$vigie" verify --hub "$hub" --ask-hub "$data/patrol.vgr"
  check_page "$units"
  expect 'vigie status answers' "$vigie" status --hub "$hub"
  expect 'the status page is JSON' holds "$(page /status)" '^{'
  expect 'the metrics are there' holds "$(page /metrics)" '^vigie_'
  say 'stopping and starting the hub'
  stop_hub
  start_hub
  again=$(timeout 60 "$vigie" watch --hub "$hub" --snapshot --format ndjson) || fail 'watch after a new start'
  expect 'the picture is still there' at_least "$(count "$again" '"class":"track"')" "$units"
  stop_hub
  say 'everything answers'
}

# check_page UNITS: the operations room has the patrol, too, now and in the past.
check_page() {
  local at=$((port + 80)) shown
  start_web
  expect 'the page answers' holds "$(page / $at)" 'assets/'
  for _ in {1..100}; do
    shown=$(page '/api/v1/units?limit=1000' $at || true)
    [[ $(count_each "$shown" '"lat"') -lt $1 ]] || break
    sleep 0.1
  done
  expect "and has the patrol's units" at_least "$(count_each "$shown" '"lat"')" "$1"
  expect 'and its events' at_least "$(count_each "$(page '/api/v1/events?from=2000-01-01T00:00:00Z' $at)" '"kind"')" 10
  stop_web
}

run_demonstration() {
  local program=${vigie#"$root"/} at=''
  grep -q "'$host:$port'" "$people/room.toml" || at=" --hub $host:$port"
  cat <<END

Open http://$host:$((port + 80))/ : the operations room, with the patrol in it.

The hub runs on $host: publish $port, listen $((port + 1)), status http://$host:$((port + 2))/status
Its data and log: $data
The patrol of $scenario plays into it, $speed times as fast as life, again and again.

The hub asks who is there: you are joint/room, to whom both contingents show their patrol. In another terminal:
  export VIGIE_IDENTITY=$people/room.toml
  $program watch$at                    the picture, live
  $program watch$at --format ndjson    the same, a line a change
  $program send$at --help              an event or a text by hand: --identity $people/alpha.toml for units of alpha
  $program replay$at --help            what was, again
  $program access$at                   what you may see, and by which grant
  $program status$at                   how the hub is

Ctrl-C ends it; the data stay, and the next run goes on with them.
END
  while true; do
    play_patrol
    say 'the patrol is back, and sets out again'
  done
}

# Until it is back.
play_patrol() {
  local status=0
  play --speed "$speed" >"$data/patrol.log" 2>&1 </dev/null &
  patrol_pid=$!
  wait -n "$patrol_pid" "$hub_pid" "$web_pid" || status=$?
  kill -0 "$hub_pid" 2>/dev/null || fail 'the hub ended'
  kill -0 "$web_pid" 2>/dev/null || fail "the web server ended: $(tail -n 3 "$data/web.log")"
  patrol_pid=
  [[ $status -eq 0 ]] && return
  cat "$data/patrol.log" >&2
  fail 'the patrol ended early'
}

[[ $check == yes ]] || check_place
[[ -n ${VIGIE_BIN:-} ]] || install_and_build
trap stop_all EXIT
if [[ $check == yes ]]; then trap 'exit 1' INT TERM HUP; else trap 'exit 0' INT TERM HUP; fi
if [[ $check == yes ]]; then
  temporary=$(mktemp -d)
  data=$temporary
  find_ports
  start_hub
  run_check
else
  if [[ $fresh == yes && -f $data/hub.log ]]; then forget; fi
  start_hub
  enrol_people
  start_web
  run_demonstration
fi
