#!/bin/sh
# What configure refuses, and whose flags win.
. "$(dirname "$0")/tap.sh"

MAKEFLAGS=
export MAKEFLAGS
unset CFLAGS CPPFLAGS LDFLAGS CONFIG_SITE

# Configures in a folder of its own.
configure() {
    mkdir -p "$work/tree" && cd "$work/tree" && "$srcdir/configure" -q --disable-shared "$@" >"$work/said" 2>&1
}

refuses_32_bits() {
    ! configure CFLAGS=-m32 && cat "$work/said" && grep -q 'for 64-bit targets only' "$work/said" &&
        grep -q 'Leave -m32 out' "$work/said"
}

# Without configure: pip and builds by hand.
source_refuses_32_bits() {
    ! gcc -m32 -std=c11 -I"$srcdir/arena" -fsyntax-only "$srcdir/arena/tags.c" 2>"$work/said" &&
        grep -q '64-bit targets only' "$work/said"
}

keeps_own_flags() {
    configure CFLAGS="-O2 -fno-stack-protector" CPPFLAGS=-D_FORTIFY_SOURCE=1 &&
        ! grep '^HARDENING_CPPFLAGS.*FORTIFY' Makefile && make engine/file.lo && $NM engine/file.o >symbols &&
        grep 'kt_' symbols && ! grep '__stack_chk_fail' symbols
}

if echo 'int main(void) { return 0; }' | gcc -m32 -x c - -o "$work/a" 2>/dev/null; then
    tap_check "configure refuses -m32 with a sentence" refuses_32_bits
    tap_check "so does the source" source_refuses_32_bits
else
    tap_skip "configure refuses -m32 with a sentence" "gcc has no libraries for -m32 (Debian: gcc-multilib)"
fi
tap_check "the user's flags win over the hardening" keeps_own_flags
tap_done
