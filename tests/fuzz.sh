#!/bin/sh
# Fuzzes ketch with clang's libFuzzer, addresses and undefined behaviour checked. Use:
#   sh tests/fuzz.sh MINUTES [TARGET...]    each target that long, two at a time; without names: all.
#                                           0: only the inputs that there are
#   sh tests/fuzz.sh minimize [TARGET...]   keeps of what was found the least that reaches the same
#   sh tests/fuzz.sh coverage [TARGET...]   lines and branches of the library that the inputs reach
# New inputs go to build/fuzz/corpus, inputs that fail to build/fuzz/failed.

root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/tests/setup.sh"
cd "$root" || exit 1
[ $# -gt 0 ] || { sed -n '2,7s/^# //p' "$0" && exit 2; }
what=$1
shift
seconds=
[ "$what" != one ] || { seconds=$1 && shift; } # how this script calls itself
targets=${*:-$(cd tests/fuzz && ls fuzz_*.c | sed 's/fuzz_\(.*\)\.c/\1/')}
built=$root/build/fuzz
kept=tests/fuzz/corpus

# build FOLDER CHECKS: the library and the command in a build of their own.
build() {
    setup_build "$1" --enable-debug --disable-shared CC=clang LDFLAGS="$2" CFLAGS="-g -O1 $2"
}

# link FOLDER TARGET CHECKS MAIN. Files that begin with the target's name and _ belong to it.
link() {
    # shellcheck disable=SC2046,SC2086 # lists
    clang -std=c11 -pthread -g -O1 $3 -DKETCH_DEBUG -Iarena -Iengine -o "build/$1/fuzz_$2" "tests/fuzz/fuzz_$2.c" \
        $(find tests/fuzz -name "$2_*.c") tests/fuzz/dense.c $4 $(find "build/$1/engine/cli" -name '*.o' ! -name main.o) "build/$1/engine/.libs/libcore.a" -lm
}

UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export UBSAN_OPTIONS
checks="-fsanitize=address,undefined -fno-omit-frame-pointer
    -fsanitize-ignorelist=$root/tests/clang.ignore"
checks=$(echo $checks)

build_targets() {
    build fuzz "$checks -fsanitize=fuzzer-no-link" || die "the library does not build"
    for target in $targets; do
        link fuzz "$target" "$checks -fsanitize=fuzzer" || die "no such target: $target"
    done
}

# No profile of values: it keeps so many inputs that those from which a planted defect is one edit away
# came up too rarely.
options() {
    # Inputs of calls and runs reach so much that -entropic's bookkeeping takes most of the time. The
    # command's messages are left out.
    case $1 in
    calls | runs) printf '%s ' -close_fd_mask=1 -entropic=0 ;;
    options) printf '%s ' -close_fd_mask=3 ;;
    *) printf '%s ' -close_fd_mask=1 ;;
    esac
    printf '%s ' -rss_limit_mb=2048 -timeout=20 -max_len=4096
    [ ! -f "tests/fuzz/$1.dict" ] || printf '%s ' "-dict=tests/fuzz/$1.dict"
}

fuzz() {
    mkdir -p "$built/corpus/$1" "$built/failed"
    limit=-max_total_time=$2
    [ "$2" -gt 0 ] || limit=-runs=0 # as a time, 0 is none
    # shellcheck disable=SC2046 # a list
    "$built/fuzz_$1" $(options "$1") "$limit" -artifact_prefix="$built/failed/$1-" -print_final_stats=1 \
        "$built/corpus/$1" "$kept/$1" >"build/log/fuzz_$1.log" 2>&1
    code=$?
    say "$1: exit $code, $(grep -c . "build/log/fuzz_$1.log") lines in build/log/fuzz_$1.log;" \
        "$(sed -n 's/^stat::number_of_executed_units: *//p' "build/log/fuzz_$1.log") inputs," \
        "$(grep -o 'cov: [0-9]*' "build/log/fuzz_$1.log" | tail -n 1)"
    return $code
}

# Two at a time.
fuzz_all() {
    build_targets
    # shellcheck disable=SC2086 # a list
    printf '%s\n' $targets | xargs -P 2 -n 1 sh "$root/tests/fuzz.sh" one "$1"
}

# Inputs with names of their own, which failed once or show something, stay. The least is of lines and
# branches reached, not of how often.
minimize() {
    build_targets
    for target in $targets; do
        rm -rf "$built/least" && mkdir -p "$built/least" "$built/corpus/$target"
        find "$kept/$target" -type f | grep -vE '/[0-9a-f]{40}$' | xargs -r cp -t "$built/least"
        # shellcheck disable=SC2046 # a list
        "$built/fuzz_$target" $(options "$target") -use_counters=0 -merge=1 "$built/least" "$kept/$target" \
            "$built/corpus/$target" >"build/log/fuzz_$target.log" 2>&1 || die "see build/log/fuzz_$target.log"
        rm -rf "${kept:?}/$target" && cp -r "$built/least" "$kept/$target"
        say "$target: $(find "$kept/$target" -type f | wc -l) inputs, $(cat "$kept/$target"/* | wc -c) bytes"
    done
}

# With the targets' own sources left out.
coverage() {
    version=$(clang -dumpversion | cut -d. -f 1)
    setup_coverage || die "the library does not build"
    rm -f build/coverage/*.profraw
    objects=
    for target in $targets; do
        link coverage "$target" "$counting" tests/fuzz/replay.c || die "no such target: $target"
        for folder in "$kept/$target" "$built/corpus/$target"; do
            [ ! -d "$folder" ] || LLVM_PROFILE_FILE="build/coverage/$target-%c%m.profraw" "build/coverage/fuzz_$target" "$folder" \
                >"build/log/coverage_$target.log" 2>&1
        done
        objects="$objects -object build/coverage/fuzz_$target"
    done
    "llvm-profdata-$version" merge -o build/coverage/all.profdata build/coverage/*.profraw
    # shellcheck disable=SC2086 # a list
    "llvm-cov-$version" report -instr-profile=build/coverage/all.profdata ${objects# -object } -ignore-filename-regex=tests/
}

mkdir -p build/log "$built"
case $what in
one) fuzz "$1" "$seconds" ;;
minimize | coverage) setup_configure && "$what" ;;
*[!0-9]* | '') die "unknown: $what" ;;
*) setup_configure && fuzz_all "$((what * 60))" ;;
esac
