// gates that qelib1.inc lacks, defined here
OPENQASM 2.0;
include "qelib1.inc";
gate iswap a,b { s a; s b; h a; cx a,b; cx b,a; h b; }
gate rzx_(t) a,b { h b; cx a,b; rz(t) b; cx a,b; h b; }
gate ecr a,b { rzx_(pi/4) a,b; x a; rzx_(-pi/4) a,b; }
qreg q[3];
u3(0.574944,2.442230,-0.395305) q[0];
u3(2.800754,3.061982,-0.184661) q[1];
u3(2.770971,1.910609,2.609668) q[2];
iswap q[0],q[1];
ecr q[2],q[0];
iswap q[1],q[2];
