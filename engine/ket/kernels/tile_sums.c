#include "ket/kernels/tile_sums.h"

#include "ket/state/measure.h"
#include "sort.h"

#include <assert.h>
#include <string.h>

/* ---- the plan ---- */

/* Terms in order of the positions around the piece, then inside it. */
static bool term_before(const void *items, uint64_t a, uint64_t b)
{
    const ktq_z_term *const s = (const ktq_z_term *)items + a;
    const ktq_z_term *const t = (const ktq_z_term *)items + b;
    return s->within != t->within ? s->within < t->within : s->slot < t->slot;
}

static void exchange_terms(void *items, uint64_t a, uint64_t b)
{
    ktq_z_term *const terms = items;
    const ktq_z_term swapped = terms[a];
    terms[a] = terms[b];
    terms[b] = swapped;
}

/* One signed sum for the terms that differ in lanes alone, one sign for those alike around the
 * piece. slot: first the number of the bits inside, then of the sum and lane. */
static void plan_sums(ktq_tile_sums *o)
{
    o->sign_count = o->sum_count = 0;
    uint32_t last = 0;
    for (size_t i = 0; i < o->term_count; i++) {
        ktq_z_term *const t = &o->terms[i];
        const uint32_t lane = t->slot % KTQ_SUM_LANES, inside = t->slot - lane;
        ktq_sign *const s = o->sign_count ? &o->signs[o->sign_count - 1] : NULL;
        const bool new_sign = !s || s->within != t->within;
        if (new_sign)
            o->signs[o->sign_count++] = (ktq_sign){t->within, (uint32_t)o->sum_count, 0};
        if (new_sign || inside != last) {
            o->sums[o->sum_count++] = last = inside;
            o->signs[o->sign_count - 1].count++;
        }
        t->slot = (uint32_t)(o->sum_count - 1) * KTQ_SUM_LANES + lane;
    }
}

static bool any_wanted(const bool *wanted, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (wanted[i])
            return true;
    return false;
}

/* Folds that leave each wanted signed sum where its number says: bit after bit, the highest first.
 */
static void plan_folds(ktq_tile_sums *o)
{
    bool wanted[1 << (KTQ_PIECE_BITS - KTQ_SUM_LANE_BITS)] = {false};
    for (size_t i = 0; i < o->sum_count; i++)
        wanted[o->sums[i] / KTQ_SUM_LANES] = true;
    o->butterfly_count = 0;
    const size_t vectors = o->squares / KTQ_SUM_LANES;
    for (size_t half = vectors / 2; half > 0; half /= 2)
        for (size_t at = 0; at < vectors; at += 2 * half) {
            const bool add = any_wanted(wanted + at, half);
            const bool subtract = any_wanted(wanted + at + half, half);
            if (add || subtract)
                o->butterflies[o->butterfly_count++] = (ktq_butterfly){
                    (uint32_t)(at * KTQ_SUM_LANES), (uint32_t)(half * KTQ_SUM_LANES),
                    add && subtract ? KTQ_BUTTERFLY_BOTH
                    : add           ? KTQ_BUTTERFLY_ADD
                                    : KTQ_BUTTERFLY_SUBTRACT};
        }
}

static void plan_terms(ktq_tile_sums *o)
{
    for (size_t i = 0; i < o->term_count; i++) {
        ktq_z_term *const t = &o->terms[i];
        t->within = t->mask & o->tile.positions & ~o->piece;
        t->slot = (uint32_t)ktq_extract(t->mask, o->piece);
        assert(t->index < o->z_count);
    }
    kt_sort(o->terms, o->term_count, term_before, exchange_terms);
    plan_sums(o);
    plan_folds(o);
}

static void plan_bins(ktq_tile_sums *o, ktq_bins *bins)
{
    uint64_t chosen = 0;
    for (int32_t j = 0; j < bins->count; j++)
        chosen |= UINT64_C(1) << bins->qubits[j];
    const uint64_t lanes = ktq_deposit(KTQ_SUM_LANES - 1, o->piece);
    bins->lanes = chosen & lanes;
    bins->inside = chosen & o->piece & ~lanes;
    bins->around = chosen & o->tile.positions & ~o->piece;
    bins->keep = ktq_extract(bins->inside, o->piece);
    bins->work = o->work;
    bins->place = o->width;
    o->work += (size_t)KTQ_SUM_LANES << __builtin_popcountll(bins->inside | bins->around);
    o->width += ktq_bins_width(bins, &o->tile);
}

