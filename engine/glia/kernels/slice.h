/* The kernels of slices, which body.h includes: 16 episodes of a clean network, a lane each. A row is
 * KTG_SLICE numbers of a neuron. */
#define KTG_ROW_VECTORS (KTG_SLICE / KTG_LANES)

#ifndef KTG_SPREAD
/* All bits of the lanes of vector v of a row that are set in `lanes`. */
KTG_INLINE VW KTG_K(spread)(uint32_t lanes, uint32_t v)
{
    static const int32_t bit[KTG_SLICE] __attribute__((aligned(64))) = {
        1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768};
    return (((VW){0} + (int32_t)lanes) & ((const VW *)bit)[v]) != 0;
}

#define KTG_SPREAD KTG_K(spread)
/* x in those lanes, 0 in others. */
#define KTG_PICK(x, lanes, v) ((V)((VW)(x)&KTG_SPREAD((lanes), (v))))
/* sum + x in those lanes, sum in others; sum is not -0. */
#define KTG_ADD_LANES(sum, x, lanes, v) ((sum) + KTG_PICK((x), (lanes), (v)))
#endif

/* ---- forward ---- */

KTG_INLINE V KTG_K(slice_flow)(V *current, V *due, float gain, float keep)
{
    const V sum = *current + *due;
    V flow = sum * gain;
    KT_KEEP(flow);
    *due = (V){0};
    *current = sum * keep;
    return flow;
}

/* Updates a vector of a neuron's row, from number `at` on; lane: the neuron's in its block. Returns
 * the lanes that fired, and in *waited those that were refractory. */
KTG_INLINE uint32_t KTG_K(slice_lanes)(const ktg_slice_tick *u, const ktg_clean_numbers *n,
                                       uint32_t lane, size_t at, uint32_t *waited)
{
    V *const value = (V *)(u->value + at), *const wait = (V *)(u->wait + at);
    V *const input = (V *)(u->input + at), next = *value * n->leak[lane];
    KT_KEEP(next);
    next += n->base[lane];
    for (int c = 0; c < 2; c++)
        next += KTG_K(slice_flow)((V *)(u->current[c] + at), (V *)(u->due[c] + at),
                                  n->gain[c][lane], u->keep[c]);
    next += *input;
    const VW waits = *wait > (V){0};
    const VW fires = (next > (V){0} + n->threshold[lane]) & ~waits;
    const VW kept = ((VW)next & ~waits) | (*(const VW *)value & waits);
    const V less = *wait - (V)((VW)((V){0} + 1) & waits);
    *input = (V){0};
    *(V *)(u->voltage + at) = (V)kept;
    *value = (V)(((VW)((V){0} + n->reset[lane]) & fires) | (kept & ~fires));
    *wait = (V)(((VW)((V){0} + n->refractory[lane]) & fires) | ((VW)less & ~fires));
    *waited = KTG_BITS(waits);
    return KTG_BITS(fires);
}

KTG_KERNEL void KTG_K(slice_update)(const ktg_slice_tick *update)
{
    const ktg_slice_tick u = *update;
    for (uint32_t i = 0; i < u.count; i++) {
        const ktg_clean_numbers *const n = &u.numbers[i / KTG_BLOCK * u.stride];
        uint32_t fired = 0, waited = 0;
        KTG_UNROLL for (uint32_t v = 0; v < KTG_ROW_VECTORS; v++)
        {
            uint32_t waits;
            fired |= KTG_K(slice_lanes)(&u, n, i % KTG_BLOCK, (size_t)i * KTG_SLICE + v * KTG_LANES,
                                        &waits)
                     << v * KTG_LANES;
            waited |= waits << v * KTG_LANES;
        }
        u.fired[i] = (uint16_t)fired;
        u.waited[i] = (uint16_t)waited;
    }
}

/* Writes whole rows: to read what was written in part only takes long. */
KTG_INLINE void KTG_K(slice_add)(float *row, float weight, uint32_t lanes)
{
    V *const to = (V *)row;
    const V all = weight - (V){0};
    KTG_UNROLL for (uint32_t v = 0; v < KTG_ROW_VECTORS; v++) to[v] += KTG_PICK(all, lanes, v);
}

