#!/bin/sh
# Measures Vigie beside NATS JetStream, Redis Streams and plain ZeroMQ, in one run with one load generator.
#
#   tests/bench/run.sh                      the quick form: at most ten minutes
#   tests/bench/run.sh --full               longer runs, 10 million fixes, ten minutes of a stalled console
#   tests/bench/run.sh --only throughput    one measure (several words: several measures); see --help
#   tests/bench/run.sh --rounds 8           more rounds
#   tests/bench/run.sh web [ARGS]           what browsers cost, beside mosquitto's and nats-server's WebSockets
#   tests/bench/run.sh rights [ARGS]        what deciding costs, with 10,000 grants; ends with 1 where a limit is missed
#   tests/bench/run.sh access [ARGS]        the feed while trackers come back and strangers are turned away; the same
#
# Every other option goes to vigie-bench as it is. Tables go to stdout, and with one line of JSON a sample into the
# folder of the build (VIGIE_BENCH_BUILD, build-bench beside the sources when it is not set). Servers run as child
# processes on free loopback ports, in a temporary folder (below TMPDIR) that is removed at the end, however it ends.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=${VIGIE_BENCH_BUILD:-$root/build-bench}

# Builds the targets named; what was said is shown where it fails.
build_programs() {
  cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DVIGIE_BENCH=ON > "$build.log" 2>&1 ||
    { cat "$build.log" >&2; exit 1; }
  cmake --build "$build" --target "$@" > "$build.log" 2>&1 || { cat "$build.log" >&2; exit 1; }
}

if [ "${1:-}" = web ]; then
  shift
  build_programs bench vigie-hub vigie vigie-web page
  exec "$here/web/web_bench.py" --bin "$build/bin" "$@"
fi

if [ "${1:-}" = rights ]; then
  shift
  build_programs rights_bench
  exec "$build/tests/rights_bench" "$@"
fi

if [ "${1:-}" = access ]; then
  shift
  build_programs vigie-hub conformance_schemas
  VIGIE_BIN=$build/bin VIGIE_SCHEMAS=$root/schemas/messages VIGIE_WIRE_PYTHON=$build/tests/conformance/wire_python
  export VIGIE_BIN VIGIE_SCHEMAS VIGIE_WIRE_PYTHON
  exec "$here/access_bench.py" "$@"
fi

limit=600
for word in "$@"; do
  case $word in
    --full) limit=7200 ;;
    --quick) ;;
    -h | --help)
      sed -n '2,14s/^# \{0,1\}//p' "$0"
      [ ! -x "$build/bin/vigie-bench" ] || exec "$build/bin/vigie-bench" --help
      exit 0
      ;;
  esac
done

missing=
for program in nats-server redis-server cmake ninja; do
  PATH=$PATH:/usr/sbin:/sbin command -v "$program" > /dev/null || missing="$missing $program"
done
if [ -n "$missing" ]; then
  echo "run.sh: not installed:$missing (deploy/packages.txt lists the packages, in [build] and [tests])" >&2
  exit 2
fi

# nats-server lies where only root's PATH looks.
PATH=$PATH:/usr/sbin:/sbin
export PATH

build_programs bench vigie-hub

temp=$(mktemp -d "${TMPDIR:-/tmp}/vigie-bench.XXXXXX")
bench=
finish() {
  [ -z "$bench" ] || kill "$bench" 2> /dev/null || true
  rm -rf "$temp"
}
trap finish EXIT
trap 'exit 130' INT TERM

# vigie-bench ends by itself at SIGTERM, with the tables of what it has, and its servers with it.
timeout --signal=TERM --kill-after=30 "$limit" "$build/bin/vigie-bench" --temp "$temp" \
  --json "$build/bench.ndjson" --markdown "$build/bench.md" "$@" &
bench=$!
status=0
wait "$bench" || status=$?
bench=
exit "$status"
