# Sourced by tests/run.sh with tests/setup.sh: what builds and runs the C tests for AArch64 on another
# machine. Two of Debian's packages are installed as usual; Check for AArch64 is only unpacked below
# build/neon, and the machine's own package lists stay as they are.

cross=aarch64-linux-gnu
sysroot=$root/build/neon/sysroot

# Why it cannot be done here; nothing where it can.
cross_reason() {
    if [ "$(uname -m)" = aarch64 ]; then
        echo "this machine is one: the stage release runs them"
    elif ! cross_tools; then
        echo "no $cross-gcc or no qemu-aarch64 (Debian: $cross_packages)"
    elif ! cross_library; then
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

# apt-get with lists of its own.
cross_apt() {
    apt-get -q -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=root \
        -o Dir::State="$sysroot/apt" -o Dir::State::status="$sysroot/apt/status" \
        -o Dir::Cache="$sysroot/apt" "$@"
}

cross_library() {
    [ ! -e "$sysroot/.done" ] || return 0
    mkdir -p "$sysroot/apt/lists/partial" "$sysroot/apt/archives/partial" && cd "$sysroot" &&
        : >apt/status && cross_apt update && cross_apt download check libsubunit-dev &&
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
