#!/bin/sh
# --json: standard output has exactly one object, whatever happens, and messages are as without it.
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/command.sh"

[ -n "$KETCH_PYTHON" ] || tap_skip_all "KETCH_PYTHON names no Python"
circuit bell 'qreg q[2]; h q[0]; cx q[0], q[1];'
circuit wrong 'qreg q[2]; hh q[0];'
circuit huge 'qreg q[40]; h q;'
circuit bits 'qreg q[2]; creg c[2]; h q; measure q -> c;'
echo >"$work/empty.qasm"
"$ketch" run "$work/bell.qasm" --save "$work/run.ketch" >/dev/null

# tells CODE EXPRESSION ARGUMENTS...: ends with that code; the expression on the object, j, is true.
tells() {
    code=$1 expression=$2
    shift 2
    ends "$code" "$@" --json || return 1
    [ "$code" -eq 0 ] || [ -s "$work/err" ] || return 1
    "$KETCH_PYTHON" -c "
import json, sys
text = open(sys.argv[1], encoding='utf-8').read()
assert text.count('\n') == 1 and text.endswith('\n'), text
j = json.loads(text)
assert $expression, j" "$work/out"
}

tap_check "info" tells 0 "j['status'] == 'OK' and j['version'] == '$VERSION' and j['threads'] == 2 and j['kernels'] in j['kernel_sets']" info --threads 2
tap_check "info of a budget" tells 0 "j['memory'] == 2**30 and j['qubits'] == {'double': 26, 'single': 27}" info --memory 1G
tap_check "plan" tells 0 "j['status'] == 'OK' and j['qubits'] == 2 and j['gates'] == 2 and j['state_bytes'] == 64 and j['memory'] <= j['allowed'] and 'segment 1' in j['plan']" plan "$work/bell.qasm"
tap_check "plan of shots" tells 0 "j['measures'] and j['sampled'] and j['bits'] == 2" plan "$work/bits.qasm"
tap_check "plan of what does not fit" tells 3 "j['status'] == 'MEMORY' and j['memory'] > j['allowed'] and j['plan']" plan "$work/huge.qasm"
tap_check "run of it" tells 3 "j['status'] == 'MEMORY' and j['exit'] == 3 and 'message' in j" run "$work/huge.qasm"
tap_check "a seed where nothing was random" tells 0 "j['seed'] is None" run "$work/bell.qasm"
tap_check "and where something was" tells 0 "j['seed'] == 7" run "$work/bits.qasm" --seed 7
tap_check "a seed that was drawn is one that every reader of JSON keeps" tells 0 "0 <= j['seed'] < 2**53" run "$work/bits.qasm"
tap_check "a wrong text" tells 2 "j['status'] == 'GATE' and (j['line'], j['column']) == (3, 12) and j['exit'] == 2 and j['function'] == 'ketch_circuit_parse'" run "$work/wrong.qasm"
tap_check "in plan" tells 2 "j['status'] == 'GATE'" plan "$work/wrong.qasm"
tap_check "an empty file" tells 2 "'no circuit in it' in j['message']" run "$work/empty.qasm"
tap_check "no file" tells 2 "j['status'] == 'INPUT' and 'No such file' in j['message']" run "$work/none.qasm"
tap_check "bad usage" tells 2 "j['exit'] == 2 and '--shots 0' in j['message']" run "$work/bell.qasm" --shots 0
tap_check "an unknown option" tells 2 "'not an option here: --shot2' in j['message']" run --shot2
tap_check "no measurement" tells 2 "'measures nothing' in j['message']" run "$work/bell.qasm" --shots 5
tap_check "a saved run that is none" tells 2 "j['status'] == 'FORMAT'" resume "$work/bell.qasm"
tap_check "a saved run that is not there" tells 2 "j['status'] == 'INPUT' and 'none.ketch' in j['message']" resume "$work/none.ketch"
tap_check "a saved run" tells 0 "j['status'] == 'OK' and len(j['amplitudes']) == 2" resume "$work/run.ketch"
tap_check "a report" tells 0 "j['report']['threads'] == j['threads'] and j['report']['measured_seconds'] > 0 and 'counts' in j" run "$work/bits.qasm" --shots 5 --report
tap_check "bench" tells 0 "j['status'] == 'OK' and [row['threads'] for row in j['rows']] == [2, 1] and j['rows'][0]['runs'] == 3" bench "$work/bell.qasm" --threads 2,1 --repeat 3
tap_check "bench of what does not fit" tells 3 "j['status'] == 'MEMORY' and j['exit'] == 3" bench "$work/huge.qasm"
tap_check "bench of bad usage" tells 2 "'--threads 0' in j['message']" bench "$work/bell.qasm" --threads 0
tap_check "a timeout" tells 124 "j['status'] == 'TIMEOUT'" run "$examples/brickwork22.qasm" --timeout 0.001
tap_check "a file of another kind" tells 2 "'--state' in j['message']" run "$work/bell.qasm" --state "$work/bits.qasm"
if [ -c /dev/full ]; then
    tap_check "a full disk" tells 1 "j['status'] == 'IO' and j['exit'] == 1" run "$work/bell.qasm" --state /dev/full
fi
tap_done
