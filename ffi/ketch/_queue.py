"""The queue of a pool: tasks, and the threads that carry them out."""

from __future__ import annotations

import os
import weakref
from collections import deque
from collections.abc import Callable, Mapping
from threading import Condition, Thread, current_thread
from typing import Any, Protocol

from ._circuit import Circuit
from ._engine import Engine
from ._errors import failed
from ._hooks import TICK
from ._native.runs import Settings as Native
from ._parameter import Values
from ._result import Result
from ._stop import Stop

FORGOTTEN = 10.0  # seconds after which idle threads look whether their pool is still there


class Task(Protocol):
    """What a queue carries out."""

    options: Mapping[str, Any]

    def carry(self, worker: Worker) -> None:
        """Carries it out, and raises nothing."""

    def drop(self) -> None:
        """Says that it never will be; called once, in place of carry."""

    def joined(self, waiting: deque[Task], share: int) -> Task:
        """A task of itself and of some that wait behind it, which are taken from there, up to
        `share` in all; or itself."""


class Job:
    """A circuit to run, as it stands, perhaps with values of its own. version: the circuit's; a
    circuit that grows before its turn would run as another one than was meant."""

    __slots__ = ("circuit", "options", "version")

    def __init__(
        self, circuit: Circuit, options: Mapping[str, Any], values: Values | None = None
    ) -> None:
        self.circuit = circuit
        self.options = options if values is None else {**options, "values": values}
        self.version = circuit._version

    def check(self) -> None:
        """Refuses a circuit that has grown."""
        if self.circuit._version != self.version:
            what = "the circuit was added to while it waited for an engine"
            allowed = "circuit.copy(), or no additions"
            raise failed("MISMATCH", "circuit", self.circuit, allowed, what)

    def run(self, engine: Engine) -> Result:
        """Runs it."""
        self.check()
        return engine.run(self.circuit, **self.options)


class Worker:
    """An engine, and the task that its thread carries out. All but the engine is the queue's; a
    worker of no queue runs what its caller wants until it is stopped."""

    __slots__ = ("engine", "is_stopped", "task", "thread", "token")

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.token = Stop()
        self.engine._plain = Native(TICK, 0.0, self.token._handle)
        self.is_stopped = False
        self.task: Task | None = None
        self.thread: Thread | None = None

    def begin(self, task: Task) -> None:
        """Takes a task, which an earlier stop does not mean."""
        if self.is_stopped:
            self.token.clear()
            self.is_stopped = False
        self.task = task

    def stop(self) -> None:
        """Ends the task's run through the engine's token, and through one that the caller gave."""
        self.is_stopped = True
        self.token.set()
        given = self.task.options.get("stop") if self.task else None
        if isinstance(given, Stop):
            given.set()


class Queue:
    """Tasks in order, and the workers that take them. Its lock is held for a few steps at a time,
    and by no run. Threads are daemons: a queue does not hold up the end of the process."""

    def __init__(self, workers: list[Worker]) -> None:
        self.workers = workers
        self.process = os.getpid()
        self._ready = Condition()
        self._tasks: deque[Task] = deque()
        self._begun = 0  # workers that have a thread
        self._idle = 0
        self._closed = False

    @property
    def counts(self) -> tuple[int, int]:
        """Tasks that wait, and tasks that are carried out."""
        with self._ready:
            running = [worker.task for worker in self.workers if worker.task is not None]
            return len(self._tasks), len(running)

    @property
    def closed(self) -> bool:
        """Whether it takes no more tasks."""
        return self._closed

    def check(self) -> None:
        """Refuses where it takes no more tasks."""
        if self._closed:
            raise failed("HANDLE", "pool", "a closed pool", "an open one", "this pool is closed")

    def put(self, task: Task, owner: object) -> None:
        """Adds a task. owner: the threads end some time after it is gone."""
        with self._ready:
            self.check()
            if self._begun < len(self.workers) and self._idle <= len(self._tasks):
                self._begin_thread(owner)
            self._tasks.append(task)
            if self._idle:
                self._ready.notify()

    def _begin_thread(self, owner: object) -> None:
        worker = self.workers[self._begun]
        name, arguments = f"ketch.Pool-{self._begun}", (self, worker, weakref.ref(owner))
        worker.thread = Thread(target=_work, args=arguments, name=name, daemon=True)
        worker.thread.start()
        self._begun += 1

    def take(self, worker: Worker, is_there: Callable[[], object]) -> Task | None:
        """The next task for a worker; None: there will be no more."""
        with self._ready:
            worker.task = None
            while not self._tasks:
                if self._closed or is_there() is None:
                    return None
                self._idle += 1
                self._ready.wait(FORGOTTEN)
                self._idle -= 1
            waiting = self._tasks
            task = waiting.popleft()
            task = task.joined(waiting, len(waiting) // len(self.workers))
            worker.begin(task)
            return task

    def stop(self, is_meant: Callable[[Task], bool]) -> None:
        """Drops the tasks that are meant, and ends their runs; does not wait for these."""
        with self._ready:
            dropped = [task for task in self._tasks if is_meant(task)]
            self._tasks = deque(task for task in self._tasks if not is_meant(task))
            for worker in self.workers:
                if worker.task is not None and is_meant(worker.task):
                    worker.stop()
        for task in dropped:
            task.drop()

    def close(self) -> None:
        """Takes no more tasks, and waits until all are carried out; not for the calling thread's
        own."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()
        for worker in self.workers:
            if worker.thread is not None and worker.thread is not current_thread():
                worker.thread.join()


def _work(queue: Queue, worker: Worker, owner: Callable[[], object]) -> None:
    """What a worker's thread does."""
    while (task := queue.take(worker, owner)) is not None:
        task.carry(worker)
        del task  # the thread may wait for the next one for long
