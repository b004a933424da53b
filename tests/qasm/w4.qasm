// W state of four qubits
OPENQASM 2.0;
include "qelib1.inc";
gate ct(a) x,y { ry(a) y; cz x,y; ry(-a) y; }
qreg q[4];
x q[3];
ct(pi/3) q[3],q[2];
ct(0.9553166181245093) q[2],q[1];
ct(pi/4) q[1],q[0];
cx q[2],q[3];
cx q[1],q[2];
cx q[0],q[1];
