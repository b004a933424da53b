#include "ket/kernels/tile_sums.h"

#include "numbers.h"
#include "sort.h"
#include "sum.h"

#include <assert.h>
#include <string.h>

/* ---- planning ---- */

/* Orders terms by their positions outside the piece, then inside it. */
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

/* Terms that differ in lanes alone share a signed sum; signed sums that agree outside the piece
 * share a sign. Turns each slot from the number of the bits inside the piece into the number of a
 * signed sum and lane. */
static void plan_signed_sums(ktq_tile_sums *s)
{
    s->sign_count = s->sum_count = 0;
    uint32_t last = 0;
    for (size_t i = 0; i < s->term_count; i++) {
        ktq_z_term *const t = &s->terms[i];
        const uint32_t lane = t->slot % KTQ_SUM_LANES, inside = t->slot - lane;
        ktq_sign *const sign = s->sign_count ? &s->signs[s->sign_count - 1] : NULL;
        const bool new_sign = !sign || sign->within != t->within;
        if (new_sign)
            s->signs[s->sign_count++] = (ktq_sign){t->within, (uint32_t)s->sum_count, 0};
        if (new_sign || inside != last) {
            s->sums[s->sum_count++] = last = inside;
            s->signs[s->sign_count - 1].count++;
        }
        t->slot = (uint32_t)(s->sum_count - 1) * KTQ_SUM_LANES + lane;
    }
}

static bool any_wanted(const bool *wanted, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (wanted[i])
            return true;
    return false;
}

/* Plans the butterflies that leave each wanted signed sum where its number says, bit after bit, the
 * highest first. */
static void plan_butterflies(ktq_tile_sums *s)
{
    bool wanted[1 << (KTQ_PIECE_BITS - KTQ_SUM_LANE_BITS)] = {false};
    for (size_t i = 0; i < s->sum_count; i++)
        wanted[s->sums[i] / KTQ_SUM_LANES] = true;
    s->butterfly_count = 0;
    const size_t vectors = s->squares / KTQ_SUM_LANES;
    for (size_t half = vectors / 2; half > 0; half /= 2)
        for (size_t at = 0; at < vectors; at += 2 * half) {
            const bool add = any_wanted(wanted + at, half);
            const bool subtract = any_wanted(wanted + at + half, half);
            if (add || subtract)
                s->butterflies[s->butterfly_count++] = (ktq_butterfly){
                    (uint32_t)(at * KTQ_SUM_LANES), (uint32_t)(half * KTQ_SUM_LANES),
                    ktq_butterfly_kind_of(add, subtract)};
        }
}

static void plan_terms(ktq_tile_sums *s)
{
    for (size_t i = 0; i < s->term_count; i++) {
        ktq_z_term *const t = &s->terms[i];
        t->within = t->mask & s->tile.positions & ~s->piece;
        t->slot = (uint32_t)kt_gather(t->mask, s->piece);
        assert(t->index < s->z_count);
    }
    kt_sort(s->terms, s->term_count, term_before, exchange_terms);
    plan_signed_sums(s);
    plan_butterflies(s);
}

/* Lays the bins out in work memory and rows. */
static void plan_bins(ktq_tile_sums *s, ktq_bins *bins)
{
    uint64_t chosen = 0;
    for (int32_t j = 0; j < bins->count; j++)
        chosen |= UINT64_C(1) << bins->qubits[j];
    const uint64_t lanes = kt_deposit(KTQ_SUM_LANES - 1, s->piece);
    bins->lanes = chosen & lanes;
    bins->inside = chosen & s->piece & ~lanes;
    bins->around = chosen & s->tile.positions & ~s->piece;
    bins->keep = kt_gather(bins->inside, s->piece);
    bins->work = s->work;
    bins->place = s->width;
    s->work += (size_t)KTQ_SUM_LANES << kt_bit_count(bins->inside | bins->around);
    s->width += ktq_bins_width(bins, &s->tile);
}

void ktq_tile_sums_prepare(ktq_tile_sums *s)
{
    assert(ktq_frame_is_valid(&s->tile) && ktq_frame_is_valid(&s->frame));
    assert((s->frame.positions & ~s->tile.positions) == 0);
    s->piece_bits = KT_MIN(s->frame.bits, KTQ_PIECE_BITS);
    s->piece = kt_deposit((UINT64_C(1) << s->piece_bits) - 1, s->frame.positions);
    s->squares = (size_t)1 << KT_MAX(s->piece_bits, KTQ_SUM_LANE_BITS);
    plan_terms(s);
    s->work = 2 * s->squares + s->sum_count * KTQ_SUM_LANES;
    s->width = s->z_count;
    for (size_t i = 0; i < s->bin_count; i++)
        plan_bins(s, &s->bins[i]);
}

