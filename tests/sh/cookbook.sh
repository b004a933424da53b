#!/bin/sh
# Each block of C in the cookbook is a program that compiles on the built library, ends well, and prints
# the text below it. Those of Python: tests/python/test_cookbook.py.
. "$(dirname "$0")/tap.sh"

# Writes block number N of C to N.c and the text that follows to N.text.
$AWK -v folder="$work" '
    /^## /                   { title = substr($0, 4) }
    /^```$/                  { file = ""; next }
    /^```c$/                 { file = folder "/" ++count ".c"; print title >(folder "/titles"); wanted = 1; next }
    /^```text$/ && wanted    { file = folder "/" count ".text"; wanted = 0; next }
    file != ""               { print >file }' "$srcdir/examples/cookbook.md"

tap_check "there are five" test "$(wc -l <"$work/titles")" -eq 5
number=0
while read -r title; do
    number=$((number + 1))
    tap_check "$title: compiles" tap_link "$work/$number" "$work/$number.c"
    (cd "$work" && timeout 120 "./$number") >"$work/$number.out" 2>"$work/$number.err" </dev/null
    tap_case "$title: runs" $? "$work/$number.err"
    tap_check "$title: prints what the page says" diff "$work/$number.text" "$work/$number.out"
done <"$work/titles"
tap_done
