#include "ket/compile/merge_diagonals.h"

#include "bits.h"

#include <assert.h>
#include <complex.h>

/* Limits of one product: positions that are not lanes, and diagonals multiplied. */
enum { OTHERS_MAX = 4, PARTS_MAX = 64, LANES_MAX = 4, PRODUCT_BITS = OTHERS_MAX + LANES_MAX };

/* parts[0..part_count-1]: the diagonals that are deferred, which depend on the positions in mask.
 * ops[0..kept-1]: the operations after merging, never more than were read. */
struct ktq_merger {
    ktq_op_list *list;
    const ktq_op_costs *costs;
    const ktq_frame *frame;
    uint64_t lanes, mask;
    ktq_candidate *ops;
    size_t kept, part_count;
    ktq_candidate parts[PARTS_MAX];
    double complex factors[1 << PRODUCT_BITS];
};

/* Whether the operation is a diagonal that depends on lanes and on other positions of the frame, but
 * not on too many. */
static bool is_mixed(const ktq_merger *m, const ktq_candidate *op)
{
    const uint64_t others = op->fixed & ~m->lanes;
    return !op->moved && (op->fixed & m->lanes) && (others & m->frame->positions) &&
           kt_bit_count(others) <= OTHERS_MAX;
}

static bool fits_product(const ktq_merger *m, const ktq_candidate *op)
{
    const uint64_t others = (m->mask | op->fixed) & ~m->lanes;
    return m->part_count < PARTS_MAX && kt_bit_count(others) <= OTHERS_MAX;
}

static ktq_op diagonal_on(uint64_t mask)
{
    ktq_op op = {.kind = KTQ_DIAG, .fixed = mask};
    FOR_EACH_BIT(position, mask)
        op.qubits[op.count++] = (uint8_t)position;
    return op;
}

/* Appends the product of the deferred diagonals to the list. */
static bool add_product(ktq_merger *m)
{
    const ktq_op product = diagonal_on(m->mask);
    assert(product.count <= PRODUCT_BITS && product.count <= KTQ_OP_QUBITS_MAX);
    for (size_t row = 0; row >> product.count == 0; row++) {
        m->factors[row] = 1;
        for (size_t i = 0; i < m->part_count; i++) {
            const ktq_op *const part = &m->list->ops[m->parts[i].index];
            m->factors[row] *= ktq_op_factor(part, m->list->data, kt_deposit(row, m->mask));
        }
    }
    if (!ktq_op_list_add(m->list, &product, (const double *)m->factors, (size_t)2 << product.count))
        return false;
    m->ops[m->kept++] = ktq_candidate_of(m->list, m->list->count - 1, m->costs);
    return true;
}

/* Ends deferring: one diagonal is kept as it is, several as their product. */
static bool flush_parts(ktq_merger *m)
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

static bool merge_all(ktq_merger *m, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const ktq_candidate op = m->ops[i];
        const bool is_part = is_mixed(m, &op);
        assert(!m->list->ops[op.index].is_parametric);
        if ((is_part ? !fits_product(m, &op) : (op.moved & m->mask) != 0) && !flush_parts(m))
            return false;
        if (is_part) {
            m->parts[m->part_count++] = op;
            m->mask |= op.fixed;
        } else {
            m->ops[m->kept++] = op;
        }
        assert(m->kept <= i + 1);
    }
    return flush_parts(m);
}

ktq_merger *ktq_merger_take(kt_region *region)
{
    return kt_region_take(region, sizeof(ktq_merger));
}

bool ktq_merge_diagonals(ktq_merger *m, ktq_op_list *list, const ktq_op_costs *costs,
                         const ktq_frame *frame, uint64_t lanes, ktq_candidate *ops, size_t *count)
{
    assert(kt_bit_count(lanes) <= LANES_MAX);
    m->list = list;
    m->costs = costs;
    m->frame = frame;
    m->lanes = lanes;
    m->mask = 0;
    m->ops = ops;
    m->kept = m->part_count = 0;
    const bool good = merge_all(m, *count);
    assert(!good || m->kept <= *count);
    *count = m->kept;
    return good;
}
