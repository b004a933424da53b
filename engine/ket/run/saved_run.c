/* Saving and loading circuits' runs. A file has the program's options, values and fingerprint, the
 * shots and observables asked for, the run's position, and its numbers: amplitudes, rows of bits,
 * sums. */
#include "ket/run/saved_run.h"

#include "engine.h"
#include "fields.h"
#include "ket/compile/fingerprint.h"
#include "ket/kernels/cost_table.h"
#include "ket/run/prepare.h"
#include "ket/state/checks.h"
#include "save.h"
#include "status.h"

#include <string.h>

enum { PROGRAM_SIZE = 14 * 8, RUN_SIZE = 31 * 8 };

static const char program_section[] = "circuit.program", run_section[] = "circuit.run",
                  asked_section[] = "circuit.observables", state_section[] = "circuit.state",
                  rows_section[] = "circuit.rows", work_section[] = "circuit.work",
                  values_section[] = "circuit.values", costs_section[] = "circuit.costs",
                  sums_section[] = "circuit.sums", image_section[] = "circuit.image";

/* ---- the program ---- */

/* The fields of a file that describe the program. */
typedef struct program_record {
    uint64_t qubits, bits, steps;
    ktq_fingerprint fingerprint;
    ketch_program_options options;
    uint64_t value_count;
} program_record;

static uint64_t count_values(const ketch_program *p)
{
    return p->values ? p->plan->rules.parameter_count : 0;
}

static program_record describe_program(const ketch_program *p)
{
    program_record record = {.qubits = (uint64_t)p->plan->qubits,
                             .bits = (uint64_t)p->plan->bits,
                             .steps = p->plan->steps,
                             .options = p->plan->options};
    record.fingerprint = ktq_program_fingerprint(p);
    record.value_count = count_values(p);
    return record;
}

static void put_program(kt_fields *f, const program_record *r)
{
    kt_put_u64(f, r->qubits);
    kt_put_u64(f, r->bits);
    kt_put_u64(f, r->steps);
    kt_put_u64(f, r->fingerprint.executor_format);
    kt_put_u64(f, (uint64_t)r->options.precision);
    kt_put_u64(f, (uint64_t)r->options.kernels);
    kt_put_u64(f, r->options.fence_every);
    kt_put_u64(f, (uint64_t)r->options.tile_bits);
    kt_put_u64(f, (uint64_t)r->options.run_bits);
    kt_put_u64(f, (uint64_t)r->options.plain);
    kt_put_u64(f, (uint64_t)r->options.costs);
    kt_put_u64(f, r->fingerprint.costs);
    kt_put_u64(f, r->fingerprint.program);
    kt_put_u64(f, r->value_count);
}

static program_record get_program(kt_fields *f)
{
    program_record r = {.options = {.size = sizeof r.options}};
    r.qubits = kt_get_u64(f);
    r.bits = kt_get_u64(f);
    r.steps = kt_get_u64(f);
    r.fingerprint.executor_format = (uint32_t)kt_get_u64(f);
    r.options.precision = (ketch_precision)kt_get_u64(f);
    r.options.kernels = (ketch_kernels)kt_get_u64(f);
    r.options.fence_every = kt_get_u64(f);
    r.options.tile_bits = (int32_t)kt_get_u64(f);
    r.options.run_bits = (int32_t)kt_get_u64(f);
    r.options.plain = (int32_t)kt_get_u64(f);
    r.options.costs = (ketch_costs)kt_get_u64(f);
    r.fingerprint.costs = kt_get_u64(f);
    r.fingerprint.program = kt_get_u64(f);
    r.fingerprint.kernels = r.options.kernels;
    r.fingerprint.precision = r.options.precision;
    r.value_count = kt_get_u64(f);
    return r;
}

/* Of a table of the caller's: its family, and the row of the program's kernel set. Nothing for the
 * library's own costs. */
static ketch_status save_costs(ketch_writer *writer, const ktq_plan *plan)
{
    uint32_t numbers[1 + KTQ_COST_NUMBERS] = {(uint32_t)plan->set->family};
    memcpy(numbers + 1, plan->set->costs, sizeof *plan->set->costs);
    return ketch_writer_section(writer, costs_section, numbers,
                                plan->options.cost_table ? sizeof numbers : 0);
}

