/* The library never prints and never ends the process: good and bad calls with both output streams
 * caught in a file, which stays empty. */
#define _GNU_SOURCE
#include "runs.h"
#include "suite.h"
#include <stdio.h>
#include <unistd.h>

static int32_t stop_at_once(const ketch_step *step, void *user)
{
    (void)step;
    (void)user;
    return 1;
}

static const char *const texts[] = {
    "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[3]; creg c[3]; h q; measure q -> c;",
    "OPENQASM 2.0; include \"nowhere.inc\";",
    "OPENQASM 2.0; qreg q[2]; foo q[0];",
    "OPENQASM 2.0; qreg q[99999999999];",
    "OPENQASM 3.0; \"",
};

static ketch_status misuse(ketch_engine *engine, const ketch_circuit *circuit)
{
    ketch_status sum = KETCH_OK;
    ketch_error error = {.size = sizeof error};
    ketch_state *state = NULL;
    ketch_program *program = NULL;
    const ketch_program_options bad = {.size = sizeof bad, .tile_bits = -7};
    sum += ketch_state_create(&state, ketch_engine_arena(engine), 57, KETCH_DOUBLE, &error);
    sum += ketch_state_create(&state, NULL, 3, KETCH_DOUBLE, NULL);
    sum += ketch_program_create(&program, circuit, &bad, &error);
    sum += ketch_circuit_gate(NULL, KETCH_GATE_H, NULL, NULL, NULL);
    sum += ketch_engine_destroy(NULL, &error);
    return sum;
}

static void use(ketch_engine *engine, const ketch_circuit *circuit)
{
    const ketch_run run = {.size = sizeof run, .hook = stop_at_once, .tick_seconds = 1e-12};
    const ketch_shots shots = {.size = sizeof shots, .shots = 5};
    ketch_program *program = NULL;
    ketch_state *state = NULL;
    ketch_result *result = NULL;
    ketch_program_create(&program, circuit, NULL, NULL);
    ketch_state_create(&state, ketch_engine_arena(engine), 3, KETCH_DOUBLE, NULL);
    ketch_program_run(&result, engine, program, state, &shots, &run, NULL);
    ketch_engine_resume(engine, result, NULL, NULL);
    ketch_result_destroy(result);
    ketch_program_drop(program);
    ketch_state_drop(state);
}

/* No assertion in between: Check's own would write. */
static ketch_status everything(void)
{
    ketch_engine *engine = NULL;
    ketch_status sum = ketch_engine_create(&engine, NULL, NULL);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ketch_circuit *circuit = NULL;
        sum += ketch_circuit_parse(&circuit, texts[i], strlen(texts[i]), NULL, NULL);
        if (!circuit)
            continue;
        use(engine, circuit);
        sum += misuse(engine, circuit);
        ketch_circuit_destroy(circuit);
    }
    return sum + ketch_engine_destroy(engine, NULL);
}

START_TEST(nothing_is_printed)
{
    FILE *const caught = tmpfile();
    ck_assert_ptr_nonnull(caught);
    const int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
    fflush(NULL);
    dup2(fileno(caught), STDOUT_FILENO);
    dup2(fileno(caught), STDERR_FILENO);
    const ketch_status sum = everything();
    fflush(NULL);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    close(out);
    close(err);
    ck_assert_int_lt(sum, 0);
    ck_assert_int_eq(fseek(caught, 0, SEEK_END), 0);
    const long printed = ftell(caught);
    ck_assert_int_eq(printed, 0);
    figure("P1", "printed by good and bad calls", (double)printed, "bytes");
    fclose(caught);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("quiet");
    TCase *const all = tcase_create("all");
    tcase_add_test(all, nothing_is_printed);
    suite_add_tcase(suite, all);
    return end_with(suite);
}
