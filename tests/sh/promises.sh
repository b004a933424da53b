#!/bin/sh
# tests/promises.txt: every promise has a row, and every test that a row names exists.
. "$(dirname "$0")/tap.sh"
cd "$srcdir" || exit 99
list=tests/promises.txt

tests_named() {
    sed -n 's/^    \(tests\/.*\)/\1/p' "$list"
}

# exists FILE NAME
exists() {
    case $1 in
    tests/run.sh) grep -q "^stage $2 " "$1" ;;
    *.c) grep -q "^START_TEST($2)" "$1" ;;
    *.py) grep -qE "^(async )?def $2\(" "$1" ;;
    *) grep -qF "$2" "$1" ;;
    esac
}

unknown_tests() {
    tests_named | while IFS= read -r line; do
        exists "${line%%: *}" "${line#*: }" 2>/dev/null || echo "$line"
    done
}

# Out of order, or without a test and a reason.
bad_rows() {
    $AWK '
        function end() { if (number && !lines) print "P" number " has no test" }
        /^P[0-9]+ / { end(); number++; lines = 0; if ($1 != "P" number) print $1 " is not P" number }
        /^    (tests\/|no test yet: )/ { lines++; next }
        !/^(P[0-9]+ .*\.|#.*|)$/ { print FILENAME ":" FNR ": " $0 }
        END { end(); if (number < 37) print "there are " number }' "$list"
}

unknown_figures() {
    grep -rhoE '(tap_)?figure\(? ?"?P[0-9]+' tests/c tests/sh tests/python | grep -oE 'P[0-9]+' | sort -u |
        while read -r promise; do grep -q "^$promise " "$list" || echo "$promise"; done
}

# The table that was kept names the promises and tests of the list.
old_table() {
    { tests_named | sed 's/.*/`&`/' && sed -nE 's/^(P[0-9]+) (.*)/\1. \2/p' "$list"; } |
        while IFS= read -r line; do grep -qF "$line" tests/PROMISES.md || echo "$line"; done
}

tap_check "there are tests" test "$(tests_named | wc -l)" -gt 100
tap_empty "every promise has a row" bad_rows
tap_empty "every test exists" unknown_tests
tap_empty "every figure is one of a promise" unknown_figures
tap_empty "the table is of this list" old_table
tap_done
