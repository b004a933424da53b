#!/bin/sh
# ketch run --observe, --initial and --top: compared with dense matrices in NumPy, and what is refused.
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/command.sh"

circuit three 'qreg q[3]; h q[0]; cx q[0], q[1];'
circuit bits 'qreg q[2]; creg c[2]; h q; measure q -> c;'

# ---- values
tap_check "a sum of labels" prints '^<ZZI + 0.5 XIX> = +0.000000000000$' \
    run "$work/three.qasm" --observe "ZZI + 0.5 XIX" --observe "Z0 Z1" --observe "-2*IZZ+1"
tap_check "a second one" says out '^<Z0 Z1> = +1.000000000000$'
tap_check "and a third, with a constant" says out '^<-2\*IZZ+1> = -1.000000000000$'
tap_check "in JSON" prints '"observed": \[{"observable": "IZZ", "value": 1' \
    run "$work/three.qasm" --observe IZZ --json
tap_check "of shots" prints '^<Z0> = ' run "$work/bits.qasm" --shots 9 --observe Z0
tap_check "of a run that was saved" ends 0 run "$work/three.qasm" --observe "Z0  +
X1" --save "$work/run.ketch"
tap_check "and resumed" prints '^<Z0  + X1> = ' resume "$work/run.ketch"

if [ -n "$KETCH_PYTHON" ] && "$KETCH_PYTHON" -c "import numpy" 2>/dev/null; then
    cat >"$work/dense.py" <<'EOS'
"""Random circuits from random kets, with random sums: what the command prints against matrices."""
import json, random, subprocess, sys
import numpy as np

ketch, work = sys.argv[1:]
pauli = {"I": np.eye(2), "X": np.array([[0, 1], [1, 0]]), "Y": np.array([[0, -1j], [1j, 0]]),
         "Z": np.diag([1, -1])}
kets = {"0": [1, 0], "1": [0, 1], "+": [0.5**0.5] * 2, "-": [0.5**0.5, -(0.5**0.5)]}
random.seed(12)

def product(factors):
    made = np.eye(1)
    for factor in factors:
        made = np.kron(made, factor)
    return made

def term(qubits):
    label = "".join(random.choice("IXYZ") for _ in range(qubits))
    number = round(random.uniform(0.1, 2), random.randint(0, 5))
    matrix = number * product(pauli[letter] for letter in label)
    pairs = [(qubits - 1 - i, letter) for i, letter in enumerate(label) if letter != "I"]
    random.shuffle(pairs)
    sparse = random.choice(["", " "]).join(f"{letter}{qubit}" for qubit, letter in pairs)
    text = sparse if sparse and random.random() < 0.5 else label
    return f"{number}{random.choice(['', ' ', '*', ' * '])}{text}", matrix

for trial in range(25):
    qubits = random.randint(1, 5)
    ket = "".join(random.choice("01+-") for _ in range(qubits))
    lines = ["OPENQASM 2.0;", 'include "qelib1.inc";', f"qreg q[{qubits}];"]
    psi = product(np.array([kets[c]]).T for c in ket).astype(complex)
    for _ in range(6):
        angle, q = random.uniform(-3, 3), random.randrange(qubits)
        letter = random.choice("xyz")
        lines.append(f"r{letter}({angle!r}) q[{q}];")
        factors = [pauli["I"]] * qubits
        factors[qubits - 1 - q] = (np.cos(angle / 2) * np.eye(2)
                                   - 1j * np.sin(angle / 2) * pauli[letter.upper()])
        psi = product(factors) @ psi
        if qubits > 1:
            a, b = random.sample(range(qubits), 2)
            lines.append(f"cx q[{a}], q[{b}];")
            index = np.arange(2**qubits)
            psi = psi[index ^ ((index >> a & 1) << b)]
    open(f"{work}/random.qasm", "w").write("\n".join(lines))
    text, matrix = term(qubits)
    for _ in range(random.randint(0, 3)):
        sign = random.choice("+-")
        more, other = term(qubits)
        text += f"{random.choice(['', ' '])}{sign} {more}"
        matrix = matrix + other if sign == "+" else matrix - other
    top = random.choice([1, 2, 5, "all"])
    got = json.loads(subprocess.run(
        [ketch, "run", f"{work}/random.qasm", "--json", "--initial", ket, "--observe", text,
         "--top", str(top)], check=True, capture_output=True).stdout)
    value = (psi.conj().T @ matrix @ psi).real.item()
    assert abs(got["observed"][0]["value"] - value) < 1e-12, (text, value, got["observed"])
    sizes = np.abs(psi[:, 0]) ** 2
    shown = [int(a["ket"], 2) for a in got["amplitudes"]]
    there = np.flatnonzero(sizes > 1e-16)
    assert len(shown) == min(len(there), 10**9 if top == "all" else top), (top, shown)
    assert got["more"] == len(there) - len(shown) and len(set(shown)) == len(shown)
    for index, a in zip(shown, got["amplitudes"]):
        assert abs(a["re"] + 1j * a["im"] - psi[index, 0]) < 1e-12
    rest = np.delete(sizes, shown)
    assert all(np.diff(sizes[shown]) < 1e-9), sizes[shown]
    assert rest.size == 0 or rest.max() < sizes[shown].min() + 1e-9
