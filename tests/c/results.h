/* Engines, their arenas and the results of runs in tests: short forms that fail the test on any
 * error. */
#ifndef KT_TEST_RESULTS_H
#define KT_TEST_RESULTS_H

#include "ketch.h"

#include <check.h>
#include <string.h>

static ketch_error error;

static inline ketch_engine *make_engine(int32_t threads)
{
    ketch_engine *engine = NULL;
    const ketch_engine_options options = {.size = sizeof options, .threads = threads};
    error = (ketch_error){.size = sizeof error};
    ck_assert_msg(ketch_engine_create(&engine, &options, &error) == KETCH_OK, "%s", error.message);
    return engine;
}

static inline ketch_arena_stats stats_of(const ketch_engine *engine)
{
    ketch_arena_stats stats = {.size = sizeof stats};
    ck_assert_int_eq(ketch_arena_get_stats(&stats, ketch_engine_arena(engine), &error), KETCH_OK);
    return stats;
}

static inline ketch_position position_of(const ketch_result *result)
{
    ketch_position position = {.size = sizeof position};
    ck_assert_int_eq(ketch_result_get_position(&position, result, &error), KETCH_OK);
    return position;
}

static inline void check_same_position(const ketch_position *a, const ketch_position *b)
{
    ck_assert(a->done == b->done && a->total == b->total && a->number == b->number);
    ck_assert(a->stage == b->stage && a->sweeps == b->sweeps && a->count == b->count);
    ck_assert(a->next == b->next && a->finished == b->finished && a->fence == b->fence);
    ck_assert(a->ended == b->ended && a->open_count == b->open_count);
    for (int32_t i = 0; i < a->open_count; i++)
        ck_assert_uint_eq(a->open[i], b->open[i]);
    ck_assert(!a->phase == !b->phase && (!a->phase || strcmp(a->phase, b->phase) == 0));
}

static inline ketch_report report_of(const ketch_result *result)
{
    ketch_report report = {.size = sizeof report};
    ck_assert_int_eq(ketch_result_get_report(&report, result, &error), KETCH_OK);
    return report;
}

#endif
