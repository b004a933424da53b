#include "cli/command.h"
#include "cli/note.h"
#include "cli/npy.h"
#include "cli/running.h"
#include "cli/say.h"

#include <string.h>

/* A run that was saved by the command: options as they were then, as far as they belong to the run.
 * name: of the circuit's file. */
typedef struct saved_work {
    kt_work work;
    kt_options options;
    ketch_saved *saved;
    char name[256];
} saved_work;

static kt_exit refuse_note(const kt_options *options)
{
    kt_say("ketch: ", options->file,
           " was saved by a program, not by this command: load it there (in Python: engine.load)",
           NULL);
    return KT_EXIT_INPUT;
}

static void keep_name(saved_work *s, const kt_note *note)
{
    const size_t most = sizeof s->name - 1, length = strcspn(note->name, "\n");
    memcpy(s->name, note->name, length < most ? length : most);
    s->options.file = s->name;
}

/* Circuit and program, as they were saved. */
static kt_exit read_saved(saved_work *s, const kt_options *options)
{
    kt_work *const work = &s->work;
    ketch_saved_info info = {.size = sizeof info};
    ketch_program_options how = {.size = sizeof how};
    if (ketch_saved_open(&s->saved, options->file, &work->error) != KETCH_OK ||
        ketch_saved_get_info(&info, s->saved, &work->error) != KETCH_OK)
        return kt_work_fail(work);
    kt_note note = {.bytes = ketch_saved_note(s->saved), .size = (size_t)info.note_size};
    if (!kt_note_read(&note))
        return refuse_note(options);
    if (ketch_circuit_saved(&how, NULL, 0, NULL, s->saved, &work->error) != KETCH_OK ||
        ketch_circuit_saved_costs(&work->costs, s->saved, &work->error) != KETCH_OK)
        return kt_work_fail(work);
    how.size = sizeof how;
    how.cost_table = work->costs;
    keep_name(s, &note);
    s->options.shots = note.shots;
    s->options.precision = how.precision;
    work->seed = note.seed;
    work->note = note.bytes;
    work->note_size = note.size;
    return kt_work_plan(work, note.text, note.text_size, &how);
}

static kt_exit load_run(saved_work *s, const kt_options *options)
{
    kt_work *const work = &s->work;
    const ketch_status status =
        ketch_circuit_load(&work->result, work->engine, work->program, options->file, &work->error);
    work->state = ketch_state_share(ketch_circuit_result_state(work->result));
    return status == KETCH_OK ? KT_EXIT_GOOD : kt_work_fail(work);
}

static ketch_status go_on(kt_work *work, const ketch_run *run)
{
    return ketch_engine_resume(work->engine, work->result, run, &work->error);
}

kt_exit kt_command_resume(const kt_options *options)
{
    saved_work s = {.options = *options};
    kt_npy npy;
    kt_exit code = kt_npy_open(&npy, options);
    if (code != KT_EXIT_GOOD)
        return code;
    code = kt_work_open(&s.work, &s.options);
    if (code == KT_EXIT_GOOD)
        code = read_saved(&s, options);
    if (code == KT_EXIT_GOOD)
        code = load_run(&s, options);
    if (code == KT_EXIT_GOOD)
        code = kt_running(&s.work, &npy, go_on, options->save ? options->save : options->file);
    ketch_saved_close(s.saved);
    kt_work_end(&s.work);
    kt_npy_close(&npy);
    return code;
}
