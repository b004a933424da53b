// quantum walk on a ring of eight, measured
OPENQASM 2.0;
include "qelib1.inc";
qreg pos[3];
qreg coin[1];
creg c[3];
gate forward c,x0,x1,x2 { c3x c,x0,x1,x2; ccx c,x0,x1; cx c,x0; }
gate back c,x0,x1,x2 { x c; cx c,x0; ccx c,x0,x1; c3x c,x0,x1,x2; x c; }
h coin;
forward coin[0],pos[0],pos[1],pos[2];
back coin[0],pos[0],pos[1],pos[2];
h coin;
forward coin[0],pos[0],pos[1],pos[2];
back coin[0],pos[0],pos[1],pos[2];
h coin;
forward coin[0],pos[0],pos[1],pos[2];
back coin[0],pos[0],pos[1],pos[2];
h coin;
forward coin[0],pos[0],pos[1],pos[2];
back coin[0],pos[0],pos[1],pos[2];
measure pos -> c;
