/* A whole state in registers: part of the body (body.h). small.h describes the operations. */

/* Integers as wide as the reals. */
typedef __typeof__((V){0} < (V){0}) KTQ_K(numbers);
#define VN KTQ_K(numbers)

enum { KTQ_K(small_vectors) = 1 << (KTQ_SMALL_QUBITS_MAX - KTQ_LANE_BITS) };

/* The whole state. */
typedef struct KTQ_K(registers) {
    V re[KTQ_K(small_vectors)], im[KTQ_K(small_vectors)];
} KTQ_K(registers);

/* to[i] = from[where[i]]. */
KTQ_INLINE void KTQ_K(small_gather)(V *to, const V *from, const VN *where, const int vectors)
{
#ifdef KTQ_PERMUTE_TWO
    KTQ_UNROLL for (int v = 0; v < vectors; v++)
    {
        to[v] = KTQ_PERMUTE_TWO(from[0], from[vectors > 1], where[v]);
        if (vectors > 2) {
            const VN high = -(where[v] >> (KTQ_LANE_BITS + 1) & 1);
            const V other = KTQ_PERMUTE_TWO(from[2 % vectors], from[3 % vectors], where[v]);
            to[v] = (V)(((VN)other & high) | ((VN)to[v] & ~high));
        }
    }
#else
    KTQ_REAL row[KTQ_LANES * KTQ_K(small_vectors)] __attribute__((aligned(64)));
    KTQ_UNROLL for (int v = 0; v < vectors; v++) * (VL *)(void *)(row + v * KTQ_LANES) =
        (VL)from[v];
    KTQ_UNROLL for (int v = 0; v < vectors; v++)
    {
        V found = {0};
        KTQ_UNROLL for (int lane = 0; lane < KTQ_LANES; lane++) found[lane] = row[where[v][lane]];
        to[v] = found;
    }
#endif
}

/* x[i] = x[from[i]]. data: a row of from. */
KTQ_INLINE void KTQ_K(small_permute)(KTQ_K(registers) * x, const V *data, const int vectors)
{
    KTQ_K(registers) y;
    KTQ_K(small_gather)(y.re, x->re, (const VN *)data, vectors);
    KTQ_K(small_gather)(y.im, x->im, (const VN *)data, vectors);
    KTQ_UNROLL for (int v = 0; v < vectors; v++)
    {
        x->re[v] = y.re[v];
        x->im[v] = y.im[v];
    }
}

/* x[i] *= f[i]. data: rows of real and imaginary parts. */
KTQ_INLINE void KTQ_K(small_factor)(KTQ_K(registers) * x, const V *data, const int vectors)
{
    KTQ_UNROLL for (int v = 0; v < vectors; v++)
    {
        const V re = data[v], im = data[vectors + v], was = x->re[v];
        x->re[v] = was * re - x->im[v] * im;
        x->im[v] = was * im + x->im[v] * re;
    }
}

/* x[i] = the sum of f[i] x[from[i]] over the terms. */
KTQ_INLINE void KTQ_K(small_sum)(KTQ_K(registers) * x, const V *data, int terms, const int vectors)
{
    KTQ_K(registers) sum = {{{0}}, {{0}}};
    for (int t = 0; t < terms; t++, data += 3 * vectors) {
        KTQ_K(registers) y;
        KTQ_K(small_gather)(y.re, x->re, (const VN *)data, vectors);
        KTQ_K(small_gather)(y.im, x->im, (const VN *)data, vectors);
        KTQ_K(small_factor)(&y, data + vectors, vectors);
        KTQ_UNROLL for (int v = 0; v < vectors; v++)
        {
            sum.re[v] += y.re[v];
            sum.im[v] += y.im[v];
        }
    }
    KTQ_UNROLL for (int v = 0; v < vectors; v++)
    {
        x->re[v] = sum.re[v];
        x->im[v] = sum.im[v];
    }
}

/* Rotates a bit of the index of vectors. apart: 1 << that bit. */
KTQ_INLINE void KTQ_K(small_rotate_vectors)(V *x, const V *t, const int apart, const int vectors)
{
    KTQ_UNROLL for (int v = 0; v < vectors; v++)
    {
        if ((v & apart) || apart >= vectors)
            continue;
        const V low = x[v];
        x[v] = low - *t * x[(v + apart) % vectors];
        x[(v + apart) % vectors] += *t * low;
    }
}

/* Cases of a switch: a rotation of a bit of the lane, or of the index of the vector. */
#define KTQ_SMALL_LANE(bit)                                                                        \
    case KTQ_SMALL_ROTATE + (bit):                                                                 \
        KTQ_UNROLL for (int v = 0; v < vectors; v++)                                               \
        {                                                                                          \
            x->re[v] += *data * KTQ_XOR(x->re[v], 1 << (bit));                                     \
            x->im[v] += *data * KTQ_XOR(x->im[v], 1 << (bit));                                     \
        }                                                                                          \
        data++;                                                                                    \
        break;
