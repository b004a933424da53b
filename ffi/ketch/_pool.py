"""Pools: several engines, each with a thread, that run circuits from a queue."""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from ._arena import Arena
from ._arguments import whole
from ._batch import GROUP_MAX, GROUP_SECONDS, Batch
from ._bundle import Bundle, Wanted, fits_any, guess
from ._circuit import Circuit
from ._engine import Engine
from ._engines import Engines
from ._errors import failed, wrong_type
from ._native import core
from ._options import RunOptions, takes
from ._parameter import Values
from ._progress import Progress, bar_of
from ._queue import Job, Queue, Task, Worker
from ._result import Result

# concurrent.futures is imported where it is used: it takes as long to import as all of ketch.
if TYPE_CHECKING:
    from concurrent.futures import Future

    from typing_extensions import Unpack

ENGINES_MAX = 64


class _Submitted(Job):
    """A circuit whose result a future gets."""

    __slots__ = ("future",)

    def __init__(self, circuit: Circuit, options: Mapping[str, Any]) -> None:
        from concurrent.futures import Future

        super().__init__(circuit, options)
        self.future: Future[Result] = Future()

    def carry(self, worker: Worker) -> None:
        """Runs it, unless it was cancelled."""
        future = self.future
        if not future.set_running_or_notify_cancel():
            return
        try:
            result = self.run(worker.engine)
        except BaseException as failure:
            future.set_exception(failure)
        else:
            future.set_result(result)

    def tell(self, found: Result | BaseException) -> None:
        """Says what came of it where it ran with others, unless it was cancelled meanwhile."""
        future = self.future
        if not future.set_running_or_notify_cancel():
            return
        if isinstance(found, BaseException):
            future.set_exception(found)
        else:
            future.set_result(found)

    def drop(self) -> None:
        """Cancels it."""
        self.future.cancel()
        self.future.set_running_or_notify_cancel()

    def joined(self, waiting: deque[Task], share: int) -> Task:
        """Itself with others that wait, where they take no longer than a group of a batch."""
        tasks, seconds = [self], self._seconds()
        most = min(share, GROUP_MAX)
        while waiting and len(tasks) < most and seconds < GROUP_SECONDS:
            task = waiting[0]
            if not isinstance(task, _Submitted) or (more := task._seconds()) > GROUP_SECONDS:
                break
            tasks.append(task)
            waiting.popleft()
            seconds += more
        return self if len(tasks) == 1 else _Joined(tasks)

    def _seconds(self) -> float:
        """What it takes, roughly; infinite where it cannot be in a bundle with others."""
        shots, circuit = self.options.get("shots") or 0, self.circuit
        if not fits_any(self.options) or type(shots) is not int:
            return math.inf
        return guess(circuit, shots, is_planned=bool(circuit._plans))


class _Joined:
    """Circuits that were submitted, to run in one bundle. Their futures wait until they have run:
    they can be cancelled until then."""

    def __init__(self, tasks: Sequence[_Submitted]) -> None:
        self.options: Mapping[str, Any] = {}
        self._tasks = tasks

    def carry(self, worker: Worker) -> None:
        """Runs those that can run."""
        bundle, added = Bundle(set()), list[_Submitted]()
        for task in self._tasks:
            try:
                task.check()
                bundle.add(Wanted(task.options, worker.engine), task.circuit)
            except BaseException as failure:
                task.tell(failure)
            else:
                added.append(task)
        if added:
            _run(bundle, added, worker)

    def drop(self) -> None:
        """Cancels them."""
        for task in self._tasks:
            task.drop()

    def joined(self, waiting: deque[Task], share: int) -> Task:
        """Itself."""
        return self


