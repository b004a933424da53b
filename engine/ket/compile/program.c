/* Programs: public functions and life. */
#include "ket/compile/program.h"

#include "cpu.h"
#include "engine.h"
#include "heap.h"
#include "ket/compile/bind.h"
#include "ket/compile/cost.h"
#include "status.h"

#include <assert.h>

static const uint64_t program_magic = UINT64_C(0x6b742d70726f6772);

/* A tile holds at least the qubits of the widest dense gate. */
enum { TILE_MIN = KETCH_UNITARY_QUBITS_MAX, TILE_MAX = 20 };

ketch_status ktq_program_check(const ketch_program *program, const char *function,
                               ketch_error *error)
{
    if (!program || program->magic != program_magic)
        return kt_fail_handle(error, function, "program", "a program", program);
    return KETCH_OK;
}

uint64_t ktq_tile_scratch(const ketch_program *program)
{
    const ktq_shape *const shape = &program->shape;
    return ktq_kernel_scratch(program->kernels, shape->tile_bits, shape->subtile_bits);
}

uint64_t ktq_program_scratch(const ketch_program *program)
{
    return program->is_small ? 0 : ktq_tile_scratch(program);
}

double ktq_program_cost(const ketch_program *program)
{
    double cost = 0;
    for (size_t i = 0; i < program->segment_count; i++) {
        const ktq_segment *const s = &program->segments[i];
        for (size_t k = s->arrange_count; k < s->pass_count; k++) {
            const ktq_pass *const pass = &program->passes[s->first_pass + k];
            cost += ktq_cost_pass(program->kernels, pass, program->qubits, pass->live);
        }
    }
    return cost;
}

double ktq_program_plan_cost(const ketch_program *program)
{
    double cost = 0;
    for (size_t i = 0; i < program->pass_count; i++)
        for (size_t k = 0; k < program->passes[i].subtile_count; k++)
            cost += ktq_cost_prepare(program->kernels, program->passes[i].subtiles[k].size);
    return cost;
}

static ketch_status check_number(int32_t value, int32_t low, int32_t high, const char *argument,
                                 const char *function, ketch_error *error)
{
    if (value == 0 || (value >= low && value <= high))
        return KETCH_OK;
    return kt_fail(error, KETCH_RANGE, function, argument, kt_format("%d", value).text,
                   kt_format("%d..%d, or 0 to have it chosen", low, high).text,
                   "%s is out of range", argument);
}

static ketch_status check_program_options(ketch_program_options *options, const char *function,
                                          ketch_error *error)
{
    KT_TRY(check_number((int32_t)options->precision, 1, 2, "precision", function, error));
    KT_TRY(check_number((int32_t)options->kernels, 1, KT_KERNELS_LAST, "kernels", function, error));
    KT_TRY(check_number(options->tile_bits, TILE_MIN, TILE_MAX, "tile_bits", function, error));
    KT_TRY(check_number(options->run_bits, 1, TILE_MAX, "run_bits", function, error));
    if (!options->precision)
        options->precision = KETCH_DOUBLE;
    if (!options->kernels)
        options->kernels = kt_cpu_best();
    if (kt_cpu_runs(options->kernels) && ktq_kernel_set_find(options->kernels, options->precision))
        return KETCH_OK;
    return kt_fail_kernels(error, function, options->kernels);
}

static void free_pass(ktq_pass *pass)
{
    for (size_t i = 0; i < pass->subtile_count; i++)
        kt_heap_give(pass->subtiles[i].calls);
    kt_heap_give(pass->subtiles);
    ktq_small_free(&pass->small);
}

void ktq_program_free(ketch_program *program)
{
    program->magic = 0;
    if (program->plan) {
        ketch_program_drop(program->plan);
        kt_heap_give(program);
        return;
    }
    ktq_book_destroy(program->book);
    for (size_t i = 0; i < program->pass_count; i++)
        free_pass(&program->passes[i]);
    kt_heap_give(program->passes);
    kt_heap_give(program->segments);
    kt_heap_give(program->measured);
    kt_heap_give(program);
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
    KT_TRY(check_program_options(&o, __func__, error));
    ketch_program *const made = kt_heap_take(sizeof *made);
    if (!made)
        return kt_fail_heap(error, __func__);
    made->magic = program_magic;
    made->references = 1;
    made->qubits = circuit->qubit_count;
    made->bits = circuit->bit_count;
    made->steps = circuit->steps;
    made->precision = o.precision;
    made->kernels = ktq_kernel_set_find(o.kernels, o.precision);
    made->plain = o.plain != 0;
    made->is_small =
        made->qubits <= KTQ_SMALL_QUBITS_MAX && !made->plain && !ketch_circuit_parameters(circuit);
    if (!ktq_shape_choose(made, circuit, &o) || !ktq_book_create(&made->book, circuit) ||
        !ktq_segments_build(made, circuit, o.fence_every)) {
        ktq_program_free(made);
        return kt_fail_heap(error, __func__);
    }
    if (made->book)
        ktq_bind_finish(made->book);
    *program = made;
    return KETCH_OK;
}

ketch_program *ketch_program_share(ketch_program *program)
{
    if (program)
        __atomic_add_fetch(&program->references, 1, __ATOMIC_RELAXED);
    return program;
}

void ketch_program_drop(ketch_program *program)
{
    if (program && __atomic_sub_fetch(&program->references, 1, __ATOMIC_ACQ_REL) == 0)
        ktq_program_free(program);
}

ketch_status ketch_program_get_info(ketch_program_info *info, const ketch_program *program,
                                    ketch_error *error)
{
    KT_TRY(ktq_program_check(program, __func__, error));
    const uint64_t amplitude = program->precision == KETCH_SINGLE ? 8 : 16;
    const ketch_program_info full = {
        .size = sizeof full,
        .qubits = program->qubits,
        .bits = program->bits,
        .precision = program->precision,
        .kernels = program->kernels->id,
        .tile_bits = program->shape.tile_bits,
        .run_bits = program->shape.run_bits,
        .steps = program->steps,
        .operations = program->op_count,
        .passes = program->pass_count,
        .segments = program->segment_count,
        .state_bytes = amplitude << program->qubits,
        .scratch_bytes = ktq_program_scratch(program),
        .measures = program->measures,
        .sampled = program->sampled,
        .parameters = program->book && !program->plan ? (int32_t)program->book->parameter_count : 0,
    };
    return kt_write_report(info, &full, sizeof full, __func__, "info", error);
}
