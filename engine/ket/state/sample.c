#include "ket/state/sample.h"

#include "ket/state/streams.h"
#include "ketch/core.h"
#include "numbers.h"

#include <math.h>

/* A batch takes some 300 us to draw and sort, and its numbers stay in the second-level cache. A part
 * has about PART shots at most, however unevenly they fall. */
enum { BATCH = 1 << 14, PART = 1 << 16 };

/* ---- memory ---- */

/* Cells of the counting sort, a power of 2: about as many as shots. */
static uint64_t count_cells(uint64_t shots)
{
    const uint64_t most = KT_MIN(shots, BATCH);
    uint64_t cells = 1;
    while (cells * 2 <= most)
        cells *= 2;
    return cells;
}

/* Cumulative weights of a chunk's groups are searched in steps of these widths. */
enum { STRIDE = 64, PROBE_WINDOW = 8 };

/* Their number: one before each group and one after the last; then infinities, which end every
 * search. */
static uint64_t count_below(int32_t qubits)
{
    const int32_t bits = ktq_chunk_bits(qubits);
    const uint64_t groups = bits > KTQ_GROUP_BITS ? UINT64_C(1) << (bits - KTQ_GROUP_BITS) : 1;
    return groups + 1 + STRIDE;
}

uint64_t ktq_sample_scratch(const ktq_sample *sample)
{
    const uint64_t sorting = count_cells(sample->shots) * sizeof(uint16_t);
    const uint64_t searching = count_below(sample->chunks.qubits) * sizeof(double);
    return KT_MAX(sorting, searching);
}

void ktq_sample_take(ktq_sample *sample, kt_layout *layout)
{
    const uint64_t chunks = ktq_chunk_count(sample->chunks.qubits);
    sample->cumulative = kt_layout_take(layout, chunks + 1, sizeof *sample->cumulative);
    sample->uniform = kt_layout_take(layout, sample->shots, sizeof *sample->uniform);
    sample->order = kt_layout_take(layout, sample->shots, sizeof *sample->order);
}

void ktq_sample_begin(ktq_sample *sample, const double *partial)
{
    const uint64_t chunks = ktq_chunk_count(sample->chunks.qubits);
    sample->cumulative[0] = 0;
    for (uint64_t chunk = 0; chunk < chunks; chunk++)
        sample->cumulative[chunk + 1] = sample->cumulative[chunk] + partial[chunk];
}

static bool weights_ascend(const ktq_sample *sample)
{
    const double *const weights = sample->cumulative;
    const uint64_t chunks = ktq_chunk_count(sample->chunks.qubits);
    for (uint64_t chunk = 0; chunk < chunks; chunk++)
        if (!(weights[chunk] <= weights[chunk + 1]))
            return false;
    return weights[0] == 0 && weights[chunks] > 0 && isfinite(weights[chunks]);
}

static double total_weight(const ktq_sample *sample)
{
    const double total = sample->cumulative[ktq_chunk_count(sample->chunks.qubits)];
    assert(total > 0 && isfinite(total));
    return total;
}

/* ---- batches: numbers in order ---- */

/* The arrays of one batch. */
typedef struct batch_view {
    uint64_t first, count;
    double *uniform;
    uint16_t *order;
    uint64_t *outcomes;
} batch_view;

uint64_t ktq_sample_batches(const ktq_sample *sample)
{
    return (sample->shots + BATCH - 1) / BATCH;
}

static batch_view view_batch(const ktq_sample *sample, uint64_t batch)
{
    assert(batch < ktq_sample_batches(sample));
    const uint64_t first = batch * BATCH;
    return (batch_view){.first = first,
                        .count = KT_MIN(sample->shots - first, BATCH),
                        .uniform = sample->uniform + first,
                        .order = sample->order + first,
                        .outcomes = sample->outcomes + first};
}

static bool batch_is_valid(const batch_view *batch, double total)
{
    double least = 0;
    for (uint64_t i = 0; i < batch->count; i++) {
        const double uniform = batch->uniform[i];
        if (!(uniform >= least && uniform < total) || batch->order[i] >= batch->count)
            return false;
        least = uniform;
    }
    return true;
}

bool ktq_sample_is_valid(const ktq_sample *sample, bool is_drawn)
{
    if (!weights_ascend(sample))
        return false;
    const uint64_t batches = is_drawn ? ktq_sample_batches(sample) : 0;
    for (uint64_t i = 0; i < batches; i++) {
        const batch_view batch = view_batch(sample, i);
        if (!batch_is_valid(&batch, total_weight(sample)))
            return false;
    }
    return true;
}

/* The numbers in order of shots, below the total so that each falls in a chunk that has weight. */
static void draw_numbers(const ktq_sample *sample, const batch_view *batch, double total)
{
    ketch_random random = {sample->seed, KTQ_STREAM_SAMPLE, sample->first + batch->first};
    ketch_random_fill(&random, batch->uniform, batch->count);
    const double most = nextafter(total, 0);
    for (uint64_t i = 0; i < batch->count; i++)
        batch->uniform[i] = fmin(batch->uniform[i] * total, most);
}

