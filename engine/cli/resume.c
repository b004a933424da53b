#include "cli/command.h"
#include "cli/note.h"
#include "cli/npy.h"
#include "cli/running.h"
#include "cli/say.h"
#include "cli/training.h"

#include <string.h>

/* A run that was saved by the command: options as they were then, as far as they belong to the run.
 * head: the lines of its note, each ended by a 0, that options point to. */
typedef struct saved_work {
    kt_work work;
    kt_options options;
    ketch_saved *saved;
    ketch_block *head;
} saved_work;

static kt_exit refuse_note(const kt_options *options)
{
    return kt_refuse(options->json, KT_EXIT_INPUT, "ketch: ", options->file,
                     " was saved by a program, not by this command: load it there (in Python: "
                     "engine.load)",
                     NULL);
}

/* A file that is no saved run may be a circuit. */
static kt_exit refuse_saved(const kt_options *options, const ketch_error *error)
{
    const bool foreign = error->status == KETCH_FORMAT;
    if (error->status == KETCH_IO) /* of the input here: elsewhere of the output */
        return kt_refuse(options->json, KT_EXIT_INPUT, "ketch: ", error->message, NULL);
    return kt_refuse_error(options->json, error,
                           foreign ? "; to run a circuit: ketch run FILE" : NULL);
}

/* Copies the lines that options point to: they end with newlines in the note. */
static ketch_status keep_lines(saved_work *s, const kt_note *note)
{
    const size_t size = (size_t)(note->text - note->bytes);
    const ketch_status status =
        ketch_block_take(&s->head, s->work.arena, size, "text", &s->work.error);
    if (status != KETCH_OK)
        return status;
    char *const head = ketch_block_data(s->head);
    for (size_t i = 0; i < size; i++)
        head[i] = note->bytes[i] == '\n' ? '\0' : note->bytes[i];
    s->options.file = head + (note->name - note->bytes);
    s->options.observe_count = note->observe_count;
    for (int i = 0; i < note->observe_count; i++)
        s->options.observe[i] = head + (note->observe[i] - note->bytes);
    return KETCH_OK;
}

static kt_exit use_note(saved_work *s, const kt_note *note)
{
    kt_work *const work = &s->work;
    if (keep_lines(s, note) != KETCH_OK)
        return kt_work_fail(work);
    s->options.shots = note->shots;
    work->seed = note->seed;
    work->note = note->bytes;
    work->note_size = note->size;
    return KT_EXIT_GOOD;
}

/* Circuit and program, as they were saved. */
static kt_exit read_saved(saved_work *s, const kt_options *options)
{
    kt_work *const work = &s->work;
    ketch_saved_info info = {.size = sizeof info};
    ketch_program_options how = {.size = sizeof how};
    if (ketch_saved_get_info(&info, s->saved, &work->error) != KETCH_OK)
        return kt_work_fail(work);
    kt_note note = {.bytes = ketch_saved_note(s->saved), .size = (size_t)info.note_size};
    if (!kt_note_read(&note))
        return refuse_note(options);
    if (ketch_circuit_saved(&how, NULL, 0, NULL, s->saved, &work->error) != KETCH_OK ||
        ketch_circuit_saved_costs(&work->costs, s->saved, &work->error) != KETCH_OK)
        return kt_work_fail(work);
    how.size = sizeof how;
    how.cost_table = work->costs;
    const kt_exit code = use_note(s, &note);
    if (code != KT_EXIT_GOOD)
        return code;
    s->options.precision = how.precision;
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

static kt_exit resume_circuit(ketch_saved *saved, const kt_options *options)
{
    saved_work s = {.options = *options, .saved = saved};
    kt_npy npy;
    if (options->out)
        return kt_refuse(options->json, KT_EXIT_INPUT,
                         "ketch resume: ", "--out is for trainings, and ", options->file,
                         " is a circuit's run", NULL);
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
    if (s.head)
        ketch_block_drop(s.head);
    kt_work_end(&s.work);
    kt_npy_close(&npy);
    return code;
}

kt_exit kt_command_resume(const kt_options *options)
{
    ketch_saved *saved = NULL;
    ketch_error error = {.size = sizeof error};
    if (ketch_saved_open(&saved, options->file, &error) != KETCH_OK)
        return refuse_saved(options, &error);
    const kt_exit code = kt_training_is_saved(saved) ? kt_training_resume(saved, options)
                                                     : resume_circuit(saved, options);
    ketch_saved_close(saved);
    return code;
}
