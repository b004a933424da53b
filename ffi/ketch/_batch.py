"""Many circuits on a pool, whose results are read in order."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from functools import cached_property
from itertools import chain
from threading import Condition
from typing import Any, TypeAlias

from ._bundle import Bundle, Wanted, fits, guess
from ._circuit import Circuit
from ._engines import Engines
from ._errors import wrong_type
from ._hooks import TICK
from ._parameter import Values
from ._progress import Bar
from ._queue import Job, Queue, Task, Worker
from ._result import Result

# What is run: a circuit, or a circuit with values of its own.
Item: TypeAlias = Circuit | tuple[Circuit, Values]

# How far runs go ahead of the results that were read: so many circuits, so many bytes of states.
AHEAD_MAX = 1024
AHEAD_BYTES = 2**24

# Circuits that take less than GROUP_SECONDS go through the queue in groups that take as long, as
# the queue would take longer than they do: so many circuits, so many bytes of states.
GROUP_SECONDS = 0.001
GROUP_MAX = 512
GROUP_BYTES = 2**20

# The first circuits, as long as each takes less, are run by the thread that reads: to prepare a run
# for another thread, to hand it over and to read its result takes as long.
SHORT_SECONDS = 0.00003

GLANCE = 0.0005  # seconds after which a waiting thread looks by itself, before it asks to be told


class _Bundled(Bundle):
    """Runs of a group in one call into C, whose results are there when all have run."""

    def __init__(self, batch: Batch) -> None:
        super().__init__(batch.pending)
        self._batch = batch
        self.ready = 0

    def put(self, circuit: Circuit, values: Values | None) -> None:
        """Adds a run."""
        self.add(self._batch.wanted, circuit, values)

    def run(self, worker: Worker) -> None:
        """Carries them out, up to one that fails or a stop."""
        failure = self.carry(worker.engine, worker.token)
        self.ready = self.done
        if failure is not None:
            raise failure


class _Looped:
    """Runs of a group in a loop of Python, whose results are there one by one."""

    def __init__(self, batch: Batch) -> None:
        self.seconds = 0.0
        self.took = 0.0
        self._batch = batch
        self._jobs: list[Job] = []
        self._results: list[Result | None] = []

    def put(self, circuit: Circuit, values: Values | None) -> None:
        """Adds a run."""
        self._jobs.append(Job(circuit, self._batch.options, values))
        self.seconds += guess(circuit, 0, is_planned=True)

    def run(self, worker: Worker) -> None:
        """Carries them out, up to one that fails or a stop."""
        begun = time.perf_counter()
        for job in self._jobs:
            if worker.is_stopped:
                break
            self._results.append(job.run(worker.engine))
            if self._batch.is_awaited:
                self._batch.tell()
        self.took = time.perf_counter() - begun

    @property
    def ready(self) -> int:
        """How many results are there."""
        return len(self._results)

    def result(self, index: int) -> Result:
        """That result, once."""
        result, self._results[index] = self._results[index], None
        assert result is not None
        return result


class _Group:
    """Circuits of a batch that run one after the other. count: how many; bytes: of their states;
    read: how many results were. is_ended, set last: there will be no more."""

    __slots__ = ("batch", "bytes", "count", "failure", "is_ended", "options", "read", "runs")

    def __init__(self, batch: Batch, runs: _Bundled | _Looped, count: int, size: int) -> None:
        self.batch = batch
        self.options = batch.options
        self.runs = runs
        self.count = count
        self.bytes = size
        self.read = 0
        self.failure: BaseException | None = None
        self.is_ended = False

    def carry(self, worker: Worker) -> None:
        """Runs them."""
        try:
            self.runs.run(worker)
            if self.runs.ready < self.count:
                raise _cancelled()
        except BaseException as failure:
            self.failure = failure
        self._end()

    def drop(self) -> None:
        """Leaves them."""
        self.failure = _cancelled()
        self._end()

    def joined(self, waiting: deque[Task], share: int) -> Task:
        """Itself."""
        return self

    def _end(self) -> None:
        self.is_ended = True
        self.batch.tell()

    def has_next(self) -> bool:
        """Whether the next result is there, or never will be."""
        return self.runs.ready > self.read or self.is_ended

    def next(self) -> Result:
        """The next result, or why there is none."""
        index = self.read
        if self.runs.ready > index:
            self.read = index + 1
            return self.runs.result(index)
        failure, self.failure = self.failure, None
        assert failure is not None
        try:
            raise failure
        finally:
            del failure  # or the exception would hold itself through this frame

    def left(self) -> list[Result | None]:
        """The results that were not read, with None where a circuit did not run."""
        ready = self.runs.ready
        found: list[Result | None] = [self.runs.result(i) for i in range(self.read, ready)]
        return found + [None] * (self.count - ready)


class Batch:
    """Circuits on their way through a queue. The thread that reads the results also reads the
    circuits, as many as may be ahead. owner: what keeps the queue's threads. engines: where it
    borrows one for circuits that it runs itself; beside: workers that do so."""

    def __init__(
        self,
        queue: Queue,
        owner: object,
        engines: Engines,
        beside: set[Worker],
        circuits: Iterable[Item],
        options: Mapping[str, Any],
        bar: Bar | None,
    ) -> None:
        self.options = options
        self.is_awaited = False
        self.pending: set[int] = set()
        self._kind = _Bundled if fits(options) else _Looped
        self._told = Condition()
        self._queue = queue
        self._owner = owner
        self._engines = engines
        self._beside = beside
        self._bar = bar
        self._left = len(circuits) if isinstance(circuits, Sized) else None
        self._total = self._left
        self._circuits: Iterator[Item] = iter(circuits)
        self._failure: Exception | None = None  # of the circuits, for when all before it are read
        self._groups: deque[_Group] = deque()
        self._is_short = False  # the circuits that come next are run by the thread that reads
        self._scale: float | None = None  # time over what was guessed; None: no group has ended yet
        self._ahead = 0
        self._bytes = 0
        self._read = 0
        try:
            self._is_short = self._begins_short()
            if not self._is_short:
                self._fill()
        except BaseException:
            self._stop()
            raise

    @cached_property
    def wanted(self) -> Wanted:
        """What is asked of all runs."""
        return Wanted(self.options, self._queue.workers[0].engine)

    def tell(self) -> None:
        """Wakes the thread that reads, where it asked for that."""
        if self.is_awaited:
            with self._told:
                self._told.notify()

    # ---- the thread that reads

    def results(self) -> Iterator[Result]:
        """The results in order. Whatever ends it stops what was not read."""
        try:
            if self._is_short:
                yield from self._short_results()
                self._fill()
            while self._groups:
                group = self._groups[0]
                while group.read < group.count:
                    if group.read == group.runs.ready:
                        self._wait(group.has_next)
                    if self._bar is not None:
                        self._show()
                    result = group.next()
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

    def _short_results(self) -> Iterator[Result]:
        """The results of the circuits before the first one that is not short."""
        worker = Worker(self._engines.take())
        self._beside.add(worker)
        try:
            run, options, short = worker.engine.run, self.options, None
            for item in self._circuits:
                circuit, values = _item(item)
                if circuit is not short:
                    if not self._takes_little(circuit):
                        self._circuits = chain([item], self._circuits)
                        break
                    short = circuit
                if worker.is_stopped:
                    raise _cancelled()
                given = options if values is None else {**options, "values": values}
                result = run(circuit, **given)
                self._read += 1
                if self._bar is not None:
                    self._bar.show(self._read, self._total)
                yield result
                del result  # its memory may be the next run's
        finally:
            self._beside.discard(worker)
            self._engines.give(worker.engine)
            if self._left is not None:
                self._left -= self._read

    def _begins_short(self) -> bool:
        """Whether the first circuit is short, and has nothing that is read once for all runs."""
        if not fits(self.options) or self.options.get("observe"):
            return False
        try:
            first = next(self._circuits)
            circuit, _ = _item(first)
            self._circuits = chain([first], self._circuits)
            return self._takes_little(circuit)
        except StopIteration:
            return False
        except Exception as failure:
            self._failure = failure
            return False

    def _takes_little(self, circuit: Circuit) -> bool:
        is_planned = bool(circuit._plans)
        return guess(circuit, self.wanted.shots, is_planned=is_planned) <= SHORT_SECONDS

    def _close(self, group: _Group) -> None:
        """Goes on to the next group."""
        self._groups.popleft()
        self._ahead -= group.count
        self._bytes -= group.bytes
        scale = group.runs.took / group.runs.seconds
        self._scale = scale if self._scale is None else (self._scale + scale) / 2
        self._fill()

    def _fill(self) -> None:
        """Queues circuits as far as they may be ahead."""
        while self._has_room() and (group := self._collect()):
            self._groups.append(group)
            self._ahead += group.count
            self._bytes += group.bytes
            self._queue.put(group, self._owner)

    def _has_room(self) -> bool:
        if len(self._groups) <= 2 * len(self._queue.workers):
            return True
        return self._scale is not None and self._ahead < AHEAD_MAX and self._bytes < AHEAD_BYTES

    def _collect(self) -> _Group | None:
        """Circuits for a group; None: there are no more, or reading them failed. A group is small
        enough that its engine leaves some to the others, and takes no longer to collect than to
        run."""
        runs = self._kind(self)
        count, size, most = 0, 0, self._most()
        seconds = GROUP_SECONDS / (self._scale or 1.0)
        deadline = time.perf_counter() + GROUP_SECONDS
        try:
            while self._failure is None and count < most:
                circuit, values = _item(next(self._circuits))
                runs.put(circuit, values)
                count += 1
                size += 16 << circuit._qubits
                if (
                    size >= GROUP_BYTES
                    or runs.seconds >= seconds
                    or time.perf_counter() >= deadline
                ):
                    break
        except StopIteration:
            pass
        except Exception as failure:
            self._failure = failure
        if self._left is not None:
            self._left -= count
        return _Group(self, runs, count, size) if count else None

    def _most(self) -> int:
        """The most circuits of a group."""
        if self._scale is None:
            return 1
        most = max(1, min(GROUP_MAX, AHEAD_MAX - self._ahead))
        if self._left is None:
            return most
        return max(1, min(most, self._left // (2 * len(self._queue.workers))))

    def _wait(self, is_there: Callable[[], bool]) -> None:
        """Until something is there. It takes a glance first: to be told of each result would take
        longer than a small circuit does."""
        time.sleep(GLANCE)
        if is_there():
            return
        with self._told:
            self.is_awaited = True
            while not is_there():
                self._told.wait(TICK if self._bar is not None else None)
                self._show()
            self.is_awaited = False

    def _show(self) -> None:
        if self._bar is not None:
            unread = sum(group.runs.ready - group.read for group in self._groups)
            self._bar.show(self._read + unread, self._total)

    def _stop(self) -> None:
        self._queue.stop(lambda task: isinstance(task, _Group) and task.batch is self)

    def _hand_over(self, interrupt: KeyboardInterrupt) -> None:
        """Stops all, and lets an interrupt carry what was not read."""
        self._stop()
        for group in self._groups:
            self._wait(lambda group=group: group.is_ended)  # type: ignore[misc]
        own = getattr(interrupt, "result", None)
        results = [own] if own else []
        results += [result for group in self._groups for result in group.left()]
        interrupt.result = results[0] if results else None  # type: ignore[attr-defined]
        interrupt.results = results  # type: ignore[attr-defined]


def _cancelled() -> BaseException:
    from concurrent.futures import CancelledError  # takes as long to import as all of ketch

    return CancelledError()


def _item(given: Item) -> tuple[Circuit, Values | None]:
    """A circuit, and values of its own."""
    if isinstance(given, Circuit):
        return given, None
    if isinstance(given, tuple) and len(given) == 2 and isinstance(given[0], Circuit):
        return given
    raise wrong_type("circuit", given, "Circuit, or a pair of a Circuit and values")
