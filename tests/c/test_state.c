/* States: setting, reading, views that never change, memory that is refused or used again. */
#define _GNU_SOURCE
#include "ket/state/state.h"
#include "ketch.h"
#include "sanitizers.h"
#include "suite.h"
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const ketch_precision precisions[] = {KETCH_DOUBLE, KETCH_SINGLE};

#define FAILS(call, code, text)                                                                    \
    do {                                                                                           \
        ketch_error error = {.size = sizeof error};                                                \
        ck_assert_int_eq(call, code);                                                              \
        ck_assert_int_eq(error.status, code);                                                      \
        ck_assert_str_eq(error.message, text);                                                     \
    } while (0)

#define GOOD(call) ck_assert_int_eq(call, KETCH_OK)

static ketch_arena *arena_of(uint64_t memory)
{
    const ketch_arena_options options = {.size = sizeof options, .memory = memory};
    ketch_arena *arena;
    GOOD(ketch_arena_create(&arena, &options, NULL));
    return arena;
}

static ketch_arena_stats stats_of(ketch_arena *arena)
{
    ketch_arena_stats stats = {.size = sizeof stats};
    GOOD(ketch_arena_get_stats(&stats, arena, NULL));
    return stats;
}

static ketch_state *state_of(ketch_arena *arena, int32_t qubits, ketch_precision precision)
{
    ketch_state *state;
    GOOD(ketch_state_create(&state, arena, qubits, precision, NULL));
    return state;
}

/* Settled first; without ck_assert, which writes to a file each time. */
static double part_of(const ketch_state *state, uint64_t part)
{
    ktq_state_make_readable(state, NULL);
    return state->precision == KETCH_SINGLE ? (double)((const float *)state->amplitudes)[part]
                                            : ((const double *)state->amplitudes)[part];
}

static bool is_basis(const ketch_state *state, uint64_t index)
{
    for (uint64_t part = 0; part < UINT64_C(2) << state->qubits; part++)
        if (part_of(state, part) != (part == 2 * index))
            return false;
    return true;
}

/* ---- setting --------------------------------------------------------------------------------- */

START_TEST(a_new_state_is_all_zero)
{
    ketch_arena *const arena = arena_of(0);
    for (int32_t n = 1; n <= 17; n++)
        for (int used = 0; used < 2; used++) { /* the second one finds the first one's memory */
            ketch_state *const state = state_of(arena, n, precisions[_i]);
            ck_assert_int_eq(ketch_state_qubits(state), n);
            ck_assert_int_eq(ketch_state_precision(state), precisions[_i]);
            const void *amplitudes;
            GOOD(ketch_state_amplitudes(&amplitudes, state, NULL));
            ck_assert_ptr_eq(amplitudes, state->amplitudes);
            ck_assert(is_basis(state, 0));
            memset(state->amplitudes, 255, ktq_state_size(state));
            ketch_state_drop(state);
        }
    ketch_arena_drop(arena);
}
END_TEST

/* The amplitude of a product state, factor by factor. */
static double product_of(const char *ket, uint64_t index)
{
    double amplitude = 1;
    for (size_t i = 0, n = strlen(ket); i < n; i++) {
        const bool one = index >> (n - 1 - i) & 1;
        switch (ket[i]) {
        case '0':
            amplitude *= !one;
            break;
        case '1':
            amplitude *= one;
            break;
        case '+':
            amplitude *= sqrt(0.5);
            break;
        default:
            amplitude *= one ? -sqrt(0.5) : sqrt(0.5);
        }
    }
    return amplitude;
}

static void check_ket(ketch_state *state, const char *ket)
{
    const double tolerance = state->precision == KETCH_SINGLE ? 1e-7 : 1e-15;
    GOOD(ketch_state_set_ket(state, ket, NULL));
    ck_assert_int_eq(state->is_basis, !strpbrk(ket, "+-"));
    for (uint64_t i = 0; i < UINT64_C(1) << state->qubits; i++)
        if (fabs(part_of(state, 2 * i) - product_of(ket, i)) > tolerance ||
            part_of(state, 2 * i + 1) != 0)
            ck_abort_msg("%s, amplitude %d", ket, (int)i);
}

