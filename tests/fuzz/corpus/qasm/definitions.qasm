OPENQASM 2.0;
include "qelib1.inc";
gate a(x,y) p,r { rx(-x^2/y) p; cx p,r; barrier p,r; U(sin(x),cos(y),ln(2)) r; }
gate b(x) p,r,s { a(x,2) p,s; a(1,x) s,r; CX r,s; }
qreg q[2];
qreg r[2];
b(0.5) q[0],q[1],r[0];
b(pi) q,r,q;
