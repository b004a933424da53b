#!/bin/sh
# An archive of the sources is configured and built without autotools, and has what users read.
. "$(dirname "$0")/tap.sh"

MAKEFLAGS=
export MAKEFLAGS
tree=$work/ketch
tap_check "make distdir" make -C "$builddir" distdir distdir="$tree"
for file in configure Makefile.in build-aux/ltmain.sh LICENSE README.md engine/GUARANTEES.md engine/DEVELOPERS.md \
    CHANGELOG.md CITATION.cff pyproject.toml setup.py ffi/build_ketch.py examples/1_hello.c \
    examples/cookbook.md tests/run.sh $(cd "$srcdir" && ls tests/docs/*.*); do
    tap_check "it has $file" test -f "$tree/$file"
done
# Tests of an archive find all that they read.
left_out() {
    (cd "$srcdir" && git ls-files) | grep -vxE '[.]ci/run|[.]gitignore' >"$work/kept"
    while read -r file; do [ -e "$tree/$file" ] || echo "$file"; done <"$work/kept"
}
if [ -e "$srcdir/.git" ] && command -v git >/dev/null; then
    tap_empty "all that git keeps" left_out
    tap_check "which is more than 500 files" test "$(wc -l <"$work/kept")" -gt 500
else
    tap_skip "all that git keeps" "this is no clone"
fi
tap_empty "nothing that a build made" \
    find "$tree" -name '*.o' -o -name '*.so' -o -name __pycache__ -o -name _ketch.c -o -name '*.egg-info'

# Tools that a user of an archive need not have. A makefile that finds a file older than its sources
# would call one.
api=$(sed -n "s/^am__api_version='\(.*\)'/\1/p" "$tree/configure")
mkdir "$work/bin"
for tool in autoconf autoreconf autoheader "automake-$api" "aclocal-$api" libtoolize m4; do
    printf '#!/bin/sh\necho %s >>"%s/called"\nexit 1\n' "$tool" "$work" >"$work/bin/$tool"
    chmod +x "$work/bin/$tool"
done
PATH=$work/bin:$PATH
mkdir "$work/build"
cd "$work/build" || exit 99
tap_check "configure" "$tree/configure" -q ${CC:+CC="$CC"}
tap_check "every source has a rule" make -n
tap_check "make builds a part" make -s engine/hash.lo
tap_check "no autotools were called" test ! -e "$work/called"
tap_done
