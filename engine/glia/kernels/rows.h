/* The kernel of rows, which body.h includes: synapses of the neurons that fired, one after the
 * other. */

KTG_INLINE void KTG_K(add_targets)(float *sums, const ktg_delivery *d, uint32_t begin, uint32_t end)
{
    for (uint32_t s = begin; s < end; s++)
        sums[d->target[s]] += d->weight[s];
}

KTG_INLINE void KTG_K(deliver_row)(const ktg_delivery *d, uint32_t source)
{
    const uint32_t begin = d->begin[source], end = d->end[source], split = d->split[source];
    const uint32_t later = split < begin ? begin : split < end ? split : end;
    KTG_K(add_targets)(d->earlier, d, begin, later);
    KTG_K(add_targets)(d->later, d, later, end);
}

/* Fetches a row into the cache. Rows of a share are too short for processors to foresee them. */
KTG_INLINE void KTG_K(fetch_row)(const ktg_delivery *d, uint32_t source)
{
    const uint32_t line = 64 / sizeof *d->weight;
    for (uint32_t s = d->begin[source]; s < d->end[source]; s += line) {
        __builtin_prefetch(d->target + s);
        __builtin_prefetch(d->weight + s);
    }
}

KTG_INLINE void KTG_K(deliver_by)(const ktg_delivery *delivery,
                                  void (*deliver_row)(const ktg_delivery *, uint32_t))
{
    enum { AHEAD = 4 };
    const ktg_delivery d = *delivery;
    for (uint32_t f = 0; f < d.count; f++) {
        if (f + AHEAD < d.count)
            KTG_K(fetch_row)(&d, d.fired[f + AHEAD]);
        deliver_row(&d, d.fired[f]);
    }
}

/* In a single block rows follow each other so closely that each vector would wait until the numbers
 * that were stored before it are in the cache. */
KTG_KERNEL void KTG_K(deliver)(const ktg_delivery *delivery)
{
#ifdef KTG_SCATTER_ROW
    if (KTG_HAS_SCATTER && delivery->blocks > 1) {
        KTG_K(deliver_by)(delivery, KTG_SCATTER_ROW);
        return;
    }
#endif
    KTG_K(deliver_by)(delivery, KTG_K(deliver_row));
}
