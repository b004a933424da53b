#!/bin/sh
# What configure does on 32 bits, and whose flags win.
. "$(dirname "$0")/tap.sh"

MAKEFLAGS=
export MAKEFLAGS
unset CFLAGS CPPFLAGS LDFLAGS CONFIG_SITE

# Configures in a folder of its own.
configure() {
    mkdir -p "$work/tree" && cd "$work/tree" && "$srcdir/configure" -q --disable-shared "$@" >"$work/said" 2>&1
}

# Files beyond 2 GiB, and the rounding of other machines.
takes_32_bits() {
    configure CC="gcc -m32" && grep '^BITS_CFLAGS = -D_FILE_OFFSET_BITS=64 -msse2 -mfpmath=sse' Makefile
}

refuses_x87() {
    ! configure CC="gcc -m32" CFLAGS=-mfpmath=387 && cat "$work/said" && grep 'Leave -mfpmath=387' "$work/said"
}

# Without configure: pip and builds by hand.
source_refuses_x87() {
    ! gcc -m32 -std=c11 -I"$srcdir/arena" -fsyntax-only "$srcdir/arena/tags.c" 2>"$work/said" &&
        grep -q 'msse2 -mfpmath=sse are needed' "$work/said"
}

leaves_64_bits_alone() {
    configure && grep '^BITS_CFLAGS = *$' Makefile
}

keeps_own_flags() {
    configure CFLAGS="-O2 -fno-stack-protector" CPPFLAGS=-D_FORTIFY_SOURCE=1 &&
        ! grep '^HARDENING_CPPFLAGS.*FORTIFY' Makefile && make engine/file.lo && $NM engine/file.o >symbols &&
        grep 'kt_' symbols && ! grep '__stack_chk_fail' symbols
}

if echo 'int main(void) { return 0; }' | gcc -m32 -x c - -o "$work/a" 2>/dev/null; then
    tap_check "configure takes -m32, with large files and SSE2" takes_32_bits
    tap_check "configure refuses the arithmetic of x87 with a sentence" refuses_x87
    tap_check "so does the source" source_refuses_x87
else
    tap_skip "configure takes -m32" "gcc has no libraries for -m32 (Debian: gcc-multilib)"
fi
tap_check "64 bits need no such flags" leaves_64_bits_alone
tap_check "the user's flags win over the hardening" keeps_own_flags
tap_done
