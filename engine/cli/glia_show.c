#include "cli/glia_show.h"

#include "cli/json_text.h"
#include "cli/report.h"

#include <inttypes.h>
#include <string.h>

enum { RASTER_WIDTH = 60, RASTER_ROWS = 32 };

/* Memory of the arena, zeroed; the work's error says why there is none. */
static ketch_block *take_zeroed(kt_glia *glia, uint64_t count, size_t size)
{
    ketch_block *block = NULL;
    const uint64_t bytes = (count + 1) * size;
    if (ketch_block_take(&block, glia->work.arena, bytes, "text", &glia->work.error) != KETCH_OK)
        return NULL;
    memset(ketch_block_data(block), 0, (size_t)bytes);
    return block;
}

/* ---- networks ---- */

static const char *status_name(const kt_glia *glia)
{
    return ketch_status_name(glia->work.result ? ketch_result_status(glia->work.result) : KETCH_OK);
}

void kt_glia_begin_json(const kt_glia *glia, const ketch_glia_net_info *info)
{
    printf("{\"status\": \"%s\", \"mode\": \"%s\", \"neurons\": %" PRIu64 ", \"sensory\": %" PRIu64
           ", \"outputs\": %" PRIu64 ", \"synapses\": %" PRIu64 ", \"bytes\": %" PRIu64,
           status_name(glia), glia->mode == KETCH_GLIA_CLEAN ? "clean" : "compat", info->neurons,
           info->sensory, info->outputs, info->synapses, info->bytes);
}

kt_text kt_glia_count_net(const ketch_glia_net_info *info)
{
    return kt_format("%s, %" PRIu64 " synaps%s", kt_count(info->neurons, "neuron").text,
                     info->synapses, info->synapses == 1 ? "e" : "es");
}

/* The least and the greatest weight. */
typedef struct weight_range {
    float least, most;
} weight_range;

static kt_exit read_weights(weight_range *range, kt_glia *glia, uint64_t synapses)
{
    ketch_block *const block = take_zeroed(glia, 3 * synapses, sizeof(float));
    *range = (weight_range){0};
    if (!block)
        return kt_work_fail(&glia->work);
    uint32_t *const ends = ketch_block_data(block);
    float *const weights = (float *)ketch_block_data(block) + 2 * synapses;
    const ketch_status status = ketch_glia_get_synapses(ends, ends + synapses, weights, synapses,
                                                        glia->net, &glia->work.error);
    for (uint64_t i = 0; i < synapses; i++) {
        range->least = i == 0 || weights[i] < range->least ? weights[i] : range->least;
        range->most = i == 0 || weights[i] > range->most ? weights[i] : range->most;
    }
    ketch_block_drop(block);
    return status == KETCH_OK ? KT_EXIT_GOOD : kt_work_fail(&glia->work);
}

static void print_net_text(const ketch_glia_net_info *info, const weight_range *range)
{
    printf(
        "neurons      %" PRIu64 ": %" PRIu64 " sensory, %" PRIu64 " outputs, %" PRIu64 " other\n",
        info->neurons, info->sensory, info->outputs, info->neurons - info->sensory - info->outputs);
    printf("synapses     %" PRIu64 "\n", info->synapses);
    if (info->synapses)
        printf("weights      %s to %s\n", kt_significant((double)range->least, 6).text,
               kt_significant((double)range->most, 6).text);
    printf("memory       %s\n", kt_text_bytes(info->bytes).text);
}

kt_exit kt_glia_show_net(kt_glia *glia)
{
    ketch_glia_net_info info = {.size = sizeof info};
    weight_range range;
    if (ketch_glia_net_get_info(&info, glia->net, &glia->work.error) != KETCH_OK)
        return kt_work_fail(&glia->work);
    const kt_exit code = read_weights(&range, glia, info.synapses);
    if (code != KT_EXIT_GOOD)
        return code;
    if (!glia->work.options->json) {
        print_net_text(&info, &range);
        return KT_EXIT_GOOD;
    }
    kt_glia_begin_json(glia, &info);
    printf(", \"weights\": [%s, %s]}\n", kt_significant((double)range.least, 9).text,
           kt_significant((double)range.most, 9).text);
    return KT_EXIT_GOOD;
}

/* ---- what a run did ---- */

/* counts: by neuron. spikes: as recorded. */
typedef struct run_numbers {
    ketch_glia_net_info net;
    ketch_glia_result_info run;
    ketch_block *counts_block, *spikes_block;
    uint64_t *counts;
    ketch_glia_spike *spikes;
} run_numbers;

static void give_numbers(run_numbers *n)
{
    if (n->counts_block)
        ketch_block_drop(n->counts_block);
    if (n->spikes_block)
        ketch_block_drop(n->spikes_block);
}

static kt_exit take_numbers(run_numbers *n, kt_glia *glia)
{
    ketch_error *const error = &glia->work.error;
    const ketch_result *const result = glia->work.result;
    *n = (run_numbers){.net = {.size = sizeof n->net}, .run = {.size = sizeof n->run}};
    if (ketch_glia_net_get_info(&n->net, glia->net, error) != KETCH_OK ||
        ketch_glia_result_get_info(&n->run, result, error) != KETCH_OK)
        return kt_work_fail(&glia->work);
    n->counts_block = take_zeroed(glia, n->run.neurons, sizeof *n->counts);
    n->spikes_block = take_zeroed(glia, n->run.recorded, sizeof *n->spikes);
    if (!n->counts_block || !n->spikes_block) {
        give_numbers(n);
        return kt_work_fail(&glia->work);
    }
    n->counts = ketch_block_data(n->counts_block);
    n->spikes = ketch_block_data(n->spikes_block);
    (void)ketch_glia_result_counts(n->counts, 0, n->run.neurons, result, NULL);
    (void)ketch_glia_result_spikes(n->spikes, 0, n->run.recorded, result, NULL);
    return KT_EXIT_GOOD;
}

