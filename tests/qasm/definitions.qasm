// gates that call gates that call gates
OPENQASM 2.0;
include "qelib1.inc";
gate layer(a,b) x,y { rx(a) x; ry(b) y; cx x,y; }
gate twice(a) x,y { layer(a,2*a) x,y; layer(-a,a/3) y,x; }
gate ring(a,b) x,y,z { twice(a) x,y; twice(b) y,z; barrier x,z; twice(a+b) z,x; }
gate nothing a { }
gate named() a,b { cz b,a; }
qreg q[4];
ring(0.3,pi/7) q[0],q[1],q[2];
nothing q;
named q[3],q[1];
named() q[0],q[2];
ring(-1.25,sin(pi/5)) q[3],q[1],q[0];
