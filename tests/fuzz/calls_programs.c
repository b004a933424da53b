/* Calls that plan circuits and bind programs. */
#include "calls.h"

#include <stdlib.h>
#include <string.h>

/* The planner's choice, which is the whole state, and the least that there are. */
static const int32_t tile_sizes[] = {0, 5, 6};

static ketch_program_options take_options(session *s)
{
    const uint8_t flags = fuzz_byte(&s->input);
    ketch_program_options options = {.size = sizeof options,
                                     .precision = (ketch_precision)(flags % 3),
                                     .plain = flags >> 7,
                                     .costs = flags >> 2 & 8 ? KETCH_COSTS_HERE : 0,
                                     .kernels = (ketch_kernels)(flags >> 2 & 3),
                                     .fence_every = fuzz_byte(&s->input) % 6,
                                     .arena = s->arena,
                                     .tile_bits = tile_sizes[fuzz_below(&s->input, 3)],
                                     .run_bits = fuzz_below(&s->input, 4)};
    if (!ketch_kernels_usable(options.kernels))
        options.kernels = KETCH_KERNELS_AUTO;
    return options;
}

/* A part of the text is the beginning of the whole. */
static void check_plan(const ketch_program *program)
{
    char part[80], *whole;
    size_t length = 0;
    FUZZ_REQUIRE(ketch_program_plan(part, sizeof part, &length, program, NULL) == KETCH_OK);
    FUZZ_REQUIRE(length > 0 && (whole = malloc(length + 1)));
    FUZZ_REQUIRE(ketch_program_plan(whole, length + 1, NULL, program, NULL) == KETCH_OK);
    const size_t least = length < sizeof part ? length : sizeof part - 1;
    FUZZ_REQUIRE(strlen(whole) == length && strlen(part) == least && !memcmp(part, whole, least));
    free(whole);
}

static void check_program(session *s, const ketch_program *program,
                          const ketch_program_options *options)
{
    ketch_program_info info = {.size = sizeof info};
    GOOD(s, ketch_program_get_info(&info, program, &s->error));
    FUZZ_REQUIRE(info.qubits == ketch_circuit_qubits(s->circuit) &&
                 info.bits == ketch_circuit_bits(s->circuit) &&
                 info.steps == ketch_circuit_steps(s->circuit) && info.parameters == PARAMETERS);
    FUZZ_REQUIRE(info.precision ==
                 (options->precision == KETCH_SINGLE ? KETCH_SINGLE : KETCH_DOUBLE));
    FUZZ_REQUIRE(info.kernels == options->kernels || !options->kernels);
    FUZZ_REQUIRE(strcmp(ketch_kernels_name(info.kernels), "?") != 0);
    check_plan(program);
}

void calls_make_program(session *s)
{
    const ketch_program_options options = take_options(s);
    ketch_program *made = NULL;
    GOOD(s, ketch_program_create(&made, s->circuit, &options, &s->error));
    check_program(s, made, &options);
    ketch_program_drop(s->bound);
    ketch_program_drop(s->program);
    ketch_circuit_destroy(s->planned);
    s->program = made;
    s->bound = NULL;
    s->planned = NULL;
    GOOD(s, ketch_circuit_copy(&s->planned, s->circuit, &s->error));
}

void calls_bind_program(session *s)
{
    double values[PARAMETERS];
    if (!s->program)
        return;
    for (int i = 0; i < PARAMETERS; i++)
        values[i] = calls_angle(s);
    GOOD(s, ketch_program_bind(&s->bound, s->program, values, PARAMETERS, &s->error));
    memcpy(s->bound_values, values, sizeof values);
}