static ketch_status save_program(ketch_writer *writer, const ketch_program *program)
{
    unsigned char bytes[PROGRAM_SIZE];
    kt_fields fields = kt_fields_of(bytes, sizeof bytes);
    const program_record record = describe_program(program);
    put_program(&fields, &record);
    KT_TRY(ketch_writer_section(writer, program_section, bytes, sizeof bytes));
    KT_TRY(save_costs(writer, program->plan));
    return ketch_writer_section(writer, values_section, program->values,
                                count_values(program) * sizeof *program->values);
}

static ketch_status read_program(program_record *record, ketch_reader *reader, ketch_error *error)
{
    unsigned char bytes[PROGRAM_SIZE];
    KT_TRY(ketch_reader_section(reader, program_section, bytes, sizeof bytes, error));
    kt_fields fields = kt_fields_from(bytes, sizeof bytes);
    *record = get_program(&fields);
    return KETCH_OK;
}

static ketch_status fail_other(const char *what, const char *given, const char *allowed,
                               const char *function, ketch_error *error)
{
    return kt_fail(error, KETCH_MISMATCH, function, "program", given, allowed,
                   "the run was saved with another %s", what);
}

static kt_text count_text(uint64_t count)
{
    return kt_format("%llu", (unsigned long long)count);
}

/* The part of a fingerprint that differs from the other one, as text. */
static kt_text fingerprint_text(const ktq_fingerprint *f, const char *what)
{
    if (strcmp(what, "kernel set") == 0)
        return kt_format("%s", ketch_kernels_name(f->kernels));
    if (strcmp(what, "precision") == 0)
        return kt_format("%s", ktq_precision_name(f->precision));
    if (strcmp(what, "program") == 0)
        return kt_format("plan and numbers %016llx", (unsigned long long)f->program);
    if (strcmp(what, "table of costs") == 0)
        return kt_format("costs %016llx", (unsigned long long)f->costs);
    return count_text(f->executor_format);
}

/* MISMATCH: the text names the first part that differs. */
static ketch_status check_same_program(const program_record *saved, const ketch_program *program,
                                       const char *function, ketch_error *error)
{
    const program_record own = describe_program(program);
    if (saved->qubits != own.qubits)
        return fail_other("number of qubits", count_text(saved->qubits).text,
                          count_text(own.qubits).text, function, error);
    if (saved->steps != own.steps)
        return fail_other("number of gates", count_text(saved->steps).text,
                          count_text(own.steps).text, function, error);
    const char *const what = ktq_fingerprint_difference(&saved->fingerprint, &own.fingerprint);
    if (what)
        return fail_other(what, fingerprint_text(&saved->fingerprint, what).text,
                          fingerprint_text(&own.fingerprint, what).text, function, error);
    return KETCH_OK;
}

/* ---- where the run is ---- */

static void put_position(kt_fields *f, const ktq_position *at)
{
    kt_put_u64(f, at->shot);
    kt_put_u64(f, at->segment);
    kt_put_u64(f, at->pass);
    kt_put_u64(f, at->retired);
    kt_put_u64(f, at->measured);
    kt_put_u64(f, at->index);
    kt_put_u64(f, at->written);
    kt_put_u64(f, (uint64_t)at->stage);
    kt_put_u64(f, at->started);
    kt_put_u64(f, at->blank);
    kt_put_u64(f, (uint64_t)at->outcome.value);
    kt_put_double(f, at->outcome.scale);
    kt_put_double(f, at->weights[0]);
    kt_put_double(f, at->weights[1]);
}

static ktq_position get_position(kt_fields *f)
{
    ktq_position at = {.shot = kt_get_u64(f)};
    at.segment = kt_get_u64(f);
    at.pass = kt_get_u64(f);
    at.retired = kt_get_u64(f);
    at.measured = kt_get_u64(f);
    at.index = kt_get_u64(f);
    at.written = kt_get_u64(f);
    at.stage = (int32_t)kt_get_u64(f);
    at.started = kt_get_u64(f) != 0;
    at.blank = kt_get_u64(f) != 0;
    at.outcome.value = (int32_t)kt_get_u64(f);
    at.outcome.scale = kt_get_double(f);
    at.weights[0] = kt_get_double(f);
    at.weights[1] = kt_get_double(f);
    return at;
}

