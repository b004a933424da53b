"""Packages that are not always there."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def optional(module: str, what: str) -> Any:
    """A module of a package that may be missing: the ImportError then says how to get it. what:
    what needs it."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if error.name != package:
            raise
        text = f"{what} needs {package}: pip install {package}"
        raise ModuleNotFoundError(text, name=package) from None
