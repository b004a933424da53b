#!/bin/sh
# ketch glia train: what it learns, prints and writes, what it refuses, and trainings that are stopped,
# killed and resumed to the same bits. KETCH_LONG: 200 kills.
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/command.sh"

cd "$work" || exit 99
net=$examples/xor_untrained.net
data=$examples/xor.data

# train ARGUMENTS...: trains exclusive or until all is right.
train() {
    ends 0 glia train "$net" "$data" --optimizer adam --lr 0.5 --epochs 100 --target-accuracy 1 "$@"
}

# ---- what it prints and writes
tap_check "a training ends at its target" train --out trained.net
tap_check "its best epoch" says out '^best  epoch [0-9]*: accuracy 1.000000, margin 0[.][0-9]*$'
tap_check "its last one" says out '^last  epoch [0-9]*: accuracy 1.000000, margin 0[.][0-9]*$'
tap_check "a summary" says out '^5 neurons, 6 synapses, 3 episodes, [0-9]* epochs, [0-9.]* [mu]*s$'
tap_check "nothing on standard error" test ! -s err
tap_check "the network as it was trained" prints '^synapses     6$' glia info trained.net
wins() {
    ends 0 glia run trained.net "$1" --ticks 70 && awk -v winner="$2" '
        /^O/ { rate[$1] = $NF } END { other = winner == "O1" ? "O0" : "O1"; exit rate[winner] <= rate[other] }' out
}
for case in "xor01 O1" "xor10 O1" "xor11 O0"; do
    tap_check "which is right: $case" wins "$examples/${case% *}.seq" "${case#* }"
done
cp trained.net first.net
tap_check "again, with the same seed" train --out trained.net --seed 123456
tap_check "it gives the same bits" cmp first.net trained.net
tap_check "no epoch is 10 of them" prints ', 10 epochs, ' glia train "$net" "$data"
tap_check "patience ends it" prints ' [1-9] epochs, ' glia train "$net" "$data" --epochs 1000 --patience 2
tap_check "the Hebbian rule" prints ', 20 epochs, ' glia train "$net" "$data" --rule hebbian --epochs 20
# differs OPTION...: these change what four epochs learn.
ends 0 glia train "$net" "$data" --epochs 4 --lr 1 --out four.net
differs() {
    ends 0 glia train "$net" "$data" --epochs 4 --lr 1 --out other.net "$@" && ! cmp -s four.net other.net
}
for option in "--batch 3" "--warmup 0" "--window 30" "--seed 5" "--optimizer adamw" "--rule hebbian"; do
    # shellcheck disable=SC2086 # option and value
    tap_check "$option counts" differs $option
done
tap_check "the bar knows the epoch" ends 0 glia train "$net" "$data" --progress always
tap_check "and its scores" says err '100 %  .*epoch 10, accuracy [01][.][0-9]*, margin [0-9.]*'
mkdir folder && cp "$examples"/xor*.seq folder
printf '\n  xor01.seq\tO1 # one\r\n#xor10.seq O1\nxor11.seq O0 #' >folder/data
tap_check "paths begin at the data set's folder" prints '2 episodes' glia train "$net" folder/data
tap_check "those of standard input where the command runs" sh -c 'cd folder && "$1" glia train "$2" - <data | grep -q "2 episodes"' - "$ketch" "$net"

# ---- fits
clean=$examples/xor_clean.net
# fits_right RULE OPTION...: fits exclusive or until all is right for long, with weights that are not the old ones.
fits_right() {
    rule=$1
    shift
    ends 0 glia train "$clean" "$data" --rule "$rule" --lr 0.1 --epochs 100 --out "$rule.net" "$@" &&
        says out '^last  epoch 100: accuracy 1.000000, margin [0-9]*[.][0-9]*, loss 0[.]0[0-9]*$' &&
        ! cmp -s "$clean" "$rule.net"
}
fires_most() {
    ends 0 glia run bptt.net "$1" --ticks 40 --mode clean && awk -v winner="$2" '
        /^O/ { rate[$1] = $NF } END { other = winner == "O1" ? "O0" : "O1"; exit rate[winner] <= rate[other] }' out
}
tap_check "backpropagation through time" fits_right bptt --readout spikes
tap_check "its summary" says out '^5 neurons, 8 synapses, 3 episodes, 100 epochs, [0-9.]* [mu]*s$'
for case in "xor01 O1" "xor10 O1" "xor11 O0"; do
    tap_check "which is right in a clean run: $case" fires_most "$examples/${case% *}.seq" "${case#* }"
