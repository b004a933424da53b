"""Two qubits that always agree: make a circuit, run it, read the amplitudes."""

import ketch

circuit = ketch.Circuit(2).h(0).cx(0, 1)
state = ketch.run(circuit).state
for index, amplitude in enumerate(state):
    print(f"|{index:02b}>  {amplitude.real:.6f} {amplitude.imag:+.6f}i")
