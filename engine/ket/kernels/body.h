/* The kernels, once: included for each instruction set and precision with
 *   KTQ_REAL           float or double
 *   KTQ_LANE_BITS      log2 of the amplitudes in a vector, 1..4
 *   KTQ_K(name)        the name with the set's suffix
 *   KTQ_ID             the set's ketch_kernels
 *   KTQ_PRECISION      its ketch_precision
 *   KTQ_REGISTERS      how many vectors the registers hold: 16 unless defined
 * and undefined again at the end. KTQ_XOR_SHUFFLE(x, index) may be defined (and stays): a vector x
 * of any type with its 32-bit words in the order of index, which is always word i from i ^
 * index[0]; so may KTQ_PERMUTE(x, index), the same for any index, and KTQ_STREAM_STORE(to, x): *to
 * = x non_temporal the caches. KTQ_PERMUTE_TWO(a, b, index), too, and only until the end: element i
 * is number index[i] of a and b together, modulo that many. kernels.h says what the kernels find in
 * a step. */
#ifndef KTQ_REGISTERS
#define KTQ_REGISTERS 16
#endif
#define KTQ_LANES (1 << KTQ_LANE_BITS)
#define KTQ_BYTES (KTQ_LANES * sizeof(KTQ_REAL))
#define KTQ_INLINE static inline __attribute__((always_inline))
#ifdef __clang__
#define KTQ_UNROLL _Pragma("clang loop unroll(full)")
#else
#define KTQ_UNROLL _Pragma("GCC unroll 32")
#endif

typedef KTQ_REAL KTQ_K(reals) __attribute__((vector_size(KTQ_BYTES)));
typedef int32_t KTQ_K(words) __attribute__((vector_size(KTQ_BYTES)));
/* A vector anywhere in a state: a caller's buffer may be aligned to less than a vector. */
typedef KTQ_REAL KTQ_K(loose)
    __attribute__((vector_size(KTQ_BYTES), aligned(sizeof(KTQ_REAL)), may_alias));
typedef struct KTQ_K(block) {
    KTQ_K(reals) re, im;
} KTQ_K(block);
typedef struct KTQ_K(factor) {
    KTQ_REAL re, im;
} KTQ_K(factor);

#define V KTQ_K(reals)
#define VW KTQ_K(words)
#define VL KTQ_K(loose)
#define B KTQ_K(block)

/* ---- lanes ---- */

#include "ket/kernels/body_lanes.h"

/* Turns the lanes: lane i from the lane i ^ index[0], which counts 32-bit words. */
KTQ_INLINE void KTQ_K(turn)(V *x, const VW *index)
{
#ifdef KTQ_XOR_SHUFFLE
    *x = (V)KTQ_XOR_SHUFFLE(*x, *index);
#else
    const int mask = (*index)[0] / (int)(sizeof(KTQ_REAL) / sizeof(int32_t));
    if (mask & 1)
        *x = KTQ_XOR(*x, 1);
#if KTQ_LANE_BITS > 1
    if (mask & 2)
        *x = KTQ_XOR(*x, 2);
#endif
#if KTQ_LANE_BITS > 2
    if (mask & 4)
        *x = KTQ_XOR(*x, 4);
#endif
#if KTQ_LANE_BITS > 3
    if (mask & 8)
        *x = KTQ_XOR(*x, 8);
#endif
#endif
}

/* The next number above x in the bits of mask; 0 after the last. */
KTQ_INLINE uint64_t KTQ_K(next)(uint64_t x, uint64_t mask)
{
    return (x - mask) & mask;
}

/* Not a copy of the struct, which the compiler may cut into smaller pieces: loading these as a
 * vector again would wait for the stores. */
KTQ_INLINE void KTQ_K(copy)(B *to, const B *from)
{
    to->re = from->re;
    to->im = from->im;
}

/* Factor i of a step's data. */
KTQ_INLINE void KTQ_K(load)(B *f, const void *data, size_t i, const int spread)
{
    if (!spread) {
        KTQ_K(copy)(f, (const B *)data + i);
        return;
    }
    const KTQ_K(factor) one = ((const KTQ_K(factor) *)data)[i];
    f->re = one.re - (V){0}; /* spreads it over the lanes; 0 - 0 and -0 - 0 keep their signs */
    f->im = one.im - (V){0};
}

/* ---- DENSE ---- */

KTQ_INLINE void KTQ_K(multiply)(B *out, const B *f, const B *x, const int real)
{
    out->re = f->re * x->re;
    out->im = f->re * x->im;
    if (!real) {
        out->re -= f->im * x->im;
        out->im += f->im * x->re;
    }
}