done
cp bptt.net first.net
tap_check "one thread" fits_right bptt --readout spikes --threads 1
tap_check "gives the same bits" cmp first.net bptt.net
tap_check "e-prop" fits_right eprop --readout spikes
tap_check "where one synapse lies between: the same bits" cmp bptt.net eprop.net
tap_check "voltages" fits_right bptt
tap_case "are another readout" "$(! cmp -s first.net bptt.net; echo $?)"
ends 0 glia train "$clean" "$data" --rule bptt --epochs 4 --lr 0.1 --out four.net
fit_differs() {
    ends 0 glia train "$clean" "$data" --rule bptt --epochs 4 --lr 0.1 --out other.net "$@" && ! cmp -s four.net other.net
}
for option in "--batch 1" "--ticks 39" "--lr 0.2" "--optimizer sgd" "--readout spikes"; do
    # shellcheck disable=SC2086 # option and value
    tap_check "$option counts" fit_differs $option
done
tap_check "no epoch is 10 of them" prints ', 10 epochs, ' glia train "$clean" "$data" --rule bptt
tap_check "a target ends it" prints ', [1-9] epochs, ' glia train "$clean" "$data" --rule bptt --lr 0.5 --epochs 100 --target-accuracy 1
tap_check "patience ends it" prints ', 4 epochs, ' glia train "$clean" "$data" --rule bptt --lr 1e-30 --epochs 1000 --patience 3
tap_check "rates learn in clean networks, too" ends 0 glia train "$clean" "$data" --mode clean --lr 1 --epochs 4 --out other.net
tap_case "otherwise" "$("$ketch" glia train "$clean" "$data" --lr 1 --epochs 4 --out rates.net >/dev/null && ! cmp -s rates.net other.net; echo $?)"

