/* The kernels, written once. A kernel set's file includes this for each precision, after defining
 *   KTQ_REAL        float or double
 *   KTQ_LANE_BITS   log2 of the amplitudes in a vector, 1..4
 *   KTQ_K(name)     the name with the set's suffix
 *   KTQ_ID          the set's ketch_kernels
 *   KTQ_PRECISION   its ketch_precision
 *   KTQ_COSTS       its list of cost rows (cost_tables.h)
 * and, if the defaults do not fit,
 *   KTQ_REGISTERS   the number of vector registers; default 16
 *   KTQ_TILE_SIZES  an array of ktq_tile_sizes
 *   KTQ_PERMUTE_TWO(a, b, index)   element i is number index[i] of a and b together, modulo twice
 *                   the number of lanes
 * This file undefines all of them. These may be defined, too, and stay defined:
 *   KTQ_XOR_SHUFFLE(x, index)      the 32-bit words of a vector x of any type in the order of
 *                   index, where word i comes from i ^ index[0]
 *   KTQ_PERMUTE(x, index)          the same for any index
 *   KTQ_STREAM_STORE(to, x)        *to = x with a store that bypasses the caches
 *
 * call.h describes the calls that the kernels get. To see what the compiler made of one:
 * objdump -d --disassemble=rotate_3_avx2_double on avx2.o in the build folder. A loop should store
 * no vector on the stack and load few from there. */
#ifndef KTQ_REGISTERS
#define KTQ_REGISTERS 16
#endif
#define KTQ_LANES (1 << KTQ_LANE_BITS)
#define KTQ_BYTES (KTQ_LANES * sizeof(KTQ_REAL))
#define KTQ_INLINE static inline __attribute__((always_inline))
/* What is not inlined. The inner loops keep arrays of vectors on the stack, into which they write at
 * constant indices: a stack protector would cost time in each call and find nothing. */
#define KTQ_KERNEL static __attribute__((no_stack_protector))
#ifdef __clang__
#define KTQ_UNROLL _Pragma("clang loop unroll(full)")
#else
#define KTQ_UNROLL _Pragma("GCC unroll 32")
#endif

typedef KTQ_REAL KTQ_K(reals) __attribute__((vector_size(KTQ_BYTES)));
typedef int32_t KTQ_K(words) __attribute__((vector_size(KTQ_BYTES)));
/* A register's worth of a state, whose buffer may be aligned to no more than a number. */
typedef KTQ_REAL KTQ_K(unaligned)
    __attribute__((vector_size(KTQ_BYTES), aligned(sizeof(KTQ_REAL)), may_alias));
/* A vector of a tile: the amplitudes of all lanes. */
typedef struct KTQ_K(vector) {
    KTQ_K(reals) re, im;
} KTQ_K(vector);
/* A complex number for all lanes. */
typedef struct KTQ_K(number) {
    KTQ_REAL re, im;
} KTQ_K(number);

/* V: reals, VW: words, VL: unaligned reals, VC: complex. */
#define V KTQ_K(reals)
#define VW KTQ_K(words)
#define VL KTQ_K(unaligned)
#define VC KTQ_K(vector)

/* ---- what the kernels share ---- */

#include "ket/kernels/body_lanes.h"

/* Replaces lane i by lane i ^ m, where index[0] is m in units of 32-bit words. */
KTQ_INLINE void KTQ_K(xor_lanes)(V *x, const VW *index)
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

/* The successor of x among the numbers whose bits are part of mask; 0 after the last. */
KTQ_INLINE uint64_t KTQ_K(next)(uint64_t x, uint64_t mask)
{
    return (x - mask) & mask;
}

/* Copies a vector member by member. Compilers may cut a copy of the struct into smaller pieces, and
 * a load of these as a vector would have to wait for the stores. */
KTQ_INLINE void KTQ_K(copy)(VC *to, const VC *from)
{
    to->re = from->re;
    to->im = from->im;
}

/* Loads factor i of a call's data. */
KTQ_INLINE void KTQ_K(load_factor)(VC *f, const void *data, uint64_t i, const int broadcast)
{
    if (!broadcast) {
        KTQ_K(copy)(f, (const VC *)data + i);
        return;
    }
    const KTQ_K(number) one = ((const KTQ_K(number) *)data)[i];
    f->re = one.re - (V){0}; /* broadcasts; 0 - 0 and -0 - 0 keep their signs */
    f->im = one.im - (V){0};
}

/* *out = *f * *x. real: f has no imaginary part. */
KTQ_INLINE void KTQ_K(multiply)(VC *out, const VC *f, const VC *x, const int real)
{
    out->re = f->re * x->re;
    out->im = f->re * x->im;
    if (!real) {
        out->re -= f->im * x->im;
        out->im += f->im * x->re;
    }
}

/* *sum += *f * *x. */
KTQ_INLINE void KTQ_K(multiply_add)(VC *sum, const VC *f, const VC *x, const int real)
{
    sum->re += f->re * x->re;
    sum->im += f->re * x->im;
    if (!real) {
        sum->re -= f->im * x->im;
        sum->im += f->im * x->re;
    }
}

/* *x *= *f. */
KTQ_INLINE void KTQ_K(scale)(VC *p, const VC *f)
{
    VC x, y;
    KTQ_K(copy)(&x, p);
    KTQ_K(multiply)(&y, f, &x, 0);
    KTQ_K(copy)(p, &y);
}

