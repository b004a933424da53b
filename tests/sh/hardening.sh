#!/bin/sh
# What loaders and compilers can do against the misuse of memory errors is in the library, in the
# command and, where KETCH_PYTHON names a Python that has the package, in its extension.
. "$(dirname "$0")/tap.sh"

command -v readelf >/dev/null || tap_skip_all "readelf is not installed"

# $1: a shared object or program. Says what is missing in it.
soft_spots() {
    readelf -W -l "$1" | grep -q GNU_RELRO || echo "no RELRO"
    readelf -W -d "$1" | grep -qE 'BIND_NOW|FLAGS_1.* NOW' || echo "no BIND_NOW"
    readelf -W -d "$1" | grep -E 'TEXTREL'
    readelf -W -l "$1" | grep -E 'GNU_STACK.* RWE|LOAD.* RWE'
    readelf -W --dyn-syms "$1" >"$work/symbols"
    grep -q ' UND __stack_chk_fail' "$work/symbols" || echo "no stack protector"
    grep -qE ' UND __[a-z]+_chk' "$work/symbols" || echo "no fortified call"
}

# Functions of an object that call the stack protector.
guarded() {
    objdump -dr "$1" | $AWK '/^[0-9a-f]+ </ { name = $2 } /__stack_chk_fail/ { print name }' | sort -u
}

case $(grep -E '^(CFLAGS|CPPFLAGS|LDFLAGS) = ' "$builddir/Makefile") in
*-fsanitize* | *stack-protector* | *_FORTIFY_SOURCE* | *-O0*) tap_skip_all "CFLAGS of this build switch it off" ;;
esac
found=
for file in "$builddir/.libs/libketch.so" "$builddir/ketch"; do
    [ -f "$file" ] || continue
    found=$file
    tap_empty "$(basename "$file") is hardened" soft_spots "$file"
done
tap_check "the build has a program" test -n "$found"

# A kernel works on arrays of vectors on the stack at constant indices; its code must stay as it is.
for set in scalar avx2 avx512; do
    object=$builddir/engine/ket/kernels/$set.o
    [ -f "$object" ] || object=$builddir/engine/ket/kernels/.libs/$set.o
    tap_empty "kernels have no stack protector: $set" guarded "$object"
done

extension=
[ -z "$KETCH_PYTHON" ] || extension=$("$KETCH_PYTHON" -c 'import ketch._ketch as e; print(e.__file__)' 2>/dev/null)
if [ -f "$extension" ]; then
    tap_empty "Python's extension is hardened" soft_spots "$extension"
else
    tap_skip "Python's extension is hardened" "KETCH_PYTHON has no ketch"
fi
tap_done
