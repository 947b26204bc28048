#!/usr/bin/env bash
# Builds and tests Vigie. Installs what is missing on Debian 12 (root or sudo), works without a terminal, is safe to
# run again. What is long goes to build/logs; the end of it is shown when something fails.
#
#   tests/run.sh                 the quick set: unit and integration tests, a part under sanitizers, the house rules
#   tests/run.sh full            also the long rounds, all unit tests under the sanitizers, clang-tidy, fuzzing
#   tests/run.sh asan            unit tests under the address and undefined-behaviour sanitizers
#   tests/run.sh tsan            tests of threads under the thread sanitizer
#   tests/run.sh fuzz [SECONDS]  every fuzz target for so long each (default 30)
#   tests/run.sh crash [SEED]    the crash tests, with a seed to repeat a run
#   tests/run.sh bench [ARGS]    the benchmarks beside NATS, Redis and plain ZeroMQ
#   tests/run.sh tidy            clang-tidy, each room linked alone, each header compiled by itself
#
# The last line is always "N passed, N failed, N skipped"; the exit status is 0 when nothing failed.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
cd "$root"
jobs=${VIGIE_JOBS:-$(nproc)}
logs=$root/build/logs
results=()       # folders with the results of ctest runs
more_passed=0    # what is not a ctest
more_failed=0
started=$SECONDS

say() { printf '[%2d:%02d] %s\n' $(((SECONDS - started) / 60)) $(((SECONDS - started) % 60)) "$*"; }

# Runs a command with its output in build/logs/NAME.log; shows the end of it when it fails.
logged() {
  local name=$1
  shift
  if "$@" >"$logs/$name.log" 2>&1 </dev/null; then return 0; fi
  say "$name failed; the end of build/logs/$name.log:"
  tail -n 40 "$logs/$name.log"
  return 1
}

# One step that is no ctest: counted as one case.
step() {
  say "$1"
  if logged "$@"; then more_passed=$((more_passed + 1)); else more_failed=$((more_failed + 1)); fi
}