/* The part of due that a synapse adds to. */
KTG_INLINE float *KTG_K(slice_later)(const ktg_slice_delivery *d, uint32_t s)
{
    const uint32_t later = d->now + d->delay[s];
    return d->due + (later < d->delays ? later : later - d->delays) * d->size;
}

KTG_KERNEL void KTG_K(slice_deliver)(const ktg_slice_delivery *delivery)
{
    const ktg_slice_delivery d = *delivery;
    float *const next = d.due + (d.now + 1 < d.delays ? d.now + 1 : 0) * d.size;
    for (uint32_t i = 0; i < d.count; i++) {
        const uint32_t lanes = d.fired[i], begin = d.begin[i], end = lanes ? d.begin[i + 1] : begin;
        for (uint32_t s = begin; s < end; s++) {
            float *const due = d.delay ? KTG_K(slice_later)(&d, s) : next;
            KTG_K(slice_add)(due + (size_t)d.place[s] * KTG_SLICE, d.weight[s], lanes);
        }
    }
}

/* ---- backward ---- */

KTG_KERNEL void KTG_K(slice_signal)(const ktg_slice_signals *signals)
{
    const ktg_slice_signals g = *signals;
    for (uint32_t i = 0; i < g.count; i++) {
        V *const to = (V *)(g.signal + (size_t)i * KTG_SLICE), sum[KTG_ROW_VECTORS];
        KTG_UNROLL for (uint32_t v = 0; v < KTG_ROW_VECTORS; v++) sum[v] = (V){0};
        for (uint32_t k = g.begin[i]; k < g.begin[i + 1]; k++) {
            const uint32_t s = g.synapse[k], delay = g.delay ? g.delay[s] : 1;
            if (delay >= g.left)
                continue;
            const V *const from =
                (const V *)(g.trace + delay * g.size + (size_t)g.place[s] * KTG_SLICE);
            KTG_UNROLL for (uint32_t v = 0; v < KTG_ROW_VECTORS; v++)
            {
                V part = from[v] * g.weight[s];
                KT_KEEP(part);
                sum[v] += part;
            }
        }
        KTG_UNROLL for (uint32_t v = 0; v < KTG_ROW_VECTORS; v++) to[v] = sum[v];
    }
}

KTG_INLINE VW KTG_K(slice_magnitude)(V x)
{
    return (VW)x & INT32_MAX;
}

/* 0 where |x| < 2^-100: products of smaller numbers are slow, and nothing that is learnt. */
KTG_INLINE V KTG_K(slice_not_tiny)(V x)
{
    return (V)((VW)x & (KTG_K(slice_magnitude)(x) >= (127 - 100) << 23));
}

KTG_INLINE V KTG_K(slice_slope)(V x, ketch_glia_surrogate surrogate)
{
    const V one = (V){0} + 1, size = (V)KTG_K(slice_magnitude)(x);
    if (surrogate == KETCH_GLIA_TRIANGLE) {
        const V height = one - size;
        return (V)((VW)height & (height > (V){0})) * 0.3F;
    }
    V from = one, side = x;
    if (surrogate == KETCH_GLIA_FAST_SIGMOID) {
        from = (V){0};
        side = one + size;
    }
    V square = side * side;
    KT_KEEP(square);
    return one / (from + square);
}

/* The adjoint of a neuron's voltage before a spike, of a vector of its row; adjoint becomes that of
 * the voltage that the tick began with. */
KTG_INLINE V KTG_K(slice_pull)(const ktg_slice_back *b, const ktg_clean_numbers *n, uint32_t i,
                               size_t at, VW fired, VW waited)
{
    V *const adjoint = (V *)(b->adjoint + at);
    const V *const error = (const V *)(b->error + at);
    const V voltage = *(const V *)(b->trace + at), none = {0};
    const V on_voltage = b->is_voltage ? *error : none;
    const V signal = *(const V *)(b->signal + at) + (b->is_voltage ? none : *error);
    const V distance = (voltage - n->threshold[i % KTG_BLOCK]) * b->scale[i];
    V by_spike = KTG_K(slice_slope)(distance, b->surrogate) * b->height[i] * signal;
    KT_KEEP(by_spike);
    const V direct = (V)((VW)*adjoint & ~fired) + on_voltage;
    const V pull = (V)((VW)(direct + by_spike) & ~waited);
    V before = pull * n->leak[i % KTG_BLOCK];
    KT_KEEP(before);
    before = (V)(((VW)before & ~waited) | ((VW)direct & waited));
    *adjoint = KTG_K(slice_not_tiny)(before);
    return pull;
}

