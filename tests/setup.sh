# Sourced by tests/run.sh and examples/quickstart.sh with $root set: what has to be on the machine,
# and the Python environment in build/venv. A second call finds all in place and asks no network.

venv=$root/build/venv
python=$venv/bin/python
jobs=$(nproc 2>/dev/null || echo 2)

say() {
    printf '%s\n' "$*"
}

die() {
    say "$@" >&2
    exit 1
}

# clang, and the run-times of its sanitizers and of libFuzzer.
setup_has_clang() {
    for library in asan fuzzer; do
        [ -f "$(clang -print-file-name=libclang_rt.$library-$(uname -m).a 2>/dev/null)" ] || return 1
    done
}

# Debian's default clang, which only recommends its run-times: the default of Debian 12 where apt-get
# has no lists yet.
setup_clang_packages() {
    version=$(apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-//p')
    printf 'clang libclang-rt-%s-dev ' "${version:-14}"
}

# Lists the Debian packages of what is missing. Arguments: check for what the C tests and
# tests/sh/cmake.sh need, clang.
setup_missing() {
    for pair in gcc:gcc g++:g++ make:make autoconf:autoconf automake:automake libtoolize:libtool \
        pkg-config:pkg-config python3:python3; do
        command -v "${pair%%:*}" >/dev/null 2>&1 || printf '%s ' "${pair##*:}"
    done
    echo '#include <stdio.h>' | gcc -fsyntax-only -xc - 2>/dev/null || printf 'libc6-dev '
    python3 -c 'import ensurepip, venv' 2>/dev/null || printf 'python3-venv '
    python3 - 2>/dev/null <<'END' || printf 'python3-dev '
import os, sysconfig
assert os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h"))
END
    for wanted; do
        case $wanted in
        check)
            pkg-config --exists check 2>/dev/null || printf 'check '
            command -v cmake >/dev/null 2>&1 || printf 'cmake '
            ;;
        clang) setup_has_clang || setup_clang_packages ;;
        esac
    done
}

# What becomes root to install, in as_root; false where nothing does.
setup_root() {
    as_root=
    command -v apt-get >/dev/null 2>&1 || return 1
    [ "$(id -u)" -ne 0 ] || return 0
    as_root=sudo
    command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }
}

# setup_install PACKAGE...: after setup_root.
setup_install() {
    say "installing packages: $*"
    mkdir -p "$root/build/log"
    { $as_root apt-get update -q && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy \
        --no-install-recommends "$@"; } >"$root/build/log/packages.log" 2>&1
}

# setup_packages [check] [clang]: installs what is missing, or says what to install and ends.
setup_packages() {
    missing=$(setup_missing "$@")
    [ -n "$missing" ] || return 0
    command="apt-get update && apt-get install -y --no-install-recommends $missing"
    command -v apt-get >/dev/null 2>&1 || die "These are missing (by their Debian names): $missing"
    setup_root || die "Some packages are missing. As root, run:" "  $command"
    # shellcheck disable=SC2086 # a list
    setup_install $missing ||
        die "That did not work (see build/log/packages.log). As root, run:" "  $command"
    missing=$(setup_missing "$@")
    [ -z "$missing" ] || die "Installed, but still not found: $missing"
}

# A fingerprint of files.
setup_hash() {
    cat "$@" | cksum | tr ' ' '-'
}

# setup_venv REQUIREMENTS: a Python environment with what a requirements file lists.
setup_venv() {
    stamp=$venv/.$(basename "$1")-$(setup_hash "$1")
    [ ! -e "$stamp" ] || return 0
    say "setting up Python packages in ${venv#"$root"/}"
    mkdir -p "$root/build/log"
    [ -x "$python" ] || python3 -m venv "$venv" || die "python3 -m venv does not work"
    "$python" -m pip install --disable-pip-version-check -q -r "$1" >"$root/build/log/venv.log" 2>&1 || {
        tail -n 5 "$root/build/log/venv.log" >&2
        die "pip could not install what $1 lists (is there a network?)"
    }
    touch "$stamp"
}

# setup_package: a wheel of the package ketch in build/wheel, and the package in that environment; built
# again when its sources have changed.
setup_package() {
    sources=$(cd "$root" && find arena engine ffi setup.py pyproject.toml \
        Makefile.am configure.ac -type f \( -name '*.[ch]' -o -name '*.inc' -o -name '*.map' -o -name '*.py' -o -name '*.pyi' \
        -o -name '*.toml' -o -name 'Makefile.am' -o -name 'configure.ac' \) | sort)
    stamp=$venv/.ketch-$(cd "$root" && setup_hash $sources)
    wheels=$root/build/wheel
    if [ -e "$stamp" ] && [ -d "$wheels" ]; then return 0; fi
    rm -rf "$venv"/.ketch-* "$wheels"
    "$python" -m pip wheel --disable-pip-version-check -q --no-build-isolation --no-deps -w "$wheels" "$root" &&
        "$python" -m pip install --disable-pip-version-check -q --no-deps --force-reinstall \
            "$wheels"/ketch-*.whl && touch "$stamp"
}

# setup_dist_wheel WHEEL FOLDER: the wheel for other machines: its name tells the oldest glibc that has what
# it calls, and it has no symbols for debuggers.
setup_dist_wheel() {
    PATH=$venv/bin:$PATH "$python" -m auditwheel repair --strip -w "$2" "$1"
}

# A tree configured in place hides files from builds elsewhere.
setup_configure() {
    if [ -f "$root/config.status" ]; then
        say "this tree was configured in place: make distclean, then builds in build/"
        make -s -C "$root" distclean >/dev/null || die "make distclean failed"
    fi
    [ "$root/configure" -nt "$root/configure.ac" ] && [ "$root/Makefile.in" -nt "$root/Makefile.am" ] && return 0
    mkdir -p "$root/build/log"
    (cd "$root" && autoreconf -fi) >"$root/build/log/autoreconf.log" 2>&1 || {
        tail -n 20 "$root/build/log/autoreconf.log" >&2
        die "autoreconf -fi failed"
    }
}

# setup_build NAME [CONFIGURE ARGUMENTS]: configures build/NAME once and makes it.
setup_build() {
    build=$root/build/$1
    shift
    mkdir -p "$build"
    if [ ! -f "$build/Makefile" ] || [ "$(cat "$build/.arguments" 2>/dev/null)" != "$*" ]; then
        (cd "$build" && "$root/configure" -q "$@") || return 1
        echo "$*" >"$build/.arguments"
    fi
    make -s -j"$jobs" -C "$build"
}

# clang's flags to count which lines and branches are reached. The counters lie in mapped files, so that
# children that are killed count too.
counting="-fprofile-instr-generate -fcoverage-mapping -mllvm -runtime-counter-relocation"

# The library and its tests in build/coverage. Assertions are left out: each has a branch that is never
# taken.
setup_coverage() {
    setup_build coverage --enable-debug --disable-shared CC=clang CPPFLAGS=-DNDEBUG \
        LDFLAGS=-fprofile-instr-generate CFLAGS="-g -O1 $counting"
}
