/* Farms: a job each of whose indices carries a whole job of another kind, by ketch_context_inner.
 * The jobs inside are begun as runs of their own, for their memory, and are carried here. */
#include "contract.h"
#include "result.h"

#include <string.h>

enum { FARM = 5, FARM_STEPS = 2 * FARM };

/* inner: positions by index, which are the farm's to keep. */
typedef struct farm {
    ketch_block *block;
    ketch_context *context;
    ketch_result *runs[FARM];
    ketch_inner inner[FARM];
    const contract_job *inside;
    bool fenced;
} farm;

static ketch_status work_farm(uint64_t index, int32_t worker, void *user)
{
    farm *const f = user;
    ketch_inner *const inner = &f->inner[index];
    while (!inner->ended) {
        const ketch_status status =
            ketch_context_inner(f->context, worker, inner, &f->runs[index]->job);
        if (status != KETCH_OK)
            return status;
    }
    return KETCH_OK;
}

static ketch_status advance_farm(ketch_context *context, void *user)
{
    farm *const f = user;
    f->context = context;
    if (f->fenced)
        return KETCH_OK;
    const ketch_status status = ketch_context_parallel(context, FARM, FARM_STEPS, work_farm, f);
    if (status != KETCH_OK)
        return status;
    f->fenced = true;
    return ketch_context_fence(context, f);
}

static void give_farm(void *user)
{
    farm *const f = user;
    for (int i = 0; i < FARM; i++)
        ketch_result_destroy(f->runs[i]);
    ketch_block_drop(f->block);
}

static const ketch_job_type farm_type = {.size = sizeof(ketch_job_type),
                                         .name = "test.farm",
                                         .version = 1,
                                         .advance = advance_farm,
                                         .release = give_farm};

static const ketch_job_type *type_of_farm(void)
{
    return &farm_type;
}

/* ---- starting one ---- */

static ketch_status begin_inside(farm *f, const contract_start *s, ketch_error *e)
{
    contract_start inside = {
        .kind = f->inside, .shared = s->shared, .engine = s->engine, .begins = true};
    for (int i = 0; i < FARM; i++) {
        const ketch_status status = f->inside->start(&f->runs[i], &inside, e);
        if (status != KETCH_OK)
            return status;
    }
    return KETCH_OK;
}

static ketch_status make_farm(farm **made, const contract_start *s, ketch_error *e)
{
    ketch_block *block = NULL;
    ketch_status status =
        ketch_block_take(&block, ketch_engine_arena(s->engine), sizeof(farm), "farm", e);
    if (status != KETCH_OK)
        return status;
    *made = ketch_block_data(block);
    **made = (farm){.block = block, .inside = s->kind->inside};
    status = begin_inside(*made, s, e);
    if (status != KETCH_OK)
        give_farm(*made);
    return status;
}

/* ---- saving one: where the jobs inside are, and their plain data ---- */

enum { PACK_MAX = 1024 };

static ketch_status save_farm(ketch_writer *writer, const void *user)
{
    static _Thread_local char data[FARM * PACK_MAX];
    const farm *const f = user;
    const uint64_t size = f->inside->pack_size;
    for (int i = 0; i < FARM; i++)
        f->inside->pack(data + (size_t)i * size, f->runs[i]);
    (void)ketch_writer_section(writer, "inner", f->inner, sizeof f->inner);
    (void)ketch_writer_section(writer, "fenced", &f->fenced, sizeof f->fenced);
    return ketch_writer_section(writer, "inside", data, FARM * size);
}

static ketch_status read_farm(farm *f, ketch_reader *reader, ketch_error *e)
{
    static _Thread_local char data[FARM * PACK_MAX];
    const uint64_t size = f->inside->pack_size;
    ketch_status status = ketch_reader_section(reader, "inner", f->inner, sizeof f->inner, e);
    if (status == KETCH_OK)
        status = ketch_reader_section(reader, "fenced", &f->fenced, sizeof f->fenced, e);
    if (status == KETCH_OK)
        status = ketch_reader_section(reader, "inside", data, FARM * size, e);
    for (int i = 0; i < FARM && status == KETCH_OK; i++)
        f->inside->unpack(f->runs[i], data + (size_t)i * size);
    return status;
}

/* The engine is claimed: the runs inside are begun on another one with its arena. context: how to
 * start the farm. */
