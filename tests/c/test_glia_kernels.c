/* Kernels of ticks and trainings, with every kernel set that the machine runs, against loops that
 * compute one number after the other. All numbers are compared bit by bit. */
#include "cpu.h"
#include "glia/kernels/kernels.h"
#include "rounded.h"
#include "suite.h"
#include "words.h"

#include <string.h>

enum { MOST = 200, MOST_CELLS = 64, ROUNDS = 4000, NEURONS = 40 };

/* Rows with whole lines of 64 bytes. */
static float made[MOST + 16] __attribute__((aligned(64)));
static float wanted[MOST + 16] __attribute__((aligned(64)));
static float other[MOST + 16] __attribute__((aligned(64)));

/* ---- numbers ---- */

static float from_bits(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Of either sign: 0, numbers below and about 2^-126, where rounding to even decides, and others. */
static float draw(uint64_t *seed)
{
    const uint32_t sign = (uint32_t)next_word(seed) << 31, word = (uint32_t)next_word(seed);
    switch (next_word(seed) % 8) {
    case 0:
        return from_bits(sign);
    case 1:
        return from_bits(sign | word % (1U << 23));
    case 2:
        return from_bits(sign | word % 32);
    case 3:
        return from_bits(sign | ((1U << 23) - 8 + word % 16));
    case 4:
        return from_bits(sign | ((1U << 24) - 8 + word % 16));
    case 5:
        return from_bits(sign | word % (40U << 23));
    default:
        return from_bits(sign | ((100U << 23) + word % (50U << 23)));
    }
}

static float draw_factor(uint64_t *seed)
{
    static const float factors[] = {0.95F, 0.05F, 0.5F, -0.5F,  1,    -1,   0,
                                    -0.0F, 1.5F,  -3,   1e-40F, 0.1F, 1e30F};
    const uint64_t choice = next_word(seed) % 20;
    return choice < sizeof factors / sizeof *factors ? factors[choice]
                                                     : (float)(next_word(seed) >> 40) * 0x1p-24F;
}

/* In every third row no number is below 2^-126 but for 0. */
static void draw_row(float *row, bool has_small, uint64_t *seed)
{
    for (int i = 0; i < MOST; i++) {
        row[i] = draw(seed);
        if (!has_small && fabsf(row[i]) < 0x1p-100F)
            row[i] = 0;
    }
}

static void draw_rows(uint64_t *seed)
{
    const bool has_small = next_word(seed) % 3 != 0;
    draw_row(made, has_small, seed);
    draw_row(other, has_small, seed);
    memcpy(wanted, made, sizeof wanted);
}

static void expect_same(size_t count, float factor)
{
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(memcmp(&made[i], &wanted[i], sizeof(float)) == 0,
                      "number %d of %d, factor %a: %a, not %a; the other one is %a", (int)i,
                      (int)count, (double)factor, (double)made[i], (double)wanted[i],
                      (double)other[i]);
}

/* ---- tests ---- */

static const ktg_kernel_set *set_of(int index)
{
    return ktg_kernel_set_find((ketch_kernels)index);
}

START_TEST(a_row_is_scaled_otherwise)
{
    uint64_t seed = 1;
    for (int round = 0; round < ROUNDS; round++) {
        const size_t count = next_word(&seed) % (MOST + 1);
        const float factor = draw_factor(&seed);
        draw_rows(&seed);
        set_of(_i)->scale(made, count, factor);
        for (size_t i = 0; i < count; i++)
            wanted[i] = multiply(factor, wanted[i]);
        expect_same(count, factor);
    }
}
END_TEST

START_TEST(a_row_is_scaled_and_increased_otherwise)
{
    uint64_t seed = 2;
    for (int round = 0; round < ROUNDS; round++) {
        const size_t count = next_word(&seed) % (MOST + 1);
        const float factor = draw_factor(&seed);
        draw_rows(&seed);
        set_of(_i)->scale_add(made, other, count, factor);
        for (size_t i = 0; i < count; i++)
            wanted[i] = add(multiply(factor, wanted[i]), other[i]);
        expect_same(count, factor);
    }
}
END_TEST

START_TEST(a_multiple_of_a_row_is_another_one)
{
    uint64_t seed = 3;
    for (int round = 0; round < ROUNDS; round++) {
        const size_t count = next_word(&seed) % (MOST + 1);
        const float factor = draw_factor(&seed);
        draw_rows(&seed);
        set_of(_i)->add_scaled(made, other, count, factor);
        for (size_t i = 0; i < count; i++)
            wanted[i] = add(wanted[i], multiply(factor, other[i]));
        expect_same(count, factor);
    }
}
END_TEST

/* Numbers from 0 to 2^-126 and a little further. */
START_TEST(a_small_number_is_rounded_otherwise)
{
    enum { STEP = 7 };
    for (uint32_t first = 0; first < 9U << 20; first += MOST * STEP) {
        const float factor = first % 3 ? 0.95F : 0.5F;
        for (uint32_t i = 0; i < MOST; i++)
            made[i] = wanted[i] = from_bits(first + i * STEP);
        set_of(_i)->scale(made, MOST, factor);
        for (int i = 0; i < MOST; i++)
            wanted[i] = multiply(factor, wanted[i]);
        expect_same(MOST, factor);
    }
}
END_TEST

/* Rows of 0..40 synapses, of which some fire. */
typedef struct rows {
    uint32_t begin[NEURONS + 1], target[MOST], fired[NEURONS], fired_count;
} rows;

static void draw_firing(rows *r, uint64_t *seed)
{
    r->fired_count = 0;
    for (uint32_t i = 0; i < NEURONS; i++) {
        const uint32_t left = MOST - r->begin[i], most = next_word(seed) % 4 ? 8 : 41;
        const uint32_t count = (uint32_t)(next_word(seed) % most);
        r->begin[i + 1] = r->begin[i] + (count < left ? count : left);
        if (next_word(seed) % 3 == 0)
            r->fired[r->fired_count++] = i;
    }
    for (uint32_t s = 0; s < MOST; s++)
        r->target[s] = (uint32_t)(next_word(seed) % NEURONS);
}

/* The place behind the last number of a row is another row's. */
START_TEST(a_trace_gets_another_post)
{
    uint64_t seed = 4;
    for (int round = 0; round < ROUNDS; round++) {
        rows r = {.begin = {0}};
        draw_rows(&seed);
        draw_firing(&r, &seed);
        const ktg_firing firing = {r.fired, r.begin, r.target, r.fired_count,
                                   1 + (uint32_t)round % 3};
        set_of(_i)->add_posts(made, other, &firing);
        for (uint32_t f = 0; f < r.fired_count; f++)
            for (uint32_t s = r.begin[r.fired[f]]; s < r.begin[r.fired[f] + 1]; s++)
                wanted[s] = add(wanted[s], other[r.target[s]]);
        expect_same(MOST, 0);
    }
}
END_TEST

/* Rows of a network, of which only synapses begin..end-1 are delivered. */
typedef struct cut_rows {
    uint32_t begin[NEURONS], split[NEURONS], end[NEURONS], target[MOST], fired[NEURONS], count;
    float weight[MOST];
} cut_rows;

/* Some of the targets of a source in their order, of which a part is cut off at both ends. */
static uint32_t draw_cut_row(cut_rows *r, uint32_t source, uint32_t at, uint64_t *seed)
{
    const uint64_t density = 1 + next_word(seed) % 8;
    const uint32_t begin = at;
    r->split[source] = at;
    for (uint32_t target = 0; target < NEURONS && at < MOST; target++)
        if (next_word(seed) % 8 < density) {
            r->target[at] = target;
            r->weight[at++] = draw(seed);
            if (target <= source)
                r->split[source] = at;
        }
    const uint32_t cut = (uint32_t)(next_word(seed) % (at - begin + 1));
    r->begin[source] = begin + (next_word(seed) % 2 ? cut : 0);
    r->end[source] = next_word(seed) % 2 && cut >= r->begin[source] - begin ? begin + cut : at;
    return at;
}

static void draw_cut_rows(cut_rows *r, uint64_t *seed)
{
    uint32_t at = 0;
    r->count = 0;
    for (uint32_t i = 0; i < NEURONS; i++) {
        at = draw_cut_row(r, i, at, seed);
        if (next_word(seed) % 2)
            r->fired[r->count++] = i;
    }
}

static void deliver_as_model(float *later, float *earlier, const cut_rows *r)
{
    for (uint32_t f = 0; f < r->count; f++)
        for (uint32_t s = r->begin[r->fired[f]]; s < r->end[r->fired[f]]; s++) {
            float *const sums = r->target[s] > r->fired[f] ? later : earlier;
            sums[r->target[s]] = add(sums[r->target[s]], r->weight[s]);
        }
}

/* Sums of later targets lie in memory before and behind those of earlier ones in turn. */
START_TEST(a_row_is_delivered_otherwise)
{
    uint64_t seed = 8;
    for (int round = 0; round < ROUNDS; round++) {
        const int later = round % 2 ? 0 : 64, earlier = 64 - later;
        cut_rows r;
        draw_rows(&seed);
        draw_cut_rows(&r, &seed);
        const ktg_delivery delivery = {
            r.fired,  r.begin,      r.split,        r.end,   r.target,
            r.weight, made + later, made + earlier, r.count, 1 + (uint32_t)round % 3};
        set_of(_i)->deliver(&delivery);
        deliver_as_model(wanted + later, wanted + earlier, &r);
        expect_same(MOST, 0);
    }
}
END_TEST

/* ---- products of ticks ---- */

static float draw_leak(uint64_t *seed)
{
    static const float leaks[] = {0.9F, 0.5F, 1, 0, -0.0F, -0.7F, 1.25F, -2, 1e-41F, 1e30F};
    return next_word(seed) % 2 ? leaks[next_word(seed) % 10]
                               : (float)(next_word(seed) >> 40) * 0x1p-24F;
}

static void update_cells_as_model(float *value, const float *leak, float *delta, float threshold,
                                  float resting, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        value[i] = add(multiply(leak[i], value[i]), delta[i]);
        value[i] = value[i] < 0 ? 0 : value[i];
        value[i] = value[i] > threshold ? resting : value[i];
        delta[i] = 0;
    }
}

