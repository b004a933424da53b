#!/bin/sh
# Each example compiles on the built library, runs, and prints what examples/NAME.expected says. So does
# the first program of the README.
. "$(dirname "$0")/tap.sh"

# same NAME: the output of an example against what is expected, where something is.
same() {
    [ ! -f "$srcdir/examples/$1.expected" ] || tap_check "$1 prints what is expected" \
        diff "$srcdir/examples/$1.expected" "$work/$1.out"
}

# run NAME COMMAND...: examples run in their own folder, where their circuit files are. One that lacks
# a package says so and ends with 77.
run() {
    name=$1
    shift
    (cd "$srcdir/examples" && timeout 120 "$@") >"$work/$name.out" 2>"$work/$name.err" </dev/null
    code=$?
    if [ "$code" -eq 77 ]; then
        tap_skip "$name runs" "$(cat "$work/$name.err")"
        return
    fi
    tap_case "$name runs" $code "$work/$name.err"
    same "$name"
}

for source in "$srcdir"/examples/*.c; do
    [ -f "$source" ] || continue
    name=$(basename "$source" .c)
    tap_check "$name compiles" tap_link "$work/$name" "$source"
    run "$name" "$work/$name"
done
for source in "$srcdir"/examples/*.cpp; do
    name=$(basename "$source" .cpp)
    if command -v "${CXX:-c++}" >/dev/null; then
        tap_check "$name compiles" tap_link_cpp "${CXX:-c++}" "$work/$name" "$source"
        run "$name" "$work/$name"
    else
        tap_skip "$name runs" "there is no C++ compiler"
    fi
done
$AWK '/^```/ { if (inside) exit; inside = /^```c$/; next } inside' "$srcdir/README.md" >"$work/hello.c"
tap_check "the README's program compiles" tap_link "$work/hello" "$work/hello.c"
tap_check "and prints amplitudes" test "$("$work/hello" | tr '\n' ' ')" = "0.707 0.000 0.000 0.707 "
for source in "$srcdir"/examples/*.py; do
    [ -f "$source" ] || continue
    name=$(basename "$source" .py)
    if [ -n "$KETCH_PYTHON" ]; then
        run "$name" "$KETCH_PYTHON" "$source"
    else
        tap_skip "$name runs" "KETCH_PYTHON names no Python that has the package"
    fi
done
[ "$tap_count" -gt 0 ] || tap_skip_all "there are no examples"
tap_done