START_TEST(every_ket_of_few_qubits)
{
    ketch_arena *const arena = arena_of(0);
    for (int32_t n = 1; n <= 4; n++) {
        ketch_state *const state = state_of(arena, n, precisions[_i]);
        for (int number = 0; number < 1 << 2 * n; number++) {
            char ket[5] = "";
            for (int i = 0; i < n; i++)
                ket[i] = "01+-"[number >> 2 * i & 3];
            check_ket(state, ket);
        }
        GOOD(ketch_state_set_ket(state, NULL, NULL));
        ck_assert(is_basis(state, 0));
        ketch_state_drop(state);
    }
    ketch_state *const state = state_of(arena, 12, precisions[_i]);
    check_ket(state, "+0-1+0-1++--");
    check_ket(state, "------------");
    check_ket(state, "011010001110");
    ketch_state_drop(state);
    ketch_arena_drop(arena);
}
END_TEST

START_TEST(wrong_kets_are_refused)
{
    ketch_arena *const arena = arena_of(0);
    ketch_state *const state = state_of(arena, 3, KETCH_DOUBLE);
    GOOD(ketch_state_set_ket(state, "+-1", NULL));
    const uint64_t changes = state->changes;
    FAILS(ketch_state_set_ket(state, "0101", &error), KETCH_SHAPE,
          "a ket has one character a qubit: given 4, allowed 3");
    FAILS(ketch_state_set_ket(state, "", &error), KETCH_SHAPE,
          "a ket has one character a qubit: given 0, allowed 3");
    FAILS(ketch_state_set_ket(state, "01x", &error), KETCH_SYNTAX,
          "character 3 of the ket: given 'x', allowed 0 1 + -");
    FAILS(ketch_state_set_ket(state,
                              "\xc3\xa4"
                              "1",
                              &error),
          KETCH_SYNTAX, "character 1 of the ket: given byte 0xc3, allowed 0 1 + -");
    FAILS(ketch_state_set_ket(NULL, "0", &error), KETCH_HANDLE,
          "state: given NULL, allowed a state");
    char *const endless = malloc(5001);
    memset(endless, '0', 5000);
    endless[5000] = 0;
    FAILS(ketch_state_set_ket(state, endless, &error), KETCH_SHAPE,
          "a ket has one character a qubit: given 1000 or more, allowed 3");
    free(endless);
    ck_assert_uint_eq(state->changes, changes);
    ck_assert(fabs(part_of(state, 2) - 0.5) < 1e-15);
    ketch_state_drop(state);
    ketch_arena_drop(arena);
}
END_TEST

/* Any numbers, of any norm. */
static void fill(void *numbers, ketch_precision precision, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const double value = sin(1.0 + (double)(i * i));
        if (precision == KETCH_SINGLE)
            ((float *)numbers)[i] = (float)value;
        else
            ((double *)numbers)[i] = value;
    }
}

START_TEST(amplitudes_are_taken_and_converted)
{
    enum { PARTS = 2 << 9 };
    ketch_arena *const arena = arena_of(0);
    const ketch_precision from = precisions[_i & 1];
    ketch_state *const state = state_of(arena, 9, precisions[_i >> 1]);
    const double tolerance = _i == 0 ? 1e-15 : 1e-7;
    void *const numbers = malloc(PARTS * 8);
    fill(numbers, from, PARTS);
    GOOD(ketch_state_set_amplitudes(state, numbers, PARTS / 2, from, 1, NULL));
    double norm = 0;
    for (size_t i = 0; i < PARTS; i++)
        norm += pow(sin(1.0 + (double)(i * i)), 2);
    for (size_t i = 0; i < PARTS; i++)
        if (fabs(part_of(state, i) - sin(1.0 + (double)(i * i)) / sqrt(norm)) > tolerance)
            ck_abort_msg("part %d", (int)i);
    ketch_state *const copy = state_of(arena, 9, from);
    GOOD(ketch_state_set_amplitudes(copy, state->amplitudes, PARTS / 2, state->precision, 0, NULL));
    for (size_t i = 0; i < PARTS; i++)
        if (part_of(copy, i) !=
            (from == KETCH_SINGLE ? (float)part_of(state, i) : part_of(state, i)))
            ck_abort_msg("copied part %d", (int)i);
    free(numbers);
    ketch_state_drop(state);
    ketch_state_drop(copy);
    ketch_arena_drop(arena);
}
END_TEST

