/* Random numbers: Philox against the known answers of the Random123 distribution, and what is made
 * of it against numbers of a separate implementation and against chance. */
#include "random.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

typedef struct known_answer {
    uint32_t counter[4], key[2], out[4];
} known_answer;

/* kat_vectors of Random123 1.14, philox4x32 with 10 rounds. */
static const known_answer answers[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

START_TEST(philox_known_answers)
{
    const known_answer *const known = &answers[_i];
    uint32_t out[4];
    kt_philox(out, known->counter, known->key);
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(out[i], known->out[i]);
}
END_TEST

/* The counter is (index, stream), low words first, the key the seed; 53 bits of the first two
 * words. */
START_TEST(uniform_is_made_of_philox)
{
    const known_answer *const pi = &answers[2];
    const uint64_t index = (uint64_t)pi->counter[1] << 32 | pi->counter[0];
    const uint64_t stream = (uint64_t)pi->counter[3] << 32 | pi->counter[2];
    const uint64_t seed = (uint64_t)pi->key[1] << 32 | pi->key[0];
    const uint64_t bits = (uint64_t)pi->out[1] << 32 | pi->out[0];
    const double expected = ldexp((double)(bits >> 11), -53);
    ck_assert_double_eq(kt_uniform(seed, stream, index), expected);
    ck_assert_double_ne(kt_uniform(seed, stream, index + 1), expected);
    ck_assert_double_ne(kt_uniform(seed, stream + 1, index), expected);
    ck_assert_double_ne(kt_uniform(seed + 1, stream, index), expected);
}
END_TEST

/* 16 bins, 15 degrees of freedom: 44.3 is exceeded by chance once in 10,000 times; the draws are
 * fixed. */
START_TEST(uniform_is_flat)
{
    enum { BINS = 16, DRAWS = 160000 };
    uint32_t bins[BINS] = {0};
    for (uint64_t i = 0; i < DRAWS; i++) {
        const double u = kt_uniform(7, (uint64_t)_i, i);
        ck_assert(u >= 0.0 && u < 1.0);
        bins[(int)(u * BINS)]++;
    }
    double chi = 0.0;
    for (int i = 0; i < BINS; i++)
        chi += pow((double)bins[i] - DRAWS / BINS, 2) / (DRAWS / BINS);
    ck_assert_double_lt(chi, 44.3);
}
END_TEST

/* Neighbouring seeds and streams: correlation of 40,000 pairs is normal with deviation 1/200. */
START_TEST(neighbours_are_uncorrelated)
{
    enum { PAIRS = 40000 };
    double seeds = 0.0, streams = 0.0;
    for (uint64_t i = 0; i < PAIRS; i++) {
        const double u = kt_uniform(100, 0, i) - 0.5;
        seeds += u * (kt_uniform(101, 0, i) - 0.5);
        streams += u * (kt_uniform(100, 1, i) - 0.5);
    }
    ck_assert_double_lt(fabs(12.0 * seeds / PAIRS), 4.0 / 200.0);
    ck_assert_double_lt(fabs(12.0 * streams / PAIRS), 4.0 / 200.0);
}
END_TEST

/* ---- ketch_random ---- */

static const uint64_t seed_0 = UINT64_C(0x0123456789abcdef);

/* Of a stream whose fields are 3, 7 and 11. */
static ketch_random some_random(void)
{
    return (ketch_random){.seed = seed_0, .stream = ketch_random_stream(3, 7, 11)};
}

START_TEST(streams_keep_their_fields_apart)
{
    ck_assert_uint_eq(ketch_random_stream(0, 0, 0), UINT64_C(1) << 63);
    ck_assert_uint_eq(ketch_random_stream(3, 7, 11), UINT64_C(0x800300070000000b));
    ck_assert_uint_eq(ketch_random_stream(0x7fff, 0xffff, UINT32_MAX), UINT64_MAX);
    ck_assert_uint_eq(ketch_random_stream(0x8000, 0, 1), ketch_random_stream(0, 0, 1));
    ck_assert_uint_eq(ketch_random_stream(0, 0x10000, 1), ketch_random_stream(0, 0, 1));
}
END_TEST

static const uint64_t known_words[] = {0x396c3686d86ea5d0, 0x18acad8f970b1c4d, 0x39e2ae9d6fd2eddf,
                                       0x7c3eb74268dcef94, 0x43bc34c11fe2ae32, 0x9b0ce62309c85d35};

START_TEST(words_have_known_answers)
{
    for (uint64_t count = 0; count <= 6; count++) {
        uint64_t words[7] = {0};
        ketch_random random = some_random();
        ketch_random_words(&random, words, count);
        ck_assert_uint_eq(random.draw, (count + 1) / 2);
        for (uint64_t i = 0; i < 7; i++)
            ck_assert_uint_eq(words[i], i < count ? known_words[i] : 0);
    }
}
END_TEST

START_TEST(uniforms_have_known_answers)
{
    const double known[] = {0x1.cb61b436c3750p-3, 0x1.cf1574eb7e974p-3, 0x1.0ef0d3047f8aap-2};
    ketch_random random = some_random(), filling = some_random();
    double filled[3];
    ketch_random_fill(&filling, filled, 3);
    for (uint64_t i = 0; i < 3; i++) {
        ck_assert_double_eq(kt_uniform(random.seed, random.stream, i), known[i]);
        ck_assert_double_eq(ketch_random_uniform(&random), known[i]);
        ck_assert_double_eq(filled[i], known[i]);
    }
    ck_assert_uint_eq(random.draw, 3);
    ck_assert_uint_eq(filling.draw, 3);
}
END_TEST

static const struct {
    uint64_t bound, numbers[3], draws;
} known_below[] = {
    {0, {0, 0, 0}, 3},
    {1, {0, 0, 0}, 3},
    {6, {1, 1, 1}, 3},
    {1000, {0xe0, 0xe2, 0x108}, 3},
    {4294967297, {0x396c3687, 0x39e2ae9d, 0x43bc34c1}, 3},
    {0x7fffffffffffffff, {0x1cb61b436c3752e7, 0x1cf1574eb7e976ef, 0x21de1a608ff15718}, 3},
    {0x8000000000000000, {0x1cb61b436c3752e8, 0x1cf1574eb7e976ef, 0x21de1a608ff15719}, 3},
    {0x8000000000000001, {0x1cf1574eb7e976ef, 0x730d8c763947c59d, 0x67e8e3ae5b0780ab}, 6},
    {0xffffffffffffffff, {0x396c3686d86ea5cf, 0x39e2ae9d6fd2edde, 0x43bc34c11fe2ae31}, 3},
};

START_TEST(numbers_below_have_known_answers)
{
    ketch_random random = some_random();
    for (int i = 0; i < 3; i++)
        ck_assert_uint_eq(ketch_random_below(&random, known_below[_i].bound),
                          known_below[_i].numbers[i]);
    ck_assert_uint_eq(random.draw, known_below[_i].draws);
}
END_TEST

START_TEST(normals_have_known_answers)
{
    const double known[] = {1.421520126957099, -1.7170432542025147, -1.2843054206399769,
                            -0.054709936904985865};
    ketch_random random = some_random();
    for (int i = 0; i < 4; i++)
        ck_assert_double_eq_tol(ketch_random_normal(&random), known[i], 1e-14);
    ck_assert_uint_eq(random.draw, 4);
}
END_TEST

START_TEST(split_has_known_answers)
{
    ck_assert_uint_eq(ketch_random_split(0, 0), 0x7d3a203420c14795);
    ck_assert_uint_eq(ketch_random_split(0, 1), 0x4845b81b2808dd3f);
    ck_assert_uint_eq(ketch_random_split(1, 0), 0x280707e0b9965d5c);
    ck_assert_uint_eq(ketch_random_split(seed_0, UINT64_MAX), 0x2426ab43a019ec4e);
    ck_assert_uint_eq(ketch_random_split(UINT64_MAX, UINT64_MAX), 0x3cdccf307ec68aec);
}
END_TEST

START_TEST(null_gives_zeros)
{
    uint64_t words[3] = {1, 1, 1};
    double numbers[2] = {1, 1};
    ketch_random_words(NULL, words, 3);
    ketch_random_fill(NULL, numbers, 2);
    ck_assert(!words[0] && !words[1] && !words[2] && numbers[0] == 0 && numbers[1] == 0);
    ck_assert_double_eq(ketch_random_uniform(NULL), 0);
    ck_assert_double_eq(ketch_random_normal(NULL), 0);
    ck_assert_uint_eq(ketch_random_below(NULL, 5), 0);
}
END_TEST

/* ---- against chance: fixed draws, limits that chance exceeds once in 10,000 times ---- */

START_TEST(numbers_below_are_flat)
{
    enum { BOUND = 7, DRAWS = 140000 };
    ketch_random random = {.seed = 5, .stream = ketch_random_stream(1, 0, (uint32_t)_i)};
    uint32_t bins[BOUND] = {0};
    for (int i = 0; i < DRAWS; i++)
        bins[ketch_random_below(&random, BOUND)]++;
    double chi = 0;
    for (int i = 0; i < BOUND; i++)
        chi += pow((double)bins[i] - DRAWS / BOUND, 2) / (DRAWS / BOUND);
    ck_assert_double_lt(chi, 27.9); /* 6 degrees of freedom */
}
END_TEST

/* Of a bound of 3 * 2^62 a quarter of the words is drawn again, and a method with a bias would give
 * a third of the numbers twice as often. */
START_TEST(large_bounds_have_no_bias)
{
    enum { DRAWS = 90000 };
    const uint64_t third = UINT64_C(1) << 62;
    ketch_random random = {.seed = 6};
    uint32_t bins[3] = {0};
    for (int i = 0; i < DRAWS; i++) {
        const uint64_t number = ketch_random_below(&random, 3 * third);
        ck_assert_uint_lt(number, 3 * third);
        bins[number / third]++;
    }
    double chi = 0;
    for (int i = 0; i < 3; i++)
        chi += pow((double)bins[i] - DRAWS / 3, 2) / (DRAWS / 3);
    ck_assert_double_lt(chi, 18.4); /* 2 degrees of freedom */
    const double draws = (double)random.draw / DRAWS;
    ck_assert_double_eq_tol(draws, 4.0 / 3, 0.01);
}
END_TEST

/* Sixteen bins of equal probability, and the first four moments. */
START_TEST(normals_are_normal)
{
    enum { BINS = 16, DRAWS = 160000 };
    ketch_random random = {.seed = 7, .stream = ketch_random_stream(2, 1, (uint32_t)_i)};
    uint32_t bins[BINS] = {0};
    double moments[5] = {0};
    for (int i = 0; i < DRAWS; i++) {
        const double x = ketch_random_normal(&random);
        ck_assert(fabs(x) < 8.6);
        bins[(int)(0.5 * erfc(-x / sqrt(2)) * BINS)]++;
        for (int k = 1; k <= 4; k++)
            moments[k] += pow(x, k) / DRAWS;
    }
    double chi = 0;
    for (int i = 0; i < BINS; i++)
        chi += pow((double)bins[i] - DRAWS / BINS, 2) / (DRAWS / BINS);
    ck_assert_double_lt(chi, 44.3);
    ck_assert_double_eq_tol(moments[1], 0, 4 / sqrt(DRAWS));
    ck_assert_double_eq_tol(moments[2], 1, 4 * sqrt(2.0 / DRAWS));
    ck_assert_double_eq_tol(moments[3], 0, 4 * sqrt(15.0 / DRAWS));
    ck_assert_double_eq_tol(moments[4], 3, 4 * sqrt(96.0 / DRAWS));
}
END_TEST

/* Every bit of a seed is 1 for half of the indices: deviation of 40,000 is 100. */
START_TEST(split_mixes_all_bits)
{
    enum { SEEDS = 40000 };
    uint32_t ones[64] = {0}, changed[64] = {0};
    uint64_t before = ketch_random_split(8, 0);
    for (uint64_t i = 1; i <= SEEDS; i++) {
        const uint64_t seed = ketch_random_split(8, i);
        for (int bit = 0; bit < 64; bit++) {
            ones[bit] += (uint32_t)(seed >> bit & 1);
            changed[bit] += (uint32_t)((seed ^ before) >> bit & 1);
        }
        before = seed;
    }
    for (int bit = 0; bit < 64; bit++) {
        ck_assert_double_eq_tol(ones[bit], SEEDS / 2.0, 500);
        ck_assert_double_eq_tol(changed[bit], SEEDS / 2.0, 500);
    }
}
END_TEST

int main(void)
{
    TCase *const cases = tcase_create("random");
    tcase_set_timeout(cases, 60);
    keep_one_thread(cases);
    add_numbers(cases, philox_known_answers, 0, sizeof answers / sizeof *answers - 1,
                "in the list");
    tcase_add_test(cases, uniform_is_made_of_philox);
    add_numbers(cases, uniform_is_flat, 0, 3, "as stream");
    tcase_add_test(cases, neighbours_are_uncorrelated);
    tcase_add_test(cases, streams_keep_their_fields_apart);
    tcase_add_test(cases, words_have_known_answers);
    tcase_add_test(cases, uniforms_have_known_answers);
    for (size_t i = 0; i < sizeof known_below / sizeof *known_below; i++)
        add_indexed(cases, numbers_below_have_known_answers, (int)i, "below %llu",
                    (unsigned long long)known_below[i].bound);
    tcase_add_test(cases, normals_have_known_answers);
    tcase_add_test(cases, split_has_known_answers);
    tcase_add_test(cases, null_gives_zeros);
    add_numbers(cases, numbers_below_are_flat, 0, 3, "as index");
    tcase_add_test(cases, large_bounds_have_no_bias);
    add_numbers(cases, normals_are_normal, 0, 3, "as index");
    tcase_add_test(cases, split_mixes_all_bits);
    Suite *const suite = suite_create("random");
    suite_add_tcase(suite, cases);
    return end_with(suite);
}
