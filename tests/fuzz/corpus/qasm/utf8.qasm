OPENQASM 2.0;
qreg ä[2];