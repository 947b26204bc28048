#!/bin/bash
# The library as others use it: installed under a prefix, found by find_package, its
# examples built and run against a hub.
#   package_test.sh BUILD_DIRECTORY CMAKE COMPILER EXAMPLES     (VIGIE_BIN: folder of vigie-hub)
set -euo pipefail
build=$1 cmake=$2 compiler=$3 examples=$4
work=$(mktemp -d)
hub=0 watch=0
cleanup() {
  [ "$watch" = 0 ] || kill "$watch" 2>/dev/null || true
  [ "$hub" = 0 ] || kill "$hub" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

"$cmake" --install "$build" --component client --prefix "$work/prefix" >"$work/install.log"
"$cmake" -S "$examples" -B "$work/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" \
  -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS="-Wall -Wextra -Werror" >"$work/configure.log" ||
  { cat "$work/configure.log"; exit 1; }
"$cmake" --build "$work/build" >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }

mkdir "$work/ipc"
# Any port that is free, and the two behind it: a hub that can't have them ends, and another is tried.
mkfifo "$work/log"
for port in $(shuf -i 10000-29999 -n 20); do
  "$VIGIE_BIN/vigie-hub" --plain --data "$work/data" --port "$port" --ipc "$work/ipc" 2>"$work/log" &
  hub=$!
  exec 4<"$work/log"
  serving=no
  while read -r -t 60 line <&4; do
    case $line in *" serving "*) serving=yes; break ;; esac
  done
  [ "$serving" = no ] || break
  wait "$hub" || true
done
[ "$serving" = yes ] || { echo "the hub did not start"; exit 1; }
address="ipc://$work/ipc"

mkfifo "$work/lines"
"$work/build/watch" "$address" >"$work/lines" &
watch=$!
exec 3<"$work/lines"
while read -r -t 60 line <&3; do
  case $line in *"from here on live"*) break ;; esac
done

"$work/build/publish_fix" "$address" red/alpha 15.9001234 1.5003401 "$work/a.spool" | tee "$work/published"
grep -q "number 1 settled, 0 refused" "$work/published"
found=no
while read -r -t 60 line <&3; do
  case $line in *"red/alpha"*"15.9001234 1.5003401"*) found=yes; break ;; esac
done
[ "$found" = yes ] || { echo "the watch did not show the fix"; exit 1; }

"$work/build/replay" "$address" 600 >"$work/replayed"
grep -q "red/alpha 15.9001234 1.5003401" "$work/replayed" || { echo "the replay did not have it"; exit 1; }
[ "$(wc -l <"$work/replayed")" = 1 ]
echo "published, watched and replayed through the installed package"
