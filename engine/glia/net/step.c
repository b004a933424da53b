/* Steps, and what goes in and comes out. */
#include "glia/net/net.h"

#include "float_mode.h"
#include "status.h"

#include <math.h>
#include <string.h>

/* The product is rounded to float32 before it is added: the compiler, which may contract, does not
 * see what the empty instruction makes of it. */
static float rounded(float product)
{
#if defined __x86_64__
    __asm__("" : "+x"(product));
#elif defined __aarch64__
    __asm__("" : "+w"(product));
#else
    volatile float kept = product;
    product = kept;
#endif
    return product;
}

static void update_cell(ktg_cells *cells, uint32_t i)
{
    float value = rounded(cells->leak[i] * cells->value[i]) + cells->delta[i];
    value = value < 0 ? 0 : value;
    cells->delta[i] = 0;
    if (value > cells->threshold[i]) {
        value = cells->resting[i];
        cells->fired[cells->fired_count++] = i;
    }
    cells->value[i] = value;
}

/* What earlier neurons send is on_deck when a neuron moves it to delta. */
static void deliver(ktg_cells *cells, const ktg_rows *rows, uint32_t source)
{
    for (uint32_t s = rows->begin[source]; s < rows->split[source]; s++)
        cells->on_deck[rows->target[s]] += rows->weight[s];
    for (uint32_t s = rows->split[source]; s < rows->begin[source + 1]; s++)
        cells->delta[rows->target[s]] += rows->weight[s];
}

/* Which neurons fire depends on cells as they are before the tick, so all are updated first. Then
 * on_deck and delta, which is all 0, change places, and spikes are delivered in tick order. */
void ktg_net_tick(ketch_glia_net *net)
{
    ktg_cells *const cells = &net->cells;
    cells->fired_count = 0;
    for (uint32_t i = 0; i < cells->count; i++)
        update_cell(cells, i);
    float *const empty = cells->delta;
    cells->delta = cells->on_deck;
    cells->on_deck = empty;
    for (uint32_t f = 0; f < cells->fired_count; f++)
        deliver(cells, &net->rows, cells->fired[f]);
    net->ticks++;
}

ketch_status ketch_glia_step(ketch_glia_net *net, uint64_t ticks, ketch_error *error)
{
    KT_TRY(ktg_net_claim_settled(net, __func__, error));
    const ketch_status status = ktg_net_prepare(net, __func__, error);
    const kt_float_mode mode = kt_float_mode_begin();
    for (uint64_t tick = 0; tick < ticks && status == KETCH_OK; tick++)
        ktg_net_tick(net);
    kt_float_mode_end(mode);
    ktg_net_release(net);
    return status;
}

static ketch_status check_injection(const ketch_glia_net *net, uint64_t count,
                                    const uint32_t *neurons, const float *amounts,
                                    const char *function, ketch_error *error)
{
    for (uint64_t i = 0; i < count; i++) {
        if (neurons[i] >= net->cells.count)
            return kt_fail(error, KETCH_INDEX, function, "neurons",
                           kt_format("%u", neurons[i]).text,
                           kt_format("below %u", net->cells.count).text, "no such neuron");
        if (!isfinite(amounts[i]))
            return kt_fail(error, KETCH_NONFINITE, function, "amounts",
                           kt_format("%g", (double)amounts[i]).text, "finite numbers",
                           "an injection that is no number");
    }
    return KETCH_OK;
}

ketch_status ketch_glia_inject(ketch_glia_net *net, uint64_t count, const uint32_t *neurons,
                               const float *amounts, ketch_error *error)
{
    if (count && (!neurons || !amounts))
        return kt_fail_handle(error, __func__, "neurons", "two arrays", NULL);
    KT_TRY(ktg_net_claim_settled(net, __func__, error));
    const ketch_status status = check_injection(net, count, neurons, amounts, __func__, error);
    const kt_float_mode mode = kt_float_mode_begin();
    for (uint64_t i = 0; i < count && status == KETCH_OK; i++)
        if (neurons[i] < net->cells.sensory)
            net->cells.on_deck[neurons[i]] += amounts[i];
    kt_float_mode_end(mode);
    ktg_net_release(net);
    return status;
}

ketch_status ketch_glia_get_fired(uint32_t *neurons, uint64_t capacity, uint64_t *count,
                                  ketch_glia_net *net, ketch_error *error)
{
    if (!count || (capacity && !neurons))
        return kt_fail_handle(error, __func__, count ? "neurons" : "count", "a place", NULL);
    KT_TRY(ktg_net_claim_settled(net, __func__, error));
    const uint32_t fired = net->cells.fired_count;
    *count = fired;
    if (fired <= capacity && fired)
        memcpy(neurons, net->cells.fired, fired * sizeof *neurons);
    ktg_net_release(net);
    if (fired <= capacity)
        return KETCH_OK;
    return kt_fail(error, KETCH_BUFFER, __func__, "capacity",
                   kt_format("%llu", (unsigned long long)capacity).text,
                   kt_format("%u or more", fired).text, "the array is too short");
}
