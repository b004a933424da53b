# Sourced by the shell tests: TAP for what they find, and where things are. `make check` sets the
# places; by hand a test runs as `sh tests/sh/NAME.sh` beside a build in build/release.

here=$(cd "$(dirname "$0")/../.." && pwd)
srcdir=${abs_srcdir:-$here}
builddir=${abs_builddir:-$here/build/release}
CC=${CC:-cc}
NM=${NM:-nm}
AWK=${AWK:-awk}
VERSION=${VERSION:-$(sed -n "s/^Version: //p" "$builddir/ketch.pc" 2>/dev/null)}
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

# strike SIGNAL FILE TURNS COMMAND...: runs the command and sends it the signal so many turns of a loop
# after the temporary file of FILE began to have bytes, as it has while it is written; a command that
# has printed its result has written the file unseen. XFSZ: a limit on the size of files is set
# meanwhile. Sets code to the exit code, and struck to 1 if the temporary file was still there when the
# signal was sent.
tap_strike() {
    tap_signal=$1 tap_temporary=.$2.ketch-0 tap_turns=$3 struck=0 code=0
    shift 3
    rm -f "$tap_temporary" && : >out
    "$@" >out 2>err </dev/null &
    tap_waited=0
    until [ -s "$tap_temporary" ] || [ -s out ] || [ $tap_waited -eq 500000 ]; do
        tap_waited=$((tap_waited + 1))
    done
    while [ "$tap_turns" -gt 0 ]; do tap_turns=$((tap_turns - 1)); done
    [ ! -s "$tap_temporary" ] || struck=1
    case $tap_signal in
    XFSZ) kill -s STOP $! && prlimit --pid $! --fsize=10000 && kill -s CONT $! ;;
    *) kill -s "$tap_signal" $! ;;
    esac 2>/dev/null
    wait $! || code=$?
}

# storm ROUNDS SIGNAL FILE CHECK COMMAND...: strikes the command that often, at any time of the writing
# and beyond, and runs CHECK, which fails on a file that is not whole. Sets landed to the number of
# signals that found the file being written.
tap_storm() {
    tap_rounds=$1 tap_kind=$2 tap_file=$3 tap_whole=$4
    shift 4
    tap_most=4000 landed=0
    $AWK -v rounds="$tap_rounds" 'BEGIN { srand(9); while (rounds--) print int(1000 * rand()) }' >delays
    while read -r tap_part; do
        tap_strike "$tap_kind" "$tap_file" $((tap_most * tap_part / 1000)) "$@"
        $tap_whole || { echo "SIG$tap_kind, exit code $code"; cat err; return 1; }
        landed=$((landed + struck))
        [ $struck -eq 0 ] || tap_most=$((tap_most + tap_most / 64 + 1))
        [ $struck -eq 1 ] || tap_most=$((tap_most - tap_most / 8))
    done <delays
    [ "$landed" -gt 0 ] || { echo "no signal found the file being written"; return 1; }
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

# tap_storms LEFT: the script's `storm SIGNAL NAME COMMAND...` for each way to end the command $ketch
# while it writes. LEFT: what there may be in place of the old file, for the cases left out.
tap_storms() {
    # A shell lets its background jobs ignore SIGINT; env undoes that.
    if env --default-signal=INT true 2>/dev/null; then
        storm INT "SIGINT" env --default-signal=INT "$ketch"
    else
        tap_skip "SIGINT leaves the old file or $1" "env has no --default-signal"
    fi
    storm TERM "SIGTERM" "$ketch"
    storm KILL "SIGKILL" "$ketch"
    if command -v prlimit >/dev/null; then
        storm XFSZ "a size limit" "$ketch"
    else
        tap_skip "a size limit leaves the old file or $1" "there is no prlimit"
    fi
}

# The public headers, as Makefile.am lists them.
tap_public_headers() {
    sed -n '/^public_headers = /,/[^\\]$/p' "$srcdir/Makefile.am" | tr -d '\\' | sed 's/^public_headers =//'
}

# The library as built here, for a linker.
tap_library() {
    if [ -f "$builddir/.libs/libketch.a" ]; then
        echo "$builddir/.libs/libketch.a"
    else
        echo "-L$builddir/.libs -Wl,-rpath,$builddir/.libs -lketch"
    fi
}

# link PROGRAM SOURCE: a C program on the library as built here.
tap_link() {
    # shellcheck disable=SC2046,SC2086 # library and flags are lists
    $CC -std=c11 -Wall -Wextra -Werror ${CFLAGS:--g} -I"$srcdir/engine" -o "$1" "$2" \
        $(tap_library) ${LDFLAGS:-} -pthread -lm
}

tap_cpp_warnings="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"

# link_cpp COMPILER PROGRAM ARGUMENT...: the same of C++17 sources, and with further options.
tap_link_cpp() {
    tap_compiler=$1 tap_program=$2
    shift 2
    # shellcheck disable=SC2046,SC2086
    $tap_compiler -std=c++17 $tap_cpp_warnings -I"$srcdir/engine" -o "$tap_program" "$@" \
        $(tap_library) ${LDFLAGS:-} -pthread -lm
}
