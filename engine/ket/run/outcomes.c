/* The classical bits of a circuit's run, and how often each row occurs. */
#include "ket/run/run.h"

#include "hash.h"
#include "sort.h"
#include "status.h"

#include <string.h>

ketch_state *ketch_circuit_result_state(const ketch_result *result)
{
    const ktq_run *const run = ketch_result_user(result, &ktq_circuit_type);
    return run ? run->state : NULL;
}

/* The number of shots whose bits are complete. */
static uint64_t finished_shots(const ktq_run *run)
{
    if (run->repeats > 1)
        return run->at.shot;
    return run->at.shot ? run->shots : 0;
}

ketch_status ketch_circuit_result_outcomes(ketch_outcomes *outcomes, const ketch_result *result,
                                           ketch_error *error)
{
    const ktq_run *run = NULL;
    KT_TRY(ktq_run_find(&run, result, __func__, error));
    const ketch_outcomes full = {
        .size = sizeof full,
        .shots = finished_shots(run),
        .bits = (uint64_t)run->program->plan->bits,
        .rows = run->rows,
        .block = run->rows_block,
    };
    return kt_write_report(outcomes, &full, sizeof full, __func__, "outcomes", error);
}

/* The distinct rows, as a hash table with open addressing. `example` 0 marks a free entry, so
 * examples are stored plus 1. */
typedef struct row_tally {
    const uint8_t *rows;
    uint64_t bits, mask, distinct;
    uint64_t *example, *count; /* mask + 1 entries each */
} row_tally;

static const uint8_t *tally_row(const row_tally *t, uint64_t shot)
{
    return t->rows + shot * t->bits;
}

static void tally_shot(row_tally *t, uint64_t shot)
{
    const uint8_t *const row = tally_row(t, shot);
    uint64_t slot = kt_hash_of(row, (size_t)t->bits) & t->mask;
    while (t->example[slot] &&
           memcmp(tally_row(t, t->example[slot] - 1), row, (size_t)t->bits) != 0)
        slot = (slot + 1) & t->mask;
    if (!t->example[slot]) {
        t->example[slot] = shot + 1;
        t->distinct++;
    }
    t->count[slot]++;
}

/* Moves the used entries to the front. */
static void pack_tally(row_tally *t)
{
    uint64_t next = 0;
    for (uint64_t slot = 0; slot <= t->mask; slot++) {
        if (!t->example[slot])
            continue;
        t->example[next] = t->example[slot] - 1;
        t->count[next++] = t->count[slot];
    }
}

/* True if entry a's row, read as a number, is less than b's. The last bit is the highest. */
static bool row_below(const void *items, uint64_t a, uint64_t b)
{
    const row_tally *const t = items;
    const uint8_t *const x = tally_row(t, t->example[a]), *const y = tally_row(t, t->example[b]);
    for (uint64_t i = t->bits; i-- > 0;)
        if (x[i] != y[i])
            return x[i] < y[i];
    return false;
}

static void swap_entries(void *items, uint64_t a, uint64_t b)
{
    row_tally *const t = items;
    const uint64_t example = t->example[a], count = t->count[a];
    t->example[a] = t->example[b];
    t->count[a] = t->count[b];
    t->example[b] = example;
    t->count[b] = count;
}

static void count_rows(row_tally *t, uint64_t shots)
{
    memset(t->example, 0, (size_t)(t->mask + 1) * sizeof *t->example);
    memset(t->count, 0, (size_t)(t->mask + 1) * sizeof *t->count);
    for (uint64_t shot = 0; shot < shots; shot++)
        tally_shot(t, shot);
    pack_tally(t);
    kt_sort(t, t->distinct, row_below, swap_entries);
}

/* A power of two with room to spare. */
static uint64_t tally_slots(uint64_t shots)
{
    uint64_t slots = 16;
    while (slots < 2 * shots)
        slots *= 2;
    return slots;
}

ketch_status ketch_circuit_result_counts(uint64_t *distinct, uint64_t *examples, uint64_t *counts,
                                         uint64_t capacity, ketch_result *result,
                                         ketch_error *error)
{
    const ktq_run *run = NULL;
    KT_TRY(ktq_run_find(&run, result, __func__, error));
    if (!distinct)
        return kt_fail_handle(error, __func__, "distinct", "a place for their number", NULL);
    if (capacity && (!examples || !counts))
        return kt_fail_handle(error, __func__, examples ? "counts" : "examples",
                              "room for as many numbers as capacity says", NULL);
    const uint64_t slots = tally_slots(finished_shots(run));
    kt_refusal refusal;
    ketch_block *const block =
        kt_arena_take_scratch(run->state->arena, 2 * slots * sizeof(uint64_t), &refusal);
    if (!block)
        return kt_fail_memory(error, __func__, "result", "counting", &refusal);
    uint64_t *const memory = kt_block_data(block);
    const uint8_t none = 0; /* where there are no bits there are no rows */
    row_tally t = {run->rows ? run->rows : &none,
                   (uint64_t)run->program->plan->bits,
                   slots - 1,
                   0,
                   memory,
                   memory + slots};
    count_rows(&t, finished_shots(run));
    *distinct = t.distinct;
    const uint64_t written = t.distinct < capacity ? t.distinct : capacity;
    if (written) {
        memcpy(examples, t.example, (size_t)written * sizeof *examples);
        memcpy(counts, t.count, (size_t)written * sizeof *counts);
    }
    kt_block_drop(block);
    return KETCH_OK;
}