#define KTQ_SMALL_HIGH(bit)                                                                        \
    case KTQ_SMALL_ROTATE + (bit):                                                                 \
        KTQ_K(small_rotate_vectors)(x->re, data, 1 << ((bit)-KTQ_LANE_BITS), vectors);             \
        KTQ_K(small_rotate_vectors)(x->im, data, 1 << ((bit)-KTQ_LANE_BITS), vectors);             \
        data++;                                                                                    \
        break;

/* Applies all operations. */
KTQ_INLINE void KTQ_K(small_ops)(const ktq_small *small, KTQ_K(registers) * x, const int vectors)
{
    const V *data = (const V *)(const void *)small->data;
    for (const ktq_small_op *s = small->ops; s < small->ops + small->op_count; s++) {
        switch (s->kind) {
        case KTQ_SMALL_PERMUTE:
            KTQ_K(small_permute)(x, data, vectors);
            data += vectors;
            break;
        case KTQ_SMALL_FACTOR:
            KTQ_K(small_factor)(x, data, vectors);
            data += 2 * vectors;
            break;
        case KTQ_SMALL_SUM:
            KTQ_K(small_sum)(x, data, s->terms, vectors);
            data += 3 * vectors * s->terms;
            break;
            KTQ_SMALL_LANE(0)
#if KTQ_LANE_BITS > 1
            KTQ_SMALL_LANE(1)
#else
            KTQ_SMALL_HIGH(1)
#endif
#if KTQ_LANE_BITS > 2
            KTQ_SMALL_LANE(2)
#else
            KTQ_SMALL_HIGH(2)
#endif
#if KTQ_LANE_BITS > 3
            KTQ_SMALL_LANE(3)
#else
            KTQ_SMALL_HIGH(3)
#endif
            KTQ_SMALL_HIGH(4)
        }
    }
}

/* Loads a state that is smaller than a vector. Lanes beyond it are 0. */
KTQ_KERNEL void KTQ_K(small_load_short)(KTQ_K(registers) * x, const KTQ_REAL *state, int32_t qubits)
{
    x->re[0] = x->im[0] = (V){0};
    for (int i = 0; i < 1 << qubits; i++) {
        x->re[0][i] = state[2 * i];
        x->im[0][i] = state[2 * i + 1];
    }
}

/* The inverse. */
KTQ_KERNEL void KTQ_K(small_store_short)(const KTQ_K(registers) * x, KTQ_REAL *state,
                                         int32_t qubits)
{
    for (int i = 0; i < 1 << qubits; i++) {
        state[2 * i] = x->re[0][i];
        state[2 * i + 1] = x->im[0][i];
    }
}

/* Applies all operations to a state of whole vectors. */
KTQ_INLINE void KTQ_K(small_full)(const ktq_small *small, void *state, const int vectors)
{
    KTQ_K(registers) x;
    VL *const at = state;
    KTQ_UNROLL for (int v = 0; v < vectors; v++)
    {
        const V a = (V)at[2 * v], b = (V)at[2 * v + 1];
        x.re[v] = KTQ_EVEN(a, b);
        x.im[v] = KTQ_ODD(a, b);
    }
    KTQ_K(small_ops)(small, &x, vectors);
    KTQ_UNROLL for (int v = 0; v < vectors; v++)
    {
        at[2 * v] = (VL)KTQ_ZIP_LOW(x.re[v], x.im[v]);
        at[2 * v + 1] = (VL)KTQ_ZIP_HIGH(x.re[v], x.im[v]);
    }
}

#define KTQ_SMALL_KERNEL(vectors)                                                                  \
    KTQ_KERNEL void KTQ_K(small_##vectors)(const ktq_small *small, void *state)                    \
    {                                                                                              \
        KTQ_K(small_full)(small, state, vectors);                                                  \
    }
KTQ_SMALL_KERNEL(1)
KTQ_SMALL_KERNEL(2)
#if KTQ_LANE_BITS < 4
KTQ_SMALL_KERNEL(4)
#endif
#if KTQ_LANE_BITS < 3
KTQ_SMALL_KERNEL(8)
#endif
#if KTQ_LANE_BITS < 2
KTQ_SMALL_KERNEL(16)
#endif

/* The same for a state that is smaller than a vector. */
KTQ_KERNEL void KTQ_K(small_short)(const ktq_small *small, void *state)
{
    KTQ_K(registers) x;
    KTQ_K(small_load_short)(&x, state, small->qubits);
    KTQ_K(small_ops)(small, &x, 1);
    KTQ_K(small_store_short)(&x, state, small->qubits);
}

KTQ_KERNEL void KTQ_K(apply_small)(const ktq_small *small, void *state)
{
    static void (*const kernels[])(const ktq_small *, void *) = {
        KTQ_K(small_1),
        KTQ_K(small_2),
#if KTQ_LANE_BITS < 4
        KTQ_K(small_4),
#endif
#if KTQ_LANE_BITS < 3
        KTQ_K(small_8),
#endif
#if KTQ_LANE_BITS < 2
        KTQ_K(small_16),
#endif
    };
    if (small->qubits < KTQ_LANE_BITS)
        KTQ_K(small_short)(small, state);
    else
        kernels[small->row_bits](small, state);
}

#undef VN
#undef KTQ_SMALL_LANE
#undef KTQ_SMALL_HIGH
#undef KTQ_SMALL_KERNEL
