/* A plan as text for a person. */
#include "ket/compile/estimate.h"
#include "ket/compile/program.h"

#include "status.h"

/* Positions as ranges: "0-6 9 12-14". */
static void write_mask(kt_printer *t, uint64_t mask, int32_t qubits)
{
    const char *gap = "";
    for (int q = 0; q < qubits; q++) {
        if (!(mask >> q & 1))
            continue;
        const int first = q;
        while (q + 1 < qubits && mask >> (q + 1) & 1)
            q++;
        kt_print(t, first == q ? "%s%d" : "%s%d-%d", gap, first, q);
        gap = " ";
    }
}

static void write_head(kt_printer *t, const ktq_plan *plan)
{
    kt_print(
        t, "%s, %s, %s, %s precision, %s kernels\n", kt_count((uint64_t)plan->qubits, "qubit").text,
        kt_count((uint64_t)plan->bits, "classical bit").text, kt_count(plan->steps, "step").text,
        ktq_precision_name(plan->precision), ketch_kernels_name(plan->set->id));
    kt_print(t, "state %s, scratch %s a thread, tiles of %s (%s)\n",
             kt_bytes(ktq_amplitude_size(plan->precision) << plan->qubits).text,
             kt_bytes(ktq_plan_scratch(plan)).text,
             kt_count((uint64_t)plan->tiling.tile_bits, "qubit").text,
             kt_bytes(ktq_amplitude_size(plan->precision) << plan->tiling.tile_bits).text);
    kt_print(t, "%s after merging, in %s over the state, %s\n",
             kt_count(plan->op_count, "operation").text, kt_count(plan->passes.count, "pass").text,
             kt_count(plan->segments.count, "segment").text);
    if (plan->measures)
        kt_print(t, "shots: %s\n",
                 plan->is_sampled ? "drawn from one run" : "each a run of its own");
}

static void write_segment(kt_printer *t, const ktq_plan *plan, size_t number)
{
    static const char *const names[] = {"gates", "measure", "reset", "final measurements"};
    const ktq_segment *const s = &plan->segments.items[number];
    kt_print(t, "segment %zu: %s", number + 1, names[s->kind]);
    if (s->kind == KTQ_SEGMENT_MEASURE)
        kt_print(t, " qubit %d -> bit %d", s->qubit, s->bit);
    if (s->kind == KTQ_SEGMENT_RESET)
        kt_print(t, " qubit %d%s", s->qubit,
                 number < plan->first_resets ? " (nothing to do from a basis state)" : "");
    if (s->condition.count)
        kt_print(t, ", if bits %u..%u are %llu", s->condition.first,
                 s->condition.first + s->condition.count - 1,
                 (unsigned long long)s->condition.value);
    kt_print(t, ", up to step %llu%s\n", (unsigned long long)s->retired,
             s->has_fence ? ", then a fence" : "");
}

static size_t count_calls(const ktq_plan *plan, const ktq_pass_plan *pass)
{
    const ktq_subpass_plan *const subpasses = KT_LIST_AT(&plan->subpasses, pass->first_subpass);
    size_t calls = 0;
    for (size_t i = 0; i < pass->subpass_count; i++)
        calls += subpasses[i].group_count;
    return calls;
}

/* Bytes moved and time, both for a run from a basis state. */
static void write_costs(kt_printer *t, const ktq_plan *plan, const ktq_pass_plan *pass)
{
    const uint64_t outside = pass->support & ~pass->frame.positions;
    const uint64_t tiles = UINT64_C(1) << kt_bit_count(outside);
    const uint64_t bytes = (2 * ktq_amplitude_size(plan->precision) * tiles) << pass->frame.bits;
    kt_print(t, ", %s, %s ms", kt_bytes(bytes).text,
             kt_significant(ktq_plan_pass_cost(plan, pass) * 1e-6, 3).text);
}

static void write_pass(kt_printer *t, const ktq_plan *plan, size_t number, bool arranges)
{
    const ktq_pass_plan *const pass = &plan->passes.items[number];
    kt_print(t, "  pass %zu: qubits ", number + 1);
    write_mask(t, pass->frame.positions, plan->qubits);
    if (plan->is_small)
        kt_print(t, ", %s as %zu in registers", kt_count(pass->op_count, "operation").text,
                 pass->small.op_count);
    else
        kt_print(t, ", %s in %s of a tile, %s", kt_count(pass->op_count, "operation").text,
                 kt_count(pass->subpass_count, "sweep").text,
                 kt_count(count_calls(plan, pass), "kernel call").text);
    if (arranges)
        kt_print(t, " (only where it does not begin with a basis state)");
    else if (!plan->is_small)
        write_costs(t, plan, pass);
    kt_print(t, "\n");
}

static void write_total(kt_printer *t, const ktq_plan *plan)
{
    const kt_cpu_family family = plan->set->family;
    const bool is_mean = family == KT_FAMILY_OTHER && !plan->options.cost_table;
    if (!plan->is_small)
        kt_print(t,
                 "estimate: %s ms for the gates from a basis state on one core, by costs of %s%s\n",
                 kt_significant(ktq_plan_run_cost(plan) * 1e-6, 3).text,
                 is_mean ? "several families of processors" : kt_cpu_family_name(family),
                 plan->options.cost_table ? " (a given table)" : "");
}

static void write_all(kt_printer *t, const ktq_plan *plan)
{
    write_head(t, plan);
    for (size_t i = 0; i < plan->segments.count; i++) {
        const ktq_segment *const s = &plan->segments.items[i];
        write_segment(t, plan, i);
        for (size_t k = 0; k < s->pass_count; k++)
            write_pass(t, plan, s->first_pass + k, k < s->arrange_count);
    }
    write_total(t, plan);
}

ketch_status ketch_program_plan(char *text, size_t capacity, size_t *length,
                                const ketch_program *program, ketch_error *error)
{
    KT_TRY(ktq_program_check(program, __func__, error));
    if (capacity && !text)
        return kt_fail_handle(error, __func__, "text", "a place for the text", text);
    kt_printer t = {text, capacity, 0};
    write_all(&t, program->plan);
    if (length)
        *length = t.length;
    return KETCH_OK;
}
