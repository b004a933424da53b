"""Networks as texts and files in the format .net."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._locks import claim
from .._native import glia_texts as native
from .._native.glia import decode
from .._source import Path, read_regular
from ._files import Skipped, reading, text_bytes, write_file
from ._neurons import Mode
from ._synapses import Synapses

if TYPE_CHECKING:
    from typing_extensions import Self


class Texts(Synapses):
    """A network's texts: read and written."""

    __slots__ = ()

    @classmethod
    def from_file(
        cls,
        path: Path,
        verbose: bool = False,
        *,
        strict: bool = False,
        seed: int = 0,
        mode: Mode = "compat",
    ) -> Self:
        """Read a network from a .net file.

        Reading is lenient, as GliaGL's: a last field that is no number is 0, and unknown lines and
        synapses between neurons that are not there are left out; `skipped` lists all of it.

        Parameters
        ----------
        path : str or path
            The file.
        verbose : bool
            Whether to print what was read.
        strict : bool
            Whether all that lenient reading leaves out is an error.
        seed : int
            For a file that describes a generated network: the same file and seed make the same one.
        mode : str
            The rules of a tick: "compat".

        Returns
        -------
        Network

        Raises
        ------
        OSError
            Where the file cannot be read.
        TextError, RangeError, BadIndexError
            Where it says something wrong; the text begins with file, line and column.
        """
        net = cls.__new__(cls)
        net._begin(mode)
        net.load(path, verbose, strict=strict, seed=seed)
        return net

    @classmethod
    def from_text(
        cls, text: str | bytes, *, strict: bool = False, seed: int = 0, mode: Mode = "compat"
    ) -> Self:
        """Read a network from a text, as `from_file`.

        Parameters
        ----------
        text : str or bytes
            The text.
        strict, seed, mode
            As for `from_file`.

        Returns
        -------
        Network

        Raises
        ------
        TextError, RangeError, BadIndexError
            As `from_file`.

        Examples
        --------
        >>> text = '''
        ... NEURON S0 100 1 0
        ... NEURON O0 50 1 0
        ... CONNECTION S0 O0 60
        ... CONNECTION S0 O1 60
        ... '''
        >>> net = glia.Network.from_text(text)
        >>> net, net.skipped[0].line
        (Network(2 neurons: 1 sensory, 1 output; 1 synapse, compat), 5)
        """
        net = cls.__new__(cls)
        net._begin(mode)
        net._read(text_bytes(text), reading(strict, None, seed))
        return net

    def load(
        self, path: Path, verbose: bool = False, *, strict: bool = False, seed: int = 0
    ) -> None:
        """Add what a .net file says to the network.

        Parameters
        ----------
        path : str or path
            The file.
        verbose, strict, seed
            As for `from_file`.

        Raises
        ------
        OSError, TextError, RangeError, BadIndexError
            As `from_file`; the network is then as before.
        BusyError
            Where another thread uses the network.
        """
        self._read(read_regular(path), reading(strict, path, seed))
        if verbose:
            print(f"{path}: {self!r}")

    def _read(self, data: bytes, how: native.Reading) -> None:
        with claim(self._lock, "network"):
            self._names = self._numbers = None
            found = native.net_read(self._handle, data, how)
            self.skipped = [Skipped(*each) for each in found]

    def to_text(self, *, exact: bool = False) -> str:
        """Write the network as a text in the format .net. Voltages and what is under way are not in
        it.

        Parameters
        ----------
        exact : bool
            Whether numbers have as many digits as they need to be read back the same. Else they
            have six, as GliaGL writes them.

        Returns
        -------
        str
        """
        return decode(native.net_write(self._handle, bool(exact)))

    def save(self, path: Path, *, exact: bool = False) -> None:
        """Write the network to a .net file, which is replaced as a whole.

        Parameters
        ----------
        path : str or path
            The file.
        exact : bool
            As for `to_text`.

        Raises
        ------
        OSError
            Where it cannot be written.
        BusyError
            Where another thread uses the network.
        """
        write_file(path, native.net_write(self._handle, bool(exact)))
