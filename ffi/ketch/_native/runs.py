"""Runs: the call into C that runs, the hook that C calls back, what any result says."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, NoReturn, TypeAlias

from .._ketch import ffi, lib
from .base import Pointer, call, failure, fields, status_name, struct
from .handles import NULL, EngineHandle, ProgramHandle, ResultHandle, StateHandle, TokenHandle
from .observables import Observables

# How to run: seconds between ticks, the timeout in seconds (0: none), the token, what is asked.
Settings: TypeAlias = "tuple[float, float, TokenHandle, Observables | None]"
# Gets done, total, fraction, seconds and the view of a step.
HookCall: TypeAlias = Callable[[int, int, float, float, Any], int]


def _end_call(call: Pointer) -> None:
    lib.ketch_result_destroy(call.result)


class Frame:
    """The C structs of one call that runs, kept for the next one, and what its hook left behind.

    Frames are taken from a queue by atomic steps: a frame that an interrupt loses is only garbage.
    """

    __slots__ = ("call", "failure", "hook", "me", "settings")

    def __init__(self) -> None:
        self.call = ffi.gc(ffi.new("ketch_py_call *"), _end_call)
        self.call.error.size = ffi.sizeof("ketch_error")
        self.call.run.size = ffi.sizeof("ketch_run")
        self.me = ffi.new_handle(self)
        self.call.run.hook, self.call.run.user = lib.ketch_py_hook, self.me
        self.failure: BaseException | None = None
        self.hook: HookCall | None = None
        self.settings: Settings = 0.0, 0.0, NULL, None

    def set(self, settings: Settings) -> None:
        """Fills in how to run, and keeps alive what C will read."""
        run = self.call.run
        run.tick_seconds, run.timeout, run.stop, asked = settings
        run.observables = asked.array if asked else NULL
        run.observable_count = len(asked.counts) if asked else 0
        self.settings = settings

    def fail(self, status: int) -> NoReturn:
        """After the C call: raises what the hook raised, or C's failure."""
        raised, self.failure, self.hook = self.failure, None, None
        if status != lib.KETCH_HOOK:
            raise failure(status, self.call.error)
        # Without an exception to show, an interrupt came while another was being stored.
        try:
            raise raised or (_orphans.pop() if _orphans else KeyboardInterrupt())
        finally:
            del raised  # or the exception would hold itself through this frame


frames: deque[Frame] = deque(maxlen=16)  # to take from and to give back to
_orphans: list[BaseException] = []  # exceptions of hooks whose frame was not to be found


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
        _orphans.append(exception)
    else:
        ffi.from_handle(user).failure = exception


@ffi.def_extern(name="ketch_py_hook", error=-1, onerror=_hook_interrupted)  # type: ignore[untyped-decorator]
def _hook(step: Pointer, user: Pointer) -> int:
    frame: Frame = ffi.from_handle(user)
    try:
        hook = frame.hook
        if hook is None:
            return 0
        return hook(step.done, step.total, step.fraction, step.seconds, step.view)
    except BaseException as exception:
        frame.failure = exception
        return -1


# ---- running

# Runs a program: a frame's call, engine, program, a state or (NULL) |0...0>, shots, seed. Gives the
# status; the call has the result.
run: Callable[[Any, EngineHandle, ProgramHandle, StateHandle, int, int], int] = lib.ketch_py_run


def resume(frame: Frame, engine: EngineHandle, result: ResultHandle) -> int:
    """Carries a suspended run on; gives the status."""
    call = frame.call
    places = ffi.addressof(call, "run"), ffi.addressof(call, "error")
    return int(lib.ketch_engine_resume(engine[0], result, *places))


# ---- results


class Run:
    """A result's handle, ended with the object."""

    __slots__ = ("_handle",)
    _handle: ResultHandle

    def __del__(self, end: Callable[[Any], None] = lib.ketch_result_destroy) -> None:
        end(self._handle)


def status(result: ResultHandle) -> str:
    """How the run stands, as "STOPPED"."""
    return status_name(lib.ketch_result_status(result))


def position(result: ResultHandle) -> dict[str, int]:
    """The fields of ketch_position."""
    found = struct("ketch_position")
    call(lib.ketch_result_get_position, found, result)
    return fields(found)


def report(result: ResultHandle) -> dict[str, Any]:
    """The fields of ketch_report."""
    found = struct("ketch_report")
    call(lib.ketch_result_get_report, found, result)
    return fields(found)
