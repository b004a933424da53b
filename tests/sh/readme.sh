#!/bin/sh
# What README.md, engine/GUARANTEES.md and engine/DEVELOPERS.md name exists: files, functions, options of the command,
# and the pages and headings that links lead to.
. "$(dirname "$0")/tap.sh"
cd "$srcdir" || exit 99

pages="README.md engine/GUARANTEES.md engine/DEVELOPERS.md examples/cookbook.md examples/from_gliagl.md"

# Words in backticks, one a line, outside of blocks of code.
words() {
    # shellcheck disable=SC2086 # a list
    $AWK '/^```/ { inside = !inside; next } !inside' $pages | grep -o '`[^`]*`' | tr -d '`' | sort -u
}

# Paths below the root. NAME stands for what a reader chooses, build is made.
missing_paths() {
    words | grep -E '^(arena|docs|engine|examples|ffi|tests)/[A-Za-z0-9_./]*$' | grep -v NAME | while read -r path; do
        [ -e "$path" ] || echo "$path"
    done
}

# Files that are named without their folder.
missing_files() {
    words | grep -E '^[a-z0-9_]+\.(c|h|py|sh|txt)$' | while read -r file; do
        [ -n "$(find . -name "$file" ! -path './build/*' | head -n 1)" ] || echo "$file"
    done
}

missing_functions() {
    words | grep -oE '\<(ketch|kt|ktq|ktg|KETCH)_[A-Za-z0-9_]*[A-Za-z0-9]\>' | sort -u | while read -r name; do
        grep -rsqwF "$name" arena engine ffi ./*.in || echo "$name"
    done
}

# Rows "function in file" of the tables.
misplaced_functions() {
    grep '^|' engine/DEVELOPERS.md | grep -oE '`[a-z_]+`(, `[a-z_]+`)* in `[a-z_/.]+`' | while read -r line; do
        file=${line##* in \`}
        file=${file%\`}
        for name in $(echo "${line% in *}" | grep -oE '[a-z_]+'); do
            grep -qw "$name" $(find arena engine ffi -path "*${file}") /dev/null || echo "$name is not in $file"
        done
    done
}

missing_options() {
    words | grep -vE 'configure|pkg-config|^pip |^auditwheel ' | grep -oE -- '--[a-z-]+' | sort -u | while read -r option; do
        grep -qF -- "$option" engine/cli/help.c tests/run.sh configure.ac || echo "$option"
    done
}

# Anchors of a page's headings, as GitHub makes them.
anchors() {
    $AWK '/^```/ { inside = !inside; next } !inside && sub(/^#+ /, "")' "$1" | tr '[:upper:]' '[:lower:]' |
        sed 's/[^a-z0-9 _-]//g; s/ /-/g'
}

# Links to other pages and to headings; those of the network are left out.
dead_links() {
    for page in $pages; do
        grep -oE '\]\([^)]+\)' "$page" | sed 's/^](//; s/)$//' | grep -v '^https:' | while read -r link; do
            file=$page
            [ -z "${link%%#*}" ] || file=$(dirname "$page")/${link%%#*}
            [ -e "$file" ] || { echo "$page: $link" && continue; }
            case $link in *#*) anchors "$file" | grep -qxF -- "${link#*#}" || echo "$page: $link" ;; esac
        done
    done
}

# Every section of README is in its table of contents.
missing_sections() {
    sed -n 's/^## //p' README.md | while read -r title; do
        grep -qF "[$title](#" README.md || echo "$title"
    done
}

tap_check "the pages name things" test "$(words | wc -l)" -gt 100
tap_empty "every path exists" missing_paths
tap_empty "every file exists" missing_files
tap_empty "every function and constant exists" missing_functions
tap_empty "functions are in the files that the tables say" misplaced_functions
tap_empty "every option exists" missing_options
tap_empty "every link leads to a page and a heading" dead_links
tap_empty "the table of contents of README is whole" missing_sections
tap_check "README is short" test "$(wc -l <README.md)" -lt 300
tap_done