/* The fields of a file that describe the run, apart from its numbers. */
typedef struct run_record {
    uint64_t shots, seed, from_basis, basis_index;
    ktq_position at;
    uint64_t is_basis, mode, done;
    uint64_t is_filled, is_summed, has_ended, next;
    ktq_tiles tiles; /* that the rows of sums belong to */
    uint64_t pauli_sweep, variance_phase;
    double weight, mean; /* of the variance */
} run_record;

static run_record describe_run(const ktq_run *run)
{
    const ktq_observables *const obs = &run->observables;
    return (run_record){.shots = run->collapses ? 0 : run->shots,
                        .seed = run->seed,
                        .from_basis = run->from_basis,
                        .basis_index = run->basis_index,
                        .at = run->at,
                        .is_basis = run->state->is_basis,
                        .mode = (uint64_t)run->state->mode,
                        .done = run->state->done,
                        .is_filled = obs->is_filled,
                        .is_summed = obs->is_summed,
                        .has_ended = obs->has_ended,
                        .next = obs->next,
                        .tiles = obs->tiles,
                        .pauli_sweep = obs->pauli_sweep,
                        .variance_phase = obs->variance.phase,
                        .weight = obs->variance.weight,
                        .mean = obs->variance.mean};
}

static void put_run(kt_fields *f, const run_record *r)
{
    kt_put_u64(f, r->shots);
    kt_put_u64(f, r->seed);
    kt_put_u64(f, r->from_basis);
    kt_put_u64(f, r->basis_index);
    put_position(f, &r->at);
    kt_put_u64(f, r->is_basis);
    kt_put_u64(f, r->mode);
    kt_put_u64(f, r->done);
    kt_put_u64(f, r->is_filled);
    kt_put_u64(f, r->is_summed);
    kt_put_u64(f, r->has_ended);
    kt_put_u64(f, r->next);
    kt_put_u64(f, r->tiles.varying);
    kt_put_u64(f, r->tiles.fixed);
    kt_put_u64(f, r->pauli_sweep);
    kt_put_u64(f, r->variance_phase);
    kt_put_double(f, r->weight);
    kt_put_double(f, r->mean);
}

static run_record get_run(kt_fields *f)
{
    run_record r = {.shots = kt_get_u64(f)};
    r.seed = kt_get_u64(f);
    r.from_basis = kt_get_u64(f);
    r.basis_index = kt_get_u64(f);
    r.at = get_position(f);
    r.is_basis = kt_get_u64(f);
    r.mode = kt_get_u64(f);
    r.done = kt_get_u64(f);
    r.is_filled = kt_get_u64(f);
    r.is_summed = kt_get_u64(f);
    r.has_ended = kt_get_u64(f);
    r.next = kt_get_u64(f);
    r.tiles.varying = kt_get_u64(f);
    r.tiles.fixed = kt_get_u64(f);
    r.pauli_sweep = kt_get_u64(f);
    r.variance_phase = kt_get_u64(f);
    r.weight = kt_get_double(f);
    r.mean = kt_get_double(f);
    return r;
}

static bool is_at_most(uint64_t value, uint64_t most)
{
    return value <= most;
}

/* True if a run can be at that stage in that segment. */
static bool fits_segment(const ktq_position *at, const ktq_plan *plan)
{
    const bool inside = at->stage >= KTQ_STAGE_PASS && at->stage <= KTQ_STAGE_FILL_AFTER;
    if (!inside)
        return true;
    if (at->segment >= plan->segments.count)
        return false;
    const ktq_segment *const s = &plan->segments.items[at->segment];
    switch (at->stage) {
    case KTQ_STAGE_PASS:
        return s->kind == KTQ_SEGMENT_GATES && at->pass >= s->first_pass &&
               at->pass < s->first_pass + s->pass_count;
    case KTQ_STAGE_FILL_BEFORE:
        return s->kind != KTQ_SEGMENT_GATES;
    case KTQ_STAGE_OUTCOMES:
    case KTQ_STAGE_COLLAPSE:
        return s->kind == KTQ_SEGMENT_MEASURE || s->kind == KTQ_SEGMENT_RESET;
    case KTQ_STAGE_FILL_AFTER:
        return true;
    default:
        return s->kind == KTQ_SEGMENT_SAMPLE;
    }
}

