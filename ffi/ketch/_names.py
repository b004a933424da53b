"""Where public names live."""

from __future__ import annotations


def move(name: str, public: object, home: str) -> None:
    """Makes a public name live in its package, whatever file it is in: in pickles, in help and in
    tracebacks. So do the methods that a class has of private bases."""
    if not getattr(public, "__module__", "").startswith(f"{home}._"):
        return
    for base in public.__mro__ if isinstance(public, type) else ():
        if base.__module__.startswith(f"{home}._"):
            for member in vars(base).values():
                method = getattr(member, "__func__", member)
                if type(method) is type(move):
                    method.__module__, method.__qualname__ = home, f"{name}.{method.__name__}"
    public.__module__ = home
