// gates on whole registers
OPENQASM 2.0;
include "qelib1.inc";
qreg a[3];
qreg b[3];
qreg c[1];
h a;
ry(0.7) b;
cx a,b;
cx c[0],a;
cx a[1],c;
x c;
cx c[0],b;
ccx a,b,c[0];
rzz(0.4) a,b;
barrier a,b[0],c;
swap a,b;
