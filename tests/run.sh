#!/bin/sh
# Sets up all that is needed and runs all tests. Use: sh tests/run.sh [--quick | --long] [STAGE...]
# --quick leaves out the slow builds (sanitizers, distcheck), --long makes tests try far more often.
# The last line is "N passed, N failed, N skipped"; logs are in build/log.

root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/tests/setup.sh"
. "$root/tests/cross.sh"
. "$root/tests/pythons.sh"
cd "$root" || exit 1

mode=full
chosen=
for argument; do
    case $argument in
    --quick) mode=quick KETCH_QUICK=1 && export KETCH_QUICK ;;
    --long) mode=long KETCH_LONG=1 && export KETCH_LONG ;;
    -h | --help) sed -n '2,4s/^# //p' "$0" && exit 0 ;;
    -*) die "unknown option $argument; see --help" ;;
    *) chosen="$chosen $argument" ;;
    esac
done

total_passed=0
total_failed=0
total_skipped=0
log=build/log
mkdir -p "$log"

# Counts of a log: lines of `make check` and of TAP, and pytest's last line.
count() {
    awk '
        /^(PASS|XFAIL): /           { passed++ }
        /^(FAIL|ERROR|XPASS): /     { failed++ }
        /^SKIP: /                   { skipped++ }
        /(passed|failed|skipped|errors?).* in [0-9.]+s/ {
            for (i = 2; i <= NF; i++) {
                if ($i ~ /^(passed|xfailed)/) passed += $(i - 1)
                if ($i ~ /^(failed|error|xpassed)/) failed += $(i - 1)
                if ($i ~ /^skipped/) skipped += $(i - 1)
            }
        }
        END { print passed + 0, failed + 0, skipped + 0 }' "$1"
}

# What broke a stage that counted nothing: the compiler's errors, or the end of it.
why() {
    grep -E '(error:|undefined reference|No rule to make target)' "$1" | head -n 10 | grep . || tail -n 15 "$1"
}

# What failed and why cases were skipped, for people.
explain() {
    if [ "$failed" -gt 0 ]; then
        grep -hE '^(FAIL|ERROR|XPASS|FAILED)[: ]' "$1" | head -n 20 | cut -c 1-180 | sed 's/^/    /'
        grep -qE '^(FAIL|ERROR|FAILED)[: ]' "$1" || why "$1" | sed 's/^/    /'
        say "    (all of it: $1)"
    fi
    grep -hE '^SKIP(PED)?[: ]' "$1" |
        sed -E -e 's/^SKIP: (.*) [0-9]+ - .* # SKIP (.*): Passed$/\1: \2/' -e 's/^SKIP: //' \
            -e 's/^SKIPPED/skipped/' | sort | uniq -c |
        sed -E 's/^ *1 /    skipped: /; s/^ *([0-9]+) /    skipped, \1 times: /' | head -n 20
}

# stage NAME MODES COMMAND...: runs a stage that belongs to this mode (or was asked for), one line.
stage() {
    name=$1
    modes=$2
    shift 2
    if [ -n "$chosen" ]; then
        case " $chosen " in *" $name "*) ;; *) return ;; esac
    else
        case $modes in *$mode*) ;; *) return ;; esac
    fi
    begun=$(date +%s)
    ("$@") >"$log/$name.log" 2>&1 </dev/null
    code=$?
    # shellcheck disable=SC2046 # three numbers
    set -- $(count "$log/$name.log")
    passed=$1 failed=$2 skipped=$3
    # A stage that broke, or that ran nothing, is a failure however it counted.
    [ "$failed" -gt 0 ] || { [ "$code" -eq 0 ] && [ "$((passed + skipped))" -gt 0 ]; } || failed=1
    total_passed=$((total_passed + passed))
    total_failed=$((total_failed + failed))
    total_skipped=$((total_skipped + skipped))
    printf '%-10s %6d passed %4d failed %4d skipped %5d s\n' "$name" "$passed" "$failed" "$skipped" \
        "$(($(date +%s) - begun))"
    explain "$log/$name.log"
}

# ---- the stages

check() {
    timeout 1800 make -k -O -j"$jobs" -C "build/$1" "$2"
}

release() {
    setup_build release --enable-werror && check release check-c
}

# Only when asked for: the sanitizers' builds have the same assertions and run the same tests.
debug() {
    setup_build debug --enable-debug --enable-werror --disable-shared && check debug check-c
}

house() {
    setup_build release --enable-werror && check release check-sh
}

# What pip.sh needs, for the Python of build/venv, and for the others that there are: what the index
# lacks for one of these is a case that is left out.
wheels() {
    others=$(for version in $python_versions; do python_of "$version"; done)
    stamp=$KETCH_WHEELS/.done-$(echo "$others" | cksum | tr ' ' '-')
    [ ! -e "$stamp" ] || return 0
    "$python" -m pip download --disable-pip-version-check -q -d "$KETCH_WHEELS" setuptools cffi numpy ||
        return
    for other in $others; do
        "$python" -m pip --python "$other" download --disable-pip-version-check -q --only-binary :all: \
            -d "$KETCH_WHEELS" cffi numpy pytest
    done 2>/dev/null
    touch "$stamp"
}

# Leaves in build/dist a wheel that can be given away.
package() {
    rm -rf build/dist
    setup_package && echo "PASS: a wheel, and pip install" &&
        setup_dist_wheel build/wheel/ketch-*.whl build/dist && echo "PASS: a wheel for other machines"
}

python_tests() {
    PATH=$venv/bin:$PATH timeout 1800 "$python" -m pytest -q -rA --no-fold-skipped tests/python
}

