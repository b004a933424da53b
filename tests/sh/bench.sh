#!/bin/sh
# ketch bench and --report: what they print, and how they stop.
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/command.sh"

long=$examples/brickwork22.qasm
bell=$work/bell.qasm
circuit bell 'qreg q[2]; h q[0]; cx q[0], q[1];'

# ---- run --report
prints_report() {
    ends 0 run "$long" --threads 2 --report || return 1
    for line in 'time  ' 'CPU time  ' 'cores busy  *[0-2]\.[0-9][0-9] of 2$' 'moved .* a second$' 'memory  '; do
        says out "^$line" || return 1
    done
}
tap_check "--report prints time, processor time, cores and bytes" prints_report

# The sum of both threads' time is more than nothing, and less than twice the time and a little.
reports_json() {
    ends 0 run "$1" --threads 2 --report --json || return 1
    sed 's/.*"report": {"seconds": \([^,]*\), "measured_seconds": \([^,]*\), "cpu_seconds": \([^,]*\),.*/\1 \2 \3/' \
        "$work/out" | awk 'NF == 3 && $1 == $2 && $3 > 0 && $3 < 2 * $1 + 0.01 { good = 1 } END { exit !good }' ||
        { cat "$work/out"; return 1; }
}
tap_check "--report --json has the same" reports_json "$long"
tap_check "a run of a few microseconds is measured when asked" reports_json "$bell"

quiet_without() {
    ends 0 run "$long" --json && ! grep -q '"report"' "$work/out"
}
tap_check "without --report there is none" quiet_without

# Stops a run on its way: time that is up while the circuit is planned leaves no report.
stops_run() {
    for time in 0.01 0.02 0.04 0.08 0.16 0.32; do
        ends 124 run "$long" --shots 100000 --timeout $time --save "$work/run.ketch" --report || return 1
        ! grep -q '^CPU time' "$work/out" || return 0
    done
    return 1
}
resumes_report() {
    stops_run && ends 0 resume "$work/run.ketch" --report && says out '^saved  *2 times$'
}
tap_check "a stopped run and a resumed one report, too" resumes_report

# ---- bench
benches() {
    ends 0 bench "$bell" --threads 2,1 --repeat 3 && [ ! -s "$work/err" ] &&
        says out '^threads  *first run  *median  *spread  *speed-up  *efficiency  *cores busy$' &&
        says out '^  *2 .*%' && says out '^  *1 .* 1\.00  *100 % ' &&
        says out '^2 qubits, 2 gates, double precision' && says out ' of 3 later runs, ' &&
        says out 'over 1 thread$' && [ "$(wc -l <"$work/out")" -eq 6 ]
}
tap_check "a table has a row for each thread count" benches

# Speed-up is a ratio of medians, efficiency is speed-up over threads, and quartiles lie around medians.
adds_up() {
    ends 0 bench "$bell" --threads 1,2 --repeat 5 --json --precision single || return 1
    says out '"status": "OK".*"precision": "single".*"repeat": 5, "rows"' || return 1
    sed 's/"[a-z_]*": //g' "$work/out" | tr '{' '\n' | sed -n '3,4p' | awk -F', ' '
        { first += $3 > 0; ordered += $5 <= $4 && $4 <= $6; runs += $2 }
        NR == 1 { base = $4 }
        { ratio = base / $4; sum = $7 / ratio + $8 * $1 / ratio; right += sum > 1.999 && sum < 2.001 }
        END { exit !(first == 2 && ordered == 2 && runs == 10 && right == 2) }' ||
        { cat "$work/out"; return 1; }
}
tap_check "the numbers of a bench fit each other" adds_up

refuses_list() {
    for list in 0 65 1,1 1, ,1 1,,2 x 1x -1 1.5 999999999999999999999; do
        ends 2 bench "$bell" --threads "$list" && says err 'different whole numbers from 1 to 64' &&
            [ ! -s "$work/out" ] || return 1
    done
    for count in 0 1000001 x; do
        ends 2 bench "$bell" --repeat "$count" && says err '1 to 1000000' || return 1
    done
    ends 2 bench && ends 2 bench "$work/none.qasm" && ends 3 bench "$long" --memory 16M &&
        ends 2 bench "$bell" --shots 3
}
tap_check "bad lists and counts are refused" refuses_list

# SIGINT is ignored in the background, and both signals are handled alike.
stops() {
    "$ketch" bench "$long" --threads 1 --repeat 100000 --json --progress always >"$work/out" 2>"$work/err" &
    job=$!
    tries=0
    until grep -q '\[' "$work/err" || [ $tries -ge 300 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    sleep 1
    kill -TERM "$job"
    wait "$job"
    got=$?
    [ "$got" -eq 130 ] || { echo "exit code $got"; return 1; }
    says err 'interrupted after [0-9][0-9]* of 100001 runs' && says err '^.\[[#.]*\]  *[0-9][0-9]* %' &&
        says out '"status": "STOPPED".*"rows": \['
}
tap_check "a signal stops it, and it prints what there is" stops

tap_done
