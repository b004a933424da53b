#!/bin/sh
# The manual page and the completions for bash and zsh, which are made from the help: each option is in
# them, and each option in them is one.
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/command.sh"

manual=$builddir/ketch.1
commands=$("$ketch" --help | sed -n 's/^  ketch \([a-z][a-z]*\) .*/\1/p' | tr '\n' ' ' | sed 's/ $//')
tap_check "the help tells the commands" test "${commands#run resume plan draw info costs}" != "$commands"

# options COMMAND: as its help names them, one a line.
options() {
    "$ketch" "$1" --help | sed -n 's/^  \(-[A-Za-z], \)\{0,1\}\(--[a-z-]*\).*/\2/p'
}

# ---- help
tabled() {
    sed -n 's/^    {"\([a-z-]*\)", [A-Z_| ]*, set_.*/--\1/p' "$srcdir/engine/cli/options.c" | sort -u
}
helped() {
    for command in $commands; do options "$command"; done | sort -u
}
tap_case "the help has every option of the table, and no other" "$([ "$(tabled)" = "$(helped)" ]; echo $?)"
tap_case "which are more than 20" "$([ "$(helped | wc -l)" -gt 20 ]; echo $?)"
known() {
    for command in $commands; do
        for option in $(options "$command"); do
            "$ketch" "$command" "$option" 2>&1 >/dev/null </dev/null | grep "not an option here"
        done
    done
}
tap_empty "each command takes the options of its help" known

# ---- the manual page
tap_check "there is a manual page" test -s "$manual"
if command -v mandoc >/dev/null; then
    tap_empty "mandoc -Tlint has nothing to say" mandoc -Tlint "$manual"
    mandoc -Tutf8 "$manual" | sed "s/.$(printf '\b')//g" >"$work/manual"
    missing() {
        for option in $(helped) ; do grep -q -e "^  *\(-I, \)\{0,1\}$option" "$work/manual" || echo "$option"; done
        for command in $commands; do grep -q "^ *ketch $command$" "$work/manual" || echo "$command"; done
        for code in 0 1 2 3 124 130; do
            sed -n '/^EXIT STATUS/,$p' "$work/manual" | grep -qw "$code" || echo "$code"
        done
    }
    tap_empty "it has all commands, options and exit codes" missing
else
    tap_skip "mandoc -Tlint has nothing to say" "there is no mandoc"
    tap_skip "it has all commands, options and exit codes" "there is no mandoc"
fi

# ---- bash
# bash_words WORD...: what bash completes the last word to, on one line.
bash_words() {
    bash -c '
        . "$1"
        shift
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _ketch
        echo "${COMPREPLY[*]}"' bash "$builddir/completions/ketch" "$@"
}
# completes ANSWER WORD...
completes() {
    answer=$1
    shift
    got=$(bash_words "$@")
    [ "$got" = "$answer" ] || { echo "$* gives $got"; return 1; }
}
: >"$work/some file.qasm"
mkdir "$work/some folder"
if command -v bash >/dev/null && bash -c 'type compgen' >/dev/null 2>&1; then
    tap_check "bash reads its completion" bash -n "$builddir/completions/ketch"
    tap_check "a command" completes "run resume" ketch r
    tap_check "all of them" completes "$commands help version --help --version" ketch ""
    tap_check "a topic of help" completes "plan" ketch help p
    tap_check "an option" completes "--shots" ketch run --sh
    for command in $commands; do
        tap_check "the options of $command" test "$(bash_words ketch "$command" -- | tr ' ' '\n' | sort)" = "$(options "$command" | sort)"
    done
    tap_check "a value" completes "single" ketch run x.qasm --precision s
    tap_check "values of progress" completes "auto always never" ketch run --progress ""
    tap_check "all amplitudes" completes all ketch run --top ""
    tap_check "no files where a number is meant" completes "" ketch run --shots ""
    tap_check "a file with a blank in its name" completes "$work/some file.qasm" ketch run "$work/some file"
    tap_check "a file after an option" completes "$work/some file.qasm" ketch run --state "$work/some file"
    tap_check "a folder" completes "$work/some folder" ketch run -I "$work/some"
    tap_check "no file for info" completes "" ketch info "$work/some"
else
    tap_skip "bash completes" "there is no bash with compgen"
fi
for value in "precision double" "precision single" "progress auto" "progress always" "progress never" "top all"; do
    # shellcheck disable=SC2086 # option and value
    tap_check "$value is a value" ends 0 run "$examples/qft.qasm" --$value
done

# ---- zsh
# zsh_specs WORD...: what zsh's completion asks _arguments or _describe for.
zsh_specs() {
    zsh -f -c '
        _arguments() { print -rl -- "$@" }
        _describe() { print -rl -- "${(P@)2}" }
        words=("${@:2}")
        CURRENT=$#words
        . "$1"' zsh "$builddir/completions/_ketch" "$@"
}
if command -v zsh >/dev/null; then
    tap_check "zsh reads its completion" zsh -n "$builddir/completions/_ketch"
    tap_check "its commands" test "$(zsh_specs ketch "" | sed 's/:.*//' | tr '\n' ' ')" = "$commands help version "
    for command in $commands; do
        tap_check "its options of $command" test \
            "$(zsh_specs ketch "$command" "" | sed -n 's/^\*\{0,1\}\(--[a-z-]*\).*/\1/p' | sort)" = "$(options "$command" | sort)"
    done
    tap_check "signs that zsh or its quotes would read stay" test "$(zsh_specs ketch "" | sed -n 's/^costs://p')" = \
        "measures what the library's kernels cost on this machine"
    zsh_specs ketch run "" >"$work/specs"
    tap_check "also in options" grep -qF -e '--seed=[0 to 2^64 - 1\: same seed, same outcomes]' "$work/specs"
    tap_case "and a file" "$(zsh_specs ketch run "" | grep -c '^1:FILE:_files$' | grep -qx 1; echo $?)"
else
    tap_skip "zsh completes" "there is no zsh"
fi
tap_done
