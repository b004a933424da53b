#!/bin/sh
# The ketch command: what it prints, where, and its exit codes.
. "$(dirname "$0")/tap.sh"

. "$(dirname "$0")/command.sh"

circuit bell 'qreg q[2]; h q[0]; cx q[0], q[1];'
circuit flip 'qreg q[2]; creg a[2]; creg b[1]; x q[1]; measure q -> a; measure q[1] -> b[0];'
circuit wide 'qreg q[6]; h q;'
circuit wrong 'qreg q[2];
  hh q[0];'

# ---- help and version
tap_check "--help tells the commands" prints 'ketch run FILE' --help
for command in run plan draw info costs bench glia; do
    tap_check "$command --help tells exit codes" prints 'Exit codes' "$command" --help
done
for version in --version -V version; do
    tap_check "$version tells the version" prints "^ketch $VERSION" $version
done
tap_check "no command is bad usage" refuses 2 'ketch run FILE'
tap_check "an unknown command names those there are" refuses 2 'run, resume, plan, draw, info, costs, bench and glia' rum
tap_check "a file alone is told how to run" refuses 2 'ketch run x.qasm' x.qasm

# ---- amplitudes, outcome, counts
tap_check "amplitudes without measurement" prints \
    '^|11>  +0.707106781187 +0.000000000000i   0.500000000000$' run "$work/bell.qasm"
tap_check "a summary ends the text" says out '^2 gates, 2 qubits, .* sweeps, .* threads\{0,1\}, [a-z0-9]*$'
ends 0 run "$work/bell.qasm"
tap_check "a short run has a time, too" says out ', [1-9][0-9.]* [mun]s, '
tap_check "one line an amplitude that is not zero" test "$(grep -c '^|' "$work/out")" -eq 2
tap_check "at most 32 amplitudes, then how many more" prints '^and 32 more$' run "$work/wide.qasm"
tap_check "and those are 32" test "$(grep -c '^|' "$work/out")" -eq 32
tap_check "equal amplitudes come in order of index" test \
    "$(grep '^|' "$work/out" | cut -c 2-7)" = "$(grep '^|' "$work/out" | cut -c 2-7 | sort)"
tap_check "single precision" prints '^|11>  +0.707107 +0.000000i   0.500000$' \
    run "$work/bell.qasm" --precision single
tap_check "the one outcome, later registers to the left" prints '^1 10$' run "$work/flip.qasm"
tap_check "counts" prints '^1 10  100$' run "$work/flip.qasm" --shots 100
ends 0 run "$examples/ghz.qasm" --shots 1000 --seed 7
grep '^[01]*  [0-9]*$' "$work/out" >"$work/first"
tap_check "ghz has two outcomes, the more frequent one first" awk '
    { sum += $2 } $2 > last && NR > 1 { exit 1 } { last = $2 }
    $1 != "00000" && $1 != "11111" { exit 1 } END { if (sum != 1000 || NR != 2) exit 1 }' \
    "$work/first"
ends 0 run "$examples/ghz.qasm" --shots 1000 --seed 7 --threads 1
grep '^[01]*  [0-9]*$' "$work/out" >"$work/second"
tap_check "the same seed gives the same counts on one thread" cmp "$work/first" "$work/second"
ends 0 run "$examples/teleport.qasm" --shots 200 --seed 1
tap_check "teleport: register out is 0 in every shot" awk '
    /^[01] [01] [01]  / { n += $4; if ($1 != 0) exit 1 } END { exit n != 200 }' "$work/out"
tap_check "qft prints 16 amplitudes" prints '^|1111>  ' run "$examples/qft.qasm"
"$ketch" run - <"$work/bell.qasm" >"$work/out" 2>"$work/err"
tap_check "- reads standard input" says out '^|11>  '


circuit one 'qreg q[1]; h q[0];'
tap_check "one is told as one" prints '^1 gate, 1 qubit, .*, 1 thread, [a-z0-9]*$' run "$work/one.qasm" --threads 1
tap_check "in plans, too" prints '^1 qubit, 0 classical bits, 1 step, ' plan "$work/one.qasm"
circuit reset 'qreg q[1]; h q[0]; reset q[0];'
for file in flip reset; do
    tap_check "the seed of what is random is told: $file" prints ', seed [0-9]*$' run "$work/$file.qasm"
done
tap_check "and no other" prints '[a-z0-9]$' run "$work/bell.qasm" --seed 5
tap_check "not even one that was given" sh -c "! grep seed '$work/out'"

# ---- JSON
tap_check "--json prints one object" prints '^{"file": .*"counts": {"1 10": 10}, "more": 0}$' \
    run "$work/flip.qasm" --shots 10 --json
