// several registers of different sizes
OPENQASM 2.0;
include "qelib1.inc";
qreg first[1];
qreg b_2[4];
creg out[3];
qreg lastOne[2];
creg more[2];
h first[0];
h b_2;
cx first[0],lastOne[1];
cz b_2[3],lastOne[0];
t lastOne;
crx(0.9) b_2[2],first[0];