START_TEST(wrong_amplitudes_are_refused)
{
    ketch_arena *const arena = arena_of(0);
    ketch_state *const state = state_of(arena, 2, KETCH_DOUBLE);
    GOOD(ketch_state_set_ket(state, "10", NULL));
    double good[8] = {0.6, 0, 0, 0.8}, half[8] = {0.5}, zero[8] = {0},
           bad[8] = {1, 0, 0, 0, 0, NAN};
    const double huge[8] = {1e200};
    const float endless[8] = {0, 0, -INFINITY};
    FAILS(ketch_state_set_amplitudes(NULL, good, 4, KETCH_DOUBLE, 0, &error), KETCH_HANDLE,
          "state: given NULL, allowed a state");
    FAILS(ketch_state_set_amplitudes(state, NULL, 4, KETCH_DOUBLE, 0, &error), KETCH_BUFFER,
          "no amplitudes: given NULL, allowed 4 amplitudes");
    FAILS(ketch_state_set_amplitudes(state, good, 3, KETCH_DOUBLE, 0, &error), KETCH_SHAPE,
          "a state of 2 qubits has 2^2 amplitudes: given 3, allowed 4");
    FAILS(ketch_state_set_amplitudes(state, good, 4, (ketch_precision)3, 0, &error), KETCH_RANGE,
          "no such precision: given 3, allowed 0 (default), 1 (double) or 2 (single)");
    FAILS(ketch_state_set_amplitudes(state, bad, 4, KETCH_DOUBLE, 1, &error), KETCH_NONFINITE,
          "the imaginary part of amplitude 2 is not finite: given nan, allowed finite numbers");
    FAILS(ketch_state_set_amplitudes(state, endless, 4, KETCH_SINGLE, 1, &error), KETCH_NONFINITE,
          "the real part of amplitude 1 is not finite: given -inf, allowed finite numbers");
    FAILS(ketch_state_set_amplitudes(state, half, 4, KETCH_DOUBLE, 0, &error), KETCH_NORM,
          "the norm of the amplitudes (ketch_state_set_amplitudes can normalise them): given 0.5, "
          "allowed 1 within 1e-06");
    FAILS(ketch_state_set_amplitudes(state, zero, 4, KETCH_DOUBLE, 1, &error), KETCH_NORM,
          "amplitudes of this norm cannot be normalised: given 0, allowed more than 0, and squares "
          "that do not overflow");
    FAILS(
        ketch_state_set_amplitudes(state, huge, 4, KETCH_DOUBLE, 1, &error), KETCH_NORM,
        "amplitudes of this norm cannot be normalised: given inf, allowed more than 0, and squares "
        "that do not overflow");
    ck_assert(is_basis(state, 2));
    FAILS(ketch_state_set_amplitudes(state, (double *)state->amplitudes + 2, 4, KETCH_DOUBLE, 0,
                                     &error),
          KETCH_BUFFER, "the amplitudes overlap the state's own memory");
    GOOD(ketch_state_set_amplitudes(state, state->amplitudes, 4, KETCH_DOUBLE, 0, NULL));
    ck_assert(is_basis(state, 2));
    GOOD(ketch_state_set_amplitudes(state, good, 4, KETCH_PRECISION_DEFAULT, 0, NULL));
    ck_assert(part_of(state, 0) == 0.6 && part_of(state, 3) == 0.8);
    ketch_state_drop(state);
    ketch_arena_drop(arena);
}
END_TEST

/* ---- adopted buffers ------------------------------------------------------------------------- */

START_TEST(adopted_buffers_are_written_in_place)
{
    ketch_arena *const arena = arena_of(0);
    _Alignas(16) double buffer[9] = {0.6, 0, 0, 0.8, 0, 0, 0, 0, 42};
    const double other[8] = {0, 0, 0, 0, 0, 0, 0, 1};
    ketch_state *state;
    ketch_block *block = (ketch_block *)buffer;
    GOOD(ketch_state_adopt(&state, arena, 2, KETCH_DOUBLE, buffer, 64, NULL));
    ck_assert(part_of(state, 3) == 0.8);
    GOOD(ketch_state_block(&block, state, NULL));
    ck_assert_ptr_null(block);
    GOOD(ketch_state_set_ket(state, "01", NULL));
    ck_assert(buffer[2] == 1 && buffer[0] == 0 && buffer[3] == 0);
    GOOD(ketch_state_set_amplitudes(state, other, 4, KETCH_DOUBLE, 0, NULL));
    ck_assert(buffer[7] == 1 && buffer[2] == 0);
    GOOD(ketch_state_set_ket(state, "-1", NULL));
    ck_assert(fabs(buffer[2] - sqrt(0.5)) < 1e-15 && fabs(buffer[6] + sqrt(0.5)) < 1e-15);
    ck_assert(buffer[8] == 42);
    ketch_state_drop(state);
    ck_assert(fabs(buffer[2] - sqrt(0.5)) < 1e-15);
    ketch_arena_drop(arena);
}
END_TEST

