#!/bin/sh
# The ketch command with standard input, output and error closed or redirected in all ways: exit codes
# are right, and what is printed never goes into a file that the command writes.
. "$(dirname "$0")/tap.sh"

ketch=$builddir/ketch
[ -x "$ketch" ] || tap_skip_all "there is no $ketch"
[ -c /dev/full ] || tap_skip_all "there is no /dev/full"
cd "$work" || exit 99

printf 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\nh q[0];\ncx q[0],q[1];\n' >bell.qasm
cp bell.qasm input.qasm
$AWK 'BEGIN {
    print "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[18];"
    for (l = 0; l < 400; l++) for (q = 0; q < 18; q++) printf "ry(%g) q[%d];\ncx q[%d],q[%d];\n", 0.1 * (l + q), q, q, (q + 1) % 18
}' >deep.qasm
"$ketch" run bell.qasm --state good.npy >text 2>err || exit 99
sed '$d' text >good.text # the last line has times

# What redirects a descriptor in one of the ways. A pipe is what redirected provides.
redirection() {
    case $2 in
    closed) echo "$1$3&-" ;;
    null) echo "$1$3/dev/null" ;;
    full) echo "$1$3/dev/full" ;;
    file) echo "$1$3$4" ;;
    esac
}

# redirected IN OUT ERR ARGUMENTS...: runs the command and leaves its exit code in file `code`.
redirected() {
    how="$(redirection 0 "$1" '<' input.qasm) $(redirection 1 "$2" '>' file.out) $(redirection 2 "$3" '>' file.err)"
    shift 3
    rm -f code file.out file.err
    { cat input.qasm | {
        eval '"$ketch" "$@"' "$how"
        echo $? >code
    } 2>&3 | cat >pipe.out; } 3>&1 | cat >pipe.err
}

ends() {
    [ "$(cat code)" -eq "$1" ] || { echo "exit code $(cat code), not $1"; return 1; }
}

# The text that a run of bell.qasm prints is in a file, and stderr has the bar.
printed() {
    sed '$d' "$1" | cmp - good.text
}

# The exit code of what prints to this.
print_code() {
    case $1 in closed | full) echo 1 ;; *) echo 0 ;; esac
}

tried=0

one_state() {
    printf 'old' >>s.npy
    redirected "$1" "$2" "$3" run bell.qasm --state s.npy --progress always
    tried=$((tried + 1))
    ends "$(print_code "$2")" && cmp s.npy good.npy && cmp bell.qasm input.qasm || return 1
    case $2 in file | pipe) printed "$2.out" || return 1 ;; esac
    case $3 in file | pipe) grep -q '100 %' "$3.err" || return 1 ;; esac
}

states() {
    for in in closed null file pipe; do
        for err in closed null file pipe full; do
            one_state $in "$1" $err || { echo "input $in, output $1, error $err"; return 1; }
        done
    done
}

for out in closed null file pipe full; do
    cp good.npy s.npy
    tap_check "a state is written whole, standard output: $out" states $out
done

read_input() {
    for in in closed null; do
        for err in closed null file; do
            tried=$((tried + 1))
            redirected $in null $err run - && ends 2 || return 1
        done
    done
    for in in file pipe; do
        tried=$((tried + 1))
        redirected $in file file run - && ends 0 && printed file.out || return 1
    done
}
tap_check "standard input is read, or is bad input where it is closed" read_input

# each COMMAND...: calls it with all ways of closing some of the three.
each() {
    for in in closed null; do
        for out in closed null; do
            for err in closed null; do
                tried=$((tried + 1))
                "$@" $in $out $err || { echo "input $in, output $out, error $err"; return 1; }
            done
        done
    done
}

times_out() {
    cp good.npy s.npy
    redirected "$1" "$2" "$3" run deep.qasm --timeout 0.001 --state s.npy --progress always
    ends 124 && cmp s.npy good.npy
}
tap_check "a message of a timeout goes into no file" each times_out

saves() {
    rm -f run.ketch
    redirected "$1" "$2" "$3" run bell.qasm --save run.ketch --progress always
    ends "$(print_code "$2")" && "$ketch" resume run.ketch >resumed && printed resumed
}
tap_check "a run is saved whole" each saves

resumes() {
    rm -f run.ketch
    "$ketch" run bell.qasm --save run.ketch >/dev/null &&
        redirected "$1" "$2" "$3" resume run.ketch --state s.npy --progress always &&
        ends "$(print_code "$2")" && cmp s.npy good.npy && "$ketch" resume run.ketch >resumed && printed resumed
}
tap_check "a run is resumed" each resumes

cannot_print() {
    for out in closed full; do
        for err in closed file; do
            tried=$((tried + 1))
            redirected null $out $err "$@"
            ends 1 || return 1
        done
        grep -q 'cannot be written' file.err || return 1
    done
}
tap_check "plan says that it cannot print" cannot_print plan bell.qasm
tap_check "info says that it cannot print" cannot_print info
tap_check "--help says that it cannot print" cannot_print --help
tap_check "--version says that it cannot print" cannot_print --version
tap_check "JSON says that it cannot be printed" cannot_print run bell.qasm --json

temporary_files() {
    ls -A | grep '\.ketch-'
}
tap_empty "no temporary file stays" temporary_files
echo "# $tried ways"
tap_done
