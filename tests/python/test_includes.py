"""What an OpenQASM file may include: files below its own folder and below those of include_path."""

import os
from pathlib import Path

import pytest

from ketch import Circuit, QasmError

MINE = "gate flip a { x a; }"


def _text(*names: str) -> str:
    includes = "".join(f'include "{name}"; ' for name in names)
    return f'OPENQASM 2.0; include "qelib1.inc"; {includes}qreg q[1]; flip q[0];'


def _given(text: str) -> Circuit:
    return Circuit.from_qasm(_text("mine.inc"), includes={"mine.inc": text})


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Folders with files that define the same gate, some of them outside of home."""
    for folder in ("home/sub", "other", "home-2"):
        (tmp_path / folder).mkdir(parents=True)
    for place in ("home/mine.inc", "home/sub/deep.inc", "other/other.inc", "home-2/near.inc"):
        (tmp_path / place).write_text(MINE)
    (tmp_path / "secret.inc").write_text(MINE)
    return tmp_path


def _read(tree: Path, *names: str, **options: object) -> Circuit:
    path = tree / "home" / "main.qasm"
    path.write_text(_text(*names))
    return Circuit.from_qasm_file(path, **options)  # type: ignore[arg-type]


def test_a_file_includes_what_is_beside_it(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("mine.inc", "sub/deep.inc", "sub/../mine.inc", "./mine.inc"):
        assert _read(tree, name) == _given(MINE)
    (tree / "home" / "nested.inc").write_text('include "sub/deep.inc";')
    assert _read(tree, "nested.inc") == _given(MINE)
    monkeypatch.chdir(tree / "home")
    assert Circuit.from_qasm_file("main.qasm") == _given(MINE)


def test_include_path_adds_folders(tree: Path) -> None:
    other = tree / "other"
    for include_path in (other, str(other), [other], (tree / "home-2", str(other))):
        assert _read(tree, "other.inc", include_path=include_path) == _given(MINE)
    assert _read(tree, "../other/other.inc", include_path=other) == _given(MINE)
    for wrong, kind in ((5, TypeError), ([5], TypeError), ("", ValueError)):
        with pytest.raises(kind, match="include_path"):
            _read(tree, "mine.inc", include_path=wrong)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        _read(tree, "mine.inc", include_path=[other, "nowhere"])
    with pytest.raises(NotADirectoryError, match=r"other\.inc"):
        _read(tree, "mine.inc", include_path=other / "other.inc")


def test_what_is_given_comes_first_then_the_files_own_folder(tree: Path) -> None:
    (tree / "other" / "mine.inc").write_text("gate flip a { y a; }")
    assert _read(tree, "mine.inc", include_path=tree / "other") == _given(MINE)
    theirs = "gate flip a { z a; }"
    for text in (theirs, theirs.encode()):
        assert _read(tree, "mine.inc", includes={"mine.inc": text}) == _given(theirs)
    assert _read(tree, "mine.inc", includes=lambda name: None) == _given(MINE)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("none.inc", "no such file in "),
        ("sub", "no such file in "),
        ("pipe", "no such file in "),
        ("", "no such file in "),
        ("../secret.inc", "a file outside of "),
        ("sub/../../secret.inc", "a file outside of "),
        ("../home-2/near.inc", "a file outside of "),
        ("ROOT/secret.inc", "a file outside of "),
        ("ROOT/home/mine.inc", "a file outside of "),
        ("link.inc", "a file outside of "),
        ("folder/secret.inc", "a file outside of "),
        ("/etc/passwd", "a file outside of "),
    ],
)
def test_nothing_is_read_outside_of_the_folders(tree: Path, name: str, words: str) -> None:
    (tree / "home" / "link.inc").symlink_to(tree / "secret.inc")
    (tree / "home" / "folder").symlink_to(tree)
    os.mkfifo(tree / "home" / "pipe")
    name = name.replace("ROOT", str(tree))
    with pytest.raises(QasmError, match=words) as caught:
        _read(tree, name)
    error = caught.value
    assert str(error).startswith(f"{tree}/home/main.qasm:1:{error.column}: ")
    assert error.status == "OFF" and error.line == 1
    assert error.__context__ is None


def test_links_between_the_folders_are_followed(tree: Path) -> None:
    (tree / "home" / "link.inc").symlink_to(tree / "other" / "other.inc")
    with pytest.raises(QasmError, match="outside of"):
        _read(tree, "link.inc")
    assert _read(tree, "link.inc", include_path=tree / "other") == _given(MINE)


def test_an_error_in_an_included_file_names_both(tree: Path) -> None:
    (tree / "home" / "bad.inc").write_text("gate flip a { x a }")
    with pytest.raises(QasmError, match=r"main.qasm:1:19: .*in the included 'bad.inc'"):
        _read(tree, "bad.inc")
    (tree / "home" / "bad.inc").write_text('include "../secret.inc";')
    with pytest.raises(QasmError, match=r"outside of .*in the included 'bad.inc'"):
        _read(tree, "bad.inc")


def test_a_text_reads_no_file(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree / "home")
    with pytest.raises(QasmError, match="`includes`"):
        Circuit.from_qasm(_text("mine.inc"))
    with pytest.raises(QasmError, match="`includes`"):
        Circuit.from_qasm(_text("mine.inc"), includes={"other.inc": MINE})


def test_the_limit_of_a_text_counts_included_files(tree: Path) -> None:
    size = len(_text("mine.inc")) + len(MINE)
    assert len(_read(tree, "mine.inc", text_limit=size)) == 1
    with pytest.raises(QasmError, match="text_limit"):
        _read(tree, "mine.inc", text_limit=size - 1)
