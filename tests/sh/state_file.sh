#!/bin/sh
# The file of --state: the old one or the new one, whatever stops the command; and which files it does
# not replace. KETCH_LONG: 1,000 signals of each kind.
. "$(dirname "$0")/tap.sh"

ketch=$builddir/ketch
[ -x "$ketch" ] || tap_skip_all "there is no $ketch"
cd "$work" || exit 99

# A circuit of so many qubits; its state differs from that of another angle.
circuit() {
    printf 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[%s];\nh q;\nrz(%s) q;\n' "$1" "$2"
}

circuit 12 0.1 >small.qasm
circuit 20 0.1 >old.qasm
circuit 20 0.2 >new.qasm

# ends CODE ARGUMENTS...: the command ends with that code, output in out and err.
ends() {
    wanted=$1
    shift
    "$ketch" "$@" --progress never >out 2>err </dev/null
    got=$?
    [ "$got" -eq "$wanted" ] || { echo "exit code $got, not $wanted"; cat err; return 1; }
}

refuses() {
    wanted=$1 pattern=$2
    shift 2
    ends "$wanted" "$@" && grep -q -e "$pattern" err || { echo "no '$pattern' in:"; cat err; return 1; }
}

states() {
    ends 0 run old.qasm --state old.npy && ends 0 run new.qasm --state new.npy && cp old.npy s.npy &&
        ends 0 run new.qasm --state s.npy && cmp s.npy new.npy && ! cmp -s old.npy new.npy &&
        ends 0 run small.qasm --state small.npy
}
tap_check "a state replaces another" states

# ---- files that are not replaced
the_input() {
    cp small.qasm kept && ln -f kept hard && ln -sf kept soft || return 1
    for name in kept ./kept hard soft; do
        for force in "" --force; do
            # shellcheck disable=SC2086 # nothing or an option
            refuses 2 'is the input' run kept --state $name $force && cmp kept small.qasm || return 1
        done
    done
    "$ketch" run - --state kept <kept >out 2>err
    [ $? -eq 2 ] && grep -q 'is the input' err && cmp kept small.qasm
}
tap_check "the input is not replaced, whatever it is called" the_input

saved_run() {
    rm -f run.ketch && ends 0 run small.qasm --save run.ketch && cp run.ketch before &&
        refuses 2 'is the input' resume run.ketch --state run.ketch --force &&
        refuses 2 'need a file each' run small.qasm --save same --state same &&
        ln -f run.ketch other && refuses 2 'is that of --save' run small.qasm --save run.ketch --state other --force &&
        cmp before run.ketch
}
tap_check "a saved run that is read or written is not replaced" saved_run

strangers() {
    echo "my thesis" >thesis.txt && : >empty && head -c 5 new.npy >short || return 1
    for name in thesis.txt empty short run.ketch; do
        cp $name before && refuses 2 "--force" run small.qasm --state $name && cmp before $name || return 1
    done
    ends 0 run small.qasm --state thesis.txt --force &&
        cmp thesis.txt small.npy && refuses 2 '--force needs --state' run small.qasm --force
}
tap_check "a file of another kind is replaced only with --force" strangers

printed_file() {
    : >printed && "$ketch" run small.qasm --state printed --force >printed 2>err
    [ $? -eq 2 ] && grep -q 'printed goes to this file' err && [ ! -s printed ]
}
tap_check "the file that output goes to is not replaced" printed_file
tap_check "a folder is refused" refuses 2 'a directory' run small.qasm --state .
tap_check "a folder that is not there is refused" refuses 1 'no such file' run small.qasm --state no/s.npy
tap_check "a link to nothing is refused" eval 'ln -s nothing dangling && refuses 1 link run small.qasm --state dangling'

through_link() {
    cp old.npy target && ln -sf target link.npy && chmod 640 target &&
        ends 0 run new.qasm --state link.npy && cmp target new.npy && [ -L link.npy ] &&
        [ "$(stat -c %a target)" = 640 ]
}
tap_check "a link is followed, and the mode is kept" through_link

