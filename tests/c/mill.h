/* A small deterministic job for tests of the run loop, its obvious reference, and what is asked of
 * results again and again. */
#ifndef KT_TEST_MILL_H
#define KT_TEST_MILL_H

#include "cpu.h"
#include "engine.h"
#include "heap.h"
#include "results.h"
#include "sanitizers.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the job: rounds of two sweeps that feed each other and one serial step ---- */

enum { CELLS = 24, ROUNDS = 6, STEPS = 3 * ROUNDS };

/* phase: 0 forward sweep, 1 backward sweep, 2 serial. calls counts bodies and serial steps; when it
 * reaches stop_at, the token is set. */
typedef struct mill {
    uint64_t a[CELLS], b[CELLS];
    int32_t round, phase, fence_every;
    int32_t calls, stop_at;
    ketch_stop token;
    ketch_context *context;
    int32_t bad_scratch, released;
} mill;

static inline uint64_t grind(uint64_t x, uint64_t y)
{
    x = (x ^ (y >> 29) ^ (y << 7)) * UINT64_C(0x9E3779B97F4A7C15);
    return x ^ (x >> 32);
}

static inline void count_call(mill *m)
{
    if (__atomic_add_fetch(&m->calls, 1, __ATOMIC_RELAXED) == m->stop_at)
        ketch_stop_set(&m->token);
}

/* Uses its scratch, so that two calls with one worker number would be found. */
static inline void use_scratch(mill *m, uint64_t index, int32_t worker)
{
    uint64_t *const scratch = ketch_context_scratch(m->context, worker);
    if (!scratch || (uintptr_t)scratch % 64 != 0) {
        __atomic_store_n(&m->bad_scratch, 1, __ATOMIC_RELAXED);
        return;
    }
    for (int i = 0; i < 16; i++)
        scratch[i] = index;
    for (int i = 0; i < 16; i++)
        if (scratch[i] != index)
            __atomic_store_n(&m->bad_scratch, 1, __ATOMIC_RELAXED);
}

static inline ketch_status forward(uint64_t i, int32_t worker, void *user)
{
    mill *const m = user;
    use_scratch(m, i, worker);
    m->b[i] = grind(m->a[i], m->a[(i + 1) % CELLS]);
    count_call(m);
    return KETCH_OK;
}

static inline ketch_status backward(uint64_t i, int32_t worker, void *user)
{
    mill *const m = user;
    use_scratch(m, i, worker);
    m->a[i] = grind(m->b[i], m->b[(i + CELLS - 1) % CELLS]);
    count_call(m);
    return KETCH_OK;
}

static inline ketch_status mill_phase(ketch_context *context, mill *m)
{
    if (m->phase < 2)
        return ketch_context_parallel(context, CELLS, 1, m->phase ? backward : forward, m);
    const ketch_status status = ketch_context_check(context);
    if (status != KETCH_OK)
        return status;
    m->a[0] = grind(m->a[0], (uint64_t)m->round);
    ketch_context_retire(context, 1);
    ketch_context_count(context, 8);
    count_call(m);
    return KETCH_OK;
}

static inline ketch_status mill_advance(ketch_context *context, void *user)
{
    mill *const m = user;
    m->context = context;
    while (m->round < ROUNDS) {
        const ketch_status status = mill_phase(context, m);
        if (status != KETCH_OK)
            return status;
        m->phase = (m->phase + 1) % 3;
        if (m->phase != 0)
            continue;
        m->round++;
        if (m->fence_every && m->round % m->fence_every == 0)
            return ketch_context_fence(context, m->a);
    }
    return KETCH_OK;
}

static inline void mill_release(void *user)
{
    ((mill *)user)->released++;
}

static inline ketch_status mill_save(ketch_writer *writer, const void *user)
{
    const mill *const m = user;
    const int32_t place[3] = {m->round, m->phase, m->fence_every};
    (void)ketch_writer_section(writer, "a", m->a, sizeof m->a);
    (void)ketch_writer_section(writer, "b", m->b, sizeof m->b);
    return ketch_writer_section(writer, "place", place, sizeof place);
}

static inline void fill_mill_job(ketch_job *job, mill *m)
{
    job->steps = STEPS;
    job->scratch = 16 * sizeof(uint64_t);
    job->user = m;
}

/* context: the mill to fill in. */
static inline ketch_status mill_load(ketch_job *job, ketch_reader *reader, void *context,
                                     ketch_engine *engine, ketch_error *told)
{
    (void)engine;
    mill *const m = context;
    int32_t place[3];
    *m = (mill){.stop_at = -1};
    ketch_status status = ketch_reader_section(reader, "a", m->a, sizeof m->a, told);
    if (status == KETCH_OK)
        status = ketch_reader_section(reader, "b", m->b, sizeof m->b, told);
    if (status == KETCH_OK)
        status = ketch_reader_section(reader, "place", place, sizeof place, told);
    if (status != KETCH_OK)
        return status;
    m->round = place[0];
    m->phase = place[1];
    m->fence_every = place[2];
    fill_mill_job(job, m);
    return KETCH_OK;
}

