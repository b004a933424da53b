/* The kernels, written once. A kernel set's file includes this after body_vectors.h, and after
 * defining, if the defaults do not fit,
 *   KTG_UPDATE(u, at, count, has_small)   what update_block does
 *   KTG_GATHER_POSTS   what add_posts_of in traces.h does
 *   KTG_SPREAD(lanes, v), KTG_PICK(x, lanes, v), KTG_ADD_LANES(sum, x, lanes, v)   see slice.h
 *   KTG_FLAGS   what flags_of in columns.h does
 *   KTG_SCATTER_ROW   what deliver_row in rows.h does, where KTG_HAS_SCATTER
 * This file undefines them, and what body_vectors.h defines.
 * To see what the compiler made of a kernel: objdump -d --disassemble=add_panel_ticks_avx2 on
 * avx2.o in the build folder. */

/* ---- updates ---- */

#ifndef KTG_UPDATE

/* Appends the numbers of lanes from `at` on whose bits are set; returns the new count. */
KTG_INLINE uint32_t KTG_K(append)(uint32_t *fired, uint32_t count, uint32_t at, uint32_t bits)
{
    KTG_UNROLL for (uint32_t i = 0; i < KTG_LANES; i += 4)
    {
        const ktg_chosen *const chosen = &ktg_chosen_lanes[bits >> i & 15];
        *(ktg_four *)(fired + count) = chosen->lanes + (at + i);
        count += chosen->count;
    }
    return count;
}

/* Which of KTG_LANES cells from `at` on fired, as bits. */
KTG_INLINE uint32_t KTG_K(update_lanes)(const ktg_update *u, size_t at, const bool has_small)
{
    V *const value = (V *)(u->value + at), *const delta = (V *)(u->delta + at);
    V next = KTG_K(multiply)(*value, *(const V *)(u->leak + at), has_small) + *delta;
    next = (V)((VW)next & ~(next < (V){0}));
    const VW fires = next > *(const V *)(u->threshold + at);
    *delta = (V){0};
    *value = (V)((*(const VW *)(u->resting + at) & fires) | ((VW)next & ~fires));
    return KTG_BITS(fires);
}

/* Updates a block of cells; returns the new count of the fired. */
KTG_INLINE uint32_t KTG_K(update_block)(const ktg_update *u, uint32_t at, uint32_t count,
                                        const bool has_small)
{
    uint32_t bits[KTG_VECTORS], any = 0;
    KTG_UNROLL for (uint32_t i = 0; i < KTG_VECTORS; i++) any |= bits[i] =
        KTG_K(update_lanes)(u, at + i * KTG_LANES, has_small);
    if (any)
        KTG_UNROLL for (uint32_t i = 0; i < KTG_VECTORS; i++) count =
            KTG_K(append)(u->fired, count, at + i * KTG_LANES, bits[i]);
    return count;
}
#define KTG_UPDATE KTG_K(update_block)

#endif

KTG_INLINE uint32_t KTG_K(update_all)(const ktg_update *update, const bool has_small)
{
    const ktg_update u = *update;
    uint32_t count = 0;
    for (uint32_t block = u.first; block < u.end; block++) {
        u.fired_from[block] = count;
        count = KTG_UPDATE(&u, block * KTG_BLOCK, count, has_small);
    }
    return count;
}

KTG_KERNEL uint32_t KTG_K(update)(const ktg_update *update)
{
    return update->has_small ? KTG_K(update_all)(update, true) : KTG_K(update_all)(update, false);
}

/* ---- panels ---- */