/* Up to 40 columns of different targets, the longest first, each of up to NEURONS / 2 sources. */
typedef struct drawn_columns {
    uint32_t begin[4], target[48], length[48];
    uint32_t source[24 * NEURONS] __attribute__((aligned(64)));
    float weight[24 * NEURONS] __attribute__((aligned(64)));
    uint8_t fired[NEURONS + 4];
    ktg_columns columns;
} drawn_columns;

static void draw_column(drawn_columns *d, uint32_t column, uint64_t *seed)
{
    const uint32_t group = column / KTG_BLOCK, first = d->begin[group];
    uint32_t source = 0;
    for (uint32_t k = 0; k < d->begin[group + 1] - first; k++) {
        const uint32_t at = (first + k) * KTG_BLOCK + column % KTG_BLOCK;
        source += 1 + (uint32_t)(next_word(seed) % 2);
        d->source[at] = k < d->length[column] ? source - 1 : NEURONS;
        d->weight[at] = draw(seed);
    }
}

static void draw_columns(drawn_columns *d, uint64_t *seed)
{
    const uint32_t count = (uint32_t)(next_word(seed) % 41);
    uint32_t length = NEURONS / 2;
    *d = (drawn_columns){.columns = {d->begin, d->target, d->source, d->weight, count}};
    for (uint32_t c = 0; c < count; c++) {
        length -= (uint32_t)(next_word(seed) % 5 ? 0 : next_word(seed) % length);
        d->length[c] = length;
        d->target[c] = c * 5 % 41;
        if (c % KTG_BLOCK == 0)
            d->begin[c / KTG_BLOCK + 1] = d->begin[c / KTG_BLOCK] + length;
    }
    for (uint32_t c = 0; c < count; c++)
        draw_column(d, c, seed);
    for (uint32_t i = 0; i < NEURONS; i++)
        d->fired[i] = next_word(seed) % 2;
}

