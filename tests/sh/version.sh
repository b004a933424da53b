#!/bin/sh
# The version stands in configure.ac; the header, the library, the command, the Python package, the list
# of changes and the citation say the same.
. "$(dirname "$0")/tap.sh"

configured=$(sed -n 's/^AC_INIT(\[ketch\], \[\([^]]*\)\].*/\1/p' "$srcdir/configure.ac")
tap_check "configure.ac states a version" test -n "$configured"

cat >"$work/version.c" <<'EOS'
#include <ketch.h>
#include <stdio.h>

int main(void)
{
    printf("%s\n%s\n%d.%d.%d\n%d\n", ketch_version(), KETCH_VERSION_STRING, KETCH_VERSION_MAJOR,
           KETCH_VERSION_MINOR, KETCH_VERSION_PATCH, KETCH_VERSION_NUMBER);
    return 0;
}
EOS
number=$(echo "$configured" | $AWK -F. '{ print 1000000 * $1 + 1000 * $2 + $3 }')
said() {
    "$work/version" | sed -n "$1p"
}
tap_check "a program links the library" tap_link "$work/version" "$work/version.c"
tap_check "ketch_version()" test "$(said 1)" = "$configured"
tap_check "KETCH_VERSION_STRING" test "$(said 2)" = "$configured"
tap_check "KETCH_VERSION_MAJOR, _MINOR and _PATCH" test "$(said 3)" = "$configured"
tap_check "KETCH_VERSION_NUMBER" test "$(said 4)" = "$number"
tap_check "ketch --version" test "$("$builddir/ketch" --version | $AWK '{ print $NF; exit }')" = "$configured"
tap_check "ketch.pc" grep -qx "Version: $configured" "$builddir/ketch.pc"
library=$builddir/.libs/libketch.so
name="programs ask for libketch.so.0, until they must be compiled anew"
if [ -f "$library" ] && command -v readelf >/dev/null; then
    tap_check "$name" sh -c 'readelf -d "$1" | grep -q "SONAME.*\[libketch\.so\.0\]"' sh "$library"
else
    tap_skip "$name" "no shared library in this build, or no readelf"
fi

# The first heading of a version, and the date or "unreleased" after it.
headed() {
    grep -m 1 '^## ' "$srcdir/CHANGELOG.md" | grep -Eqx "## \[$configured\] - (unreleased|[0-9]{4}(-[0-9]{2}){2})"
}
tap_check "CHANGELOG.md begins with this version" headed
tap_check "CITATION.cff" grep -qx "version: $configured" "$srcdir/CITATION.cff"

# Every key that a reader of the format 1.2.0 requires.
cites() {
    grep -qx "cff-version: 1.2.0" "$srcdir/CITATION.cff" &&
        for key in message title authors; do
            grep -q "^$key:" "$srcdir/CITATION.cff" || return 1
        done
}
tap_check "CITATION.cff has what its format requires" cites
if [ -n "$KETCH_PYTHON" ]; then
    tap_check "ketch.__version__" test "$("$KETCH_PYTHON" -c 'import ketch; print(ketch.__version__)')" = "$configured"
else
    tap_skip "ketch.__version__" "KETCH_PYTHON names no Python that has the package"
fi
tap_done
