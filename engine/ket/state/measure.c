#include "ket/state/measure.h"
#include "ket/state/streams.h"
#include "random.h"
#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Amplitudes are read in groups of eight lanes, each lane with its own sum: eight independent
 * additions keep the processor busy, and conditions on the lowest three bits become a choice of
 * lanes. The order of additions depends on the index alone. */
enum { LANE_BITS = 3, LANES = 1 << LANE_BITS };

typedef double sum_pair __attribute__((vector_size(16)));      /* re, im */
typedef float sum_pair_single __attribute__((vector_size(8))); /* re, im */

/* One chunk, ready to be read group by group. A state smaller than a group is padded with zeroes.
 */
typedef struct group_view {
    const char *data;
    uint64_t base;   /* index of its first amplitude */
    uint64_t groups; /* in it */
    char small[LANES * sizeof(sum_pair)];
} group_view;

static inline sum_pair pair_of_double(const void *data, uint64_t index)
{
    sum_pair value;
    memcpy(&value, (const char *)data + index * sizeof value, sizeof value);
    return value;
}

static inline sum_pair pair_of_single(const void *data, uint64_t index)
{
    sum_pair_single value;
    memcpy(&value, (const char *)data + index * sizeof value, sizeof value);
    return __builtin_convertvector(value, sum_pair);
}

typedef sum_pair (*load_pair)(const void *data, uint64_t index);

/* Bits of the index inside a chunk. */
static int32_t chunk_bits(int32_t qubits)
{
    return qubits < KTQ_CHUNK_BITS ? qubits : KTQ_CHUNK_BITS;
}

uint64_t ktq_chunk_count(int32_t qubits)
{
    return UINT64_C(1) << (qubits - chunk_bits(qubits));
}

static void view_groups(group_view *view, const ktq_chunks *chunks, uint64_t chunk)
{
    assert(chunk < ktq_chunk_count(chunks->qubits));
    const size_t size =
        chunks->precision == KETCH_SINGLE ? sizeof(sum_pair_single) : sizeof(sum_pair);
    const int32_t bits = chunk_bits(chunks->qubits);
    view->base = chunk << bits;
    view->data = (const char *)chunks->amplitudes + view->base * size;
    view->groups = (UINT64_C(1) << bits) >> LANE_BITS;
    if (bits >= LANE_BITS)
        return;
    memset(view->small, 0, sizeof view->small);
    memcpy(view->small, view->data, size << bits);
    view->data = view->small;
    view->groups = 1;
}

/* ---- sums ------------------------------------------------------------------------------------ */

/* sums[j] += squares of the parts of lane j, over the groups with (group & mask) == value. */
static inline __attribute__((always_inline)) void add_squares(sum_pair sums[LANES],
                                                              const group_view *view, uint64_t mask,
                                                              uint64_t value, load_pair load)
{
    sum_pair s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0}, s4 = {0}, s5 = {0}, s6 = {0}, s7 = {0};
    for (uint64_t group = value; group < view->groups;
         group = (((group | mask) + 1) & ~mask) | value) {
        const uint64_t i = group << LANE_BITS;
        const sum_pair a0 = load(view->data, i), a1 = load(view->data, i + 1);
        const sum_pair a2 = load(view->data, i + 2), a3 = load(view->data, i + 3);
        const sum_pair a4 = load(view->data, i + 4), a5 = load(view->data, i + 5);
        const sum_pair a6 = load(view->data, i + 6), a7 = load(view->data, i + 7);
        s0 += a0 * a0, s1 += a1 * a1, s2 += a2 * a2, s3 += a3 * a3;
        s4 += a4 * a4, s5 += a5 * a5, s6 += a6 * a6, s7 += a7 * a7;
    }
    const sum_pair all[LANES] = {s0, s1, s2, s3, s4, s5, s6, s7};
    memcpy(sums, all, sizeof all);
}

static double weigh_chunk(const ktq_weight *weight, uint64_t chunk)
{
    group_view view;
    view_groups(&view, &weight->chunks, chunk);
    const uint64_t inside = view.groups * LANES - 1;
    const uint64_t mask = weight->mask & inside, value = weight->value & inside;
    if ((view.base & weight->mask) != (weight->value & ~inside))
        return 0;
    sum_pair sums[LANES];
    if (weight->chunks.precision == KETCH_SINGLE)
        add_squares(sums, &view, mask >> LANE_BITS, value >> LANE_BITS, pair_of_single);
    else
        add_squares(sums, &view, mask >> LANE_BITS, value >> LANE_BITS, pair_of_double);
    double sum = 0;
    for (uint64_t j = 0; j < LANES; j++)
        if ((j & mask) == (value & (LANES - 1)))
            sum += sums[j][0] + sums[j][1];
    return sum;
}

ketch_status ktq_weight_body(uint64_t chunk, int32_t worker, void *user)
{
    (void)worker;
    const ktq_weight *weight = user;
    weight->partial[chunk] = weigh_chunk(weight, chunk);
    return KETCH_OK;
}

