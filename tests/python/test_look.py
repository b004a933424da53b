"""What is looked at: texts of states, results and reports, HTML, and plots."""

import dataclasses
import functools
import io
import pickle
import sys
import types
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import ketch
from ketch import _html, _kets, _progress, _units

# ---- the largest kets


def _amplitudes(size: int, seed: int, zeros: float = 0.0) -> NDArray[Any]:
    rng = numpy.random.default_rng(seed)
    numbers = rng.standard_normal(size) + 1j * rng.standard_normal(size)
    numbers[rng.random(size) < zeros] = 0
    numbers[rng.integers(size)] += 1
    found: NDArray[Any] = numbers / numpy.linalg.norm(numbers)
    return found


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 16), st.integers(0, 10**6), st.sampled_from([1, 3, 8, 40]), st.booleans())
def test_the_largest_kets_are_those_that_sorting_gives(
    qubits: int, seed: int, most: int, single: bool
) -> None:
    psi = _amplitudes(2**qubits, seed, zeros=0.3 * (seed % 3))
    psi = psi.astype(numpy.complex64) if single else psi
    found = _kets.largest(psi, most)
    nonzero = numpy.flatnonzero(abs(psi) > 1e-8)
    by_size = sorted(abs(psi[nonzero]), reverse=True)[:most]
    assert [abs(ket.amplitude) for ket in found.shown] == pytest.approx(by_size, rel=1e-3)
    assert len({ket.digits for ket in found.shown}) == len(by_size)
    assert all(psi[int(ket.digits, 2)] == ket.amplitude for ket in found.shown)
    assert all(len(ket.digits) == qubits for ket in found.shown)
    assert found.more == len(nonzero) - len(by_size)


@pytest.mark.parametrize("dtype", [numpy.complex64, numpy.complex128])
def test_of_kets_that_rounding_alone_tells_apart_the_lowest_are_shown(dtype: Any) -> None:
    rounding = 2e-7 * numpy.random.default_rng(1).standard_normal(2**15)
    psi = ((1 + rounding) / 2**7.5).astype(dtype)
    assert len(set(abs(psi))) > 1
    shown = _kets.largest(psi, 8).shown
    assert [int(ket.digits, 2) for ket in shown] == list(range(8))


def test_small_and_undefined_amplitudes_are_not_shown() -> None:
    psi = numpy.array([numpy.nan, 1, 1e-9, 0], complex)
    assert _kets.line(_kets.largest(psi, 8)) == "1|01>"
    assert _kets.line(_kets.largest(psi[2:], 8)) == "0"


@pytest.mark.parametrize(
    ("amplitudes", "text"),
    [
        ([1, 0], "1|0>"),
        ([0, -1], "-1|1>"),
        ([0.6, 0.8j], "0.8i|1> + 0.6|0>"),
        ([-0.6j, -0.8], "-0.8|1> - 0.6i|0>"),
        ([0.36 - 0.48j, 0.8], "0.8|1> + (0.36-0.48i)|0>"),
        ([0.5, 0.5, -0.5, 0.5], "0.5|00> + 0.5|01> - 0.5|10> + 0.5|11>"),
    ],
)
def test_kets_are_printed_as_sums(
    amplitudes: list[complex], text: str, engine: ketch.Engine
) -> None:
    state = engine.state(amplitudes)
    qubits = "1 qubit" if len(amplitudes) == 2 else "2 qubits"
    assert repr(state) == str(state) == f"State({qubits}, double: {text})"


# ---- states


def test_a_state_tells_how_many_kets_it_does_not_show(engine: ketch.Engine) -> None:
    text = repr(engine.state("+" * 5, precision="single"))
    assert text.startswith("State(5 qubits, single: 0.1768|00000> + 0.1768|00001>")
    assert text.endswith("0.1768|00111> + 24 more)") and text.count("|") == 8


def test_large_states_are_not_read_to_be_printed() -> None:
    qubits = _kets.QUBITS_MAX + 1
    with ketch.Engine(threads=1) as engine:
        state = engine.state(qubits, precision="single")
        assert repr(state) == f"State({qubits} qubits, single: 2^{qubits} amplitudes)"
        assert f"2^{qubits} amplitudes" in state._repr_html_()


def test_a_state_in_a_run_says_that_it_is_in_use(engine: ketch.Engine) -> None:
    state = engine.state(2)
    seen: list[str] = []
    engine.apply(
        ketch.Circuit(2).x(0).fence().x(1),
        state,
        hook=lambda step: seen.extend([repr(state), state._repr_html_()]),
    )
    assert seen and seen[0] == "State(2 qubits, double: in use)" and "in use" in seen[1]
    assert repr(state) == "State(2 qubits, double: 1|11>)"


