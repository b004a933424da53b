#!/bin/sh
# The reference is made without a warning, and has every public name of Python and C.
. "$(dirname "$0")/tap.sh"

[ -n "$KETCH_PYTHON" ] || tap_skip_all "KETCH_PYTHON names no Python that has the package"
[ -w "$srcdir/tests/docs" ] || tap_skip_all "the folder of the sources is read-only"
sh "$srcdir/tests/docs/build.sh" tools >"$work/tools" 2>&1 ||
    tap_skip_all "Sphinx cannot be installed here: $(tail -n 1 "$work/tools")"

html=$srcdir/build/docs/html

python_names() {
    "$KETCH_PYTHON" -c 'import ketch; print(*(n for n in ketch.__all__ if n[0] != "_"), sep="\n")'
    "$KETCH_PYTHON" -c 'from ketch import glia; print(*(f"glia.{n}" for n in glia.__all__), sep="\n")'
    "$KETCH_PYTHON" -c 'from ketch.glia import viz; print(*(f"glia.viz.{n}" for n in viz.__all__), sep="\n")'
}

c_names() {
    # shellcheck disable=SC2046 # a list
    (cd "$srcdir" && cat $(tap_public_headers)) |
        sed -nE -e 's/^(KETCH_API|static inline) .*[ *](ketch_[a-z0-9_]+)\(.*/\2/p' \
            -e 's/^} (ketch_[a-z_]+);/\1/p' -e 's/^ +(KETCH_[A-Z0-9_]+)( = .*)?,?$/\1/p'
}

missing_python() {
    python_names | while read -r name; do
        grep -q "id=\"ketch\.$name\"" "$html/python.html" || echo "$name"
    done
}

missing_c() {
    cat "$html"/c_*.html >"$work/c.html"
    c_names | while read -r name; do
        grep -qE "id=\"c\.([a-z_]+\.)?$name\"" "$work/c.html" || echo "$name"
    done
}

tap_check "make docs gives no warning" sh "$srcdir/tests/docs/build.sh"
tap_check "there are names of C to look for" test "$(c_names | wc -l)" -gt 250
tap_check "there are names of Python to look for" test "$(python_names | wc -l)" -gt 40
tap_empty "each public name of Python is in the reference" missing_python
tap_empty "each public name of C is in the reference" missing_c
tap_empty "no markup is left in the text" grep -nE ':c:[a-z]+:' "$html"/c_core.html "$html"/c_circuits.html "$html"/c_glia.html "$html"/c_learning.html
tap_done
