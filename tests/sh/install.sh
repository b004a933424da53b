#!/bin/sh
# What make install leaves is all that a C program needs.
. "$(dirname "$0")/tap.sh"

MAKEFLAGS=
export MAKEFLAGS
root=$work/root
tap_check "make install" make -C "$builddir" install DESTDIR="$root"
pc=$(find "$root" -name ketch.pc)
tap_check "ketch.pc is installed" test -f "$pc"
for file in man/man1/ketch.1 bash-completion/completions/ketch zsh/site-functions/_ketch; do
    tap_check "$file is installed" test -s "$(find "$root" -path "*/share/$file")"
done
tap_check "the header is installed" test -f "$(find "$root" -name ketch.h)"

PKG_CONFIG_PATH=$(dirname "$pc")
PKG_CONFIG_SYSROOT_DIR=$root
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
if ! pkg-config --exists ketch 2>"$work/output"; then
    tap_skip "a program finds the library" "pkg-config is not installed"
    tap_done
fi

cat >"$work/bell.c" <<'EOS'
#include <ketch.h>
#include <stdio.h>

/* A Bell pair: prints the probabilities of 00, 01, 10, 11. */
int main(void)
{
    ketch_error error = {.size = sizeof error};
    ketch_engine *engine = NULL;
    ketch_circuit *circuit = NULL;
    ketch_program *program = NULL;
    ketch_state *state = NULL;
    ketch_result *result = NULL;
    double p[4] = {0};
    const int32_t qubits[2] = {0, 1};
    const int bad =
        ketch_engine_create(&engine, NULL, &error) || ketch_circuit_create(&circuit, 2, 0, &error) ||
        ketch_h(circuit, 0, &error) || ketch_cx(circuit, 0, 1, &error) ||
        ketch_program_create(&program, circuit, NULL, &error) ||
        ketch_state_create(&state, ketch_engine_arena(engine), 2, KETCH_DOUBLE, &error) ||
        ketch_program_run(&result, engine, program, state, NULL, NULL, &error) ||
        ketch_state_probabilities(p, 4, engine, state, 2, qubits, &error);
    printf("%s%.3f %.3f %.3f %.3f\n", error.message, p[0], p[1], p[2], p[3]);
    ketch_result_destroy(result);
    ketch_state_drop(state);
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
    ketch_engine_destroy(engine, NULL);
    return bad;
}
EOS
expected="0.500 0.000 0.000 0.500"

# shellcheck disable=SC2046,SC2086 # lists of flags
build() {
    $CC -std=c11 ${CFLAGS:--g} -o "$1" "$work/bell.c" $(pkg-config --cflags ketch) $2 ${LDFLAGS:-}
}
libdir=$(dirname "$PKG_CONFIG_PATH")
if [ -e "$libdir/libketch.so" ]; then
    tap_check "a program links the shared library" build "$work/shared" "$(pkg-config --libs ketch)"
    tap_check "and runs" test "$(LD_LIBRARY_PATH=$libdir "$work/shared")" = "$expected"
else
    tap_skip "a program links the shared library" "no shared library in this build"
fi
if [ -e "$libdir/libketch.a" ]; then
    tap_check "a program links the static library" build "$work/static" \
        "-L$libdir -Wl,-Bstatic -lketch -Wl,-Bdynamic -pthread -lm"
    tap_check "and runs" test "$("$work/static")" = "$expected"
else
    tap_skip "a program links the static library" "no static library in this build"
fi
ketch=$(find "$root" -path '*/bin/ketch')
tap_check "the installed command runs" "$ketch" --version
tap_check "make uninstall" make -C "$builddir" uninstall DESTDIR="$root"
tap_empty "leaves nothing" find "$root" -type f
tap_done
