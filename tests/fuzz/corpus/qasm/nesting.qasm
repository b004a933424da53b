qreg q[2];/* a
b */U(((((1))))) q[0];// end