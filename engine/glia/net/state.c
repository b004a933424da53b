/* The state of networks: what ticks change. */
#include "glia/net/net.h"

#include "numbers.h"
#include "status.h"

#include <math.h>
#include <string.h>

int32_t ktg_net_state(ktg_state_part *parts, const ketch_glia_net *net)
{
    const ktg_cells *const cells = &net->cells;
    const ktg_clean_cells *const clean = &cells->clean;
    const size_t size = cells->count * sizeof(float);
    int32_t count = 0;
    parts[count++] = (ktg_state_part){"glia.value", cells->value, size};
    parts[count++] = (ktg_state_part){"glia.delta", cells->delta, size};
    parts[count++] = (ktg_state_part){"glia.on_deck", cells->on_deck, size};
    if (!ktg_net_is_clean(net))
        return count;
    const size_t due = clean->delays * ktg_due_size(cells) * sizeof(float);
    parts[count++] = (ktg_state_part){"glia.wait", clean->wait, size};
    parts[count++] = (ktg_state_part){"glia.excitation", clean->current[0], size};
    parts[count++] = (ktg_state_part){"glia.inhibition", clean->current[1], size};
    parts[count++] = (ktg_state_part){"glia.due", clean->due, due};
    return count;
}

/* ---- what is due ---- */

/* Where the numbers of all neurons for a tick are in `due`: see ktg_clean_cells. RANGE. Without
 * neurons there are none: NULL. */
static ketch_status find_due(float **due, const ketch_glia_net *net, uint32_t later,
                             const char *function, ketch_error *error)
{
    const ktg_clean_cells *const clean = &net->cells.clean;
    const uint32_t delays = ktg_net_is_clean(net) ? KT_MAX(clean->delays, 1) : 0;
    if (later >= delays)
        return kt_fail(error, KETCH_RANGE, function, "later", kt_format("%u", later).text,
                       kt_format("below %u", delays).text,
                       "no tick in which something is due, which is so in clean networks alone");
    const uint64_t part = (net->ticks + 1 + later) % delays;
    *due = net->cells.count ? clean->due + part * ktg_due_size(&net->cells) : NULL;
    return KETCH_OK;
}

ketch_status ketch_glia_get_due(float *excitation, float *inhibition, ketch_glia_net *net,
                                uint32_t later, ketch_error *error)
{
    if (!excitation || !inhibition)
        return kt_fail_handle(error, __func__, "excitation", "two arrays", NULL);
    KT_TRY(ktg_net_claim_to_read(net, __func__, error));
    float *due = NULL;
    const ketch_status status = find_due(&due, net, later, __func__, error);
    if (due) {
        memcpy(excitation, due, net->cells.count * sizeof *due);
        memcpy(inhibition, due + ktg_due_size(&net->cells) / 2, net->cells.count * sizeof *due);
    }
    ktg_net_release(net);
    return status;
}

/* Sums of what is due are of one sign each, and never -0. */
static ketch_status check_due(uint64_t count, const float *sums, float sign, const char *argument,
                              const char *function, ketch_error *error)
{
    for (uint64_t i = 0; i < count; i++)
        if (!(sums[i] * sign >= 0 && isfinite(sums[i])))
            return kt_fail(error, KETCH_RANGE, function, argument,
                           kt_format("%g at %llu", (double)sums[i], (unsigned long long)i).text,
                           sign > 0 ? "finite numbers of 0 or more" : "finite numbers of 0 or less",
                           "no sum of weights of that sign");
    return KETCH_OK;
}

static void set_sums(float *due, const float *sums, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        due[i] = sums[i] == 0 ? 0 : sums[i];
}

static ketch_status set_due(ketch_glia_net *net, uint32_t later, const float *const sums[2],
                            const char *function, ketch_error *error)
{
    const uint64_t count = net->cells.count;
    float *due;
    KT_TRY(find_due(&due, net, later, function, error));
    KT_TRY(check_due(count, sums[0], 1, "excitation", function, error));
    KT_TRY(check_due(count, sums[1], -1, "inhibition", function, error));
    if (!due)
        return KETCH_OK;
    set_sums(due, sums[0], count);
    set_sums(due + ktg_due_size(&net->cells) / 2, sums[1], count);
    return KETCH_OK;
}

ketch_status ketch_glia_set_due(ketch_glia_net *net, uint32_t later, const float *excitation,
                                const float *inhibition, ketch_error *error)
{
    const float *const sums[2] = {excitation, inhibition};
    if (!excitation || !inhibition)
        return kt_fail_handle(error, __func__, "excitation", "two arrays", NULL);
    KT_TRY(ktg_net_claim_settled(net, __func__, error));
    const ketch_status status = set_due(net, later, sums, __func__, error);
    ktg_net_release(net);
    return status;
}

/* ---- the beginning ---- */

void ktg_net_reset(ketch_glia_net *net)
{
    ktg_cells *const cells = &net->cells;
    ktg_state_part parts[KTG_STATE_PARTS];
    const int32_t count = ktg_net_state(parts, net);
    for (int32_t i = 0; i < count && cells->count; i++)
        memset(parts[i].at, 0, parts[i].size);
    if (cells->count)
        memcpy(cells->value, cells->resting, cells->count * sizeof *cells->value);
    cells->fired_count = 0;
    net->ticks = 0;
}

ketch_status ketch_glia_reset(ketch_glia_net *net, ketch_error *error)
{
    KT_TRY(ktg_net_claim_settled(net, __func__, error));
    ktg_net_reset(net);
    ktg_net_release(net);
    return KETCH_OK;
}
