"""Runs: the call into C that runs, the hook that C calls back, what any result says."""

from __future__ import annotations

import atexit
import ctypes
import os
from collections import deque
from collections.abc import Callable
from math import inf
from typing import Any, NamedTuple, NoReturn, TypeAlias

from .. import _ketch
from .._ketch import ffi, lib
from .base import (
    Pointer,
    call,
    failure,
    fields,
    locked,
    optional_text,
    places,
    status_name,
    struct,
)
from .handles import (
    NULL,
    EngineHandle,
    ResultHandle,
    TokenHandle,
    ViewHandle,
)
from .observables import Observables


class Saving:
    """Where a run is saved, how often meanwhile (0: only where it stops or ends), and with what
    note."""

    __slots__ = ("note", "path", "seconds", "size")

    def __init__(self, path: bytes, seconds: float, note: bytes) -> None:
        self.path: Pointer = ffi.new("char[]", path)
        self.note: Pointer = ffi.new("char[]", note)
        self.size = len(note)
        self.seconds = seconds


class Settings(NamedTuple):
    """How to run: seconds between ticks, the timeout in seconds (0: none), the token, what is
    asked, where to save, whether to measure short runs too."""

    tick: float
    timeout: float
    token: TokenHandle
    asked: Observables | None = None
    saving: Saving | None = None
    report: int = 0


# Gets done, total and fraction (None: unknown), seconds, the phase, its number, and what the look
# of its frame finds in the step: None between fences.
HookCall: TypeAlias = "Callable[[int, int | None, float | None, float, str | None, int, Any], int]"
UNKNOWN = 2**64 - 1


ALL_TICKS: int = lib.KETCH_PY_ALL_TICKS
NO_TICKS: int = lib.KETCH_PY_NO_TICKS

_result_place = places("result")
_call_hook = ffi.addressof(lib, "ketch_py_call_hook")
_call_paced = ffi.addressof(lib, "ketch_py_call_paced")


def _look_at_state(step: Pointer) -> ViewHandle | None:
    return lib.ketch_step_state(step) or None


class Frame:
    """The C structs of one call that runs, kept for the next one, and what its hook left behind.

    Frames are taken from a queue by atomic steps: a frame that an interrupt loses is only garbage.
    """

    __slots__ = (
        "_user",
        "address",
        "error",
        "failure",
        "hook",
        "look",
        "numbers",
        "paced",
        "place",
        "run",
        "settings",
        "shots",
    )

    def __init__(self) -> None:
        self.place: Pointer = _result_place()
        self.address = int(ffi.cast("uintptr_t", self.place))
        self.error = struct("ketch_error")
        self.shots = struct("ketch_shots")
        self.numbers = memoryview(ffi.buffer(self.shots)).cast("B").cast("Q")
        self.run = struct("ketch_run")
        self._user = ffi.new_handle(self)
        self.run.hook, self.run.user = _call_hook, self._user
        self.paced: Pointer | None = None
        self.failure: BaseException | None = None
        self.hook: HookCall | None = None
        self.look: Callable[[Pointer], Any] = _look_at_state
        self.settings: Settings | None = None

    def pace(self, period: float, signals: int) -> None:
        """Makes fences call the hook at most every `period` seconds, else as ticks; for a frame of
        one call that is set. signals: which ticks enter Python: ALL_TICKS, NO_TICKS, or those that
        can read from this descriptor."""
        assert self.settings is not None
        numbers = {"period": period, "tick": self.settings.tick, "user": self._user}
        self.paced = ffi.new("ketch_py_pace *", numbers)
        self.paced.due, self.paced.signals = inf if period == inf else 0.0, signals
        self.run.hook, self.run.user = _call_paced, self.paced

    def set(self, settings: Settings) -> None:
        """Fills in how to run, and keeps alive what C will read."""
        run, shots = self.run, self.shots
        run.tick_seconds, run.timeout, run.stop, asked, saving, run.report = settings
        shots.observables = asked.array if asked else NULL
        shots.observable_count = len(asked.counts) if asked else 0
        if saving:
            run.save_path, run.save_seconds = saving.path, saving.seconds
            run.save_note, run.save_note_size = saving.note, saving.size
        else:
            run.save_path, run.save_seconds = NULL, 0
            run.save_note, run.save_note_size = NULL, 0
        self.settings = settings

    def fail(self, status: int) -> NoReturn:
        """After the C call: raises what the hook raised, or C's failure."""
        raised, self.failure, self.hook = self.failure, None, None
        if status != lib.KETCH_HOOK:
            raise failure(status, self.error)
        # Without an exception to show, an interrupt came while another was being stored.
        try:
            raise raised or (_unowned.pop() if _unowned else KeyboardInterrupt())
        finally:
            del raised  # or the exception would hold itself through this frame


