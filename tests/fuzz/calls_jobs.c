/* A job of the caller's own, in a run that is stopped, saved, loaded and resumed: a table of words,
 * each the sum of random numbers, filled in by a sweep whose indices carry jobs of their own. */
#include "calls.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORDS = 5, ROUNDS = 3, SCRATCH = 64 };

/* A word: the job inside an index. Each round is a step and ends at a fence. */
typedef struct word {
    uint64_t seed, index, rounds, sum;
} word;

typedef struct table {
    ketch_context *context;
    int32_t stage, fails;
    ketch_inner inner[WORDS];
    word words[WORDS];
} table;

/* ---- a word ---- */

static uint64_t draw_round(const word *w)
{
    uint64_t words[3];
    ketch_random random = {.seed = ketch_random_split(w->seed, w->index),
                           .stream = ketch_random_stream(3, 1, (uint32_t)w->rounds)};
    ketch_random_words(&random, words, 3);
    const double uniform = ketch_random_uniform(&random), normal = ketch_random_normal(&random);
    FUZZ_REQUIRE(uniform >= 0 && uniform < 1 && normal - normal == 0);
    const uint64_t below = ketch_random_below(&random, 1 + (w->seed & 15));
    FUZZ_REQUIRE(below <= (w->seed & 15));
    return words[0] ^ words[2] ^ below ^ (uint64_t)(uniform * 1e9);
}

static ketch_status add_round(uint64_t index, int32_t worker, void *user)
{
    word *const w = user;
    FUZZ_REQUIRE(index == 0 && worker >= 0);
    w->sum = w->sum * 31 + draw_round(w);
    return KETCH_OK;
}

/* Odd rounds are serial, even ones a sweep. */
static ketch_status carry_round(ketch_context *context, word *w)
{
    if (w->rounds % 2 == 0)
        return ketch_context_parallel(context, 1, 1, add_round, w);
    const ketch_status status = ketch_context_check(context);
    if (status)
        return status;
    add_round(0, 0, w);
    ketch_context_retire(context, 1);
    return KETCH_OK;
}

static ketch_status advance_word(ketch_context *context, void *user)
{
    word *const w = user;
    if (w->rounds == ROUNDS)
        return KETCH_OK;
    ketch_context_stage(context, w->rounds);
    const ketch_status status = carry_round(context, w);
    if (status)
        return status;
    w->rounds++;
    FUZZ_REQUIRE(!ketch_context_at_fence(context));
    return ketch_context_fence(context, w);
}

static const ketch_job_type word_type = {
    .size = sizeof word_type, .name = "fuzz.word", .version = 1, .advance = advance_word};

/* ---- the table ---- */

static ketch_status begin_fill(ketch_context *context, ketch_sweep *sweep, void *user)
{
    (void)user;
    ketch_context_phase(context, "filling", WORDS);
    *sweep = (ketch_sweep){.count = WORDS, .steps = WORDS};
    return KETCH_OK;
}

static ketch_status fill_word(uint64_t index, int32_t worker, void *user)
{
    table *const t = user;
    word *const w = &t->words[index];
    const ketch_job job = {.size = sizeof job, .type = &word_type, .steps = ROUNDS, .user = w};
    FUZZ_REQUIRE(worker >= 0 && worker < ketch_context_threads(t->context));
    memset(ketch_context_scratch(t->context, worker), (int)index, SCRATCH);
    ketch_status status = ketch_context_poll(t->context, worker);
    while (status == KETCH_OK && !t->inner[index].ended)
        status = ketch_context_inner(t->context, worker, &t->inner[index], &job);
    ketch_context_count(t->context, sizeof *w);
    return status;
}

static ketch_status end_fill(ketch_context *context, ketch_next *next, void *user)
{
    table *const t = user;
    (void)context;
    *next = (ketch_next){.stage = KETCH_STAGE_FENCE, .after = 1, .view = t};
    return KETCH_OK;
}

/* Fails once where it was told to: the stage is begun again on resume. */
static ketch_status begin_last(ketch_context *context, ketch_sweep *sweep, void *user)
{
    table *const t = user;
    (void)sweep;
    if (t->fails-- == 1)
        return ketch_context_fail(context, 0, KETCH_LIMIT, "table", "1", "0", "told to fail");
    ketch_context_retire(context, 1);
    return KETCH_OK;
}

static ketch_status end_last(ketch_context *context, ketch_next *next, void *user)
{
    (void)context;
    (void)user;
    *next = (ketch_next){.stage = KETCH_STAGE_DONE};
    return KETCH_OK;
}

static ketch_status advance_table(ketch_context *context, void *user)
{
    static const ketch_stage stages[] = {{"fill", begin_fill, fill_word, end_fill},
                                         {"last", begin_last, NULL, end_last}};
    table *const t = user;
    t->context = context;
    return ketch_context_stages(context, stages, 2, &t->stage, t);
}

/* ---- its type ---- */

static table *make_table(uint64_t seed)
{
    table *const t = calloc(1, sizeof *t);
    FUZZ_REQUIRE(t);
    for (uint64_t i = 0; i < WORDS; i++)
        t->words[i] = (word){.seed = seed, .index = i};
    return t;
}

