/* The engine: making and ending it, claiming it for a call, sweeps outside a run. */
#define _GNU_SOURCE
#include "engine.h"
#include "cpu.h"
#include "heap.h"
#include "status.h"
#include <assert.h>

static const uint64_t engine_magic = 0x6b65746368656e67; /* "ketcheng" */

const char *ketch_kernels_name(ketch_kernels kernels)
{
    return kt_cpu_kernels_name(kernels);
}

int32_t ketch_kernels_usable(ketch_kernels kernels)
{
    return kt_cpu_runs(kernels);
}

ketch_status kt_fail_kernels(ketch_error *error, const char *function, ketch_kernels kernels)
{
    kt_text sets = kt_format("%s", ketch_kernels_name(KETCH_KERNELS_SCALAR));
    for (int set = KETCH_KERNELS_SCALAR + 1; set <= (int)kt_cpu_kernels_last(); set++)
        if (kt_cpu_runs((ketch_kernels)set))
            sets = kt_format("%s, %s", sets.text, ketch_kernels_name((ketch_kernels)set));
    return kt_fail(error, KETCH_MISMATCH, function, "kernels", ketch_kernels_name(kernels),
                   sets.text, "this machine does not run that kernel set");
}

static ketch_status check_engine_options(const ketch_engine_options *asked, const char *function,
                                         ketch_error *error)
{
    if (asked->threads < 0 || asked->threads > KETCH_THREADS_MAX)
        return kt_fail(error, KETCH_RANGE, function, "threads",
                       kt_format("%d", asked->threads).text,
                       kt_format("1 to %d, or 0 for one a core", KETCH_THREADS_MAX).text,
                       "no such number of threads");
    const int32_t kernels = (int32_t)asked->kernels;
    if (kernels < KETCH_KERNELS_AUTO || kernels > (int32_t)kt_cpu_kernels_last())
        return kt_fail(error, KETCH_RANGE, function, "kernels", kt_format("%d", kernels).text,
                       kt_format("0 to %d", (int)kt_cpu_kernels_last()).text, "no such kernel set");
    if (kernels != KETCH_KERNELS_AUTO && !kt_cpu_runs(asked->kernels))
        return kt_fail_kernels(error, function, asked->kernels);
    if (asked->arena && !kt_arena_alive(asked->arena))
        return kt_fail_handle(error, function, "arena", "an arena", asked->arena);
    if (asked->arena && kt_arena_forked(asked->arena))
        return kt_fail_forked(error, function, "arena", "the arena");
    if (asked->arena && asked->memory)
        return kt_fail(error, KETCH_MISMATCH, function, "memory", kt_bytes(asked->memory).text, "0",
                       "a shared arena has its own budget");
    return KETCH_OK;
}

static ketch_status equip_engine(ketch_engine *engine, const ketch_engine_options *asked,
                                 const char *function, ketch_error *error)
{
    kt_refusal refusal = {0};
    engine->arena = asked->arena ? kt_arena_share(asked->arena)
                                 : kt_arena_create(asked->memory, false, &refusal);
    if (!engine->arena)
        return kt_fail_memory(error, function, "engine", "an arena", &refusal);
    engine->owns_arena = !asked->arena;
    engine->threads = asked->threads ? asked->threads : kt_cpu_cores();
    engine->kernels = asked->kernels ? asked->kernels : kt_cpu_best();
    engine->kernels_given = asked->kernels != KETCH_KERNELS_AUTO;
    engine->workers = kt_workers_create(engine->threads);
    if (!engine->workers)
        return kt_fail_heap(error, function);
    engine->magic = engine_magic;
    return KETCH_OK;
}

static void free_engine(ketch_engine *engine)
{
    engine->magic = 0;
    kt_workers_destroy(engine->workers);
    if (engine->arena && engine->owns_arena) /* programs and results may outlive the engine */
        kt_arena_trim(engine->arena);
    if (engine->arena)
        kt_arena_drop(engine->arena);
    kt_heap_give(engine);
}