START_TEST(wrong_buffers_are_refused)
{
    ketch_arena *const arena = arena_of(0);
    _Alignas(16) double buffer[10] = {1};
    ketch_state *state;
    FAILS(ketch_state_adopt(NULL, arena, 2, KETCH_DOUBLE, buffer, 64, &error), KETCH_HANDLE,
          "state: given NULL, allowed a place for the new state");
    FAILS(ketch_state_adopt(&state, arena, 2, KETCH_DOUBLE, NULL, 64, &error), KETCH_BUFFER,
          "no buffer for the amplitudes: given NULL, allowed 64 bytes, aligned to 16");
    FAILS(ketch_state_adopt(&state, arena, 2, KETCH_DOUBLE, buffer, 63, &error), KETCH_BUFFER,
          "the buffer is too small: given 63 bytes, allowed 64 bytes, aligned to 16");
    FAILS(
        ketch_state_adopt(&state, arena, 2, KETCH_DOUBLE, buffer + 1, 64, &error), KETCH_BUFFER,
        "the buffer is misaligned: given an address 8 bytes off, allowed 64 bytes, aligned to 16");
    buffer[0] = 2;
    FAILS(ketch_state_adopt(&state, arena, 2, KETCH_DOUBLE, buffer, 64, &error), KETCH_NORM,
          "the norm of the amplitudes (ketch_state_set_amplitudes can normalise them): given 2, "
          "allowed 1 within 1e-06");
    buffer[5] = INFINITY;
    FAILS(ketch_state_adopt(&state, arena, 2, KETCH_DOUBLE, buffer, 64, &error), KETCH_NONFINITE,
          "the imaginary part of amplitude 2 is not finite: given inf, allowed finite numbers");
    ck_assert_ptr_null(state);
    ck_assert_uint_eq(stats_of(arena).takes, 0);
    ketch_arena_drop(arena);
}
END_TEST

/* ---- views ----------------------------------------------------------------------------------- */

typedef void (*write_state)(ketch_state *state);

static void write_ket(ketch_state *state)
{
    GOOD(ketch_state_set_ket(state, "0111", NULL));
}

static void write_product_ket(ketch_state *state)
{
    GOOD(ketch_state_set_ket(state, "-+-+", NULL));
}

static void write_numbers(ketch_state *state)
{
    double numbers[32];
    fill(numbers, KETCH_DOUBLE, 32);
    GOOD(ketch_state_set_amplitudes(state, numbers, 16, KETCH_DOUBLE, 1, NULL));
}

static void write_measured(ketch_state *state)
{
    int32_t outcome;
    GOOD(ketch_state_measure(&outcome, NULL, state, 1, 0, 0, NULL));
}

static void write_as_run(ketch_state *state)
{
    GOOD(ktq_state_own(state, true, "run", NULL));
    ktq_state_write_basis(state, NULL);
    memset(state->amplitudes, 1, ktq_state_size(state));
}

START_TEST(views_never_change)
{
    static const write_state writes[] = {write_ket, write_product_ket, write_numbers,
                                         write_measured, write_as_run};
    ketch_arena *const arena = arena_of(0);
    for (int begin = 0; begin < 2; begin++)
        for (size_t i = 0; i < sizeof writes / sizeof *writes; i++) {
            ketch_state *const state = state_of(arena, 4, precisions[_i]);
            if (begin)
                write_product_ket(state);
            ketch_block *view, *second;
            GOOD(ketch_state_block(&view, state, NULL));
            GOOD(ketch_state_block(&second, state, NULL));
            ck_assert_ptr_eq(view, second);
            unsigned char before[16 * 16];
            const size_t size = ktq_state_size(state);
            memcpy(before, ketch_block_data(view), size);
            writes[i](state);
            ktq_state_make_readable(state, NULL);
            ck_assert_ptr_ne(state->amplitudes, ketch_block_data(view));
            writes[(i + 1) % 5](state);
            ck_assert_mem_eq(before, ketch_block_data(view), size);
            GOOD(ketch_block_drop(view));
            ketch_state_drop(state);
            ck_assert_mem_eq(before, ketch_block_data(second), size);
            GOOD(ketch_block_drop(second));
        }
    ck_assert_uint_eq(stats_of(arena).used, 0);
    ketch_arena_drop(arena);
}
END_TEST

