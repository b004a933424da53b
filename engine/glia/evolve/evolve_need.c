/* The memory that evolutions take. */
#include "glia/evolve/evolve.h"

#include "engine.h"
#include "job.h"
#include "status.h"

/* Of a prepared network, whose panels a copy will have, too. */
static ketch_status add_individual(ketch_need *need, ketch_glia_net *net,
                                   const ktg_evolve_parts *parts, const char *function,
                                   ketch_error *error)
{
    ketch_glia_trainer shape = {.rule = KETCH_GLIA_HEBBIAN};
    shape.neurons.count = net->cells.count;
    shape.neurons.output_count = net->cells.outputs;
    shape.synapses.count = shape.synapses.capacity = net->rows.count;
    ktg_net_add_copy_need(need, net);
    if (net->panels.block)
        ketch_need_add(need, "glia", kt_block_size(net->panels.block));
    ketch_need_add(need, "glia", ktg_trainer_size(&shape));
    return ktg_training_add_need(need, &parts->training, function, error);
}

static ketch_status add_evolution(ketch_need *need, ketch_glia_net *net,
                                  const ktg_evolve_parts *parts, const ketch_arena *arena,
                                  const char *function, ketch_error *error)
{
    const ketch_glia_evolution *const asked = &parts->asked;
    KT_TRY(ktg_net_prepare(net, function, error));
    ktg_net_add_need(need, net, arena);
    ktg_population_add_need(need, net, &parts->config);
    ketch_need_add(need, "glia", ktg_evolution_size(parts));
    KT_TRY(
        ktg_episodes_add_need(need, asked->validation, asked->validation_count, function, error));
    for (uint32_t i = 0; i < parts->config.population; i++)
        KT_TRY(add_individual(need, net, parts, function, error));
    return KETCH_OK;
}

ketch_status ketch_glia_evolve_need(ketch_need *need, const ketch_engine *engine,
                                    ketch_glia_net *net, const ketch_glia_evolution *evolution,
                                    ketch_error *error)
{
    const ktg_evolve_launch launch = {net, evolution, __func__};
    const ketch_job job = {.type = &ktg_evolve_type};
    ketch_need out = {.size = sizeof out};
    ktg_evolve_parts parts;
    KT_TRY(kt_engine_check(engine, __func__, error));
    KT_TRY(ktg_net_check(net, __func__, error));
    KT_TRY(ktg_evolve_read(&parts, &launch, error));
    KT_TRY(ktg_net_claim_to_hold(net, __func__, error));
    const ketch_status status = add_evolution(&out, net, &parts, engine->arena, __func__, error);
    ktg_net_release(net);
    KT_TRY(status);
    kt_job_add_need(&out, engine, &job);
    return kt_write_report(need, &out, sizeof out, __func__, "need", error);
}