finish() {
  local counted='0 passed, 0 failed, 0 skipped'
  if [[ ${#results[@]} -gt 0 ]]; then
    counted=$(python3 tests/count_results.py "${results[@]}" || true)
    sed '$d' <<<"$counted"
    counted=$(tail -n 1 <<<"$counted")
  fi
  local passed failed skipped
  read -r passed _ failed _ skipped _ <<<"$counted"
  passed=$((passed + more_passed))
  failed=$((failed + more_failed))
  say 'done'
  echo "$passed passed, $failed failed, $skipped skipped"
  [[ $failed -eq 0 && $passed -gt 0 ]] || exit 1
}

# A build that fails ends the run: nothing after it would mean anything.
build() {
  local folder=$1 targets=$2
  shift 2
  say "building in $folder"
  if logged "configure-$folder" cmake -S . -B "$folder" -G Ninja "$@" \
    && progress "build-$folder" nice -n 5 ninja -C "$folder" -j "$jobs" $targets; then
    return 0
  fi
  more_failed=$((more_failed + 1))
  finish
}

# Like logged, and shows how far ninja is, each tenth.
progress() {
  local name=$1
  shift
  if deploy/ninja_tenths.sh "$logs/$name.log" "$@"; then return 0; fi
  say "$name failed; the end of build/logs/$name.log:"
  grep -E -A 12 'error|FAILED|undefined' "$logs/$name.log" | tail -n 60
  return 1
}

# run_tests NAME FOLDER CTEST-ARGUMENTS...: goes on when tests fail.
run_tests() {
  local name=$1 folder=$2
  shift 2
  local out=$logs/$name
  rm -rf "$out"
  mkdir -p "$out"
  results+=("$out")
  say "testing: $name"
  (cd "$folder" && GTEST_OUTPUT="xml:$out/" ctest -j "$jobs" --output-on-failure --output-junit "$out/ctest.xml" \
    "$@" </dev/null) 2>&1 | tee "$logs/$name.log" | grep --line-buffered -E '^ *[0-9]+/[0-9]+ Test +#' || true
}

sanitized_asan() {
  build build-asan "$1" -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS='-O1 -g1' -DVIGIE_SANITIZE=address,undefined \
    -DVIGIE_BENCH=OFF
  ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1 \
    run_tests asan build-asan "${@:2}"
}

sanitized_tsan() {
  build build-tsan "$1" -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS='-O1 -g1' -DVIGIE_SANITIZE=thread -DVIGIE_BENCH=OFF
  TSAN_OPTIONS="suppressions=$root/tests/tsan.supp:second_deadlock_stack=1" run_tests tsan build-tsan "${@:2}"
}

fuzz() {
  local seconds=$1 target name
  build build-fuzz vigie_fuzz_targets -DCMAKE_CXX_COMPILER=clang++-14 -DCMAKE_BUILD_TYPE=None \
    -DCMAKE_CXX_FLAGS='-O1 -g1' -DVIGIE_FUZZ=ON -DVIGIE_TESTS=OFF -DVIGIE_BENCH=OFF
  for target in build-fuzz/fuzz/*; do
    [[ -x $target ]] || continue
    name=$(basename "$target")
    mkdir -p "build-fuzz/corpus/$name" "tests/fuzz/corpus/${name#fuzz_}"
    # New inputs go to the build folder; the kept corpus in tests/fuzz/corpus is only read.
    step "fuzz-$name" "$target" -max_total_time="$seconds" -max_len=70000 -timeout=10 -rss_limit_mb=2048 \
      -artifact_prefix="build-fuzz/$name-" "build-fuzz/corpus/$name" "tests/fuzz/corpus/${name#fuzz_}"
  done
}

tidy() {
  build build-tidy 'vigie_check_rooms wire_headers' -DCMAKE_BUILD_TYPE=None -DVIGIE_CHECK_ROOMS=ON -DVIGIE_TESTS=OFF \
    -DVIGIE_BENCH=OFF
  step tidy bash -c "python3 tests/tidy_files.py build-tidy | xargs -P $jobs -n 2 clang-tidy-16 -p build-tidy --quiet"
}

word=${1:-quick}
case $word in
  quick | full | asan | tsan | fuzz | crash | bench | tidy) ;;
  -h | --help | help) sed -n '2,/^set -/p' "$0" | sed '$d; s/^# \{0,1\}//'; exit 0 ;;
  *) echo "unknown word '$word': see tests/run.sh --help" >&2; exit 2 ;;
esac
mkdir -p "$logs"
deploy/install_packages.sh build tests
# Compiled a third quicker than with full optimisation; figures come from tests/bench/run.sh, which has its own build.
plain=(-DCMAKE_BUILD_TYPE=RelWithDebInfo '-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1 -g1 -DNDEBUG'
  -DVIGIE_TESTS=ON -DVIGIE_BENCH=ON)
long='soak|full|bench|house'

case $word in
  quick)
    build build '' "${plain[@]}"
    run_tests quick build -LE "$long"
    sanitized_tsan vigie_tests_threads -L '^threads$' -LE "$long"
    sanitized_asan vigie_tests_schemas -R '^unit/schemas/' -LE "$long"
    run_tests house build -L house
    ;;
  full)
    export VIGIE_SIMULATIONS=${VIGIE_SIMULATIONS:-3000} VIGIE_ROUNDS=${VIGIE_ROUNDS:-200}
    export VIGIE_STALLED_SECONDS=${VIGIE_STALLED_SECONDS:-600}
    build build '' "${plain[@]}"
    run_tests full build -LE 'bench|house'
    sanitized_tsan vigie_tests_threads -L '^threads$' -LE bench
    sanitized_asan vigie_tests_unit -L '^unit$' -LE bench
    fuzz 120
    tidy
    run_tests house build -L house
    ;;
  asan) sanitized_asan vigie_tests_unit -L '^unit$' -LE "$long" ;;
  tsan) sanitized_tsan vigie_tests_threads -L '^threads$' -LE "$long" ;;
  fuzz) fuzz "${2:-30}" ;;
  crash)
    build build '' "${plain[@]}"
    if [[ -n ${2:-} ]]; then export VIGIE_SEED=$2; fi
    run_tests crash build -L crash
    ;;
  bench)
    build build '' "${plain[@]}"
    exec tests/bench/run.sh "${@:2}"
    ;;
  tidy) tidy ;;
esac
finish
