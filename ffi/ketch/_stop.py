"""Tokens that ask a run to end."""

from __future__ import annotations

from typing import NoReturn

from ._errors import wrong_type
from ._native import core
from ._native.handles import NULL, TokenHandle


class Stop:
    """A token that asks a run to end: set it from any thread, a hook or a signal handler.

    A run checks the token given to it, so one that is set before the run stops it at its
    beginning. It stays set until it is cleared.

    Examples
    --------
    >>> stop = ketch.Stop()
    >>> stop.set()
    >>> result = ketch.run(ketch.Circuit(10).h(range(10)), stop=stop)
    >>> result.status
    'STOPPED'
    """

    __slots__ = ("_handle",)

    def __init__(self) -> None:
        self._handle = core.token_new()

    def set(self) -> None:
        """Ask for the end."""
        core.token_set(self._handle)

    def clear(self) -> None:
        """Make it usable again."""
        core.token_clear(self._handle)

    def is_set(self) -> bool:
        """Whether it is set."""
        return core.token_read(self._handle)

    def __repr__(self) -> str:
        return f"Stop({'set' if self.is_set() else 'clear'})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Stop cannot be pickled: it means a run of this process")


def token_of(stop: Stop | None) -> TokenHandle:
    """The token for C; None: none."""
    if stop is None:
        return TokenHandle(NULL)
    if not isinstance(stop, Stop):
        raise wrong_type("stop", stop, "Stop or None")
    return stop._handle
