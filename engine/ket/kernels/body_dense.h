/* DENSE: part of the body (body.h). call.h says how factors and inputs are laid out. */

/* Loads the inputs: the vectors at the offsets, each with all its shuffles. */
KTQ_INLINE void KTQ_K(load_inputs)(VC *x, const VC *tile, const uint64_t *offsets,
                                   const VW *indices, const int rows, const int shuffles)
{
    KTQ_UNROLL for (int k = 0; k < rows * shuffles; k++)
    {
        KTQ_K(copy)(&x[k], &tile[offsets[k / shuffles]]);
        if (k % shuffles) {
            KTQ_K(xor_lanes)(&x[k].re, indices + k % shuffles);
            KTQ_K(xor_lanes)(&x[k].im, indices + k % shuffles);
        }
    }
}

/* Forms of a matrix. SCHMIDT: four rows, and a first column (c, 0, 0, s) with real c and s. */
#define KTQ_COMPLEX 0
#define KTQ_ALL_REAL 1
#define KTQ_SCHMIDT 2

/* Computes one row. f: its factors, `stride` apart. first_real: the first one is real. */
KTQ_INLINE void KTQ_K(dense_row)(VC *out, const VC *x, const void *f, const int inputs,
                                 const int stride, const int broadcast, const int real,
                                 const int first_real)
{
    VC sum, factor;
    KTQ_K(load_factor)(&factor, f, 0, broadcast);
    KTQ_K(multiply)(&sum, &factor, &x[0], first_real);
    KTQ_UNROLL for (int k = 1; k < inputs; k++)
    {
        KTQ_K(load_factor)(&factor, f, (size_t)(k * stride), broadcast);
        KTQ_K(multiply_add)(&sum, &factor, &x[k], real);
    }
    KTQ_K(copy)(out, &sum);
}

/* One target: inputs and factors stay in registers. */
KTQ_INLINE void KTQ_K(dense_one)(const ktq_call *call, VC *tile, const int broadcast,
                                 const int real, const int rows, const int shuffles)
{
    const uint64_t offsets[] = {0, call->targets};
    VC f[4];
    KTQ_UNROLL for (int i = 0; i < 2 * rows; i++)
        KTQ_K(load_factor)(&f[i], call->data, (size_t)i, broadcast);
    tile += call->first;
    uint64_t v = 0;
    do {
        VC x[2];
        KTQ_K(load_inputs)(x, tile + v, offsets, call->aux, rows, shuffles);
        KTQ_UNROLL for (int r = 0; r < rows; r++)
            KTQ_K(dense_row)(&tile[v + offsets[r]], x, f + r, 2, rows, 0, real, real);
        v = KTQ_K(next)(v, call->free);
    } while (v);
}

/* Two targets: inputs stay in registers, factors come from memory. */
KTQ_INLINE void KTQ_K(dense_two)(const ktq_call *call, VC *tile, const int broadcast,
                                 const int form, const int rows, const int shuffles)
{
    const uint64_t low = call->targets & -call->targets, high = call->targets ^ low;
    const uint64_t offsets[] = {0, low, high, call->targets};
    const size_t size = broadcast ? sizeof(KTQ_K(number)) : sizeof(VC);
    const char *const data = call->data;
    tile += call->first;
    uint64_t v = 0;
    do {
        VC x[4];
        KTQ_K(load_inputs)(x, tile + v, offsets, call->aux, rows, shuffles);
        KTQ_UNROLL for (int r = 0; r < rows; r++)
        {
            const int empty = form == KTQ_SCHMIDT && (r == 1 || r == 2),
                      real = form == KTQ_ALL_REAL;
            KTQ_K(dense_row)
            (&tile[v + offsets[r]], x + empty, data + (size_t)(r + empty * rows) * size, 4 - empty,
             rows, broadcast, real, real || (form == KTQ_SCHMIDT && !empty));
        }
        v = KTQ_K(next)(v, call->free);
    } while (v);
}

