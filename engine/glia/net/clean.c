/* Clean networks: coefficients of their equations, and ticks. */
#include "glia/net/net.h"

#include "float_mode.h"
#include "numbers.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* ---- coefficients ---- */

float ketch_glia_leak(double tau)
{
    if (!(tau >= 0))
        return NAN;
    return tau > 0 ? (float)exp(-1 / tau) : 0;
}

/* (exp(x) - 1) / x */
static double slope(double x)
{
    return x == 0 ? 1 : expm1(x) / x;
}

double ktg_clean_gain(float leak, double tau)
{
    if (tau == 0 || leak == 0)
        return tau == 0 ? (double)leak : 0;
    const double x = -log((double)leak) - 1 / tau;
    return (double)leak * slope(x);
}

double ktg_clean_base(float leak, float resting, float drive)
{
    const double kept = (double)leak;
    const double lasting = leak == 0 ? 0 : slope(log(kept));
    return (1 - kept) * (double)resting + (double)drive * lasting;
}

static bool are_all_same(const float *numbers, uint32_t count)
{
    return memcmp(numbers, numbers + 1, (count - 1) * sizeof *numbers) == 0;
}

/* Whether all neurons have the same numbers, and the first block has nothing else. */
static bool is_uniform(const ktg_cells *cells)
{
    const ktg_clean_cells *const clean = &cells->clean;
    const float *const numbers[] = {cells->threshold, cells->leak,       cells->resting,
                                    clean->reset,     clean->refractory, clean->drive};
    bool same = cells->count >= KTG_BLOCK;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers && same; i++)
        same = are_all_same(numbers[i], cells->count);
    return same;
}

static void derive_numbers(ktg_cells *cells, uint32_t i, const double tau[2])
{
    const ktg_clean_cells *const clean = &cells->clean;
    ktg_clean_numbers *const to = &clean->numbers[i / KTG_BLOCK];
    const uint32_t lane = i % KTG_BLOCK;
    to->threshold[lane] = cells->threshold[i];
    to->leak[lane] = cells->leak[i];
    to->base[lane] = (float)ktg_clean_base(cells->leak[i], cells->resting[i], clean->drive[i]);
    for (int c = 0; c < 2; c++)
        to->gain[c][lane] = (float)ktg_clean_gain(cells->leak[i], tau[c]);
    to->reset[lane] = clean->reset[i];
    to->refractory[lane] = clean->refractory[i];
}

void ktg_clean_derive(ketch_glia_net *net)
{
    ktg_cells *const cells = &net->cells;
    ktg_clean_cells *const clean = &cells->clean;
    const kt_float_mode mode = kt_float_mode_begin();
    for (int c = 0; c < 2; c++)
        clean->keep[c] = ketch_glia_leak(net->tau[c]);
    clean->is_shared = is_uniform(cells);
    for (uint32_t i = 0; i < (clean->is_shared ? KTG_BLOCK : cells->count); i++)
        derive_numbers(cells, i, net->tau);
    kt_float_mode_end(mode);
    clean->is_derived = true;
}

/* ---- ticks ---- */

/* The part of due that is for a tick. */
static float *due_at(const ktg_cells *cells, uint64_t tick)
{
    return cells->clean.due + (size_t)(tick % cells->clean.delays) * ktg_due_size(cells);
}

static void update_neurons(ktg_cells *cells, float *due, const ktg_kernel_set *kernels)
{
    ktg_clean_cells *const clean = &cells->clean;
    const ktg_clean_update update = {.numbers = clean->numbers,
                                     .stride = !clean->is_shared,
                                     .keep = {clean->keep[0], clean->keep[1]},
                                     .value = cells->value,
                                     .wait = clean->wait,
                                     .current = {clean->current[0], clean->current[1]},
                                     .due = {due, due + ktg_due_size(cells) / 2},
                                     .input = clean->is_injected ? cells->on_deck : NULL,
                                     .fired = cells->fired,
                                     .count = cells->count,
                                     .has_small = cells->has_small};
    cells->fired_count = kernels->update_clean(&update);
    clean->is_injected = false;
}

/* Where a weight goes: 0, or to the second current's numbers. */
static size_t current_of(float weight, size_t second)
{
    uint32_t bits;
    memcpy(&bits, &weight, sizeof bits);
    return bits >> 31 ? second : 0;
}

/* Weights of delay 1. */
static void send(float *due, const ktg_rows *rows, uint32_t source, size_t second)
{
    for (uint32_t s = rows->begin[source]; s < rows->begin[source + 1]; s++)
        due[current_of(rows->weight[s], second) + rows->target[s]] += rows->weight[s];
}

/* now: the part of due that the tick took, which is free. */
static void send_delayed(const ktg_cells *cells, const ktg_rows *rows, uint32_t source,
                         uint32_t now)
{
    const uint32_t delays = cells->clean.delays;
    const size_t size = ktg_due_size(cells);
    for (uint32_t s = rows->begin[source]; s < rows->begin[source + 1]; s++) {
        const uint32_t later = now + rows->delay[s];
        float *const due = cells->clean.due + (later < delays ? later : later - delays) * size;
        due[current_of(rows->weight[s], size / 2) + rows->target[s]] += rows->weight[s];
    }
}

void ktg_clean_tick(ketch_glia_net *net)
{
    ktg_cells *const cells = &net->cells;
    const ktg_rows *const rows = &net->rows;
    assert(cells->clean.is_derived);
    float *const due = due_at(cells, net->ticks);
    update_neurons(cells, due, net->kernels);
    if (!rows->delay) {
        for (uint32_t f = 0; f < cells->fired_count; f++)
            send(due, rows, cells->fired[f], ktg_due_size(cells) / 2);
        return;
    }
    for (uint32_t f = 0; f < cells->fired_count; f++)
        send_delayed(cells, rows, cells->fired[f], (uint32_t)(net->ticks % cells->clean.delays));
}
