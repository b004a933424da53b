/* The type of trainings, and the public calls that begin and load them. */
#include "glia/train/train.h"

#include "engine.h"
#include "status.h"

/* kt_run_begin or kt_run_whole. */
typedef ketch_status start_job(ketch_result **, ketch_engine *, const ketch_job *,
                               const ketch_run *, const char *, ketch_error *);

static ketch_status launch_training(start_job *start, ketch_result **result, ketch_engine *engine,
                                    const ktg_train_launch *l, const ketch_run *run,
                                    ketch_error *error)
{
    if (result)
        *result = NULL;
    KT_TRY(ktg_trainer_check(l->trainer, l->function, error));
    const ketch_job job = {.size = sizeof job, .type = &ktg_train_type, .user = (void *)l};
    return start(result, engine, &job, run, l->function, error);
}

ketch_status ketch_glia_train(ketch_result **result, ketch_engine *engine,
                              ketch_glia_trainer *trainer, const ketch_glia_training *training,
                              const ketch_run *run, ketch_error *error)
{
    const ktg_train_launch l = {trainer, training, false, __func__};
    return launch_training(kt_run_whole, result, engine, &l, run, error);
}

ketch_status ketch_glia_train_begin(ketch_result **result, ketch_engine *engine,
                                    ketch_glia_trainer *trainer,
                                    const ketch_glia_training *training, const ketch_run *run,
                                    ketch_error *error)
{
    const ktg_train_launch l = {trainer, training, true, __func__};
    return launch_training(kt_run_begin, result, engine, &l, run, error);
}

const ketch_job_type ktg_train_type = {
    .size = sizeof(ketch_job_type),
    .name = "glia.train",
    .version = 1,
    .advance = ktg_train_advance,
    .release = ktg_train_release,
    .prepare = ktg_train_prepare,
    .save = ktg_train_save,
    .load = ktg_train_load,
};

const ketch_job_type *ketch_glia_train_type(void)
{
    return &ktg_train_type;
}

ketch_status ketch_glia_train_load(ketch_result **result, ketch_engine *engine,
                                   ketch_glia_trainer *trainer, const ketch_glia_training *training,
                                   const char *path, ketch_error *error)
{
    const ktg_train_launch l = {trainer, training, true, __func__};
    if (result)
        *result = NULL;
    KT_TRY(ktg_trainer_check(trainer, __func__, error));
    return ktg_train_load_into(result, engine, &ktg_train_type, &l, path, error);
}