#define KTQ_DENSE_KERNEL(name, count, broadcast, form, rows, shuffles)                             \
    KTQ_KERNEL void KTQ_K(name)(const ktq_call *call, void *tile, ktq_location location)           \
    {                                                                                              \
        (void)location;                                                                            \
        KTQ_K(count)(call, tile, broadcast, form, rows, shuffles);                                 \
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
KTQ_DENSE_KERNEL(dense_1_0_broadcast, dense_one, 1, KTQ_COMPLEX, 2, 1)
KTQ_DENSE_KERNEL(dense_2_0_broadcast, dense_two, 1, KTQ_COMPLEX, 4, 1)
KTQ_DENSE_KERNEL(dense_schmidt, dense_two, 1, KTQ_SCHMIDT, 4, 1)
KTQ_DENSE_KERNEL(dense_1_0_broadcast_real, dense_one, 1, KTQ_ALL_REAL, 2, 1)
KTQ_DENSE_KERNEL(dense_2_0_broadcast_real, dense_two, 1, KTQ_ALL_REAL, 4, 1)

/* Computes a batch of rows. f: its factors. */
KTQ_INLINE void KTQ_K(dense_rows)(VC *tile, const uint64_t *offsets, const VC *x, size_t inputs,
                                  const char *f, const int broadcast, const int rows)
{
    VC sum[KTQ_DENSE_BATCH], factor;
    KTQ_UNROLL for (int r = 0; r < rows; r++) sum[r] = (VC){{0}, {0}};
    for (size_t k = 0; k < inputs; k++)
        KTQ_UNROLL for (int r = 0; r < rows; r++)
        {
            KTQ_K(load_factor)(&factor, f, k * (size_t)rows + (size_t)r, broadcast);
            KTQ_K(multiply_add)(&sum[r], &factor, &x[k], 0);
        }
    KTQ_UNROLL for (int r = 0; r < rows; r++) KTQ_K(copy)(&tile[offsets[r]], &sum[r]);
}

/* Loads a vector and its shuffles. */
KTQ_INLINE void KTQ_K(load_shuffles)(VC *x, const VC *from, const VW *indices, size_t shuffles)
{
    KTQ_K(copy)(x, from);
    for (size_t s = 1; s < shuffles; s++) {
        VC shuffled;
        KTQ_K(copy)(&shuffled, from);
        KTQ_K(xor_lanes)(&shuffled.re, indices + s);
        KTQ_K(xor_lanes)(&shuffled.im, indices + s);
        KTQ_K(copy)(&x[s], &shuffled);
    }
}

/* Any number of targets: inputs are stored behind the tile. */
KTQ_INLINE void KTQ_K(dense_many)(const ktq_call *call, VC *tile, const int broadcast,
                                  const int batch)
{
    VC *const x = tile + call->vectors;
    const size_t rows = (size_t)1 << call->vector_targets;
    const size_t shuffles = (size_t)1 << call->lane_targets, inputs = rows * shuffles;
    const size_t row_size = inputs * (broadcast ? sizeof(KTQ_K(number)) : sizeof(VC));
    uint64_t offsets[KTQ_DENSE_INPUTS_MAX];
    for (size_t r = 0; r < rows; r++)
        offsets[r] = kt_deposit(r, call->targets);
    tile += call->first;
    uint64_t v = 0;
    do {
        for (size_t r = 0; r < rows; r++)
            KTQ_K(load_shuffles)(&x[r * shuffles], &tile[v + offsets[r]], call->aux, shuffles);
        for (size_t r = 0; r < rows; r += (size_t)batch) {
            const char *const f = (const char *)call->data + r * row_size;
            KTQ_K(dense_rows)(tile + v, offsets + r, x, inputs, f, broadcast, batch);
        }
        v = KTQ_K(next)(v, call->free);
    } while (v);
}

#define KTQ_MANY_KERNEL(name, broadcast, batch)                                                    \
    KTQ_KERNEL void KTQ_K(name)(const ktq_call *call, void *tile, ktq_location location)           \
    {                                                                                              \
        (void)location;                                                                            \
        KTQ_K(dense_many)(call, tile, broadcast, batch);                                           \
    }
KTQ_MANY_KERNEL(dense_many_1, 0, 1)
KTQ_MANY_KERNEL(dense_many_2, 0, 2)
KTQ_MANY_KERNEL(dense_many_4, 0, 4)
KTQ_MANY_KERNEL(dense_many_broadcast, 1, 4)
