#!/bin/sh
# What the README names exists: files, functions, options of the command.
. "$(dirname "$0")/tap.sh"
cd "$srcdir" || exit 99

# Words in backticks, one a line, outside of blocks of code.
words() {
    $AWK '/^```/ { inside = !inside; next } !inside' README.md | grep -o '`[^`]*`' | tr -d '`' | sort -u
}

# Paths below the root. NAME stands for what a reader chooses, build is made.
missing_paths() {
    words | grep -E '^(arena|engine|examples|ffi|tests)/[A-Za-z0-9_./]*$' | grep -v NAME | while read -r path; do
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
    words | grep -oE '\<(ketch|kt|ktq|KETCH)_[A-Za-z0-9_]*[A-Za-z0-9]\>' | sort -u | while read -r name; do
        grep -rqwF "$name" arena engine ffi || echo "$name"
    done
}

# Rows "function in file" of the tables.
misplaced_functions() {
    grep '^|' README.md | grep -oE '`[a-z_]+`(, `[a-z_]+`)* in `[a-z_/.]+`' | while read -r line; do
        file=${line##* in \`}
        file=${file%\`}
        for name in $(echo "${line% in *}" | grep -oE '[a-z_]+'); do
            grep -qw "$name" $(find arena engine ffi -path "*${file}") /dev/null || echo "$name is not in $file"
        done
    done
}

missing_options() {
    words | grep -vE 'configure|pkg-config' | grep -oE -- '--[a-z-]+' | sort -u | while read -r option; do
        grep -qF -- "$option" engine/cli/help.c tests/run.sh configure.ac || echo "$option"
    done
}

tap_check "the README names things" test "$(words | wc -l)" -gt 100
tap_empty "every path exists" missing_paths
tap_empty "every file exists" missing_files
tap_empty "every function and constant exists" missing_functions
tap_empty "functions are in the files that the tables say" misplaced_functions
tap_empty "every option exists" missing_options
tap_done
