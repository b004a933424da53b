"""Python's lock in trainings and runs of networks: it is taken for callbacks alone, and a signal is
heeded without it."""

import asyncio
import os
import signal
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from conftest import figure
from ketch import glia
from ketch._native import glia_evolve, glia_runs, glia_train

NEWNET = "NEWNET S=64 H=128 O=10 POOL=1\n"
EVOLUTION = glia.create_evo_config(population=4, generations=3)
CONFIG = glia.create_config(warmup_ticks=10, decision_window=30, shuffle=False, lr=1e-6)


def episodes(count: int) -> glia.Dataset:
    """For this network, 40 ticks each."""
    rows = [[200.0 * ((i * tick) % 3 == 0) for i in range(64)] for tick in range(40)]
    sequence = glia.create_sequence_from_array(rows, [f"S{i}" for i in range(64)])
    return glia.Dataset([(sequence, f"O{i % 10}") for i in range(count)])


def trainer() -> glia.Trainer:
    return glia.Trainer(glia.Network.from_text(NEWNET, seed=1), CONFIG)


def data_for(seconds: float, made: glia.Trainer) -> glia.Dataset:
    """Episodes whose epoch takes about so long."""
    made.train(episodes(20), 1)
    begun = time.thread_time()
    made.train(episodes(100), 1)
    return episodes(max(1, int(100 * seconds / (time.thread_time() - begun))))


def train_for(seconds: float, made: glia.Trainer, **options: Any) -> glia.History:
    """Two epochs of about so long."""
    return made.train(data_for(seconds, made), 2, **options)


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One for each time that C called Python's hook."""
    found: list[object] = []
    for module, name in (
        (glia_train, "look_at_epoch"),
        (glia_runs, "look_at_net"),
        (glia_evolve, "look_at_generation"),
    ):
        look = getattr(module, name)

        def counted(step: Any, look: Callable[[Any], Any] = look) -> Any:
            found.append(look)
            return look(step)

        monkeypatch.setattr(module, name, counted)
    return found


def in_thread(call: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()


PLACES = pytest.mark.parametrize("place", [lambda call: call(), in_thread], ids=["main", "thread"])


@PLACES
def test_a_training_takes_the_lock_for_callbacks_alone(place: Any, entries: list[object]) -> None:
    made = trainer()
    place(lambda: train_for(0.3, made))
    assert entries == []
    called: list[int] = []
    place(lambda: train_for(0.3, made, callback=lambda epoch, *_: called.append(epoch)))
    assert called == [0, 1] and len(entries) == 2
    entries.clear()
    place(lambda: train_for(1.0, made, progress=True))
    assert len(entries) > 2  # a bar moves between the ends of epochs, too


@PLACES
def test_runs_and_evolutions_take_no_lock(place: Any, entries: list[object]) -> None:
    net = glia.Network.from_text(NEWNET, seed=1)
    begun = time.perf_counter()
    place(lambda: net.run(ticks=300_000, record=False, hook_every=100_000))
    data = episodes(30)
    place(lambda: glia.evolve(net, data, data, CONFIG, evo=EVOLUTION))
    assert entries == [] and time.perf_counter() - begun > 0.05  # in which signals are looked for
    place(lambda: net.run(ticks=30, hook_every=10, hook=lambda step: None))
    assert len(entries) == 3


@contextmanager
def interrupted_after(seconds: float) -> Iterator[None]:
    """Ctrl-C, which comes out soon, also where the machine has other work."""
    sent: list[float] = []

    def send() -> None:
        time.sleep(seconds)
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=send)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        yield
    assert time.perf_counter() - sent[0] < 2
    thread.join()


def endlessly(made: glia.Trainer, **options: Any) -> None:
    made.train(episodes(10), 10**9, **options)


@pytest.mark.parametrize("options", [{}, {"callback": lambda *_: None, "callback_seconds": 100.0}])
def test_ctrl_c_ends_a_training_that_takes_no_lock(options: Any) -> None:
    made = trainer()
    with interrupted_after(0.3):
        endlessly(made, **options)
    with interrupted_after(0.3):
        made.network.run(ticks=2**40, record=False)
    assert signal.set_wakeup_fd(-1) == -1
    made.train(episodes(3), 1)


def test_ctrl_c_ends_a_training_within_a_callback_of_another() -> None:
    outer, inner = trainer(), trainer()
    with interrupted_after(0.3):
        outer.train(episodes(3), 1, callback=lambda *_: endlessly(inner))
    assert signal.set_wakeup_fd(-1) == -1