/* ---- a tile ---- */

void ktq_tile_sums_begin(const ktq_tile_sums_worker *worker)
{
    const ktq_tile_sums *const s = worker->sums;
    assert((uintptr_t)worker->work % 64 == 0);
    memset(worker->work + 2 * s->squares, 0, (s->work - 2 * s->squares) * sizeof(double));
}

/* Negates a value for an odd number of bits. */
static double signed_by(double value, uint64_t bits)
{
    return kt_bit_count(bits) & 1 ? -value : value;
}

void ktq_transform_lanes(double *lanes)
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

/* Sums over the lanes, and adds the signed sums to the row. */
static void end_terms(const ktq_tile_sums *s, double *sums, uint64_t base, double *row)
{
    for (size_t i = 0; i < s->sum_count; i++)
        ktq_transform_lanes(sums + i * KTQ_SUM_LANES);
    for (size_t z = 0; z < s->z_count; z++)
        row[z] = 0;
    for (size_t i = 0; i < s->term_count; i++) {
        const ktq_z_term *const t = &s->terms[i];
        const uint64_t outside = base & t->mask & ~s->tile.positions;
        row[t->index] += t->coefficient * signed_by(sums[t->slot], outside);
    }
}

/* Sums over the lanes that are no qubit of the bins. */
static void end_bins(const ktq_tile_sums *s, const ktq_bins *bins, const double *work, double *row)
{
    const size_t width = ktq_bins_width(bins, &s->tile);
    const int32_t lane_bits = kt_bit_count(bins->lanes);
    const uint64_t kept = kt_gather(bins->lanes, s->piece);
    memset(row, 0, width * sizeof *row);
    for (size_t i = 0; i < width >> lane_bits; i++)
        for (size_t lane = 0; lane < KTQ_SUM_LANES; lane++)
            row[i << lane_bits | kt_gather(lane, kept)] += work[i * KTQ_SUM_LANES + lane];
}

void ktq_tile_sums_end(const ktq_tile_sums_worker *worker, uint64_t base, double *row)
{
    const ktq_tile_sums *const s = worker->sums;
    assert((base & s->tile.positions) == 0);
    end_terms(s, worker->work + 2 * s->squares, base, row);
    for (size_t i = 0; i < s->bin_count; i++)
        end_bins(s, &s->bins[i], worker->work + s->bins[i].work, row + s->bins[i].place);
}

/* ---- all tiles ---- */

double ktq_tile_sums_z(const ktq_tile_sums *s, const ktq_tiles *tiles, const double *rows, size_t z)
{
    return kt_sum_of(rows + z, ktq_tiles_count(tiles), s->width);
}

/* The bits of an outcome that an index determines. */
static uint64_t bins_outcome(const ktq_bins *bins, uint64_t index)
{
    uint64_t outcome = 0;
    for (int32_t j = 0; j < bins->count; j++)
        outcome |= (index >> bins->qubits[j] & 1) << j;
    return outcome;
}

/* The index bits that number i of a tile's bins is for. */
static uint64_t bins_positions(const ktq_bins *bins, uint64_t i)
{
    const int32_t lanes = kt_bit_count(bins->lanes);
    const int32_t inside = kt_bit_count(bins->inside);
    return kt_deposit(i, bins->lanes) | kt_deposit(i >> lanes, bins->inside) |
           kt_deposit(i >> (lanes + inside), bins->around);
}

void ktq_tile_sums_bins(double *out, const ktq_tile_sums *s, const ktq_bins *bins,
                        const ktq_tiles *tiles, const double *rows, uint64_t *places)
{
    const size_t width = ktq_bins_width(bins, &s->tile);
    for (size_t i = 0; i < width; i++)
        places[i] = bins_outcome(bins, bins_positions(bins, i));
    memset(out, 0, sizeof *out << bins->count);
    for (uint64_t tile = 0; tile < ktq_tiles_count(tiles); tile++) {
        const uint64_t outside = bins_outcome(bins, ktq_tiles_base(tiles, tile));
        const double *const row = rows + tile * s->width + bins->place;
        for (size_t i = 0; i < width; i++)
            out[outside | places[i]] += row[i];
    }
}