/* Replaces the voltages of a tick by the adjoints of what arrived in it. */
KTG_KERNEL void KTG_K(slice_back)(const ktg_slice_back *back)
{
    const ktg_slice_back b = *back;
    for (uint32_t i = 0; i < b.count; i++) {
        const ktg_clean_numbers *const n = &b.numbers[i / KTG_BLOCK * b.stride];
        for (uint32_t v = 0; v < KTG_ROW_VECTORS; v++) {
            const size_t at = (size_t)i * KTG_SLICE + v * KTG_LANES;
            const V pull = KTG_K(slice_pull)(&b, n, i, at, KTG_SPREAD(b.fired[i], v),
                                             KTG_SPREAD(b.waited[i], v));
            for (uint32_t c = 0; c < b.currents; c++) {
                float *const to = b.trace + c * (b.size / b.currents) + at;
                V now = pull * n->gain[c][i % KTG_BLOCK], later = *(V *)(to + b.size) * b.keep[c];
                KT_KEEP(now);
                KT_KEEP(later);
                *(V *)to = KTG_K(slice_not_tiny)(now + later);
            }
        }
    }
}

/* ---- gradients ---- */

/* The sum of a row's lanes: l and l + 8 first, then l and l + 4, and so on. */
KTG_INLINE float KTG_K(slice_sum)(const V sum[KTG_ROW_VECTORS])
{
    typedef float four __attribute__((vector_size(16)));
    four part[4];
    __builtin_memcpy(part, sum, sizeof part);
    const four x = (part[0] + part[2]) + (part[1] + part[3]);
    return (x[0] + x[2]) + (x[1] + x[3]);
}

/* Adds a row of a column to a sum, in the lanes of a spike. */
KTG_INLINE void KTG_K(slice_count)(V sum[KTG_ROW_VECTORS], const float *column,
                                   const ktg_slice_spike *spike)
{
    const V *const row = (const V *)(column + (size_t)spike->tick * KTG_SLICE);
    KTG_UNROLL for (uint32_t v = 0; v < KTG_ROW_VECTORS; v++) sum[v] =
        KTG_ADD_LANES(sum[v], row[v], spike->lanes, v);
}

/* Two sums, so that one addition need not wait for the other. */
KTG_INLINE float KTG_K(slice_gradient)(const float *column, const ktg_slice_spike *spikes,
                                       uint32_t count)
{
    V even[KTG_ROW_VECTORS], odd[KTG_ROW_VECTORS];
    uint32_t e = 0;
    KTG_UNROLL for (uint32_t v = 0; v < KTG_ROW_VECTORS; v++) even[v] = odd[v] = (V){0};
    for (; e + 1 < count; e += 2) {
        KTG_K(slice_count)(even, column, &spikes[e]);
        KTG_K(slice_count)(odd, column, &spikes[e + 1]);
    }
    if (e < count)
        KTG_K(slice_count)(even, column, &spikes[e]);
    KTG_UNROLL for (uint32_t v = 0; v < KTG_ROW_VECTORS; v++) even[v] += odd[v];
    return KTG_K(slice_sum)(even);
}

KTG_KERNEL void KTG_K(slice_learn)(const ktg_slice_learning *learning)
{
    const ktg_slice_learning l = *learning;
    for (uint32_t k = 0; k < l.count; k++) {
        const uint32_t s = l.synapse[k], source = l.source[k], delay = l.delay ? l.delay[s] : 1;
        const float *const column = l.column[l.place[s] >= l.second] + (size_t)delay * KTG_SLICE;
        l.gradient[s] = KTG_K(slice_gradient)(column, l.spikes + (size_t)source * l.ticks,
                                              l.spike_count[source]);
    }
}

#undef KTG_ROW_VECTORS
#undef KTG_SPREAD
#undef KTG_PICK
#undef KTG_ADD_LANES
