"""The keywords of runs: typed out once, shown everywhere, checked by name."""

import inspect
import pydoc
from collections.abc import Callable

import pytest

import ketch
from ketch import glia
from ketch._options import DEFAULTS, Settings
from ketch.glia._training_options import DEFAULTS as LEARNS

CALLS: dict[Callable[..., object], type] = {
    ketch.run: ketch.RunOptions,
    ketch.arun: ketch.RunOptions,
    ketch.Engine.run: ketch.RunOptions,
    ketch.Engine.arun: ketch.RunOptions,
    ketch.Engine.apply: ketch.ApplyOptions,
    ketch.Engine.resume: ketch.ResumeOptions,
    ketch.Prepared.run: ketch.PreparedOptions,
    ketch.Prepared.arun: ketch.PreparedOptions,
    ketch.Pool.submit: ketch.RunOptions,
    ketch.Pool.map: ketch.RunOptions,
}


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.__qualname__)
def test_signature_and_help_show_every_keyword(call: Callable[..., object]) -> None:
    signature = inspect.signature(call)
    shown = {n: p for n, p in signature.parameters.items() if p.kind is p.KEYWORD_ONLY}
    assert set(shown) == set(CALLS[call].__annotations__)
    for name, default in DEFAULTS._asdict().items():
        assert shown[name].default == default
    text = pydoc.plain(pydoc.render_doc(call))
    for name in shown:
        assert f"{name} : " in text, name
    assert "**options" not in text


LEARNING: dict[Callable[..., object], type] = {
    glia.Trainer.train: glia.TrainingOptions,
    glia.Trainer.resume: glia.CarryOptions,
    glia.Fitter.fit: glia.TrainingOptions,
    glia.Fitter.resume: glia.CarryOptions,
}


@pytest.mark.parametrize("call", LEARNING, ids=lambda call: call.__qualname__)
def test_methods_that_learn_show_theirs(call: Callable[..., object]) -> None:
    shown = inspect.signature(call).parameters
    keywords = {name: p.default for name, p in shown.items() if p.kind is p.KEYWORD_ONLY}
    assert keywords == {name: LEARNS[name] for name in LEARNING[call].__annotations__}
    text = pydoc.plain(pydoc.render_doc(call))
    assert all(f"{name} : " in text for name in keywords)
    assert "**options" not in text


def test_methods_that_learn_refuse_other_keywords() -> None:
    trainer = glia.Trainer(glia.Network(1).add_neuron("O0"))
    with pytest.raises(TypeError, match="'timeouts'; did you mean 'timeout'"):
        trainer.train([], timeouts=1)  # type: ignore[call-arg, unused-ignore]
    with pytest.raises(TypeError, match="'patience'"):
        trainer.resume("none", [], patience=1)  # type: ignore[call-arg, unused-ignore]


def test_a_bound_method_shows_them_too() -> None:
    text = str(inspect.signature(ketch.Engine().run))
    assert text.startswith("(circuit, *, values=None, shots=None, seed=None, precision='double'")


def test_types_and_defaults_name_the_same_keywords() -> None:
    assert set(Settings._fields) == set(ketch.ResumeOptions.__annotations__)
    for name in Settings._fields:
        types = Settings.__annotations__[name], ketch.ResumeOptions.__annotations__[name]
        assert types[0].__forward_arg__ == types[1].__forward_arg__, name


def test_unknown_keywords_are_refused(engine: ketch.Engine) -> None:
    circuit = ketch.Circuit(1, 1).measure(0, 0)
    state, result, prepared = engine.state(1), engine.run(circuit), engine.prepare(circuit)
    calls: list[tuple[Callable[[], object], str]] = [
        (lambda: ketch.run(circuit, shot=3), "'shot'; did you mean 'shots'"),
        (lambda: engine.run(circuit, timeouts=3), "'timeouts'; did you mean 'timeout'"),
        (lambda: engine.run(circuit, anything=3), "'anything'"),
        (lambda: ketch.run(circuit, threads=3), r"'threads'; .* ketch.Engine\(threads=...\).run"),
        (lambda: engine.apply(circuit, state, precision="single"), "'precision'"),
        (lambda: engine.resume(result, shots=3), "'shots'"),
        (lambda: engine.apply(circuit, state, state="0"), "'state'"),
        (lambda: engine.resume(result, state="0"), "'state'"),
        (lambda: prepared.run(hook_every=3), "'hook_every'"),
        (lambda: prepared.run([], values=[]), "'values'"),
    ]  # type: ignore[list-item, unused-ignore]
    for call, words in calls:
        with pytest.raises(TypeError, match=words):
            call()