/* A sum with its rounding errors carried along (Neumaier, ZAMM 54, 1974): what it has lost stays
 * below one rounding of the result, however many chunks there are. */
typedef struct careful_sum {
    double sum, lost;
} careful_sum;

static void add_carefully(careful_sum *to, double value)
{
    const double sum = to->sum + value;
    to->lost += fabs(to->sum) >= fabs(value) ? (to->sum - sum) + value : (value - sum) + to->sum;
    to->sum = sum;
}

double ktq_sum_carefully(const double *values, uint64_t count, uint64_t stride)
{
    careful_sum total = {0, 0};
    for (uint64_t i = 0; i < count; i++)
        add_carefully(&total, values[i * stride]);
    return total.sum + total.lost;
}

double ktq_weight_sum(const ktq_weight *weight)
{
    return ktq_sum_carefully(weight->partial, ktq_chunk_count(weight->chunks.qubits), 1);
}

double ktq_weight_serial(const ktq_weight *weight)
{
    careful_sum total = {0, 0};
    const uint64_t count = ktq_chunk_count(weight->chunks.qubits);
    for (uint64_t chunk = 0; chunk < count; chunk++)
        add_carefully(&total, weigh_chunk(weight, chunk));
    return total.sum + total.lost;
}

static inline sum_pair swap_parts(sum_pair a)
{
    const sum_pair swapped = {a[1], a[0]};
    return swapped;
}

/* same gathers re*re and im*im, cross re*im and im*re, each over all pairs of the chunk. */
static inline __attribute__((always_inline)) void add_products(sum_pair *same, sum_pair *cross,
                                                               const group_view *a,
                                                               const group_view *b, load_pair load)
{
    sum_pair s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0}, c0 = {0}, c1 = {0}, c2 = {0}, c3 = {0};
    for (uint64_t i = 0; i < a->groups << LANE_BITS; i += 4) {
        const sum_pair a0 = load(a->data, i), a1 = load(a->data, i + 1);
        const sum_pair a2 = load(a->data, i + 2), a3 = load(a->data, i + 3);
        const sum_pair b0 = load(b->data, i), b1 = load(b->data, i + 1);
        const sum_pair b2 = load(b->data, i + 2), b3 = load(b->data, i + 3);
        s0 += a0 * b0, s1 += a1 * b1, s2 += a2 * b2, s3 += a3 * b3;
        c0 += a0 * swap_parts(b0), c1 += a1 * swap_parts(b1);
        c2 += a2 * swap_parts(b2), c3 += a3 * swap_parts(b3);
    }
    *same = (s0 + s1) + (s2 + s3);
    *cross = (c0 + c1) + (c2 + c3);
}

ketch_status ktq_inner_body(uint64_t chunk, int32_t worker, void *user)
{
    (void)worker;
    const ktq_inner *inner = user;
    group_view a, b;
    view_groups(&a, &inner->a, chunk);
    view_groups(&b, &inner->b, chunk);
    sum_pair same, cross;
    if (inner->a.precision == KETCH_SINGLE)
        add_products(&same, &cross, &a, &b, pair_of_single);
    else
        add_products(&same, &cross, &a, &b, pair_of_double);
    inner->partial[2 * chunk] = same[0] + same[1];
    inner->partial[2 * chunk + 1] = cross[0] - cross[1];
    return KETCH_OK;
}

void ktq_inner_sum(double sum[2], const ktq_inner *inner)
{
    const uint64_t count = ktq_chunk_count(inner->a.qubits);
    for (int part = 0; part < 2; part++)
        sum[part] = ktq_sum_carefully(inner->partial + part, count, 2);
}

/* ---- measurement ----------------------------------------------------------------------------- */

ktq_outcome ktq_outcome_choose(double weight0, double weight1, double chance)
{
    assert(weight0 >= 0 && weight1 >= 0 && weight0 + weight1 > 0);
    const bool zero = weight1 <= 0 || (weight0 > 0 && chance * (weight0 + weight1) < weight0);
    return (ktq_outcome){zero ? 0 : 1, 1 / sqrt(zero ? weight0 : weight1)};
}

uint64_t ktq_collapse_count(int32_t qubits)
{
    return ktq_chunk_count(qubits - 1);
}

/* Of each pair of amplitudes that differ in the qubit, one is kept and the other zeroed. */
typedef struct pair_plan {
    uint64_t low;        /* mask of the bits below the qubit */
    uint64_t from, to;   /* bit of the one read, of the one written */
    uint64_t first, end; /* pairs */
} pair_plan;

static void collapse_double(const pair_plan *plan, double scale, sum_pair *amplitudes)
{
    for (uint64_t pair = plan->first; pair < plan->end; pair++) {
        const uint64_t index = ((pair & ~plan->low) << 1) | (pair & plan->low);
        const sum_pair kept = amplitudes[index | plan->from] * scale;
        amplitudes[index | (plan->to ^ (plan->low + 1))] = (sum_pair){0, 0};
        amplitudes[index | plan->to] = kept;
    }
}

