"""The command inside Python: locales, file names, and descriptors that the host closed."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import chain, combinations
from pathlib import Path
from subprocess import CompletedProcess

import pytest

import ketch

Script = Callable[..., "CompletedProcess[str]"]
BELL = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\nrx(0.75) q[0];\ncx q[0], q[1];\n'
CLOSED = list(chain.from_iterable(combinations("012", count) for count in (1, 2, 3)))
NAMES = [
    b"plain.qasm",
    b"\xff.qasm",
    "é€😀.qasm".encode(),
    b"cut\xe2\x82.qasm",
    b"surrogate\xed\xa0\x80.qasm",
    b'quotes"and\\.qasm',
    b"red\x1b[31m\x7f\x01.qasm",
    b"c1\xc2\x9b31m\x9b31m.qasm",
    b"two\n\nlines.qasm",
]


@pytest.fixture
def bell(tmp_path: Path) -> Path:
    path = tmp_path / "bell.qasm"
    path.write_text(BELL)
    return path


def _ketch(*words: str | bytes, cwd: Path) -> "CompletedProcess[bytes]":
    command = [sys.executable, "-m", "ketch", *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, timeout=60)


# ---- signals


def test_the_command_ends_quietly_when_its_reader_does(tmp_path: Path) -> None:
    (tmp_path / "wide.qasm").write_text('OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[16];\nh q;\n')
    words = [sys.executable, "-m", "ketch", "run", "wide.qasm", "--top", "all"]
    process = subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    assert process.stdout.readline().startswith(b"|0000000000000000>")
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(60) == -signal.SIGPIPE


def test_python_loads_what_the_command_observed(tmp_path: Path, bell: Path) -> None:
    words = ["run", str(bell), "--observe", "Z0 Z1", "--save", "run.ketch", "--json"]
    done = _ketch(*words, cwd=tmp_path)
    assert json.loads(done.stdout)["observed"] == [{"observable": "Z0 Z1", "value": 1}]
    result = ketch.Engine().load(tmp_path / "run.ketch")
    assert abs(result.state[0]) ** 2 + abs(result.state[3]) ** 2 == pytest.approx(1)


# ---- locales


def _localedef(folder: Path, name: str) -> None:
    """Makes a locale, or skips the test where that cannot be done."""
    command = ["localedef", "-i", name, "-f", "UTF-8", str(folder / f"{name}.UTF-8")]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except FileNotFoundError:
        pytest.skip("localedef is not installed")
    if done.returncode > 1:  # 1: made, with warnings
        pytest.skip(f"localedef makes no {name}: {done.stderr.strip()[-80:]}")


# A comma; a point of two bytes; a comma, and other rules for the letter I.
@pytest.mark.parametrize("name", ["de_DE", "ps_AF", "tr_TR"])
def test_numbers_do_not_follow_the_locale(
    name: str, script: Script, bell: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _localedef(tmp_path, name)
    monkeypatch.setenv("LOCPATH", str(tmp_path))
    text = f"""
    import locale, sys
    if {{set}}:
        locale.setlocale(locale.LC_ALL, "{name}.UTF-8")
        assert locale.localeconv()["decimal_point"] != "."
    import ketch
    from ketch._native import command
    run = ["ketch", "run", {str(bell)!r}, "--seed", "7", "--timeout", "10.5", "--memory", "1.5GIB"]
    for words in (run + ["--json"], run, ["ketch", "plan", {str(bell)!r}]):
        print(command.main(words), flush=True)
    wide = ketch.Engine().prepare(ketch.Circuit(16).h(range(16)).cx(0, 1))
    print(wide.plan, flush=True)
    for wrong in (lambda: ketch.Engine().run(ketch.Circuit(1).h(0), timeout=-0.5),
                  lambda: ketch.Circuit(1).unitary([[1, 0.25], [0, 1]], 0)):
        try:
            wrong()
        except ketch.Error as error:
            print(error, flush=True)
    """
    plain, other = script(text.format(set=False)), script(text.format(set=True))
    assert (plain.stderr, other.stderr) == ("", "")
    first, second = (
        json.loads(plain.stdout.splitlines()[0]),
        json.loads(other.stdout.splitlines()[0]),
    )
    assert second["amplitudes"] == first["amplitudes"] and 0 <= second["seconds"] < 10
    assert other.stdout.count("-0.5") == 1 and " ms" in other.stdout
    assert _without_times(other.stdout) == _without_times(plain.stdout)


def _without_times(text: str) -> list[str]:
    """The lines of an output; seconds and the bytes that the machine has are left out."""
    lines = re.sub(r", [0-9.]+ [mun]?s, ", ", ", text).splitlines()[1:]
    return [line for line in lines if " seed " not in line and "memory: " not in line]


# ---- names of files


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_json_has_the_name_of_the_file(name: bytes, bell: Path, tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(name)).write_text(BELL)
    done = _ketch("run", "--json", name, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode()  # valid UTF-8
    assert all(character >= " " for character in text[:-1])
    assert os.fsencode(json.loads(text)["file"]) == name


def test_messages_show_names_without_control_characters(
    bell: Path, tmp_path: Path, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = script(
        f"""
        import os
        import ketch
        from ketch._native import command
        for name in map(os.fsdecode, {NAMES!r}):
            for words in (
                ["run", name], ["plan", name], ["resume", name], [name],
                ["run", "bell.qasm", "--shots", name], ["run", "bell.qasm", name],
                ["run", "bell.qasm", "--state", "no/" + name],
                ["run", "bell.qasm", "--save", "no/" + name],
            ):
                assert command.main(["ketch", *words]) in (1, 2), words
            try:
                ketch.Engine().load(name)
            except ketch.FileError as error:
                assert str(error).isprintable(), error
            else:
                raise AssertionError(name)
        """
    )
    lines = done.stderr.split("\n")  # decoded strictly: valid UTF-8
    assert done.returncode == 0 and len(lines) == 8 * len(NAMES) + 1, done.stderr
    assert [line for line in lines if not line.isprintable()] == []
    assert sum("\\xff.qasm" in line for line in lines) >= 8


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_saved_run_of_any_name_goes_on(name: bytes, tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(name)).write_text(BELL)
    saved = _ketch("run", name, "--seed", "1", "--save", b"run " + name, cwd=tmp_path)
    assert (saved.returncode, saved.stderr) == (0, b"")
    done = _ketch("resume", "--json", b"run " + name, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert os.fsencode(json.loads(done.stdout)["file"]) == name.split(b"\n")[0]


# ---- descriptors


@pytest.mark.parametrize("closed", CLOSED, ids="".join)
def test_nothing_is_printed_into_a_file(
    closed: tuple[str, ...], bell: Path, tmp_path: Path
) -> None:
    assert _ketch("run", "bell.qasm", "--state", "good.npy", cwd=tmp_path).returncode == 0
    good = (tmp_path / "good.npy").read_bytes()
    closing = " ".join(f"{number}>&-" for number in closed)
    text = f'"$0" -m ketch run bell.qasm --state s.npy --save run --progress always {closing}'
    done = subprocess.run(
        ["sh", "-c", text, sys.executable], cwd=tmp_path, capture_output=True, timeout=60
    )
    assert done.returncode == (1 if "1" in closed else 0), done.stderr
    assert (b"cannot be written" in done.stderr) == ("1" in closed and "2" not in closed)
    assert (tmp_path / "s.npy").read_bytes() == good
    assert abs(ketch.Engine().load(tmp_path / "run").state[0]) ** 2 > 0.5


def test_a_host_that_closed_stderr_keeps_its_descriptors(
    script: Script, bell: Path, tmp_path: Path
) -> None:
    done = script(
        f"""
        import os
        import ketch
        from ketch._native import command
        run = ["ketch", "run", {str(bell)!r}, "--progress", "always", "--state"]
        for name, number in (("first.npy", 2), ("second.npy", 0)):
            os.close(number)
            assert command.main([*run, {str(tmp_path)!r} + "/" + name]) == 0
        for number in (0, 2):
            try:
                os.fstat(number)
                print("occupied", number)
            except OSError:
                pass
        """
    )
    assert done.returncode == 0 and "occupied" not in done.stdout
    first, second = ((tmp_path / f"{name}.npy").read_bytes() for name in ("first", "second"))
    assert first == second and len(first) == 128 + 4 * 16 and first.startswith(b"\x93NUMPY\x01")
