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

expected="0.500 0.000 0.000 0.500"

# shellcheck disable=SC2046,SC2086 # lists of flags
build() {
    $CC -std=c11 ${CFLAGS:--g} -o "$1" "$srcdir/tests/cmake/bell.c" $(pkg-config --cflags ketch) $2 ${LDFLAGS:-}
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
tap_empty "leaves nothing" find "${ketch%/bin/ketch}" -mindepth 1 '(' -type f -o -type l -o -name 'ketch*' ')'
tap_done