START_TEST(without_views_memory_stays)
{
    ketch_arena *const arena = arena_of(0);
    ketch_state *const state = state_of(arena, 4, precisions[_i]);
    const void *const place = state->amplitudes;
    ketch_block *view;
    GOOD(ketch_state_block(&view, state, NULL));
    GOOD(ketch_block_drop(view));
    write_numbers(state);
    write_ket(state);
    write_measured(state);
    ck_assert_ptr_eq(place, state->amplitudes);
    GOOD(ktq_state_own(state, true, "run", NULL));
    ck_assert_ptr_eq(place, state->amplitudes);
    ketch_state_drop(state);
    ketch_arena_drop(arena);
}
END_TEST

START_TEST(owning_keeps_amplitudes)
{
    ketch_arena *const arena = arena_of(0);
    ketch_state *const state = state_of(arena, 4, precisions[_i]);
    write_product_ket(state);
    ketch_block *view;
    GOOD(ketch_state_block(&view, state, NULL));
    GOOD(ktq_state_own(state, true, "run", NULL));
    ck_assert_ptr_ne(ketch_block_data(view), state->amplitudes);
    ck_assert_mem_eq(ketch_block_data(view), state->amplitudes, ktq_state_size(state));
    GOOD(ketch_block_drop(view));
    ketch_state_drop(state);
    ketch_arena_drop(arena);
}
END_TEST

START_TEST(views_outlive_everything)
{
    ketch_arena *const arena = arena_of(0);
    ketch_state *const state = state_of(arena, 4, precisions[_i]);
    write_ket(state);
    ck_assert_ptr_eq(ketch_state_share(state), state);
    ketch_arena_drop(arena);
    ketch_state_drop(state);
    ck_assert(is_basis(state, 7));
    ketch_block *view;
    GOOD(ketch_state_block(&view, state, NULL));
    ketch_state_drop(state);
    const void *const amplitudes = ketch_block_data(view);
    ck_assert(precisions[_i] == KETCH_SINGLE ? ((const float *)amplitudes)[14] == 1
                                             : ((const double *)amplitudes)[14] == 1);
    GOOD(ketch_block_drop(view));
}
END_TEST

/* ---- modes ----------------------------------------------------------------------------------- */

static const char busy_text[] = "a run works on the state: wait for its end or its next fence";
static const char held_text[] = "a run that has not ended holds the state: carry it to its end or "
                                "destroy its result";
static const char suspended_text[] = "the state is suspended between two fences, after 12 steps: "
                                     "resume its run, set the state anew, "
                                     "or let runs stop at fences";

/* What every call that reads says. */
static void check_readers(ketch_state *state, ketch_status status, const char *text)
{
    const void *amplitudes;
    ketch_block *block;
    double number[2];
    uint64_t shot;
    FAILS(ketch_state_amplitudes(&amplitudes, state, &error), status, text);
    FAILS(ketch_state_block(&block, state, &error), status, text);
    FAILS(ketch_state_norm(number, NULL, state, &error), status, text);
    FAILS(ketch_state_inner(number, NULL, state, state, &error), status, text);
    FAILS(ketch_state_probabilities(number, 1, NULL, state, 0, NULL, &error), status, text);
    FAILS(ketch_state_sample(&shot, 1, NULL, state, 0, 0, &error), status, text);
}