def _deep(qubits: int) -> ketch.Circuit:
    circuit = ketch.Circuit(qubits).h(range(qubits))
    for _ in range(40):
        circuit.rx(0.1, range(qubits)).cx(range(qubits - 1), range(1, qubits))
    return circuit


def test_a_suspended_state_and_result_say_so(engine: ketch.Engine) -> None:
    state = engine.state(20)
    result = engine.apply(_deep(20), state, timeout=0.004)
    assert not result.position.fence
    assert repr(state) == "State(20 qubits, double: suspended)"
    position = result.position
    place = f"{position.done} of {position.total} steps"
    assert repr(result) == f"Result(TIMEOUT, 20 qubits, seed {result.seed}: {place})"
    assert place in result._repr_html_() and "TIMEOUT" in result._repr_html_()
    with pytest.raises(ketch.SuspendedError):
        result.plot()


def test_printing_a_state_changes_nothing(engine: ketch.Engine) -> None:
    plain, printed = engine.state("+-+"), engine.state("+-+")
    for angle in (0.1, 0.2):
        for state in (plain, printed):
            engine.apply(ketch.Circuit(3).rx(angle, range(3)).cx(0, 1), state)
        repr(printed)
    assert plain.amplitudes().tobytes() == printed.amplitudes().tobytes()


# ---- results and reports


def test_a_result_shows_counts_or_kets(engine: ketch.Engine) -> None:
    bell = ketch.Circuit(2, 2).h(0).cx(0, 1)
    result = engine.run(bell, seed=3)
    assert repr(result) == "Result(OK, 2 qubits, seed 3: 0.7071|00> + 0.7071|11>)"
    result = engine.run(bell.copy().measure_all(), shots=1000, seed=7)
    ranked = dict(sorted(result.counts.items(), key=lambda item: -item[1]))
    assert repr(result) == f"Result(OK, 2 qubits, 1000 shots, seed 7: {ranked})"
    result = engine.run(ketch.Circuit(6).h(range(6)).measure_all(), shots=500, seed=1)
    assert result.counts and len(result.counts) > 8
    assert repr(result).endswith(f"}} and {len(result.counts) - 8} more)")
    observed = engine.run(ketch.Circuit(1, 1).x(0), shots=3, seed=1, observe=["norm"])
    assert repr(observed).startswith("Result(OK, 1 qubit, 3 shots, seed 1: ")


def test_counts_that_take_long_are_not_told(
    engine: ketch.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = engine.run(ketch.Circuit(2).h(0).measure_all(), shots=50, seed=1)
    monkeypatch.setattr("ketch._looks._COUNTED_MAX", 99)
    assert "counts not told" in repr(result) and "counts not told" in result._repr_html_()


def test_a_result_that_goes_on_is_not_read(engine: ketch.Engine) -> None:
    result = engine.run(ketch.Circuit(2).x(0).fence().x(1).fence(), hook=lambda step: True)
    assert result.stopped and repr(result).endswith(": 1 of 2 steps)")
    seen: list[str] = []
    engine.resume(result, hook=lambda step: seen.append(repr(result)))
    assert seen and all("|" not in text for text in seen)
    assert repr(result).endswith(": 1|11>)")


def test_a_report_has_units(engine: ketch.Engine) -> None:
    report = engine.run(ketch.Circuit(3).h(range(3))).report
    sweeps, tiles = f"{report.sweeps} sweep", f"{report.indices} tile"
    assert f"Report(3 us, 3 steps, {sweeps}" in repr(dataclasses.replace(report, seconds=3e-6))
    assert tiles in repr(report)
    assert repr(report).startswith("Report(") and report.kernels and report.kernels in repr(report)
    assert "2 threads" in repr(report) and "0 ticks" not in repr(report)
    assert report.steps == 3


def test_a_short_run_is_measured_where_that_is_asked_for(engine: ketch.Engine) -> None:
    circuit, stop = ketch.Circuit(3).h(range(3)), ketch.Stop()
    prepared, state = engine.prepare(circuit), engine.state(3)
    calls: list[Callable[..., ketch.Result]] = [
        functools.partial(engine.run, circuit),
        functools.partial(ketch.run, circuit),
        functools.partial(engine.apply, circuit, state),
        prepared.run,
    ]
    for call in calls:
        for options in ({}, {"report": False}):
            assert call(**options).report.cpu_seconds is None
        report = call(report=True).report
        assert report.cpu_seconds is not None and report.cores_busy is not None
        assert report.cpu_seconds >= 0 and 0 < report.measured_seconds == report.seconds
        assert call().report.cpu_seconds is None
    stop.set()
    stopped = engine.run(circuit, stop=stop)
    assert stopped.report.cpu_seconds is None
    assert engine.resume(stopped, report=True).report.cpu_seconds is not None


def test_a_report_tells_cores_where_they_were_measured(engine: ketch.Engine) -> None:
    c = ketch.Circuit(20)
    for layer in range(10):
        c.h(range(20)).rx(0.1 * layer, range(20))
    long, short = engine.run(c).report, engine.run(ketch.Circuit(3).h(range(3))).report
    assert long.seconds == long.measured_seconds >= 1e-3
    assert long.cpu_seconds is not None and long.cores_busy is not None
    assert long.cpu_seconds > 0
    assert long.cores_busy == long.cpu_seconds / long.measured_seconds <= 2.1
    assert long.bytes_per_second == pytest.approx(long.bytes / long.seconds)
    assert f"{long.cores_busy:.2f} cores busy" in repr(long)
    assert short.cpu_seconds is short.cores_busy is None and short.measured_seconds == 0
    assert "busy" not in repr(short)
    with pytest.raises(dataclasses.FrozenInstanceError):
        long.seconds = 0.0  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(long)) == long != short
    for report in (long, short):
        assert _html_text(report)


