"""The keywords of everything that runs. Their names and types are typed out here, once; what they
mean is told in RunOptions, and from there in the docstrings of all methods that take them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike
from typing import Any, NamedTuple, TypedDict, TypeVar

from ._arguments import path_bytes, seconds
from ._costs import CostsLike
from ._errors import out_of_range
from ._hooks import TICK, Hook, HookCall
from ._native.handles import NULL
from ._native.observables import Observables
from ._native.runs import Saving
from ._native.runs import Settings as Native
from ._observe import Observable
from ._parameter import Values
from ._precision import Precision
from ._progress import Bar, Progress, bar_of
from ._seeds import Seed
from ._state import Start
from ._stop import Stop, token_of

Function = TypeVar("Function", bound=Callable[..., Any])


class ResumeOptions(TypedDict, total=False):
    """Keywords of `Engine.resume`; `RunOptions` says what they mean."""

    hook: Hook | None
    hook_seconds: float | None
    timeout: float | None
    stop: Stop | None
    progress: Progress
    save: str | PathLike[str] | None
    save_every: float | None
    report: bool


class _DrawOptions(ResumeOptions, total=False):
    """What is drawn and read of a run from its beginning."""

    shots: int | None
    seed: Seed
    observe: Observable | Sequence[Observable]


class PreparedOptions(_DrawOptions, total=False):
    """Keywords of `Prepared.run`; `RunOptions` says what they mean."""

    state: Start | None


class ApplyOptions(_DrawOptions, total=False):
    """Keywords of `Engine.apply`; `RunOptions` says what they mean."""

    values: Values | None
    hook_every: int | None
    costs: CostsLike


class RunOptions(ApplyOptions, PreparedOptions, total=False):
    """Keywords of `Engine.run`, `Engine.arun`, `run`, `arun` and `Pool`.

    Attributes
    ----------
    values : mapping, sequence of float or float, optional
        Of the circuit's parameters: by name, or in the order of `Circuit.parameters`. Other values
        cost no new plan.
    shots : int, optional
        From 1 to 2**32: run so often, and give classical bits and counts. None: once as written,
        measurements collapse the state.
    seed : int or numpy.random.Generator, optional
        Of all randomness, from 0 to 2**64 - 1, or a generator to draw it from. None: a new one.
        `Result.seed` tells it.
    precision : str or dtype
        "double" (complex128) or "single" (complex64), or one of these as a NumPy dtype.
    state : State, array_like or str, optional
        Where the run begins: a State or 2**n amplitudes, which are copied, or a ket of 0 1 + -. The
        leftmost character is the highest qubit's. None: |0...0>. `Engine.apply` changes a State
        itself. Shots of a circuit that measures midway need a ket of 0 and 1.
    observe : observable or sequence
        What is wanted of the final state, for `Result.observed`. "norm" or `Norm`; qubits or
        `Probabilities`, for the probabilities of their outcomes; a `PauliSum`, or a dict as
        `State.expectation` takes it, for its expectation; `Variance`. Mostly it costs no sweep of
        the state, but where there are X or Y in strings, and for variances.
    hook : callable, optional
        Called with a `Step` on this thread, at fences and by time. A true answer stops the run; an
        exception comes out of the call unchanged.
    hook_every : int, optional
        Steps between fences. None: fences only where the circuit has them.
    costs : Costs or str, optional
        What kernels cost, by which the circuit is planned. A table that ``ketch costs`` measured on
        a machine; one of the library's, by the family of processors: "zen4", "zen5",
        "intel_avx512"; "here" for the one of this machine's family. None: the kernel set's own. The
        bits of results depend on it.
    hook_seconds : float, optional
        Time between calls of the hook in seconds. None: at fences only.
    timeout : float, optional
        In seconds. None: none.
    stop : Stop, optional
        A token that ends the run when it is set.
    progress : bool or "always"
        Whether to draw a progress bar on standard error. It is tqdm's where that is installed, else
        a plain one, which is drawn on terminals only, with "always" elsewhere, too.
    save : str or path, optional
        A file that the run is saved to where it stops and where it ends, for `Engine.load`. It may
        be absent or a saved run. Where it cannot be written the run stops with FileError, whose
        `result` can be resumed.
    save_every : float, optional
        Time between further saves while it runs, in seconds.
    report : bool
        Whether to measure the processor time of a short run too, for `Result.report`. It costs 1 us
        or so. Longer ones, of 1 ms and more, are measured in any case.
    """

    precision: Precision


class Settings(NamedTuple):
    """How to carry a run: the keywords of `Engine.resume` with their defaults. A named tuple,
    because a frozen dataclass takes five times as long to make."""

    hook: Hook | None = None
    hook_seconds: float | None = TICK
    timeout: float | None = None
    stop: Stop | None = None
    progress: Progress = False
    save: str | PathLike[str] | None = None
    save_every: float | None = None
    report: bool = False


DEFAULTS = Settings()

# The defaults of all keywords, for signatures.
_SHOWN = {
    "values": None,
    "shots": None,
    "seed": None,
    "precision": "double",
    "state": None,
    "observe": (),
    "hook_every": None,
    "costs": None,
    **DEFAULTS._asdict(),
}


def settings_of(keywords: Mapping[str, Any]) -> Settings:
    """The settings that keywords say; refuses keywords that a function does not take."""
    try:
        return Settings(**keywords)
    except TypeError:
        name = next(name for name in keywords if name not in Settings._fields)
    raise TypeError(f"unexpected keyword argument {name!r}{_advice(name)}")


# Keywords of an engine, which are often meant for a run.
_OF_ENGINES = ("threads", "memory", "kernels", "arena")


def _advice(name: str) -> str:
    if name in _OF_ENGINES:
        return f"; an engine takes it: ketch.Engine({name}=...).run(circuit)"
    from difflib import get_close_matches

    near = [other for other in get_close_matches(name, _SHOWN) if other != name]
    return f"; did you mean {near[0]!r}?" if near else ""


# ---- for C

PLAIN = Native(TICK, 0.0, NULL)


def native(
    settings: Settings,
    plain: Native,
    asked: Observables | None,
    note: Callable[[], bytes],
    unit: str = "gate",
) -> tuple[Bar | None, HookCall | None, Native]:
    """The bar, the hook for C, and how to run. plain: how the engine runs where nothing is said.
    note: for what is saved. unit: what the bar counts. Ticks are always on: through them Ctrl-C
    comes."""
    hook, every, timeout, stop, progress, save, save_every, report = settings
    token = plain.token if stop is None else token_of(stop)
    bar = bar_of(progress, unit) if progress else None
    period = every if every is None or every is TICK else seconds("hook_seconds", every)
    call = None if hook is None and bar is None else HookCall(hook, period, bar)
    tick = TICK if period is None or hook is None else min(period, TICK)
    limit = 0.0 if timeout is None else seconds("timeout", timeout)
    saving = None
    if save is not None or save_every is not None:
        saving = _saving(save, save_every, note)
    return bar, call, Native(tick, limit, token, asked, saving, int(bool(report)))


def _saving(
    save: str | PathLike[str] | None, save_every: float | None, note: Callable[[], bytes]
) -> Saving:
    if save is None:
        raise out_of_range("save_every", save_every, "None without save")
    period = 0.0 if save_every is None else seconds("save_every", save_every)
    return Saving(path_bytes("save", save), period, note())


# ---- signatures and docstrings


class Guide:
    """A class whose docstring tells of keywords, and their defaults, in the order of signatures."""

    def __init__(self, kind: type, defaults: Mapping[str, object]) -> None:
        self.name = kind.__name__
        self.defaults = defaults
        self.told = _entries(kind.__doc__ or "")


def takes(keywords: type, guide: Guide | None = None) -> Callable[[Function], Function]:
    """Decorates a function whose **options are these keywords: help and inspect.signature show them
    one by one, as if they had been typed out. guide: None: RunOptions."""
    told = guide or _GUIDE
    names = [name for name in told.defaults if name in keywords.__annotations__]

    def complete(function: Function) -> Function:
        own = [*_own(function), "*"]
        more = [f"{name}={told.defaults[name]!r}" for name in names]
        function.__text_signature__ = f"({', '.join(own + more)})"  # type: ignore[attr-defined]
        function.__doc__ = _told_in(function.__doc__, names, told)
        return function

    return complete


def _own(function: Any) -> list[str]:
    """A function's own arguments, with their defaults."""
    code, defaults = function.__code__, function.__defaults__ or ()
    names = code.co_varnames[: code.co_argcount]
    plain = len(names) - len(defaults)
    rest = zip(names[plain:], defaults, strict=True)
    return [*names[:plain], *(f"{name}={default!r}" for name, default in rest)]


def _entries(doc: str) -> dict[str, str]:
    """What a docstring says of each name: its first sentence, without the docstring's own
    indentation."""
    found = re.findall(r"^( *)(\w+ : .*\n(?:\1    .*\n)+)", doc, re.MULTILINE)
    texts = {
        entry.split(" : ")[0]: re.sub(f"^{own}", "", entry, flags=re.M) for own, entry in found
    }
    return {name: re.sub(r"\.\s(?s:.*)", ".\n", text) for name, text in texts.items()}


_GUIDE = Guide(RunOptions, _SHOWN)


def _told_in(doc: str | None, names: Iterable[str], guide: Guide) -> str | None:
    """A docstring with the guide's first sentence on each of these names in place of its line
    "**options", and where to read on."""
    found = re.search(r"^( *)\*\*options\n", doc or "", re.MULTILINE)
    if not doc or not found:
        return doc
    entries = "".join(guide.told.get(name, "") for name in names).splitlines(keepends=True)
    told = doc[: found.start()] + "".join(found[1] + line for line in entries) + doc[found.end() :]
    head = f"{found[1]}Parameters\n"
    return told.replace(head, f"{found[1]}`{guide.name}` says more of the keywords.\n\n{head}", 1)
