#include "ket/compile/lower_multiplexer.h"

/* A multiplexer with its target and selects as the placed targets. */
typedef struct placed_multiplexer {
    ktq_lowering *l;
    ktq_placed placed;
    const double complex *matrices; /* 4 numbers each */
    size_t count;                   /* of matrices */
} placed_multiplexer;

static bool all_diagonal(const placed_multiplexer *m)
{
    for (size_t i = 0; i < m->count; i++)
        if (!ktq_is_diagonal2(m->matrices + 4 * i))
            return false;
    return true;
}

/* The numbers of the matrices are the high bits of a diagonal's, above the target's. */
static bool add_as_diagonal(const placed_multiplexer *m)
{
    double complex *const factors = m->l->factors;
    for (size_t i = 0; i < m->count; i++) {
        factors[2 * i] = m->matrices[4 * i];
        factors[2 * i + 1] = m->matrices[4 * i + 3];
    }
    return ktq_lowering_flush_to_diagonal(m->l,
                                          m->placed.control | ktq_placed_targets(&m->placed)) &&
           ktq_lowering_add_diagonal(m->l, &m->placed, factors);
}

/* Appends matrix i under the value i of the selects. */
static bool add_choice(const placed_multiplexer *m, size_t i)
{
    const double complex *const matrix = m->matrices + 4 * i;
    ktq_placed g = {.count = 1,
                    .targets = {m->placed.targets[0]},
                    .control = m->placed.control,
                    .value = m->placed.value};
    if (ktq_is_diagonal2(matrix) && matrix[0] == 1 && matrix[3] == 1)
        return true;
    for (int32_t k = 1; k < m->placed.count; k++)
        ktq_placed_control(&g, m->placed.targets[k], i >> (k - 1) & 1);
    return ktq_lowering_add_single(m->l, &g, matrix);
}

static bool add_choices(const placed_multiplexer *m)
{
    const uint64_t target = UINT64_C(1) << m->placed.targets[0];
    const uint64_t others = (m->placed.control | ktq_placed_targets(&m->placed)) & ~target;
    if (!ktq_lowering_flush(m->l, target) || !ktq_lowering_flush_to_diagonal(m->l, others))
        return false;
    for (size_t i = 0; i < m->count; i++)
        if (!add_choice(m, i))
            return false;
    return true;
}

bool ktq_lower_multiplexer(ktq_lowering *l, const ketch_circuit *circuit, const ktq_gate *gate)
{
    placed_multiplexer m = {.l = l,
                            .matrices = (const double complex *)ktq_gate_params(circuit, gate)};
    ktq_placed_gate(&m.placed, circuit, gate, 0, l->position);
    m.count = (size_t)1 << (m.placed.count - 1);
    if (m.placed.count == 1 && !m.placed.control && !l->is_plain)
        return ktq_lowering_merge(l, m.placed.targets[0], m.matrices);
    return all_diagonal(&m) ? add_as_diagonal(&m) : add_choices(&m);
}
