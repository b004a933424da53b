#include "ket/compile/fuse.h"

#include "bits.h"
#include "ket/compile/cost.h"
#include "numbers.h"

#include <assert.h>
#include <complex.h>
#include <string.h>

/* Operations on the positions in mask, in order, as a linked list of indices from first to last;
 * KT_NONE where there are none. A cluster with parametric operations is not multiplied. */
typedef struct cluster {
    uint64_t mask;
    size_t first, last;
    bool is_parametric;
    uint64_t cost;
} cluster;

static const cluster no_cluster = {.first = KT_NONE, .last = KT_NONE};

/* next: for each operation, the one after it in its cluster. open[w]: the cluster that operations on
 * position w alone join, an index of `all` or KT_NONE. alone[w]: those that came when there was none,
 * and that join the next one. */
struct ktq_fuser {
    const ktq_op_list *list;
    ktq_op_costs costs;
    size_t *next;
    cluster *all;
    size_t count;
    size_t open[64];
    cluster alone[64];
};

/* ---- clusters ---- */

static void add_to_cluster(ktq_fuser *c, cluster *to, size_t index)
{
    const ktq_op *const op = &c->list->ops[index];
    if (to->last != KT_NONE)
        c->next[to->last] = index;
    else
        to->first = index;
    to->last = index;
    c->next[index] = KT_NONE;
    to->is_parametric |= op->is_parametric;
    to->cost += ktq_cost_op(&c->costs, op);
}

static void move_to_cluster(ktq_fuser *c, cluster *to, cluster *from)
{
    for (size_t i = from->first, after; i != KT_NONE; i = after) {
        after = c->next[i];
        add_to_cluster(c, to, i);
    }
    *from = no_cluster;
}

/* The cluster that is open on both positions of a pair, or on the only one; NULL where there is
 * none. */
static cluster *open_cluster(ktq_fuser *c, uint64_t mask)
{
    const size_t low = c->open[__builtin_ctzll(mask)];
    const size_t high = c->open[63 - __builtin_clzll(mask)];
    return low != KT_NONE && low == high ? &c->all[low] : NULL;
}

/* Starts a cluster with an operation, and with those on its positions alone that came before it. It
 * is open where it is on a pair. */
static void start_cluster(ktq_fuser *c, uint64_t mask, size_t index)
{
    const bool is_pair = kt_bit_count(mask) == 2;
    const size_t made = c->count++;
    c->all[made] = no_cluster;
    c->all[made].mask = mask;
    FOR_EACH_BIT(w, mask) {
        move_to_cluster(c, &c->all[made], &c->alone[w]);
        c->open[w] = is_pair ? made : KT_NONE;
    }
    add_to_cluster(c, &c->all[made], index);
}

static void cluster_op(ktq_fuser *c, size_t index)
{
    const ktq_op *const op = &c->list->ops[index];
    const uint64_t mask = op->moved | op->fixed;
    const int positions = kt_bit_count(mask);
    assert(!(op->moved & op->fixed));
    if (op->kind == KTQ_NOP)
        return;
    cluster *const open = positions == 1 || positions == 2 ? open_cluster(c, mask) : NULL;
    if (open)
        add_to_cluster(c, open, index);
    else if (positions == 1)
        add_to_cluster(c, &c->alone[__builtin_ctzll(mask)], index);
    else
        start_cluster(c, mask, index);
}

/* ---- one matrix ---- */

/* The index whose bits on the pair are those of a row of its matrix. */
static uint64_t pair_index(uint64_t mask, size_t row)
{
    const uint64_t low = mask & -mask, high = mask ^ low;
    return (row & 1 ? low : 0) | (row & 2 ? high : 0);
}