KTQ_INLINE void KTQ_K(multiply_add)(B *sum, const B *f, const B *x, const int real)
{
    sum->re += f->re * x->re;
    sum->im += f->re * x->im;
    if (!real) {
        sum->re -= f->im * x->im;
        sum->im += f->im * x->re;
    }
}

/* The inputs of vectors at the offsets. */
KTQ_INLINE void KTQ_K(take)(B *x, const B *tile, const uint64_t *offsets, const VW *indices,
                            const int rows, const int turns)
{
    KTQ_UNROLL for (int k = 0; k < rows * turns; k++)
    {
        KTQ_K(copy)(&x[k], &tile[offsets[k / turns]]);
        if (k % turns) {
            KTQ_K(turn)(&x[k].re, indices + k % turns);
            KTQ_K(turn)(&x[k].im, indices + k % turns);
        }
    }
}

/* What a matrix is like. SCHMIDT: of four rows, with a first column (c, 0, 0, s), c and s real. */
#define KTQ_COMPLEX 0
#define KTQ_ALL_REAL 1
#define KTQ_SCHMIDT 2

/* One row; f: its factors, `stride` apart, of which the first one may be real. */
KTQ_INLINE void KTQ_K(sum)(B *out, const B *x, const void *f, const int inputs, const int stride,
                           const int spread, const int real, const int first_real)
{
    B sum, factor;
    KTQ_K(load)(&factor, f, 0, spread);
    KTQ_K(multiply)(&sum, &factor, &x[0], first_real);
    KTQ_UNROLL for (int k = 1; k < inputs; k++)
    {
        KTQ_K(load)(&factor, f, (size_t)(k * stride), spread);
        KTQ_K(multiply_add)(&sum, &factor, &x[k], real);
    }
    KTQ_K(copy)(out, &sum);
}

/* One target: inputs and factors stay in registers. */
KTQ_INLINE void KTQ_K(dense_one)(const ktq_call *step, B *tile, const int spread, const int real,
                                 const int rows, const int turns)
{
    const uint64_t offsets[] = {0, step->targets};
    B f[4];
    KTQ_UNROLL for (int i = 0; i < 2 * rows; i++) KTQ_K(load)(&f[i], step->data, (size_t)i, spread);
    tile += step->value;
    uint64_t v = 0;
    do {
        B x[2];
        KTQ_K(take)(x, tile + v, offsets, step->more, rows, turns);
        KTQ_UNROLL for (int r = 0; r < rows; r++)
            KTQ_K(sum)(&tile[v + offsets[r]], x, f + r, 2, rows, 0, real, real);
        v = KTQ_K(next)(v, step->free);
    } while (v);
}

/* Two targets: inputs stay in registers, factors come from memory. */
KTQ_INLINE void KTQ_K(dense_two)(const ktq_call *step, B *tile, const int spread, const int like,
                                 const int rows, const int turns)
{
    const uint64_t low = step->targets & -step->targets, high = step->targets ^ low;
    const uint64_t offsets[] = {0, low, high, step->targets};
    const size_t size = spread ? sizeof(KTQ_K(factor)) : sizeof(B);
    const char *const data = step->data;
    tile += step->value;
    uint64_t v = 0;
    do {
        B x[4];
        KTQ_K(take)(x, tile + v, offsets, step->more, rows, turns);
        KTQ_UNROLL for (int r = 0; r < rows; r++)
        {
            const int empty = like == KTQ_SCHMIDT && (r == 1 || r == 2),
                      real = like == KTQ_ALL_REAL;
            KTQ_K(sum)
            (&tile[v + offsets[r]], x + empty, data + (size_t)(r + empty * rows) * size, 4 - empty,
             rows, spread, real, real || (like == KTQ_SCHMIDT && !empty));
        }
        v = KTQ_K(next)(v, step->free);
    } while (v);
}

#define KTQ_DENSE_KERNEL(name, count, spread, like, rows, turns)                                   \
    static void KTQ_K(name)(const ktq_call *step, void *tile, ktq_location spot)                   \
    {                                                                                              \
        (void)spot;                                                                                \
        KTQ_K(count)(step, tile, spread, like, rows, turns);                                       \
    }