tap_check "--json on one line" test "$(wc -l <"$work/out")" -eq 1
if [ -n "$KETCH_PYTHON" ]; then
    for options in "bell.qasm" "flip.qasm" "flip.qasm --shots 5" "bell.qasm --timeout 9"; do
        # shellcheck disable=SC2086 # a list
        ends 0 run --json "$work/"$options
        tap_check "JSON of $options parses" "$KETCH_PYTHON" -m json.tool "$work/out"
    done
    ends 0 run "$work/bell.qasm" --state "$work/bell.npy"
    tap_check "--state writes what NumPy reads" "$KETCH_PYTHON" -c "
import sys, numpy
psi = numpy.load(sys.argv[1])
assert psi.dtype == numpy.complex128 and psi.shape == (4,), psi
assert abs(psi - numpy.array([1, 0, 0, 1]) / 2**0.5).max() < 1e-15, psi" "$work/bell.npy"
else
    tap_skip "JSON parses" "KETCH_PYTHON names no Python"
    tap_skip "--state writes what NumPy reads" "KETCH_PYTHON names no Python"
fi
ends 0 run "$work/bell.qasm" --state "$work/half.npy" --precision single
tap_check "--state in single precision: 128 + 4 x 8 bytes" test "$(wc -c <"$work/half.npy")" -eq 160

# ---- progress
tap_check "the bar is drawn when asked for" ends 0 run "$work/bell.qasm" --progress always
tap_check "and ends at 100 %" says err '100 %'
tap_check "results stay out of it" says out '^|11>  '
tap_check "no bar where stderr is no terminal" prints '^|11>' run "$work/bell.qasm" --progress auto

if command -v script >/dev/null; then
    for columns in 12 30 70; do
        script -qec "stty cols $columns; '$ketch' run '$work/bell.qasm' --progress always" /dev/null </dev/null 2>&1 |
            tr '\r' '\n' | grep '%' >"$work/out"
        tap_check "the bar ends at 100 % on $columns columns" says out '100 %'
        tap_check "and leaves the last column free" $AWK -v columns="$columns" 'length($0) >= columns { print; bad = 1 } END { exit bad }' "$work/out"
    done
else
    tap_skip "the bar fits the terminal" "there is no script"
fi

# ---- plan and info
tap_check "plan tells the memory" prints 'memory: state 64 MiB' plan "$examples/brickwork22.qasm"
tap_check "plan knows the precision" prints 'memory: state 32 MiB' \
    plan "$examples/brickwork22.qasm" --precision single
tap_check "draw draws" prints '^q\[0\]: ┤ H ├─■─$' draw "$work/bell.qasm"
tap_check "draw --ascii draws in ASCII" prints '^q\[0\]: | H |-\*-$' draw "$work/bell.qasm" --ascii
ends 0 draw "$work/bell.qasm" --ascii
tap_check "and in nothing else" test -z "$(tr -d ' -~\n' <"$work/out")"
tap_check "draw is not folded where its output is no terminal" prints '^ *q\[0\]: .*M' draw "$examples/brickwork22.qasm"
tap_check "so each wire is drawn once" test "$(grep -c '^ *q\[0\]: ' "$work/out")" -eq 1
tap_check "draw --width folds" prints '^«q\[1\]: ' draw "$work/bell.qasm" --width 12
tap_check "a width of 0 is none" refuses 2 'allowed is a whole number of columns' draw "$work/bell.qasm" --width 0
tap_check "draw of a wrong text says where" refuses 2 "^$work/wrong.qasm:4:3: " draw "$work/wrong.qasm"
if command -v script >/dev/null; then
    script -qec "stty cols 40; '$ketch' draw '$examples/qft.qasm'" /dev/null </dev/null >"$work/out" 2>&1
    tap_check "draw folds to the terminal's columns" says out '»'
else
    tap_skip "draw folds to the terminal's columns" "there is no script"
fi
ends 0 plan "$work/bell.qasm"
told=$(sed -n 's/^memory:.* = \([0-9]*\) bytes.*/\1/p' "$work/out")
tap_check "a budget of what plan tells suffices" ends 0 run "$work/bell.qasm" --memory "$told"
tap_check "and a byte less does not" ends 3 run "$work/bell.qasm" --memory "$((told - 1))"
tap_check "a run that would be refused has a plan" ends 3 plan "$examples/brickwork22.qasm" --memory 40M
tap_check "which is printed" says out '^estimate: '
tap_check "and a message" says err 'a run would be refused: it needs .* MiB of memory, allowed are 40 MiB'
tap_check "info tells the threads" prints '^threads *2$' info --threads 2
tap_check "info tells the qubits that fit" prints 'at most 26 in double precision, 27 in single' \
    info --memory 1G

