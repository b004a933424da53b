"""Circuits planned for an engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from ._native import core, programs
from ._options import PreparedOptions, takes
from ._parameter import Values
from ._planned import Planned
from ._precision import precision_name
from ._result import Result

if TYPE_CHECKING:
    from typing_extensions import Unpack

# Runs what was planned from |0...0>: an engine's method.
Begin: TypeAlias = Callable[[Planned, None, "Values | None", PreparedOptions], Result]


class Prepared:
    """A circuit planned for an engine, made by `Engine.prepare`.

    Examples
    --------
    >>> theta = ketch.Parameter("theta")
    >>> prepared = ketch.Engine().prepare(ketch.Circuit(1).rx(theta, 0))
    >>> [f"{abs(prepared.run([x]).state[1]) ** 2:.3f}" for x in (0.0, 1.0, 2.0)]
    ['0.000', '0.230', '0.708']
    """

    __slots__ = ("_begin", "_planned")

    def __init__(self, begin: Begin, planned: Planned) -> None:
        self._begin = begin
        self._planned = planned

    @takes(PreparedOptions)
    def run(self, values: Values | None = None, **options: Unpack[PreparedOptions]) -> Result:
        """Run it from |0...0>, or from a given state.

        Parameters
        ----------
        values : mapping, sequence of float or float, optional
            Of the circuit's parameters: by name, or in the order of `Circuit.parameters`.
        **options

        Returns
        -------
        Result
            As `Engine.run`.

        Raises
        ------
        RangeError, BadIndexError, BusyError, OutOfMemoryError
            As `Engine.run`.
        """
        return self._begin(self._planned, None, values, options)

    @takes(PreparedOptions)
    async def arun(
        self, values: Values | None = None, **options: Unpack[PreparedOptions]
    ) -> Result:
        """Run it for asyncio, on a thread of the loop's executor.

        Hooks are called on that thread. A cancellation sets the token, and comes out when the run
        has ended.

        Parameters
        ----------
        values : mapping or sequence of float, optional
            As `run`.
        **options

        Returns
        -------
        Result
            As `run`.

        Raises
        ------
        RangeError, BadIndexError, BusyError, OutOfMemoryError
            As `run`.
        """
        from ._async import run_in_executor

        return await run_in_executor(self.run, values, options)

    @property
    def plan(self) -> str:
        """The plan as text for a person."""
        return programs.plan(self._planned.program)

    @property
    def info(self) -> dict[str, int | str | bool]:
        """Sizes and choices of the plan, by name; sizes in bytes."""
        info: dict[str, int | str | bool] = dict(programs.info(self._planned.program))
        info["precision"] = precision_name(int(info["precision"]))
        info["kernels"] = core.kernels_name(int(info["kernels"]))
        return info | {name: bool(info[name]) for name in ("measures", "sampled", "draws")}

    def __repr__(self) -> str:
        info = self.info
        return f"Prepared({info['qubits']} qubits, {info['precision']}, {info['kernels']})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Prepared cannot be pickled: pickle the circuit, and prepare it there")