/* True if the sums have room for a row of each tile: of the last pass's, or of the sweep that sums
 * norms and terms alone. Afterwards nobody reads the rows of tiles. */
static bool has_rows_for(const ktq_observables *obs, const run_record *r)
{
    const bool is_pass = r->at.stage == KTQ_STAGE_PASS && r->at.pass == obs->pass;
    const bool alone = r->at.stage == KTQ_STAGE_SUMS && !(r->is_filled && obs->is_final);
    if (!is_pass && !alone && !r->is_filled)
        return true; /* the tiles are of a pass that writes no rows */
    const uint64_t width = alone ? obs->z_count : obs->tile_sums.width;
    return r->is_summed || width == 0 || ktq_tiles_count(&r->tiles) <= obs->row_count / width;
}

static bool is_of_kind(const ktq_observables *obs, uint64_t index, ketch_observe kind)
{
    return index < obs->count && obs->observed[index].kind == kind;
}

/* True if the observables have the sweep that the stage is in. */
static bool has_sweep(const ktq_observables *obs, const run_record *r)
{
    switch (r->at.stage) {
    case KTQ_STAGE_PAULIS:
        return r->pauli_sweep < obs->paulis.sweep_count;
    case KTQ_STAGE_VARIANCE:
        return is_of_kind(obs, r->next, KETCH_OBSERVE_VARIANCE) &&
               r->variance_phase < ktq_variance_phases(&(ktq_variance){
                                       .paulis = &obs->variances[obs->observed[r->next].place]});
    case KTQ_STAGE_PROBABILITIES:
        return is_of_kind(obs, r->next, KETCH_OBSERVE_PROBABILITIES);
    default:
        return r->variance_phase == 0 && is_at_most(r->pauli_sweep, obs->paulis.sweep_count);
    }
}

/* The reason why no run can be where the record says; NULL: one can. */
static const char *find_nonsense(const run_record *r, const ktq_run *run)
{
    const ktq_plan *const plan = run->program->plan;
    const ktq_position *const at = &r->at;
    const uint64_t positions = ktq_run_positions(run);
    const bool has_ended = at->stage == KTQ_STAGES;
    if (at->stage < 0 || at->stage > KTQ_STAGES)
        return "there is no such stage";
    if (!is_at_most(at->shot, run->repeats - !has_ended) ||
        !is_at_most(at->segment, plan->segments.count) || !is_at_most(at->retired, plan->steps))
        return "the position is behind the end";
    if (!fits_segment(at, plan))
        return "the stage does not belong to the segment";
    if (!is_at_most(r->basis_index, positions) || !is_at_most(at->index, positions) ||
        !is_at_most(at->written, positions))
        return "there is no such amplitude";
    if (!is_at_most((uint64_t)at->outcome.value, 1) || !is_at_most(r->next, run->observables.count))
        return "there is no such outcome or observable";
    if (!is_at_most(r->tiles.varying, positions) || !is_at_most(r->tiles.fixed, positions) ||
        !has_rows_for(&run->observables, r))
        return "there are no such tiles";
    if (!has_sweep(&run->observables, r))
        return "there is no such observable";
    if (r->mode != KTQ_STATE_READY && r->mode != KTQ_STATE_FENCE && r->mode != KTQ_STATE_SUSPENDED)
        return "there is no such mode of a state";
    return NULL;
}

/* ---- saving ---- */

/* Bytes of the image that a variance has made so far. */
static uint64_t image_size(const ktq_run *run, int32_t stage)
{
    return stage == KTQ_STAGE_VARIANCE ? ktq_state_size(run->state) : 0;
}

static ketch_status save_numbers(ketch_writer *writer, const ktq_run *run)
{
    const ktq_observables *const obs = &run->observables;
    const ketch_program *const p = run->program;
    const uint64_t amplitudes = run->state->is_basis ? 0 : ktq_state_size(run->state);
    KT_TRY(ketch_writer_section(writer, state_section, run->state->amplitudes, amplitudes));
    KT_TRY(ketch_writer_section(writer, rows_section, run->rows,
                                run->shots * (uint64_t)p->plan->bits));
    const uint64_t work = run->work_block ? kt_block_size(run->work_block) : 0;
    KT_TRY(ketch_writer_section(writer, work_section, ketch_block_data(run->work_block), work));
    KT_TRY(ketch_writer_section(writer, "circuit.observed", obs->values,
                                obs->value_count * sizeof *obs->values));
    KT_TRY(ketch_writer_section(writer, image_section, ketch_block_data(obs->image),
                                image_size(run, run->at.stage)));
    return ketch_writer_section(writer, sums_section, obs->rows,
                                obs->row_count * sizeof *obs->rows);
}