START_TEST(a_column_is_added_otherwise)
{
    static drawn_columns d;
    uint64_t seed = 8;
    for (int round = 0; round < ROUNDS; round++) {
        draw_columns(&d, &seed);
        draw_rows(&seed);
        for (int i = 0; i < MOST; i++) /* no sum is -0 */
            made[i] = wanted[i] = wanted[i] == 0 ? 0 : wanted[i];
        set_of(_i)->add_columns(made, &d.columns, d.fired);
        for (uint32_t c = 0; c < d.columns.count; c++)
            for (uint32_t k = 0; k < d.length[c]; k++) {
                const uint32_t at = (d.begin[c / KTG_BLOCK] + k) * KTG_BLOCK + c % KTG_BLOCK;
                if (d.fired[d.source[at]])
                    wanted[d.target[c]] = add(wanted[d.target[c]], d.weight[at]);
            }
        expect_same(MOST, 0);
    }
}
END_TEST

/* What an update of some blocks says of the cells that fired: they have their resting value. */
static void expect_fired(const ktg_update *u, uint32_t count)
{
    uint32_t at = 0;
    for (uint32_t i = u->first * KTG_BLOCK; i < u->end * KTG_BLOCK; i++) {
        if (i % KTG_BLOCK == 0)
            ck_assert_uint_eq(u->fired_from[i / KTG_BLOCK], at);
        if (u->value[i] == u->resting[i])
            ck_assert_uint_eq(u->fired[at++], i);
    }
    ck_assert_uint_eq(count, at);
}

