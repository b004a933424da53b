#!/bin/sh
# Runs of the command that are saved, killed and resumed: the same result, to the bit, and at any time
# the old file or the new one. KETCH_LONG: 1,000 kills, and 1,000 signals of each kind.
. "$(dirname "$0")/tap.sh"

ketch=$builddir/ketch
[ -x "$ketch" ] || tap_skip_all "there is no $ketch"
cd "$work" || exit 99

# A circuit of so many qubits and layers, without measurements.
brickwork() {
    $AWK -v n="$1" -v layers="$2" 'BEGIN {
        print "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[" n "];"
        for (l = 0; l < layers; l++) {
            for (q = 0; q < n; q++)
                printf "ry(%g) q[%d];\nrz(%g) q[%d];\n", 0.1 * (l + q + 1), q, 0.2 * q + l, q
            for (q = l % 2; q + 1 < n; q += 2)
                printf "cx q[%d],q[%d];\n", q, q + 1
        }
    }'
}

# run ARGUMENTS...: quietly; its exit code.
run() {
    "$ketch" "$@" --progress never >out 2>err </dev/null
}

# ends CODE ARGUMENTS...
ends() {
    wanted=$1
    shift
    run "$@"
    got=$?
    [ "$got" -eq "$wanted" ] || { echo "exit code $got, not $wanted:"; cat err; return 1; }
}

brickwork 18 400 >deep.qasm
brickwork 12 30 >other.qasm
{ cat other.qasm && printf 'creg c[12];\nmeasure q -> c;\n'; } >measured.qasm

# The last line of a text has times.
straight() {
    ends 0 run deep.qasm --threads 2 --state straight.npy && sed '$d' out >straight.txt && [ -s straight.txt ]
}

# Stops a run on its way: time that is up while the circuit is planned leaves nothing to resume.
stops() {
    for time in 0.02 0.04 0.08 0.16 0.32 0.64 1.3; do
        rm -f run.ketch
        ends 124 run deep.qasm --threads 1 --save run.ketch --timeout $time || return 1
        ! grep -q "ketch resume run.ketch" err || return 0
    done
    return 1
}

stops_and_goes_on() {
    stops && ends 0 resume run.ketch --threads 2 --state resumed.npy && cmp straight.npy resumed.npy &&
        sed '$d' out | cmp - straight.txt
}

finished_needs_no_computing() {
    rm -f run.ketch
    ends 0 run measured.qasm --shots 1000 --seed 5 --save run.ketch && sed '$d' out >counts &&
        ends 0 resume run.ketch && sed '$d' out | cmp - counts
}

refuses() {
    pattern=$1
    shift
    ends 2 "$@" && grep -q "$pattern" err || { echo "no '$pattern' in:"; cat err; return 1; }
}

keeps_strangers() {
    echo "my thesis" >thesis.txt
    refuses "thesis.txt" run deep.qasm --save thesis.txt && grep -qx "my thesis" thesis.txt
}

damaged() {
    size=$(wc -c <run.ketch)
    head -c $((size / 2)) run.ketch >short.ketch
    { head -c $((size / 2)) run.ketch && printf 'xyz' && tail -c +$((size / 2 + 4)) run.ketch; } >changed.ketch
    refuses "damaged\|truncated" resume short.ketch && refuses "damaged" resume changed.ketch
}

# One round: a run that saves all the time is killed after a while; what lies there is resumed, killed
# again, and at last carried to its end. The file never is unreadable and never goes back.
kill_round() {
    rm -f run.ketch
    "$ketch" run deep.qasm --save run.ketch --save-every 0.001 --progress never >/dev/null 2>&1 &
    for delay in $1 $2; do
        pid=$!
        sleep "$delay"
        kill -9 $pid 2>/dev/null
        wait $pid 2>/dev/null
        [ -e run.ketch ] || return 0
        "$ketch" resume run.ketch --save-every 0.001 --progress never >/dev/null 2>&1 &
    done
    pid=$!
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    ends 0 resume run.ketch --threads 1 --state resumed.npy && cmp straight.npy resumed.npy
}

rounds=12
[ -z "$KETCH_LONG" ] || rounds=1000

kills() {
    $AWK -v rounds=$rounds 'BEGIN { srand(7); while (rounds--) printf "%.3f %.3f\n", 0.15 * rand(), 0.1 * rand() }' >delays
    while read -r first second; do
        kill_round "$first" "$second" || { echo "killed after $first and $second s"; return 1; }
    done <delays
}

# The file is the old one, which is another circuit's, or a run that goes on to the same bits.
old_or_saved() {
    case $code in 0 | 1 | 130 | 143 | 137) ;; *) return 1 ;; esac
    cmp -s run.ketch old.ketch ||
        { ends 0 resume run.ketch --threads 1 --state resumed.npy && cmp short.npy resumed.npy; } || return 1
    cp old.ketch run.ketch
}

# storm SIGNAL WHAT COMMAND...: a signal while the run is saved, at any time of the writing.
storm() {
    signal=$1 what=$2
    shift 2
    tap_check "$what leaves the old file or a whole one" tap_storm $rounds "$signal" run.ketch old_or_saved \
        "$@" run short.qasm --threads 1 --save run.ketch --save-every 0.001 --progress never
    [ "$tap_failed" -ne 0 ] ||
        tap_figure P5 "$what while --save wrote, each file whole: of $rounds sent" "$landed"
}

no_rubbish() {
    # Temporary files of killed saves are removed by the next save of the same target. (A run that had
    # ended when it was loaded is not saved again.)
    run run other.qasm --save run.ketch
    ls -A | grep 'run\.ketch' | grep -vx 'run.ketch'
}

tap_check "a run without saving" straight
tap_check "a run stops, is saved, and goes on to the same bits on other threads" stops_and_goes_on
tap_check "a finished run is printed again" finished_needs_no_computing
tap_check "a saved run that is damaged is refused" damaged
tap_check "a file of somebody else is left alone" keeps_strangers
tap_check "--save-every needs --save" refuses "save-every needs" run deep.qasm --save-every 1
tap_check "kill -9 leaves the old file or the new one" kills
[ "$tap_failed" -ne 0 ] || tap_figure P5 "runs of the command killed and resumed to the same bits" "$rounds"
brickwork 18 60 >short.qasm
prepare_storms() {
    ends 0 run short.qasm --state short.npy && ends 0 run other.qasm --save old.ketch && cp old.ketch run.ketch
}
tap_check "a run to save and an old file" prepare_storms
tap_storms "a whole one"
tap_empty "no temporary file stays" no_rubbish
tap_done
