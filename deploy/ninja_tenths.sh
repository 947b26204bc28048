#!/usr/bin/env bash
# Runs ninja and shows how far it is, each tenth; its own words go to a file.
#   deploy/ninja_tenths.sh LOG ninja ARGUMENTS...
set -o pipefail
log=$1
shift
NINJA_STATUS='[%p %f/%t] ' "$@" 2>&1 </dev/null | tee "$log" |
  awk '/^\[ *[0-9]+%/ { gsub(/[][%]/, " "); p = $1 + 0
                        if (p >= tenth) { print "        " p "%"; fflush(); tenth = p - p % 10 + 10 } }'
