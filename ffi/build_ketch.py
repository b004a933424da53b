"""Describes the compiled module ketch._ketch to CFFI: the public headers and glue.c's marked region
are the declarations; glue.c, owner.c, recorder.c and the Makefile's lists are the sources. Paths
are relative to the project's root, as setuptools wants."""

import os
import re
import sysconfig
from pathlib import Path

from cffi import FFI

ROOT = Path(__file__).parent.parent

# The command, and what glue.c calls back.
COMMAND = "int ketch_cli(int argc, char **argv);"
CALLBACKS = """
extern "Python" int32_t ketch_py_hook(const ketch_step *step, void *user);
extern "Python" int32_t ketch_py_fitness(double *fitness, const ketch_glia_candidate *candidate,
                                         void *user);
extern "Python" const char *ketch_py_resolve(const char *name, size_t *length, void *user);
extern "Python" void ketch_py_skipped(int32_t line, int32_t column, const char *found,
                                      const char *why, void *user);
"""


def files(*lists: str) -> list[str]:
    """The files that variables in Makefile.am list."""
    makefile = (ROOT / "Makefile.am").read_text().replace("\\\n", " ")
    names: list[str] = []
    for variable in lists:
        found = re.search(rf"^{variable} =(.*)$", makefile, re.MULTILINE)
        assert found, f"Makefile.am has no {variable}"
        names += found[1].split()
    return names


def hardening(variable: str) -> list[str]:
    """The hardening flags in configure.ac but those that CFLAGS or LDFLAGS set otherwise."""
    configure = (ROOT / "configure.ac").read_text()
    found = re.search(rf'^hardening_{variable.lower()}="(.*)"$', configure, re.MULTILINE)
    assert found, f"configure.ac has no hardening_{variable.lower()}"
    given = f"{sysconfig.get_config_var(variable)} {os.environ.get(variable)}"
    flags = {flag: re.sub("^-D|^-f|^-Wl,-z,|-strong$|=.*$", "", flag) for flag in found[1].split()}
    return [flag for flag, subject in flags.items() if subject not in given]


def declarations(file: str) -> str:
    """The marked region of a file: legal CFFI declarations but for the export mark."""
    text = (ROOT / file).read_text()
    region = text.split("/* ketch declarations begin")[1].split("/* ketch declarations end */")[0]
    return region.split("*/", 1)[1].replace("KETCH_API ", "")


HEADERS = files("public_headers")
GLUE = "ffi/glue.c"
EXPORTS = "ffi/exports.map"

# The stable interface of Python 3.10, so that one build serves all later versions; setup.py names
# the wheel for it. A Python without the global lock has no such interface: a build serves it alone.
STABLE = not sysconfig.get_config_var("Py_GIL_DISABLED")

ffibuilder = FFI()
ffibuilder.cdef("".join(declarations(file) for file in [*HEADERS, GLUE]) + CALLBACKS + COMMAND)
ffibuilder.set_source(
    "ketch._ketch",
    f"{COMMAND}\n{(ROOT / GLUE).read_text()}",
    sources=["ffi/owner.c", "ffi/recorder.c", *files("core_sources", "cli_sources")],
    depends=[GLUE, EXPORTS, "engine/ketch.h", *HEADERS, *files("core_headers", "cli_headers")],
    include_dirs=["arena", "engine"],
    define_macros=[("NDEBUG", None), *([("Py_LIMITED_API", "0x030A0000")] if STABLE else [])],
    py_limited_api=STABLE,
    # The flags of Makefile.am; Python's own -O2 is not enough for the kernels.
    extra_compile_args=[
        *["-std=c11", "-pthread", "-O3", "-fvisibility=hidden", "-ffp-contract=fast"],
        *hardening("CFLAGS"),
    ],
    # Python needs the module's PyInit function alone.
    extra_link_args=["-pthread", f"-Wl,--version-script={EXPORTS}", *hardening("LDFLAGS")],
    libraries=["m"],
)

if __name__ == "__main__":
    ffibuilder.compile(verbose=True)