static void collapse_single(const pair_plan *plan, float scale, sum_pair_single *amplitudes)
{
    for (uint64_t pair = plan->first; pair < plan->end; pair++) {
        const uint64_t index = ((pair & ~plan->low) << 1) | (pair & plan->low);
        const sum_pair_single kept = amplitudes[index | plan->from] * scale;
        amplitudes[index | (plan->to ^ (plan->low + 1))] = (sum_pair_single){0, 0};
        amplitudes[index | plan->to] = kept;
    }
}

ketch_status ktq_collapse_body(uint64_t chunk, int32_t worker, void *user)
{
    (void)worker;
    const ktq_collapse *collapse = user;
    const uint64_t bit = UINT64_C(1) << collapse->qubit;
    const int32_t bits = chunk_bits(collapse->qubits - 1);
    const uint64_t from = collapse->outcome ? bit : 0;
    const pair_plan plan = {.low = bit - 1,
                            .from = from,
                            .to = collapse->move ? 0 : from,
                            .first = chunk << bits,
                            .end = (chunk + 1) << bits};
    if (collapse->precision == KETCH_SINGLE)
        collapse_single(&plan, (float)collapse->scale, collapse->amplitudes);
    else
        collapse_double(&plan, collapse->scale, collapse->amplitudes);
    return KETCH_OK;
}

static void project_double(const ktq_project *project, uint64_t first, uint64_t end)
{
    sum_pair *const amplitudes = project->amplitudes;
    for (uint64_t i = first; i < end; i++)
        amplitudes[i] = (i & project->mask) == project->value ? amplitudes[i] * project->scale
                                                              : (sum_pair){0, 0};
}

static void project_single(const ktq_project *project, uint64_t first, uint64_t end)
{
    sum_pair_single *const amplitudes = project->amplitudes;
    const float scale = (float)project->scale;
    for (uint64_t i = first; i < end; i++)
        amplitudes[i] =
            (i & project->mask) == project->value ? amplitudes[i] * scale : (sum_pair_single){0, 0};
}

ketch_status ktq_project_body(uint64_t chunk, int32_t worker, void *user)
{
    (void)worker;
    const ktq_project *project = user;
    const int32_t bits = chunk_bits(project->qubits);
    if (project->precision == KETCH_SINGLE)
        project_single(project, chunk << bits, (chunk + 1) << bits);
    else
        project_double(project, chunk << bits, (chunk + 1) << bits);
    return KETCH_OK;
}

/* ---- sampling -------------------------------------------------------------------------------- */

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

static double weigh_lanes(double weights[LANES], const group_view *view, uint64_t group,
                          ketch_precision precision)
{
    const uint64_t first = group << LANE_BITS;
    for (uint64_t j = 0; j < LANES; j++) {
        const sum_pair a = precision == KETCH_SINGLE ? pair_of_single(view->data, first + j)
                                                     : pair_of_double(view->data, first + j);
        const sum_pair square = a * a;
        weights[j] = square[0] + square[1];
    }
    return ((weights[0] + weights[1]) + (weights[2] + weights[3])) +
           ((weights[4] + weights[5]) + (weights[6] + weights[7]));
}

/* Index of the last amplitude of the chunk that is not zero. */
static uint64_t last_weighty(const group_view *view, ketch_precision precision)
{
    for (uint64_t group = view->groups; group-- > 0;) {
        double weights[LANES];
        weigh_lanes(weights, view, group, precision);
        for (uint64_t j = LANES; j-- > 0;)
            if (weights[j] > 0)
                return view->base + (group << LANE_BITS) + j;
    }
    assert(false); /* a chunk with shots has weight */
    return view->base;
}

/* Walks the chunk once, giving each of the shots order[next..end-1] the first amplitude whose
 * running sum exceeds it. A shot that rounding leaves over goes to the next amplitude that is not
 * zero, or the last one. */
static void place_shots(const ktq_sample *sample, const group_view *view, double start,
                        uint64_t next, uint64_t end)
{
    const ketch_precision precision = sample->chunks.precision;
    double before = 0;
    for (uint64_t group = 0; group < view->groups && next < end; group++) {
        double weights[LANES];
        const double sum = weigh_lanes(weights, view, group, precision);
        double running = before;
        before += sum;
        if (sample->uniform[sample->order[next]] - start >= before)
            continue;
        for (uint64_t j = 0; j < LANES; j++) {
            running += weights[j];
            for (; weights[j] > 0 && next < end &&
                   sample->uniform[sample->order[next]] - start < running;
                 next++)
                sample->outcomes[sample->order[next]] = view->base + (group << LANE_BITS) + j;
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
    group_view view;
    view_groups(&view, &sample->chunks, chunk);
    place_shots(sample, &view, start, next, end);
    return KETCH_OK;
}