tap_check "GB counts in thousands" prints 'at most 25 in double' info --memory 1GB

# ---- costs
costs=$srcdir/tests/bench/intel_avx512.costs
if "$ketch" info | grep -qE 'avx(2|512) \(chosen\)'; then
    tap_check "--costs names the family of the table" prints 'by costs of intel_avx512 (a given table)' \
        plan "$examples/brickwork22.qasm" --costs "$costs"
    tap_check "the default is told, too" prints 'by costs of several families' \
        plan "$examples/brickwork22.qasm"
    ends 0 run "$work/flip.qasm" --shots 9 --seed 3 --costs "$costs" --save "$work/costs.ketch"
    grep '^[01]' "$work/out" >"$work/first"
    tap_check "a saved run knows its table" ends 0 resume "$work/costs.ketch"
    tap_case "and ends alike" "$(grep '^[01]' "$work/out" | cmp -s - "$work/first"; echo $?)" "$work/out"
else
    tap_skip "--costs" "the table is of AVX2 and AVX-512"
fi
sed 's/^rotate_2 /rotate_9 /' "$costs" >"$work/wrong.costs"
tap_check "a wrong table is refused with file:line:column" refuses 2 \
    "^$work/wrong.costs:5:1: .*given rotate_9, allowed rotate_2" run "$work/bell.qasm" --costs "$work/wrong.costs"
tap_check "a missing table" refuses 2 'nothing.costs: No such file' \
    run "$work/bell.qasm" --costs "$work/nothing.costs"
tap_check "costs takes no file" refuses 2 'one argument too many' costs x
tap_check "costs needs memory" refuses 3 'memory' costs --memory 16M

# ---- bad input: 2
tap_check "text is refused with file:line:column" refuses 2 "^$work/wrong.qasm:4:3: " \
    run "$work/wrong.qasm"
tap_check "and plan does the same" refuses 2 "^$work/wrong.qasm:4:3: " plan "$work/wrong.qasm"
"$ketch" run - <"$work/wrong.qasm" >"$work/out" 2>"$work/err"
tap_check "standard input has a name, too" says err '^<stdin>:4:3: '
mkfifo "$work/pipe"
for file in /dev/zero "$work/pipe"; do
    tap_check "$file is no circuit" refuses 2 'not a regular file' run "$file"
done
tap_check "a longer text than allowed" refuses 2 'bell.qasm: longer than 10 bytes' \
    run "$work/bell.qasm" --text-limit 10
tap_check "and one that is not" ends 0 plan "$work/bell.qasm" --text-limit 1K
tap_check "a missing file" refuses 2 'nothing.qasm: No such file' run "$work/nothing.qasm"
tap_check "a folder" refuses 2 'Is a directory' run "$work"
tap_check "no file" refuses 2 'which FILE' run
tap_check "two files" refuses 2 'too many: b' run a b
tap_check "an unknown option" refuses 2 'not an option here: --shot2' run "$work/bell.qasm" --shot2
tap_check "an unknown letter" refuses 2 'not an option here: -x' run -x
tap_check "an option of another command" refuses 2 '--shots' plan "$work/bell.qasm" --shots 1
tap_check "a missing value" refuses 2 'missing after --shots' run "$work/bell.qasm" --shots
for bad in "shots 0" "shots -1" "shots 1.5" "shots 99999999999999999999" "seed x" "seed -1" \
    "shots 4294967297" "threads 0" "threads two" "threads 65" "top 0" "top some" "initial 02" "precision half" "timeout 0" "timeout nan" "timeout 1s" \
    "memory 4X" "memory -1" "memory 1e9" "memory G" "progress maybe"; do
    # shellcheck disable=SC2086 # option and value
    tap_check "--$bad is refused" refuses 2 "--$bad: allowed is" run "$work/flip.qasm" --$bad
done
tap_check "more threads than there may be" refuses 2 thread run "$work/bell.qasm" --threads 100000
for good in 64M 64m 1G 1GiB 1GB 0.5G "1 GiB" 100000000; do
    tap_check "--memory $good is understood" ends 0 run "$work/bell.qasm" --memory "$good"
done
tap_check "shots need a measurement" refuses 2 'measures nothing' run "$work/bell.qasm" --shots 5
tap_check "no state of many shots" refuses 2 'does not go with' \
    run "$work/flip.qasm" --shots 5 --state "$work/x.npy"

# ---- other ends
tap_check "too little memory ends with 3" refuses 3 'memory' \
    run "$examples/brickwork22.qasm" --memory 16M
