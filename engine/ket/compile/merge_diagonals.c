#include "ket/compile/merge_diagonals.h"

#include "heap.h"

#include <complex.h>

/* Of one diagonal: bits that are not lanes, and how many it is made of at most. */
enum { OTHERS = 4, PARTS = 64, BITS = OTHERS + 4 };

/* parts: those that wait, which look at the positions in mask. kept: operations that are back in
 * ops, no more than were read. */
typedef struct mixer {
    ktq_op_list *list;
    const ktq_frame *frame;
    uint64_t lanes, mask;
    size_t *ops;
    size_t kept, part_count;
    size_t parts[PARTS];
    double complex factors[1 << BITS];
} mixer;

static bool is_mixed(const mixer *m, const ktq_op *op)
{
    const uint64_t others = op->fixed & ~m->lanes;
    return !op->moved && (op->fixed & m->lanes) && (others & m->frame->positions) &&
           __builtin_popcountll(others) <= OTHERS;
}

static bool joins(const mixer *m, const ktq_op *op)
{
    const uint64_t others = (m->mask | op->fixed) & ~m->lanes;
    return m->part_count < PARTS && __builtin_popcountll(others) <= OTHERS;
}

static ktq_op diagonal_on(uint64_t mask)
{
    ktq_op op = {.kind = KTQ_DIAG, .fixed = mask};
    for (; mask; mask &= mask - 1)
        op.qubits[op.count++] = (uint8_t)__builtin_ctzll(mask);
    return op;
}

/* One for all that wait. */
static bool add_product(mixer *m)
{
    const ktq_op product = diagonal_on(m->mask);
    for (size_t row = 0; row >> product.count == 0; row++) {
        m->factors[row] = 1;
        for (size_t i = 0; i < m->part_count; i++) {
            const ktq_op *const part = &m->list->ops[m->parts[i]];
            m->factors[row] *= ktq_op_factor(part, m->list->data, ktq_deposit(row, m->mask));
        }
    }
    m->ops[m->kept++] = m->list->count;
    return ktq_op_list_add(m->list, &product, (const double *)m->factors,
                           (size_t)2 << product.count);
}

static bool let_go(mixer *m)
{
    bool good = true;
    if (m->part_count == 1)
        m->ops[m->kept++] = m->parts[0];
    else if (m->part_count > 1)
        good = add_product(m);
    m->part_count = 0;
    m->mask = 0;
    return good;
}

static bool merge_all(mixer *m, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const size_t number = m->ops[i];
        const ktq_op op = m->list->ops[number];
        const bool waits = is_mixed(m, &op);
        if ((waits ? !joins(m, &op) : (op.moved & m->mask) != 0) && !let_go(m))
            return false;
        if (waits) {
            m->parts[m->part_count++] = number;
            m->mask |= op.fixed;
        } else {
            m->ops[m->kept++] = number;
        }
    }
    return let_go(m);
}

bool ktq_merge_diagonals(ktq_op_list *list, const ktq_frame *frame, uint64_t lanes, size_t *ops,
                         size_t *count)
{
    mixer *const m = kt_heap_take(sizeof *m);
    if (!m)
        return false;
    m->list = list;
    m->frame = frame;
    m->lanes = lanes;
    m->ops = ops;
    const bool good = merge_all(m, *count);
    *count = m->kept;
    kt_heap_give(m);
    return good;
}
