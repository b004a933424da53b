#!/bin/sh
# Makes the reference in build/docs: Python from docstrings, C from the public headers, and the pages in
# Markdown. Sphinx comes into an environment of its own, build/docs-venv. A warning is a failure.
# With KETCH_PYTHON the package of that Python is documented, else that of build/venv, which is made
# where it is missing. Use: make docs, or sh tests/docs/build.sh [tools]; tools: only sets up Sphinx.

root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/tests/setup.sh"
cd "$root" || exit 1

if [ -n "$KETCH_PYTHON" ]; then
    documented=$KETCH_PYTHON
else
    setup_packages
    setup_venv "$root/examples/requirements.txt"
    mkdir -p build/log
    setup_package >build/log/package.log 2>&1 || die "the build failed: see build/log/package.log"
    documented=$python
fi

venv=$root/build/docs-venv
python=$venv/bin/python
[ -x "$python" ] || "$documented" -m venv "$venv" || die "$documented -m venv does not work"
setup_venv "$root/tests/docs/requirements.txt"
# Sphinx imports the package, and NumPy and CFFI with it, from where they are.
folder=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
"$documented" - "$folder" <<'END' || die "$documented has no package ketch"
import pathlib, sys
import ketch
site = pathlib.Path(ketch.__file__).parent.parent
(pathlib.Path(sys.argv[1]) / "ketch.pth").write_text(f"{site}\n")
END

[ "$1" != tools ] || exit 0

pages=build/docs/pages
rm -rf build/docs
mkdir -p $pages/engine $pages/examples $pages/tests/bench
cp tests/docs/conf.py tests/docs/index.md tests/docs/cpp.rst engine/ketch.hpp $pages/
cp README.md CHANGELOG.md $pages/
cp engine/DEVELOPERS.md engine/GUARANTEES.md $pages/engine/
cp examples/*.md $pages/examples/
cp tests/bench/*.svg $pages/tests/bench/
headers=$(sed -n '/^public_headers = /,/[^\\]$/p' Makefile.am | tr -d '\\' | sed 's/^public_headers =//')
# shellcheck disable=SC2086 # a list
"$python" tests/docs/headers.py $pages $headers && "$python" tests/docs/names.py $pages/python.rst || exit
"$python" -m sphinx -q -W --keep-going -b html -d build/docs/cache $pages build/docs/html || exit
say "the reference: build/docs/html/index.html"
