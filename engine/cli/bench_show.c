#include "cli/bench.h"

#include "cli/json_text.h"
#include "cli/report.h"
#include "cli/source.h"

#include <inttypes.h>

static bool is_measured(const kt_bench_row *row)
{
    return row->measured > 0;
}

static double row_cores(const kt_bench_row *row)
{
    return is_measured(row) ? row->cpu / row->measured : 0;
}

static void print_bench_row(const kt_bench_row *row)
{
    printf("%7" PRId32 "%12s", row->threads, kt_text_seconds(row->first).text);
    if (row->runs)
        printf("%12s%8s %%%10s%10s %%", kt_text_seconds(row->median).text,
               kt_fixed(100 * (row->high - row->low) / row->median, 1).text,
               kt_fixed(row->speed_up, 2).text, kt_fixed(100 * row->efficiency, 0).text);
    else
        printf("%12s%10s%10s%12s", "-", "-", "-", "-");
    printf("%12s\n", is_measured(row) ? kt_fixed(row_cores(row), 2).text : "-");
}

static const char *bench_precision(const kt_work *work)
{
    return work->options->precision == KETCH_SINGLE ? "single" : "double";
}

static const char *bench_kernels(const kt_work *work)
{
    ketch_program_info info = {.size = sizeof info};
    if (work->program)
        ketch_program_get_info(&info, work->program, NULL);
    return ketch_kernels_name(info.kernels);
}

void kt_bench_text(const kt_bench *bench, const kt_work *work)
{
    printf("threads   first run      median    spread  speed-up  efficiency  cores busy\n");
    for (int32_t i = 0; i < bench->count; i++)
        if (bench->rows[i].first > 0)
            print_bench_row(&bench->rows[i]);
    printf("%s, %s, %s precision, %s\n",
           kt_count((uint64_t)ketch_circuit_qubits(work->circuit), "qubit").text,
           kt_count(ketch_circuit_steps(work->circuit), "gate").text, bench_precision(work),
           bench_kernels(work));
    printf("median and spread (its quartiles' distance) of %s, in turns\n",
           kt_count(bench->repeat, "later run").text);
    if (bench->base)
        printf("speed-up and efficiency are those over %s\n",
               kt_count((uint64_t)bench->base, "thread").text);
}

static void print_json_row(const kt_bench_row *row)
{
    const bool ran = row->runs > 0;
    printf("{\"threads\": %" PRId32 ", \"runs\": %" PRIu64 ", \"first\": %s", row->threads,
           row->runs, kt_significant(row->first, 6).text);
    printf(", \"median\": %s, \"low\": %s, \"high\": %s", kt_known_number(row->median, ran).text,
           kt_known_number(row->low, ran).text, kt_known_number(row->high, ran).text);
    printf(", \"speed_up\": %s, \"efficiency\": %s, \"cores_busy\": %s",
           kt_known_number(row->speed_up, ran).text, kt_known_number(row->efficiency, ran).text,
           kt_known_number(row_cores(row), is_measured(row)).text);
    printf(", \"bytes\": %" PRIu64 ", \"bytes_per_second\": %s}", row->bytes,
           kt_known_number(ran ? (double)row->bytes / row->median : 0, ran).text);
}

void kt_bench_json(const kt_bench *bench, const kt_work *work, ketch_status status)
{
    const char *comma = "";
    fputs("{\"file\": ", stdout);
    kt_json_string(kt_source_name(work->options->file));
    printf(", \"status\": \"%s\", \"qubits\": %" PRId32 ", \"gates\": %" PRIu64,
           ketch_status_name(status), ketch_circuit_qubits(work->circuit),
           ketch_circuit_steps(work->circuit));
    printf(", \"precision\": \"%s\", \"kernels\": \"%s\", \"repeat\": %" PRIu64 ", \"rows\": [",
           bench_precision(work), bench_kernels(work), bench->repeat);
    for (int32_t i = 0; i < bench->count; i++)
        if (bench->rows[i].first > 0) {
            fputs(comma, stdout);
            print_json_row(&bench->rows[i]);
            comma = ", ";
        }
    fputs("]}\n", stdout);
}
