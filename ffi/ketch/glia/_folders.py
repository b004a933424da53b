"""Data sets from files and folders."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Mapping
from glob import escape, glob
from typing import TypeAlias

from .._errors import failed, short
from .._source import Path
from ._dataset import Dataset
from ._sequence import load_sequence_file

# The target of a file by its name.
Targets: TypeAlias = "Mapping[str, str] | Callable[[str], str]"

LABELS = "labels.csv"


def load_dataset_from_directory(
    directory: Path,
    pattern: str = "*.seq",
    target_mapping: Targets | None = None,
    *,
    strict: bool = False,
) -> Dataset:
    """Read a data set from a folder of .seq files.

    Parameters
    ----------
    directory : str or path
        The folder.
    pattern : str
        Which files, sorted by name.
    target_mapping : mapping or callable, optional
        The target by the file's name. None: by the folder's labels.csv, whose columns are filename
        and label, the target then being O and the label; without one, from names such as
        class0_001.seq, whose target is O0.
    strict : bool
        As for `load_sequence_file`.

    Returns
    -------
    Dataset

    Raises
    ------
    RangeError
        Where there are no such files, or one has no target.
    OSError, TextError
        As `load_sequence_file`.
    """
    folder = os.fspath(directory)
    paths = sorted(glob(os.path.join(escape(folder), pattern)))
    if not paths:
        os.listdir(folder)  # OSError where it is no folder
        what = "a folder without such files"
        raise failed("RANGE", "directory", short(folder), f"files {pattern}", what)
    targets = _labels(folder) if target_mapping is None else target_mapping
    names = [os.path.basename(path) for path in paths]
    sequences = [load_sequence_file(path, strict=strict) for path in paths]
    return Dataset.from_sequences(sequences, [_target(name, targets) for name in names])


def _labels(folder: str) -> dict[str, str]:
    """Targets by the folder's labels."""
    path = os.path.join(folder, LABELS)
    if not os.path.isfile(path):
        return {}
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    return {row[0].strip(): f"O{row[1].strip()}" for row in rows if len(row) >= 2}


def _target(name: str, targets: Targets) -> str:
    found = targets(name) if callable(targets) else targets.get(name)
    if found is None and not targets:
        digits = re.match(r"[^\d_]*(\d+)[^_]*_", name)
        found = f"O{digits[1]}" if digits else None
    if found is None:
        allowed = "a name as class0_001.seq, a line in labels.csv, or target_mapping"
        raise failed("RANGE", "target_mapping", short(name), allowed, "a file without a target")
    return found
