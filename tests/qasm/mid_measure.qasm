// measurement and reset in the middle
OPENQASM 2.0;
include "qelib1.inc";
qreg q[2];
creg c[4];
h q[0];
measure q[0] -> c[0];
cx q[0],q[1];
measure q[1] -> c[1];
reset q[0];
measure q[0] -> c[2];
h q[1];
reset q;
measure q[1] -> c[3];
