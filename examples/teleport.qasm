// Teleports a state from q[0] to q[2] with measurements in the middle and gates that depend on them,
// then undoes it there: register `out` is 0 in every shot, the other two are fair coins.
OPENQASM 2.0;
include "qelib1.inc";
gate prepare a { u3(0.9, 0.4, 1.3) a; }
gate unprepare a { u3(-0.9, -1.3, -0.4) a; }
qreg q[3];
creg mz[1];
creg mx[1];
creg out[1];
prepare q[0];
h q[1];
cx q[1], q[2];
cx q[0], q[1];
h q[0];
measure q[0] -> mz[0];
measure q[1] -> mx[0];
if (mx == 1) x q[2];
if (mz == 1) z q[2];
unprepare q[2];
measure q[2] -> out[0];