KTQ_DENSE_KERNEL(dense_1_0, dense_one, 0, KTQ_COMPLEX, 2, 1)
KTQ_DENSE_KERNEL(dense_0_1, dense_one, 0, KTQ_COMPLEX, 1, 2)
KTQ_DENSE_KERNEL(dense_2_0, dense_two, 0, KTQ_COMPLEX, 4, 1)
KTQ_DENSE_KERNEL(dense_1_1, dense_two, 0, KTQ_COMPLEX, 2, 2)
KTQ_DENSE_KERNEL(dense_0_2, dense_two, 0, KTQ_COMPLEX, 1, 4)
KTQ_DENSE_KERNEL(dense_1_0_real, dense_one, 0, KTQ_ALL_REAL, 2, 1)
KTQ_DENSE_KERNEL(dense_0_1_real, dense_one, 0, KTQ_ALL_REAL, 1, 2)
KTQ_DENSE_KERNEL(dense_2_0_real, dense_two, 0, KTQ_ALL_REAL, 4, 1)
KTQ_DENSE_KERNEL(dense_1_1_real, dense_two, 0, KTQ_ALL_REAL, 2, 2)
KTQ_DENSE_KERNEL(dense_0_2_real, dense_two, 0, KTQ_ALL_REAL, 1, 4)
KTQ_DENSE_KERNEL(dense_1_0_spread, dense_one, 1, KTQ_COMPLEX, 2, 1)
KTQ_DENSE_KERNEL(dense_2_0_spread, dense_two, 1, KTQ_COMPLEX, 4, 1)
KTQ_DENSE_KERNEL(dense_schmidt, dense_two, 1, KTQ_SCHMIDT, 4, 1)
KTQ_DENSE_KERNEL(dense_1_0_spread_real, dense_one, 1, KTQ_ALL_REAL, 2, 1)
KTQ_DENSE_KERNEL(dense_2_0_spread_real, dense_two, 1, KTQ_ALL_REAL, 4, 1)

/* Sums a group of rows; f: its factors. */
KTQ_INLINE void KTQ_K(sum_group)(B *tile, const uint64_t *offsets, const B *x, size_t inputs,
                                 const char *f, const int spread, const int rows)
{
    B sum[KTQ_DENSE_BATCH], factor;
    KTQ_UNROLL for (int r = 0; r < rows; r++) sum[r] = (B){{0}, {0}};
    for (size_t k = 0; k < inputs; k++)
        KTQ_UNROLL for (int r = 0; r < rows; r++)
        {
            KTQ_K(load)(&factor, f, k * (size_t)rows + (size_t)r, spread);
            KTQ_K(multiply_add)(&sum[r], &factor, &x[k], 0);
        }
    KTQ_UNROLL for (int r = 0; r < rows; r++) KTQ_K(copy)(&tile[offsets[r]], &sum[r]);
}

/* A vector and its turns. */
KTQ_INLINE void KTQ_K(take_turns)(B *x, const B *from, const VW *indices, size_t turns)
{
    KTQ_K(copy)(x, from);
    for (size_t s = 1; s < turns; s++) {
        B turned;
        KTQ_K(copy)(&turned, from);
        KTQ_K(turn)(&turned.re, indices + s);
        KTQ_K(turn)(&turned.im, indices + s);
        KTQ_K(copy)(&x[s], &turned);
    }
}

/* Any number of targets: the inputs go through memory behind the tile. */
KTQ_INLINE void KTQ_K(dense_many)(const ktq_call *step, B *tile, const int spread, const int group)
{
    B *const x = tile + step->vectors;
    const size_t rows = (size_t)1 << step->vector_targets;
    const size_t turns = (size_t)1 << step->lane_targets, inputs = rows * turns;
    const size_t row_size = inputs * (spread ? sizeof(KTQ_K(factor)) : sizeof(B));
    uint64_t offsets[KTQ_DENSE_INPUTS_MAX];
    for (size_t r = 0; r < rows; r++)
        offsets[r] = ktq_deposit(r, step->targets);
    tile += step->value;
    uint64_t v = 0;
    do {
        for (size_t r = 0; r < rows; r++)
            KTQ_K(take_turns)(&x[r * turns], &tile[v + offsets[r]], step->more, turns);
        for (size_t r = 0; r < rows; r += (size_t)group) {
            const char *const f = (const char *)step->data + r * row_size;
            KTQ_K(sum_group)(tile + v, offsets + r, x, inputs, f, spread, group);
        }
        v = KTQ_K(next)(v, step->free);
    } while (v);
}

#define KTQ_MANY_KERNEL(name, spread, group)                                                       \
    static void KTQ_K(name)(const ktq_call *step, void *tile, ktq_location spot)                   \
    {                                                                                              \
        (void)spot;                                                                                \
        KTQ_K(dense_many)(step, tile, spread, group);                                              \
    }
