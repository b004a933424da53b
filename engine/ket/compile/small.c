/* Diagonals and bit flips, as many as can go together, are multiplied into one monomial: a
 * permutation, and one factor for each amplitude. Rotations and dense matrices are operations of
 * their own. The cosines that rotations leave out are deferred to the next factors. */
#include "ket/compile/small.h"

#include "ket/compile/candidates.h"
#include "list.h"
#include "numbers.h"

#include <assert.h>
#include <complex.h>
#include <string.h>

/* A monomial matrix: amplitude i becomes factor[i] times amplitude from[i]. */
typedef struct monomial {
    uint8_t from[KTQ_SMALL_AMPLITUDES];
    double complex factor[KTQ_SMALL_AMPLITUDES];
} monomial;

/* next: the operations not taken yet, as a linked list of their indices that ends in KT_NONE;
 * next[list->count] is the first. deferred: the product of what is taken and not added yet, and
 * after it a factor `scale` of all amplitudes. all: a mask of all qubits. */
typedef struct small_builder {
    const ktq_kernel_set *set;
    const ktq_op_list *list;
    ktq_small *out;
    size_t *next;
    uint64_t all;
    bool is_single;
    monomial deferred;
    double complex scale;
} small_builder;

/* Bounds the operations examined in one scan, so that planning stays linear. */
enum { SMALL_WINDOW = 256 };

/* Amplitudes grow as the deferred scale falls. Below this it is deferred no more. */
static const double small_scale_min = 0x1p-40;

static size_t amplitude_count(const small_builder *b)
{
    return (size_t)1 << b->out->qubits;
}

/* ---- operations and their operands ---- */

static size_t register_size(const small_builder *b)
{
    return (b->is_single ? sizeof(float) : sizeof(double)) << b->set->lane_bits;
}

static size_t row_size(const small_builder *b)
{
    return register_size(b) << b->out->row_bits;
}

/* Appends an operation; returns where its operands go, zeroed, as those of lanes beyond the state's
 * amplitudes stay. NULL where memory is refused. */
static void *add_small_op(small_builder *b, int kind, size_t terms, size_t size)
{
    ktq_small *const out = b->out;
    kt_region *const region = b->list->region;
    if (!kt_list_grow(&out->ops, &out->op_capacity, out->op_count, 1, sizeof *out->ops, region) ||
        !kt_list_grow(&out->data, &out->capacity, out->size, size, 1, region))
        return NULL;
    out->ops[out->op_count++] = (ktq_small_op){(uint8_t)kind, (uint8_t)terms};
    char *const data = out->data + out->size;
    if (size)
        memset(data, 0, size);
    out->size += size;
    return data;
}

/* Lanes beyond the state's amplitudes stay as they are. */
static void write_sources(const small_builder *b, void *row, const monomial *m)
{
    const size_t count = row_size(b) / (b->is_single ? sizeof(float) : sizeof(double));
    for (size_t i = 0; i < count; i++) {
        const uint8_t from = i < amplitude_count(b) ? m->from[i] : (uint8_t)i;
        if (b->is_single)
            ((int32_t *)row)[i] = from;
        else
            ((int64_t *)row)[i] = from;
    }
}

static void write_factors(const small_builder *b, char *rows, const monomial *m)
{
    for (size_t i = 0; i < amplitude_count(b); i++) {
        ktq_put_real(b->is_single, rows, i, creal(m->factor[i]));
        ktq_put_real(b->is_single, rows + row_size(b), i, cimag(m->factor[i]));
    }
}

/* ---- the deferred monomial ---- */

static void clear_monomial(monomial *m, double complex factor)
{
    for (size_t i = 0; i < KTQ_SMALL_AMPLITUDES; i++) {
        m->from[i] = (uint8_t)i;
        m->factor[i] = factor;
    }
}

static bool has_permutation(const small_builder *b)
{
    for (size_t i = 0; i < amplitude_count(b); i++)
        if (b->deferred.from[i] != i)
            return true;
    return false;
}

