"""Watch a run and stop it: a hook at fences, a stop in the middle, and a resume that ends in the
same bits as a run that nobody disturbed."""

import numpy

import ketch

QUBITS, ROUNDS = 10, 20

circuit = ketch.Circuit(QUBITS)
for turn in range(ROUNDS):
    for q in range(QUBITS):
        circuit.ry(0.1 * (turn + q), q).cx(q, (q + 1) % QUBITS)


def watch(step: ketch.Step) -> bool:
    """Called on the thread that runs; True stops the run."""
    if step.state is None:  # a tick, by time: the other threads compute on
        return False
    first = step.state[0].real
    print(f"{step.done:3d} of {step.total} gates, amplitude of |0...0>: {first:+.4f}")
    return step.done == 200


with ketch.Engine() as engine:
    result = engine.run(circuit, hook=watch, hook_every=100)
    print("STOPPED; going on" if result.stopped else "OK")
    result = engine.resume(result, hook=watch)
    print("STOPPED" if result.stopped else "OK")
    plain = engine.run(circuit, hook_every=100)

same = numpy.array_equal(result.state, plain.state)
print("same bits as an undisturbed run:", "yes" if same else "no")
