// Heisenberg chain with gates defined here
OPENQASM 2.0;
include "qelib1.inc";
gate ryy_(t) a,b { rx(pi/2) a; rx(pi/2) b; cx a,b; rz(t) b; cx a,b; rx(-pi/2) a; rx(-pi/2) b; }
gate bond(t) a,b { rxx(t) a,b; ryy_(t) a,b; rzz(t) a,b; }
qreg q[5];
x q[0];
x q[2];
x q[4];
bond(0.2) q[0],q[1];
bond(0.2) q[1],q[2];
bond(0.2) q[2],q[3];
bond(0.2) q[3],q[4];
bond(0.2) q[0],q[1];
bond(0.2) q[1],q[2];
bond(0.2) q[2],q[3];
bond(0.2) q[3],q[4];
bond(0.2) q[0],q[1];
bond(0.2) q[1],q[2];
bond(0.2) q[2],q[3];
bond(0.2) q[3],q[4];
