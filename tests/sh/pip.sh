#!/bin/sh
# The Python package builds from its source package in a fresh environment, with no autotools, no
# network and no other file of this tree. KETCH_WHEELS: a folder with wheels of setuptools, cffi and
# numpy and what they need; tests/run.sh fills one.
. "$(dirname "$0")/tap.sh"

[ -d "$KETCH_WHEELS" ] || tap_skip_all "KETCH_WHEELS names no folder of wheels"
python=${KETCH_PYTHON:-python3}
PIP_NO_INDEX=1
PIP_FIND_LINKS=$KETCH_WHEELS
PIP_DISABLE_PIP_VERSION_CHECK=1
export PIP_NO_INDEX PIP_FIND_LINKS PIP_DISABLE_PIP_VERSION_CHECK
unset PYTHONPATH

# Build tools that must not be called.
mkdir "$work/bin"
for tool in autoconf automake autoreconf aclocal libtoolize libtool make cmake; do
    printf '#!/bin/sh\necho %s >>"%s/called"\nexit 1\n' "$tool" "$work" >"$work/bin/$tool"
    chmod +x "$work/bin/$tool"
done
PATH=$work/bin:$PATH

# Building writes into the tree: a copy of it, without what builds left.
mkdir "$work/tree"
tar -C "$srcdir" --exclude=./build --exclude=./.git --exclude='*.o' --exclude='*.so' --exclude='*.egg-info' -cf - . |
    tar -C "$work/tree" -xf -
chmod -R u+w "$work/tree"

source_package() {
    (cd "$work/tree" && "$python" -c \
        'import sys; from setuptools import build_meta; build_meta.build_sdist(sys.argv[1])' "$work/dist")
}
tap_check "a source package is made" source_package
rm -rf "$work/tree"
tap_check "a fresh environment" "$python" -m venv "$work/venv"
tap_check "pip install" "$work/venv/bin/pip" install "$(find "$work/dist" -name 'ketch-*.tar.gz')"
cat >"$work/bell.py" <<'EOS'
import ketch

with ketch.Engine(threads=2) as engine:
    result = engine.run(ketch.Circuit(2).h(0).cx(0, 1))
    print(" ".join(f"{abs(a) ** 2:.3f}" for a in result.state))
EOS
cd "$work" || exit 99
tap_check "the package runs" test "$("$work/venv/bin/python" bell.py)" = "0.500 0.000 0.000 0.500"
tap_check "its command runs" "$work/venv/bin/ketch" --version
tap_check "python -m ketch runs" "$work/venv/bin/python" -m ketch --version
tap_check "no build tool was called" test ! -e "$work/called"
tap_done
