#include "ket/state/sample.h"

#include "ket/state/streams.h"
#include "random.h"

#include <math.h>
#include <stdbool.h>

enum { DIGIT_BITS = 6, DIGITS = 1 << DIGIT_BITS };

static inline uint64_t digit_of(double uniform, int32_t shift)
{
    return ((uint64_t)(uniform * 0x1p36) >> shift) & (DIGITS - 1);
}

/* One stable counting pass by the digit at `shift`. */
static void order_by_digit(uint64_t *to, const uint64_t *from, const double *uniform,
                           uint64_t count, int32_t shift)
{
    uint64_t place[DIGITS] = {0};
    for (uint64_t i = 0; i < count; i++)
        place[digit_of(uniform[i], shift)]++;
    uint64_t below = 0;
    for (int32_t digit = 0; digit < DIGITS; digit++) {
        const uint64_t here = place[digit];
        place[digit] = below;
        below += here;
    }
    for (uint64_t i = 0; i < count; i++)
        to[place[digit_of(uniform[from[i]], shift)]++] = from[i];
}

/* Puts the few that the leading bits could not tell apart in order. */
static void finish_order(uint64_t *order, const double *uniform, uint64_t count)
{
    for (uint64_t i = 1; i < count; i++) {
        const uint64_t shot = order[i];
        uint64_t place = i;
        for (; place > 0 && uniform[order[place - 1]] > uniform[shot]; place--)
            order[place] = order[place - 1];
        order[place] = shot;
    }
}

/* Radix sort on as many leading bits as leave few ties among so many shots, an even number of
 * passes, then insertion. outcomes serves as the second buffer. */
static void order_shots(ktq_sample *sample)
{
    const uint64_t shots = sample->shots;
    for (uint64_t shot = 0; shot < shots; shot++)
        sample->order[shot] = shot;
    const int32_t passes = shots <= DIGITS / 2 ? 0
                           : shots <= 1 << 10  ? 2
                           : shots <= 1 << 21  ? 4
                                               : 6;
    for (int32_t pass = 0; pass < passes; pass += 2) {
        const int32_t shift = 36 - DIGIT_BITS * (passes - pass);
        order_by_digit(sample->outcomes, sample->order, sample->uniform, shots, shift);
        order_by_digit(sample->order, sample->outcomes, sample->uniform, shots, shift + DIGIT_BITS);
    }
    finish_order(sample->order, sample->uniform, shots);
}

void ktq_sample_begin(ktq_sample *sample, uint64_t seed, uint64_t first)
{
    const uint64_t count = ktq_chunk_count(sample->chunks.qubits);
    sample->start[0] = 0;
    for (uint64_t chunk = 0; chunk < count; chunk++)
        sample->start[chunk + 1] = sample->start[chunk] + sample->partial[chunk];
    for (uint64_t shot = 0; shot < sample->shots; shot++)
        sample->uniform[shot] = kt_uniform(seed, KTQ_STREAM_SAMPLE, first + shot);
    order_shots(sample);
    /* Below the total, so that each shot falls into a chunk whose sum is not zero. */
    const double total = sample->start[count], most = nextafter(total, 0);
    for (uint64_t shot = 0; shot < sample->shots; shot++)
        sample->uniform[shot] = fmin(sample->uniform[shot] * total, most);
}

/* How many shots, in order, lie below the bound. */
static uint64_t shots_below(const ktq_sample *sample, double bound)
{
    uint64_t low = 0, high = sample->shots;
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        if (sample->uniform[sample->order[middle]] < bound)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static double weigh_lanes(double weights[KTQ_GROUP], const ktq_chunk_view *view, uint64_t group,
                          ketch_precision precision)
{
    const uint64_t first = group << KTQ_GROUP_BITS;
    for (uint64_t j = 0; j < KTQ_GROUP; j++) {
        const ktq_pair a = precision == KETCH_SINGLE ? ktq_load_single(view->data, first + j)
                                                     : ktq_load_double(view->data, first + j);
        const ktq_pair square = a * a;
        weights[j] = square[0] + square[1];
    }
    return ((weights[0] + weights[1]) + (weights[2] + weights[3])) +
           ((weights[4] + weights[5]) + (weights[6] + weights[7]));
}

/* Index of the last amplitude of the chunk that is not zero. */
static uint64_t last_weighty(const ktq_chunk_view *view, ketch_precision precision)
{
    for (uint64_t group = view->groups; group-- > 0;) {
        double weights[KTQ_GROUP];
        weigh_lanes(weights, view, group, precision);
        for (uint64_t j = KTQ_GROUP; j-- > 0;)
            if (weights[j] > 0)
                return view->base + (group << KTQ_GROUP_BITS) + j;
    }
    assert(false); /* a chunk with shots has weight */
    return view->base;
}

/* Walks the chunk once, giving each of the shots order[next..end-1] the first amplitude whose
 * running sum exceeds it. A shot that rounding leaves over goes to the next amplitude that is not
 * zero, or the last one. */
static void place_shots(const ktq_sample *sample, const ktq_chunk_view *view, double start,
                        uint64_t next, uint64_t end)
{
    const ketch_precision precision = sample->chunks.precision;
    double before = 0;
    for (uint64_t group = 0; group < view->groups && next < end; group++) {
        double weights[KTQ_GROUP];
        const double sum = weigh_lanes(weights, view, group, precision);
        double running = before;
        before += sum;
        if (sample->uniform[sample->order[next]] - start >= before)
            continue;
        for (uint64_t j = 0; j < KTQ_GROUP; j++) {
            running += weights[j];
            for (; weights[j] > 0 && next < end &&
                   sample->uniform[sample->order[next]] - start < running;
                 next++)
                sample->outcomes[sample->order[next]] = view->base + (group << KTQ_GROUP_BITS) + j;
        }
    }
    for (; next < end; next++)
        sample->outcomes[sample->order[next]] = last_weighty(view, precision);
}

ketch_status ktq_sample_body(uint64_t chunk, int32_t worker, void *user)
{
    (void)worker;
    const ktq_sample *sample = user;
    const double start = sample->start[chunk];
    const uint64_t next = shots_below(sample, start);
    const uint64_t end = shots_below(sample, sample->start[chunk + 1]);
    if (next == end)
        return KETCH_OK;
    ktq_chunk_view view;
    ktq_chunk_open(&view, &sample->chunks, chunk);
    place_shots(sample, &view, start, next, end);
    return KETCH_OK;
}