KTQ_MANY_KERNEL(dense_many_1, 0, 1)
KTQ_MANY_KERNEL(dense_many_2, 0, 2)
KTQ_MANY_KERNEL(dense_many_4, 0, 4)
KTQ_MANY_KERNEL(dense_many_spread, 1, 4)

/* ---- DIAG ---- */

/* Where this tile's factors begin and end. */
typedef struct KTQ_K(range) {
    uint64_t first, end;
    const uint64_t *offsets;
} KTQ_K(range);

KTQ_INLINE KTQ_K(range) KTQ_K(range_of)(const ktq_call *step, uint64_t base)
{
    const uint64_t choice = step->select ? ktq_extract(base, step->select) : 0;
    const uint64_t *const starts = step->more;
    return (KTQ_K(range)){starts[choice], starts[choice + 1], starts + step->choices + 1};
}

KTQ_INLINE void KTQ_K(scale)(B *p, const B *f)
{
    B x, y;
    KTQ_K(copy)(&x, p);
    KTQ_K(multiply)(&y, f, &x, 0);
    KTQ_K(copy)(p, &y);
}

KTQ_INLINE void KTQ_K(diag_by_factor)(const ktq_call *step, B *tile, uint64_t base,
                                      const int spread)
{
    const KTQ_K(range) range = KTQ_K(range_of)(step, base);
    for (uint64_t i = range.first; i < range.end; i++) {
        B f;
        KTQ_K(load)(&f, step->data, i, spread);
        B *const p = tile + step->value + range.offsets[i];
        uint64_t v = 0;
        do {
            KTQ_K(scale)(p + v, &f);
            v = KTQ_K(next)(v, step->free);
        } while (v);
    }
}

KTQ_INLINE void KTQ_K(diag_by_vector)(const ktq_call *step, B *tile, uint64_t base,
                                      const int spread)
{
    const KTQ_K(range) range = KTQ_K(range_of)(step, base);
    uint64_t v = 0;
    do {
        B *const p = tile + step->value + v;
        for (uint64_t i = range.first; i < range.end; i++) {
            B f;
            KTQ_K(load)(&f, step->data, i, spread);
            KTQ_K(scale)(p + range.offsets[i], &f);
        }
        v = KTQ_K(next)(v, step->free);
    } while (v);
}

#define KTQ_DIAG_KERNEL(name, loop, spread)                                                        \
    static void KTQ_K(name)(const ktq_call *step, void *tile, ktq_location spot)                   \
    {                                                                                              \
        KTQ_K(loop)(step, tile, spot.base, spread);                                                \
    }
KTQ_DIAG_KERNEL(diag_0, diag_by_factor, 0)
KTQ_DIAG_KERNEL(diag_0_vector, diag_by_vector, 0)
KTQ_DIAG_KERNEL(diag_spread, diag_by_factor, 1)
KTQ_DIAG_KERNEL(diag_spread_vector, diag_by_vector, 1)

/* ---- FLIP ---- */

static void KTQ_K(flip_plain)(const ktq_call *step, void *memory, ktq_location spot)
{
    (void)spot;
    B *const tile = (B *)memory + step->value;
    uint64_t v = 0;
    do {
        B *const p = tile + v, *const q = tile + (v ^ step->targets);
        B a;
        KTQ_K(copy)(&a, p);
        KTQ_K(copy)(p, q);
        KTQ_K(copy)(q, &a);
        v = KTQ_K(next)(v, step->free);
    } while (v);
}

/* Takes over the lanes of a mask from x, turned. */
KTQ_INLINE void KTQ_K(take_lanes)(V *to, V *x, const VW mask_and_index[2])
{
    KTQ_K(turn)(x, mask_and_index + 1);
    *to = (V)((VW)*to ^ (((VW)*to ^ (VW)*x) & mask_and_index[0]));
}

/* The flip of lanes by lanes. */
KTQ_INLINE void KTQ_K(flip_by_lanes)(V *x, const VW *data)
{
#ifdef KTQ_PERMUTE
    *x = (V)KTQ_PERMUTE(*x, data[2]);
#else
    V turned = *x;
    KTQ_K(take_lanes)(x, &turned, data);
#endif
}

