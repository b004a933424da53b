#include "cli/show.h"

#include <inttypes.h>

/* Prints the character that text begins with, and returns the number of its bytes. A byte that is no
 * UTF-8 becomes U+DC00 and its value, as in Python's surrogateescape: os.fsencode gives back the
 * bytes of a file's name. */
static int print_character(const char *text)
{
    const unsigned char *const bytes = (const unsigned char *)text;
    const int size = kt_printable(text);
    if (size) {
        printf("%s%.*s", *text == '"' || *text == '\\' ? "\\" : "", size, text);
        return size;
    }
    if (bytes[0] == 0xc2 && (bytes[1] & 0xe0) == 0x80) { /* U+0080 to U+009F */
        printf("\\u%04x", (unsigned)bytes[1]);
        return 2;
    }
    printf("\\u%04x", bytes[0] < 0x80 ? (unsigned)bytes[0] : 0xdc00U + bytes[0]);
    return 1;
}

static void print_string(const char *text)
{
    putchar('"');
    while (*text)
        text += print_character(text);
    putchar('"');
}

static void print_report(const kt_work *work, const ketch_report *report)
{
    printf(", \"precision\": \"%s\", \"seed\": %" PRIu64,
           work->options->precision == KETCH_SINGLE ? "single" : "double", work->seed);
    printf(", \"seconds\": %s, \"steps\": %" PRIu64 ", \"sweeps\": %" PRIu64 ", \"bytes\": %" PRIu64
           ", \"memory\": %" PRIu64,
           kt_fixed(report->seconds, 6).text, report->steps, report->sweeps, report->bytes,
           report->memory);
    printf(", \"threads\": %" PRId32 ", \"kernels\": \"%s\"", report->threads,
           ketch_kernels_name(report->kernels));
}

static void print_amplitudes(const kt_work *work, const void *amplitudes)
{
    const int32_t qubits = ketch_state_qubits(work->state);
    const ketch_precision precision = ketch_state_precision(work->state);
    kt_top top;
    kt_top_find(&top, amplitudes, qubits, precision);
    fputs(", \"amplitudes\": [", stdout);
    for (int i = 0; i < top.count; i++) {
        const kt_amplitude a = kt_amplitude_read(amplitudes, precision, top.index[i]);
        fputs(i > 0 ? ", {\"ket\": \"" : "{\"ket\": \"", stdout);
        kt_show_ket(stdout, top.index[i], qubits);
        printf("\", \"re\": %s, \"im\": %s}", kt_significant(a.re, 17).text,
               kt_significant(a.im, 17).text);
    }
    printf("], \"more\": %" PRIu64, top.others);
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
    for (uint64_t i = 0; i < counts->distinct; i++) {
        fputs(i > 0 ? ", " : "", stdout);
        print_key(work, &counts->outcomes, counts->rows[i].example);
        printf(": %" PRIu64, counts->rows[i].count);
    }
    putchar('}');
}

kt_exit kt_json_print(kt_work *work, const ketch_report *report, const void *amplitudes)
{
    kt_counts counts = {0};
    ketch_outcomes outcome = {.size = sizeof outcome};
    const bool finished = ketch_result_status(work->result) == KETCH_OK;
    const bool counted = finished && work->options->shots > 0;
    const bool measured = finished && !counted && !amplitudes;
    kt_exit code = KT_EXIT_GOOD;
    if (counted)
        code = kt_counts_take(&counts, work);
    else if (measured && ketch_circuit_result_outcomes(&outcome, work->result, &work->error))
        code = kt_work_fail(work);
    if (code != KT_EXIT_GOOD)
        return code;
    fputs("{\"file\": ", stdout);
    print_string(kt_source_name(work->options->file));
    printf(", \"status\": \"%s\"", ketch_status_name(ketch_result_status(work->result)));
    printf(", \"qubits\": %" PRId32 ", \"bits\": %" PRId32 ", \"gates\": %" PRIu64,
           ketch_circuit_qubits(work->circuit), ketch_circuit_bits(work->circuit),
           ketch_circuit_steps(work->circuit));
    print_report(work, report);
    if (counted)
        print_counts(work, &counts);
    if (measured) {
        fputs(", \"outcome\": ", stdout);
        print_key(work, &outcome, 0);
    }
    if (amplitudes)
        print_amplitudes(work, amplitudes);
    fputs("}\n", stdout);
    kt_counts_give(&counts);
    return KT_EXIT_GOOD;
}
