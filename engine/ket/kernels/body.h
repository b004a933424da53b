/* The kernels, once: included for each instruction set and precision with
 *   KT_REAL           float or double
 *   KT_LANE_BITS      log2 of the amplitudes in a vector, 1..4
 *   KT_K(name)        the name with the set's suffix
 *   KT_ID             the set's ketch_kernels
 *   KT_PRECISION      its ketch_precision
 *   KT_REGISTERS      how many vectors the registers hold: 16 unless defined
 * and undefined again at the end. KT_SHUFFLE(x, index) may be defined (and stays): a vector x of
 * any type with its 32-bit words in the order of index, which is always word i from i ^ index[0];
 * so may KT_PERMUTE(x, index), the same for any index, and KT_PAST(to, x): *to = x past the caches.
 * KT_PICK(a, b, index), too, and only until the end: element i is number index[i] of a and b
 * together, modulo that many. kernels.h says what the kernels find in a step. */
#ifndef KT_REGISTERS
#define KT_REGISTERS 16
#endif
#define KT_LANES (1 << KT_LANE_BITS)
#define KT_BYTES (KT_LANES * sizeof(KT_REAL))
#define KT_INLINE static inline __attribute__((always_inline))
#ifdef __clang__
#define KT_UNROLL _Pragma("clang loop unroll(full)")
#else
#define KT_UNROLL _Pragma("GCC unroll 32")
#endif

typedef KT_REAL KT_K(reals) __attribute__((vector_size(KT_BYTES)));
typedef int32_t KT_K(words) __attribute__((vector_size(KT_BYTES)));
/* A vector anywhere in a state: a caller's buffer may be aligned to less than a vector. */
typedef KT_REAL KT_K(loose)
    __attribute__((vector_size(KT_BYTES), aligned(sizeof(KT_REAL)), may_alias));
typedef struct KT_K(block) {
    KT_K(reals) re, im;
} KT_K(block);
typedef struct KT_K(factor) {
    KT_REAL re, im;
} KT_K(factor);

#define V KT_K(reals)
#define VW KT_K(words)
#define VL KT_K(loose)
#define B KT_K(block)

/* ---- lanes ---- */

#include "ket/kernels/body_lanes.h"

/* Turns the lanes: lane i from the lane i ^ index[0], which counts 32-bit words. */
KT_INLINE void KT_K(turn)(V *x, const VW *index)
{
#ifdef KT_SHUFFLE
    *x = (V)KT_SHUFFLE(*x, *index);
#else
    const int mask = (*index)[0] / (int)(sizeof(KT_REAL) / sizeof(int32_t));
    if (mask & 1)
        *x = KT_XOR(*x, 1);
#if KT_LANE_BITS > 1
    if (mask & 2)
        *x = KT_XOR(*x, 2);
#endif
#if KT_LANE_BITS > 2
    if (mask & 4)
        *x = KT_XOR(*x, 4);
#endif
#if KT_LANE_BITS > 3
    if (mask & 8)
        *x = KT_XOR(*x, 8);
#endif
#endif
}

/* The next number above x in the bits of mask; 0 after the last. */
KT_INLINE uint64_t KT_K(next)(uint64_t x, uint64_t mask)
{
    return (x - mask) & mask;
}

/* Not a copy of the struct, which the compiler may cut into smaller pieces: loading these as a
 * vector again would wait for the stores. */
KT_INLINE void KT_K(copy)(B *to, const B *from)
{
    to->re = from->re;
    to->im = from->im;
}

/* Factor i of a step's data. */
KT_INLINE void KT_K(load)(B *f, const void *data, size_t i, const int spread)
{
    if (!spread) {
        KT_K(copy)(f, (const B *)data + i);
        return;
    }
    const KT_K(factor) one = ((const KT_K(factor) *)data)[i];
    f->re = one.re - (V){0}; /* spreads it over the lanes; 0 - 0 and -0 - 0 keep their signs */
    f->im = one.im - (V){0};
}

/* ---- DENSE ---- */

KT_INLINE void KT_K(multiply)(B *out, const B *f, const B *x, const int real)
{
    out->re = f->re * x->re;
    out->im = f->re * x->im;
    if (!real) {
        out->re -= f->im * x->im;
        out->im += f->im * x->re;
    }
}

