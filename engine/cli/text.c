#include "cli/observe.h"
#include "cli/report.h"
#include "cli/show.h"

#include <inttypes.h>
#include <math.h>

kt_text kt_text_bytes(uint64_t bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double number = (double)bytes;
    int unit = 0;
    for (; number >= 1024 && unit < 6; unit++)
        number /= 1024;
    if (unit == 0)
        return kt_count(bytes, "byte");
    return kt_format("%s %s", kt_fixed(number, number < 10 ? 1 : 0).text, units[unit]);
}

/* x with a sign and so many digits; never "-0.0". */
static kt_text signed_number(double x, int digits)
{
    const double unit = pow(10, digits);
    const double rounded = round(x * unit) / unit;
    return kt_format("%s%s", rounded < 0 ? "" : "+",
                     kt_fixed(rounded == 0 ? 0 : rounded, digits).text);
}

static void print_others(uint64_t others)
{
    if (others > 0)
        printf("and %" PRIu64 " more\n", others);
}

kt_exit kt_text_amplitudes(kt_work *work, const void *amplitudes)
{
    const int32_t qubits = ketch_state_qubits(work->state);
    const ketch_precision precision = ketch_state_precision(work->state);
    const int digits = precision == KETCH_SINGLE ? 6 : 12;
    kt_top top;
    const kt_exit code = kt_top_take(&top, work, amplitudes);
    if (code != KT_EXIT_GOOD)
        return code;
    for (uint64_t i = 0; i < top.count; i++) {
        const kt_amplitude a = kt_amplitude_read(amplitudes, precision, top.rows[i].index);
        putchar('|');
        kt_show_ket(stdout, top.rows[i].index, qubits);
        printf(">  %s %si   %s\n", signed_number(a.re, digits).text,
               signed_number(a.im, digits).text, kt_fixed(a.probability, digits).text);
    }
    print_others(top.others);
    kt_top_give(&top);
    return KT_EXIT_GOOD;
}

kt_exit kt_text_counts(kt_work *work)
{
    kt_counts counts;
    const kt_exit code = kt_counts_take(&counts, work);
    if (code != KT_EXIT_GOOD)
        return code;
    for (uint64_t i = 0; i < counts.shown; i++) {
        const kt_counted *const row = &counts.rows[i];
        kt_show_bits(stdout, work->circuit,
                     counts.outcomes.rows + row->example * counts.outcomes.bits);
        printf("  %" PRIu64 "\n", row->count);
    }
    print_others(counts.distinct - counts.shown);
    kt_counts_give(&counts);
    return KT_EXIT_GOOD;
}

kt_exit kt_text_observed(kt_work *work)
{
    const int digits = ketch_state_precision(work->state) == KETCH_SINGLE ? 6 : 12;
    for (int i = 0; i < work->options->observe_count; i++) {
        double value;
        const kt_exit code = kt_observed_read(&value, i, work);
        if (code != KT_EXIT_GOOD)
            return code;
        printf("<%s> = %s\n", work->options->observe[i], signed_number(value, digits).text);
    }
    return KT_EXIT_GOOD;
}

kt_exit kt_text_outcome(kt_work *work)
{
    ketch_outcomes outcomes = {.size = sizeof outcomes};
    if (ketch_circuit_result_outcomes(&outcomes, work->result, &work->error) != KETCH_OK)
        return kt_work_fail(work);
    kt_show_bits(stdout, work->circuit, outcomes.rows);
    putchar('\n');
    return KT_EXIT_GOOD;
}

void kt_text_summary(const kt_work *work, const ketch_report *report)
{
    printf("%s, %s, %s, %s, %s, %s, %s", kt_count(ketch_circuit_steps(work->circuit), "gate").text,
           kt_count((uint64_t)ketch_circuit_qubits(work->circuit), "qubit").text,
           kt_text_seconds(report->seconds).text, kt_count(report->sweeps, "sweep").text,
           kt_text_bytes(report->memory).text, kt_count((uint64_t)report->threads, "thread").text,
           ketch_kernels_name(report->kernels));
    if (kt_work_is_random(work))
        printf(", seed %" PRIu64, work->seed);
    putchar('\n');
}
