// hidden string 101101
OPENQASM 2.0;
include "qelib1.inc";
qreg q[7];
x q[6];
h q;
cx q[0],q[6];
cx q[2],q[6];
cx q[3],q[6];
cx q[5],q[6];
h q[0];
h q[1];
h q[2];
h q[3];
h q[4];
h q[5];
h q[6];