KT_INLINE void KT_K(multiply_add)(B *sum, const B *f, const B *x, const int real)
{
    sum->re += f->re * x->re;
    sum->im += f->re * x->im;
    if (!real) {
        sum->re -= f->im * x->im;
        sum->im += f->im * x->re;
    }
}

/* The inputs of vectors at the offsets. */
KT_INLINE void KT_K(take)(B *x, const B *tile, const uint64_t *offsets, const VW *indices,
                          const int rows, const int turns)
{
    KT_UNROLL for (int k = 0; k < rows * turns; k++)
    {
        KT_K(copy)(&x[k], &tile[offsets[k / turns]]);
        if (k % turns) {
            KT_K(turn)(&x[k].re, indices + k % turns);
            KT_K(turn)(&x[k].im, indices + k % turns);
        }
    }
}

/* What a matrix is like. SCHMIDT: of four rows, with a first column (c, 0, 0, s), c and s real. */
#define KT_COMPLEX 0
#define KT_ALL_REAL 1
#define KT_SCHMIDT 2

/* One row; f: its factors, `stride` apart, of which the first one may be real. */
KT_INLINE void KT_K(sum)(B *out, const B *x, const void *f, const int inputs, const int stride,
                         const int spread, const int real, const int first_real)
{
    B sum, factor;
    KT_K(load)(&factor, f, 0, spread);
    KT_K(multiply)(&sum, &factor, &x[0], first_real);
    KT_UNROLL for (int k = 1; k < inputs; k++)
    {
        KT_K(load)(&factor, f, (size_t)(k * stride), spread);
        KT_K(multiply_add)(&sum, &factor, &x[k], real);
    }
    KT_K(copy)(out, &sum);
}

/* One target: inputs and factors stay in registers. */
KT_INLINE void KT_K(dense_one)(const kt_step *step, B *tile, const int spread, const int real,
                               const int rows, const int turns)
{
    const uint64_t offsets[] = {0, step->targets};
    B f[4];
    KT_UNROLL for (int i = 0; i < 2 * rows; i++) KT_K(load)(&f[i], step->data, (size_t)i, spread);
    tile += step->value;
    uint64_t v = 0;
    do {
        B x[2];
        KT_K(take)(x, tile + v, offsets, step->more, rows, turns);
        KT_UNROLL for (int r = 0; r < rows; r++)
            KT_K(sum)(&tile[v + offsets[r]], x, f + r, 2, rows, 0, real, real);
        v = KT_K(next)(v, step->free);
    } while (v);
}

/* Two targets: inputs stay in registers, factors come from memory. */
KT_INLINE void KT_K(dense_two)(const kt_step *step, B *tile, const int spread, const int like,
                               const int rows, const int turns)
{
    const uint64_t low = step->targets & -step->targets, high = step->targets ^ low;
    const uint64_t offsets[] = {0, low, high, step->targets};
    const size_t size = spread ? sizeof(KT_K(factor)) : sizeof(B);
    const char *const data = step->data;
    tile += step->value;
    uint64_t v = 0;
    do {
        B x[4];
        KT_K(take)(x, tile + v, offsets, step->more, rows, turns);
        KT_UNROLL for (int r = 0; r < rows; r++)
        {
            const int empty = like == KT_SCHMIDT && (r == 1 || r == 2), real = like == KT_ALL_REAL;
            KT_K(sum)
            (&tile[v + offsets[r]], x + empty, data + (size_t)(r + empty * rows) * size, 4 - empty,
             rows, spread, real, real || (like == KT_SCHMIDT && !empty));
        }
        v = KT_K(next)(v, step->free);
    } while (v);
}

#define KT_DENSE_KERNEL(name, count, spread, like, rows, turns)                                    \
    static void KT_K(name)(const kt_step *step, void *tile, kt_spot spot)                          \
    {                                                                                              \
        (void)spot;                                                                                \
        KT_K(count)(step, tile, spread, like, rows, turns);                                        \
    }
