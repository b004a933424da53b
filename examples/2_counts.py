"""Measure a circuit many times: read OpenQASM, draw shots with a seed, print the counts."""

import ketch

TEXT = """
OPENQASM 2.0;
include "qelib1.inc";
qreg q[3];
creg c[3];
h q[0];
cx q[0], q[1];
ry(0.6) q[2];
measure q -> c;
"""

circuit = ketch.Circuit.from_qasm(TEXT)
# The same seed gives the same counts, on any number of threads, in C and in Python.
result = ketch.run(circuit, shots=1000, seed=7)
for bits, count in sorted(result.counts.items()):
    print(f"{bits}  {count}")
