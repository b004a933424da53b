"""Many runs in one call into C: prepared in Python, carried out without the interpreter lock."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ._arguments import shots_number, whole
from ._circuit import Circuit, begin_plan, keep_plan, plan
from ._costs import costs_choice
from ._errors import Error
from ._native import bundles, programs, runs
from ._native.circuits import Draft
from ._observe import observables
from ._options import native, settings_of
from ._parameter import Values, numbers_of
from ._planned import Planned
from ._precision import precision_name, precision_number
from ._result import Result
from ._runner import nothing_measured
from ._seeds import new as new_seeds
from ._seeds import seed_number

if TYPE_CHECKING:
    from ._engine import Engine
    from ._stop import Stop

# What a run takes, roughly: itself, each step on each amplitude, each step that is planned, each
# shot. A circuit's version counts four or more for a step.
RUN_SECONDS, STEP_SECONDS, PLAN_SECONDS, SHOT_SECONDS = 1e-6, 2.5e-11, 1e-7, 5e-8


def guess(circuit: Circuit, shots: int, *, is_planned: bool) -> float:
    """What a run of a circuit takes, roughly, in seconds."""
    version = len(circuit._gates) + len(circuit._operations)
    seconds = RUN_SECONDS + (version << circuit._qubits) * STEP_SECONDS + shots * SHOT_SECONDS
    return seconds if is_planned else seconds + version * PLAN_SECONDS


# The keywords that a run in a bundle may have: those that need Python while it is on are left out.
_ASKED = {"values", "shots", "seed", "precision", "observe", "hook_every", "costs"}
_CARRIED = {"hook_seconds", "timeout", "stop", "report"}


def fits(options: Mapping[str, Any]) -> bool:
    """Whether runs with these keywords can be in a bundle."""
    return all(name in _ASKED or name in _CARRIED for name in options)


def fits_any(options: Mapping[str, Any]) -> bool:
    """Whether they can be in one with any others: they say nothing of how a run is carried."""
    return _ASKED.issuperset(options)


class Wanted:
    """The keywords of a run, read once for as many circuits as they are given for."""

    def __init__(self, options: Mapping[str, Any], engine: Engine) -> None:
        find = options.get
        self.values: Values | None = find("values")
        self.seed = find("seed")
        self._observe = find("observe", ())
        shots, every, costs = find("shots"), find("hook_every"), find("costs")
        self.shots = 0 if shots is None else shots_number(shots)
        number = precision_number(find("precision", "double"))
        if every is not None:
            every = whole("hook_every", every, "1..2^62, or None", 1, 2**62)
        choice, kernels = costs_choice(costs), engine._kernels
        self.arena = engine._memory
        self.key = precision_name(number), kernels, every, costs
        self.options = programs.options_of(number, kernels, every or 0, choice)
        self._drawn: dict[int, tuple[object, int, Sequence[int]]] = {}
        self.carried = {name: options[name] for name in options if name in _CARRIED}

    def drawn(self, qubits: int) -> tuple[object, int, Sequence[int]]:
        """What is drawn of a circuit of so many qubits: what is to be kept, C's address of it, and
        how many numbers each observable gives."""
        found = self._drawn.get(qubits)
        if found is None:
            asked = observables(self._observe, qubits)
            shots, address = bundles.shots(self.shots, asked)
            found = (shots, asked), address, asked.counts if asked else ()
            self._drawn[qubits] = found
        return found


class Bundle:
    """Runs that are added, then carried out by one thread, then read by one. seconds: what they
    will take, roughly. pending: circuits, by id, that bundles are to plan; shared by bundles of the
    same circuits."""

    def __init__(self, pending: set[int]) -> None:
        self.seconds = 0.0
        self._pending = pending
        self._rows = bytearray()
        self._members: list[tuple[Wanted, Planned, int, Sequence[int]]] = []
        self._plans: deque[tuple[int, Circuit, Draft]] = deque()  # to be made, by the run's number
        self._kept: list[object] = []
        self._bundle: bundles.Bundle | None = None

    def __len__(self) -> int:
        return len(self._members)

    def add(self, wanted: Wanted, circuit: Circuit, values: Values | None = None) -> None:
        """Adds a run of a circuit as it stands. values: in place of those that are wanted."""
        version = len(circuit._gates) + len(circuit._operations)
        planned: Planned | None = circuit._plans.get(wanted.key)
        draft, place = None, 0
        if planned is None or planned.version != version:
            planned, draft = self._plan(wanted, circuit)
        if values is None:
            values = wanted.values
        numbers, count = 0, 0
        if values is not None or planned.parameters:
            numbers, count = self._values(planned, () if values is None else values)
        key = next(new_seeds[0]) if wanted.seed is None else seed_number(wanted.seed)
        _, drawn, counts = wanted.drawn(circuit._qubits)
        self.seconds += guess(circuit, wanted.shots, is_planned=draft is None)
        if draft is not None:
            place = draft.address
            self._plans.append((len(self._members), circuit, draft))
            self._pending.add(id(circuit))
        row = bundles.row(planned.address, place, numbers, count, drawn, key, planned.random)
        self._rows += row
        self._members.append((wanted, planned, key, counts))

    def _values(self, planned: Planned, values: Values) -> tuple[int, int]:
        """Where the values are, and how many; 0, 0: none."""
        numbers = array("d", numbers_of(planned.parameters, values))
        self._kept.append(numbers)
        return numbers.buffer_info() if numbers else (0, 0)

    def _plan(self, wanted: Wanted, circuit: Circuit) -> tuple[Planned, Draft | None]:
        """A program, and what C makes it of later; None: it is made. A circuit that comes a second
        time before C has planned it is planned at once."""
        first = self._members[0][0] if self._members else wanted
        if first.key == wanted.key and id(circuit) not in self._pending:
            return begin_plan(circuit)
        precision, kernels, every, costs = wanted.key
        return plan(circuit, precision, kernels, every, wanted.arena, costs), None

    # ---- after all were added

    def carry(self, engine: Engine, token: Stop) -> BaseException | None:
        """Carries out those that were not; gives what ended it: None where all are done, or the
        token was set. The options of the first say how."""
        wanted = self._members[0][0]
        if self._bundle is None:
            self._bundle = bundles.Bundle(self._rows, wanted.options, wanted.arena)
        settings = engine._plain
        if wanted.carried:
            _, _, settings = native(settings_of(wanted.carried), settings, None, bytes)
        frame = runs.frame_take(None, settings)
        status = self._bundle.carry(engine._open(), token._handle, frame)
        self._finish_plans()
        if status < 0:
            return self._failure(frame, status)
        runs.frame_give(frame)
        return None

    def _finish_plans(self) -> None:
        """Lets circuits know the programs that C has made of them, or failed to make."""
        assert self._bundle is not None
        plans, done = self._plans, self.done
        while plans and plans[0][0] <= done:
            index, circuit, draft = plans.popleft()
            wanted, planned, _, _ = self._members[index]
            self._pending.discard(id(circuit))
            if planned.complete(self._bundle.random(index)):
                keep_plan(circuit, wanted.key, planned)
                draft.give()

    def _failure(self, frame: runs.Frame, status: int) -> BaseException:
        assert self._bundle is not None
        if status == bundles.UNMEASURED:
            return nothing_measured(self._members[self.done][0].shots)
        try:
            frame.fail(status)
        except (KeyboardInterrupt, Error) as failure:
            result = self.result(self.done)
            failure.result = result if result._address else None  # type: ignore[union-attr]
            return failure
        except BaseException as failure:
            return failure

    @property
    def took(self) -> float:
        """The time of those that have run."""
        return self._bundle.seconds if self._bundle else 0.0

    @property
    def done(self) -> int:
        """How many have run."""
        return self._bundle.done if self._bundle else 0

    def skip(self) -> None:
        """Leaves out the run that failed."""
        assert self._bundle is not None
        self._bundle.skip()

    def result(self, index: int) -> Result:
        """The result of a run that is done; once."""
        assert self._bundle is not None
        wanted, planned, key, counts = self._members[index]
        return Result(self._bundle.result(index), planned, wanted.shots, key, counts, None)
