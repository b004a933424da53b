/* Trainers: life and claims. */
#include "glia/train/trainer.h"

#include "heap.h"
#include "status.h"

#include <assert.h>

#define TRAINER_MAGIC UINT64_C(0x6b74677472616931)

static bool is_trainer(const ketch_glia_trainer *trainer)
{
    return trainer && trainer->magic == TRAINER_MAGIC;
}

ketch_status ketch_glia_trainer_create(ketch_glia_trainer **trainer, ketch_glia_net *net,
                                       ketch_glia_rule rule, ketch_error *error)
{
    if (!trainer)
        return kt_fail_handle(error, __func__, "trainer", "a place for the new trainer", NULL);
    *trainer = NULL;
    if ((int32_t)rule != KETCH_GLIA_GRADIENT && (int32_t)rule != KETCH_GLIA_HEBBIAN)
        return kt_fail(error, KETCH_RANGE, __func__, "rule", kt_format("%d", (int)rule).text,
                       "1 (gradient) or 2 (Hebbian)", "no such rule");
    ketch_glia_net *const shared = ketch_glia_net_share(net);
    if (!shared)
        return kt_fail_handle(error, __func__, "net", "a network", net);
    ketch_glia_trainer *const made = kt_heap_take(sizeof *made);
    if (!made) {
        ketch_glia_net_drop(shared);
        return kt_fail_heap(error, __func__);
    }
    made->magic = TRAINER_MAGIC;
    made->references = 1;
    made->rule = rule;
    made->net = shared;
    *trainer = made;
    return KETCH_OK;
}

ketch_glia_trainer *ktg_trainer_share(ketch_glia_trainer *trainer)
{
    assert(is_trainer(trainer));
    __atomic_fetch_add(&trainer->references, 1, __ATOMIC_RELAXED);
    return trainer;
}

static void end_trainer(ketch_glia_trainer *trainer)
{
    for (size_t i = 0; i < trainer->kept.count; i++)
        kt_block_drop(trainer->kept.items[i]);
    kt_heap_give(trainer->kept.items);
    kt_heap_give(trainer->forgotten.items);
    if (trainer->block)
        kt_block_drop(trainer->block);
    ketch_glia_net_drop(trainer->net);
    trainer->magic = 0;
    kt_heap_give(trainer);
}

void ketch_glia_trainer_drop(ketch_glia_trainer *trainer)
{
    if (is_trainer(trainer) && __atomic_fetch_sub(&trainer->references, 1, __ATOMIC_ACQ_REL) == 1)
        end_trainer(trainer);
}

/* ---- claims ---- */

ketch_status ktg_trainer_check(const ketch_glia_trainer *trainer, const char *function,
                               ketch_error *error)
{
    if (is_trainer(trainer))
        return KETCH_OK;
    return kt_fail_handle(error, function, "trainer", "a trainer", trainer);
}

ketch_status ktg_trainer_make_ready(ketch_glia_trainer *trainer, const char *function,
                                    ketch_error *error)
{
    KT_TRY(ktg_net_prepare(trainer->net, function, error));
    return ktg_trainer_follow(trainer, function, error);
}

ketch_status ktg_trainer_claim(ketch_glia_trainer *trainer, const char *function,
                               ketch_error *error)
{
    KT_TRY(ktg_trainer_check(trainer, function, error));
    KT_TRY(ktg_net_claim_settled(trainer->net, function, error));
    const ketch_status status = ktg_trainer_make_ready(trainer, function, error);
    if (status != KETCH_OK)
        ktg_net_release(trainer->net);
    return status;
}
