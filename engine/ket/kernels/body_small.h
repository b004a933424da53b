/* A whole state in registers: part of the body (body.h). small.h says what the steps are. */

/* Integers as wide as the reals. */
typedef __typeof__((V){0} < (V){0}) KT_K(numbers);
#define VN KT_K(numbers)

enum { KT_K(tiny_most) = 1 << (KT_TINY_QUBITS - KT_LANE_BITS) };

typedef struct KT_K(whole) {
    V re[KT_K(tiny_most)], im[KT_K(tiny_most)];
} KT_K(whole);

/* to[i] = from[where[i]]. */
KT_INLINE void KT_K(tiny_pick)(V *to, const V *from, const VN *where, const int vectors)
{
#ifdef KT_PICK
    KT_UNROLL for (int v = 0; v < vectors; v++)
    {
        to[v] = KT_PICK(from[0], from[vectors > 1], where[v]);
        if (vectors > 2) {
            const VN high = -(where[v] >> (KT_LANE_BITS + 1) & 1);
            const V other = KT_PICK(from[2 % vectors], from[3 % vectors], where[v]);
            to[v] = (V)(((VN)other & high) | ((VN)to[v] & ~high));
        }
    }
#else
    KT_REAL row[KT_LANES * KT_K(tiny_most)] __attribute__((aligned(64)));
    KT_UNROLL for (int v = 0; v < vectors; v++) * (VL *)(void *)(row + v * KT_LANES) = (VL)from[v];
    KT_UNROLL for (int v = 0; v < vectors; v++)
    {
        V found = {0};
        KT_UNROLL for (int lane = 0; lane < KT_LANES; lane++) found[lane] = row[where[v][lane]];
        to[v] = found;
    }
#endif
}

KT_INLINE void KT_K(tiny_permute)(KT_K(whole) * x, const V *data, const int vectors)
{
    KT_K(whole) y;
    KT_K(tiny_pick)(y.re, x->re, (const VN *)data, vectors);
    KT_K(tiny_pick)(y.im, x->im, (const VN *)data, vectors);
    KT_UNROLL for (int v = 0; v < vectors; v++)
    {
        x->re[v] = y.re[v];
        x->im[v] = y.im[v];
    }
}

KT_INLINE void KT_K(tiny_factor)(KT_K(whole) * x, const V *data, const int vectors)
{
    KT_UNROLL for (int v = 0; v < vectors; v++)
    {
        const V re = data[v], im = data[vectors + v], was = x->re[v];
        x->re[v] = was * re - x->im[v] * im;
        x->im[v] = was * im + x->im[v] * re;
    }
}

KT_INLINE void KT_K(tiny_sum)(KT_K(whole) * x, const V *data, int terms, const int vectors)
{
    KT_K(whole) sum = {{{0}}, {{0}}};
    for (int t = 0; t < terms; t++, data += 3 * vectors) {
        KT_K(whole) y;
        KT_K(tiny_pick)(y.re, x->re, (const VN *)data, vectors);
        KT_K(tiny_pick)(y.im, x->im, (const VN *)data, vectors);
        KT_K(tiny_factor)(&y, data + vectors, vectors);
        KT_UNROLL for (int v = 0; v < vectors; v++)
        {
            sum.re[v] += y.re[v];
            sum.im[v] += y.im[v];
        }
    }
    KT_UNROLL for (int v = 0; v < vectors; v++)
    {
        x->re[v] = sum.re[v];
        x->im[v] = sum.im[v];
    }
}

KT_INLINE void KT_K(tiny_turn_vectors)(V *x, const V *t, const int apart, const int vectors)
{
    KT_UNROLL for (int v = 0; v < vectors; v++)
    {
        if ((v & apart) || apart >= vectors)
            continue;
        const V low = x[v];
        x[v] = low - *t * x[(v + apart) % vectors];
        x[(v + apart) % vectors] += *t * low;
    }
}

/* One case of a switch: a rotation of a bit of the lane, or of the vector's number. */
#define KT_TINY_LANE(bit)                                                                          \
    case KT_TINY_TURN + (bit):                                                                     \
        KT_UNROLL for (int v = 0; v < vectors; v++)                                                \
        {                                                                                          \
            x->re[v] += *data * KT_XOR(x->re[v], 1 << (bit));                                      \
            x->im[v] += *data * KT_XOR(x->im[v], 1 << (bit));                                      \
        }                                                                                          \
        data++;                                                                                    \
        break;