lint() {
    lint_code=0
    for tool in "ruff check" "ruff format --check" "mypy --strict ffi/ketch tests/bench tests/docs/headers.py tests/docs/names.py"; do
        # shellcheck disable=SC2086 # words
        if "$venv/bin/"$tool; then
            echo "PASS: $tool"
        else
            echo "FAIL: $tool"
            lint_code=1
        fi
    done
    return $lint_code
}

sanitizer="--enable-debug --enable-werror --disable-shared"

# sanitized BUILD COMPILER [OPTION]: the C tests with address and undefined behaviour checked. The
# run-time's allocator may be locked by another thread at a fork and stay so in the child, so tests
# tagged "fork" are left out; the other builds run them. The run-time ends a test at a failed check:
# with -fno-sanitize-recover clang takes minutes for a kernel set.
sanitized() {
    CK_EXCLUDE_TAGS=fork
    ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
    UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
    checks=address,undefined,float-cast-overflow
    export CK_EXCLUDE_TAGS ASAN_OPTIONS UBSAN_OPTIONS
    # shellcheck disable=SC2086 # a list
    setup_build "$1" $sanitizer CC="$2" LDFLAGS="-fsanitize=$checks" \
        CFLAGS="-g -O1 -fno-omit-frame-pointer -fsanitize=$checks $3" &&
        check "$1" check-c
}

# clang's checks of undefined behaviour see more than gcc's: the full run does with these.
clang_sanitized() {
    sanitized clang clang "-fsanitize-ignorelist=$root/tests/clang.ignore"
}

asan() {
    sanitized asan gcc
}

clang_release() {
    setup_build clang_release --enable-werror --disable-shared CC=clang && check clang_release check-c
}

# The thread sanitizer cannot follow forks: no fork by Check (whose time limits go with it), and no
# test tagged "fork". Tests of one thread, tagged "one-thread" (see keep_one_thread in suite.h), have
# nothing to show it. A fixed address layout keeps old run-times from refusing to start.
tsan() {
    CK_FORK=no
    CK_EXCLUDE_TAGS="fork one-thread"
    TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
    export CK_FORK CK_EXCLUDE_TAGS TSAN_OPTIONS
    fixed=
    setarch "$(uname -m)" -R true 2>/dev/null && fixed="setarch $(uname -m) -R"
    # shellcheck disable=SC2086 # a list
    setup_build tsan $sanitizer LDFLAGS="-fsanitize=thread" CFLAGS="-g -O1 -fsanitize=thread" &&
        timeout 1800 make -k -O -j"$jobs" -C build/tsan check-c LOG_COMPILER="timeout 900 $fixed"
}

# What the C tests reach of the library, in their short form, and by room what they miss.
coverage() {
    unset KETCH_LONG
    rm -rf build/coverage/profiles
    setup_coverage &&
        LLVM_PROFILE_FILE=$root/build/coverage/profiles/%c%m.profraw check coverage check-c &&
        "$python" tests/coverage.py build/coverage
}

# Which changes of the validators no test notices: an hour.
mutate() {
    "$python" tests/mutate.py
}

# The C tests built for AArch64, in an emulator.
neon() {
    reason=$(cross_reason)
    [ -z "$reason" ] || { echo "SKIP: the tests on AArch64: $reason" && return; }
    cross_build && cross_check
}

# The C tests built for 32 bits, and their results beside those of 64 bits.
m32() {
    reason=$(m32_reason)
    [ -z "$reason" ] || { echo "SKIP: the tests on 32 bits: $reason" && return; }
    m32_build || return
    m32_check
    code=$?
    m32_compare
    return $code
}

# The archive's debug build, as a shared library alone, and what no other stage shows of a debug build:
# C tests that fork, which sanitizers leave out, and the command. All other tests ran before, and dist.sh
# finds that the archive has their files.
distcheck() {
    forks=$(grep -l '"fork"' tests/c/test_*.c | sed 's/[.]c$//' | tr '\n' ' ')
    commands=$(grep -lE '^(ketch=[$]builddir|[.] .*command[.]sh)' tests/sh/*.sh | grep -v 'sh/command[.]sh' | tr '\n' ' ')
    setup_build release --enable-werror &&
        KETCH_WHEELS='' KETCH_PYTHON='' timeout 1800 make -j"$jobs" -C build/release distcheck \
            DISTCHECK_CONFIGURE_FLAGS='--enable-werror --disable-static' \
            check_PROGRAMS="$forks" TESTS="$forks $commands"
}

compilers=clang
[ "$mode" = quick ] && compilers=
# shellcheck disable=SC2086 # a word or none
setup_packages check $compilers
setup_venv "$root/tests/requirements.txt"
setup_configure
KETCH_WHEELS=$root/build/wheels
[ "$mode" = quick ] && KETCH_WHEELS=
export KETCH_WHEELS
[ -z "$KETCH_WHEELS" ] || wheels || say "no wheels could be fetched: the test of pip install is left out"

stage release quick,full,long release
stage package quick,full,long package
KETCH_PYTHON=$python
export KETCH_PYTHON
stage house quick,full,long house
stage python quick,full,long python_tests
stage lint quick,full,long lint
stage debug asked debug
stage clang full,long clang_sanitized
stage tsan full,long tsan
stage distcheck full,long distcheck
stage asan long asan
stage clang_release long clang_release
stage neon long neon
stage m32 long m32
stage coverage asked coverage
stage mutate asked mutate

[ "$mode" = quick ] || [ -n "$chosen" ] || "$python" tests/promises.py "$log" >build/promises.md

say "$total_passed passed, $total_failed failed, $total_skipped skipped"
[ "$total_failed" -eq 0 ]
