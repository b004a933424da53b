#!/bin/sh
# ketch.hpp compiles without a warning in C++17 and C++20, and passes its tests; so it does with
# addresses, leaks and undefined behaviour checked.
. "$(dirname "$0")/tap.sh"

test=$srcdir/tests/cpp/test_hpp.cpp

header_alone() {
    echo '#include "ketch.hpp"' | "$1" -x c++ "-std=$2" $tap_cpp_warnings -I"$srcdir/engine" -fsyntax-only -
}

# Two files of one program include it.
twice() {
    echo '#include "ketch.hpp"
    int qubits() { return ketch::circuit(3).qubits(); }' >"$work/other.cpp"
    echo '#include "ketch.hpp"
    int qubits();
    int main() { return qubits() != ketch::circuit(3).qubits(); }' >"$work/main.cpp"
    tap_link_cpp "$1" "$work/twice" "$work/main.cpp" "$work/other.cpp" && "$work/twice"
}

found=
for compiler in g++ clang++; do
    if ! command -v "$compiler" >/dev/null; then
        tap_skip "$compiler: ketch.hpp" "$compiler is not installed"
        continue
    fi
    found=$compiler
    for standard in c++17 c++20; do
        tap_check "$compiler -std=$standard: the header alone" header_alone "$compiler" $standard
        tap_check "$compiler -std=$standard: its tests compile" \
            tap_link_cpp "$compiler" "$work/hpp" -std=$standard "$test"
        tap_check "and pass" timeout 300 "$work/hpp" "$work"
    done
done
[ -n "$found" ] || tap_done
tap_check "two files of a program include it" twice "$found"
checks="-g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all"
if echo 'int main() {}' | g++ -x c++ $checks - -o "$work/probe" 2>/dev/null && "$work/probe" 2>/dev/null; then
    # shellcheck disable=SC2086 # a list
    tap_check "g++: its tests compile with sanitizers" tap_link_cpp g++ "$work/hpp" $checks "$test"
    tap_check "and pass" timeout 300 "$work/hpp" "$work"
else
    tap_skip "its tests pass with sanitizers" "g++ has none here"
fi
tap_done
