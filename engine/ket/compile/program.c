#include "ket/compile/program.h"

#include "ket/compile/plan_hash.h"
#include "ket/compile/prepared.h"
#include "status.h"

#include <assert.h>

static const uint64_t program_magic = UINT64_C(0x6b742d70726f6772);

/* A program that is its own origin, and the plan it owns. */
typedef struct original {
    ketch_program program;
    ktq_plan plan;
} original;

ketch_status ktq_program_check(const ketch_program *program, const char *function,
                               ketch_error *error)
{
    if (!program || program->magic != program_magic)
        return kt_fail_handle(error, function, "program", "a program", program);
    return KETCH_OK;
}

/* ---- life ---- */

/* Takes a program's parts from the layout; NULL while the size is added up. */
static original *take_original(kt_layout *layout, const ktq_plan *plan)
{
    original *const made = kt_layout_take(layout, 1, sizeof *made);
    ktq_plan_take_copy(made ? &made->plan : NULL, layout, plan);
    ktq_pass *const passes = ktq_prepared_take_passes(layout, made ? &made->plan : plan);
    ktq_prepared_take_calls(layout, passes, plan, false);
    if (made)
        made->program = (ketch_program){
            .magic = program_magic, .references = 1, .plan = &made->plan, .passes = passes};
    return made;
}

ketch_block *ktq_program_take_block(ketch_arena *arena, size_t size, kt_refusal *refusal)
{
    ketch_block *const block = kt_arena_take(arena, size, "program", refusal);
    if (block)
        kt_block_written(block);
    return block;
}

ketch_program *ktq_program_make(const ktq_plan *plan, ketch_arena *arena, kt_refusal *refusal)
{
    kt_layout layout = {0};
    take_original(&layout, plan);
    ketch_block *const block = ktq_program_take_block(arena, layout.size, refusal);
    if (!block)
        return NULL;
    layout = (kt_layout){.base = kt_block_data(block)};
    original *const made = take_original(&layout, plan);
    made->program.block = block;
    ketch_cost_table_share(plan->options.cost_table);
    ktq_prepare_constant_calls(made->program.passes, plan);
    if (!ktq_plan_is_parametric(plan) && !plan->is_small) {
        made->plan.hash = ktq_plan_hash(plan);
        made->plan.is_hashed = true;
    }
    return &made->program;
}

ketch_program *ketch_program_share(ketch_program *program)
{
    if (program)
        __atomic_add_fetch(&program->references, 1, __ATOMIC_RELAXED);
    return program;
}

static void free_program(ketch_program *program)
{
    program->magic = 0;
    if (program->origin)
        ketch_program_drop(program->origin);
    else
        ketch_cost_table_drop(program->plan->options.cost_table);
    kt_block_drop(program->block);
}

void ketch_program_drop(ketch_program *program)
{
    if (program && __atomic_sub_fetch(&program->references, 1, __ATOMIC_ACQ_REL) == 0)
        free_program(program);
}

/* ---- what it is like ---- */

size_t ktq_program_open_parameters(const ketch_program *program)
{
    return program->origin ? 0 : program->plan->rules.parameter_count;
}

static uint64_t program_size(const ketch_program *program)
{
    return kt_block_size(program->block) + (program->origin ? program_size(program->origin) : 0);
}

uint64_t ktq_tile_scratch(const ketch_program *program)
{
    const ktq_tiling *const tiling = &program->plan->tiling;
    return ktq_kernel_scratch(program->plan->set, tiling->tile_bits, tiling->subtile_bits);
}

ketch_status ketch_program_get_info(ketch_program_info *info, const ketch_program *program,
                                    ketch_error *error)
{
    KT_TRY(ktq_program_check(program, __func__, error));
    const ktq_plan *const plan = program->plan;
    const ketch_program_info full = {
        .size = sizeof full,
        .qubits = plan->qubits,
        .bits = plan->bits,
        .precision = plan->precision,
        .kernels = plan->set->id,
        .tile_bits = plan->tiling.tile_bits,
        .run_bits = plan->tiling.run_bits,
        .steps = plan->steps,
        .operations = plan->op_count,
        .passes = plan->passes.count,
        .segments = plan->segments.count,
        .state_bytes = ktq_amplitude_size(plan->precision) << plan->qubits,
        .scratch_bytes = ktq_plan_scratch(plan),
        .measures = plan->measures,
        .sampled = plan->is_sampled,
        .parameters = (int32_t)ktq_program_open_parameters(program),
        .program_bytes = program_size(program),
        .planning_bytes = plan->work_size,
        .draws = plan->draws,
    };
    return kt_write_report(info, &full, sizeof full, __func__, "info", error);
}