# ---- what is refused
tap_check "a fit of a compat network" refuses 2 'rule bptt is for clean networks: give --mode clean, or no --mode' glia train "$clean" "$data" --rule bptt --mode compat
tap_check "another mode" refuses 2 'allowed is compat or clean' glia train "$clean" "$data" --mode dirty
tap_check "another readout" refuses 2 'allowed is voltage or spikes' glia train "$clean" "$data" --rule bptt --readout none
tap_check "a readout of rates" refuses 2 'not an option of train --rule hebbian: --readout' glia train "$clean" "$data" --rule hebbian --readout spikes
tap_check "a window of a fit" refuses 2 'not an option of train --rule eprop: --window' glia train "$clean" "$data" --rule eprop --window 5
tap_check "a warm-up of a fit" refuses 2 'not an option of train --rule eprop: --warmup' glia train "$clean" "$data" --rule eprop --warmup 0
tap_check "more ticks than there can be" refuses 2 'allowed 1..2147483647' glia train "$clean" "$data" --rule bptt --ticks 4294967296
tap_check "a rule of a run" refuses 2 'not an option of run: --rule' glia run "$clean" "$examples/xor.seq" --rule bptt
# wrong PLACE TEXT EXPECTED: a data set of that text is refused there.
wrong() {
    printf '%b' "$2" >folder/wrong
    refuses 2 "^folder/wrong:$1: $3" glia train "$net" folder/wrong
}
tap_check "no target" wrong 2:10 '# x\nxor01.seq\n' "found the end of the line, expected a target"
tap_check "a target that is no output" wrong 1:11 'xor01.seq S0' "found 'S0', expected a target: the id of an output"
tap_check "a target that is not there" wrong 1:11 'xor01.seq O7' "found 'O7', expected a target"
tap_check "three words" wrong 1:14 'xor01.seq O1 O0' "found 'O0', expected the end of the line"
tap_check "no such sequence" wrong 3:2 '\n\n x.seq O1' 'folder/x.seq: No such file'
tap_check "standard input as a sequence" wrong 1:1 '- O1' "found '-', expected the name of a sequence"
tap_check "a NUL byte" wrong 1:4 'xor\0000x.seq O1' "found byte 0x00, expected text without NUL"
tap_check "nothing" wrong 1:1 '' 'found the end of the text, expected an episode'
tap_check "comments alone" wrong 3:1 '#\n#\n' 'found the end of the text, expected an episode'
printf '0 S0\n' >folder/bad.seq
printf 'bad.seq O1' >folder/wrong
tap_check "a wrong sequence, at its place" refuses 2 '^folder/bad.seq:1:5: found the end of the line' glia train "$net" folder/wrong
tap_check "a network that is none" refuses 2 "xor.data:2:1: found 'xor01.seq'" glia train "$data" "$data"
tap_check "no data set" refuses 2 'train takes NET and DATA' glia train "$net"
tap_check "no such data set" refuses 2 'none: No such file' glia train "$net" none
tap_check "a folder" refuses 2 'Is a directory' glia train "$net" folder
tap_check "epochs of 0" refuses 2 'a whole number from 1 to 2^32' glia train "$net" "$data" --epochs 0
tap_check "another rule" refuses 2 'allowed is gradient, hebbian, bptt or eprop' glia train "$net" "$data" --rule magic
tap_check "another optimizer" refuses 2 'allowed is sgd, adam or adamw' glia train "$net" "$data" --optimizer magic
tap_check "a rate of 0" refuses 2 'allowed is a number above 0' glia train "$net" "$data" --lr 0
tap_check "a rate that is none" refuses 2 'allowed is a number above 0' glia train "$net" "$data" --lr nan
tap_check "more than all right" refuses 2 'above 0, up to 1' glia train "$net" "$data" --target-accuracy 1.5
tap_check "a batch of none" refuses 2 'from 1 to 2^30' glia train "$net" "$data" --batch 0
tap_check "no window" refuses 2 'from 1 to 2^30' glia train "$net" "$data" --window 0
tap_check "options of a run" refuses 2 'not an option of train --rule gradient: --ticks' glia train "$net" "$data" --ticks 5
tap_check "and of a training" refuses 2 'not an option of run: --epochs' glia run "$net" "$examples/xor.seq" --epochs 5
tap_check "save-every alone" refuses 2 'save-every needs --save' glia train "$net" "$data" --save-every 1
tap_check "force alone" refuses 2 'force needs --out FILE' glia train "$net" "$data" --force
tap_check "one file for both" refuses 2 'need a file each' glia train "$net" "$data" --out a --save a
tap_check "too little memory" ends 3 glia train "$net" "$data" --memory 4K

# ---- files that are written
echo mine >mine
tap_check "a file that is no network stays" refuses 2 'no file, or a network that was written' glia train "$net" "$data" --out mine
tap_check "as it was" test "$(cat mine)" = mine
tap_check "--force replaces it" ends 0 glia train "$net" "$data" --out mine --force
tap_check "by a network" prints '^synapses     6$' glia info mine
tap_check "the network that is read stays" refuses 2 'this file is the input' glia train trained.net "$data" --out trained.net
tap_check "a folder that is not there" refuses 1 'no such file' glia train "$net" "$data" --out none/here.net
"$ketch" run "$examples/ghz.qasm" --shots 5 --save circuit.ketch >out
tap_check "a circuit has no network" refuses 2 'out is for trainings' resume circuit.ketch --out x.net
tap_check "a training has no state" sh -c '"$1" glia train "$2" "$3" --save xor.ketch >out && ! "$1" resume xor.ketch --state x.npy 2>err && grep -q "state is for circuits" err' - "$ketch" "$net" "$data"
tap_check "a finished one prints the same again" sh -c '"$1" resume xor.ketch | sed "\$d" >again && sed "\$d" out | cmp - again' - "$ketch"