KT_DENSE_KERNEL(dense_1_0, dense_one, 0, KT_COMPLEX, 2, 1)
KT_DENSE_KERNEL(dense_0_1, dense_one, 0, KT_COMPLEX, 1, 2)
KT_DENSE_KERNEL(dense_2_0, dense_two, 0, KT_COMPLEX, 4, 1)
KT_DENSE_KERNEL(dense_1_1, dense_two, 0, KT_COMPLEX, 2, 2)
KT_DENSE_KERNEL(dense_0_2, dense_two, 0, KT_COMPLEX, 1, 4)
KT_DENSE_KERNEL(dense_1_0_real, dense_one, 0, KT_ALL_REAL, 2, 1)
KT_DENSE_KERNEL(dense_0_1_real, dense_one, 0, KT_ALL_REAL, 1, 2)
KT_DENSE_KERNEL(dense_2_0_real, dense_two, 0, KT_ALL_REAL, 4, 1)
KT_DENSE_KERNEL(dense_1_1_real, dense_two, 0, KT_ALL_REAL, 2, 2)
KT_DENSE_KERNEL(dense_0_2_real, dense_two, 0, KT_ALL_REAL, 1, 4)
KT_DENSE_KERNEL(dense_1_0_spread, dense_one, 1, KT_COMPLEX, 2, 1)
KT_DENSE_KERNEL(dense_2_0_spread, dense_two, 1, KT_COMPLEX, 4, 1)
KT_DENSE_KERNEL(dense_schmidt, dense_two, 1, KT_SCHMIDT, 4, 1)
KT_DENSE_KERNEL(dense_1_0_spread_real, dense_one, 1, KT_ALL_REAL, 2, 1)
KT_DENSE_KERNEL(dense_2_0_spread_real, dense_two, 1, KT_ALL_REAL, 4, 1)

/* Sums a group of rows; f: its factors. */
KT_INLINE void KT_K(sum_group)(B *tile, const uint64_t *offsets, const B *x, size_t inputs,
                               const char *f, const int spread, const int rows)
{
    B sum[KT_DENSE_ROWS], factor;
    KT_UNROLL for (int r = 0; r < rows; r++) sum[r] = (B){{0}, {0}};
    for (size_t k = 0; k < inputs; k++)
        KT_UNROLL for (int r = 0; r < rows; r++)
        {
            KT_K(load)(&factor, f, k * (size_t)rows + (size_t)r, spread);
            KT_K(multiply_add)(&sum[r], &factor, &x[k], 0);
        }
    KT_UNROLL for (int r = 0; r < rows; r++) KT_K(copy)(&tile[offsets[r]], &sum[r]);
}

/* A vector and its turns. */
KT_INLINE void KT_K(take_turns)(B *x, const B *from, const VW *indices, size_t turns)
{
    KT_K(copy)(x, from);
    for (size_t s = 1; s < turns; s++) {
        B turned;
        KT_K(copy)(&turned, from);
        KT_K(turn)(&turned.re, indices + s);
        KT_K(turn)(&turned.im, indices + s);
        KT_K(copy)(&x[s], &turned);
    }
}

/* Any number of targets: the inputs go through memory behind the tile. */
KT_INLINE void KT_K(dense_many)(const kt_step *step, B *tile, const int spread, const int group)
{
    B *const x = tile + step->vectors;
    const size_t rows = (size_t)1 << step->vector_targets;
    const size_t turns = (size_t)1 << step->lane_targets, inputs = rows * turns;
    const size_t row_size = inputs * (spread ? sizeof(KT_K(factor)) : sizeof(B));
    uint64_t offsets[KT_DENSE_BLOCKS];
    for (size_t r = 0; r < rows; r++)
        offsets[r] = kt_deposit(r, step->targets);
    tile += step->value;
    uint64_t v = 0;
    do {
        for (size_t r = 0; r < rows; r++)
            KT_K(take_turns)(&x[r * turns], &tile[v + offsets[r]], step->more, turns);
        for (size_t r = 0; r < rows; r += (size_t)group) {
            const char *const f = (const char *)step->data + r * row_size;
            KT_K(sum_group)(tile + v, offsets + r, x, inputs, f, spread, group);
        }
        v = KT_K(next)(v, step->free);
    } while (v);
}

#define KT_MANY_KERNEL(name, spread, group)                                                        \
    static void KT_K(name)(const kt_step *step, void *tile, kt_spot spot)                          \
    {                                                                                              \
        (void)spot;                                                                                \
        KT_K(dense_many)(step, tile, spread, group);                                               \
    }
