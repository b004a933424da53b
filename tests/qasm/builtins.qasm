// the two gates that the language itself has
OPENQASM 2.0;
qreg q[2];
U(0.3,0.2,0.1) q[0];
U(pi/2,0,pi) q[1];
CX q[1],q[0];
U(pi/3,pi/5,-pi/7) q;
CX q[0],q[1];
