# Sourced by tests/run.sh with tests/setup.sh: what builds and runs the C tests for AArch64 and for
# 32 bits on an x86-64 machine. Debian's compilers are installed as usual; Check for the other machine
# is only unpacked below build/neon or build/m32, and the machine's own package lists stay as they are.

cross=aarch64-linux-gnu
sysroot=$root/build/neon/sysroot

# Why it cannot be done here; nothing where it can.
cross_reason() {
    if [ "$(uname -m)" = aarch64 ]; then
        echo "this machine is one: the stage release runs them"
    elif ! cross_tools; then
        echo "no $cross-gcc or no qemu-aarch64 (Debian: $cross_packages)"
    elif ! (cross_library arm64 "$sysroot"); then
        echo "Check for arm64 could not be fetched (see build/log/neon.log)"
    fi
}

cross_packages="gcc-$cross libc6-dev-arm64-cross qemu-user"

cross_tools_found() {
    command -v qemu-aarch64 && echo '#include <stdio.h>' | "$cross-gcc" -fsyntax-only -xc -
} >/dev/null 2>&1

cross_tools() {
    # shellcheck disable=SC2086 # a list
    cross_tools_found || { setup_root && setup_install $cross_packages >&2; } && cross_tools_found
}

# cross_apt ARCHITECTURE ARGUMENT...: apt-get with lists of its own, in the current folder.
cross_apt() {
    cross_of=$1
    shift
    apt-get -q -o APT::Architecture="$cross_of" -o APT::Architectures="$cross_of" -o APT::Sandbox::User=root \
        -o Dir::State="$PWD/apt" -o Dir::State::status="$PWD/apt/status" -o Dir::Cache="$PWD/apt" "$@"
}

# cross_library ARCHITECTURE FOLDER: unpacks Check there. A list that cannot be fetched, as while a
# mirror is written, matters only if a package is missing then.
cross_library() {
    [ ! -e "$2/.done" ] || return 0
    mkdir -p "$2/apt/lists/partial" "$2/apt/archives/partial" && cd "$2" && : >apt/status || return 1
    cross_apt "$1" update
    cross_apt "$1" download check libsubunit-dev &&
        for package in ./*.deb; do dpkg -x "$package" . || return 1; done &&
        rm -rf apt ./*.deb && touch .done
} >&2

cross_build() {
    lib=$sysroot/usr/lib/$cross
    setup_build neon --host=$cross --enable-werror --disable-shared CHECK_CFLAGS="-I$sysroot/usr/include" \
        CHECK_LIBS="$lib/libcheck_pic.a $lib/libsubunit.a -lrt -lm"
}

# The C tests but those of what the emulator has not: limits on the address space, advice on pages,
# forks beside threads.
cross_tests() {
    (cd "$root" && find tests/c -name 'test_*.c') | sed 's/\.c$//' | grep -vE '/test_(fork|limits|pages|contract_limits|contract_saves)$' | sort
}

# Everything is some 30 times as slow.
cross_check() {
    CK_TIMEOUT_MULTIPLIER=30 timeout 3600 make -k -j"$jobs" -C "$root/build/neon" check \
        TESTS="$(cross_tests | tr '\n' ' ')" LOG_COMPILER="qemu-aarch64 -L /usr/$cross"
}

# ---- the C tests of 32 bits, on a machine that runs them

m32_root=$root/build/m32/sysroot
m32_packages="gcc-12-multilib libc6-dev-i386"
# Headers of the kernel lie where only the 64-bit compiler looks: gcc-multilib, which would link
# them, does not go with compilers for other machines.
m32_headers="-idirafter /usr/include/x86_64-linux-gnu"

m32_works() {
    # shellcheck disable=SC2086
    printf '#include <linux/errno.h>\n#include <stdio.h>\nint main(void) { return 0; }\n' |
        gcc -m32 $m32_headers -xc - -o "$root/build/log/m32.out" && "$root/build/log/m32.out"
} >/dev/null 2>&1

m32_reason() {
    if [ "$(uname -m)" != x86_64 ]; then
        echo "this machine is no x86-64"
    elif ! m32_works && { ! setup_root || ! setup_install $m32_packages >&2 || ! m32_works; }; then
        echo "gcc has no libraries for -m32 (Debian: $m32_packages)"
    elif ! (cross_library i386 "$m32_root"); then
        echo "Check for i386 could not be fetched (see build/log/m32.log)"
    fi
}

m32_build() {
    lib=$m32_root/usr/lib/i386-linux-gnu
    setup_build m32 --enable-werror --disable-shared CC="gcc -m32" CPPFLAGS="$m32_headers" \
        CHECK_CFLAGS="-I$m32_root/usr/include" CHECK_LIBS="$lib/libcheck_pic.a $lib/libsubunit.a -lrt -lm"
}

# Tests that compile with warnings where they keep a count in a size_t are no matter of the library.
m32_check() {
    timeout 3600 make -k -O -j"$jobs" -C "$root/build/m32" check-c WARN_CFLAGS=-Wall
}

# m32_bits BUILD: the hashes of results that it prints for this machine, which the kept file does not
# have. Without FMA: the C library's sin and cos for 64 bits use it where they can, and round otherwise.
m32_bits() {
    GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2 "$root/build/$1/tests/c/test_bits" print |
        awk 'NR == FNR { if (/^platform /) kept[$0]; next }
            /^platform / { own = !($0 in kept); next } own' "$root/tests/golden/bits.txt" -
}

# A build for 64 bits gives the same bits.
m32_compare() {
    setup_build release --enable-werror && make -s -C "$root/build/release" tests/c/test_bits || return
    m32_bits release >"$root/build/log/bits64.txt"
    m32_bits m32 >"$root/build/log/bits32.txt"
    if [ -s "$root/build/log/bits32.txt" ] && diff "$root/build/log/bits64.txt" "$root/build/log/bits32.txt"; then
        echo "PASS: $(wc -l <"$root/build/log/bits32.txt") results have the same bits on 32 and 64 bits"
    else
        echo "FAIL: results have the same bits on 32 and 64 bits"
    fi
}
