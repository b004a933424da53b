"""What trainers and fitters share: calls that are carried, stopped, and remembered by epochs."""

from __future__ import annotations

from ._carry import Begin, Carrying, Stops, carry
from ._history import History


class Learner:
    """Something that learns by calls, and keeps their history."""

    def __init__(self) -> None:
        self._stops = Stops()
        self._history = History()

    def _carried(self, begin: Begin, how: Carrying) -> History:
        with self._stops.during(how.stop):
            epochs, status, failure = carry(begin, how)
        for epoch in epochs:
            self._history.add(epoch)
        if failure is not None:
            raise failure
        self._history.status = status
        return History(epochs, status)

    def stop(self) -> None:
        """Ask the call that is on to end; from any thread. Where none is on it does nothing."""
        self._stops.set()

    @property
    def history(self) -> History:
        """The numbers of all epochs that this object has made."""
        return self._history