def test_another_signals_handler_is_called_while_a_training_goes_on() -> None:
    called: list[int] = []
    made = trainer()

    def handle(number: int, frame: object) -> None:
        called.append(number)
        made.stop()

    before = signal.signal(signal.SIGUSR1, handle)
    try:
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGUSR1)).start()
        endlessly(made)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert called == [signal.SIGUSR1] and made.history.status == "STOPPED"


def test_an_event_loop_keeps_its_signals() -> None:
    made, came = trainer(), []

    async def work() -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, lambda: came.append(made.history.status))
        os.kill(os.getpid(), signal.SIGUSR1)
        made.train(episodes(3), 1)  # the loop stands meanwhile
        await asyncio.sleep(0.05)
        with interrupted_after(0.3):
            endlessly(made)
        loop.remove_signal_handler(signal.SIGUSR1)

    asyncio.new_event_loop().run_until_complete(work())
    assert came == ["OK"]


def test_a_child_heeds_its_own_signals(script: Any) -> None:
    done = script(
        f"""
        import os, signal, threading, sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from test_glia_lock import endlessly, episodes, trainer
        made = trainer()
        made.train(episodes(3), 1)
        if os.fork() == 0:
            made = trainer()
            threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
            try:
                endlessly(made)
            except KeyboardInterrupt:
                os._exit(7)
        made.train(episodes(3), 2)
        print(os.waitstatus_to_exitcode(os.wait()[1]))
        """
    )
    assert done.stdout.strip() == "7", done.stderr


# ---- what it costs


@contextmanager
def busy_thread() -> Iterator[None]:
    """Another thread that computes in Python."""
    stop = threading.Event()

    def spin() -> None:
        count = 0
        while not stop.is_set():
            count += 1

    thread = threading.Thread(target=spin)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def waits(call: Callable[[], object]) -> tuple[float, float]:
    """Seconds on a processor, and seconds in which this thread slept: it waited for the lock. Those
    in the queue for a processor are in neither, so that a loaded machine counts less."""
    schedule = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
    if not schedule.exists():
        pytest.skip("the system does not tell how long threads wait")

    def spent() -> list[float]:
        return [int(word) * 1e-9 for word in schedule.read_text().split()[:2]]

    (run, queued), begun = spent(), time.perf_counter()
    call()
    seconds, (run_after, queued_after) = time.perf_counter() - begun, spent()
    return run_after - run, seconds - (run_after - run) - (queued_after - queued)


def test_a_busy_thread_holds_up_callbacks_alone() -> None:
    made, calls = trainer(), [0]
    data, shares, each = data_for(0.1, made), [], []

    def count(*_: object) -> None:
        calls[0] += 1

    for _ in range(5):
        with busy_thread():
            run, plain = waits(lambda: made.train(data, 6))
            _, called = waits(lambda: made.train(data, 6, callback=count))
        shares.append(plain / run)
        each.append((called - plain) / 6)
    assert calls[0] == 30
    share, one = statistics.median(shares), statistics.median(each)
    what = "of a training of 0.6 s beside a busy thread without callbacks, waits for the lock"
    figure("P15", what, 100 * share, "%")
    figure("P15", "and more for each callback, about 5 ms on idle cores", 1000 * one, "ms")
    assert share < 0.3 and one < 0.06  # the share was 1 when ticks took the lock


def test_what_a_callback_costs() -> None:
    made, data = glia.Trainer(glia.Network(1).add_neuron("O0")), episodes(1)
    config = glia.create_config(warmup_ticks=1, decision_window=1, checkpoints_enable=False)
    data = glia.Dataset([(data[0].seq, "O0")])

    def cost(callback: Any) -> float:
        begun = time.thread_time()
        made.train(data, 3000, config, callback=callback)
        return (time.thread_time() - begun) / 3000

    pairs = [(cost(lambda *_: None), cost(None)) for _ in range(9)]
    more = min(one for one, _ in pairs) - min(two for _, two in pairs)
    figure("P15", "a callback of a training", 1e6 * more, "us")
    assert more < 40e-6


def test_two_trainers_do_not_wait_for_each_other() -> None:
    def work(_: int) -> tuple[float, float]:
        made = trainer()
        data = data_for(0.1, made)
        return waits(lambda: made.train(data, 6, callback=lambda *_: None))

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(work, range(2)))
    share = max(0, sum(slept for _, slept in found)) / sum(run for run, _ in found)
    figure("P14", "two trainers' wait for the lock, of their processor time", 100 * share, "%")
    assert share < 0.05
