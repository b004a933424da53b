/* The bad calls: what error_cases.inc needs to make them, and the table of all. */
#define _GNU_SOURCE
#include "errors.h"
#include "format.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ENGINE .size = sizeof(ketch_engine_options)
#define PROGRAM .size = sizeof(ketch_program_options)
#define RUN .size = sizeof(ketch_run)
#define SHOTS .size = sizeof(ketch_shots)
#define RECORD .size = sizeof(ketch_record)
#define DRAW .size = sizeof(ketch_draw_options)
#define OBSERVABLE .size = sizeof(ketch_observable)
#define FEED .size = sizeof(ketch_glia_feed)
#define TYPE .size = sizeof(ketch_job_type), .version = 1
#define LIBRARY "include \"qelib1.inc\";\nqreg q[3];\ncreg c[2];\n"

/* An options struct of a later version, whose last field asks for something. */
typedef struct future {
    size_t size;
    char known[1000];
    int end;
} future;

static const int32_t qubits[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
static const int32_t below[] = {-1}, twice[] = {1, 1};
static const int32_t gates[] = {KETCH_GATE_CX, KETCH_GATE_RX, 9999};
static const uint64_t masks[] = {1, 7, 8};
static const uint64_t zeros[] = {0, 0, 0};
static const double angles[] = {0.5, 0.25, 0.125};
static const double broken[] = {NAN, 0, INFINITY, 0, 0, 0, 0, 0};
static const double flip[8] = {0, 0, 1, 0, 1, 0, 0, 0};
static const double shear[8] = {1, 0, 1, 0, 0, 0, 1, 0};
static const double ones[16] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
static const double endless[16] = {[5] = INFINITY};
static const double flips[16] = {[2] = 1, [4] = 1, [10] = 1, [12] = 1};
static const double flip_and_shear[16] = {[2] = 1, [4] = 1, [8] = 1, [10] = 1, [14] = 1};
static const double unit[16] = {1};
static const uint64_t table[] = {0, 1, 4, 3, 2, 2, 0, 1};
static const ketch_angle half_turn = {.parameter = -1, .offset = 3};
static const ketch_angle no_turn = {.parameter = -1, .offset = NAN};

/* ---- spiking networks ---- */

static const char long_id[300] = {[0 ... 298] = 'S'};

static ketch_status run_feed(room *r, ketch_glia_feed feed, ketch_error *e)
{
    return ketch_glia_run(&r->new_result, r->engine, r->net, &feed, NULL, e);
}

/* There is always one: no machine runs them all. */
static ketch_kernels unusable_kernels(void)
{
    return ketch_kernels_usable(KETCH_KERNELS_NEON) ? KETCH_KERNELS_AVX2 : KETCH_KERNELS_NEON;
}

static const ketch_angle turns[] = {
    {.parameter = 0, .factor = 1}, {.parameter = 1, .factor = 1}, {.parameter = -1, .offset = 1}};
static const ketch_term terms[] = {{0, 1}, {2, 1}, {1, (double)NAN}, {-1, 1}, {0, 1e308}};
static const ketch_angle steep = {
    .parameter = 0, .factor = 1e308, .terms = terms + 4, .term_count = 1};
static const double vast[] = {1e308, 0};

static ketch_status turn(ketch_circuit *circuit, ketch_angle angle, ketch_error *e)
{
    return ketch_circuit_parametric(circuit, KETCH_GATE_RX, qubits, &angle, 0, NULL, NULL, e);
}

/* A turn with further terms. */
static ketch_status turn_by(ketch_circuit *circuit, const ketch_term *more, uint64_t count,
                            ketch_error *e)
{
    return turn(circuit, (ketch_angle){.parameter = -1, .terms = more, .term_count = count}, e);
}

static ketch_status bind_steep(room *r, ketch_error *e)
{
    static const double values[] = {1, 1};
    ketch_circuit *open = NULL;
    ck_assert_int_eq(ketch_circuit_create(&open, 3, 0, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_circuit_add_parameters(open, 2, NULL), KETCH_OK);
    ck_assert_int_eq(turn(open, steep, NULL), KETCH_OK);
    const ketch_status status = ketch_circuit_bind(&r->new_circuit, open, values, 2, e);
    ketch_circuit_destroy(open);
    return status;
}

/* ---- circuits made of others ---- */

/* Appends the room's circuit of 3 qubits and 2 bits to another. */
static ketch_status append_to(room *r, int32_t qubit_count, int32_t bit_count,
                              const int32_t *qubit_places, const int32_t *bit_places,
                              ketch_error *e)
{
    ketch_circuit *to = NULL;
    ck_assert_int_eq(ketch_circuit_create(&to, qubit_count, bit_count, NULL), KETCH_OK);
    const ketch_status status = ketch_circuit_append(to, r->circuit, qubit_places, bit_places, e);
    ck_assert_uint_eq(ketch_circuit_length(to), 0);
    ketch_circuit_destroy(to);
    return status;
}

/* Appends a gate under a condition on 2 bits, perhaps where another one is in force. */
static ketch_status append_condition(room *r, const int32_t *bit_places, int32_t in_force,
                                     ketch_error *e)
{
    ketch_circuit *to = NULL, *from = NULL;
    ck_assert_int_eq(ketch_circuit_copy(&to, r->circuit, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_circuit_create(&from, 3, 2, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_circuit_condition(from, 0, 2, 1, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_x(from, 0, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_circuit_condition(to, 0, in_force, 0, NULL), KETCH_OK);
    const ketch_status status = ketch_circuit_append(to, from, NULL, bit_places, e);
    ck_assert_uint_eq(ketch_circuit_length(to), ketch_circuit_length(r->circuit));
    ketch_circuit_destroy(from);
    ketch_circuit_destroy(to);
    return status;
}

typedef ketch_status make_of(ketch_circuit **made, const ketch_circuit *circuit, ketch_error *e);

static ketch_status square(ketch_circuit **made, const ketch_circuit *circuit, ketch_error *e)
{
    return ketch_circuit_power(made, circuit, 2, e);
}

static ketch_status control_once(ketch_circuit **made, const ketch_circuit *circuit, ketch_error *e)
{
    return ketch_circuit_control(made, circuit, 1, NULL, e);
}

/* Makes something of a circuit with a measurement behind its gates. */
static ketch_status transform_measurement(room *r, make_of *make, ketch_error *e)
{
    ketch_circuit *from = NULL;
    ck_assert_int_eq(ketch_circuit_copy(&from, r->circuit, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_circuit_measure(from, 1, 0, NULL), KETCH_OK);
    const ketch_status status = make(&r->new_circuit, from, e);
    ketch_circuit_destroy(from);
    return status;
}

/* ---- arena, engine ---- */

static ketch_status drop_twice(room *r)
{
    ketch_block *const block = r->block;
    r->block = NULL;
    ck_assert_int_eq(ketch_block_drop(block), KETCH_OK);
    return ketch_block_drop(block);
}

static ketch_status make_engine(room *r, ketch_engine_options options, ketch_error *e)
{
    return ketch_engine_create(&r->new_engine, &options, e);
}

/* ---- names of qubits ---- */

/* Names `size` of 3 qubits of a new circuit "d", and then one more. */
static ketch_status name_more(int32_t size, const char *more, ketch_error *e)
{
    ketch_circuit *circuit = NULL;
    ck_assert_int_eq(ketch_circuit_create(&circuit, 3, 0, e), KETCH_OK);
    ck_assert_int_eq(ketch_circuit_name_qubits(circuit, "d", size, e), KETCH_OK);
    const ketch_status status = ketch_circuit_name_qubits(circuit, more, 1, e);
    ketch_circuit_destroy(circuit);
    return status;
}

/* ---- texts ---- */

static ketch_status write_fence(ketch_error *e)
{
    ketch_circuit *circuit = NULL;
    ck_assert_int_eq(ketch_circuit_create(&circuit, 1, 0, e), KETCH_OK);
    ck_assert_int_eq(ketch_circuit_fence(circuit, e), KETCH_OK);
    const ketch_status status = ketch_circuit_qasm(NULL, 0, NULL, circuit, e);
    ketch_circuit_destroy(circuit);
    return status;
}

/* ---- runs ---- */

static ketch_status do_nothing(ketch_context *context, void *user)
{
    (void)context;
    (void)user;
    return KETCH_OK;
}

static ketch_status return_io(ketch_context *context, void *user)
{
    (void)context;
    (void)user;
    return KETCH_IO;
}

static const ketch_job_type idle_type = {TYPE, .name = "test.idle", .advance = do_nothing};

/* Carries the job's run to whatever end; nothing is left of it. */
static ketch_status run_job(room *r, const ketch_job *job, const ketch_run *run, ketch_error *e)
{
    const ketch_status status = ketch_engine_run(&r->new_result, r->engine, job, run, e);
    ketch_result_destroy(r->new_result);
    r->new_result = NULL;
    return status;
}

static ketch_status run_scratch(room *r, uint64_t scratch, ketch_error *e)
{
    const ketch_job job = {.size = sizeof job, .type = &idle_type, .scratch = scratch};
    return run_job(r, &job, NULL, e);
}

/* A job of a type that is wrong, or that does wrong. */
static ketch_status run_type(room *r, ketch_job_type type, ketch_error *e)
{
    const ketch_job job = {.size = sizeof job, .type = &type, .steps = 1};
    return run_job(r, &job, NULL, e);
}

static ketch_status run_advance(room *r, ketch_advance advance, ketch_error *e)
{
    return run_type(r, (ketch_job_type){TYPE, .name = "test.bad", .advance = advance}, e);
}

/* A job whose sweep is longer each time it goes on, which may not be. Each index asks it to stop, so
 * that no worker gets a second one. */
typedef struct longer {
    uint64_t count;
    ketch_stop stop;
} longer;

static ketch_status do_and_stop(uint64_t index, int32_t worker, void *user)
{
    (void)index;
    (void)worker;
    ketch_stop_set(user);
    return KETCH_OK;
}

static ketch_status advance_longer(ketch_context *context, void *user)
{
    longer *const l = user;
    l->count += KETCH_THREADS_MAX + 1;
    return ketch_context_parallel(context, l->count, 1, do_and_stop, &l->stop);
}

static const ketch_job_type longer_type = {TYPE, .name = "test.longer", .advance = advance_longer};

static ketch_status run_changed_sweep(room *r, ketch_error *e)
{
    longer l = {0};
    const ketch_job job = {.size = sizeof job, .type = &longer_type, .steps = 1, .user = &l};
    const ketch_run run = {RUN, .stop = &l.stop};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, r->engine, &job, &run, e), KETCH_STOPPED);
    const ketch_status status = ketch_engine_resume(r->engine, result, NULL, e);
    ketch_result_destroy(result);
    return status;
}

static ketch_status run_program(room *r, ketch_engine *engine, ketch_program *program,
                                ketch_state *state, const ketch_shots *shots, const ketch_run *run,
                                ketch_error *e)
{
    const ketch_status status =
        ketch_program_run(&r->new_result, engine, program, state, shots, run, e);
    ketch_result_destroy(r->new_result);
    r->new_result = NULL;
    return status;
}

static ketch_status run_with(room *r, ketch_run run, ketch_error *e)
{
    return run_program(r, r->engine, r->program, r->state, NULL, &run, e);
}

static ketch_status run_shots_of(room *r, ketch_shots shots, ketch_error *e)
{
    return run_program(r, r->engine, r->program, r->state, &shots, NULL, e);
}

static ketch_status observe(room *r, ketch_observable observable, ketch_error *e)
{
    return run_shots_of(r, (ketch_shots){SHOTS, .observables = &observable, .observable_count = 1},
                        e);
}

static int32_t fail_hook(const ketch_step *step, void *user)
{
    (void)step;
    (void)user;
    return -7;
}

/* A call made by a hook. */
typedef struct hooked {
    room *room;
    bad_call *call;
    ketch_error *error;
    ketch_status status;
} hooked;

static int32_t call_hook(const ketch_step *step, void *user)
{
    hooked *const h = user;
    if (step->view)
        h->status = h->call(h->room, h->error);
    return 0;
}

static ketch_status in_hook(room *r, bad_call *call, ketch_error *e)
{
    hooked h = {.room = r, .call = call, .error = e};
    ketch_result *result = NULL;
    const ketch_run run = {RUN, .hook = call_hook, .user = &h};
    ck_assert_int_eq(ketch_program_run(&result, r->engine, r->program, r->state, NULL, &run, NULL),
                     KETCH_OK);
    ketch_result_destroy(result);
    return h.status;
}

static ketch_status run_again(room *r, ketch_error *e)
{
    return run_program(r, r->engine, r->program, r->state, NULL, NULL, e);
}

static ketch_status run_job_again(room *r, ketch_error *e)
{
    return run_job(r, &r->job, NULL, e);
}

static ketch_status destroy_engine(room *r, ketch_error *e)
{
    return ketch_engine_destroy(r->engine, e);
}

static ketch_status norm_again(room *r, ketch_error *e)
{
    return ketch_state_norm(r->numbers, r->engine, r->state, e);
}

static ketch_status resume_again(room *r, ketch_error *e)
{
    return ketch_engine_resume(r->engine, r->halted, NULL, e);
}

static ketch_status set_state(room *r, ketch_error *e)
{
    return ketch_state_set_ket(r->state, "111", e);
}

static ketch_status resume_set_anew(room *r, ketch_error *e)
{
    ck_assert_int_eq(ketch_state_set_ket(r->torn, NULL, e), KETCH_OK);
    return ketch_engine_resume(r->engine, r->halted, NULL, e);
}

static ketch_status run_shots(room *r, ketch_program *program, uint64_t shots, ketch_error *e)
{
    const ketch_shots asked = {SHOTS, .shots = shots};
    return run_program(r, r->engine, program, r->state, &asked, NULL, e);
}

/* Where each shot is a run of its own there is no one final state. */
static ketch_status observe_shots(room *r, ketch_error *e)
{
    const ketch_observable observable = {OBSERVABLE, .kind = KETCH_OBSERVE_NORM};
    const ketch_shots shots = {SHOTS, .shots = 2, .observables = &observable,
                               .observable_count = 1};
    ketch_circuit *circuit = NULL;
    ketch_program *program = NULL;
    ck_assert_int_eq(ketch_circuit_copy(&circuit, r->circuit, e), KETCH_OK);
    ck_assert_int_eq(ketch_circuit_reset(circuit, 0, e), KETCH_OK);
    ck_assert_int_eq(ketch_state_set_ket(r->state, NULL, e), KETCH_OK);
    ck_assert_int_eq(ketch_program_create(&program, circuit, NULL, e), KETCH_OK);
    const ketch_status status = run_program(r, r->engine, program, r->state, &shots, NULL, e);
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
    return status;
}

/* Shots of their own need a basis state to begin with. */
static ketch_status run_shots_on_set(room *r, ketch_error *e)
{
    ketch_circuit *circuit = NULL;
    ketch_program *program = NULL;
    ck_assert_int_eq(ketch_circuit_copy(&circuit, r->circuit, e), KETCH_OK);
    ck_assert_int_eq(ketch_circuit_measure(circuit, 0, 0, e), KETCH_OK);
    ck_assert_int_eq(ketch_h(circuit, 0, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_program_create(&program, circuit, NULL, e), KETCH_OK);
    ketch_circuit_destroy(circuit);
    ck_assert_int_eq(ketch_state_set_ket(r->state, "+++", e), KETCH_OK);
    const ketch_status status = run_shots(r, program, 5, e);
    ketch_program_drop(program);
    return status;
}

/* Of a program that measures; 4 GiB of rows are more than the room's budget. */
static ketch_status run_many_shots(room *r, ketch_error *e)
{
    ketch_circuit *circuit = NULL;
    ketch_program *program = NULL;
    ck_assert_int_eq(ketch_circuit_copy(&circuit, r->circuit, e), KETCH_OK);
    ck_assert_int_eq(ketch_circuit_measure(circuit, 0, 0, e), KETCH_OK);
    ck_assert_int_eq(ketch_program_create(&program, circuit, NULL, e), KETCH_OK);
    ketch_circuit_destroy(circuit);
    const ketch_status status = run_shots(r, program, UINT64_C(1) << 32, e);
    ketch_program_drop(program);
    return status;
}

/* A run that has begun holds its state. */
static ketch_status run_held(room *r, ketch_error *e)
{
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_program_begin(&result, r->engine, r->program, r->state, NULL, NULL, e),
                     KETCH_OK);
    const ketch_status status = run_program(r, r->engine, r->program, r->state, NULL, NULL, e);
    ketch_result_destroy(result);
    return status;
}

/* ---- saved runs ---- */

static const char save_file[] = "errors.save";

static ketch_status save_ones(ketch_writer *writer, const void *user)
{
    (void)user;
    return ketch_writer_section(writer, "ones", ones, sizeof ones);
}

static ketch_status save_twice(ketch_writer *writer, const void *user)
{
    (void)save_ones(writer, user);
    return save_ones(writer, user);
}

static ketch_status save_badly(ketch_writer *writer, const void *user)
{
    (void)user;
    return ketch_writer_section(writer, "Ones", ones, sizeof ones);
}

static ketch_status save_nothing(ketch_writer *writer, const void *user)
{
    (void)writer;
    (void)user;
    return KETCH_LIMIT;
}

/* context: the number of steps. */
static ketch_status load_ones(ketch_job *job, ketch_reader *reader, void *context,
                              ketch_engine *engine, ketch_error *e)
{
    (void)engine;
    double read[16];
    job->steps = *(const uint64_t *)context;
    return ketch_reader_section(reader, "ones", read, sizeof read, e);
}

static ketch_status load_twos(ketch_job *job, ketch_reader *reader, void *context,
                              ketch_engine *engine, ketch_error *e)
{
    (void)job, (void)context, (void)engine;
    return ketch_reader_section(reader, "twos", NULL, 0, e);
}

static ketch_status load_few(ketch_job *job, ketch_reader *reader, void *context,
                             ketch_engine *engine, ketch_error *e)
{
    (void)job, (void)context, (void)engine;
    double read[1];
    return ketch_reader_section(reader, "ones", read, sizeof read, e);
}

#define ONES TYPE, .name = "test.ones", .advance = do_nothing

static const ketch_job_type ones_type = {ONES, .save = save_ones, .load = load_ones};

static ketch_status save_type(room *r, const ketch_job_type *type, const char *path, ketch_error *e)
{
    const ketch_job job = {.size = sizeof job, .type = type, .steps = 1};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_begin(&result, r->engine, &job, NULL, e), KETCH_OK);
    const ketch_status status = ketch_result_save(result, path, NULL, 0, 0, e);
    ketch_result_destroy(result);
    return status;
}

static ketch_status save_with(room *r, ketch_status (*save)(ketch_writer *, const void *),
                              ketch_error *e)
{
    return save_type(r, &(ketch_job_type){ONES, .save = save}, save_file, e);
}

static void write_file(const void *data, size_t size)
{
    FILE *const file = fopen(save_file, "wbe");
    ck_assert(file && fwrite(data, 1, size, file) == size && fclose(file) == 0);
}

static ketch_status save_over_letter(room *r, ketch_error *e)
{
    write_file("a letter", 8);
    const ketch_status status = save_type(r, &ones_type, save_file, e);
    unlink(save_file);
    return status;
}

static ketch_status load_written(room *r, const ketch_job_type *type, uint64_t steps,
                                 ketch_error *e)
{
    const ketch_status status =
        ketch_result_load(&r->new_result, r->engine, type, &steps, save_file, e);
    unlink(save_file);
    return status;
}

static ketch_status load_letter(room *r, ketch_error *e)
{
    write_file("a letter", 8);
    return load_written(r, &ones_type, 1, e);
}

static ketch_status load_with(room *r, const ketch_job_type *type, uint64_t steps, ketch_error *e)
{
    ck_assert_int_eq(save_type(r, &ones_type, save_file, NULL), KETCH_OK);
    return load_written(r, type, steps, e);
}

/* A byte of the head is another, under the right checksum; the first `length` bytes, 0: all. */
static ketch_status load_changed(room *r, size_t at, size_t length, ketch_error *e)
{
    unsigned char bytes[4096];
    ck_assert_int_eq(save_type(r, &ones_type, save_file, NULL), KETCH_OK);
    FILE *const file = fopen(save_file, "rbe");
    const size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    bytes[at]++;
    const uint64_t sum = kt_head_sum(bytes, KT_HEAD_SIZE);
    for (int i = 0; i < 8; i++)
        bytes[24 + i] = (unsigned char)(sum >> (8 * i));
    write_file(bytes, length ? length : size);
    return load_written(r, &ones_type, 1, e);
}

/* ---- circuits ---- */

static ketch_status controlled(room *r, int32_t count, const int32_t *controls,
                               const uint8_t *values, ketch_error *e)
{
    return ketch_circuit_controlled(r->circuit, KETCH_GATE_H, qubits, NULL, count, controls, values,
                                    e);
}

static ketch_status unitary(room *r, int32_t count, const int32_t *targets, const double *matrix,
                            double tolerance, ketch_error *e)
{
    return ketch_circuit_unitary(r->circuit, count, targets, matrix, tolerance, 0, NULL, NULL, e);
}

static ketch_status permutation(room *r, int32_t count, const int32_t *targets, const uint64_t *to,
                                ketch_error *e)
{
    return ketch_circuit_permutation(r->circuit, count, targets, to, 0, NULL, NULL, e);
}

static ketch_status multiplexer(room *r, int32_t target, int32_t count, const int32_t *selects,
                                const double *matrices, ketch_error *e)
{
    return ketch_circuit_multiplexer(r->circuit, target, count, selects, matrices, 0, 0, NULL, NULL,
                                     e);
}

static ketch_status pauli(ketch_circuit *circuit, const ketch_angle *angle, int32_t count,
                          const int32_t *targets, const char *letters, ketch_error *e)
{
    return ketch_circuit_pauli_rotation(circuit, angle, count, targets, letters, 0, NULL, NULL, e);
}

static ketch_status diagonal(room *r, int32_t count, const double *numbers, ketch_error *e)
{
    return ketch_circuit_diagonal(r->circuit, count, qubits, numbers, 0, 0, NULL, NULL, e);
}

/* ---- states ---- */

static ketch_status adopt(room *r, void *buffer, size_t size, ketch_error *e)
{
    return ketch_state_adopt(&r->new_state, r->arena, 3, KETCH_DOUBLE, buffer, size, e);
}

static ketch_status adopt_first(room *r, double first, ketch_error *e)
{
    r->buffer[0] = first;
    return adopt(r, r->buffer, sizeof r->buffer, e);
}

static ketch_status set_amplitudes(room *r, const void *amplitudes, uint64_t count,
                                   int32_t normalise, ketch_error *e)
{
    return ketch_state_set_amplitudes(r->state, amplitudes, count, KETCH_DOUBLE, normalise, e);
}

static ketch_status set_overlapping(room *r, ketch_error *e)
{
    ck_assert_int_eq(ketch_state_amplitudes(&r->seen, r->wide, e), KETCH_OK);
    return ketch_state_set_amplitudes(r->wide, r->seen, 16, KETCH_SINGLE, 1, e);
}

static ketch_status expectation(room *r, uint64_t count, const uint64_t *which,
                                const double *coefficients, ketch_error *e)
{
    return ketch_state_expectation(r->numbers, NULL, r->state, count, which, coefficients, e);
}

static ketch_status pauli_sum(room *r, uint64_t count, const uint64_t *x, const uint64_t *z,
                              const double *coefficients, ketch_error *e)
{
    return ketch_state_pauli(r->numbers, NULL, r->state, count, x, z, coefficients, e);
}

static ketch_status variance(room *r, uint64_t count, const uint64_t *x, const uint64_t *z,
                             const double *coefficients, ketch_error *e)
{
    return ketch_state_variance(r->numbers, NULL, r->state, count, x, z, coefficients, e);
}

static ketch_status reduced(room *r, uint64_t capacity, int32_t count, const int32_t *which,
                            ketch_error *e)
{
    return ketch_state_reduced(r->numbers, capacity, NULL, r->state, count, which, e);
}

static ketch_status probabilities(room *r, uint64_t capacity, int32_t count, const int32_t *which,
                                  ketch_error *e)
{
    return ketch_state_probabilities(r->numbers, capacity, NULL, r->state, count, which, e);
}

/* A buffer whose owner spoilt it after its state was made. */
static ketch_status sample_of_zeros(room *r, ketch_error *e)
{
    r->buffer[0] = 1;
    ketch_state *state = NULL;
    ck_assert_int_eq(
        ketch_state_adopt(&state, r->arena, 3, KETCH_DOUBLE, r->buffer, sizeof r->buffer, e),
        KETCH_OK);
    r->buffer[0] = 0;
    const ketch_status status = ketch_state_sample(r->outcomes, 1, NULL, state, 1, 0, e);
    ketch_state_drop(state);
    return status;
}

/* ---- programs, texts ---- */

static ketch_status compile(room *r, ketch_program_options options, ketch_error *e)
{
    return ketch_program_create(&r->new_program, r->circuit, &options, e);
}

static ketch_status parse(room *r, const char *text, size_t length, ketch_error *e)
{
    return ketch_circuit_parse(&r->new_circuit, text, length, NULL, e);
}

/* rx(((...1...))) with 300 of them. */
static ketch_status parse_nested(room *r, const char *open, const char *close, ketch_error *e)
{
    char text[1000] = LIBRARY "rx";
    for (int i = 0; i < 300; i++)
        strcat(text, open);
    strcat(text, "1");
    for (int i = 0; i < 300; i++)
        strcat(text, close);
    return parse(r, text, strlen(text), e);
}

/* Each gate calls the one before it `calls` times. */
static ketch_status parse_tower(room *r, int floors, int calls, ketch_error *e)
{
    static char text[1 << 16];
    int used = sprintf(text, "qreg q[1];\ngate g0 a { U(0,0,0) a; }\n");
    for (int i = 1; i <= floors; i++) {
        used += sprintf(text + used, "gate g%d a {", i);
        for (int k = 0; k < calls; k++)
            used += sprintf(text + used, " g%d a;", i - 1);
        used += sprintf(text + used, " }\n");
    }
    used += sprintf(text + used, "g%d q[0];\n", floors);
    return parse(r, text, (size_t)used, e);
}

static ketch_status parse_nested_gates(room *r, ketch_error *e)
{
    return parse_tower(r, 300, 1, e);
}

static ketch_status parse_doubling_gates(room *r, ketch_error *e)
{
    return parse_tower(r, 40, 2, e);
}

static const char *give_text(const char *text, size_t *length)
{
    *length = text ? strlen(text) : 0;
    return text;
}

static const char *include_again(const char *name, size_t *length, void *user)
{
    (void)name;
    (void)user;
    return give_text("include \"again.inc\";", length);
}

static const char *include_none(const char *name, size_t *length, void *user)
{
    (void)name;
    (void)user;
    return give_text(NULL, length);
}

static const char *include_wrong(const char *name, size_t *length, void *user)
{
    (void)name;
    (void)user;
    return give_text("qreg q[1];\n  h q[0];", length);
}

static ketch_status parse_resolved(room *r, const char *text, ketch_resolver resolve,
                                   ketch_error *e)
{
    const ketch_parse_options options = {.size = sizeof options, .resolve = resolve};
    return ketch_circuit_parse(&r->new_circuit, text, strlen(text), &options, e);
}

/* ---- the table ---- */

#define TEXT(name, text) CASE(text_##name, parse(r, text, sizeof text - 1, e))

#define CASE(name, ...) FLAGGED(name, 0, __VA_ARGS__)
#define MASKED(name, ...) FLAGGED(name, CASE_MASKED, __VA_ARGS__)
#define MOVES(name, ...) FLAGGED(name, CASE_MOVES, __VA_ARGS__)
#define FORKS(name, ...) FLAGGED(name, CASE_FORKS, __VA_ARGS__)

#define FLAGGED(name, flags, ...)                                                                  \
    static ketch_status case_##name(room *r, ketch_error *e)                                       \
    {                                                                                              \
        (void)r;                                                                                   \
        (void)e;                                                                                   \
        return __VA_ARGS__;                                                                        \
    }
#include "error_cases.inc"
#undef FLAGGED

#define FLAGGED(name, flags, ...) {#name, case_##name, flags},
const error_case error_cases[] = {
#include "error_cases.inc"
};
const int error_case_count = sizeof error_cases / sizeof *error_cases;
