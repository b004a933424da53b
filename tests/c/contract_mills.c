/* Jobs of the tests' own: the mill, the mill as a table of stages, and bodies that poll. Their
 * memory is an arena block that `prepare` takes. */
#include "contract.h"
#include "mill.h"

uint64_t contract_hash(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *const from = bytes;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ from[i]) * UINT64_C(0x100000001b3);
    return hash;
}

ketch_status contract_start_plain(ketch_result **result, const contract_start *s, ketch_error *e)
{
    ketch_job job = *s->kind->job;
    if (s->is_endless)
        job.steps = UINT64_MAX;
    if (s->begins)
        return ketch_engine_begin(result, s->engine, &job, s->run, e);
    return ketch_engine_run(result, s->engine, &job, s->run, e);
}

ketch_status contract_load_plain(ketch_result **result, const contract_start *s, const char *path,
                                 ketch_error *e)
{
    return ketch_result_load(result, s->engine, s->kind->job->type, NULL, path, e);
}

ketch_status contract_need_plain(ketch_need *need, const contract_start *s, ketch_error *e)
{
    return ketch_job_need(need, s->engine, s->kind->job, e);
}

/* ---- a mill in a block ---- */

/* stage: only of a mill by stages. */
typedef struct boxed_mill {
    mill m;
    ketch_block *block;
    int32_t stage;
} boxed_mill;

static ketch_status take_mill(ketch_job *job, ketch_engine *engine, ketch_error *e)
{
    ketch_block *block = NULL;
    const ketch_status status =
        ketch_block_take(&block, ketch_engine_arena(engine), sizeof(boxed_mill), "mill", e);
    if (status != KETCH_OK)
        return status;
    boxed_mill *const made = ketch_block_data(block);
    *made = (boxed_mill){.m = new_mill(2), .block = block};
    job->user = made;
    return KETCH_OK;
}

static void give_mill(void *user)
{
    ketch_block_drop(((boxed_mill *)user)->block);
}

static ketch_status need_mill(ketch_need *need, const ketch_engine *engine, const ketch_job *job,
                              ketch_error *e)
{
    (void)engine, (void)job, (void)e;
    ketch_need_add(need, "mill", sizeof(boxed_mill));
    return KETCH_OK;
}

static ketch_status save_boxed(ketch_writer *writer, const void *user)
{
    const boxed_mill *const b = user;
    const ketch_status status = ketch_writer_section(writer, "stage", &b->stage, sizeof b->stage);
    return status == KETCH_OK ? mill_save(writer, &b->m) : status;
}

static ketch_status load_boxed(ketch_job *job, ketch_reader *reader, void *context,
                               ketch_engine *engine, ketch_error *e)
{
    (void)context;
    ketch_status status = take_mill(job, engine, e);
    if (status != KETCH_OK)
        return status;
    boxed_mill *const b = job->user;
    status = mill_load(job, reader, &b->m, engine, e);
    if (status == KETCH_OK)
        status = ketch_reader_section(reader, "stage", &b->stage, sizeof b->stage, e);
    job->user = b;
    if (status != KETCH_OK)
        give_mill(b);
    return status;
}

/* Bad scratch spoils the digest. */
static uint64_t hash_mill(const boxed_mill *b)
{
    const uint64_t hash = contract_hash(CONTRACT_HASH_START, b->m.a, sizeof b->m.a);
    return b->m.bad_scratch ? 0 : contract_hash(hash, &b->m.round, sizeof b->m.round);
}

static const ketch_job_type boxed_type = {.size = sizeof(ketch_job_type),
                                          .name = "test.boxed-mill",
                                          .version = 1,
                                          .advance = mill_advance,
                                          .release = give_mill,
                                          .prepare = take_mill,
                                          .need = need_mill,
                                          .save = save_boxed,
                                          .load = load_boxed};

static const ketch_job boxed_job = {.size = sizeof(ketch_job),
                                    .type = &boxed_type,
                                    .steps = STEPS,
                                    .scratch = 16 * sizeof(uint64_t)};

static const ketch_job_type *type_of_mill(void)
{
    return &boxed_type;
}

/* All but its block and its context, which is another one anyway. */
static void pack_mill(void *data, const ketch_result *result)
{
    memcpy(data, ketch_result_user(result, &boxed_type), sizeof(mill));
}