START_TEST(modes_say_who_may_read)
{
    ketch_arena *const arena = arena_of(0);
    ketch_state *const state = state_of(arena, 4, KETCH_DOUBLE);
    const void *amplitudes;
    double norm, numbers[32] = {1};
    int32_t outcome;
    state->mode = KTQ_STATE_RUNNING;
    check_readers(state, KETCH_BUSY, busy_text);
    for (int fence = 0; fence < 2; fence++) {
        state->mode = fence ? KTQ_STATE_FENCE : KTQ_STATE_RUNNING;
        const char *const text = fence ? held_text : busy_text;
        const uint64_t takes = stats_of(arena).takes;
        FAILS(ketch_state_set_ket(state, "1111", &error), KETCH_BUSY, text);
        FAILS(ketch_state_set_amplitudes(state, numbers, 16, KETCH_DOUBLE, 0, &error), KETCH_BUSY,
              text);
        FAILS(ketch_state_measure(&outcome, NULL, state, 0, 0, 0, &error), KETCH_BUSY, text);
        FAILS(ktq_state_own(state, true, "run", &error), KETCH_BUSY, text);
        ck_assert_uint_eq(stats_of(arena).takes, takes);
    }
    GOOD(ketch_state_amplitudes(&amplitudes, state, NULL));
    GOOD(ketch_state_norm(&norm, NULL, state, NULL));
    state->mode = KTQ_STATE_SUSPENDED;
    state->done = 12;
    check_readers(state, KETCH_SUSPENDED, suspended_text);
    FAILS(ketch_state_measure(&outcome, NULL, state, 0, 0, 0, &error), KETCH_SUSPENDED,
          suspended_text);
    FAILS(ktq_state_own(state, true, "run", &error), KETCH_SUSPENDED, suspended_text);
    ck_assert(state->mode == KTQ_STATE_SUSPENDED);
    const uint64_t changes = state->changes;
    GOOD(ketch_state_set_ket(state, "1000", NULL));
    ck_assert_uint_ne(state->changes, changes);
    ck_assert(is_basis(state, 8));
    state->mode = KTQ_STATE_SUSPENDED;
    GOOD(ketch_state_set_amplitudes(state, numbers, 16, KETCH_DOUBLE, 0, NULL));
    ck_assert(is_basis(state, 0));
    ketch_state_drop(state);
    ketch_arena_drop(arena);
}
END_TEST

START_TEST(a_run_keeps_views_taken_at_fences)
{
    ketch_arena *const arena = arena_of(0);
    ketch_state *const state = state_of(arena, 4, KETCH_DOUBLE);
    write_product_ket(state);
    state->mode = KTQ_STATE_FENCE;
    ketch_block *view;
    GOOD(ketch_state_block(&view, state, NULL));
    state->mode = KTQ_STATE_RUNNING;
    GOOD(ktq_state_unshare(state, true, "run", NULL));
    ck_assert_ptr_ne(ketch_block_data(view), state->amplitudes);
    ck_assert_mem_eq(ketch_block_data(view), state->amplitudes, ktq_state_size(state));
    ck_assert(state->mode == KTQ_STATE_RUNNING);
    GOOD(ketch_block_drop(view));
    state->mode = KTQ_STATE_READY;
    ketch_state_drop(state);
    ketch_arena_drop(arena);
}
END_TEST

/* ---- memory ---------------------------------------------------------------------------------- */

START_TEST(wrong_shapes_take_nothing)
{
    ketch_arena *const arena = arena_of(0);
    _Alignas(16) double buffer[4] = {1};
    ketch_state *state;
    for (int32_t n = -2; n <= 1100; n++) {
        if (n >= 1 && n <= KETCH_QUBITS_MAX)
            continue;
        ketch_error error = {.size = sizeof error};
        char text[200];
        snprintf(text, sizeof text,
                 "the number of qubits (more than 58 have amplitudes that 64-bit sizes cannot "
                 "count): given %d, allowed 1..58",
                 (int)n);
        ck_assert_int_eq(ketch_state_create(&state, arena, n, precisions[_i], &error), KETCH_RANGE);
        ck_assert_str_eq(error.message, text);
        ck_assert_int_eq(ketch_state_adopt(&state, arena, n, precisions[_i], buffer, 32, &error),
                         KETCH_RANGE);
        ck_assert_str_eq(error.message, text);
        ck_assert_str_eq(error.function, "ketch_state_adopt");
        ck_assert_ptr_null(state);
    }
    FAILS(ketch_state_create(&state, arena, 2, (ketch_precision)-1, &error), KETCH_RANGE,
          "no such precision: given -1, allowed 0 (default), 1 (double) or 2 (single)");
    FAILS(ketch_state_create(&state, NULL, 2, KETCH_DOUBLE, &error), KETCH_HANDLE,
          "arena: given NULL, allowed an arena");
    FAILS(ketch_state_create(NULL, arena, 2, KETCH_DOUBLE, &error), KETCH_HANDLE,
          "state: given NULL, allowed a place for the new state");
    ck_assert_uint_eq(stats_of(arena).takes, 0);
    ketch_arena_drop(arena);
}
END_TEST

