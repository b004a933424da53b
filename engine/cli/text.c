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
    return kt_format("%s %s", kt_fixed(number, unit > 0 && number < 10 ? 1 : 0).text, units[unit]);
}

/* x with a sign and so many digits; never "-0.0". */
static kt_text signed_number(double x, int digits)
{
    const double unit = pow(10, digits);
    const double rounded = round(x * unit) / unit;
    return kt_format("%s%s", rounded < 0 ? "" : "+",
                     kt_fixed(rounded == 0 ? 0 : rounded, digits).text);
}

void kt_text_amplitudes(const kt_work *work, const void *amplitudes)
{
    const int32_t qubits = ketch_state_qubits(work->state);
    const ketch_precision precision = ketch_state_precision(work->state);
    const int digits = precision == KETCH_SINGLE ? 6 : 12;
    kt_top top;
    kt_top_find(&top, amplitudes, qubits, precision);
    for (int i = 0; i < top.count; i++) {
        const kt_amplitude a = kt_amplitude_read(amplitudes, precision, top.index[i]);
        putchar('|');
        kt_show_ket(stdout, top.index[i], qubits);
        printf(">  %s %si   %s\n", signed_number(a.re, digits).text,
               signed_number(a.im, digits).text, kt_fixed(a.probability, digits).text);
    }
    if (top.others > 0)
        printf("and %" PRIu64 " more\n", top.others);
}

kt_exit kt_text_counts(kt_work *work)
{
    kt_counts counts;
    const kt_exit code = kt_counts_take(&counts, work);
    if (code != KT_EXIT_GOOD)
        return code;
    for (uint64_t i = 0; i < counts.distinct; i++) {
        const kt_counted *const row = &counts.rows[i];
        kt_show_bits(stdout, work->circuit,
                     counts.outcomes.rows + row->example * counts.outcomes.bits);
        printf("  %" PRIu64 "\n", row->count);
    }
    kt_counts_give(&counts);
    return KT_EXIT_GOOD;
}

void kt_text_outcome(const kt_work *work, const ketch_outcomes *outcomes)
{
    kt_show_bits(stdout, work->circuit, outcomes->rows);
    putchar('\n');
}

void kt_text_summary(const kt_work *work, const ketch_report *report)
{
    printf("%" PRIu64 " gates, %" PRId32 " qubits, %s s, %" PRIu64 " sweeps, %s, "
           "%" PRId32 " threads, %s, seed %" PRIu64 "\n",
           ketch_circuit_steps(work->circuit), ketch_circuit_qubits(work->circuit),
           kt_fixed(report->seconds, 3).text, report->sweeps, kt_text_bytes(report->memory).text,
           report->threads, ketch_kernels_name(report->kernels), work->seed);
}
