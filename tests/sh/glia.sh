#!/bin/sh
# ketch glia: what it prints of networks and their runs, what it refuses, and its exit codes.
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/command.sh"

net=$examples/xor.net
seq=$examples/xor.seq
cat >"$work/raster" <<'END'
S0  .||||||||||......................||||||||||.....  0.416667
S1  .................||||||||||......||||||||||.....  0.416667
N0  ..................................||||||||||....  0.208333
O1  ..||||||||||......||||||||||......|.............  0.437500
O0  ...................................||||||||||...  0.208333
END

# ---- runs
ends 0 glia run "$net" "$seq"
head -n 5 "$work/out" >"$work/first"
tap_check "a raster with rates" diff "$work/raster" "$work/first"
tap_check "and a summary" says out '^5 neurons, 6 synapses, 48 ticks, 81 spikes, [0-9.]* [mun]*s$'
"$ketch" glia run - "$seq" <"$net" >"$work/out" 2>"$work/err"
tap_check "- reads standard input" says out '^O1  '
tap_check "ticks that are asked for" prints '^O1  ..||  0.500000$' glia run "$net" "$seq" --ticks 4
tap_check "fewer columns have several ticks each" prints '^S0  451...253.  0.416667$' glia run "$net" "$seq" --width 10
tap_check "and this is told" says out '^a column is 5 ticks$'
tap_check "more than 9 spikes are a plus" prints '^O1  ++1  0.437500$' glia run "$net" "$seq" --width 3
tap_check "fewer rows tell how many more there are" prints '^and 3 more$' glia run "$net" "$seq" --top 2
tap_check "all rows" test "$("$ketch" glia run "$net" "$seq" --top all | grep -c '^[SNO][01] ')" -eq 5
printf '2 S0 200\n' >"$work/one.seq"
tap_check "without DURATION to where the last injection acts" prints '^S0  ...|  0.250000$' glia run "$net" "$work/one.seq"
: >"$work/none.seq"
tap_check "no events, no ticks" prints '^5 neurons, 6 synapses, 0 ticks, 0 spikes, ' glia run "$net" "$work/none.seq"
tap_check "a timeout" ends 124 glia run "$net" "$seq" --ticks 4294967296 --timeout 0.2
tap_check "tells how far it came" says err '^ketch: time is up after [0-9]* of 4294967296 steps$'
tap_check "too little memory" ends 3 glia run "$net" "$seq" --memory 4K

# ---- what it is
tap_check "info tells neurons" prints '^neurons      5: 2 sensory, 2 outputs, 1 other$' glia info "$net"
tap_check "and synapses" says out '^synapses     6$'
tap_check "and weights" says out '^weights      -120 to 120$'
printf 'NEWNET S=8 H=6 O=2 POOL=1\n' >"$work/new.net"
"$ketch" glia info "$work/new.net" --seed 1 --json >"$work/first"
"$ketch" glia info "$work/new.net" --seed 1 --json >"$work/second"
"$ketch" glia info "$work/new.net" --seed 2 --json >"$work/third"
tap_check "a generated network depends on the seed" cmp "$work/first" "$work/second"
tap_case "and on it alone" "$(! cmp -s "$work/first" "$work/third"; echo $?)"

# ---- what is refused
tap_check "no word" refuses 2 'run, train or info' glia
tap_check "another word" refuses 2 "no word 'fly': there are run, train and info" glia fly "$net"
tap_check "run without a sequence" refuses 2 'run takes NET and SEQ' glia run "$net"
tap_check "info of two" refuses 2 'info takes NET' glia info "$net" "$seq"
tap_check "four words" refuses 2 'one argument too many' glia run "$net" "$seq" "$seq"
tap_check "no such file" refuses 2 'No such file' glia info "$work/none.net"
tap_check "a text of another kind" refuses 2 "xor.seq:2:1: found 'DURATION'" glia info "$seq"
tap_check "a wrong sequence" refuses 2 'xor.net:' glia run "$net" "$net"
printf '3 S7 200\n' >"$work/other.seq"
tap_check "an injection into nothing" refuses 2 'no sensory neuron: given S7 at tick 3' glia run "$net" "$work/other.seq"
tap_check "ticks of 0" refuses 2 'a whole number from 1 to 2^32' glia run "$net" "$seq" --ticks 0
tap_check "an option of others" refuses 2 'not an option here: --shots' glia run "$net" "$seq" --shots 5

# ---- JSON
if [ -n "$KETCH_PYTHON" ]; then
    # tells CODE EXPRESSION ARGUMENTS...: the expression on the one object, j, is true.
    tells() {
        code=$1 expression=$2
        shift 2
        ends "$code" "$@" --json && "$KETCH_PYTHON" -c "
import json, sys
text = open(sys.argv[1], encoding='utf-8').read()
assert text.count('\n') == 1, text
j = json.loads(text)
assert $expression, j" "$work/out"
    }
    tap_check "a run as an object" tells 0 "j['status'] == 'OK' and j['ticks'] == 48 and list(j['rates']) == ['S0', 'S1', 'N0', 'O1', 'O0'] and j['rates']['O1'] == 21 / 48 and len(j['spikes']) == 81 and j['spikes'][:3] == [[1, 0], [2, 0], [2, 3]]" glia run "$net" "$seq"
    tap_check "a network as an object" tells 0 "j['neurons'] == 5 and j['sensory'] == 2 and j['outputs'] == 2 and j['synapses'] == 6 and j['weights'] == [-120, 120]" glia info "$net"
    tap_check "a failure as an object" tells 2 "j['status'] == 'SYNTAX' and (j['line'], j['column']) == (2, 1)" glia info "$seq"
    tap_check "a timeout as an object" tells 124 "j['status'] == 'TIMEOUT' and 0 < j['ticks'] < 2**32" glia run "$net" "$work/none.seq" --ticks 4294967296 --timeout 0.1
else
    tap_skip "JSON" "KETCH_PYTHON names no Python"
fi
tap_done
