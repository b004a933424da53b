/* Runs of operations on one pair of qubits become one dense matrix, where that is cheaper. */
#include "ket/compile/fuse.h"

#include "heap.h"
#include "ket/compile/cost.h"

#include <complex.h>
#include <string.h>

/* Operations numbers first.. by `next`, in order, on the positions in mask; numbers count from 1.
 */
typedef struct cluster {
    uint64_t mask;
    size_t first, last;
    bool varies; /* some have recipes: it is not fused */
    uint64_t cost;
} cluster;

/* open[w]: the cluster, from 1, that operations on w alone join; waiting[w]: those that came when
 * there was none, and join the next. */
typedef struct clusters {
    const ktq_op_list *list;
    ktq_op_costs costs;
    size_t *next;
    cluster *all;
    size_t count;
    size_t open[64];
    cluster waiting[64];
} clusters;

static void join_cluster(clusters *c, cluster *to, size_t number)
{
    if (to->last)
        c->next[to->last] = number;
    else
        to->first = number;
    to->last = number;
    c->next[number] = 0;
    to->varies |= c->list->ops[number - 1].is_parametric;
    to->cost += ktq_cost_op(&c->costs, &c->list->ops[number - 1]);
}

static void join_all(clusters *c, cluster *to, cluster *from)
{
    for (size_t i = from->first, after; i; i = after) {
        after = c->next[i];
        join_cluster(c, to, i);
    }
    *from = (cluster){0};
}

/* The cluster that both qubits of a pair, or the only one, have open. */
static cluster *open_cluster(clusters *c, uint64_t mask)
{
    const size_t low = c->open[__builtin_ctzll(mask)];
    const size_t high = c->open[63 - __builtin_clzll(mask)];
    return low && low == high ? &c->all[low - 1] : NULL;
}

static void start_cluster(clusters *c, uint64_t mask, size_t number)
{
    const bool pair = __builtin_popcountll(mask) == 2;
    cluster *const made = &c->all[c->count++];
    *made = (cluster){.mask = mask};
    for (uint64_t m = mask; m; m &= m - 1) {
        const int w = __builtin_ctzll(m);
        join_all(c, made, &c->waiting[w]);
        c->open[w] = pair ? c->count : 0;
    }
    join_cluster(c, made, number);
}

static void sort_op(clusters *c, size_t number)
{
    const ktq_op *const op = &c->list->ops[number - 1];
    const uint64_t mask = op->moved | op->fixed;
    cluster *const open = mask && __builtin_popcountll(mask) <= 2 ? open_cluster(c, mask) : NULL;
    if (op->kind == KTQ_NOP)
        return;
    if (open)
        join_cluster(c, open, number);
    else if (__builtin_popcountll(mask) == 1)
        join_cluster(c, &c->waiting[__builtin_ctzll(mask)], number);
    else
        start_cluster(c, mask, number);
}

/* ---- one matrix ---- */

/* Row of a pair's matrix as an index, and back. */
static uint64_t pair_index(uint64_t mask, size_t row)
{
    const uint64_t low = mask & -mask, high = mask ^ low;
    return (row & 1 ? low : 0) | (row & 2 ? high : 0);
}

/* The entry <to| op |from>, both on the pair's qubits alone. */
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

static bool add_pair(ktq_op_list *out, const clusters *c, const cluster *from)
{
    double complex m[16] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
    for (size_t i = from->first; i; i = c->next[i])
        multiply_pair(m, &c->list->ops[i - 1], c->list->data, from->mask);
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

static bool add_cluster(ktq_op_list *out, const clusters *c, const cluster *from)
{
    if (__builtin_popcountll(from->mask) == 2 && from->cost > c->costs.dense[2] && !from->varies)
        return add_pair(out, c, from);
    for (size_t i = from->first; i; i = c->next[i]) {
        const ktq_op *const op = &c->list->ops[i - 1];
        if (!ktq_op_list_add(out, op, c->list->data + op->data, data_length(op)))
            return false;
    }
    return true;
}

static bool fuse_list(ktq_op_list *out, clusters *c)
{
    for (size_t i = 1; i <= c->list->count; i++)
        sort_op(c, i);
    for (size_t i = 0; i < c->count; i++)
        if (!add_cluster(out, c, &c->all[i]))
            return false;
    for (int w = 0; w < 64; w++)
        if (!add_cluster(out, c, &c->waiting[w]))
            return false;
    return true;
}

bool ktq_fuse(ktq_op_list *out, const ktq_op_list *list, const ktq_kernel_set *set)
{
    clusters *const c = kt_heap_take(sizeof *c);
    if (!c)
        return false;
    c->list = list;
    c->costs = ktq_cost_ops(set);
    c->next = kt_heap_take((list->count + 1) * sizeof *c->next);
    c->all = kt_heap_take((list->count + 1) * sizeof *c->all);
    const bool good = c->next && c->all && fuse_list(out, c);
    kt_heap_give(c->next);
    kt_heap_give(c->all);
    kt_heap_give(c);
    return good;
}
