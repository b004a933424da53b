#!/bin/sh
# Sets up all that is needed, rivals included, and measures. Use: sh tests/bench/bench.sh [ARGUMENTS];
# --help shows them. The part networks alone needs no rivals of circuits, and takes minutes; a rival that
# cannot be installed is left out.

root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/tests/setup.sh"
cd "$root" || exit 1

setup_packages
setup_venv "$root/tests/requirements.txt"
of_circuits= of_networks= of_own=
for argument; do
    case $argument in
    networks) of_networks=yes ;;
    check | rows | scaling | first | recording | observables) of_circuits=yes ;;
    limits | own | planning | touch | publish) of_own=yes ;;
    esac
done
[ -n "$of_circuits$of_networks$of_own" ] || of_circuits=yes of_networks=yes
[ -z "$of_circuits" ] || setup_venv "$root/tests/bench/requirements.txt"
[ -z "$of_networks" ] || (
    venv=$root/build/bench/rivals python=$root/build/bench/rivals/bin/python
    setup_venv "$root/tests/bench/network_requirements.txt"
) || say "rivals of networks are left out"
setup_configure
{ setup_package && setup_build release --enable-werror; } || die "the build failed"
exec "$python" tests/bench/bench.py "$@"
