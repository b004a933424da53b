#!/bin/sh
# Sets up all that is needed, rivals included, and measures. Use: sh tests/bench/bench.sh [ARGUMENTS];
# --help shows them. The part networks alone needs no rivals of circuits, and takes minutes; a rival that
# cannot be installed is left out.

root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/tests/setup.sh"
cd "$root" || exit 1

setup_packages
setup_venv "$root/tests/requirements.txt"
case " ${*:-all} " in *" networks "* | *" all "*) (
    venv=$root/build/bench/rivals python=$root/build/bench/rivals/bin/python
    setup_venv "$root/tests/bench/network_requirements.txt"
) || say "rivals of networks are left out" ;; esac
for argument in "${@:-all}"; do
    case $argument in
    networks | publish) ;;
    *) setup_venv "$root/tests/bench/requirements.txt" ;;
    esac
done
setup_configure
{ setup_package && setup_build release --enable-werror; } || die "the build failed"
exec "$python" tests/bench/bench.py "$@"