static ketch_status load_farm(ketch_job *job, ketch_reader *reader, void *context,
                              ketch_engine *engine, ketch_error *e)
{
    const ketch_engine_options options = {
        .size = sizeof options, .threads = 1, .arena = ketch_engine_arena(engine)};
    contract_start s = *(const contract_start *)context;
    farm *f = NULL;
    ketch_status status = ketch_engine_create(&s.engine, &options, e);
    if (status == KETCH_OK)
        status = make_farm(&f, &s, e);
    if (s.engine)
        ketch_engine_destroy(s.engine, NULL);
    if (status != KETCH_OK)
        return status;
    job->steps = FARM_STEPS;
    job->scratch = f->runs[0]->job.scratch;
    job->user = f;
    status = read_farm(f, reader, e);
    if (status != KETCH_OK)
        give_farm(f);
    return status;
}

static const ketch_job_type saved_farm_type = {.size = sizeof(ketch_job_type),
                                               .name = "test.saved-farm",
                                               .version = 1,
                                               .advance = advance_farm,
                                               .release = give_farm,
                                               .save = save_farm,
                                               .load = load_farm};

static const ketch_job_type *type_of_saved_farm(void)
{
    return &saved_farm_type;
}

static ketch_status load_saved_farm(ketch_result **result, const contract_start *s,
                                    const char *path, ketch_error *e)
{
    return ketch_result_load(result, s->engine, &saved_farm_type, (void *)s, path, e);
}

/* ---- the kinds ---- */

static ketch_status start_farm(ketch_result **result, const contract_start *s, ketch_error *e)
{
    farm *f = NULL;
    *result = NULL;
    ketch_status status = make_farm(&f, s, e);
    if (status != KETCH_OK)
        return status;
    const ketch_job job = {.size = sizeof job,
                           .type = s->kind->type(),
                           .steps = s->is_endless ? UINT64_MAX : FARM_STEPS,
                           .scratch = f->runs[0]->job.scratch,
                           .user = f};
    status = s->begins ? ketch_engine_begin(result, s->engine, &job, s->run, e)
                       : ketch_engine_run(result, s->engine, &job, s->run, e);
    if (!*result)
        give_farm(f);
    return status;
}

/* Of all inside, which are alike. */
static uint64_t digest_farm(const ketch_result *result)
{
    const farm *const f = ketch_result_user(result, ketch_result_type(result));
    const uint64_t first = f->inside->digest(f->runs[0]);
    for (int i = 1; i < FARM; i++)
        if (f->inside->digest(f->runs[i]) != first)
            return 0;
    return first;
}

contract_job contract_farm_of(const contract_job *inside)
{
    const bool is_saved = inside->pack && inside->pack_size <= PACK_MAX;
    return (contract_job){.name = "farm",
                          .open = inside->open,
                          .close = inside->close,
                          .start = start_farm,
                          .digest = digest_farm,
                          .load = is_saved ? load_saved_farm : NULL,
                          .type = is_saved ? type_of_saved_farm : type_of_farm,
                          .steps = FARM_STEPS,
                          .looks = inside->looks + 1,
                          .has_endless = true,
                          .inside = inside};
}

const contract_job contract_mill_farm = {.name = "farm of mills",
                                         .start = start_farm,
                                         .digest = digest_farm,
                                         .load = load_saved_farm,
                                         .type = type_of_saved_farm,
                                         .steps = FARM_STEPS,
                                         .looks = 3,
                                         .has_endless = true,
                                         .inside = &contract_mill};

const contract_job contract_circuit_farm = {.name = "farm of circuits",
                                            .open = contract_open_dynamic,
                                            .close = contract_close_circuit,
                                            .start = start_farm,
                                            .digest = digest_farm,
                                            .type = type_of_farm,
                                            .steps = FARM_STEPS,
                                            .looks = 3,
                                            .has_endless = true,
                                            .inside = &contract_dynamic};

const contract_job *const contract_jobs[CONTRACT_JOBS] = {
    &contract_mill,      &contract_stages,      &contract_poller,           &contract_plate,
    &contract_circuit,   &contract_shots,       &contract_observed,         &contract_dynamic,
    &contract_glia,      &contract_clean,       &contract_gradient,         &contract_hebbian,
    &contract_evolution, &contract_evaluation,  &contract_clean_evaluation, &contract_fit,
    &contract_mill_farm, &contract_circuit_farm};
