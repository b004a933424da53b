// comments, blank lines and odd spacing
OPENQASM 2.0;
include "qelib1.inc";


// a line
qreg q [ 2 ] ; // after
	h	q [0] ;cx q[0] , q[1];
//cx q[1],q[0];

  rz ( pi / 2 ) q[1] ;;
// last line without an end