static void KTQ_K(flip_vectors)(const ktq_call *step, void *memory, ktq_location spot)
{
    (void)spot;
    const VW lanes[2] = {((const VW *)step->data)[0], ((const VW *)step->data)[1]};
    B *const tile = (B *)memory + step->value;
    uint64_t v = 0;
    do {
        B *const p = tile + v, *const q = tile + (v ^ step->targets);
        B a, b;
        KTQ_K(copy)(&a, p);
        KTQ_K(copy)(&b, q);
        KTQ_K(take_lanes)(&p->re, &b.re, lanes);
        KTQ_K(take_lanes)(&p->im, &b.im, lanes);
        KTQ_K(take_lanes)(&q->re, &a.re, lanes);
        KTQ_K(take_lanes)(&q->im, &a.im, lanes);
        v = KTQ_K(next)(v, step->free);
    } while (v);
}

static void KTQ_K(flip_lanes)(const ktq_call *step, void *memory, ktq_location spot)
{
    (void)spot;
    B *const tile = (B *)memory + step->value;
    uint64_t v = 0;
    do {
        KTQ_K(flip_by_lanes)(&tile[v].re, step->data);
        KTQ_K(flip_by_lanes)(&tile[v].im, step->data);
        v = KTQ_K(next)(v, step->free);
    } while (v);
}

#include "ket/kernels/body_rotations.h"

#include "ket/kernels/body_registers.h"

#include "ket/kernels/body_sums.h"

#include "ket/kernels/body_tile.h"

#include "ket/kernels/body_read.h"

#include "ket/kernels/body_small.h"

/* ---- the set ---- */

static const ktq_kernel_table KTQ_K(table) = {
    .turn = {{NULL, KTQ_K(turn_1), KTQ_K(turn_2), KTQ_K(turn_3)},
             {KTQ_K(terms_0), KTQ_K(terms_1), KTQ_K(terms_2), KTQ_K(terms_3)}},
    .lanes = {{KTQ_MASKS(lane_turn_)}, {KTQ_MASKS(lane_terms_)}},
    .dense_few =
        {
            {{{NULL, KTQ_K(dense_0_1), KTQ_K(dense_0_2)},
              {KTQ_K(dense_1_0), KTQ_K(dense_1_1)},
              {KTQ_K(dense_2_0)}},
             {{NULL, KTQ_K(dense_0_1_real), KTQ_K(dense_0_2_real)},
              {KTQ_K(dense_1_0_real), KTQ_K(dense_1_1_real)},
              {KTQ_K(dense_2_0_real)}}},
            {{{NULL}, {KTQ_K(dense_1_0_spread)}, {KTQ_K(dense_2_0_spread)}},
             {{NULL}, {KTQ_K(dense_1_0_spread_real)}, {KTQ_K(dense_2_0_spread_real)}}},
        },
    .dense_schmidt = KTQ_K(dense_schmidt),
    .dense_many = {{KTQ_K(dense_many_1), KTQ_K(dense_many_2), KTQ_K(dense_many_4)},
                   {NULL, NULL, KTQ_K(dense_many_spread)}},
    .diag = {{KTQ_K(diag_0), KTQ_K(diag_0_vector)},
             {KTQ_K(diag_spread), KTQ_K(diag_spread_vector)}},
    .resident = KTQ_K(resident),
    .flip_plain = KTQ_K(flip_plain),
    .flip_vectors = KTQ_K(flip_vectors),
    .flip_lanes = KTQ_K(flip_lanes),
};

static const ktq_kernel_set KTQ_K(set) = {.id = KTQ_ID,
                                          .precision = KTQ_PRECISION,
                                          .lane_bits = KTQ_LANE_BITS,
                                          .resident_bits = KTQ_RESIDENT_BITS,
                                          .table = &KTQ_K(table),
                                          .apply_tile = KTQ_K(apply_tile),
                                          .sum_tile = KTQ_K(sum_tile),
                                          .apply_small = KTQ_K(apply_small)};

#undef V
#undef VW
#undef VL
#undef B
#undef KTQ_DENSE_KERNEL
#undef KTQ_MANY_KERNEL
#undef KTQ_DIAG_KERNEL
#undef KTQ_TURN_KERNEL
#undef KTQ_LANE_KERNEL
#undef KTQ_MASKS
#undef KTQ_MASKS_1
#undef KTQ_MASKS_2
#undef KTQ_MASKS_3
#undef KTQ_MASKS_4
#undef KTQ_PERMUTE_TWO
#undef KTQ_UNROLL
#undef KTQ_INLINE
#undef KTQ_BYTES
#undef KTQ_LANES
#undef KTQ_LANE_BITS
#undef KTQ_REAL
#undef KTQ_ID
#undef KTQ_PRECISION
#undef KTQ_REGISTERS
#undef KTQ_RESIDENTS
#undef KTQ_RESIDENT_BITS
#undef KTQ_K
