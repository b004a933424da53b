// a condition on measurements, resets and broadcast gates
OPENQASM 2.0;
include "qelib1.inc";
gate flip a,b { x a; cx a,b; }
qreg q[2];
qreg r[2];
creg c[2];
creg d[2];
x q[0];
measure q -> c;
if(c==1) flip q,r;
if(c==1) measure r -> d;
if(d==3) reset q;
if(c==9) x r;
if(c==0) h r[0];
measure q[1] -> d[0];