ketch_status ktq_run_save(ketch_writer *writer, const void *user)
{
    const ktq_run *const run = user;
    if (run->state->changes != run->changes && run->at.stage != KTQ_STAGES)
        return kt_writer_fail(writer, KETCH_MISMATCH, "state",
                              "the state was set anew since the run was suspended: the run cannot "
                              "go on, nor be saved");
    unsigned char bytes[RUN_SIZE];
    kt_fields fields = kt_fields_of(bytes, sizeof bytes);
    const run_record record = describe_run(run);
    put_run(&fields, &record);
    KT_TRY(save_program(writer, run->program));
    KT_TRY(ketch_writer_section(writer, run_section, bytes, sizeof bytes));
    KT_TRY(ketch_writer_section(writer, asked_section, run->observables.request,
                                run->observables.request_size));
    return save_numbers(writer, run);
}

/* ---- loading ---- */

static ketch_status read_run(run_record *record, ketch_reader *reader, ketch_error *error)
{
    unsigned char bytes[RUN_SIZE];
    KT_TRY(ketch_reader_section(reader, run_section, bytes, sizeof bytes, error));
    kt_fields fields = kt_fields_from(bytes, sizeof bytes);
    *record = get_run(&fields);
    return KETCH_OK;
}

/* Reads a section of a known size; CORRUPT if it has another. An empty one is not read. */
static ketch_status read_section(ketch_reader *reader, const char *name, void *data, uint64_t size,
                                 ketch_error *error)
{
    unsigned char none;
    return ketch_reader_section(reader, name, size ? data : &none, size, error);
}

static ketch_status read_numbers(ktq_run *run, const run_record *record, ketch_reader *reader,
                                 ketch_error *error)
{
    const ktq_observables *const obs = &run->observables;
    const uint64_t amplitudes = record->is_basis ? 0 : ktq_state_size(run->state);
    KT_TRY(read_section(reader, state_section, run->state->amplitudes, amplitudes, error));
    KT_TRY(read_section(reader, rows_section, run->rows,
                        run->shots * (uint64_t)run->program->plan->bits, error));
    const uint64_t work = run->work_block ? kt_block_size(run->work_block) : 0;
    KT_TRY(read_section(reader, work_section, ketch_block_data(run->work_block), work, error));
    KT_TRY(read_section(reader, "circuit.observed", obs->values,
                        obs->value_count * sizeof *obs->values, error));
    KT_TRY(read_section(reader, image_section, ketch_block_data(obs->image),
                        image_size(run, record->at.stage), error));
    return read_section(reader, sums_section, obs->rows, obs->row_count * sizeof *obs->rows, error);
}

static void restore_run(ktq_run *run, const run_record *r)
{
    ketch_state *const state = run->state;
    ktq_observables *const obs = &run->observables;
    run->from_basis = r->from_basis != 0;
    run->basis_index = r->basis_index;
    run->at = r->at;
    state->is_basis = r->is_basis != 0;
    state->index = r->basis_index;
    state->mode = (ktq_state_mode)r->mode;
    state->done = r->done;
    if (!state->is_basis)
        kt_block_written(state->block);
    obs->is_filled = r->is_filled != 0;
    obs->is_summed = r->is_summed != 0;
    obs->has_ended = r->has_ended != 0;
    obs->next = (size_t)r->next;
    obs->tiles = r->tiles;
    obs->pauli_sweep = (size_t)r->pauli_sweep;
    obs->variance.phase = r->variance_phase;
    obs->variance.weight = r->weight;
    obs->variance.mean = r->mean;
}

static bool has_valid_work(const ktq_run *run)
{
    const bool is_drawn = run->at.stage == KTQ_STAGE_LOCATE;
    return !(is_drawn || run->at.stage == KTQ_STAGE_DRAW) ||
           ktq_sample_is_valid(&run->sample, is_drawn);
}