EOS
    tap_check "values and amplitudes are those of dense matrices" "$KETCH_PYTHON" "$work/dense.py" "$ketch" "$work"
else
    tap_skip "values and amplitudes are those of dense matrices" "KETCH_PYTHON names no Python with NumPy"
fi

# ---- what is shown
circuit wide 'qreg q[6]; h q;'
ends 0 run "$work/wide.qasm" --top all
tap_check "--top all shows all" test "$(grep -c '^|' "$work/out")" -eq 64
tap_check "in order" test "$(grep '^|' "$work/out" | sort | cut -c 1-9)" = "$(grep '^|' "$work/out" | cut -c 1-9)"
tap_check "--top 3 shows three" prints '^and 61 more$' run "$work/wide.qasm" --top 3
tap_check "of equal ones the first" test "$(grep '^|' "$work/out" | cut -c 2-7 | tr '\n' ' ')" = "000000 000001 000010 "
ends 0 run "$work/bits.qasm" --shots 100 --seed 1
sed -n '1,2p' "$work/out" >"$work/first"
tap_check "--top 2 shows two counts" prints '^and 2 more$' run "$work/bits.qasm" --shots 100 --seed 1 --top 2
tap_case "the most frequent ones" "$(sed -n '1,2p' "$work/out" | cmp -s - "$work/first"; echo $?)" "$work/out"
tap_check "JSON says how many more" prints '"more": 2}$' run "$work/bits.qasm" --shots 100 --seed 1 --top 2 --json

# ---- what is refused
# wrong SUM COLUMN PATTERN: refused with the place.
wrong() {
    tap_check "'$1' is refused" refuses 2 "^ketch: --observe .*, column $2: found .*$3" run "$work/three.qasm" --observe "$1"
}
wrong "ZQI" 2 "'Q', expected I, X, Y or Z"
wrong "ZZI + 0.5 XX" 11 "2 letters, expected 3"
wrong "Z" 1 "1 letter, expected 3"
wrong "0.5 +" 6 "the end, expected a number"
wrong "ZZI 0.5" 5 "expected + or -"
wrong "Z0 Z3" 5 "3, expected a qubit from 0 to 2"
wrong "Z0 X99999999999999999999" 5 "expected a qubit"
wrong "Z0 X0" 5 "qubit 0 again"
wrong "Z0 X" 5 "the end, expected the number of a qubit"
wrong "2 * + ZZZ" 5 "expected I, X, Y or Z"
wrong "- - ZZZ" 3 "expected a number"
wrong "1e999 ZZZ" 1 "1e999, expected a finite number"
wrong "0x1 ZZZ" 2 "expected + or -"
wrong "nan ZZZ" 1 "expected a number"
wrong " " 2 "the end"
wrong "$(printf '%070d' 1) ZZZ" 1 "a longer number"
tap_check "JSON of it" ends 2 run "$work/three.qasm" --observe Q --json
tap_check "has its message" says out '"message": "--observe \\"Q\\", column 1: '
tap_check "a ket of another length" refuses 2 'has 2 characters, but .*three.qasm has 3 qubits' run "$work/three.qasm" --initial 01
tap_check "more than 32 observables" refuses 2 'at most 32' run "$work/three.qasm" \
    $(seq 33 | sed 's/.*/--observe=Z0/')
tap_done
