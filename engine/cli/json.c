#include "cli/json.h"

#include "cli/json_text.h"
#include "cli/observe.h"
#include "cli/report.h"
#include "cli/show.h"
#include "cli/source.h"

#include <inttypes.h>

static void print_report(const kt_work *work, const ketch_report *report)
{
    const bool random = kt_work_is_random(work);
    printf(", \"precision\": \"%s\", \"seed\": %s",
           work->options->precision == KETCH_SINGLE ? "single" : "double",
           random ? kt_format("%" PRIu64, work->seed).text : "null");
    printf(", \"seconds\": %s, \"steps\": %" PRIu64 ", \"sweeps\": %" PRIu64 ", \"bytes\": %" PRIu64
           ", \"memory\": %" PRIu64,
           kt_fixed(report->seconds, 6).text, report->steps, report->sweeps, report->bytes,
           report->memory);
    printf(", \"threads\": %" PRId32 ", \"kernels\": \"%s\"", report->threads,
           ketch_kernels_name(report->kernels));
}

static void print_top(const kt_work *work, const void *amplitudes, const kt_top *top)
{
    const int32_t qubits = ketch_state_qubits(work->state);
    const ketch_precision precision = ketch_state_precision(work->state);
    fputs(", \"amplitudes\": [", stdout);
    for (uint64_t i = 0; i < top->count; i++) {
        const kt_amplitude a = kt_amplitude_read(amplitudes, precision, top->rows[i].index);
        fputs(i > 0 ? ", {\"ket\": \"" : "{\"ket\": \"", stdout);
        kt_show_ket(stdout, top->rows[i].index, qubits);
        printf("\", \"re\": %s, \"im\": %s}", kt_significant(a.re, 17).text,
               kt_significant(a.im, 17).text);
    }
    printf("], \"more\": %" PRIu64, top->others);
}

static void print_key(const kt_work *work, const ketch_outcomes *outcomes, uint64_t row)
{
    putchar('"');
    kt_show_bits(stdout, work->circuit, outcomes->rows + row * outcomes->bits);
    putchar('"');
}

static void print_counts(const kt_work *work, const kt_counts *counts)
{
    printf(", \"shots\": %" PRIu64 ", \"counts\": {", counts->outcomes.shots);
    for (uint64_t i = 0; i < counts->shown; i++) {
        fputs(i > 0 ? ", " : "", stdout);
        print_key(work, &counts->outcomes, counts->rows[i].example);
        printf(": %" PRIu64, counts->rows[i].count);
    }
    printf("}, \"more\": %" PRIu64, counts->distinct - counts->shown);
}

static void print_values(const kt_work *work, const double *values)
{
    fputs(", \"observed\": [", stdout);
    for (int i = 0; i < work->options->observe_count; i++) {
        fputs(i > 0 ? ", {\"observable\": " : "{\"observable\": ", stdout);
        kt_json_string(work->options->observe[i]);
        printf(", \"value\": %s}", kt_significant(values[i], 17).text);
    }
    putchar(']');
}

/* What a finished run has to show; of a stopped one, nothing. */
typedef struct json_results {
    const void *amplitudes;
    kt_top top;
    kt_counts counts;
    ketch_outcomes outcome;
    double values[KT_OBSERVE_MAX];
    bool finished, counted;
} json_results;

/* Takes everything that may fail, so that the object is printed whole or not at all. */
static kt_exit take_results(json_results *r, kt_work *work)
{
    kt_exit code = KT_EXIT_GOOD;
    if (!r->finished)
        return code;
    for (int i = 0; code == KT_EXIT_GOOD && i < work->options->observe_count; i++)
        code = kt_observed_read(&r->values[i], i, work);
    if (code != KT_EXIT_GOOD)
        return code;
    if (r->counted)
        return kt_counts_take(&r->counts, work);
    if (r->amplitudes)
        return kt_top_take(&r->top, work, r->amplitudes);
    if (ketch_circuit_result_outcomes(&r->outcome, work->result, &work->error) != KETCH_OK)
        return kt_work_fail(work);
    return KT_EXIT_GOOD;
}

static void print_results(const json_results *r, const kt_work *work)
{
    if (r->counted) {
        print_counts(work, &r->counts);
    } else if (r->amplitudes) {
        print_top(work, r->amplitudes, &r->top);
    } else {
        fputs(", \"outcome\": ", stdout);
        print_key(work, &r->outcome, 0);
    }
    if (work->options->observe_count)
        print_values(work, r->values);
}

static void print_circuit(const kt_work *work)
{
    fputs("{\"file\": ", stdout);
    kt_json_string(kt_source_name(work->options->file));
    printf(", \"status\": \"%s\"", ketch_status_name(ketch_result_status(work->result)));
    printf(", \"qubits\": %" PRId32 ", \"bits\": %" PRId32 ", \"gates\": %" PRIu64,
           ketch_circuit_qubits(work->circuit), ketch_circuit_bits(work->circuit),
           ketch_circuit_steps(work->circuit));
}

kt_exit kt_json_print(kt_work *work, const ketch_report *report, const void *amplitudes)
{
    const bool finished = ketch_result_status(work->result) == KETCH_OK;
    json_results r = {.amplitudes = amplitudes,
                      .outcome.size = sizeof r.outcome,
                      .finished = finished,
                      .counted = finished && work->options->shots > 0};
    const kt_exit code = take_results(&r, work);
    if (code == KT_EXIT_GOOD) {
        print_circuit(work);
        print_report(work, report);
        if (work->options->report)
            kt_report_json(report);
        if (finished)
            print_results(&r, work);
        fputs("}\n", stdout);
    }
    kt_top_give(&r.top);
    kt_counts_give(&r.counts);
    return code;
}
