// gates of qelib1.inc defined by the file itself, without the include
OPENQASM 2.0;
gate u3(theta,phi,lambda) a { U(theta,phi,lambda) a; }
gate u1(lambda) a { U(0,0,lambda) a; }
gate cx c,t { CX c,t; }
gate h a { U(pi/2,0,pi) a; }
gate t a { u1(pi/4) a; }
gate tdg a { u1(-pi/4) a; }
gate ccx a,b,c {
  h c; cx b,c; tdg c; cx a,c; t c; cx b,c; tdg c; cx a,c;
  t b; t c; h c; cx a,b; t a; tdg b; cx a,b;
}
qreg q[3];
u3(1.478980,-0.397466,-2.992912) q[0];
u3(1.227110,-1.322261,2.879485) q[1];
u3(1.883970,-2.373063,1.683224) q[2];
ccx q[0],q[1],q[2];
ccx q[2],q[0],q[1];
