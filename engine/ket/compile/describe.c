/* A program's plan as text for a person. */
#include "ket/compile/cost.h"
#include "ket/compile/program.h"

#include "status.h"

#include <stdarg.h>
#include <stdio.h>

/* Text goes to to[0..capacity-1] as far as it fits; length counts all of it. */
typedef struct plan_text {
    char *to;
    size_t capacity, length;
} plan_text;

static void __attribute__((format(printf, 2, 3))) write_plan(plan_text *t, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const bool room = t->length < t->capacity;
    const int wrote = vsnprintf(room ? t->to + t->length : NULL, room ? t->capacity - t->length : 0,
                                format, arguments);
    va_end(arguments);
    if (wrote > 0)
        t->length += (size_t)wrote;
}

/* Positions as ranges: "0-6 9 12-14". */
static void write_mask(plan_text *t, uint64_t mask, int32_t qubits)
{
    const char *gap = "";
    for (int q = 0; q < qubits; q++) {
        if (!(mask >> q & 1))
            continue;
        const int first = q;
        while (q + 1 < qubits && mask >> (q + 1) & 1)
            q++;
        write_plan(t, first == q ? "%s%d" : "%s%d-%d", gap, first, q);
        gap = " ";
    }
}

static void write_head(plan_text *t, const ketch_program *p)
{
    const uint64_t amplitude = p->precision == KETCH_SINGLE ? 8 : 16;
    write_plan(t, "%d qubits, %d classical bits, %llu steps, %s precision, %s kernels\n", p->qubits,
               p->bits, (unsigned long long)p->steps,
               p->precision == KETCH_SINGLE ? "single" : "double",
               ketch_kernels_name(p->kernels->id));
    write_plan(t, "state %s, scratch %s a thread, tiles of %d qubits (%s)\n",
               kt_bytes(amplitude << p->qubits).text, kt_bytes(ktq_program_scratch(p)).text,
               p->shape.tile_bits, kt_bytes(amplitude << p->shape.tile_bits).text);
    write_plan(t, "%zu operations after merging, in %zu passes over the state, %zu segments\n",
               p->op_count, p->pass_count, p->segment_count);
    if (p->measures)
        write_plan(t, "shots: %s\n", p->sampled ? "drawn from one run" : "each a run of its own");
}

static void write_segment(plan_text *t, const ketch_program *p, size_t number)
{
    static const char *const names[] = {"gates", "measure", "reset", "final measurements"};
    const ktq_segment *const s = &p->segments[number];
    write_plan(t, "segment %zu: %s", number + 1, names[s->kind]);
    if (s->kind == KTQ_SEGMENT_MEASURE)
        write_plan(t, " qubit %d -> bit %d", s->qubit, s->bit);
    if (s->kind == KTQ_SEGMENT_RESET)
        write_plan(t, " qubit %d", s->qubit);
    if (s->condition.count)
        write_plan(t, ", if bits %u..%u are %llu", s->condition.first,
                   s->condition.first + s->condition.count - 1,
                   (unsigned long long)s->condition.value);
    write_plan(t, ", up to step %llu%s\n", (unsigned long long)s->retired,
               s->fence ? ", then a fence" : "");
}

static size_t count_steps(const ktq_pass *pass)
{
    size_t steps = pass->small.step_count;
    for (size_t i = 0; i < pass->subtile_count; i++)
        steps += pass->subtiles[i].call_count;
    return steps;
}

/* Bytes moved and time, both for a run from a basis state. */
static void write_costs(plan_text *t, const ketch_program *p, const ktq_pass *pass)
{
    const uint64_t tiles = UINT64_C(1) << __builtin_popcountll(pass->live & ~pass->frame.positions);
    const uint64_t amplitude = p->precision == KETCH_SINGLE ? 8 : 16;
    write_plan(t, ", %s, %.3g ms", kt_bytes((2 * amplitude * tiles) << pass->frame.bits).text,
               ktq_cost_pass(p->kernels, pass, p->qubits, pass->live) * 1e-6);
}

static void write_pass(plan_text *t, const ketch_program *p, size_t number, bool arranges)
{
    const ktq_pass *const pass = &p->passes[number];
    write_plan(t, "  pass %zu: qubits ", number + 1);
    write_mask(t, pass->frame.positions, p->qubits);
    write_plan(t, ", %zu operations in ", pass->op_count);
    if (!p->is_small)
        write_plan(t, "%zu sweep%s of a tile, ", pass->subtile_count,
                   pass->subtile_count == 1 ? "" : "s");
    write_plan(t, "%zu steps%s", count_steps(pass), p->is_small ? " in registers" : "");
    if (arranges)
        write_plan(t, " (only where it does not begin with a basis state)");
    else if (!p->is_small)
        write_costs(t, p, pass);
    write_plan(t, "\n");
}

static void write_total(plan_text *t, const ketch_program *p)
{
    if (!p->is_small)
        write_plan(t,
                   "estimate: %.3g ms for the gates from a basis state, on one core of the machine "
                   "that costs were measured on (Zen 5)\n",
                   ktq_program_cost(p) * 1e-6);
}

static void write_program(plan_text *t, const ketch_program *p)
{
    write_head(t, p);
    for (size_t i = 0; i < p->segment_count; i++) {
        const ktq_segment *const s = &p->segments[i];
        write_segment(t, p, i);
        for (size_t k = 0; k < s->pass_count; k++)
            write_pass(t, p, s->first_pass + k, k < s->arrange_count);
    }
    write_total(t, p);
}

ketch_status ketch_program_plan(char *text, size_t capacity, size_t *length,
                                const ketch_program *program, ketch_error *error)
{
    KT_TRY(ktq_program_check(program, __func__, error));
    if (capacity && !text)
        return kt_fail_handle(error, __func__, "text", "a place for the text", text);
    plan_text t = {text, capacity, 0};
    write_program(&t, program);
    if (length)
        *length = t.length;
    return KETCH_OK;
}