START_TEST(a_small_budget_names_what_fits)
{
    ketch_arena *const arena = arena_of(64 << 20);
    ketch_state *state;
    FAILS(ketch_state_create(&state, arena, 23, KETCH_DOUBLE, &error), KETCH_MEMORY,
          "not enough memory for a state of 23 qubits (the largest number of qubits that fits is "
          "21), limited by the "
          "memory budget: given 134217728 bytes (128 MiB), allowed 67104768 bytes (63.9 MiB)");
    ck_assert_ptr_null(state);
    ketch_state *const fits = state_of(arena, 21, KETCH_DOUBLE);
    FAILS(ketch_state_create(&state, arena, 21, KETCH_DOUBLE, &error), KETCH_MEMORY,
          "not enough memory for a state of 21 qubits (the largest number of qubits that fits is "
          "20), limited by the "
          "memory budget: given 33554432 bytes (32 MiB), allowed 33546240 bytes (31.9 MiB)");
    ketch_state_drop(fits);
    ketch_arena_drop(arena);
}
END_TEST

START_TEST(a_refused_copy_changes_nothing)
{
    ketch_arena *const arena = arena_of(3 << 20);
    ketch_state *const state = state_of(arena, 17, KETCH_DOUBLE); /* 2 MiB */
    const int32_t basis = 5;
    GOOD(ketch_state_set_ket(state, "00000000000000101", NULL));
    ketch_block *view;
    GOOD(ketch_state_block(&view, state, NULL));
    int32_t outcome;
    ketch_error error = {.size = sizeof error};
    ck_assert_int_eq(ketch_state_set_ket(state, NULL, &error), KETCH_MEMORY);
    ck_assert_ptr_nonnull(strstr(error.message, "a second copy (a view holds the first) of 17 "));
    ck_assert_int_eq(ketch_state_measure(&outcome, NULL, state, 0, 0, 0, NULL), KETCH_MEMORY);
    ck_assert(is_basis(state, basis));
    GOOD(ketch_block_drop(view));
    GOOD(ketch_state_set_ket(state, NULL, NULL));
    ck_assert(is_basis(state, 0));
    ketch_state_drop(state);
    ketch_arena_drop(arena);
}
END_TEST

static long resident_pages(void)
{
    long whole = 0, resident = 0;
    FILE *const file = fopen("/proc/self/statm", "r");
    if (file) {
        ck_assert_int_eq(fscanf(file, "%ld %ld", &whole, &resident), 2);
        fclose(file);
    }
    return resident;
}

/* Of this process alone: others may keep the machine busy. */
static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

START_TEST(too_big_is_refused_at_once)
{
    ketch_arena *const arena = arena_of(0);
    ketch_state *state;
    (void)ketch_state_create(&state, arena, 58, precisions[_i], NULL);
    const long before = resident_pages();
    double best = 1;
    for (int32_t n = 44; n <= KETCH_QUBITS_MAX; n++) { /* 128 TiB and up */
        ketch_error error = {.size = sizeof error};
        const double began = seconds_now();
        ck_assert_int_eq(ketch_state_create(&state, arena, n, precisions[_i], &error),
                         KETCH_MEMORY);
        best = fmin(best, seconds_now() - began);
        ck_assert_ptr_nonnull(strstr(error.message, "(the largest number of qubits that fits is "));
    }
    ck_assert_double_lt(best, 1e-3);
    if (!WITH_ASAN) /* which keeps what was freed */
        ck_assert_int_lt((resident_pages() - before) * sysconf(_SC_PAGESIZE), 1 << 20);
    ck_assert_uint_eq(stats_of(arena).used, 0);
    ketch_arena_drop(arena);
}
END_TEST

