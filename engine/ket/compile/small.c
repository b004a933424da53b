#include "ket/compile/small.h"

#include "heap.h"
#include "list.h"

#include <assert.h>
#include <complex.h>
#include <string.h>

/* Amplitude i becomes factor[i] times amplitude from[i]. */
typedef struct monomial {
    uint8_t from[KTQ_SMALL_AMPLITUDES];
    double complex factor[KTQ_SMALL_AMPLITUDES];
} monomial;

/* next: what is not in a step yet, linked by numbers from 1; next[0] is the first. waiting: taken,
 * but in no step yet; scale: a factor of all amplitudes, the same. */
typedef struct weaver {
    const ktq_kernel_set *set;
    const ktq_op_list *list;
    ktq_small *out;
    size_t *next;
    uint64_t all;
    bool single;
    monomial waiting;
    double complex scale;
} weaver;

/* A scan looks so far. */
enum { TINY_WINDOW = 256 };

/* Amplitudes grow as the scale falls: from here on it is not put off. */
static const double least_tiny_scale = 0x1p-40;

static size_t amplitudes_of(const weaver *w)
{
    return (size_t)1 << w->out->qubits;
}

/* ---- steps and their data ---- */

static size_t tiny_vector_size(const weaver *w)
{
    return (w->single ? sizeof(float) : sizeof(double)) << w->set->lane_bits;
}

static size_t row_size(const weaver *w)
{
    return tiny_vector_size(w) << w->out->row_bits;
}

/* Room for a step's data, NULL where memory is refused. */
static void *add_step(weaver *w, int kind, size_t terms, size_t size)
{
    ktq_small *const t = w->out;
    if (!kt_list_grow(&t->ops, &t->op_capacity, t->op_count, 1, sizeof *t->ops) ||
        !kt_list_grow(&t->data, &t->capacity, t->size, size, 1))
        return NULL;
    t->ops[t->op_count++] = (ktq_small_op){(uint8_t)kind, (uint8_t)terms};
    void *const data = t->data + t->size;
    t->size += size;
    return data;
}

/* Lanes beyond the state's amplitudes stay as they are. */
static void put_sources(const weaver *w, void *memory, const monomial *m)
{
    const size_t count = row_size(w) / (w->single ? sizeof(float) : sizeof(double));
    for (size_t i = 0; i < count; i++) {
        const uint8_t from = i < amplitudes_of(w) ? m->from[i] : (uint8_t)i;
        if (w->single)
            ((int32_t *)memory)[i] = from;
        else
            ((int64_t *)memory)[i] = from;
    }
}

static void put_factors(const weaver *w, char *memory, const monomial *m)
{
    for (size_t i = 0; i < amplitudes_of(w); i++) {
        ktq_put_real(w->single, memory, i, creal(m->factor[i]));
        ktq_put_real(w->single, memory + row_size(w), i, cimag(m->factor[i]));
    }
}

/* ---- the permutation and the factors that wait ---- */

static void clear_monomial(monomial *m, double complex factor)
{
    for (size_t i = 0; i < KTQ_SMALL_AMPLITUDES; i++) {
        m->from[i] = (uint8_t)i;
        m->factor[i] = factor;
    }
}

static bool moves_any(const weaver *w)
{
    for (size_t i = 0; i < amplitudes_of(w); i++)
        if (w->waiting.from[i] != i)
            return true;
    return false;
}

/* Whether one number does not say it all. */
static bool differ_factors(const weaver *w)
{
    for (size_t i = 1; i < amplitudes_of(w); i++)
        if (w->waiting.factor[i] != w->waiting.factor[0])
            return true;
    return false;
}

static void take_scale(weaver *w)
{
    for (size_t i = 0; i < amplitudes_of(w); i++)
        w->waiting.factor[i] *= w->scale;
    w->scale = 1;
}

/* What waits becomes steps, but for a factor that all amplitudes have. */
static bool flush_waiting(weaver *w)
{
    if (moves_any(w)) {
        void *const sources = add_step(w, KTQ_SMALL_PERMUTE, 0, row_size(w));
        if (!sources)
            return false;
        put_sources(w, sources, &w->waiting);
    }
    const bool differ = differ_factors(w);
    if (differ || cabs(w->scale) < least_tiny_scale) {
        take_scale(w);
        void *const factors = add_step(w, KTQ_SMALL_FACTOR, 0, 2 * row_size(w));
        if (!factors)
            return false;
        put_factors(w, factors, &w->waiting);
    } else {
        w->scale *= w->waiting.factor[0];
    }
    clear_monomial(&w->waiting, 1);
    return true;
}

static bool flush_all(weaver *w)
{
    if (!flush_waiting(w))
        return false;
    if (w->scale == 1)
        return true;
    take_scale(w);
    void *const factors = add_step(w, KTQ_SMALL_FACTOR, 0, 2 * row_size(w));
    if (factors)
        put_factors(w, factors, &w->waiting);
    return factors;
}

/* ---- operations ---- */

static bool acts_on(const ktq_op *op, uint64_t index)
{
    return (index & op->control) == op->value;
}

static void weave_flip(weaver *w, const ktq_op *op)
{
    monomial *const m = &w->waiting;
    for (size_t low = 0; low < amplitudes_of(w); low++) {
        const size_t high = low | op->moved;
        if (high == low || !acts_on(op, low))
            continue;
        const uint8_t from = m->from[low];
        const double complex factor = m->factor[low];
        m->from[low] = m->from[high];
        m->factor[low] = m->factor[high];
        m->from[high] = from;
        m->factor[high] = factor;
    }
}

