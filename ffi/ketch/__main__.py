"""The `ketch` command: the same C main as the installed one."""

import sys

from ._native import command


def main() -> None:
    """Runs the command line of this process."""
    sys.stdout.flush()
    sys.exit(command.main(["ketch", *sys.argv[1:]]))


if __name__ == "__main__":
    main()
