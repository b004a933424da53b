#!/bin/sh
# What the built library shows to a linker, wants of it, and keeps in writable memory.
. "$(dirname "$0")/tap.sh"

shared=$(find "$builddir/.libs" -name 'libketch.so*' -type f 2>/dev/null | head -n 1)
archive=$builddir/.libs/libketch.a
headers=$(cd "$srcdir" && tap_public_headers)
denied='_?exit|_Exit|quick_exit|atexit|abort|raise|kill|signal|sigaction|pthread_atfork|system|perror'
denied="$denied|(__)?v?f?printf(_chk)?|f?puts|f?putc|putchar|fwrite|stdout|stderr"
denied="$denied|(secure_)?getenv|setenv|setlocale|s?rand|random|srandom"

# Names that the header declares.
declared() {
    # shellcheck disable=SC2086 # a list
    (cd "$srcdir" && sed -n '/ketch declarations begin/,/ketch declarations end/p' $headers) | tr '\n' ' ' |
        grep -oE 'KETCH_API [^;(]*\(' | sed -E 's/.*[ *](ketch_[a-z_0-9]+)\($/\1/' | sort
}

exported() {
    $NM -D --defined-only "$shared" | $AWK '{ print $NF }' | sed 's/@.*//' | grep -v '^KETCH_0$' | sort
}

# The archive's global symbols.
globals() {
    $NM -g --defined-only "$archive" | $AWK 'NF == 3 { print $3 }'
}

# What the archive wants of others and may not (assert's __assert_fail is in debug builds only).
unwanted() {
    $NM -u "$archive" | $AWK '$1 == "U" { print $2 }' | sort -u | grep -xE "$denied"
}

# Symbols in writable sections, but for the account of what the process was granted. Constant tables of pointers (.data.rel.ro) are read-only once loaded.
writable() {
    $NM --format=sysv "$archive" | tr -d ' ' |
        $AWK -F'|' '$7 ~ /^\.t?(data|bss)/ && $7 !~ /^\.data\.rel\.ro/ || $3 == "C" { print $1, $7 }' |
        grep -v '^kt_account_process \.bss$'
}

# Code and data of the objects of some folders, in bytes.
bytes_of() {
    (cd "$builddir" && find "$@" -name '*.o' -path '*/.libs/*' ! -path 'engine/cli/*' -exec size {} +) |
        $AWK '$1 ~ /^[0-9]+$/ && $NF != "(TOTALS)" { bytes += $1 + $2 } END { print bytes + 0 }'
}

# Core and circuits have at most 1 MB once the library is stripped. Each workload's share is shown.
size_of_library() {
    strip -o "$work/stripped.so" "$shared" && stripped=$(wc -c <"$work/stripped.so")
    networks=$(bytes_of engine/glia)
    echo "# bytes of code and data: core $(bytes_of arena engine -maxdepth 2 ! -path 'engine/ket/*' ! -path 'engine/glia/*')," \
        "circuits $(bytes_of engine/ket), networks $networks"
    tap_check "the stripped shared library has at most 1,000,000 bytes ($stripped) without networks ($networks)" \
        test "$((${stripped:-9999999} - networks))" -le 1000000
}

if [ -n "$shared" ]; then
    declared >"$work/declared"
    exported >"$work/exported"
    tap_check "the header's functions are found" test "$(wc -l <"$work/declared")" -gt 50
    tap_check "exported is what the header declares, and no more" diff "$work/declared" "$work/exported"
    tap_figure P33 "exported names that no header declares" "$(comm -13 "$work/declared" "$work/exported" | wc -l)"
    readelf -d "$shared" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
        grep -vE '^(libc|libm|libpthread|ld-linux.*)\.so' >"$work/needed"
    tap_empty "the library needs libc, libm and pthread only" cat "$work/needed"
    case $BUILD_CPPFLAGS in
    *KETCH_DEBUG*) tap_skip "size of the library" "a debug build has assertions" ;;
    *) size_of_library ;;
    esac
else
    tap_skip "exported is what the header declares, and no more" "no shared library in this build"
    tap_skip "the library needs libc, libm and pthread only" "no shared library in this build"
fi

if [ ! -f "$archive" ]; then
    tap_skip "symbols of the archive" "no static library in this build"
    tap_done
fi
globals >"$work/globals"
tap_check "the archive has symbols" test -s "$work/globals"
tap_empty "the archive's globals begin with ketch_, kt_, ktq_ or ktg_" grep -vE '^(ketch|kt[qg]?)_' "$work/globals"
tap_empty "the library wants nothing that ends, prints or reads the environment" unwanted
tap_figure P1 "banned names that the library wants" "$(unwanted | wc -l)"
case $BUILD_CPPFLAGS in
*KETCH_DEBUG*) tap_skip "no writable data" "a debug build counts requests for memory" ;;
*)
    tap_empty "no writable data" writable
    tap_figure P31 "entries of writable data" "$(writable | wc -l)"
    ;;
esac
tap_done