# ---- stopped, killed, resumed
printf 'NEWNET S=32 H=64 O=4 POOL=1\n' >large.net
awk 'BEGIN { srand(3)
    for (e = 0; e < 8; e++) {
        file = "episode" e ".seq"
        for (t = 0; t < 70; t++)
            for (s = 0; s < 32; s++)
                if (rand() < 0.3) print t, "S" s, 200 >file
        print file, "O" e % 4 >"large.data"
    } }'
hebbian="glia train large.net large.data --rule hebbian --lr 0.05 --batch 3 --epochs 2000 --seed 9 --progress never"
fit="glia train large.net large.data --rule bptt --lr 0.001 --batch 5 --epochs 1000 --seed 9 --progress never"
saving="--save run.ketch --save-every 0.001"
long=$hebbian
# shellcheck disable=SC2086 # lists, here and below
straight() {
    ends 0 $long --out straight.net && sed '$d' out >straight.txt && [ -s straight.txt ]
}
# same: going on ends as the training that nothing stopped.
same() {
    ends 0 resume run.ketch --progress never --out resumed.net && cmp straight.net resumed.net &&
        sed '$d' out | cmp - straight.txt
}
# Stops on its way: time that is up before the training begins leaves nothing to resume.
timed() {
    for time in 0.1 0.15 0.2 0.3 0.4 0.6 0.8 1.2 1.6 2.4 3.2 4.8 6.4; do
        rm -f run.ketch stopped.net
        ends 124 $long --save run.ketch --timeout $time --out stopped.net || return 1
        [ ! -e run.ketch ] || return 0
    done
    return 1
}
interrupted() {
    rm -f run.ketch
    env --default-signal=INT "$ketch" $long $saving >out 2>err </dev/null &
    pid=$!
    until [ -e run.ketch ]; do sleep 0.01; done
    kill -INT $pid
    wait $pid
    [ $? -eq 130 ] && grep -q "^ketch: saved; to go on: ketch resume run.ketch$" err
}
tap_check "a training without saving" straight
tap_check "time that is up" timed
tap_check "tells where it stands" says err '^ketch: time is up after [0-9]* of 16000 steps$'
tap_check "and how to go on" says err '^ketch: saved; to go on: ketch resume run.ketch$'
tap_check "the network is written all the same" ends 0 glia info stopped.net
tap_check "it goes on to the same bits" same
if env --default-signal=INT true 2>/dev/null; then
    tap_check "Ctrl-C saves" interrupted
    tap_check "and it goes on to the same bits" same
else
    tap_skip "Ctrl-C saves" "env has no --default-signal"
fi

rounds=8
[ -z "$KETCH_LONG" ] || rounds=200
# The command is killed, and killed again when it goes on.
kill_round() {
    rm -f run.ketch
    "$ketch" $long $saving >/dev/null 2>&1 &
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
    same
}
kills() {
    $AWK -v rounds=$rounds 'BEGIN { srand(7); while (rounds--) printf "%.3f %.3f\n", 0.02 + 0.3 * rand(), 0.2 * rand() }' >delays
    while read -r first second; do
        kill_round "$first" "$second" || { echo "killed after $first and $second s"; return 1; }
    done <delays
}
tap_check "kill -9 leaves a training that goes on to the same bits" kills
long="$hebbian --mode clean"
tap_check "rates in a clean network, without saving" straight
tap_check "their time is up" timed
tap_check "they go on to the same bits" same
long=$fit
tap_check "a fit without saving" straight
tap_check "its time is up" timed
tap_check "it goes on to the same bits" same
rounds=$((rounds / 2))
tap_check "kill -9 leaves a fit that goes on to the same bits" kills
rounds=$((rounds * 3))
[ "$tap_failed" -ne 0 ] || tap_figure P5 "trainings and fits of the command killed and resumed to the same bits" "$rounds"
tap_done