static const ketch_job_type mill_type = {.size = sizeof(ketch_job_type),
                                         .name = "test.mill",
                                         .version = 1,
                                         .advance = mill_advance,
                                         .release = mill_release,
                                         .save = mill_save,
                                         .load = mill_load};

static inline mill new_mill(int32_t fence_every)
{
    mill m = {.fence_every = fence_every, .stop_at = -1};
    for (uint64_t i = 0; i < CELLS; i++)
        m.a[i] = i * i + 1;
    return m;
}

static inline ketch_job mill_job(mill *m)
{
    ketch_job job = {.size = sizeof(ketch_job), .type = &mill_type};
    fill_mill_job(&job, m);
    return job;
}

/* The obvious program: what a holds after `rounds` rounds. */
static inline void mill_reference(uint64_t a[CELLS], int32_t rounds)
{
    uint64_t b[CELLS];
    for (uint64_t i = 0; i < CELLS; i++)
        a[i] = i * i + 1;
    for (int32_t r = 0; r < rounds; r++) {
        for (uint64_t i = 0; i < CELLS; i++)
            b[i] = grind(a[i], a[(i + 1) % CELLS]);
        for (uint64_t i = 0; i < CELLS; i++)
            a[i] = grind(b[i], b[(i + CELLS - 1) % CELLS]);
        a[0] = grind(a[0], (uint64_t)r);
    }
}

static inline void check_mill(const mill *m, uint64_t done)
{
    uint64_t expected[CELLS];
    ck_assert_uint_eq(done % 3, 0);
    mill_reference(expected, (int32_t)(done / 3));
    ck_assert_mem_eq(m->a, expected, sizeof expected);
    ck_assert_int_eq(m->bad_scratch, 0);
}

/* ---- helpers ---- */

static inline void end_engine(ketch_engine *engine)
{
    ck_assert_int_eq(ketch_engine_destroy(engine, &error), KETCH_OK);
}

static inline void check_finished(const ketch_result *result, const mill *m)
{
    const ketch_position p = position_of(result);
    ck_assert_int_eq(ketch_result_status(result), KETCH_OK);
    ck_assert(p.ended == 1 && p.fence == 1 && p.count == 0 && p.open_count == 0);
    ck_assert_uint_eq(p.done, STEPS);
    ck_assert_uint_eq(p.total, STEPS);
    ck_assert_uint_eq(p.sweeps, 2 * ROUNDS);
    const ketch_report report = report_of(result);
    ck_assert_uint_eq(report.indices, 2 * ROUNDS * CELLS);
    ck_assert_uint_eq(report.sweeps, 2 * ROUNDS);
    ck_assert_uint_eq(report.steps, STEPS);
    ck_assert_uint_eq(report.bytes, 8 * ROUNDS);
    check_mill(m, STEPS);
}

/* What a stopped run says about itself is so. */
static inline void check_suspended(const ketch_result *result, const mill *m)
{
    const ketch_position p = position_of(result);
    ck_assert_int_eq(p.ended, 0);
    ck_assert_uint_le(p.next, p.count);
    ck_assert_uint_eq(p.finished + (uint64_t)p.open_count, p.next);
    ck_assert_uint_le(p.done, STEPS);
    if (p.fence) {
        ck_assert_uint_eq(p.next, 0);
        check_mill(m, p.done);
    }
}

/* ---- a job that takes time: sweeps of 1000 indices of 20 us ---- */

typedef struct clockwork {
    uint64_t sweeps, indices;
    uint64_t limit; /* sweeps until it is done; 0: never */
} clockwork;

static inline ketch_status spin_a_little(uint64_t index, int32_t worker, void *user)
{
    (void)index, (void)worker;
    clockwork *const c = user;
    const double end = kt_cpu_seconds() + 20e-6;
    while (kt_cpu_seconds() < end)
        ;
    __atomic_add_fetch(&c->indices, 1, __ATOMIC_RELAXED);
    return KETCH_OK;
}

static inline ketch_status tick_on(ketch_context *context, void *user)
{
    clockwork *const c = user;
    while (c->limit == 0 || c->sweeps < c->limit) {
        const ketch_status status = ketch_context_parallel(context, 1000, 1, spin_a_little, c);
        if (status != KETCH_OK)
            return status;
        c->sweeps++;
    }
    return KETCH_OK;
}

static const ketch_job_type clockwork_type = {
    .size = sizeof(ketch_job_type), .name = "test.clockwork", .version = 1, .advance = tick_on};

/* Without a limit nobody knows its total. */
static inline ketch_job clockwork_job(clockwork *c)
{
    return (ketch_job){.size = sizeof(ketch_job),
                       .type = &clockwork_type,
                       .steps = c->limit ? c->limit : UINT64_MAX,
                       .user = c};
}

#endif
