#!/bin/sh
# The laws of the house that a compiler does not know: who may include whom, what may not be called,
# names, and that each file, all files joined, and the header alone compile without a warning.
. "$(dirname "$0")/tap.sh"
cd "$srcdir" || exit 99

all=$(find arena engine -name '*.[ch]' -o -name '*.inc' -path 'engine/*' | sort)
library=$(echo "$all" | grep -v '^engine/cli/')
headers=$(echo "$all" | grep '\.h$')
bodies=$(echo "$all" | grep '\.c$')
sources=$(echo "$library" | grep '\.c$')

# What is joined into one file: arena and core, and each workload.
workloads=$(find engine -mindepth 1 -maxdepth 1 -type d ! -name cli ! -name ketch | sort)
parts="core $workloads"

# The library's C files of a part.
sources_of() {
    case $1 in
    core) echo "$sources" | grep -E '^(arena|engine)/[^/]*$' ;;
    *) echo "$sources" | grep "^$1/" ;;
    esac
}

# "FILE:LINE:text" of stripped code; $@ are files.
code() {
    for file; do
        $AWK -f tests/sh/strip.awk "$file" | $AWK -v file="$file" '{ print file ":" NR ":" $0 }'
    done
}

# Words that are called, in files. $1: an extended regular expression.
calls() {
    words=$1
    shift
    code "$@" | grep -E "(^|[^[:alnum:]_.>])($words)[[:space:]]*\("
}

# May $file, of folder $1, include header $2 of folder $3?
# Public headers: everybody sees the core's; a workload sees its own, learning sees networks; who is outside the library, the
# umbrella and the table of workloads see all.
may_see_public() {
    case $file:$1 in
    *:engine/ketch/core.h | engine/ketch.h:* | engine/workloads.c:* | engine/ket/*:engine/ketch/circuits.h | engine/glia/*:engine/ketch/glia.h | engine/glia/*:engine/ketch/learning.h | engine/ketch/learning.h:engine/ketch/glia.h) return 0 ;;
    engine/ket/* | engine/glia/* | engine/*.[ch]:* | arena/*) return 1 ;;
    *) return 0 ;;
    esac
}

may_include() {
    case $1:$3 in
    "$3:$3" | engine:arena) return 0 ;;
    arena:engine/ketch) return 1 ;;
    *:engine/ketch) may_see_public "$2" ;;
    engine/cli:engine | engine/cli:arena)
        case $2 in engine/ketch.h | engine/replace.h | arena/text.h) ;; *) return 1 ;; esac
        ;;
    examples:* | ffi:*) [ "$2" = engine/ketch.h ] ;;
    engine/*:arena | engine/*:engine) return 0 ;;
    engine/ket/qasm:engine/ket/circuit | engine/ket/draw:engine/ket/circuit) return 0 ;;
    engine/ket/compile:engine/ket/circuit | engine/ket/compile:engine/ket/kernels) return 0 ;;
    engine/ket/state:engine/ket/kernels) return 0 ;;
    engine/glia/text:engine/glia/net | engine/glia/text:engine/glia/feed) return 0 ;;
    engine/glia/feed:engine/glia/net | engine/glia/run:engine/glia/net | engine/glia/run:engine/glia/feed | engine/glia/run:engine/glia/kernels) return 0 ;;
    engine/glia/train:engine/glia/net | engine/glia/train:engine/glia/feed | engine/glia/train:engine/glia/kernels) return 0 ;;
    engine/glia/evaluate:engine/glia/net | engine/glia/evaluate:engine/glia/feed | engine/glia/evaluate:engine/glia/train) return 0 ;;
    engine/glia/fit:engine/glia/net | engine/glia/fit:engine/glia/feed | engine/glia/fit:engine/glia/train) return 0 ;;
    engine/glia/evolve:engine/glia/net | engine/glia/evolve:engine/glia/feed | engine/glia/evolve:engine/glia/train) return 0 ;;
    engine/ket/run:engine/ket/compile | engine/ket/run:engine/ket/state | engine/ket/run:engine/ket/kernels) return 0 ;;
    engine/glia/net:engine/glia/kernels) return 0 ;;
    *) return 1 ;;
    esac
}

# arena <- engine <- ket/circuit and ket/kernels <- ket/qasm, ket/draw, ket/compile and ket/state <- ket/run, those
# joined by "and" not seeing each other, nor workloads one another; the Python package and the examples
# see the public header, the command also two tools of the core: text.h and replace.h. An include is "NAME" in arena or engine, else "FOLDER/.../NAME".
include_law() {
    # shellcheck disable=SC2046,SC2086 # lists
    grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' $all $(find examples -name '*.[ch]') ffi/*.c ffi/build_ketch.py \
        >"$work/includes"
    while IFS=: read -r file line text; do
        name=${text#*\"}
        name=${name%%\"*}
        to=engine/$name
        [ -f "$to" ] || to=arena/$name
        if [ ! -f "$to" ] || ! may_include "$(dirname "$file")" "$to" "$(dirname "$to")"; then
            echo "$file:$line: $text"
        fi
    done <"$work/includes"
}

# Loops in lines "FROM TO" of standard input. engine/workloads is the core's one table of workloads.
loops() {
    $AWK '$1 != $2 && $1 != "engine/workloads"' | sort -u | tsort 2>&1 >/dev/null | sed 's/^tsort: //'
}

# A file and its header are one module.
include_loops() {
    while IFS=: read -r file line text; do
        name=${text#*\"}
        name=${name%%\"*}
        to=engine/$name
        [ -f "$to" ] || to=arena/$name
        echo "${file%.*} ${to%.*}"
    done <"$work/includes" | loops
}

# The same for what modules use of each other, as their objects say.
call_loops() {
    (cd "$builddir" && find arena engine -name '*.o' ! -path '*/.libs/*' ! -path 'engine/cli/*' \
        -exec $NM -Ag {} +) | sed -E 's/^([^:]*)\.o:[0-9a-f ]*/\1 /' |
        $AWK '$2 == "U" { uses[++count] = $3; user[count] = $1; next } { home[$3] = $1 }
            END { for (i = 1; i <= count; i++) if (uses[i] in home) print user[i], home[uses[i]] }' | loops
}

