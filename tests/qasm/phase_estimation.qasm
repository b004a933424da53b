// phase of a T-like gate, three bits
OPENQASM 2.0;
include "qelib1.inc";
qreg c[3];
qreg u1_[1];
x u1_;
h c;
cu1(2*pi*0.3) c[0],u1_[0];
cu1(2*pi*0.6) c[1],u1_[0];
cu1(2*pi*1.2) c[2],u1_[0];
h c[2];
cu1(-pi/2) c[2],c[1];
h c[1];
cu1(-pi/4) c[2],c[0];
cu1(-pi/2) c[1],c[0];
h c[0];