/* Adds rows of a panel to sums: those of the sources that fired in blocks first..end-1. */
KTG_INLINE void KTG_K(add_rows)(float *sums, const ktg_panel *panel, const ktg_spikes *spikes,
                                uint32_t first, uint32_t end, const uint32_t blocks)
{
    V *const to = (V *)(sums + (size_t)panel->block * KTG_BLOCK),
             sum[KTG_PANEL_BLOCKS * KTG_VECTORS];
    KTG_UNROLL for (uint32_t i = 0; i < blocks * KTG_VECTORS; i++) sum[i] = to[i];
    const float *const weights = panel->weights;
    const uint32_t none = panel->source * KTG_BLOCK;
    for (uint32_t f = spikes->fired_from[first]; f < spikes->fired_from[end]; f++) {
        const size_t row = spikes->fired[f] - none;
        const V *const weight = (const V *)(weights + row * (blocks * KTG_BLOCK));
        KTG_UNROLL for (uint32_t i = 0; i < blocks * KTG_VECTORS; i++) sum[i] += weight[i];
    }
    KTG_UNROLL for (uint32_t i = 0; i < blocks * KTG_VECTORS; i++) to[i] = sum[i];
}

/* The same for sources among the targets, some of which are later than a source and some not.
 * Adding the 0 of the others changes no sum. */
KTG_INLINE void KTG_K(add_own_rows)(const ktg_panel *panel, const ktg_spikes *spikes,
                                    const uint32_t blocks)
{
    static const int32_t numbers[KTG_BLOCK]
        __attribute__((aligned(64))) = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const uint32_t begin = spikes->fired_from[panel->own], end = spikes->fired_from[panel->own_end];
    const uint32_t none = panel->source * KTG_BLOCK;
    for (uint32_t v = 0; v < blocks * KTG_VECTORS && begin < end; v++) {
        const uint32_t target = panel->block * KTG_BLOCK + v * KTG_LANES;
        const VW lanes = ((const VW *)numbers)[0] + (int32_t)target;
        V *const later = (V *)(spikes->later + target), *const earlier =
                                                            (V *)(spikes->earlier + target);
        V to_later = *later, to_earlier = *earlier;
        for (uint32_t f = begin; f < end; f++) {
            const uint32_t source = spikes->fired[f];
            const float *const row =
                panel->weights + (size_t)(source - none) * (blocks * KTG_BLOCK);
            const VW is_later = lanes > (int32_t)source, weight = ((const VW *)row)[v];
            to_later += (V)(weight & is_later);
            to_earlier += (V)(weight & ~is_later);
        }
        *later = to_later;
        *earlier = to_earlier;
    }
}

KTG_INLINE void KTG_K(add_blocks)(const ktg_panel *panel, const ktg_spikes *spikes,
                                  const uint32_t blocks)
{
    KTG_K(add_rows)(spikes->later, panel, spikes, panel->source, panel->own, blocks);
    KTG_K(add_own_rows)(panel, spikes, blocks);
    KTG_K(add_rows)(spikes->earlier, panel, spikes, panel->own_end, panel->source_end, blocks);
}

KTG_KERNEL void KTG_K(add_panel)(const ktg_panel *panel, const ktg_spikes *spikes)
{
    switch (panel->blocks) {
    case 1:
        KTG_K(add_blocks)(panel, spikes, 1);
        break;
    case 2:
        KTG_K(add_blocks)(panel, spikes, 2);
        break;
    case 3:
        KTG_K(add_blocks)(panel, spikes, 3);
        break;
    default:
        KTG_K(add_blocks)(panel, spikes, 4);
    }
}

#include "glia/kernels/clean.h"
#include "glia/kernels/columns.h"
#include "glia/kernels/rows.h"
#include "glia/kernels/traces.h"
#include "glia/kernels/slice.h"

#undef V
#undef VW
#undef VN
#undef KTG_VECTORS
#undef KTG_INLINE
#undef KTG_KERNEL
#undef KTG_UNROLL
#undef KTG_LANES
#undef KTG_K
#undef KTG_BITS
#undef KTG_UPDATE
#undef KTG_FUSED
#undef KTG_SMALL
#undef KTG_TOGETHER
#undef KTG_GATHER_POSTS
#undef KTG_SCATTER_ROW
#undef KTG_HAS_SCATTER