tap_check "a timeout ends with 124" refuses 124 'time is up' \
    run "$examples/brickwork22.qasm" --timeout 0.001 --state "$work/late.npy"
tap_check "and leaves no half file" test ! -e "$work/late.npy"
sleep 10 | "$ketch" run - --timeout 0.1 >"$work/out" 2>"$work/err"
tap_case "also while a text is read" $(($? != 124)) "$work/err"
tap_check "with a message" says err '^ketch: time is up while the input was read or planned$'
$AWK 'BEGIN { print "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[20];"
    for (i = 0; i < 600000; i++) printf "rx(0.%d) q[%d]; cx q[%d], q[%d];\n", i, i % 20, i % 20, (i + 7) % 20 }' >"$work/big.qasm"
for command in run plan; do
    tap_check "and while it is planned: $command" refuses 124 'time is up while the input was' $command "$work/big.qasm" --timeout 0.05
done
rm "$work/big.qasm"
tap_check "a timeout that is not reached" prints '^|11>' run "$work/bell.qasm" --timeout 1e300

# ---- files that are no circuit
# foreign NAME CONTENTS PATTERN: refused with a line of that pattern.
foreign() {
    printf "$2" >"$work/foreign"
    tap_check "no circuit: $1" refuses 2 "$3" run "$work/foreign"
}
foreign "an empty file" '' 'foreign: there is no circuit in it: it is empty$'
foreign "comments" '// none\n  // at all' 'there is no circuit in it: it is empty$'
foreign "a header" 'OPENQASM 2.0;\n' 'there is no circuit in it: it declares no qubits'
foreign "OpenQASM 3" '// 3\nOPENQASM 3.0;\nqubit[2] q;' 'foreign:2:10: .*; is this OpenQASM 3?$'
foreign "OpenQASM 3 without a header" 'qubit[2] q;\nh q[0];' '; is this OpenQASM 3? ketch reads OpenQASM 2.0$'
foreign "its gates" 'include "stdgates.inc";' '; is this OpenQASM 3?'
foreign "Python" 'import qiskit\n' '; is this Python?'
foreign "a NumPy array" '\223NUMPY' 'is a NumPy array'
foreign "a table of costs" 'ketch costs 1\n' 'is a table of costs; .*--costs FILE'
foreign "a compressed file" '\037\213\010' 'is compressed'
ends 0 run "$work/bell.qasm" --save "$work/bell.ketch"
tap_check "a saved run says how it goes on" refuses 2 'is a saved run; to go on with it: ketch resume' run "$work/bell.ketch"
tap_check "and a circuit how it is run" refuses 2 '; to run a circuit: ketch run' resume "$work/bell.qasm"
tap_check "a mistake in OpenQASM 2 gets no such hint" sh -c "'$ketch' run '$work/wrong.qasm' 2>&1 | grep -v OpenQASM"

if [ -c /dev/full ]; then
    tap_check "a full disk ends with 1" refuses 1 'No space left' \
        run "$work/bell.qasm" --state /dev/full
    "$ketch" run "$work/bell.qasm" >/dev/full 2>"$work/err"
    tap_case "output that cannot be written ends with 1" $(($? != 1)) "$work/err"
fi

# Each shot of this one is a run of its own: it would take many minutes.
circuit long 'qreg q[16]; creg c[16]; h q; measure q[0] -> c[0]; h q; measure q -> c;'
# interrupts SIGNAL COMMAND...: sends it one signal once its bar shows that it runs. A shell lets
# its background jobs ignore SIGINT; env undoes that.
interrupts() {
    signal=$1
    shift
    : >"$work/err" # before the job can: a message of the last one is no bar
    env --default-signal="$signal" "$@" >"$work/out" 2>"$work/err" &
    job=$!
    for _ in $(seq 600); do
        [ ! -s "$work/err" ] || break
        sleep 0.1
    done
    kill -s "$signal" $job
    wait $job
}
for signal in INT TERM; do
    if env --default-signal="$signal" true 2>"$work/output"; then
        interrupts $signal "$ketch" costs --progress always
        tap_case "SIG$signal ends costs with 130" $(($? != 130)) "$work/err"
        tap_check "and prints no table" test ! -s "$work/out"
        interrupts $signal "$ketch" run "$work/long.qasm" --shots 1000000 --progress always --timeout 100
        tap_case "SIG$signal ends with 130" $(($? != 130)) "$work/err"
        tap_check "and a message" says err '^ketch: interrupted after [0-9]* of [0-9]* steps'
    else
        tap_skip "SIG$signal ends with 130" "env has no --default-signal"
    fi
done
tap_done