/* _i: a set. Voltages of any size, with both ways to multiply, in two parts. */
START_TEST(a_voltage_leaks_otherwise)
{
    enum { COUNT = 208 };
    static float leak[COUNT] __attribute__((aligned(64))),
        delta[COUNT] __attribute__((aligned(64)));
    static float threshold[COUNT] __attribute__((aligned(64))),
        resting[COUNT] __attribute__((aligned(64))), model_delta[COUNT];
    uint32_t fired[COUNT + 16], fired_from[COUNT / KTG_BLOCK + 1];
    uint64_t seed = 5;
    for (int round = 0; round < ROUNDS; round++) {
        const uint32_t blocks = 1 + (uint32_t)(next_word(&seed) % (COUNT / KTG_BLOCK));
        draw_rows(&seed);
        for (int i = 0; i < COUNT; i++) {
            leak[i] = draw_leak(&seed);
            delta[i] = model_delta[i] = next_word(&seed) % 3 ? 0 : draw(&seed);
            threshold[i] = 1e-3F;
            resting[i] = -1;
        }
        const uint32_t cut = (uint32_t)(next_word(&seed) % (blocks + 1));
        ktg_update update = {threshold, leak,       resting, made, delta,
                             fired,     fired_from, 0,       cut,  round % 2 == 0};
        expect_fired(&update, set_of(_i)->update(&update));
        update.first = cut;
        update.end = blocks;
        expect_fired(&update, set_of(_i)->update(&update));
        update_cells_as_model(wanted, leak, model_delta, 1e-3F, -1, blocks * KTG_BLOCK);
        expect_same(blocks * KTG_BLOCK, 0);
    }
}
END_TEST

/* The rows of a clean network, and the numbers of its blocks. */
typedef struct clean_rows {
    float value[MOST_CELLS], wait[MOST_CELLS], current[2][MOST_CELLS], due[2][MOST_CELLS];
    ktg_clean_numbers numbers[MOST_CELLS / KTG_BLOCK];
} clean_rows;

static void draw_numbers(ktg_clean_numbers *n, uint64_t *seed)
{
    for (int i = 0; i < KTG_BLOCK; i++) {
        n->threshold[i] = 1;
        n->leak[i] = draw_leak(seed);
        n->base[i] = next_word(seed) % 2 ? 0 : draw(seed);
        n->gain[0][i] = draw_leak(seed);
        n->gain[1][i] = draw_leak(seed);
        n->reset[i] = -2;
        n->refractory[i] = 2;
    }
}