KT_MANY_KERNEL(dense_many_1, 0, 1)
KT_MANY_KERNEL(dense_many_2, 0, 2)
KT_MANY_KERNEL(dense_many_4, 0, 4)
KT_MANY_KERNEL(dense_many_spread, 1, 4)

/* ---- DIAG ---- */

/* Where this tile's factors begin and end. */
typedef struct KT_K(range) {
    uint64_t first, end;
    const uint64_t *offsets;
} KT_K(range);

KT_INLINE KT_K(range) KT_K(range_of)(const kt_step *step, uint64_t base)
{
    const uint64_t choice = step->select ? kt_gather(base, step->select) : 0;
    const uint64_t *const starts = step->more;
    return (KT_K(range)){starts[choice], starts[choice + 1], starts + step->choices + 1};
}

KT_INLINE void KT_K(scale)(B *p, const B *f)
{
    B x, y;
    KT_K(copy)(&x, p);
    KT_K(multiply)(&y, f, &x, 0);
    KT_K(copy)(p, &y);
}

KT_INLINE void KT_K(diag_by_factor)(const kt_step *step, B *tile, uint64_t base, const int spread)
{
    const KT_K(range) range = KT_K(range_of)(step, base);
    for (uint64_t i = range.first; i < range.end; i++) {
        B f;
        KT_K(load)(&f, step->data, i, spread);
        B *const p = tile + step->value + range.offsets[i];
        uint64_t v = 0;
        do {
            KT_K(scale)(p + v, &f);
            v = KT_K(next)(v, step->free);
        } while (v);
    }
}

KT_INLINE void KT_K(diag_by_vector)(const kt_step *step, B *tile, uint64_t base, const int spread)
{
    const KT_K(range) range = KT_K(range_of)(step, base);
    uint64_t v = 0;
    do {
        B *const p = tile + step->value + v;
        for (uint64_t i = range.first; i < range.end; i++) {
            B f;
            KT_K(load)(&f, step->data, i, spread);
            KT_K(scale)(p + range.offsets[i], &f);
        }
        v = KT_K(next)(v, step->free);
    } while (v);
}

#define KT_DIAG_KERNEL(name, loop, spread)                                                         \
    static void KT_K(name)(const kt_step *step, void *tile, kt_spot spot)                          \
    {                                                                                              \
        KT_K(loop)(step, tile, spot.base, spread);                                                 \
    }
KT_DIAG_KERNEL(diag_0, diag_by_factor, 0)
KT_DIAG_KERNEL(diag_0_vector, diag_by_vector, 0)
KT_DIAG_KERNEL(diag_spread, diag_by_factor, 1)
KT_DIAG_KERNEL(diag_spread_vector, diag_by_vector, 1)

/* ---- FLIP ---- */

static void KT_K(flip_plain)(const kt_step *step, void *memory, kt_spot spot)
{
    (void)spot;
    B *const tile = (B *)memory + step->value;
    uint64_t v = 0;
    do {
        B *const p = tile + v, *const q = tile + (v ^ step->targets);
        B a;
        KT_K(copy)(&a, p);
        KT_K(copy)(p, q);
        KT_K(copy)(q, &a);
        v = KT_K(next)(v, step->free);
    } while (v);
}

/* Takes over the lanes of a mask from x, turned. */
KT_INLINE void KT_K(take_lanes)(V *to, V *x, const VW mask_and_index[2])
{
    KT_K(turn)(x, mask_and_index + 1);
    *to = (V)((VW)*to ^ (((VW)*to ^ (VW)*x) & mask_and_index[0]));
}

/* The flip of lanes by lanes. */
KT_INLINE void KT_K(flip_by_lanes)(V *x, const VW *data)
{
#ifdef KT_PERMUTE
    *x = (V)KT_PERMUTE(*x, data[2]);
#else
    V turned = *x;
    KT_K(take_lanes)(x, &turned, data);
#endif
}

