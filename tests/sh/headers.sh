#!/bin/sh
# The public headers: every function has a comment of its own, and the text is such that CFFI and a
# reader can take it as it stands.
. "$(dirname "$0")/tap.sh"
cd "$srcdir" || exit 99

headers=$(tap_public_headers)

# A comment that ends on the line above the function. One that stands above several functions is only
# the first one's, and one that is followed by an empty line is nobody's.
functions_without_comment() {
    for file in $headers; do
        $AWK -v file="$file" '/^KETCH_API/ && !comment { print file ":" NR ": " $0 }
            { comment = /\*\/$/ }' "$file"
    done
}

# CFFI reads what stands between the marks, without a preprocessor.
marked_regions() {
    for file in $headers; do
        $AWK -v file="$file" '
            /^\/\* ketch declarations begin/ { begins++; inside = 1 }
            /^\/\* ketch declarations end/ { ends++; inside = 0 }
            inside && /^[[:space:]]*#/ { print file ":" NR ": preprocessor line in the marked region" }
            !inside && /^KETCH_API/ { print file ":" NR ": function outside the marked region" }
            END { if (begins != 1 || ends != 1 || inside) print file ": not exactly one marked region" }' "$file"
    done
}

layout() {
    for file in $headers; do
        $AWK -v file="$file" '
            length($0) > 100 { print file ":" NR ": more than 100 columns" }
            /^\/\* ----/ && !/^\/\* ---- .* ---- \*\/$/ { print file ":" NR ": a banner of more than one line" }
            /^ .*[;,][[:space:]]*\/\*/ { print file ":" NR ": a comment beside a field and not above it" }' "$file"
    done
}

# The umbrella, the list that is installed, and the folder name the same headers.
lists() {
    for file in engine/ketch/*.h; do
        echo "$headers" | grep -qw "$file" || echo "$file is not one of public_headers in Makefile.am"
        grep -qxF "#include \"ketch/${file##*/}\"" engine/ketch.h || echo "$file is not included by ketch.h"
    done
}

tap_check "there are public headers" test -n "$headers"
tap_empty "every public function has a comment of its own" functions_without_comment
tap_empty "each header has one marked region, without preprocessor lines" marked_regions
tap_empty "lines, banners and comments have their form" layout
tap_empty "ketch.h includes every public header, and all are installed" lists
tap_done