/* The entry <to| op |from>, both on the pair's positions alone. */
static double complex op_entry(const ktq_op *op, const double *list_data, uint64_t to,
                               uint64_t from)
{
    const double *const data = list_data + op->data;
    const uint64_t changed = to ^ from;
    if ((from & op->control) != op->value || (changed & ~op->moved))
        return to == from;
    if (op->kind == KTQ_FLIP)
        return changed == op->moved;
    if (op->kind == KTQ_ROTATE && changed)
        return to & op->moved ? data[0] * data[1] : -data[0] * data[1];
    if (op->kind == KTQ_ROTATE)
        return data[1];
    if (op->kind == KTQ_PARITY || op->kind == KTQ_DIAG)
        return ktq_op_factor(op, list_data, from);
    const double complex *const factors = (const double complex *)data;
    return factors[ktq_op_row(op, to) << op->count | ktq_op_row(op, from)];
}

static void multiply_pair(double complex m[16], const ktq_op *op, const double *data, uint64_t mask)
{
    double complex product[16] = {0};
    for (size_t r = 0; r < 4; r++)
        for (size_t k = 0; k < 4; k++) {
            const double complex e = op_entry(op, data, pair_index(mask, r), pair_index(mask, k));
            for (size_t column = 0; column < 4 && e != 0; column++)
                product[4 * r + column] += e * m[4 * k + column];
        }
    memcpy(m, product, sizeof product);
}

/* Appends the product of a cluster's operations. */
static bool add_fused(ktq_op_list *out, const ktq_fuser *c, const cluster *from)
{
    double complex m[16] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
    for (size_t i = from->first; i != KT_NONE; i = c->next[i])
        multiply_pair(m, &c->list->ops[i], c->list->data, from->mask);
    const ktq_op dense = {.kind = KTQ_DENSE,
                          .count = 2,
                          .qubits = {(uint8_t)__builtin_ctzll(from->mask),
                                     (uint8_t)(63 - __builtin_clzll(from->mask))},
                          .moved = from->mask};
    return ktq_op_list_add(out, &dense, (const double *)m, 32);
}

/* ---- all ---- */

static size_t data_length(const ktq_op *op)
{
    static const size_t few[] = {[KTQ_FLIP] = 0, [KTQ_ROTATE] = 2, [KTQ_PARITY] = 2};
    if (op->kind == KTQ_DENSE)
        return (size_t)2 << 2 * op->count;
    return op->kind == KTQ_DIAG ? (size_t)2 << op->count : few[op->kind];
}

/* Appends a cluster's operations, as one matrix where that is cheaper. */
static bool add_cluster(ktq_op_list *out, const ktq_fuser *c, const cluster *from)
{
    if (kt_bit_count(from->mask) == 2 && from->cost > c->costs.dense[2] && !from->is_parametric)
        return add_fused(out, c, from);
    for (size_t i = from->first; i != KT_NONE; i = c->next[i]) {
        const ktq_op *const op = &c->list->ops[i];
        if (!ktq_op_list_add(out, op, c->list->data + op->data, data_length(op)))
            return false;
    }
    return true;
}

static bool fuse_list(ktq_op_list *out, ktq_fuser *c)
{
    for (int w = 0; w < 64; w++) {
        c->open[w] = KT_NONE;
        c->alone[w] = no_cluster;
    }
    for (size_t i = 0; i < c->list->count; i++)
        cluster_op(c, i);
    for (size_t i = 0; i < c->count; i++)
        if (!add_cluster(out, c, &c->all[i]))
            return false;
    for (int w = 0; w < 64; w++)
        if (!add_cluster(out, c, &c->alone[w]))
            return false;
    return true;
}

ktq_fuser *ktq_fuser_take(kt_region *region)
{
    return kt_region_take(region, sizeof(ktq_fuser));
}

bool ktq_fuse(ktq_fuser *c, ktq_op_list *out, const ktq_op_list *list, const ktq_kernel_set *set)
{
    assert(out != list && !out->count);
    c->list = list;
    c->costs = ktq_cost_ops(set);
    c->next = kt_region_take(out->region, list->count * sizeof *c->next);
    c->all = kt_region_take(out->region, list->count * sizeof *c->all);
    c->count = 0;
    return c->next && c->all && ktq_op_list_reserve(out, list->count, list->data_count) &&
           fuse_list(out, c);
}
