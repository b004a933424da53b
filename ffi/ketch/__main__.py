"""The `ketch` command: the same C main as the installed one."""

import os
import signal
import sys

from ._native import command


def _occupy_standard() -> None:
    """Occupies standard input, output and error where they are closed, as the command's own main:
    no file that is opened gets their numbers, and reading and printing fail."""
    for number, flags in enumerate((os.O_WRONLY, os.O_RDONLY, os.O_RDONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)


def main() -> None:
    """Runs the command line of this process."""
    _occupy_standard()
    for number in (signal.SIGPIPE, signal.SIGINT):  # as in a C program, without tracebacks
        signal.signal(number, signal.SIG_DFL)
    if sys.stdout is not None:  # None where it was closed
        sys.stdout.flush()
    sys.exit(command.main(["ketch", *sys.argv[1:]]))


if __name__ == "__main__":
    main()
