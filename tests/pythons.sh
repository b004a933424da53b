# Sourced by tests/run.sh and tests/sh/pip.sh: which Pythons there are, for the test of the wheel.

# The versions that a wheel is for.
python_versions="3.10 3.11 3.12 3.13 3.14"

# Prints a Python of version $1, from the search path or from pyenv; nothing: there is none.
python_of() {
    for candidate in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1."*/bin/python; do
        "$candidate" -c "import sys; assert sys.version_info[:2] == tuple(map(int, '$1'.split('.')))" \
            2>/dev/null || continue
        command -v "$candidate"
        return
    done
}
