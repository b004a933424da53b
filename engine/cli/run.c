#include "cli/command.h"
#include "cli/note.h"
#include "cli/npy.h"
#include "cli/observe.h"
#include "cli/running.h"
#include "cli/say.h"
#include "cli/source.h"
#include <string.h>

static kt_exit check_measures(const kt_work *work)
{
    ketch_program_info info = {.size = sizeof info};
    ketch_program_get_info(&info, work->program, NULL);
    if (work->options->shots == 0 || info.measures)
        return KT_EXIT_GOOD;
    return kt_refuse(work->options->json, KT_EXIT_INPUT,
                     "ketch: ", kt_source_name(work->options->file),
                     " measures nothing, so --shots has nothing to count: add \"measure\" to it "
                     "or leave --shots out",
                     NULL);
}

static kt_exit check_initial(const kt_work *work)
{
    const char *const ket = work->options->initial;
    const int qubits = ketch_circuit_qubits(work->circuit);
    if (!ket || strlen(ket) == (size_t)qubits)
        return KT_EXIT_GOOD;
    return kt_refuse(work->options->json, KT_EXIT_INPUT, "ketch: ", "--initial ", ket, ": has ",
                     kt_count(strlen(ket), "character").text, ", but ",
                     kt_source_name(work->options->file), " has ",
                     kt_count((uint64_t)qubits, "qubit").text, NULL);
}

static kt_exit make_state(kt_work *work)
{
    ketch_status status =
        ketch_state_create(&work->state, work->arena, ketch_circuit_qubits(work->circuit),
                           work->options->precision, &work->error);
    if (status == KETCH_OK && work->options->initial)
        status = ketch_state_set_ket(work->state, work->options->initial, &work->error);
    return status == KETCH_OK ? KT_EXIT_GOOD : kt_work_fail(work);
}

/* Begins the run; the bar and Ctrl-C are those of kt_running. */
static ketch_status start_run(kt_work *work, const ketch_run *run)
{
    const ketch_shots shots = {
        .size = sizeof shots,
        .shots = work->options->shots,
        .seed = work->seed,
        .observables = work->observed ? work->observed->observables : NULL,
        .observable_count = (uint64_t)work->options->observe_count,
    };
    return ketch_program_run(&work->result, work->engine, work->program, work->state, &shots, run,
                             &work->error);
}

static kt_exit write_note(kt_note *note, kt_work *work)
{
    if (!work->options->save)
        return KT_EXIT_GOOD;
    if (kt_note_write(note, work) != KETCH_OK)
        return kt_work_fail(work);
    work->note = note->bytes;
    work->note_size = note->size;
    return KT_EXIT_GOOD;
}

kt_exit kt_command_run(const kt_options *options)
{
    kt_work work;
    kt_npy npy;
    kt_note note = {0};
    kt_exit code = kt_npy_open(&npy, options);
    if (code != KT_EXIT_GOOD)
        return code;
    code = kt_work_begin(&work, options);
    if (code == KT_EXIT_GOOD)
        code = check_measures(&work);
    if (code == KT_EXIT_GOOD)
        code = check_initial(&work);
    if (code == KT_EXIT_GOOD)
        code = make_state(&work);
    if (code == KT_EXIT_GOOD)
        code = write_note(&note, &work);
    if (code == KT_EXIT_GOOD)
        code = kt_running(&work, &npy, start_run, options->save);
    kt_note_end(&note);
    kt_work_end(&work);
    kt_npy_close(&npy);
    return code;
}
