"""The short road: registers that take gates one after the other and print as kets."""

from ketch import ket

bell = ket("00").H(0).CNOT(0, 1)
print(bell)

print("measured:", ket("00", seed=7).H(0).CNOT(0, 1).M(0, 5))  # the first outcome repeats itself

plus = ket("0") + ket("1")
print(plus, "is |+>:", plus.isclose(ket("+")))

pair = ket("1") * ket("+")  # the left one has the higher qubits
print(pair, "has", pair.n, "qubits and norm", round(pair.norm, 12))
print(ket("1").S(0))
