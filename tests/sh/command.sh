# Sourced by the tests of the ketch command, behind tap.sh: runs it and looks at what it prints.

examples=$srcdir/examples
ketch=$builddir/ketch
[ -x "$ketch" ] || tap_skip_all "there is no $ketch"

# ends CODE ARGUMENTS...: the command ends with that code, output in $work/out and $work/err.
ends() {
    wanted=$1
    shift
    "$ketch" "$@" >"$work/out" 2>"$work/err" </dev/null
    got=$?
    [ "$got" -eq "$wanted" ] || { echo "exit code $got, not $wanted"; cat "$work/err"; return 1; }
}

# says FILE PATTERN: the last output or message has a line like that.
says() {
    grep -q -e "$2" "$work/$1" || { echo "no '$2' in:"; cat "$work/$1"; return 1; }
}

# refuses CODE PATTERN ARGUMENTS...: fails with that code and message, and prints no result.
refuses() {
    code=$1 pattern=$2
    shift 2
    ends "$code" "$@" && says err "$pattern" && [ ! -s "$work/out" ]
}

# prints PATTERN ARGUMENTS...: works, prints that, and keeps standard error clean.
prints() {
    pattern=$1
    shift
    ends 0 "$@" && says out "$pattern" && [ ! -s "$work/err" ]
}

# circuit NAME TEXT: a circuit file in the work folder.
circuit() {
    printf 'OPENQASM 2.0;\ninclude "qelib1.inc";\n%s\n' "$2" >"$work/$1.qasm"
}