#define KT_TINY_HIGH(bit)                                                                          \
    case KT_TINY_TURN + (bit):                                                                     \
        KT_K(tiny_turn_vectors)(x->re, data, 1 << ((bit)-KT_LANE_BITS), vectors);                  \
        KT_K(tiny_turn_vectors)(x->im, data, 1 << ((bit)-KT_LANE_BITS), vectors);                  \
        data++;                                                                                    \
        break;

KT_INLINE void KT_K(tiny_steps)(const kt_tiny *tiny, KT_K(whole) * x, const int vectors)
{
    const V *data = (const V *)(const void *)tiny->data;
    for (const kt_tiny_step *s = tiny->steps; s < tiny->steps + tiny->step_count; s++) {
        switch (s->kind) {
        case KT_TINY_PERMUTE:
            KT_K(tiny_permute)(x, data, vectors);
            data += vectors;
            break;
        case KT_TINY_FACTOR:
            KT_K(tiny_factor)(x, data, vectors);
            data += 2 * vectors;
            break;
        case KT_TINY_SUM:
            KT_K(tiny_sum)(x, data, s->terms, vectors);
            data += 3 * vectors * s->terms;
            break;
            KT_TINY_LANE(0)
#if KT_LANE_BITS > 1
            KT_TINY_LANE(1)
#else
            KT_TINY_HIGH(1)
#endif
#if KT_LANE_BITS > 2
            KT_TINY_LANE(2)
#else
            KT_TINY_HIGH(2)
#endif
#if KT_LANE_BITS > 3
            KT_TINY_LANE(3)
#else
            KT_TINY_HIGH(3)
#endif
            KT_TINY_HIGH(4)
        }
    }
}

/* A state of less than a vector; lanes that it has not are 0. */
static void KT_K(tiny_load_short)(KT_K(whole) * x, const KT_REAL *state, int32_t qubits)
{
    x->re[0] = x->im[0] = (V){0};
    for (int i = 0; i < 1 << qubits; i++) {
        x->re[0][i] = state[2 * i];
        x->im[0][i] = state[2 * i + 1];
    }
}

static void KT_K(tiny_store_short)(const KT_K(whole) * x, KT_REAL *state, int32_t qubits)
{
    for (int i = 0; i < 1 << qubits; i++) {
        state[2 * i] = x->re[0][i];
        state[2 * i + 1] = x->im[0][i];
    }
}

KT_INLINE void KT_K(tiny_run)(const kt_tiny *tiny, void *state, const int vectors)
{
    KT_K(whole) x;
    VL *const at = state;
    KT_UNROLL for (int v = 0; v < vectors; v++)
    {
        const V a = (V)at[2 * v], b = (V)at[2 * v + 1];
        x.re[v] = KT_EVEN(a, b);
        x.im[v] = KT_ODD(a, b);
    }
    KT_K(tiny_steps)(tiny, &x, vectors);
    KT_UNROLL for (int v = 0; v < vectors; v++)
    {
        at[2 * v] = (VL)KT_LOW(x.re[v], x.im[v]);
        at[2 * v + 1] = (VL)KT_HIGH(x.re[v], x.im[v]);
    }
}

#define KT_TINY_KERNEL(vectors)                                                                    \
    static void KT_K(tiny_##vectors)(const kt_tiny *tiny, void *state)                             \
    {                                                                                              \
        KT_K(tiny_run)(tiny, state, vectors);                                                      \
    }
KT_TINY_KERNEL(1)
KT_TINY_KERNEL(2)
#if KT_LANE_BITS < 4
KT_TINY_KERNEL(4)
#endif
#if KT_LANE_BITS < 3
KT_TINY_KERNEL(8)
#endif
#if KT_LANE_BITS < 2
KT_TINY_KERNEL(16)
#endif

static void KT_K(tiny_short)(const kt_tiny *tiny, void *state)
{
    KT_K(whole) x;
    KT_K(tiny_load_short)(&x, state, tiny->qubits);
    KT_K(tiny_steps)(tiny, &x, 1);
    KT_K(tiny_store_short)(&x, state, tiny->qubits);
}

static void KT_K(tiny)(const kt_tiny *tiny, void *state)
{
    static void (*const kernels[])(const kt_tiny *, void *) = {
        KT_K(tiny_1),
        KT_K(tiny_2),
#if KT_LANE_BITS < 4
        KT_K(tiny_4),
#endif
#if KT_LANE_BITS < 3
        KT_K(tiny_8),
#endif
#if KT_LANE_BITS < 2
        KT_K(tiny_16),
#endif
    };
    if (tiny->qubits < KT_LANE_BITS)
        KT_K(tiny_short)(tiny, state);
    else
        kernels[tiny->row_bits](tiny, state);
}

#undef VN
#undef KT_TINY_LANE
#undef KT_TINY_HIGH
#undef KT_TINY_KERNEL