static ketch_status need_table(ketch_need *need, const ketch_engine *engine, const ketch_job *job,
                               ketch_error *error)
{
    (void)engine;
    (void)job;
    (void)error;
    ketch_need_add(need, "table", sizeof(table));
    return KETCH_OK;
}

static ketch_status save_table(ketch_writer *writer, const void *user)
{
    return ketch_writer_section(writer, "table", user, sizeof(table));
}

static void describe_table(ketch_job *job, table *t)
{
    job->steps = WORDS + 1;
    job->scratch = SCRATCH;
    job->user = t;
}

static ketch_status load_table(ketch_job *job, ketch_reader *reader, void *context,
                               ketch_engine *engine, ketch_error *error)
{
    (void)context;
    (void)engine;
    FUZZ_REQUIRE(ketch_reader_size(reader, "none") == UINT64_MAX &&
                 ketch_reader_size(reader, "table") == sizeof(table));
    table *const t = make_table(0);
    const ketch_status status = ketch_reader_section(reader, "table", t, sizeof *t, error);
    if (status)
        free(t);
    else
        describe_table(job, t);
    return status;
}

static const ketch_job_type table_type = {.size = sizeof table_type,
                                          .name = "fuzz.table",
                                          .version = 1,
                                          .advance = advance_table,
                                          .release = free,
                                          .need = need_table,
                                          .save = save_table,
                                          .load = load_table};

/* ---- the call ---- */

static int32_t count_down(const ketch_step *step, void *user)
{
    int32_t *const left = user;
    FUZZ_REQUIRE(step->type == &table_type && !ketch_step_state(step) && step->done <= step->total);
    return (*left)-- == 0;
}

/* Another result in its place, through a file. */
static ketch_result *reload(session *s, ketch_result *result)
{
    ketch_result *loaded = NULL;
    GOOD(s, ketch_result_save(result, calls_path, NULL, 0, 1, &s->error));
    GOOD(s, ketch_result_load(&loaded, calls_engines[0], &table_type, NULL, calls_path, &s->error));
    FUZZ_REQUIRE(unlink(calls_path) == 0);
    ketch_result_destroy(result);
    return loaded;
}

static void check_words(const ketch_result *result, uint64_t seed)
{
    const table *const t = ketch_result_user(result, &table_type);
    FUZZ_REQUIRE(t && !ketch_circuit_result_state(result));
    for (uint64_t i = 0; i < WORDS; i++) {
        word w = {.seed = seed, .index = i};
        for (; w.rounds < ROUNDS; w.rounds++)
            w.sum = w.sum * 31 + draw_round(&w);
        FUZZ_REQUIRE(t->words[i].sum == w.sum && t->words[i].rounds == ROUNDS);
    }
}

/* Begun by one of the two functions; memory may be refused. */
static ketch_result *begin_table(session *s, ketch_engine *engine, uint64_t seed, int32_t fails)
{
    ketch_result *result = NULL;
    ketch_need need = {.size = sizeof need};
    ketch_job job = {.size = sizeof job, .type = &table_type};
    int32_t left = fuzz_below(&s->input, 4);
    const ketch_run run = {
        .size = sizeof run, .hook = count_down, .user = &left, .tick_seconds = 1e-9};
    const bool is_whole = fuzz_byte(&s->input) & 1;
    table *const t = make_table(seed);
    t->fails = fails;
    describe_table(&job, t);
    GOOD(s, ketch_job_need(&need, engine, &job, &s->error));
    FUZZ_REQUIRE(need.bytes >= sizeof(table));
    ketch_status status;
    do {
        calls_arm(s);
        status = is_whole ? ketch_engine_run(&result, engine, &job, &run, &s->error)
                          : ketch_engine_begin(&result, engine, &job, NULL, &s->error);
    } while (calls_refused(s, status) && !result);
    FUZZ_REQUIRE(result && (status == KETCH_OK || status == KETCH_STOPPED ||
                            status == KETCH_LIMIT || status == KETCH_MEMORY));
    return result;
}

void calls_run_job(session *s)
{
    const uint8_t flags = fuzz_byte(&s->input), seed = fuzz_byte(&s->input);
    ketch_result *result = begin_table(s, calls_pick_engine(s), seed, flags & 1);
    for (int i = 0; i < 4 && !calls_has_ended(result); i++) {
        int32_t left = fuzz_below(&s->input, 4);
        const ketch_run run = {
            .size = sizeof run, .hook = count_down, .user = &left, .tick_seconds = 1e-9};
        if (flags & 2)
            result = reload(s, result);
        calls_arm(s);
        calls_refused(s, ketch_engine_resume(calls_pick_engine(s), result, &run, &s->error));
    }
    ketch_status status = KETCH_LIMIT;
    for (int i = 0; i < 2 && status == KETCH_LIMIT; i++)
        status = ketch_engine_resume(calls_engines[0], result, NULL, NULL);
    FUZZ_REQUIRE(status == KETCH_OK && calls_has_ended(result));
    check_words(result, seed);
    ketch_result_destroy(result);
}
