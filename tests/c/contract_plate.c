/* The job of examples/5_job.c, with a plate of its own for every run. */
int plate_main(void);
#define main plate_main
#include "../../examples/5_job.c"
#undef main

#include "contract.h"

enum { SMALL_SIDE = 64, FEW_SWEEPS = 60, FENCE_OFTEN = 20 };

static const plate small_plate = {
    .side = SMALL_SIDE, .sweeps = FEW_SWEEPS, .fence_every = FENCE_OFTEN};

typedef struct boxed_plate {
    plate p;
    ketch_block *block;
} boxed_plate;

static ketch_status take_box(ketch_job *job, ketch_engine *engine, ketch_error *e)
{
    ketch_block *block = NULL;
    ketch_status status =
        ketch_block_take(&block, ketch_engine_arena(engine), sizeof(boxed_plate), "plate", e);
    if (status != KETCH_OK)
        return status;
    boxed_plate *const made = ketch_block_data(block);
    *made = (boxed_plate){.p = small_plate, .block = block};
    job->user = made;
    const uint64_t steps = job->steps;
    status = take_plate(job, engine, e);
    job->steps = steps; /* perhaps unknown */
    if (status != KETCH_OK)
        ketch_block_drop(block);
    return status;
}

static void give_box(void *user)
{
    boxed_plate *const b = user;
    give_plate(b);
    ketch_block_drop(b->block);
}

static ketch_status need_box(ketch_need *need, const ketch_engine *engine, const ketch_job *job,
                             ketch_error *e)
{
    ketch_job small = *job;
    small.user = (void *)&small_plate;
    ketch_need_add(need, "plate", sizeof(boxed_plate));
    return need_plate(need, engine, &small, e);
}

static ketch_status load_box(ketch_job *job, ketch_reader *reader, void *context,
                             ketch_engine *engine, ketch_error *e)
{
    (void)context;
    ketch_block *block = NULL;
    ketch_status status =
        ketch_block_take(&block, ketch_engine_arena(engine), sizeof(boxed_plate), "plate", e);
    if (status != KETCH_OK)
        return status;
    boxed_plate *const made = ketch_block_data(block);
    status = load_plate(job, reader, &made->p, engine, e);
    made->block = block;
    job->user = made;
    if (status != KETCH_OK)
        ketch_block_drop(block);
    return status;
}

static const ketch_job_type boxed_type = {.size = sizeof(ketch_job_type),
                                          .name = "test.plate",
                                          .version = 1,
                                          .advance = flow_on,
                                          .release = give_box,
                                          .prepare = take_box,
                                          .need = need_box,
                                          .save = save_plate,
                                          .load = load_box};

static const ketch_job boxed_job = {
    .size = sizeof(ketch_job), .type = &boxed_type, .steps = FEW_SWEEPS};

static const ketch_job_type *type_of_plate(void)
{
    return &boxed_type;
}

static uint64_t digest_plate(const ketch_result *result)
{
    const boxed_plate *const b = ketch_result_user(result, &boxed_type);
    return contract_hash(CONTRACT_HASH_START, b->p.now, grid_bytes(&b->p));
}

const contract_job contract_plate = {.name = "plate of the example",
                                     .start = contract_start_plain,
                                     .digest = digest_plate,
                                     .load = contract_load_plain,
                                     .need = contract_need_plain,
                                     .type = type_of_plate,
                                     .steps = FEW_SWEEPS,
                                     .has_endless = true,
                                     .looks = 2,
                                     .job = &boxed_job};
