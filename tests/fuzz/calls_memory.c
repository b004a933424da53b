/* Calls that make engines and arenas, take and drop blocks, and run in exactly the memory needed. */
#include "calls.h"

#include <stdlib.h>
#include <string.h>

/* ---- engines ---- */

static void end_engine(session *s)
{
    if (s->engine)
        GOOD(s, ketch_engine_destroy(s->engine, &s->error));
    s->engine = NULL;
}

/* Runs that were begun with the last one are carried on by another. */
void calls_make_engine(session *s)
{
    const uint8_t flags = fuzz_byte(&s->input);
    ketch_engine *made = NULL;
    ketch_engine_info info = {.size = sizeof info};
    const ketch_engine_options options = {.size = sizeof options,
                                          .threads = 1 + (flags & 1),
                                          .kernels = (ketch_kernels)(flags >> 1 & 3),
                                          .arena = flags & 8 ? s->arena : NULL,
                                          .memory = flags & 8 && s->arena ? 0 : 32 << 20};
    ketch_status status;
    CALL(s, status, ketch_engine_create(&made, &options, &s->error));
    FUZZ_REQUIRE(!status == !!made);
    const bool runs = !options.kernels || ketch_kernels_usable(options.kernels);
    FUZZ_REQUIRE(status == (runs ? KETCH_OK : KETCH_MISMATCH));
    if (status)
        return;
    GOOD(s, ketch_engine_get_info(&info, made, &s->error));
    FUZZ_REQUIRE(info.threads == options.threads && !info.running && info.workers == 0 &&
                 info.kernels_given == (options.kernels != 0));
    FUZZ_REQUIRE(!options.arena || ketch_engine_arena(made) == options.arena);
    end_engine(s);
    s->engine = made;
}

/* ---- blocks ---- */

static void check_block(const kept_block *b)
{
    const unsigned char *const bytes = ketch_block_data(b->block);
    FUZZ_REQUIRE(!b->block ||
                 ((uintptr_t)bytes % 64 == 0 && ketch_block_size(b->block) == b->size));
    for (uint64_t i = 0; b->block && i < b->size; i++)
        FUZZ_REQUIRE(bytes[i] == b->value);
}

static void drop_block(kept_block *b)
{
    check_block(b);
    if (b->block)
        FUZZ_REQUIRE(ketch_block_drop(b->block) == KETCH_OK);
    *b = (kept_block){.block = NULL};
}

static ketch_arena *arena_of(const session *s)
{
    return s->arena ? s->arena : ketch_engine_arena(calls_engines[0]);
}

void calls_take_block(session *s)
{
    kept_block *const b = &s->blocks[fuzz_below(&s->input, BLOCKS_MOST)];
    drop_block(b);
    b->size = 1 + (uint64_t)fuzz_byte(&s->input) * fuzz_byte(&s->input);
    b->value = fuzz_byte(&s->input);
    GOOD(s,
         ketch_block_take(&b->block, arena_of(s), b->size, b->value & 1 ? "odd" : NULL, &s->error));
    if (s->arena && s->arena_clears) {
        const uint8_t value = b->value;
        b->value = 0;
        check_block(b);
        b->value = value;
    }
    memset(ketch_block_data(b->block), b->value, b->size);
}

/* Of a block that is held twice, one reference; else the last one. */
void calls_drop_block(session *s)
{
    kept_block *const b = &s->blocks[fuzz_below(&s->input, BLOCKS_MOST)];
    if (fuzz_byte(&s->input) & 1 && b->block) {
        FUZZ_REQUIRE(ketch_block_share(b->block) == b->block);
        FUZZ_REQUIRE(ketch_block_drop(b->block) == KETCH_OK);
        check_block(b);
        return;
    }
    drop_block(b);
}

/* ---- arenas ---- */