# Words that belong to a workload, in the core's files, comments included; workloads.c lists them.
# An underscore ends a word.
workload_words() {
    words='circuits?|qubits?|gates?|shots?|amplitudes?|unitar(y|ies)|quantum|qasm|kets?|ktq|neurons?|synaps(e|es)|spik(e|es|ing)|glia|ktg'
    grep -niE "(^|[^a-z])($words)([^a-z]|\$)" $(echo "$all" | grep -E '^(arena|engine)/[^/]*$' |
        grep -vE '^engine/(workloads\.c|ketch\.h)$')
}

private_names() {
    find examples -name '*.c' -exec grep -nE '\<kt[qg]?_[a-z]' {} +
}

# Own header first, then ours, then the system's; never config.h. A body is code, not interface.
include_order() {
    for file in $bodies; do
        own=${file%.c}.h
        name=${own#*/}
        first=$(sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*//p' "$file" | head -n 1)
        [ ! -f "$own" ] || [ "$first" = "\"$name\"" ] || echo "$file: includes $first first"
        $AWK -v file="$file" '/^#include </ { system_seen = 1 }
            /^#include ".*\.h"/ && !/\/body(_[a-z]+)?\.h"/ { if (system_seen) print file ": " $0 " after a system header" }' "$file"
    done
    grep -n 'config\.h' $all
}

unlisted() {
    for file in $all; do
        grep -qE "(^|[[:space:]])$file([[:space:]]|\$)" Makefile.am || echo "$file"
    done
    for file in tests/c/*.[ch] tests/c/*.inc; do
        [ ! -f "$file" ] || grep -qE "(^|[[:space:]])(${file%.c}|$file)([[:space:]]|\$)" Makefile.am || echo "$file"
    done
    for file in tests/sh/*.sh; do
        # What others source is no test.
        case $file in */tap.sh | */command.sh) continue ;; esac
        grep -qE "(^|[[:space:]])$file([[:space:]]|\$)" Makefile.am || echo "$file"
    done
}

twin_statics() {
    for part in $parts; do
        twin_statics_of $(sources_of "$part")
    done
}

twin_statics_of() {
    code "$@" | grep -E ':static [^=;]*\(' | grep -v 'static inline' |
        sed -E 's/^([^:]*):[0-9]+:static [^(]*[ *]([a-z_0-9]+)\(.*/\2 \1/' | sort -u |
        $AWK '$1 == name { print name ": " file " and " $2 } { name = $1; file = $2 }'
}

# kt_ is of arena and engine, ktq_ of engine/ket, ktg_ of engine/glia; ketch_ is public.
globals_named() {
    code $sources | grep -E ':[a-z][a-z_0-9 *]* \*?[a-z_0-9]+\(' |
        grep -vE ':[0-9]+:(static|typedef|return|else|extern) ?' |
        grep -vE '^(arena|engine)/[a-z_0-9]+\.c:.*[ *](kt|ketch)_[a-z0-9_]+\(' |
        grep -vE '^engine/ket/.*[ *](ktq|ketch)_[a-z0-9_]+\(' |
        grep -vE '^engine/glia/.*[ *](ktg|ketch)_[a-z0-9_]+\('
}

warnings="-Wall -Wextra -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef
    -Wwrite-strings -Werror"
include="-Iarena -Iengine"

each_alone() {
    compiler=$1
    shift
    # shellcheck disable=SC2086 # lists
    $compiler -std=c11 -pthread -O1 -ffp-contract=fast "$@" $warnings -Wshadow $include -fsyntax-only $bodies
}

# The part $2, as one file, becomes $work/NAME.o. Without -Wshadow: a local may have the name of
# another file's function.
join_part() {
    name=$(basename "$2")
    {
        echo '#define _GNU_SOURCE'
        for file in $(sources_of "$2"); do
            echo "#include \"$file\""
        done
    } >"$work/$name.c"
    # shellcheck disable=SC2086
    $1 -std=c11 -pthread -ffp-contract=fast $3 $warnings $include -I. -c "$work/$name.c" -o "$work/$name.o"
}

# $1: compiler, $2: its options.
joined() {
    for part in $parts; do
        join_part "$1" "$part" "$2" || return 1
    done
}

joined_objects() {
    for part in $parts; do
        echo "$work/$(basename "$part").o"
    done
}

# After a call of joined: the objects are a whole library, which passes a C test.
link_joined() {
    # shellcheck disable=SC2046
    gcc -shared -pthread $(joined_objects) -Wl,-z,defs -o "$work/libjoined.so" -lm
}

suite_joined() {
    helpers=$builddir/tests/c/libreference.a
    [ -f "$helpers" ] || helpers=$(find tests/c -name '*.c' ! -name 'test_*')
    # shellcheck disable=SC2046,SC2086
    gcc -std=c11 -pthread -DNDEBUG -DBUILD_CFLAGS='""' $include $(pkg-config --cflags check) "$1" $helpers \
        $(joined_objects) -o "$work/suite" $(pkg-config --libs check) -lm && timeout 600 "$work/suite"
}

header_alone() {
    echo '#include "ketch.h"' | $1 $2 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -Iengine -fsyntax-only -
}

tap_empty "includes go one way" include_law
tap_empty "modules include each other one way" include_loops
if [ -n "$(find "$builddir/engine" -name '*.o' 2>/dev/null | head -n 1)" ]; then
    tap_empty "modules call each other one way" call_loops
else
    tap_skip "modules call each other one way" "no objects in this build"
fi
tap_empty "the core has no word of a workload" workload_words
tap_empty "examples use no private name" private_names
tap_empty "own header first, then ours, then the system's" include_order
tap_empty "every file is named in Makefile.am" unlisted
tap_empty "file-local functions have names of their own" twin_statics
tap_empty "global functions begin with ketch_ or their folder's prefix, kt_, ktq_ or ktg_" globals_named
tap_empty "only arena/heap.c allocates" calls 'malloc|calloc|realloc|free|aligned_alloc|posix_memalign|strdup|strndup|alloca' \
    $(echo "$all" | grep -v '^arena/heap\.c$')
tap_empty "only arena/pages.c maps" calls 'mmap|munmap|madvise|mremap' $(echo "$all" | grep -v '^arena/pages\.c$')
tap_empty "only engine/workers.c creates threads" calls 'pthread_create|thrd_create' \
    $(echo "$all" | grep -v '^engine/workers\.c$')
tap_empty "only engine/file.c opens files, writes and renames them" calls \
    'open|openat|creat|fopen|fdopen|freopen|p?write|pwritev|p?read|preadv|fsync|fdatasync|f?truncate|fallocate|posix_fallocate|rename(at2?)?|unlink(at)?|link(at)?|mkstemp|tmpfile' \
    $(echo "$library" | grep '^engine/' | grep -v '^engine/file\.c$')
tap_empty "the library makes no banned call" calls \
    '_?exit|_Exit|abort|raise|signal|sigaction|v?f?printf|v?sprintf|f?puts|putc|putchar|perror|strcpy|strcat|strtok|atoi|atof|s?rand|random|getenv|setenv|system|setlocale' $library
tap_empty "only engine/cli/deadline.c ends the process" calls '_?exit|_Exit|abort' \
    $(echo "$all" | grep '^engine/cli/' | grep -v '^engine/cli/deadline\.c$')
tap_empty "the command makes no banned call" calls 'v?sprintf|strcpy|strcat|strtok|atoi|atof|s?rand|setenv|system' \
    $(echo "$all" | grep '^engine/cli/')

# gcc comes last: its joined objects are used below.
for compiler in clang gcc; do
    if ! command -v $compiler >/dev/null; then
        tap_skip "$compiler compiles without a warning" "$compiler is not installed"
        continue
    fi
    tap_check "$compiler: each file alone, release" each_alone $compiler -DNDEBUG
    tap_check "$compiler: each file alone, debug" each_alone $compiler -DKETCH_DEBUG
    tap_check "$compiler: core and workloads joined, release" joined $compiler "-O0 -DNDEBUG -fPIC"
    tap_check "$compiler: the header as C11" header_alone $compiler "-x c -std=c11"
done
for compiler in g++ clang++; do
    if command -v $compiler >/dev/null; then
        tap_check "$compiler: the header as C++17" header_alone $compiler "-x c++ -std=c++17"
    else
        tap_skip "$compiler: the header as C++17" "$compiler is not installed"
    fi
done

# The long form runs all tests, on optimized objects.
tests="tests/c/test_toolbox.c tests/c/test_circuit.c tests/c/test_qasm.c tests/c/test_run.c"
if [ -n "$KETCH_LONG" ]; then
    tests=$(echo tests/c/test_*.c)
    tap_check "gcc: core and workloads joined, optimized" joined gcc "-O2 -DNDEBUG -fPIC"
fi
if command -v gcc >/dev/null && pkg-config --exists check; then
    tap_check "the joined objects are a whole library" link_joined
    for file in $tests; do
        tap_check "the joined objects pass $file" suite_joined "$file"
    done
else
    tap_skip "the joined objects pass the C tests" "gcc or Check is not installed"
fi

format=
for name in clang-format-14 clang-format; do
    "$name" --version 2>/dev/null | grep -q 'version 14\.' && format=$name && break
done
if [ -n "$format" ]; then
    # shellcheck disable=SC2046,SC2086
    tap_check "clang-format has nothing to say" "$format" --dry-run --Werror $all engine/ketch.hpp \
        $(find ffi tests/bench tests/c tests/cmake tests/cpp tests/fuzz examples -name '*.[ch]' -o -name '*.cpp')
else
    tap_skip "clang-format has nothing to say" "clang-format 14 is not installed"
fi
tap_done