/* The last cell where a tiny total makes cells_per_weight infinite. */
static inline uint64_t cell_of(double uniform, double cells_per_weight, uint64_t cells)
{
    const double cell = uniform * cells_per_weight;
    return cell < (double)(cells - 1) ? (uint64_t)cell : cells - 1;
}

/* A counting sort by cells of equal width, which hold few numbers each as these are uniform. The
 * memory of the outcomes takes the unsorted numbers. */
static void sort_by_cells(const batch_view *batch, double total, uint64_t cells, uint16_t *next)
{
    const double cells_per_weight = (double)cells / total;
    memset(next, 0, (size_t)cells * sizeof *next);
    for (uint64_t i = 0; i < batch->count; i++)
        next[cell_of(batch->uniform[i], cells_per_weight, cells)]++;
    uint16_t before = 0;
    for (uint64_t cell = 0; cell < cells; cell++) {
        const uint16_t here = next[cell];
        next[cell] = before;
        before = (uint16_t)(before + here);
    }
    memcpy(batch->outcomes, batch->uniform, (size_t)batch->count * sizeof *batch->uniform);
    for (uint64_t i = 0; i < batch->count; i++) {
        double uniform;
        memcpy(&uniform, &batch->outcomes[i], sizeof uniform);
        const uint16_t at = next[cell_of(uniform, cells_per_weight, cells)]++;
        batch->uniform[at] = uniform;
        batch->order[at] = (uint16_t)i;
    }
}

/* Inside the cells. */
static void sort_by_insertion(const batch_view *batch)
{
    for (uint64_t i = 1; i < batch->count; i++) {
        const double uniform = batch->uniform[i];
        const uint16_t shot = batch->order[i];
        uint64_t at = i;
        for (; at > 0 && batch->uniform[at - 1] > uniform; at--) {
            batch->uniform[at] = batch->uniform[at - 1];
            batch->order[at] = batch->order[at - 1];
        }
        batch->uniform[at] = uniform;
        batch->order[at] = shot;
    }
}

void ktq_sample_draw(const ktq_sample *sample, uint64_t number, void *scratch)
{
    const batch_view batch = view_batch(sample, number);
    const double total = total_weight(sample);
    draw_numbers(sample, &batch, total);
    sort_by_cells(&batch, total, count_cells(batch.count), scratch);
    sort_by_insertion(&batch);
}

/* ---- parts: the shots of some batches in one chunk ---- */

/* The number of parts before a chunk: one for each chunk, and a further one for every PART shots
 * that are expected before it. */
static uint64_t parts_before(const ktq_sample *sample, uint64_t chunk)
{
    const double share = sample->cumulative[chunk] / total_weight(sample);
    return chunk + (uint64_t)((double)sample->shots * share / PART);
}

uint64_t ktq_sample_parts(const ktq_sample *sample)
{
    return parts_before(sample, ktq_chunk_count(sample->chunks.qubits));
}