void ktq_tile_sums_prepare(ktq_tile_sums *o)
{
    assert((o->frame.positions & ~o->tile.positions) == 0);
    o->piece_bits = o->frame.bits < KTQ_PIECE_BITS ? o->frame.bits : KTQ_PIECE_BITS;
    o->piece = ktq_deposit((UINT64_C(1) << o->piece_bits) - 1, o->frame.positions);
    o->squares =
        (size_t)1 << (o->piece_bits < KTQ_SUM_LANE_BITS ? KTQ_SUM_LANE_BITS : o->piece_bits);
    plan_terms(o);
    o->work = 2 * o->squares + o->sum_count * KTQ_SUM_LANES;
    o->width = o->z_count;
    for (size_t i = 0; i < o->bin_count; i++)
        plan_bins(o, &o->bins[i]);
}

/* ---- a tile ---- */

void ktq_tile_sums_begin(const ktq_tile_sums_worker *observing)
{
    const ktq_tile_sums *const o = observing->observer;
    memset(observing->work + 2 * o->squares, 0, (o->work - 2 * o->squares) * sizeof(double));
}

static double signed_by(double value, uint64_t bits)
{
    return __builtin_popcountll(bits) & 1 ? -value : value;
}

/* Sums of the lanes with the signs of each lane mask. */
static void fold_lanes(double lanes[KTQ_SUM_LANES])
{
    for (size_t half = 1; half < KTQ_SUM_LANES; half *= 2)
        for (size_t i = 0; i < KTQ_SUM_LANES; i++) {
            if (i & half)
                continue;
            const double a = lanes[i], b = lanes[i | half];
            lanes[i] = a + b;
            lanes[i | half] = a - b;
        }
}

static void end_terms(const ktq_tile_sums *o, double *sums, uint64_t base, double *row)
{
    for (size_t i = 0; i < o->sum_count; i++)
        fold_lanes(sums + i * KTQ_SUM_LANES);
    for (size_t z = 0; z < o->z_count; z++)
        row[z] = 0;
    for (size_t i = 0; i < o->term_count; i++) {
        const ktq_z_term *const t = &o->terms[i];
        const uint64_t outside = base & t->mask & ~o->tile.positions;
        row[t->index] += t->coefficient * signed_by(sums[t->slot], outside);
    }
}

static void end_bins(const ktq_tile_sums *o, const ktq_bins *bins, const double *work, double *row)
{
    const size_t width = ktq_bins_width(bins, &o->tile);
    const int32_t lane_bits = __builtin_popcountll(bins->lanes);
    const uint64_t kept = ktq_extract(bins->lanes, o->piece);
    memset(row, 0, width * sizeof *row);
    for (size_t i = 0; i < width >> lane_bits; i++)
        for (size_t lane = 0; lane < KTQ_SUM_LANES; lane++)
            row[i << lane_bits | ktq_extract(lane, kept)] += work[i * KTQ_SUM_LANES + lane];
}

void ktq_tile_sums_end(const ktq_tile_sums_worker *observing, uint64_t base, double *row)
{
    const ktq_tile_sums *const o = observing->observer;
    end_terms(o, observing->work + 2 * o->squares, base, row);
    for (size_t i = 0; i < o->bin_count; i++)
        end_bins(o, &o->bins[i], observing->work + o->bins[i].work, row + o->bins[i].place);
}

/* ---- all tiles ---- */

double ktq_tile_sums_z(const ktq_tile_sums *o, const ktq_tiles *tiles, const double *rows, size_t z)
{
    return ktq_sum_carefully(rows + z, ktq_tiles_count(tiles), o->width);
}

/* Outcome bits that the bits of an index write. */
static uint64_t bins_outcome(const ktq_bins *bins, uint64_t index)
{
    uint64_t outcome = 0;
    for (int32_t j = 0; j < bins->count; j++)
        outcome |= (index >> bins->qubits[j] & 1) << j;
    return outcome;
}

/* The positions that number i of a tile's bins stands for. */
static uint64_t bins_positions(const ktq_bins *bins, uint64_t i)
{
    const int32_t lanes = __builtin_popcountll(bins->lanes);
    const int32_t inside = __builtin_popcountll(bins->inside);
    return ktq_deposit(i, bins->lanes) | ktq_deposit(i >> lanes, bins->inside) |
           ktq_deposit(i >> (lanes + inside), bins->around);
}

void ktq_tile_sums_bins(double *sums, const ktq_tile_sums *o, const ktq_bins *bins,
                        const ktq_tiles *tiles, const double *rows, uint64_t *places)
{
    const size_t width = ktq_bins_width(bins, &o->tile);
    for (size_t i = 0; i < width; i++)
        places[i] = bins_outcome(bins, bins_positions(bins, i));
    memset(sums, 0, sizeof *sums << bins->count);
    for (uint64_t tile = 0; tile < ktq_tiles_count(tiles); tile++) {
        const uint64_t outside = bins_outcome(bins, ktq_tiles_base(tiles, tile));
        const double *const row = rows + tile * o->width + bins->place;
        for (size_t i = 0; i < width; i++)
            sums[outside | places[i]] += row[i];
    }
}
