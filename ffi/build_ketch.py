"""Describes the compiled module ketch._ketch to CFFI: the public header is the declarations, the
Makefile's lists are the sources. Paths are relative to the project's root, as setuptools wants."""

import re
from pathlib import Path

from cffi import FFI

ROOT = Path(__file__).parent.parent

# The Python layer's two C callbacks, and the command of the command line.
EXTRA = """
extern "Python" int32_t ketch_py_hook(const ketch_step *step, void *user);
extern "Python" const char *ketch_py_resolve(const char *name, size_t *length, void *user);
typedef struct ketch_py_call {
    ketch_run run;
    ketch_error error;
    ketch_result *result;
} ketch_py_call;
ketch_status ketch_py_run(ketch_py_call *call, ketch_engine **engine, ketch_program **program,
                          ketch_state **on, uint64_t shots, uint64_t seed);
int ketch_cli(int argc, char **argv);
"""
PRELUDE = """
#include "ketch.h"

int ketch_cli(int argc, char **argv);

/* What one call gives to C and gets from it. */
typedef struct ketch_py_call {
    ketch_run run;
    ketch_error error;
    ketch_result *result;
} ketch_py_call;

/* A run on a state or, without one, from |0...0>, in one call. */
static ketch_status ketch_py_run(ketch_py_call *call, ketch_engine **engine,
                                 ketch_program **program, ketch_state **on, uint64_t shots,
                                 uint64_t seed)
{
    ketch_error *const error = &call->error;
    call->run.shots = shots;
    call->run.seed = seed;
    if (on)
        return ketch_program_run(&call->result, *engine, *program, *on, &call->run, error);
    ketch_state *state = NULL;
    ketch_program_info info = {.size = sizeof info};
    ketch_status status = ketch_program_get_info(&info, *program, error);
    if (status == KETCH_OK)
        status = ketch_state_create(&state, ketch_engine_arena(*engine), info.qubits,
                                    info.precision, error);
    if (status == KETCH_OK)
        status = ketch_program_run(&call->result, *engine, *program, state, &call->run, error);
    ketch_state_drop(state);
    return status;
}
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


def declarations() -> str:
    """The marked region of the public header: legal CFFI declarations but for the export mark."""
    header = (ROOT / "engine/ketch.h").read_text()
    region = header.split("/* ketch declarations begin")[1].split("/* ketch declarations end */")[0]
    return region.split("*/", 1)[1].replace("KETCH_API ", "")


ffibuilder = FFI()
ffibuilder.cdef(declarations() + EXTRA)
ffibuilder.set_source(
    "ketch._ketch",
    PRELUDE,
    sources=files("core_sources", "cli_sources"),
    depends=["engine/ketch.h", *files("core_headers", "cli_headers")],
    include_dirs=["arena", "engine"],
    define_macros=[("NDEBUG", None)],
    # The flags of Makefile.am; Python's own -O2 is not enough for the kernels.
    extra_compile_args=["-std=c11", "-pthread", "-O3", "-fvisibility=hidden", "-ffp-contract=fast"],
    extra_link_args=["-pthread"],
    libraries=["m"],
)

if __name__ == "__main__":
    ffibuilder.compile(verbose=True)
