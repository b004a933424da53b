#!/bin/sh
# Sets up all that is needed, rivals included, and measures. Use: sh tests/bench/bench.sh [ARGUMENTS];
# --help shows them.

root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/tests/setup.sh"
cd "$root" || exit 1

setup_packages
setup_venv "$root/tests/requirements.txt"
setup_venv "$root/tests/bench/requirements.txt"
setup_configure
{ setup_package && setup_build release --enable-werror; } || die "the build failed"
exec "$python" tests/bench/bench.py "$@"
