/* Philox against the known answers of the Random123 distribution, and what is made of it. */
#include "rng.h"
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

int main(void)
{
    TCase *const cases = tcase_create("rng");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, philox_known_answers, 0, sizeof answers / sizeof *answers);
    tcase_add_test(cases, uniform_is_made_of_philox);
    tcase_add_loop_test(cases, uniform_is_flat, 0, 4);
    tcase_add_test(cases, neighbours_are_uncorrelated);
    Suite *const suite = suite_create("rng");
    suite_add_tcase(suite, cases);
    return end_with(suite);
}