def _html_text(report: ketch.Report) -> str:
    text = report._repr_html_()
    for field in dataclasses.fields(report):
        assert field.name in text
    return text


def test_a_report_is_plotted(pyplot: Any) -> None:
    made = ketch.Engine(threads=2).run(ketch.Circuit(3).h(range(3))).report
    report = dataclasses.replace(
        made,
        seconds=0.5,
        measured_seconds=0.5,
        cpu_seconds=0.75,
        cores_busy=1.5,
        bytes_per_second=2.0**30,
    )
    ax = report.plot()
    assert ax.get_title() == "1.50 of 2 cores busy, 1 GiB a second"
    assert [bar.get_width() for bar in ax.patches] == [0.5, 0.75]
    assert [label.get_text() for label in ax.texts] == ["500 ms", "750 ms"]
    assert list(ax.lines[0].get_xdata()) == [1.0, 1.0] and "2 threads busy" in ax.get_xlabel()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["time", "CPU time"]
    own = pyplot.figure().add_subplot()
    unknown = dataclasses.replace(report, cpu_seconds=None, cores_busy=None, measured_seconds=0.0)
    assert unknown.plot(own) is own and len(own.patches) == 1 and not own.lines
    assert own.get_title() == "2 threads, 1 GiB a second"


def test_numbers_with_units() -> None:
    times = [(2.0, "2 s"), (0.00519, "5.19 ms"), (5.19e-5, "51.9 us"), (1.5e-8, "15 ns")]
    assert [_units.seconds_text(seconds) for seconds, _ in times] == [text for _, text in times]
    assert _units.seconds_text(0.0) == "0 ns" and _units.seconds_text(12345.0) == "12345 s"
    sizes = [
        (0, "0 B"),
        (1023, "1023 B"),
        (1536, "1.5 KiB"),
        (2**30, "1 GiB"),
        (2**70, "1048576 PiB"),
    ]
    assert [_units.bytes_text(size) for size, _ in sizes] == [text for _, text in sizes]
    assert [_units.counted(n, "step") for n in (0, 1, 2)] == ["0 steps", "1 step", "2 steps"]


# ---- HTML


