/* Sequences, and runs of networks. */
#include "suite.h"
int main(void) { return 0; }