/* The last chunk with parts_before it <= part. */
static uint64_t find_chunk(const ktq_sample *sample, uint64_t part)
{
    uint64_t low = 0, high = ktq_chunk_count(sample->chunks.qubits);
    while (high - low > 1) {
        const uint64_t middle = low + (high - low) / 2;
        if (parts_before(sample, middle) <= part)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* How many of the batch's numbers lie below the bound: near the share that the bound is of the
 * total. */
static uint64_t count_shots_below(const batch_view *batch, double bound, double total)
{
    const uint64_t count = batch->count;
    const uint64_t expected = KT_MIN((uint64_t)(bound / total * (double)count), count);
    uint64_t low = expected, high = expected;
    for (uint64_t step = 16; low > 0 && batch->uniform[low - 1] >= bound; step *= 2)
        low = low > step ? low - step : 0;
    for (uint64_t step = 16; high < count && batch->uniform[high] < bound; step *= 2)
        high = KT_MIN(high + step, count);
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        if (batch->uniform[middle] < bound)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The squares of the amplitudes of a group, and their sum. */
static inline __attribute__((always_inline)) double
square_group(double squares[KTQ_GROUP], const ktq_chunk_view *view, uint64_t group, ktq_load *load)
{
    for (uint64_t j = 0; j < KTQ_GROUP; j++) {
        const ktq_pair a = load(view->data, (group << KTQ_GROUP_BITS) + j);
        const ktq_pair square = a * a;
        squares[j] = square[0] + square[1];
    }
    return ((squares[0] + squares[1]) + (squares[2] + squares[3])) +
           ((squares[4] + squares[5]) + (squares[6] + squares[7]));
}

static inline __attribute__((always_inline)) void
sum_groups(double *below, const ktq_chunk_view *view, ktq_load *load)
{
    double sum = 0;
    below[0] = 0;
    for (uint64_t group = 0; group < view->groups; group++) {
        double squares[KTQ_GROUP];
        sum += square_group(squares, view, group, load);
        below[group + 1] = sum;
    }
    for (uint64_t i = 1; i <= STRIDE; i++)
        below[view->groups + i] = INFINITY;
}

/* The last group >= from, where below[from] <= weight, with below[group] <= weight. */
static inline uint64_t find_group(const double *below, uint64_t from, double weight)
{
    while (weight >= below[from + STRIDE])
        from += STRIDE;
    while (weight >= below[from + PROBE_WINDOW])
        from += PROBE_WINDOW;
    uint64_t more = 0;
    for (uint64_t i = 1; i < PROBE_WINDOW; i++)
        more += weight >= below[from + i];
    return from + more;
}

/* For a number between sums that were rounded in different ways: the first amplitude that is not
 * zero from a group on, or else the last one of the chunk. There is one, unless amplitudes and sums
 * are from a file that made them up: then the chunk's first. */
static __attribute__((noinline)) uint64_t find_nonzero(const ktq_chunk_view *view, uint64_t group,
                                                       ktq_load *load)
{
    uint64_t last = 0;
    for (uint64_t i = 0; i < view->groups << KTQ_GROUP_BITS; i++) {
        const ktq_pair a = load(view->data, i), square = a * a;
        if (!(square[0] + square[1] > 0))
            continue;
        last = i;
        if (i >= group << KTQ_GROUP_BITS)
            break;
    }
    return last;
}

/* Where a search in ascending order stands: a group, and the cumulative weights up to each of its
 * amplitudes and to its end. */
typedef struct search_place {
    uint64_t group;
    double sums[KTQ_GROUP];
    double end;
} search_place;

static inline __attribute__((always_inline)) void enter_group(search_place *place,
                                                              const ktq_chunk_view *view,
                                                              const double *below, uint64_t group,
                                                              ktq_load *load)
{
    double squares[KTQ_GROUP] = {0};
    if (group < view->groups)
        square_group(squares, view, group, load);
    double sum = below[group];
    for (uint64_t j = 0; j < KTQ_GROUP; j++)
        place->sums[j] = sum += squares[j];
    place->group = group;
    place->end = below[group + 1];
}

/* The first amplitude of the chunk at which the cumulative weight exceeds this one, in the place's
 * group. */
static inline __attribute__((always_inline)) uint64_t
find_amplitude(const search_place *place, const ktq_chunk_view *view, double weight, ktq_load *load)
{
    uint64_t passed = 0;
    for (uint64_t j = 0; j < KTQ_GROUP; j++)
        passed += weight >= place->sums[j];
    return passed < KTQ_GROUP ? (place->group << KTQ_GROUP_BITS) + passed
                              : find_nonzero(view, place->group + 1, load);
}

/* Shots of a batch from position `from` on, while they fall in the chunk, whose cumulative weights
 * reach from start to end. */
static inline __attribute__((always_inline)) void
locate_shots(const batch_view *batch, uint64_t from, const ktq_chunk_view *view,
             const double *below, double start, double end, ktq_load *load)
{
    search_place place;
    enter_group(&place, view, below, find_group(below, 0, batch->uniform[from] - start), load);
    for (uint64_t i = from; i < batch->count && batch->uniform[i] < end; i++) {
        const double weight = batch->uniform[i] - start;
        assert(batch->order[i] < batch->count && weight >= 0);
        if (weight >= place.end)
            enter_group(&place, view, below, find_group(below, place.group, weight), load);
        batch->outcomes[batch->order[i]] = view->base + find_amplitude(&place, view, weight, load);
    }
}

static inline __attribute__((always_inline)) void locate_part(const ktq_sample *sample,
                                                              uint64_t chunk, uint64_t batch,
                                                              uint64_t batch_end, double *below,
                                                              ktq_load *load)
{
    const double start = sample->cumulative[chunk], end = sample->cumulative[chunk + 1];
    const double total = total_weight(sample);
    if (start >= end)
        return;
    bool is_open = false;
    ktq_chunk_view view;
    for (; batch < batch_end; batch++) {
        const batch_view shots = view_batch(sample, batch);
        const uint64_t from = count_shots_below(&shots, start, total);
        if (from == shots.count || shots.uniform[from] >= end)
            continue;
        if (!is_open) {
            ktq_chunk_open(&view, &sample->chunks, chunk);
            sum_groups(below, &view, load);
            is_open = true;
        }
        locate_shots(&shots, from, &view, below, start, end, load);
    }
}

void ktq_sample_locate(const ktq_sample *sample, uint64_t part, void *scratch)
{
    assert(part < ktq_sample_parts(sample));
    const uint64_t chunk = find_chunk(sample, part);
    const uint64_t first = parts_before(sample, chunk);
    const uint64_t share = part - first, shares = parts_before(sample, chunk + 1) - first;
    const uint64_t batches = ktq_sample_batches(sample);
    const uint64_t from = batches * share / shares, end = batches * (share + 1) / shares;
    if (sample->chunks.precision == KETCH_SINGLE)
        locate_part(sample, chunk, from, end, scratch, ktq_load_single);
    else
        locate_part(sample, chunk, from, end, scratch, ktq_load_double);
}