START_TEST(made_again_nothing_is_mapped)
{
    ketch_arena *const arena = arena_of(0);
    ketch_arena_stats first = {0};
    for (int i = 0; i < 100; i++) {
        ketch_state *const state = state_of(arena, 12, precisions[_i]);
        const void *amplitudes;
        GOOD(ketch_state_amplitudes(&amplitudes, state, NULL));
        ketch_state_drop(state);
        if (i == 0)
            first = stats_of(arena);
    }
    ck_assert_uint_eq(stats_of(arena).maps, first.maps);
    ck_assert_uint_eq(stats_of(arena).takes, 200);
    ck_assert_uint_eq(stats_of(arena).reuses, 200 - first.takes);
    ketch_arena_drop(arena);
}
END_TEST

START_TEST(null_is_harmless)
{
    ketch_state_drop(NULL);
    ck_assert_ptr_null(ketch_state_share(NULL));
    ck_assert_int_eq(ketch_state_qubits(NULL), 0);
    ck_assert_int_eq(ketch_state_precision(NULL), KETCH_PRECISION_DEFAULT);
    FAILS(ketch_state_amplitudes(NULL, NULL, &error), KETCH_HANDLE,
          "amplitudes: given NULL, allowed a place for the address");
    FAILS(ketch_state_block(NULL, NULL, &error), KETCH_HANDLE,
          "block: given NULL, allowed a place for the block");
    const void *amplitudes;
    const uint64_t other[16] = {0};
    FAILS(ketch_state_amplitudes(&amplitudes, (const ketch_state *)other, &error), KETCH_HANDLE,
          "state: given something else, or one that was ended, allowed a state");
}
END_TEST

/* The last count that is allowed fails by what comes after it. */
START_TEST(limits_of_what_is_read)
{
    ketch_engine *engine = NULL;
    ketch_state *state = NULL;
    double read[4];
    const int32_t below[] = {0, -1};
    GOOD(ketch_engine_create(&engine, NULL, NULL));
    GOOD(ketch_state_create(&state, ketch_engine_arena(engine), 2, KETCH_DOUBLE, NULL));
    FAILS(ketch_state_probabilities(read, 4, engine, state, 2, below, &error), KETCH_INDEX,
          "no such qubit: given -1, allowed 0..1");
    FAILS(ketch_state_expectation(read, engine, state, 1 << 28, NULL, NULL, &error), KETCH_BUFFER,
          "no list of terms: given NULL, allowed 268435456 numbers");
    FAILS(ketch_state_expectation(read, engine, state, (1 << 28) + 1, NULL, NULL, &error),
          KETCH_RANGE, "the number of terms: given 268435457, allowed 0..268435456");
    ketch_state_drop(state);
    GOOD(ketch_engine_destroy(engine, NULL));
}
END_TEST

int main(void)
{
    static const char *const pairs[] = {"double from double", "double from single",
                                        "single from double", "single from single"};
    Suite *const suite = suite_create("state");
    TCase *const each = tcase_create("each precision"), *const once = tcase_create("once");
    tcase_set_timeout(each, 60);
    tcase_set_timeout(once, 60);
    add_precisions(each, a_new_state_is_all_zero);
    add_precisions(each, every_ket_of_few_qubits);
    add_list(each, amplitudes_are_taken_and_converted, pairs, 4);
    add_precisions(each, views_never_change);
    add_precisions(each, without_views_memory_stays);
    add_precisions(each, owning_keeps_amplitudes);
    add_precisions(each, views_outlive_everything);
    add_precisions(each, wrong_shapes_take_nothing);
    add_precisions(each, too_big_is_refused_at_once);
    add_precisions(each, made_again_nothing_is_mapped);
    tcase_add_test(once, wrong_kets_are_refused);
    tcase_add_test(once, wrong_amplitudes_are_refused);
    tcase_add_test(once, adopted_buffers_are_written_in_place);
    tcase_add_test(once, wrong_buffers_are_refused);
    tcase_add_test(once, modes_say_who_may_read);
    tcase_add_test(once, a_run_keeps_views_taken_at_fences);
    tcase_add_test(once, a_small_budget_names_what_fits);
    tcase_add_test(once, a_refused_copy_changes_nothing);
    tcase_add_test(once, null_is_harmless);
    tcase_add_test(once, limits_of_what_is_read);
    suite_add_tcase(suite, each);
    suite_add_tcase(suite, once);
    return end_with(suite);
}
