#include "cli/report.h"

#include <inttypes.h>

static kt_text three_digits(double value, const char *unit)
{
    return kt_format("%s %s",
                     value < 999.5 ? kt_significant(value, 3).text : kt_fixed(value, 0).text, unit);
}

kt_text kt_text_seconds(double seconds)
{
    if (seconds >= 1)
        return three_digits(seconds, "s");
    if (seconds >= 1e-3)
        return three_digits(seconds * 1e3, "ms");
    return seconds >= 1e-6 ? three_digits(seconds * 1e6, "us") : three_digits(seconds * 1e9, "ns");
}

kt_text kt_known_number(double value, bool is_known)
{
    return is_known ? kt_significant(value, 6) : kt_format("null");
}

static void print_line(const char *name, const char *value)
{
    printf("%-12s %s\n", name, value);
}

static void print_cpu(const ketch_report *report)
{
    if (report->measured_seconds <= 0) {
        print_line("CPU time", "not measured");
        return;
    }
    print_line("CPU time", kt_text_seconds(report->cpu_seconds).text);
    print_line(
        "cores busy",
        kt_format("%s of %" PRId32, kt_fixed(report->cores_busy, 2).text, report->threads).text);
}

void kt_report_text(const ketch_report *report)
{
    print_line("time", kt_text_seconds(report->seconds).text);
    print_cpu(report);
    print_line("moved", kt_format("%s, %s a second", kt_text_bytes(report->bytes).text,
                                  kt_text_bytes((uint64_t)report->bytes_per_second).text)
                            .text);
    print_line("sweeps", kt_format("%" PRIu64 ", of %" PRIu64 " tiles in all", report->sweeps,
                                   report->indices)
                             .text);
    print_line("memory", kt_text_bytes(report->memory).text);
    if (report->saves)
        print_line("saved", kt_format("%" PRIu64 " times", report->saves).text);
}

void kt_report_json(const ketch_report *report)
{
    const bool is_measured = report->measured_seconds > 0;
    printf(", \"report\": {\"seconds\": %s, \"measured_seconds\": %s",
           kt_significant(report->seconds, 6).text,
           kt_significant(report->measured_seconds, 6).text);
    printf(", \"cpu_seconds\": %s, \"cores_busy\": %s, \"threads\": %" PRId32,
           kt_known_number(report->cpu_seconds, is_measured).text,
           kt_known_number(report->cores_busy, is_measured).text, report->threads);
    printf(", \"bytes\": %" PRIu64 ", \"bytes_per_second\": %s", report->bytes,
           kt_significant(report->bytes_per_second, 6).text);
    printf(", \"sweeps\": %" PRIu64 ", \"tiles\": %" PRIu64 ", \"memory\": %" PRIu64
           ", \"maps\": %" PRIu64 ", \"ticks\": %" PRIu64 ", \"saves\": %" PRIu64 "}",
           report->sweeps, report->indices, report->memory, report->maps, report->ticks,
           report->saves);
}