static void weave_factors(weaver *w, const ktq_op *op)
{
    const double complex *const data = (const double complex *)(w->list->data + op->data);
    for (size_t i = 0; i < amplitudes_of(w); i++)
        if (acts_on(op, i))
            w->waiting.factor[i] *= data[ktq_op_row(op, i)];
}

static void weave_parity(weaver *w, const ktq_op *op)
{
    const double complex *const data = (const double complex *)(w->list->data + op->data);
    for (size_t i = 0; i < amplitudes_of(w); i++)
        if (__builtin_parityll(i & op->fixed))
            w->waiting.factor[i] *= *data;
}

static bool weave_turn(weaver *w, const ktq_op *op)
{
    if (!flush_waiting(w))
        return false;
    const int q = op->qubits[0];
    const double tangent = w->list->data[op->data];
    void *const data = add_step(w, KTQ_SMALL_ROTATE + q, 0, tiny_vector_size(w));
    if (!data)
        return false;
    for (size_t lane = 0; lane < (size_t)1 << w->set->lane_bits; lane++)
        ktq_put_real(w->single, data, lane,
                     q < w->set->lane_bits && !(lane >> q & 1) ? -tangent : tangent);
    w->scale *= w->list->data[op->data + 1];
    return true;
}

/* Term t of a matrix: to each row the column that differs from it in the bits of t. What waits is
 * taken along. */
static void find_term(const weaver *w, monomial *m, const ktq_op *op, size_t t)
{
    const double complex *const matrix = (const double complex *)(w->list->data + op->data);
    size_t other = 0;
    for (int32_t k = 0; k < op->count; k++)
        other |= (t >> k & 1) << op->qubits[k];
    for (size_t i = 0; i < amplitudes_of(w); i++) {
        const size_t row = ktq_op_row(op, i), column = row ^ t, source = i ^ other;
        const double complex entry =
            acts_on(op, i) ? matrix[(row << op->count) + column] : (double)(t == 0);
        m->from[i] = w->waiting.from[source];
        m->factor[i] = entry * w->waiting.factor[source];
    }
}

static bool weave_matrix(weaver *w, const ktq_op *op)
{
    const size_t terms = (size_t)1 << op->count;
    char *data = add_step(w, KTQ_SMALL_SUM, terms, 3 * terms * row_size(w));
    if (!data)
        return false;
    for (size_t t = 0; t < terms; t++, data += 3 * row_size(w)) {
        monomial m;
        find_term(w, &m, op, t);
        put_sources(w, data, &m);
        put_factors(w, data + row_size(w), &m);
    }
    clear_monomial(&w->waiting, 1);
    return true;
}

static bool is_turning(const ktq_op *op)
{
    return op->kind == KTQ_ROTATE || op->kind == KTQ_DENSE;
}

static bool weave_op(weaver *w, const ktq_op *op)
{
    switch (op->kind) {
    case KTQ_ROTATE:
        return weave_turn(w, op);
    case KTQ_DENSE:
        return weave_matrix(w, op);
    case KTQ_FLIP:
        weave_flip(w, op);
        return true;
    case KTQ_PARITY:
        weave_parity(w, op);
        return true;
    case KTQ_DIAG:
        weave_factors(w, op);
        return true;
    case KTQ_NOP:
        break;
    }
    return true;
}

/* Takes all that can go now, those that turn or the others. */
static bool scan_ops(weaver *w, bool turning)
{
    ktq_skipped b = {0};
    size_t last = 0;
    for (int looked = 0; looked < TINY_WINDOW && w->next[last] && b.moved != w->all; looked++) {
        const size_t number = w->next[last];
        const ktq_op *const op = &w->list->ops[number - 1];
        if (is_turning(op) != turning || ktq_op_is_blocked(op, &b)) {
            ktq_skipped_add(&b, op);
            last = number;
            continue;
        }
        if (!weave_op(w, op))
            return false;
        w->next[last] = w->next[number];
    }
    return true;
}

static bool weave_ops(weaver *w)
{
    const size_t count = w->list->count;
    w->next = kt_heap_take((count + 1) * sizeof *w->next);
    if (!w->next)
        return false;
    size_t last = 0;
    for (size_t i = 0; i < count; i++)
        if (w->list->ops[i].kind != KTQ_NOP)
            last = w->next[last] = i + 1;
    bool good = true;
    while (good && w->next[0])
        good = scan_ops(w, true) && scan_ops(w, false);
    kt_heap_give(w->next);
    return good && flush_all(w);
}

bool ktq_small_build(ktq_small *small, const ktq_kernel_set *set, const ktq_op_list *list,
                     int32_t qubits)
{
    assert(qubits <= KTQ_SMALL_QUBITS_MAX);
    const int32_t above = qubits - set->lane_bits;
    *small = (ktq_small){.qubits = qubits, .row_bits = above > 0 ? above : 0};
    weaver w = {.set = set,
                .list = list,
                .out = small,
                .all = (UINT64_C(1) << qubits) - 1,
                .single = set->precision == KETCH_SINGLE,
                .scale = 1};
    clear_monomial(&w.waiting, 1);
    return weave_ops(&w);
}

void ktq_small_free(ktq_small *small)
{
    kt_heap_give(small->ops);
    kt_heap_give(small->data);
    *small = (ktq_small){0};
}
