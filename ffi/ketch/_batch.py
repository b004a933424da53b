"""Many circuits on a pool, whose results are read in order."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sized
from threading import Condition
from typing import Any

from ._circuit import Circuit
from ._errors import wrong_type
from ._hooks import TICK
from ._progress import Bar
from ._queue import Job, Queue, Worker
from ._result import Result

# How far runs go ahead of the results that were read: so many circuits, so many bytes of states.
AHEAD_MAX = 256
AHEAD_BYTES = 2**24

# Circuits that take less than GROUP_SECONDS go through the queue in groups that take as long, as
# the queue would take longer than they do: so many circuits, so many bytes of states.
GROUP_SECONDS = 0.001
GROUP_MAX = 32
GROUP_BYTES = 2**20

GLANCE = 0.0005  # seconds after which a waiting thread looks by itself, before it asks to be told


class _Group:
    """Circuits of a batch that run one after the other. results: of those that have run, until
    they are read. is_ended, set last: there will be no more."""

    __slots__ = ("batch", "bytes", "failure", "is_ended", "jobs", "options", "results", "seconds")

    def __init__(self, batch: Batch, circuits: list[Circuit]) -> None:
        self.batch = batch
        self.options = batch.options
        self.jobs = [Job(circuit, batch.options) for circuit in circuits]
        self.bytes = sum(map(_bytes, circuits))
        self.results: list[Result | None] = []
        self.failure: BaseException | None = None
        self.seconds = 0.0
        self.is_ended = False

    def carry(self, worker: Worker) -> None:
        """Runs them, up to one that fails or a stop."""
        begun = time.perf_counter()
        try:
            for job in self.jobs:
                if worker.is_stopped:
                    raise _cancelled()
                self.results.append(job.run(worker.engine))
                if self.batch.is_awaited:
                    self.batch.tell()
        except BaseException as failure:
            self.failure = failure
        self.seconds = time.perf_counter() - begun
        self._end()

    def drop(self) -> None:
        """Leaves them."""
        self.failure = _cancelled()
        self._end()

    def _end(self) -> None:
        self.is_ended = True
        self.batch.tell()

    def has(self, index: int) -> bool:
        """Whether that result is there, or never will be."""
        return len(self.results) > index or self.is_ended

    def read(self, index: int) -> Result:
        """That result, or why there is none; once."""
        if len(self.results) > index:
            result, self.results[index] = self.results[index], None
            assert result is not None
            return result
        failure, self.failure = self.failure, None
        assert failure is not None
        try:
            raise failure
        finally:
            del failure  # or the exception would hold itself through this frame

    @property
    def unread(self) -> int:
        """How many have run and were not read."""
        return len(self.results) - self.results.count(None)

    def left(self) -> list[Result | None]:
        """The results that were not read, with None where a circuit did not run."""
        found = [result for result in self.results if result is not None]
        return [*found, *[None] * (len(self.jobs) - len(self.results))]


class Batch:
    """Circuits on their way through a queue. The thread that reads the results also reads the
    circuits, as many as may be ahead. owner: what keeps the queue's threads."""

    def __init__(
        self,
        queue: Queue,
        owner: object,
        circuits: Iterable[Circuit],
        options: Mapping[str, Any],
        bar: Bar | None,
    ) -> None:
        self.options = options
        self.is_awaited = False
        self._told = Condition()
        self._queue = queue
        self._owner = owner
        self._bar = bar
        self._total = len(circuits) if isinstance(circuits, Sized) else None
        self._circuits = iter(circuits)
        self._failure: Exception | None = None  # of the circuits, for when all before it are read
        self._groups: deque[_Group] = deque()
        self._size: int | None = None  # of the next group; None: no group has ended yet
        self._ahead = 0
        self._bytes = 0
        self._read = 0
        try:
            self._fill()
        except BaseException:
            self._stop()
            raise

    def tell(self) -> None:
        """Wakes the thread that reads, where it asked for that."""
        if self.is_awaited:
            with self._told:
                self._told.notify()

    # ---- the thread that reads

    def results(self) -> Iterator[Result]:
        """The results in order. Whatever ends it stops what was not read."""
        try:
            while self._groups:
                group = self._groups[0]
                for index in range(len(group.jobs)):
                    self._wait(group, index)
                    self._show()
                    result = group.read(index)
                    self._read += 1
                    yield result
                    del result  # its memory may be the next run's
                self._close(group)
            if self._failure is not None:
                raise self._failure
        except KeyboardInterrupt as interrupt:
            self._hand_over(interrupt)
            raise
        finally:
            self._stop()
            if self._bar is not None:
                self._show()
                self._bar.close()

    def _close(self, group: _Group) -> None:
        """Goes on to the next group."""
        self._groups.popleft()
        self._ahead -= len(group.jobs)
        self._bytes -= group.bytes
        each = group.seconds / len(group.jobs)
        self._size = max(1, min(GROUP_MAX, int(GROUP_SECONDS / max(each, 1e-9))))
        self._fill()

    def _fill(self) -> None:
        """Queues circuits as far as they may be ahead."""
        while self._has_room() and (circuits := self._next_circuits()):
            group = _Group(self, circuits)
            self._groups.append(group)
            self._ahead += len(circuits)
            self._bytes += group.bytes
            self._queue.put(group, self._owner)

    def _has_room(self) -> bool:
        if len(self._groups) <= 2 * len(self._queue.workers):
            return True
        return self._size is not None and self._ahead < AHEAD_MAX and self._bytes < AHEAD_BYTES

    def _next_circuits(self) -> list[Circuit]:
        """Circuits for a group; none: there are no more, or reading them failed."""
        found: list[Circuit] = []
        size = 0
        try:
            while self._failure is None and len(found) < (self._size or 1) and size < GROUP_BYTES:
                found.append(_circuit(next(self._circuits)))
                size += _bytes(found[-1])
        except StopIteration:
            pass
        except Exception as failure:
            self._failure = failure
        return found

    def _wait(self, group: _Group, index: int) -> None:
        """Until that result is there. It takes a glance first: to be told of each result would
        take longer than a small circuit does."""
        if not group.has(index):
            time.sleep(GLANCE)
        if group.has(index):
            return
        with self._told:
            self.is_awaited = True
            while not group.has(index):
                self._told.wait(TICK if self._bar is not None else None)
                self._show()
            self.is_awaited = False

    def _show(self) -> None:
        if self._bar is not None:
            unread = sum(group.unread for group in self._groups)
            self._bar.show(self._read + unread, self._total)

    def _stop(self) -> None:
        self._queue.stop(lambda task: isinstance(task, _Group) and task.batch is self)

    def _hand_over(self, interrupt: KeyboardInterrupt) -> None:
        """Stops all, and lets an interrupt carry what was not read."""
        self._stop()
        for group in self._groups:
            self._wait(group, len(group.jobs))
        results = [result for group in self._groups for result in group.left()]
        interrupt.result = results[0] if results else None  # type: ignore[attr-defined]
        interrupt.results = results  # type: ignore[attr-defined]


def _cancelled() -> BaseException:
    from concurrent.futures import CancelledError  # takes as long to import as all of ketch

    return CancelledError()


def _bytes(circuit: Circuit) -> int:
    """Of its state."""
    return 16 << circuit.qubits


def _circuit(given: object) -> Circuit:
    if not isinstance(given, Circuit):
        raise wrong_type("circuit", given, "Circuit")
    return given
