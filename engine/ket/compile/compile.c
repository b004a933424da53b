/* Compiling: a circuit becomes a plan, and the plan a program. */
#include "cpu.h"
#include "engine.h"
#include "ket/compile/program.h"
#include "ket/compile/tile_sizes.h"
#include "ket/kernels/cost_table.h"
#include "status.h"

enum { TILE_MIN = KTQ_TILE_BITS_MIN, TILE_MAX = 20 };

static ketch_status check_number(int32_t value, int32_t low, int32_t high, const char *argument,
                                 const char *function, ketch_error *error)
{
    if (value == 0 || (value >= low && value <= high))
        return KETCH_OK;
    return kt_fail(error, KETCH_RANGE, function, argument, kt_format("%d", value).text,
                   kt_format("%d..%d, or 0 to have it chosen", low, high).text,
                   "%s is out of range", argument);
}

/* The kernel set with the costs that are asked for; NULL if there are none. */
static const ktq_kernel_set *find_set(const ketch_program_options *options)
{
    if (options->cost_table)
        return ktq_cost_table_find(options->cost_table, options->kernels, options->precision);
    const ktq_kernel_set *const usual = ktq_kernel_set_find(options->kernels, options->precision);
    if (options->costs == KETCH_COSTS_DEFAULT)
        return usual;
    const bool here = options->costs == KETCH_COSTS_HERE;
    const kt_cpu_family family = here ? kt_cpu_family_here() : (kt_cpu_family)options->costs;
    const ktq_kernel_set *const found =
        ktq_kernel_set_find_for(options->kernels, options->precision, family);
    return found || !here ? found : usual;
}

static ketch_status check_family(int32_t costs, const char *function, ketch_error *error)
{
    if (costs == KETCH_COSTS_HERE || (costs >= 0 && costs < KT_FAMILIES))
        return KETCH_OK;
    return kt_fail(
        error, KETCH_RANGE, function, "costs", kt_format("%d", costs).text,
        kt_format("%d..%d, or 0 for the kernel set's own", KETCH_COSTS_HERE, KT_FAMILIES - 1).text,
        "no such family of processors");
}

static ketch_status check_table(const ketch_program_options *options, const char *function,
                                ketch_error *error)
{
    if (!options->cost_table)
        return KETCH_OK;
    KT_TRY(ktq_cost_table_check(options->cost_table, "cost_table", function, error));
    if (options->costs == KETCH_COSTS_DEFAULT)
        return KETCH_OK;
    return kt_fail(error, KETCH_MISMATCH, function, "costs", ketch_costs_name(options->costs),
                   "0 with a table of costs", "a program has one table of costs");
}

/* Refuses costs that do not have the kernel set. */
static ketch_status check_costs(const ketch_program_options *options, const char *function,
                                ketch_error *error)
{
    if (find_set(options))
        return KETCH_OK;
    const bool own = options->cost_table;
    return kt_fail(error, KETCH_MISMATCH, function, own ? "cost_table" : "costs",
                   own ? "a table without it" : ketch_costs_name(options->costs),
                   own ? "a table that has it" : "0, the kernel set's own",
                   "no costs of the kernel set %s in %s precision",
                   ketch_kernels_name(options->kernels), ktq_precision_name(options->precision));
}

/* Checks the options, and fills in the precision and the kernel set where they are to be chosen. */
static ketch_status check_options(ketch_program_options *options, const char *function,
                                  ketch_error *error)
{
    KT_TRY(check_family((int32_t)options->costs, function, error));
    KT_TRY(check_table(options, function, error));
    if (options->arena && !kt_arena_alive(options->arena))
        return kt_fail_handle(error, function, "arena", "an arena", options->arena);
    if (options->arena && kt_arena_forked(options->arena))
        return kt_fail_forked(error, function, "arena", "the arena");
    KT_TRY(check_number((int32_t)options->precision, 1, 2, "precision", function, error));
    KT_TRY(check_number((int32_t)options->kernels, 1, (int32_t)kt_cpu_kernels_last(), "kernels",
                        function, error));
    KT_TRY(check_number(options->tile_bits, TILE_MIN, TILE_MAX, "tile_bits", function, error));
    KT_TRY(check_number(options->run_bits, 1, TILE_MAX, "run_bits", function, error));
    if (!options->precision)
        options->precision = KETCH_DOUBLE;
    if (!options->kernels)
        options->kernels = kt_cpu_best();
    if (kt_cpu_runs(options->kernels) && ktq_kernel_set_find(options->kernels, options->precision))
        return check_costs(options, function, error);
    return kt_fail_kernels(error, function, options->kernels);
}

/* Bytes of work memory, about: of the stages, and for each gate. */
enum { STAGES_WORK = 40 << 10, GATE_WORK = 1000 };

/* Plans the circuit in the arena. NULL, and *refusal is filled in, where memory is refused. */
static ketch_program *compile_circuit(const ketch_circuit *circuit,
                                      const ketch_program_options *options, ketch_arena *arena,
                                      kt_refusal *refusal)
{
    kt_region region;
    const size_t likely = STAGES_WORK + GATE_WORK * ktq_circuit_gate_count(circuit);
    kt_region_begin(&region, arena, "planning", likely);
    const ktq_plan_source source = {.region = &region,
                                    .circuit = circuit,
                                    .set = find_set(options),
                                    .fence_every = options->fence_every,
                                    .is_plain = options->plain != 0};
    ktq_plan plan;
    ketch_program *made = NULL;
    if (ktq_plan_with_best_tiles(&plan, &source, options)) {
        plan.options = *options;
        plan.options.arena = NULL;
        plan.work_size = kt_region_size(&region);
        if (options->costs != KETCH_COSTS_DEFAULT) /* what HERE was, so that it can be told */
            plan.options.costs = (ketch_costs)source.set->family;
        made = ktq_program_make(&plan, arena, refusal);
    } else {
        *refusal = region.refusal;
    }
    kt_region_end(&region);
    return made;
}

/* The same in an arena of its own, which keeps no work memory. */
static ketch_program *compile_apart(const ketch_circuit *circuit,
                                    const ketch_program_options *options, kt_refusal *refusal)
{
    ketch_arena *const arena = kt_arena_create(0, false, refusal);
    if (!arena)
        return NULL;
    ketch_program *const made = compile_circuit(circuit, options, arena, refusal);
    kt_arena_trim(arena);
    kt_arena_drop(arena);
    return made;
}

ketch_status ketch_program_create(ketch_program **program, const ketch_circuit *circuit,
                                  const ketch_program_options *options, ketch_error *error)
{
    if (!program)
        return kt_fail_handle(error, __func__, "program", "a place for the program", program);
    *program = NULL;
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    ketch_program_options o;
    KT_TRY(kt_read_options(&o, sizeof o, options, __func__, "options", error));
    KT_TRY(check_options(&o, __func__, error));
    kt_refusal refusal = {0};
    *program = o.arena ? compile_circuit(circuit, &o, o.arena, &refusal)
                       : compile_apart(circuit, &o, &refusal);
    return *program ? KETCH_OK
                    : kt_fail_memory(error, __func__, "circuit", "planning the circuit", &refusal);
}