class Checked(HTMLParser):
    """Fails where tags are not closed in order; collects the text and how often each tag came."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.open.append(tag)
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_notebooks_get_tables(engine: ketch.Engine) -> None:
    state = Checked(engine.state("+0+")._repr_html_())
    assert state.tags.count("tr") == 5 and "|101>" in state.words and "0.25" in state.words
    result = engine.run(ketch.Circuit(2).h(0).cx(0, 1).measure_all(), shots=100, seed=7)
    page = Checked(result._repr_html_())
    assert page.words[0] == "Result: OK, 2 qubits, 100 shots, seed 7"
    assert page.tags.count("tr") == 3 and str(result.counts["11"]) in page.words
    kets = Checked(engine.run(ketch.Circuit(2).h(0), seed=1)._repr_html_())
    assert kets.tags.count("tr") == 3 and "|01>" in kets.words
    many = engine.run(ketch.Circuit(6).h(range(6)).measure_all(), shots=500, seed=1)
    assert f"and {len(many.counts) - 8} more outcomes" in Checked(many._repr_html_()).words
    report = Checked(result.report._repr_html_())
    assert (
        report.tags.count("tr") == len(dataclasses.fields(ketch.Report)) and "steps" in report.words
    )


def test_notebooks_get_drawings_of_circuits() -> None:
    circuit = ketch.Circuit({"a<b": 1, "c": 1}).h(0).cx(0, 1)
    page = Checked(circuit._repr_html_())
    assert page.tags == ["pre"] and "".join(page.words) == str(circuit.draw(width=0))
    assert "a<b" in page.words[0] and "┤ H ├" in page.words[0]
    circuit.h([0] * 600)
    page = Checked(circuit._repr_html_())
    assert page.words[-1] == "and 102 more instructions" and page.words[0].count("┤ H ├") == 499


def test_html_is_escaped() -> None:
    text = "<script>&\"'"
    for page in (_html.drawing(text), _html.page(text), _html.note(text), _html.code(text)):
        assert "<script" not in page and "".join(Checked(page).words) == text
    assert Checked(_html.table((text,), [(text,)])).words == [text, text]
    assert "white-space: pre" in _html.drawing("│") and "overflow-x: auto" in _html.drawing("│")


# ---- the progress bar


class Widget:
    """A bar as tqdm's for notebooks, whose widget learns the total by reset alone."""

    container = None

    def __init__(self, **options: Any) -> None:
        self.n, self.total, self.start_t, self.max = 0, options["total"], 5.0, 1
        self.closed = False

    def reset(self, total: int | None = None) -> None:
        self.n, self.start_t = 0, 9.0
        self.max = self.total = total or self.max

    def update(self, steps: int) -> None:
        self.n += steps

    def close(self) -> None:
        self.closed = True


