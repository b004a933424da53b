"""The compiled module, as far as the type checker needs to know it."""

from collections.abc import Callable
from typing import Any

from typing_extensions import Self

class _Anything(type):
    def __getattr__(cls, name: str) -> Any: ...

class ffi(metaclass=_Anything):
    class CData:
        def __getitem__(self, index: int) -> Any: ...
        def __setitem__(self, index: int, value: object) -> None: ...
        def __getattr__(self, name: str) -> Any: ...
        def __setattr__(self, name: str, value: object) -> None: ...

lib: Any

class Owner:
    @property
    def _address(self) -> int: ...
    def _exchange(self, address: int, /) -> None: ...

class Recorder:
    _qubits: int
    _gates: bytearray
    _wires: bytearray
    _angles: bytearray
    @property
    def _counts(self) -> tuple[int, int, int]: ...
    def _record(
        self, qubits: int, gates: bytearray, wires: bytearray, angles: bytearray, /
    ) -> None: ...
    def _extend(self, gates: list[int], wires: list[int], angles: list[float], /) -> Self: ...
    def _take(self, taken: list[tuple[bytearray, bytearray, bytearray]], /) -> None: ...
    def _copy_to(
        self,
        place: int,
        error: int,
        begin: tuple[int, int, int],
        end: tuple[int, int, int],
        /,
    ) -> int: ...
    def _plan(
        self,
        place: int,
        error: int,
        program: int,
        options: int,
        arena: int,
        begin: tuple[int, int, int],
        end: tuple[int, int, int],
        /,
    ) -> int: ...
    def _read_from(
        self,
        place: int,
        error: int,
        index: int,
        condition: tuple[int, int, int],
        operations: list[Any],
        make: Callable[[tuple[Any, ...]], Any],
        /,
    ) -> int: ...
    def _merge(
        self,
        gates: bytearray,
        wires: bytearray,
        angles: bytearray,
        operations: list[Any],
        added: list[Any],
        /,
    ) -> Self: ...
    @staticmethod
    def _define_methods(
        owner: type[Recorder], rows: tuple[tuple[str, int, str], ...], /
    ) -> None: ...