ketch_status ketch_engine_create(ketch_engine **engine, const ketch_engine_options *options,
                                 ketch_error *error)
{
    if (!engine)
        return kt_fail_handle(error, __func__, "engine", "a place for the new engine", NULL);
    *engine = NULL;
    ketch_engine_options asked;
    KT_TRY(kt_read_options(&asked, sizeof asked, options, __func__, "options", error));
    KT_TRY(check_engine_options(&asked, __func__, error));
    ketch_engine *const made = kt_heap_take(sizeof *made);
    if (!made)
        return kt_fail_heap(error, __func__);
    const ketch_status status = equip_engine(made, &asked, __func__, error);
    if (status == KETCH_OK)
        *engine = made;
    else
        free_engine(made);
    return status;
}

ketch_status ketch_engine_destroy(ketch_engine *engine, ketch_error *error)
{
    if (!engine)
        return KETCH_OK;
    /* In a forked child the threads do not exist and any lock may be held: nothing is freed
     * there. */
    KT_TRY(kt_engine_claim(engine, __func__, error));
    free_engine(engine);
    return KETCH_OK;
}

ketch_arena *ketch_engine_arena(const ketch_engine *engine)
{
    return engine && engine->magic == engine_magic ? engine->arena : NULL;
}

ketch_status ketch_engine_get_info(ketch_engine_info *info, const ketch_engine *engine,
                                   ketch_error *error)
{
    KT_TRY(kt_engine_check(engine, __func__, error));
    kt_arena_stats stats;
    kt_arena_read_stats(&stats, engine->arena);
    const ketch_engine_info out = {
        .size = sizeof out,
        .threads = engine->threads,
        .kernels = engine->kernels,
        .kernels_given = engine->kernels_given,
        .running = __atomic_load_n(&engine->running, __ATOMIC_RELAXED) != KT_IDLE,
        .workers = kt_workers_started(engine->workers),
        .memory = stats.budget,
    };
    return kt_write_report(info, &out, sizeof out, __func__, "info", error);
}

bool kt_engine_forked(const ketch_engine *engine)
{
    return kt_arena_forked(engine->arena);
}

ketch_status kt_engine_check(const ketch_engine *engine, const char *function, ketch_error *error)
{
    if (!engine || engine->magic != engine_magic)
        return kt_fail_handle(error, function, "engine", "an engine", engine);
    if (kt_engine_forked(engine))
        return kt_fail_forked(error, function, "engine", "the engine");
    return KETCH_OK;
}

ketch_status kt_engine_claim(ketch_engine *engine, const char *function, ketch_error *error)
{
    KT_TRY(kt_engine_check(engine, function, error));
    int32_t idle = KT_IDLE;
    if (__atomic_compare_exchange_n(&engine->running, &idle, KT_RUNS, false, __ATOMIC_ACQUIRE,
                                    __ATOMIC_RELAXED))
        return KETCH_OK;
    return kt_fail(error, KETCH_BUSY, function, "engine", NULL, NULL,
                   "the engine is running: one run at a time an engine");
}

void kt_engine_release(ketch_engine *engine)
{
    assert(__atomic_load_n(&engine->running, __ATOMIC_RELAXED));
    __atomic_store_n(&engine->running, KT_IDLE, __ATOMIC_RELEASE);
}

void ketch_engine_stop(ketch_engine *engine)
{
    int32_t runs = KT_RUNS;
    if (engine && engine->magic == engine_magic)
        __atomic_compare_exchange_n(&engine->running, &runs, KT_ASKED, false, __ATOMIC_RELEASE,
                                    __ATOMIC_RELAXED);
}

void kt_engine_sweep(ketch_engine *engine, uint64_t count, ketch_body body, void *user)
{
    kt_sweep sweep = {.count = count, .body = body, .user = user};
    assert(!engine || __atomic_load_n(&engine->running, __ATOMIC_RELAXED));
    kt_workers_sweep(engine ? engine->workers : NULL, &sweep);
}