/* Fills in a run that was made as a new one is made. */
static ketch_status fill_loaded(ktq_run *run, const run_record *record, ketch_reader *reader,
                                ketch_error *error)
{
    const char *const nonsense = find_nonsense(record, run);
    if (nonsense)
        return kt_reader_fail(reader, run_section, nonsense, error);
    KT_TRY(read_numbers(run, record, reader, error));
    restore_run(run, record);
    if (!has_valid_work(run))
        return kt_reader_fail(reader, work_section, "no shots are drawn like this", error);
    return KETCH_OK;
}

/* Reads the observables that were asked for. */
static ketch_status read_request(ktq_request *request, ketch_reader *reader,
                                 const ketch_program *program, ketch_shots *asked,
                                 const char *function, ketch_error *error)
{
    const uint64_t size = ketch_reader_size(reader, asked_section);
    if (size == UINT64_MAX)
        return kt_reader_fail(reader, asked_section, "there is none", error);
    KT_TRY(ktq_request_take(request, size, function, error));
    KT_TRY(read_section(reader, asked_section, request->bytes, size, error));
    const ketch_status status = ktq_request_decode(request, asked);
    if (status == KETCH_MEMORY)
        return kt_fail_heap(error, function);
    if (status != KETCH_OK)
        return kt_reader_fail(reader, asked_section, "its lists are longer than it is", error);
    if (ktq_launch_check_shots(program, NULL, asked, function, NULL) ||
        ktq_observables_check(program->plan->qubits, program->plan->is_sampled, asked, function,
                              NULL))
        return kt_reader_fail(reader, asked_section, "no run was asked for this", error);
    return KETCH_OK;
}

static ketch_status load_asked(ketch_job *job, ketch_reader *reader, const ktq_loading *loading,
                               ketch_engine *engine, ktq_request *request, ketch_error *error)
{
    run_record record;
    KT_TRY(read_run(&record, reader, error));
    ketch_shots asked = {.size = sizeof asked, .shots = record.shots, .seed = record.seed};
    KT_TRY(read_request(request, reader, loading->program, &asked, loading->function, error));
    const ktq_launch launch = {.program = loading->program,
                               .function = loading->function,
                               .is_loaded = true,
                               .from_basis = record.from_basis != 0};
    ktq_run *run = NULL;
    KT_TRY(ktq_run_make(&run, &launch, &asked, engine, error));
    const ketch_status status = fill_loaded(run, &record, reader, error);
    if (status == KETCH_OK)
        ktq_run_describe(job, run);
    else
        ktq_run_release(run);
    return status;
}

ketch_status ktq_run_load(ketch_job *job, ketch_reader *reader, void *context, ketch_engine *engine,
                          ketch_error *error)
{
    const ktq_loading *const loading = context;
    program_record saved;
    KT_TRY(read_program(&saved, reader, error));
    KT_TRY(check_same_program(&saved, loading->program, loading->function, error));
    ktq_request request = {0};
    const ketch_status status = load_asked(job, reader, loading, engine, &request, error);
    ktq_request_give(&request);
    return status;
}

/* ---- what a file says of its program ---- */

ketch_status ktq_saved_program(ketch_program_options *options, uint64_t *value_count,
                               ketch_reader *reader, ketch_error *error)
{
    program_record record;
    KT_TRY(read_program(&record, reader, error));
    *options = record.options;
    *value_count = record.value_count;
    return KETCH_OK;
}

ketch_status ktq_saved_costs(ketch_cost_table **table, ketch_reader *reader, const char *function,
                             ketch_error *error)
{
    program_record record;
    uint32_t numbers[1 + KTQ_COST_NUMBERS];
    KT_TRY(read_program(&record, reader, error));
    if (ketch_reader_size(reader, costs_section) == 0)
        return KETCH_OK;
    KT_TRY(ketch_reader_section(reader, costs_section, numbers, sizeof numbers, error));
    return ktq_cost_table_restore(table, record.options.kernels, record.options.precision, numbers,
                                  function, error);
}

ketch_status ktq_saved_values(double *values, uint64_t count, ketch_reader *reader,
                              ketch_error *error)
{
    return ketch_reader_section(reader, values_section, values, count * sizeof *values, error);
}