static void unpack_mill(ketch_result *result, const void *data)
{
    memcpy(ketch_result_user(result, &boxed_type), data, sizeof(mill));
}

static uint64_t digest_mill(const ketch_result *result)
{
    return hash_mill(ketch_result_user(result, &boxed_type));
}

const contract_job contract_mill = {.name = "mill",
                                    .start = contract_start_plain,
                                    .digest = digest_mill,
                                    .load = contract_load_plain,
                                    .need = contract_need_plain,
                                    .pack_size = sizeof(mill),
                                    .pack = pack_mill,
                                    .unpack = unpack_mill,
                                    .type = type_of_mill,
                                    .steps = STEPS,
                                    .has_endless = true,
                                    .looks = 2,
                                    .job = &boxed_job};

/* ---- the same as a table of stages ---- */

enum { STAGE_FORWARD, STAGE_BACKWARD, STAGE_SERIAL, STAGES };

static ketch_status begin_cells(ketch_context *context, ketch_sweep *sweep, void *user)
{
    (void)context, (void)user;
    *sweep = (ketch_sweep){.count = CELLS, .steps = 1};
    return KETCH_OK;
}

/* A serial step, then a fence, the next round or the end. */
static ketch_status end_round(ketch_context *context, ketch_next *next, void *user)
{
    mill *const m = user;
    m->a[0] = grind(m->a[0], (uint64_t)m->round);
    ketch_context_retire(context, 1);
    ketch_context_count(context, 8);
    count_call(m);
    m->round++;
    next->stage = m->round < ROUNDS ? STAGE_FORWARD : KETCH_STAGE_DONE;
    if (m->round % m->fence_every == 0)
        *next = (ketch_next){KETCH_STAGE_FENCE, m->round < ROUNDS ? STAGE_FORWARD : STAGES, m->a};
    return KETCH_OK;
}

static const ketch_stage stages[STAGES] = {
    [STAGE_FORWARD] = {"forward", begin_cells, forward, NULL},
    [STAGE_BACKWARD] = {"backward", begin_cells, backward, NULL},
    [STAGE_SERIAL] = {"serial", NULL, NULL, end_round},
};

static ketch_status advance_stages(ketch_context *context, void *user)
{
    boxed_mill *const b = user;
    b->m.context = context;
    return ketch_context_stages(context, stages, STAGES, &b->stage, b);
}

static const ketch_job_type stages_type = {.size = sizeof(ketch_job_type),
                                           .name = "test.stages",
                                           .version = 1,
                                           .advance = advance_stages,
                                           .release = give_mill,
                                           .prepare = take_mill,
                                           .need = need_mill,
                                           .save = save_boxed,
                                           .load = load_boxed};

static const ketch_job stages_job = {.size = sizeof(ketch_job),
                                     .type = &stages_type,
                                     .steps = STEPS,
                                     .scratch = 16 * sizeof(uint64_t)};

static const ketch_job_type *type_of_stages(void)
{
    return &stages_type;
}

static uint64_t digest_stages(const ketch_result *result)
{
    return hash_mill(ketch_result_user(result, &stages_type));
}

const contract_job contract_stages = {.name = "mill by stages",
                                      .start = contract_start_plain,
                                      .digest = digest_stages,
                                      .load = contract_load_plain,
                                      .need = contract_need_plain,
                                      .type = type_of_stages,
                                      .steps = STEPS,
                                      .has_endless = true,
                                      .looks = 2,
                                      .job = &stages_job};

/* ---- bodies that poll ---- */

enum { POLLERS = 9, POLLER_ROUNDS = 20, POLLER_SWEEPS = 3 };

/* Each index works for a while, further ones for longer, and keeps in `value` and `done` what it
 * has. */
typedef struct poller {
    ketch_block *block;
    ketch_context *context;
    uint64_t value[POLLERS];
    int32_t done[POLLERS];
    int32_t sweep;
} poller;

static ketch_status poll_on(uint64_t index, int32_t worker, void *user)
{
    poller *const p = user;
    while (p->done[index] < POLLER_ROUNDS + (int32_t)index) {
        p->value[index] = grind(p->value[index], (uint64_t)p->done[index]++);
        const ketch_status status = ketch_context_poll(p->context, worker);
        if (status != KETCH_OK)
            return status;
    }
    return KETCH_OK;
}