static void draw_clean(clean_rows *r, uint64_t *seed)
{
    for (int i = 0; i < MOST_CELLS; i++) {
        r->value[i] = draw(seed);
        r->wait[i] = (float)(next_word(seed) % 3);
        for (int c = 0; c < 2; c++) {
            r->current[c][i] = draw(seed);
            r->due[c][i] = next_word(seed) % 2 ? 0 : draw(seed);
        }
    }
    for (int b = 0; b < MOST_CELLS / KTG_BLOCK; b++)
        draw_numbers(&r->numbers[b], seed);
}

static uint32_t update_clean_rows(clean_rows *r, uint32_t *fired, uint32_t count, int set,
                                  bool has_small)
{
    const ktg_clean_update update = {.numbers = r->numbers,
                                     .stride = 1,
                                     .keep = {0.9F, 0.999F},
                                     .value = r->value,
                                     .wait = r->wait,
                                     .current = {r->current[0], r->current[1]},
                                     .due = {r->due[0], r->due[1]},
                                     .fired = fired,
                                     .count = count,
                                     .has_small = has_small};
    return set_of(set)->update_clean(&update);
}

/* test_glia_clean.c compares one of the two ways with a model. */
START_TEST(a_clean_voltage_depends_on_the_way_to_multiply)
{
    static clean_rows a __attribute__((aligned(64))), b __attribute__((aligned(64)));
    uint32_t fired[2][MOST_CELLS + 16];
    uint64_t seed = 6;
    for (int round = 0; round < ROUNDS; round++) {
        const uint32_t count = 1 + (uint32_t)(next_word(&seed) % MOST_CELLS);
        draw_clean(&a, &seed);
        b = a;
        const uint32_t fires = update_clean_rows(&a, fired[0], count, _i, true);
        ck_assert_uint_eq(update_clean_rows(&b, fired[1], count, _i, false), fires);
        ck_assert(memcmp(fired[0], fired[1], fires * sizeof **fired) == 0);
        ck_assert_msg(memcmp(&a, &b, sizeof a) == 0, "round %d: other bits", round);
    }
}
END_TEST

START_TEST(a_small_number_is_not_found)
{
    uint64_t seed = 7;
    for (int round = 0; round < ROUNDS; round++) {
        const size_t count = 1 + next_word(&seed) % MOST;
        draw_row(made, false, &seed);
        ck_assert(!set_of(_i)->has_small(made, MOST));
        made[next_word(&seed) % count] = round % 2 ? 0x1p-149F : -0x1.fffffcp-127F;
        ck_assert(set_of(_i)->has_small(made, count));
    }
}
END_TEST

static void add_set(TCase *cases, const TTest *test, ketch_kernels set)
{
    if (ktg_kernel_set_find(set) && kt_cpu_runs(set))
        add_indexed(cases, test, (int)set, "%s", ketch_kernels_name(set));
    else
        add_skipped(cases, test, "this machine does not run %s", ketch_kernels_name(set));
}

int main(void)
{
    const TTest *const tests[] = {a_row_is_scaled_otherwise,
                                  a_row_is_scaled_and_increased_otherwise,
                                  a_multiple_of_a_row_is_another_one,
                                  a_small_number_is_rounded_otherwise,
                                  a_trace_gets_another_post,
                                  a_voltage_leaks_otherwise,
                                  a_clean_voltage_depends_on_the_way_to_multiply,
                                  a_small_number_is_not_found,
                                  a_row_is_delivered_otherwise,
                                  a_column_is_added_otherwise};
    TCase *const cases = tcase_create("glia kernels");
    tcase_set_timeout(cases, 60);
    keep_one_thread(cases);
    for (int set = KETCH_KERNELS_SCALAR; set <= KETCH_KERNELS_NEON; set++)
        for (size_t t = 0; t < sizeof tests / sizeof *tests; t++)
            add_set(cases, tests[t], (ketch_kernels)set);
    Suite *const suite = suite_create("glia kernels");
    suite_add_tcase(suite, cases);
    return end_with(suite);
}
