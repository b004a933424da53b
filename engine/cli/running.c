#include "cli/running.h"

#include "cli/bar.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/report.h"
#include "cli/say.h"

#include <inttypes.h>

ketch_status kt_carry(kt_work *work, kt_start *start, const char *save, ketch_stop *stop)
{
    kt_bar bar;
    const double timeout = kt_deadline_end(&work->deadline);
    kt_bar_begin(&bar, work->options->progress);
    const ketch_run run = {
        .size = sizeof run,
        .hook = kt_bar_hook,
        .user = &bar,
        .timeout = timeout,
        .stop = stop,
        .save_path = save,
        .save_seconds = work->options->save_every,
        .save_note = work->note,
        .save_note_size = work->note_size,
        .report = work->options->report,
    };
    const ketch_status status = start(work, &run);
    ketch_report report = {.size = sizeof report};
    ketch_position position = {.size = sizeof position, .total = 1};
    if (work->result) {
        ketch_result_get_report(&report, work->result, NULL);
        ketch_result_get_position(&position, work->result, NULL);
    }
    const double part = position.total ? (double)position.done / (double)position.total : 1;
    kt_bar_end(&bar, status == KETCH_OK ? 1 : part, report.seconds);
    return status;
}

kt_exit kt_tell_stop(const kt_work *work, ketch_status status, const char *save)
{
    ketch_position position = {.size = sizeof position};
    ketch_result_get_position(&position, work->result, NULL);
    const bool late = status == KETCH_TIMEOUT;
    kt_say("ketch: ", late ? "time is up" : "interrupted", " after ",
           kt_format("%" PRIu64 " of ", position.done).text, kt_count(position.total, "step").text,
           NULL);
    if (save)
        kt_say("ketch: saved; to go on: ketch resume ", save, NULL);
    return late ? KT_EXIT_TIMEOUT : KT_EXIT_INTERRUPTED;
}

static kt_exit print_text(kt_work *work, const ketch_report *report, const void *amplitudes)
{
    kt_exit code = KT_EXIT_GOOD;
    if (work->options->shots > 0)
        code = kt_text_counts(work);
    else if (amplitudes)
        code = kt_text_amplitudes(work, amplitudes);
    else
        code = kt_text_outcome(work);
    if (code == KT_EXIT_GOOD)
        code = kt_text_observed(work);
    if (code != KT_EXIT_GOOD)
        return code;
    kt_text_summary(work, report);
    if (work->options->report)
        kt_report_text(report);
    return KT_EXIT_GOOD;
}

/* The amplitudes of a finished run; NULL after shots, which leave no one state. */
static kt_exit read_amplitudes(kt_work *work, const void **amplitudes)
{
    *amplitudes = NULL;
    if (work->options->shots > 0)
        return KT_EXIT_GOOD;
    const ketch_state *const state = ketch_circuit_result_state(work->result);
    return ketch_state_amplitudes(amplitudes, state, &work->error) == KETCH_OK ? KT_EXIT_GOOD
                                                                               : kt_work_fail(work);
}

/* What a finished run prints: amplitudes, counts or the one outcome. */
static kt_exit tell_result(kt_work *work)
{
    ketch_program_info info = {.size = sizeof info};
    ketch_report report = {.size = sizeof report};
    const void *amplitudes;
    const kt_exit code = read_amplitudes(work, &amplitudes);
    if (code != KT_EXIT_GOOD)
        return code;
    ketch_program_get_info(&info, work->program, NULL);
    ketch_result_get_report(&report, work->result, NULL);
    const void *const shown = info.measures ? NULL : amplitudes;
    return work->options->json ? kt_json_print(work, &report, shown)
                               : print_text(work, &report, shown);
}

static kt_exit write_state(kt_work *work, const kt_npy *npy, const ketch_stop *stop)
{
    ketch_program_info info = {.size = sizeof info};
    const void *amplitudes;
    const kt_exit code = read_amplitudes(work, &amplitudes);
    if (code != KT_EXIT_GOOD)
        return code;
    ketch_program_get_info(&info, work->program, NULL);
    return kt_npy_write(npy, amplitudes, info.qubits, info.precision, stop);
}

kt_exit kt_running(kt_work *work, const kt_npy *npy, kt_start *start, const char *save)
{
    kt_interrupt interrupt;
    kt_exit code = KT_EXIT_GOOD;
    ketch_stop *const stop = kt_interrupt_begin(&interrupt);
    const ketch_status status = kt_carry(work, start, save, stop);
    if (status == KETCH_OK)
        code = write_state(work, npy, stop);
    kt_interrupt_end(&interrupt);
    if (status == KETCH_OK)
        return code == KT_EXIT_GOOD ? tell_result(work) : code;
    if (status != KETCH_STOPPED && status != KETCH_TIMEOUT)
        return kt_work_fail(work);
    ketch_report report = {.size = sizeof report};
    ketch_result_get_report(&report, work->result, NULL);
    if (work->options->json)
        kt_json_print(work, &report, NULL);
    else if (work->options->report)
        kt_report_text(&report);
    return kt_tell_stop(work, status, save);
}