/* Blocks, states, programs and engines of the last one keep what they need of it. */
void calls_make_arena(session *s)
{
    ketch_arena *made = NULL;
    const bool clears = fuzz_byte(&s->input) & 1;
    const ketch_arena_options options = {
        .size = sizeof options, .memory = 32 << 20, .clear = clears};
    GOOD(s, ketch_arena_create(&made, &options, &s->error));
    FUZZ_REQUIRE(ketch_arena_share(made) == made);
    ketch_arena_drop(made);
    ketch_arena_drop(s->arena);
    s->arena = made;
    s->arena_clears = clears;
}

static void check_stats(const ketch_arena_stats *stats)
{
    FUZZ_REQUIRE(stats->used <= stats->held && stats->used <= stats->peak_used &&
                 stats->held <= stats->peak_held && stats->peak_held <= stats->budget);
    FUZZ_REQUIRE(stats->reuses <= stats->takes && stats->tags <= KETCH_TAGS_MAX + 1);
}

/* What is used is the sum of its tags, and trimming takes what is not used. */
void calls_read_arena(session *s)
{
    uint64_t used = 0;
    ketch_arena *const arena = arena_of(s);
    ketch_arena_stats stats = {.size = sizeof stats}, after = stats;
    GOOD(s, ketch_arena_get_stats(&stats, arena, &s->error));
    check_stats(&stats);
    for (uint64_t i = 0; i < stats.tags; i++) {
        ketch_arena_tag tag = {.size = sizeof tag};
        GOOD(s, ketch_arena_get_tag(&tag, arena, (int32_t)i, &s->error));
        FUZZ_REQUIRE(tag.name && tag.name[0] && tag.used <= tag.peak);
        used += tag.used;
    }
    FUZZ_REQUIRE(used == stats.used);
    const uint64_t trimmed = fuzz_byte(&s->input) & 1 ? ketch_arena_trim(arena) : 0;
    GOOD(s, ketch_arena_get_stats(&after, arena, &s->error));
    FUZZ_REQUIRE(after.held == stats.held - trimmed && after.used == stats.used);
}

void calls_end_memory(session *s)
{
    for (int i = 0; i < BLOCKS_MOST; i++)
        drop_block(&s->blocks[i]);
    for (int i = 0; i < VIEWS_MOST; i++)
        if (s->views[i].block)
            FUZZ_REQUIRE(ketch_block_drop(s->views[i].block) == KETCH_OK);
    end_engine(s);
    ketch_arena_drop(s->arena);
    for (int i = 0; i < BUFFERS_MOST; i++)
        free(s->buffers[i]);
}

/* ---- memory needed ---- */

static void check_need(const ketch_need *need)
{
    uint64_t bytes = 0;
    for (int32_t i = 0; i < need->tags; i++) {
        FUZZ_REQUIRE(need->names[i] && need->names[i][0]);
        bytes += need->tag_bytes[i];
    }
    FUZZ_REQUIRE(bytes == need->bytes && need->largest <= need->bytes);
}

/* A fresh engine with a budget of what a run is said to take carries it out. */
void calls_run_within_need(session *s)
{
    const uint8_t byte = fuzz_byte(&s->input);
    const ketch_shots shots = {.size = sizeof shots, .shots = byte & 7, .seed = byte};
    ketch_need need = {.size = sizeof need};
    ketch_engine *engine = NULL;
    ketch_result *result = NULL;
    ketch_status status;
    if (!s->bound)
        return;
    CALL(s, status, ketch_program_need(&need, calls_engines[0], s->bound, &shots, &s->error));
    FUZZ_REQUIRE(status == KETCH_OK || (status == KETCH_RANGE && shots.shots));
    if (status)
        return;
    check_need(&need);
    const ketch_engine_options options = {
        .size = sizeof options, .threads = 1, .memory = need.bytes};
    GOOD(s, ketch_engine_create(&engine, &options, &s->error));
    FUZZ_REQUIRE(ketch_program_run(&result, engine, s->bound, NULL, &shots, NULL, NULL) ==
                 KETCH_OK);
    ketch_result_destroy(result);
    GOOD(s, ketch_engine_destroy(engine, &s->error));
}