def _run(bundle: Bundle, tasks: Sequence[_Submitted], worker: Worker) -> None:
    """Runs the tasks of a bundle, each with its own result or failure; cancels those that a stop
    leaves."""
    told = 0
    while True:
        failure = bundle.carry(worker.engine, worker.token)
        for task in tasks[told : bundle.done]:
            task.tell(bundle.result(told))
            told += 1
        if failure is None:
            break
        tasks[told].tell(failure)
        bundle.skip()
        told += 1
    for task in tasks[told:]:
        task.drop()


class Pool:
    """Engines that run circuits side by side, in the order in which they were given.

    A `with` block ends when all has run. An exception or Ctrl-C in it stops the pool first. A pool
    does not hold up the end of the process: what is queued then never runs, and what runs is
    stopped. A child of fork needs a pool of its own.

    Parameters
    ----------
    engines : int, optional
        How many circuits run at once, from 1 to 64. None: as many as go with the cores that this
        process may use.
    threads : int, optional
        Of each engine, from 1 to 64. None: the cores shared among the engines; without `engines`
        one. Many circuits run best on one thread each, and few large ones on all.
    memory : int or str, optional
        The budget of all together, as for `Engine`.

    Raises
    ------
    RangeError
        For numbers outside their limits.

    Examples
    --------
    >>> circuits = [ketch.Circuit(2, 2).x(q).measure_all() for q in (0, 1)]
    >>> with ketch.Pool(engines=2) as pool:
    ...     future = pool.submit(circuits[0], shots=5)
    ...     [result.counts for result in pool.map(circuits, shots=10)]
    [{'01': 10}, {'10': 10}]
    >>> future.result().counts
    {'01': 5}
    """

    def __init__(
        self,
        engines: int | None = None,
        *,
        threads: int | None = None,
        memory: int | str | None = None,
    ) -> None:
        arena = Arena(memory)
        cores = Engine(arena=arena).threads
        if threads is None:
            threads = 1 if engines is None else max(1, cores // _number("engines", engines))
        if engines is None:
            engines = max(1, cores // _number("threads", threads))
        count, each = _number("engines", engines), _number("threads", threads)
        self._threads = each
        self._engines = Engines(arena, each)
        self._queue = Queue([Worker(self._engines.take()) for _ in range(count)])
        self._beside: set[Worker] = set()  # that run for threads which read results

    # ---- running

    @takes(RunOptions)
    def submit(self, circuit: Circuit, **options: Unpack[RunOptions]) -> Future[Result]:
        """Queue a circuit.

        Its hooks are called on the thread of its engine. The circuit may not grow until it has run:
        give a copy of one that does.

        Parameters
        ----------
        circuit : Circuit
            What to run.
        **options

        Returns
        -------
        concurrent.futures.Future
            Its ``result()`` waits for the Result, or raises what `Engine.run` raised. ``cancel()``
            takes a circuit from the queue; a run that is on is ended by its ``stop`` token.

        Raises
        ------
        HandleError
            Where the pool is closed, or was made by another process.

        Examples
        --------
        >>> theta = ketch.Parameter("theta")
        >>> circuit = ketch.Circuit(1).rx(theta, 0)
        >>> with ketch.Pool(2) as pool:
        ...     futures = [pool.submit(circuit, values=[x], observe=[{0: 1}]) for x in (0, 1, 2)]
        >>> [round(future.result().observed[0], 3) for future in futures]
        [1.0, 0.54, -0.416]
        """
        if not isinstance(circuit, Circuit):
            raise wrong_type("circuit", circuit, "Circuit")
        task = _Submitted(circuit, options)
        self._here().put(task, self)
        return task.future

    @takes(RunOptions)
    def map(
        self,
        circuits: Iterable[Circuit | tuple[Circuit, Values]],
        **options: Unpack[RunOptions],
    ) -> Iterator[Result]:
        """Run many circuits with the same options; their results come in the order of the circuits.

        Circuits may be any number, and made as they are needed: runs go ahead of the results that
        were read by at most 1024 circuits or 16 MiB of states. The first ones, as long as each
        takes less than 30 us, are run by the thread that reads. What ends the loop early stops the
        rest. KeyboardInterrupt has as ``results`` those not read, None for a run not yet begun.

        Parameters
        ----------
        circuits : iterable of Circuit, or of pairs of a Circuit and its values
            What to run.
        **options

        Returns
        -------
        iterator of Result
            It raises at its turn what a run raised. The progress bar counts circuits.

        Raises
        ------
        HandleError
            Where the pool is closed, or was made by another process.

        Examples
        --------
        >>> c = ketch.Circuit(1).rx(ketch.Parameter("x"), 0)
        >>> with ketch.Pool(2) as pool:
        ...     results = pool.map([(c, x) for x in (0.0, 1.0, 2.0)], observe=[{0: 1}])
        ...     [round(r.observed[0], 3) for r in results]
        [1.0, 0.54, -0.416]
        """
        queue, progress = self._here(), options.pop("progress", False)
        queue.check()
        bar = bar_of(progress, "circuit") if progress else None
        batch = Batch(queue, self, self._engines, self._beside, circuits, options, bar)
        return batch.results()

    def as_completed(
        self, futures: Iterable[Future[Result]], *, progress: Progress = False
    ) -> Iterator[Future[Result]]:
        """Wait for futures of `submit`, and give each as soon as it is done.

        Parameters
        ----------
        futures : iterable of Future
            Which; one given twice comes once.
        progress : bool or "always"
            Whether to draw a bar that counts them.

        Returns
        -------
        iterator of Future

        Examples
        --------
        >>> with ketch.Pool(2) as pool:
        ...     futures = {pool.submit(ketch.Circuit(n)): n for n in (1, 2, 3)}
        ...     sorted(futures[future] for future in pool.as_completed(futures))
        [1, 2, 3]
        """
        from concurrent.futures import as_completed

        waited = set(futures)
        bar = bar_of(progress, "circuit") if progress else None
        try:
            for done, future in enumerate(as_completed(waited)):
                if bar is not None:
                    bar.show(done + 1, len(waited))
                yield future
        finally:
            if bar is not None:
                bar.close()

    # ---- the pool itself

    def stop(self) -> None:
        """Take all from the queue and end what runs; from any thread, hooks included.

        Futures of queued circuits are cancelled. Runs that are on end soon, with a Result that
        `Engine.resume` carries on; where they have a ``stop`` token, it is set. What is submitted
        later runs.
        """
        self._here().stop(_all)
        for worker in list(self._beside):
            worker.stop()

    def close(self) -> None:
        """Take no more circuits, wait until those there are have run, and end the threads. Results
        live on."""
        if self._queue.process == os.getpid():
            self._queue.close()

    def __enter__(self) -> Pool:
        self._here()
        return self

    def __exit__(self, kind: object, *exception: object) -> None:
        if kind is not None and self._queue.process == os.getpid():
            self.stop()
        self.close()

    def _here(self) -> Queue:
        """The queue, in the process that has its threads."""
        if self._queue.process != os.getpid():
            what = "this pool was made by another process"
            raise failed("FORKED", "pool", "a pool of the parent", "a pool of this process", what)
        return self._queue

    @property
    def engines(self) -> int:
        """How many engines it has."""
        return len(self._queue.workers)

    @property
    def threads(self) -> int:
        """How many threads each of them has."""
        return self._threads

    def __repr__(self) -> str:
        if self._queue.process != os.getpid():
            return "Pool(of another process)"
        if self._queue.closed:
            return "Pool(closed)"
        queued, running = self._queue.counts
        return f"Pool({self.engines} engines, {queued} queued, {running} running)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Pool cannot be pickled: make one in each process")


def _all(task: Task) -> bool:
    return True


def _number(name: str, value: object) -> int:
    most = ENGINES_MAX if name == "engines" else core.THREADS_MAX
    return whole(name, value, f"1..{most}, or None", 1, most + 1)
