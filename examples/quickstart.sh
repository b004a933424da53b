#!/bin/sh
# From a bare machine to a 22-qubit circuit: installs what is missing, builds, and runs the circuit
# with the command and from Python. A second call finds all in place. Use: sh examples/quickstart.sh

root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/tests/setup.sh"
cd "$root" || exit 1
mkdir -p build/log

circuit=examples/brickwork22.qasm
output=build/log/quickstart.txt

setup_packages
setup_venv "$root/examples/requirements.txt"
setup_configure
say "building the command (build/quick) and the Python package (build/venv)"
setup_build quick >build/log/quick.log 2>&1 || die "the build failed: see build/log/quick.log"
setup_package >build/log/package.log 2>&1 || die "the build failed: see build/log/package.log"

say ""
say "\$ ketch run $circuit --shots 100000 --seed 7"
build/quick/ketch run $circuit --shots 100000 --seed 7 --progress always >$output || exit
head -n 3 $output
say "... ($(wc -l <$output) lines in all: $output)"
tail -n 1 $output

say ""
say "\$ python examples/quickstart.py"
"$python" examples/quickstart.py || exit
say ""
say "Both stay in build/: try build/quick/ketch --help, or build/venv/bin/python examples/1_hello.py"