static void KT_K(flip_vectors)(const kt_step *step, void *memory, kt_spot spot)
{
    (void)spot;
    const VW lanes[2] = {((const VW *)step->data)[0], ((const VW *)step->data)[1]};
    B *const tile = (B *)memory + step->value;
    uint64_t v = 0;
    do {
        B *const p = tile + v, *const q = tile + (v ^ step->targets);
        B a, b;
        KT_K(copy)(&a, p);
        KT_K(copy)(&b, q);
        KT_K(take_lanes)(&p->re, &b.re, lanes);
        KT_K(take_lanes)(&p->im, &b.im, lanes);
        KT_K(take_lanes)(&q->re, &a.re, lanes);
        KT_K(take_lanes)(&q->im, &a.im, lanes);
        v = KT_K(next)(v, step->free);
    } while (v);
}

static void KT_K(flip_lanes)(const kt_step *step, void *memory, kt_spot spot)
{
    (void)spot;
    B *const tile = (B *)memory + step->value;
    uint64_t v = 0;
    do {
        KT_K(flip_by_lanes)(&tile[v].re, step->data);
        KT_K(flip_by_lanes)(&tile[v].im, step->data);
        v = KT_K(next)(v, step->free);
    } while (v);
}

#include "ket/kernels/body_rotations.h"

#include "ket/kernels/body_registers.h"

#include "ket/kernels/body_sums.h"

#include "ket/kernels/body_tile.h"

#include "ket/kernels/body_read.h"

#include "ket/kernels/body_small.h"

/* ---- the set ---- */

static const kt_kernel_table KT_K(table) = {
    .turn = {{NULL, KT_K(turn_1), KT_K(turn_2), KT_K(turn_3)},
             {KT_K(terms_0), KT_K(terms_1), KT_K(terms_2), KT_K(terms_3)}},
    .lanes = {{KT_MASKS(lane_turn_)}, {KT_MASKS(lane_terms_)}},
    .dense_few =
        {
            {{{NULL, KT_K(dense_0_1), KT_K(dense_0_2)},
              {KT_K(dense_1_0), KT_K(dense_1_1)},
              {KT_K(dense_2_0)}},
             {{NULL, KT_K(dense_0_1_real), KT_K(dense_0_2_real)},
              {KT_K(dense_1_0_real), KT_K(dense_1_1_real)},
              {KT_K(dense_2_0_real)}}},
            {{{NULL}, {KT_K(dense_1_0_spread)}, {KT_K(dense_2_0_spread)}},
             {{NULL}, {KT_K(dense_1_0_spread_real)}, {KT_K(dense_2_0_spread_real)}}},
        },
    .dense_schmidt = KT_K(dense_schmidt),
    .dense_many = {{KT_K(dense_many_1), KT_K(dense_many_2), KT_K(dense_many_4)},
                   {NULL, NULL, KT_K(dense_many_spread)}},
    .diag = {{KT_K(diag_0), KT_K(diag_0_vector)}, {KT_K(diag_spread), KT_K(diag_spread_vector)}},
    .held = KT_K(held),
    .flip_plain = KT_K(flip_plain),
    .flip_vectors = KT_K(flip_vectors),
    .flip_lanes = KT_K(flip_lanes),
};

static const kt_kernel_set KT_K(set) = {.id = KT_ID,
                                        .precision = KT_PRECISION,
                                        .lane_bits = KT_LANE_BITS,
                                        .held_bits = KT_HELD_BITS,
                                        .table = &KT_K(table),
                                        .tile = KT_K(tile),
                                        .look = KT_K(look),
                                        .tiny = KT_K(tiny)};

#undef V
#undef VW
#undef VL
#undef B
#undef KT_DENSE_KERNEL
#undef KT_MANY_KERNEL
#undef KT_DIAG_KERNEL
#undef KT_TURN_KERNEL
#undef KT_LANE_KERNEL
#undef KT_MASKS
#undef KT_MASKS_1
#undef KT_MASKS_2
#undef KT_MASKS_3
#undef KT_MASKS_4
#undef KT_PICK
#undef KT_UNROLL
#undef KT_INLINE
#undef KT_BYTES
#undef KT_LANES
#undef KT_LANE_BITS
#undef KT_REAL
#undef KT_ID
#undef KT_PRECISION
#undef KT_REGISTERS
#undef KT_HELD
#undef KT_HELD_BITS
#undef KT_K