# ---- special files are written directly
pipes() {
    mkfifo fifo && { cat fifo >through & } && ends 0 run small.qasm --state fifo && wait $! &&
        cmp through small.npy && [ -p fifo ] &&
        "$ketch" run small.qasm --state /dev/stdout 2>err | head -c "$(wc -c <small.npy)" | cmp - small.npy
}
tap_check "a pipe is written directly" pipes
[ ! -c /dev/full ] || tap_check "so is a device" refuses 1 'No space left' run small.qasm --state /dev/full

# ---- failures leave the old file
# kept: s.npy is the old file, and nothing else was left.
kept() {
    cmp s.npy old.npy && [ -z "$(find . -name '.s.npy*')" ]
}

size_limit() {
    cp old.npy s.npy
    (ulimit -f 64 && refuses 1 'the file would exceed a limit' run new.qasm --state s.npy) && kept
}
tap_check "a file size limit leaves the old file" size_limit

output_limit() {
    yes | head -c 1024 >long && (ulimit -f 1 && "$ketch" run small.qasm >>long 2>err)
    [ $? -eq 1 ] && grep -q 'cannot be written' err
}
tap_check "output beyond a file size limit is told as on a full disk" output_limit

timeout_keeps() {
    cp old.npy s.npy && ends 124 run new.qasm --state s.npy --timeout 0.000001 && kept
}
tap_check "a timeout leaves the old file" timeout_keeps

# full_disk COMMAND: in a mount namespace of its own, so that nothing stays mounted.
full_disk() {
    unshare -m sh -c '
        mount -t tmpfs -o size=24m ketch-test disk && head -c 16000000 new.npy >disk/s.npy || exit 1
        "$1" run new.qasm --state disk/s.npy --progress never >out 2>err
        code=$?
        cat err
        [ $code -eq 1 ] && grep -q "no space left" err && head -c 16000000 new.npy | cmp - disk/s.npy &&
            [ "$(ls -A disk)" = s.npy ]' sh "$ketch"
}
mkdir disk
if unshare -m mount -t tmpfs ketch-test disk 2>/dev/null; then
    tap_check "a full disk leaves the old file" full_disk
else
    tap_skip "a full disk leaves the old file" "no file system can be mounted"
fi

# ---- signals
rounds=12
[ -z "$KETCH_LONG" ] || rounds=1000

# The file is one of the two, whole. But for SIGKILL, which is 137, nothing is left that has bytes.
either() {
    case $code in
    0) cmp s.npy new.npy || return 1 ;;
    1 | 130 | 143 | 137) cmp -s s.npy old.npy || cmp s.npy new.npy || return 1 ;;
    *) return 1 ;;
    esac
    [ "$code" -eq 137 ] || [ -z "$(find . -name '.s.npy*' -size +0)" ] || return 1
    cp old.npy s.npy
}

# signals SIGNAL COMMAND...
signals() {
    signal=$1
    shift
    cp old.npy s.npy && tap_storm $rounds "$signal" s.npy either "$@" run new.qasm --state s.npy --progress never
}

# storm SIGNAL WHAT COMMAND...
storm() {
    signal=$1 what=$2
    shift 2
    tap_check "$what leaves the old file or the new one" signals "$signal" "$@"
    [ "$tap_failed" -ne 0 ] ||
        tap_figure P5 "$what while --state wrote, each file whole: of $rounds sent" "$landed"
}

circuit 18 0.1 >old.qasm
circuit 18 0.2 >new.qasm
tap_check "smaller states for signals" states
tap_storms "the new one"

after_kill() {
    ends 0 run new.qasm --state s.npy && cmp s.npy new.npy && [ -z "$(find . -name '.s.npy*')" ]
}
tap_check "the next write removes what a killed one left" after_kill
tap_done