/* Whether the amplitudes' factors are not all the same. */
static bool has_factors(const small_builder *b)
{
    for (size_t i = 1; i < amplitude_count(b); i++)
        if (b->deferred.factor[i] != b->deferred.factor[0])
            return true;
    return false;
}

static bool add_permutation(small_builder *b)
{
    void *const row = add_small_op(b, KTQ_SMALL_PERMUTE, 0, row_size(b));
    if (row)
        write_sources(b, row, &b->deferred);
    return row;
}

/* Appends the deferred factors, the scale among them. */
static bool add_factors(small_builder *b)
{
    for (size_t i = 0; i < amplitude_count(b); i++)
        b->deferred.factor[i] *= b->scale;
    b->scale = 1;
    void *const rows = add_small_op(b, KTQ_SMALL_FACTOR, 0, 2 * row_size(b));
    if (rows)
        write_factors(b, rows, &b->deferred);
    return rows;
}

/* Appends what is deferred, but for a factor that all amplitudes have. */
static bool flush_deferred(small_builder *b)
{
    if (has_permutation(b) && !add_permutation(b))
        return false;
    const bool differ = has_factors(b);
    if (!differ && !(cabs(b->scale) < small_scale_min))
        b->scale *= b->deferred.factor[0];
    else if (!add_factors(b))
        return false;
    clear_monomial(&b->deferred, 1);
    return true;
}

static bool flush_all(small_builder *b)
{
    return flush_deferred(b) && (b->scale == 1 || add_factors(b));
}

/* ---- taking operations ---- */

static bool acts_on(const ktq_op *op, uint64_t index)
{
    return (index & op->control) == op->value;
}

static const double complex *numbers_of(const small_builder *b, const ktq_op *op)
{
    return (const double complex *)(b->list->data + op->data);
}

/* The amplitudes of a pair differ in all bits that are moved. */
static void multiply_flip(small_builder *b, const ktq_op *op)
{
    monomial *const m = &b->deferred;
    const uint64_t lowest = op->moved & -op->moved;
    for (size_t low = 0; low < amplitude_count(b); low++) {
        const size_t high = low ^ (size_t)op->moved;
        if ((low & lowest) || !acts_on(op, low))
            continue;
        const uint8_t from = m->from[low];
        const double complex factor = m->factor[low];
        m->from[low] = m->from[high];
        m->factor[low] = m->factor[high];
        m->from[high] = from;
        m->factor[high] = factor;
    }
}

static void multiply_diagonal(small_builder *b, const ktq_op *op)
{
    const double complex *const factors = numbers_of(b, op);
    for (size_t i = 0; i < amplitude_count(b); i++)
        if (acts_on(op, i))
            b->deferred.factor[i] *= factors[ktq_op_row(op, i)];
}

/* The factor stays in memory: a copy in a variable makes gcc fuse the other product of the complex
 * multiplication on AArch64, and so changes the last bit. */
static void multiply_parity(small_builder *b, const ktq_op *op)
{
    const double complex *const factor = numbers_of(b, op);
    for (size_t i = 0; i < amplitude_count(b); i++)
        if (__builtin_parityll(i & op->fixed))
            b->deferred.factor[i] *= *factor;
}

static bool add_rotate(small_builder *b, const ktq_op *op)
{
    if (!flush_deferred(b))
        return false;
    const int q = op->qubits[0];
    const double tangent = b->list->data[op->data];
    void *const data = add_small_op(b, KTQ_SMALL_ROTATE + q, 0, register_size(b));
    if (!data)
        return false;
    for (size_t lane = 0; lane < (size_t)1 << b->set->lane_bits; lane++)
        ktq_put_real(b->is_single, data, lane,
                     q < b->set->lane_bits && !(lane >> q & 1) ? -tangent : tangent);
    b->scale *= b->list->data[op->data + 1];
    return true;
}

/* Term t of a matrix, with the deferred monomial before it: in each row the column that differs from
 * the row in the bits of t. */