/* ---- the kernels ---- */

#include "ket/kernels/body_dense.h"

#include "ket/kernels/body_single.h"

#include "ket/kernels/body_rotations.h"

#include "ket/kernels/body_registers.h"

#include "ket/kernels/body_sums.h"

#include "ket/kernels/body_tile.h"

#include "ket/kernels/body_read.h"

#include "ket/kernels/body_pauli.h"

#include "ket/kernels/body_outer.h"

#include "ket/kernels/body_small.h"

/* ---- the set ---- */

static const ktq_kernel_table KTQ_K(table) = {
    .rotate_vectors = {{NULL, KTQ_K(rotate_1), KTQ_K(rotate_2), KTQ_K(rotate_3)},
                       {KTQ_K(terms_0), KTQ_K(terms_1), KTQ_K(terms_2), KTQ_K(terms_3)}},
    .rotate_lanes = {{KTQ_MASKS(lane_rotate_)}, {KTQ_MASKS(lane_terms_)}},
    .dense_few =
        {
            {{{NULL, KTQ_K(dense_0_1), KTQ_K(dense_0_2)},
              {KTQ_K(dense_1_0), KTQ_K(dense_1_1)},
              {KTQ_K(dense_2_0)}},
             {{NULL, KTQ_K(dense_0_1_real), KTQ_K(dense_0_2_real)},
              {KTQ_K(dense_1_0_real), KTQ_K(dense_1_1_real)},
              {KTQ_K(dense_2_0_real)}}},
            {{{NULL}, {KTQ_K(dense_1_0_broadcast)}, {KTQ_K(dense_2_0_broadcast)}},
             {{NULL}, {KTQ_K(dense_1_0_broadcast_real)}, {KTQ_K(dense_2_0_broadcast_real)}}},
        },
    .dense_schmidt = KTQ_K(dense_schmidt),
    .dense_many = {{KTQ_K(dense_many_1), KTQ_K(dense_many_2), KTQ_K(dense_many_4)},
                   {NULL, NULL, KTQ_K(dense_many_broadcast)}},
    .diag = {{KTQ_K(diag_0), KTQ_K(diag_0_by_vector)},
             {KTQ_K(diag_broadcast), KTQ_K(diag_broadcast_by_vector)}},
    .resident = KTQ_K(resident),
    .flip_whole = KTQ_K(flip_whole),
    .flip_masked = KTQ_K(flip_masked),
    .flip_lanes = KTQ_K(flip_lanes),
};

/* Tiles of 256 KiB fit any second-level cache. Subtiles pay in them or not. */
#ifndef KTQ_TILE_SIZES
static const ktq_tile_sizes KTQ_K(tile_sizes)[] = {
    {.state_min = 0, .state_max = 63, .tile = KTQ_L2_BYTES_LOG, .subtile = KTQ_L1_BYTES_LOG},
    {.state_min = 22, .state_max = 63, .tile = KTQ_L2_BYTES_LOG, .subtile = KTQ_L2_BYTES_LOG},
};
#define KTQ_TILE_SIZES KTQ_K(tile_sizes)
#endif

#define KTQ_COSTS_ROW(processors, row)                                                             \
    {.id = KTQ_ID,                                                                                 \
     .precision = KTQ_PRECISION,                                                                   \
     .family = processors,                                                                         \
     .lane_bits = KTQ_LANE_BITS,                                                                   \
     .resident_bits = KTQ_RESIDENT_BITS,                                                           \
     .costs = &row,                                                                                \
     .tile_sizes = KTQ_TILE_SIZES,                                                                 \
     .tile_size_count = sizeof KTQ_TILE_SIZES / sizeof *KTQ_TILE_SIZES,                            \
     .table = &KTQ_K(table),                                                                       \
     .apply_tile = KTQ_K(apply_tile),                                                              \
     .sum_tile = KTQ_K(sum_tile),                                                                  \
     .sum_paulis = KTQ_K(sum_paulis),                                                              \
     .apply_paulis = KTQ_K(apply_paulis),                                                          \
     .add_outer = KTQ_K(add_outer),                                                                \
     .apply_small = KTQ_K(apply_small)},

static const ktq_kernel_set KTQ_K(sets)[] = {KTQ_COSTS(KTQ_COSTS_ROW)};

#undef V
#undef VW
#undef VL
#undef VC
#undef VD
#undef VF
#undef KTQ_COSTS
#undef KTQ_COSTS_ROW
#undef KTQ_DENSE_KERNEL
#undef KTQ_MANY_KERNEL
#undef KTQ_DIAG_KERNEL
#undef KTQ_ROTATE_KERNEL
#undef KTQ_LANE_KERNEL
#undef KTQ_MASKS
#undef KTQ_MASKS_1
#undef KTQ_MASKS_2
#undef KTQ_MASKS_3
#undef KTQ_MASKS_4
#undef KTQ_PERMUTE_TWO
#undef KTQ_UNROLL
#undef KTQ_INLINE
#undef KTQ_KERNEL
#undef KTQ_BYTES
#undef KTQ_LANES
#undef KTQ_LANE_BITS
#undef KTQ_REAL
#undef KTQ_ID
#undef KTQ_PRECISION
#undef KTQ_REGISTERS
#undef KTQ_RESIDENTS
#undef KTQ_RESIDENT_BITS
#undef KTQ_TILE_SIZES
#undef KTQ_K