# Where numbers[...] has the fields of ketch_shots: quicker than to set them by name.
SHOTS, SEED = (ffi.offsetof("ketch_shots", name) // 8 for name in ("shots", "seed"))

frames: deque[Frame] = deque(maxlen=16)  # to take from and to give back to
FENCE = object()  # what a look finds at a fence of a job that has no state to show
_unowned: list[BaseException] = []  # exceptions of hooks whose frame was not to be found


def frame_take(hook: HookCall | None, settings: Settings) -> Frame:
    """A frame for a call with this hook and these settings."""
    try:
        frame = frames.pop()
    except IndexError:
        frame = Frame()
    frame.hook = hook
    if frame.settings is not settings:
        frame.set(settings)
    return frame


def frame_give(frame: Frame) -> None:
    """Keeps a frame for the next call; only after a call that raised nothing."""
    frame.hook = None
    frames.append(frame)


# ---- the hook


def _hook_interrupted(kind: object, exception: BaseException, traceback: Any) -> None:
    """An exception outside the hook's own try: Ctrl-C at its first line."""
    user = traceback.tb_frame.f_locals.get("user") if traceback is not None else None
    if user is None:
        _unowned.append(exception)
    else:
        ffi.from_handle(user).failure = exception


@ffi.def_extern(name="ketch_py_hook", error=-1, onerror=_hook_interrupted)  # type: ignore[untyped-decorator]
def _hook(step: Pointer, user: Pointer) -> int:
    frame: Frame = ffi.from_handle(user)
    try:
        hook = frame.hook
        if hook is None:
            return 0
        total, fraction = step.total, step.fraction
        if total == UNKNOWN:
            total = fraction = None
        phase, view = optional_text(step.phase), frame.look(step)
        return hook(step.done, total, fraction, step.seconds, phase, step.number, view)
    except BaseException as exception:
        frame.failure = exception
        return -1


# ---- running


# Runs a program and puts the result in a frame's place: the place, the engine, the program, a state
# or (NULL) |0...0>, a frame's shots or (NULL) none, its run, its error. Gives the status. It has no
# Python function around it: a call costs as much as a small circuit's pass.
program_run: Callable[..., int] = lib.ketch_py_run


def resume(frame: Frame, engine: EngineHandle, result: ResultHandle) -> int:
    """Carries a suspended run on; gives the status."""
    return int(lib.ketch_py_resume(engine[0], result, frame.run, frame.error))


def end_result(frame: Frame) -> None:
    """Ends the result in a frame's place, if there is one."""
    lib.ketch_py_end_result(frame.place)


# ---- results


setattr(_ketch, "Owner", locked("ketch_py_make_owner", ctypes.py_object)())  # noqa: B010
Owner = _ketch.Owner
_RESULT = ffi.typeof("ketch_result *")


class Run(Owner):
    """A result's handle, ended with the object."""

    __slots__ = ()

    @property
    def _handle(self) -> ResultHandle:
        handle: ResultHandle = ffi.cast(_RESULT, self._address)
        return handle


def status(result: ResultHandle) -> str:
    """How the run stands, as "STOPPED"."""
    return status_name(lib.ketch_result_status(result))


def position(result: ResultHandle) -> dict[str, Any]:
    """The fields of ketch_position, with None for what is unknown."""
    place = struct("ketch_position")
    call(lib.ketch_result_get_position, place, result)
    found = fields(place)
    found["total"] = None if found["total"] == UNKNOWN else found["total"]
    found["phase"] = optional_text(found["phase"])
    found["indices"], count = found.pop("count"), found.pop("open_count")
    found["open"] = tuple(place.open[i] for i in range(count))
    return found


def report(result: ResultHandle) -> dict[str, Any]:
    """The fields of ketch_report."""
    place = struct("ketch_report")
    call(lib.ketch_result_get_report, place, result)
    found = fields(place)
    return found | {"phase": optional_text(found["phase"])}


# ---- the end of the process

END_SECONDS = 0.5  # the longest wait for runs of daemon threads

# Threads that are no daemons have ended when Python calls this; daemon threads are cut off by it,
# those of all interpreters.
if locked("ketch_py_is_main", ctypes.c_int)():
    atexit.register(lib.ketch_py_end, END_SECONDS)
os.register_at_fork(after_in_child=lib.ketch_py_forked)