def test_a_notebook_bar_learns_the_total(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("tqdm.auto")
    module.tqdm = Widget  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tqdm", types.ModuleType("tqdm"))
    monkeypatch.setitem(sys.modules, "tqdm.auto", module)
    bar = _progress.bar_of(True, "gate")
    assert isinstance(bar, _progress.TqdmBar)
    for done in (3, 7, 12):
        bar.show(done, 12)
    widget = bar._bar
    assert (widget.n, widget.total, widget.max, widget.start_t) == (12, 12, 12, 5.0)
    bar.close()
    assert widget.closed


class Terminal(io.StringIO):
    """A terminal that keeps what is written to it."""

    def isatty(self) -> bool:
        return True


def _without_tqdm(monkeypatch: pytest.MonkeyPatch, file: io.StringIO | None) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    monkeypatch.setattr(sys, "stderr", file)


def test_a_plain_bar_is_drawn_without_tqdm(
    engine: ketch.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    _without_tqdm(monkeypatch, terminal)
    engine.run(ketch.Circuit(3).h(range(3)), progress=True)
    text = terminal.getvalue()
    assert text.startswith("\r") and text.endswith("\n") and text.count("\n") == 1
    last = text.split("\r")[-1]
    assert last.startswith(f"[{'#' * 40}]  100 %  3/3 gates  ")


def test_a_plain_bar_is_quiet_but_on_terminals(
    engine: ketch.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in (io.StringIO(), None):
        _without_tqdm(monkeypatch, file)
        assert engine.run(ketch.Circuit(1).x(0), progress=True).status == "OK"
        assert file is None or file.getvalue() == ""
    _without_tqdm(monkeypatch, asked := io.StringIO())
    engine.run(ketch.Circuit(1).x(0), progress="always")
    assert asked.getvalue().endswith("\n") and "1/1 gates" in asked.getvalue()
    with pytest.raises(ketch.RangeError, match='"always"'):
        engine.run(ketch.Circuit(1).x(0), progress="never")  # type: ignore[typeddict-item]


def test_a_plain_bar_is_drawn_once_a_tick_and_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, now = Terminal(), [100.0]
    monkeypatch.setattr(_progress.time, "monotonic", lambda: now[0])
    bar = _progress.PlainBar("run", terminal, False)
    for done in range(101):
        bar.show(done, 1000)
        now[0] += 0.001
    bar.show(999, 1000)
    bar.show(1000, 1000)
    bar.close()
    lines = terminal.getvalue().split("\r")[1:]
    assert ["/1000 runs" in line for line in lines] == [True] * 4
    places = [line.split("%  ")[1].split("/")[0] for line in lines]
    assert places == ["0", "50", "100", "1000"]
    assert "left" in lines[1] and "left" not in lines[-1]
    for shorter in lines[1:]:  # each covers the one before it
        assert len(shorter.rstrip("\n")) >= len(lines[0].rstrip())


@pytest.mark.parametrize("width", [1, 10, 30, 40, 60, 79, 200])
def test_a_plain_bar_fits_the_terminal(width: int) -> None:
    for done, total in ((0, None), (7, None), (0, 10), (3, 10), (10, 10), (123456789, 987654321)):
        line = _progress.line_of(done, total, "gate", 1234.5, width)
        assert 0 < len(line) <= width
    if width >= 60:
        line = _progress.line_of(1, 2, "gate", 2.0, width)
        bar, told = line[1:].split("]")
        assert (
            0 <= bar.count(".") - bar.count("#") <= 1
            and told == "   50 %  1/2 gates  2 s, left 2 s"
        )


def test_a_bar_that_cannot_be_written_leaves_the_run_alone(
    engine: ketch.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(Terminal):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    closed = Terminal()
    closed.close()
    for file in (Full(), closed):
        _without_tqdm(monkeypatch, file)
        assert engine.run(ketch.Circuit(1).x(0), progress=True).status == "OK"


# ---- plots


def _labels(ax: Any) -> list[str]:
    return [label.get_text() for label in ax.get_xticklabels()]


def test_counts_are_plotted_in_order(pyplot: Any, engine: ketch.Engine) -> None:
    circuit = ketch.Circuit(3, 3).h(0).cx(0, 1).ry(0.4, 2).measure_all()
    result = engine.run(circuit, shots=1000, seed=1)
    ax = result.plot()
    assert _labels(ax) == sorted(result.counts)
    heights = [bar.get_height() for bar in ax.patches]
    assert heights == [result.counts[word] for word in sorted(result.counts)]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("outcome", "count")
    assert {str(height) for height in map(int, heights)} <= {text.get_text() for text in ax.texts}


def test_at_most_so_many_bars_and_the_rest_is_told(pyplot: Any, engine: ketch.Engine) -> None:
    result = engine.run(ketch.Circuit(5).h(range(5)).measure_all(), shots=1000, seed=1)
    ax = result.plot(most=4)
    top = sorted(result.counts.values(), reverse=True)[:4]
    assert sorted((bar.get_height() for bar in ax.patches), reverse=True) == top
    rest = f"{len(result.counts) - 4} more outcomes: {1000 - sum(top)} of 1000"
    assert ax.get_xlabel() == f"outcome\n{rest}"
    ax = engine.run(ketch.Circuit(5).h(range(5))).plot(most=8)
    assert _labels(ax) == [f"{i:05b}" for i in range(8)]
    assert ax.get_xlabel() == "ket\n24 more kets: 0.75 together"
    assert [bar.get_height() for bar in ax.patches] == pytest.approx([1 / 32] * 8)


def test_axes_of_the_caller_are_drawn_on(pyplot: Any, engine: ketch.Engine) -> None:
    figure, (left, right) = pyplot.subplots(1, 2)
    assert engine.run(ketch.Circuit(2).x(1)).plot(ax=right) is right
    assert _labels(right) == ["10"] and not left.patches
    assert pyplot.get_fignums() == [figure.number]
    with pytest.raises(ketch.RangeError, match="most"):
        engine.run(ketch.Circuit(1)).plot(most=0)
    with pytest.raises(TypeError, match="most"):
        engine.run(ketch.Circuit(1)).plot(most="all")  # type: ignore[arg-type]


def test_plots_without_matplotlib_say_what_to_install(
    engine: ketch.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = engine.run(ketch.Circuit(1))
    with pytest.raises(ImportError, match=r"pip install ketch\[plot\]"):
        result.plot()
    assert repr(result) and result._repr_html_()


def test_import_loads_nothing_to_look_with(script: Callable[..., Any]) -> None:
    done = script(
        """
        import sys, ketch
        state = ketch.Engine(threads=1).state(2)
        assert repr(ketch.run(ketch.Circuit(1))) and repr(state)
        heavy = {"matplotlib", "tqdm", "html", "IPython", "asyncio"}
        heavy |= {f"ketch.{name}" for name in ("_plot", "_html", "_draw_mpl", "_shapes")}
        print(sorted(heavy & set(sys.modules)))
        """
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
