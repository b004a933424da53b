#!/bin/sh
# A run needs the state, 8 MiB and 2 MiB a thread, and no more; a second one maps nothing. A state
# that no cache holds lies in huge pages. With KETCH_LONG=1 up to 30 qubits in double precision, 16 GiB.
. "$(dirname "$0")/tap.sh"

tap_link "$work/memory" "$srcdir/tests/sh/memory.c" 2>"$work/output" ||
    { tap_case "the program builds" 1 "$work/output"; tap_done; }

# peak QUBITS THREADS [single]: one run, its figures as a comment.
peak() {
    "$work/memory" "$@" >"$work/output" 2>&1
    code=$?
    [ "$code" -ne 77 ] || { tap_skip "$1 qubits" "$(cat "$work/output")"; return; }
    tap_case "$1 qubits on $2 threads ${3:-double}" "$code" "$work/output"
    sed 's/^/# /' "$work/output"
}

peak 1 1
peak 20 4
peak 22 1
peak 22 2 single
peak 24 2 single
peak 24 2
# The system gives huge pages while it has them: at least half of the last state's 256 MiB.
thp=/sys/kernel/mm/transparent_hugepage/enabled
case $(cat $thp 2>/dev/null) in
*"[always]"* | *"[madvise]"*)
    tap_case "a large state lies in huge pages" \
        "$($AWK '/^huge pages/ { few = $3 < 0.5 * $5 } END { print few + 0 }' "$work/output")" "$work/output"
    ;;
*) tap_skip "a large state lies in huge pages" "the system has them off, see $thp" ;;
esac
peak 26 2
if [ -n "$KETCH_LONG" ]; then
    peak 28 1
    peak 30 2 single
    peak 30 2
fi
tap_done
