# Sourced by the shell tests: TAP for what they find, and where things are. `make check` sets the
# places; by hand a test runs as `sh tests/sh/NAME.sh` beside a build in build/release.

here=$(cd "$(dirname "$0")/../.." && pwd)
srcdir=${abs_srcdir:-$here}
builddir=${abs_builddir:-$here/build/release}
CC=${CC:-cc}
NM=${NM:-nm}
AWK=${AWK:-awk}
LC_ALL=C
export LC_ALL

work=$(mktemp -d "${TMPDIR:-/tmp}/ketch-test.XXXXXX") || exit 99
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
trap 'exit 99' HUP INT TERM

tap_count=0
tap_failed=0

# case NAME STATUS [FILE]: one result; on failure FILE is shown as comment.
tap_case() {
    tap_count=$((tap_count + 1))
    if [ "$2" -eq 0 ]; then
        echo "ok $tap_count - $1"
        return
    fi
    tap_failed=1
    echo "not ok $tap_count - $1"
    [ -z "$3" ] || sed 's/^/# /' "$3" | head -n 40
}

# check NAME COMMAND...: good if the command succeeds.
tap_check() {
    tap_name=$1
    shift
    "$@" >"$work/output" 2>&1
    tap_case "$tap_name" $? "$work/output"
}

# empty NAME COMMAND...: good if the command prints nothing: it lists offenders.
tap_empty() {
    tap_name=$1
    shift
    "$@" >"$work/output" 2>&1
    [ ! -s "$work/output" ]
    tap_case "$tap_name" $? "$work/output"
}

# figure PROMISE WHAT NUMBER [UNIT]: for the table of tests/promises.py.
tap_figure() {
    echo "# figure $1: $2 = $3 ${4:-}"
}

tap_skip() {
    tap_count=$((tap_count + 1))
    echo "ok $tap_count - $1 # SKIP $2"
}

tap_skip_all() {
    echo "1..0 # SKIP $1"
    exit 0
}

tap_done() {
    echo "1..$tap_count"
    exit "$tap_failed"
}

# The public headers, as Makefile.am lists them.
tap_public_headers() {
    sed -n '/^public_headers = /,/[^\\]$/p' "$srcdir/Makefile.am" | tr -d '\\' | sed 's/^public_headers =//'
}

# link PROGRAM SOURCE: a C program on the library as built here.
tap_link() {
    if [ -f "$builddir/.libs/libketch.a" ]; then
        tap_library=$builddir/.libs/libketch.a
    else
        tap_library="-L$builddir/.libs -Wl,-rpath,$builddir/.libs -lketch"
    fi
    # shellcheck disable=SC2086 # flags and library are lists
    $CC -std=c11 -Wall -Wextra -Werror ${CFLAGS:--g} -I"$srcdir/engine" -o "$1" "$2" \
        $tap_library ${LDFLAGS:-} -pthread -lm
}