static void turn_values(poller *p)
{
    const uint64_t first = p->value[0];
    for (int i = 0; i < POLLERS; i++) {
        p->value[i] = grind(i < POLLERS - 1 ? p->value[i + 1] : first, p->value[i]);
        p->done[i] = 0;
    }
    p->sweep++;
}

static ketch_status advance_poller(ketch_context *context, void *user)
{
    poller *const p = user;
    p->context = context;
    while (p->sweep < POLLER_SWEEPS) {
        const ketch_status status = ketch_context_parallel(context, POLLERS, 10, poll_on, p);
        if (status != KETCH_OK)
            return status;
        turn_values(p);
    }
    return KETCH_OK;
}

static ketch_status take_poller(ketch_job *job, ketch_engine *engine, ketch_error *e)
{
    ketch_block *block = NULL;
    const ketch_status status =
        ketch_block_take(&block, ketch_engine_arena(engine), sizeof(poller), "poller", e);
    if (status != KETCH_OK)
        return status;
    poller *const made = ketch_block_data(block);
    *made = (poller){.block = block};
    for (uint64_t i = 0; i < POLLERS; i++)
        made->value[i] = i + 1;
    job->user = made;
    return KETCH_OK;
}

static void give_poller(void *user)
{
    ketch_block_drop(((poller *)user)->block);
}

static ketch_status need_poller(ketch_need *need, const ketch_engine *engine, const ketch_job *job,
                                ketch_error *e)
{
    (void)engine, (void)job, (void)e;
    ketch_need_add(need, "poller", sizeof(poller));
    return KETCH_OK;
}

static ketch_status save_poller(ketch_writer *writer, const void *user)
{
    const poller *const p = user;
    (void)ketch_writer_section(writer, "value", p->value, sizeof p->value);
    (void)ketch_writer_section(writer, "done", p->done, sizeof p->done);
    return ketch_writer_section(writer, "sweep", &p->sweep, sizeof p->sweep);
}

static ketch_status read_poller(poller *p, ketch_reader *reader, ketch_error *e)
{
    ketch_status status = ketch_reader_section(reader, "value", p->value, sizeof p->value, e);
    if (status == KETCH_OK)
        status = ketch_reader_section(reader, "done", p->done, sizeof p->done, e);
    if (status == KETCH_OK)
        status = ketch_reader_section(reader, "sweep", &p->sweep, sizeof p->sweep, e);
    return status;
}

static ketch_status load_poller(ketch_job *job, ketch_reader *reader, void *context,
                                ketch_engine *engine, ketch_error *e)
{
    (void)context;
    ketch_status status = take_poller(job, engine, e);
    if (status != KETCH_OK)
        return status;
    job->steps = 10 * POLLER_SWEEPS;
    status = read_poller(job->user, reader, e);
    if (status != KETCH_OK)
        give_poller(job->user);
    return status;
}

static const ketch_job_type poller_type = {.size = sizeof(ketch_job_type),
                                           .name = "test.poller",
                                           .version = 1,
                                           .advance = advance_poller,
                                           .release = give_poller,
                                           .prepare = take_poller,
                                           .need = need_poller,
                                           .save = save_poller,
                                           .load = load_poller};

static const ketch_job poller_job = {
    .size = sizeof(ketch_job), .type = &poller_type, .steps = 10 * POLLER_SWEEPS};

static const ketch_job_type *type_of_poller(void)
{
    return &poller_type;
}

static uint64_t digest_poller(const ketch_result *result)
{
    const poller *const p = ketch_result_user(result, &poller_type);
    return contract_hash(CONTRACT_HASH_START, p->value, sizeof p->value);
}

const contract_job contract_poller = {.name = "bodies that poll",
                                      .start = contract_start_plain,
                                      .digest = digest_poller,
                                      .load = contract_load_plain,
                                      .need = contract_need_plain,
                                      .type = type_of_poller,
                                      .steps = 10 * POLLER_SWEEPS,
                                      .has_endless = true,
                                      .looks = 2,
                                      .job = &poller_job};