static double rate_of(const run_numbers *n, uint64_t neuron)
{
    return n->run.ticks ? (double)n->counts[neuron] / (double)n->run.ticks : 0;
}

/* ---- the raster ---- */

/* columns of `each` ticks; cells: spikes by neuron and column. */
typedef struct raster {
    ketch_block *block;
    uint32_t *cells;
    uint64_t columns, each;
} raster;

static kt_exit take_raster(raster *r, const run_numbers *n, kt_glia *glia)
{
    const int32_t asked = glia->work.options->width;
    const uint64_t width = asked ? (uint64_t)asked : RASTER_WIDTH;
    *r = (raster){.each = (n->run.ticks + width - 1) / width};
    r->each = r->each ? r->each : 1;
    r->columns = (n->run.ticks + r->each - 1) / r->each;
    r->block = take_zeroed(glia, n->run.neurons * r->columns, sizeof *r->cells);
    if (!r->block)
        return kt_work_fail(&glia->work);
    r->cells = ketch_block_data(r->block);
    for (uint64_t i = 0; i < n->run.recorded; i++)
        r->cells[n->spikes[i].neuron * r->columns + n->spikes[i].tick / r->each]++;
    return KT_EXIT_GOOD;
}

/* One tick: a bar; several: how many spikes, and + for more than 9. */
static char cell_of(uint32_t spikes, uint64_t each)
{
    if (spikes == 0)
        return '.';
    if (each == 1)
        return '|';
    return spikes > 9 ? '+' : (char)('0' + (int)spikes);
}

static int id_width(kt_glia *glia, const run_numbers *n)
{
    size_t width = 0;
    for (uint64_t i = 0; i < n->run.neurons; i++) {
        const size_t length = n->counts[i] ? strlen(ketch_glia_id(glia->net, i)) : 0;
        width = length > width ? length : width;
    }
    return (int)width;
}

static void print_row(kt_glia *glia, const run_numbers *n, const raster *r, uint64_t neuron,
                      int width)
{
    printf("%-*s  ", width, ketch_glia_id(glia->net, neuron));
    for (uint64_t c = 0; c < r->columns; c++)
        putchar(cell_of(r->cells[neuron * r->columns + c], r->each));
    printf("  %s\n", kt_fixed(rate_of(n, neuron), 6).text);
}

/* A row for each neuron that has fired, as many as --top says. */
static void print_rows(kt_glia *glia, const run_numbers *n, const raster *r)
{
    const uint64_t top = glia->work.options->top ? glia->work.options->top : RASTER_ROWS;
    const int width = id_width(glia, n);
    uint64_t rows = 0;
    for (uint64_t i = 0; i < n->run.neurons; i++)
        if (n->counts[i] && rows++ < top)
            print_row(glia, n, r, i, width);
    if (rows > top)
        printf("and %" PRIu64 " more\n", rows - top);
    if (r->each > 1 && rows)
        printf("a column is %" PRIu64 " ticks\n", r->each);
}

static void print_run_summary(const kt_glia *glia, const run_numbers *n)
{
    ketch_report report = {.size = sizeof report};
    (void)ketch_result_get_report(&report, glia->work.result, NULL);
    printf("%s, %s, %s, %s\n", kt_glia_count_net(&n->net).text, kt_count(n->run.ticks, "tick").text,
           kt_count(n->run.spikes, "spike").text, kt_text_seconds(report.seconds).text);
}

static kt_exit print_run_text(kt_glia *glia, const run_numbers *n)
{
    raster r;
    const kt_exit code = take_raster(&r, n, glia);
    if (code != KT_EXIT_GOOD)
        return code;
    print_rows(glia, n, &r);
    ketch_block_drop(r.block);
    print_run_summary(glia, n);
    return KT_EXIT_GOOD;
}

/* ---- JSON ---- */

static void print_rates(kt_glia *glia, const run_numbers *n)
{
    fputs(", \"rates\": {", stdout);
    for (uint64_t i = 0; i < n->run.neurons; i++) {
        fputs(i > 0 ? ", " : "", stdout);
        kt_json_string(ketch_glia_id(glia->net, i));
        printf(": %s", kt_number(rate_of(n, i)).text);
    }
    putchar('}');
}

/* By tick and number of the neuron in the order of "rates". */
static void print_spikes(const run_numbers *n)
{
    fputs(", \"spikes\": [", stdout);
    for (uint64_t i = 0; i < n->run.recorded; i++)
        printf("%s[%" PRIu32 ", %" PRIu32 "]", i > 0 ? ", " : "", n->spikes[i].tick,
               n->spikes[i].neuron);
    putchar(']');
}

static void print_run_json(kt_glia *glia, const run_numbers *n)
{
    ketch_report report = {.size = sizeof report};
    (void)ketch_result_get_report(&report, glia->work.result, NULL);
    kt_glia_begin_json(glia, &n->net);
    printf(", \"ticks\": %" PRIu64 ", \"seconds\": %s", n->run.ticks,
           kt_fixed(report.seconds, 6).text);
    print_rates(glia, n);
    print_spikes(n);
    fputs("}\n", stdout);
}

kt_exit kt_glia_show_run(kt_glia *glia)
{
    run_numbers numbers;
    kt_exit code = take_numbers(&numbers, glia);
    if (code != KT_EXIT_GOOD)
        return code;
    if (glia->work.options->json)
        print_run_json(glia, &numbers);
    else
        code = print_run_text(glia, &numbers);
    give_numbers(&numbers);
    return code;
}