static void make_term(const small_builder *b, monomial *m, const ktq_op *op, size_t t)
{
    const double complex *const matrix = numbers_of(b, op);
    size_t other = 0;
    for (int32_t k = 0; k < op->count; k++)
        other |= (t >> k & 1) << op->qubits[k];
    for (size_t i = 0; i < amplitude_count(b); i++) {
        const size_t row = ktq_op_row(op, i), column = row ^ t, source = i ^ other;
        const double complex entry =
            acts_on(op, i) ? matrix[(row << op->count) + column] : (double)(t == 0);
        m->from[i] = b->deferred.from[source];
        m->factor[i] = entry * b->deferred.factor[source];
    }
}

/* Appends a dense matrix as a sum of monomials. */
static bool add_sum(small_builder *b, const ktq_op *op)
{
    const size_t terms = (size_t)1 << op->count;
    char *data = add_small_op(b, KTQ_SMALL_SUM, terms, 3 * terms * row_size(b));
    if (!data)
        return false;
    for (size_t t = 0; t < terms; t++, data += 3 * row_size(b)) {
        monomial m;
        make_term(b, &m, op, t);
        write_sources(b, data, &m);
        write_factors(b, data + row_size(b), &m);
    }
    clear_monomial(&b->deferred, 1);
    return true;
}

/* Whether the operation is no monomial. */
static bool is_mixing(const ktq_op *op)
{
    return op->kind == KTQ_ROTATE || op->kind == KTQ_DENSE;
}

static bool take_small_op(small_builder *b, const ktq_op *op)
{
    switch ((ktq_op_kind)op->kind) {
    case KTQ_ROTATE:
        return add_rotate(b, op);
    case KTQ_DENSE:
        return add_sum(b, op);
    case KTQ_FLIP:
        multiply_flip(b, op);
        return true;
    case KTQ_PARITY:
        multiply_parity(b, op);
        return true;
    case KTQ_DIAG:
        multiply_diagonal(b, op);
        return true;
    case KTQ_NOP:
        break;
    }
    return true;
}

/* Takes the operations that are not blocked: those that are no monomials, or those that are. */
static bool scan_small(small_builder *b, bool mixing)
{
    ktq_scan scan = {0};
    size_t last = b->list->count;
    for (int i = 0; i < SMALL_WINDOW && b->next[last] != KT_NONE && scan.moved != b->all; i++) {
        const size_t index = b->next[last];
        const ktq_op *const op = &b->list->ops[index];
        if (is_mixing(op) != mixing || ktq_scan_skips(&scan, op->moved, op->fixed)) {
            ktq_scan_skip(&scan, op->moved, op->fixed);
            last = index;
            continue;
        }
        if (!take_small_op(b, op))
            return false;
        b->next[last] = b->next[index];
    }
    return true;
}

static void link_ops(small_builder *b)
{
    const size_t count = b->list->count;
    size_t last = count;
    for (size_t i = 0; i < count; i++)
        if (b->list->ops[i].kind != KTQ_NOP)
            last = b->next[last] = i;
    b->next[last] = KT_NONE;
}

static bool take_small_ops(small_builder *b)
{
    const size_t count = b->list->count;
    b->next = kt_region_take(b->list->region, (count + 1) * sizeof *b->next);
    if (!b->next)
        return false;
    link_ops(b);
    while (b->next[count] != KT_NONE)
        if (!scan_small(b, true) || !scan_small(b, false))
            return false;
    return flush_all(b);
}

bool ktq_small_build(ktq_small *small, const ktq_kernel_set *set, const ktq_op_list *list,
                     int32_t qubits)
{
    assert(qubits <= KTQ_SMALL_QUBITS_MAX);
    const int32_t above = qubits - set->lane_bits;
    *small = (ktq_small){.qubits = qubits, .row_bits = above > 0 ? above : 0};
    small_builder b = {.set = set,
                       .list = list,
                       .out = small,
                       .all = (UINT64_C(1) << qubits) - 1,
                       .is_single = set->precision == KETCH_SINGLE,
                       .scale = 1};
    clear_monomial(&b.deferred, 1);
    return take_small_ops(&b);
}
