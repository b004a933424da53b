/* Fuzz target: any bytes as OpenQASM text. clang -fsanitize=fuzzer,address,undefined; also replayed
 * over the corpus by test_qasm.c. What follows a byte 0x7f is the text of every include. */
#include "ket/circuit/circuit.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct include_text {
    const char *text;
    size_t length;
} include_text;

static const char *resolve_to_rest(const char *name, size_t *length, void *user)
{
    const include_text *include = user;
    *length = include->length;
    return *name == '!' ? NULL : include->text;
}

static void require(int condition)
{
    if (!condition)
        abort();
}

/* What every reader of a circuit relies on. */
static void check_records(const ketch_circuit *circuit)
{
    uint64_t steps = 0;
    for (size_t i = 0; i < ktq_circuit_gate_count(circuit); i++) {
        const ktq_gate *gate = ktq_circuit_gate_at(circuit, i);
        uint64_t seen = 0;
        for (size_t k = 0; k < gate->own_count; k++) {
            const uint64_t bit = UINT64_C(1) << ktq_gate_qubits(circuit, gate)[k];
            require(bit >> circuit->qubit_count == 0 && !(seen & bit));
            seen |= bit;
        }
        for (size_t k = 0; k < gate->param_count; k++)
            require(ktq_gate_params(circuit, gate)[k] - ktq_gate_params(circuit, gate)[k] == 0);
        require(gate->condition < circuit->conditions.count);
        if (gate->gate == KETCH_GATE_MEASURE)
            require((int32_t)gate->bit < circuit->bit_count);
        steps += gate->gate != KETCH_GATE_BARRIER;
    }
    require(steps == circuit->steps);
}

/* A circuit that was read can be written, and the text reads back as the same records: it is
 * written the same way again. */
static void check_text(const ketch_circuit *circuit)
{
    size_t length = 0;
    ketch_circuit *back = NULL;
    require(ketch_circuit_qasm(NULL, 0, &length, circuit, NULL) == KETCH_OK);
    char *const text = malloc(length + 1), *const again = malloc(length + 1);
    require(text && again);
    require(ketch_circuit_qasm(text, length + 1, NULL, circuit, NULL) == KETCH_OK);
    require(ketch_circuit_parse(&back, text, length, NULL, NULL) == KETCH_OK);
    check_records(back);
    require(back->gates.count == circuit->gates.count && back->steps == circuit->steps);
    require(ketch_circuit_qasm(again, length + 1, NULL, back, NULL) == KETCH_OK);
    require(strcmp(text, again) == 0);
    ketch_circuit_destroy(back);
    free(text);
    free(again);
}

/* A small one can be drawn, in lines of which each ends. */
static void check_picture(const ketch_circuit *circuit)
{
    enum { RECORDS_MOST = 200, REGISTERS_MOST = 50 };
    char end[2] = "";
    size_t length = 0;
    const ketch_draw_options options = {
        .size = sizeof options, .width = 80, .ascii = circuit->gates.count % 2};
    if (circuit->gates.count > RECORDS_MOST || circuit->registers.count > REGISTERS_MOST)
        return;
    require(ketch_circuit_draw(end, sizeof end, &length, circuit, &options, NULL) == KETCH_OK);
    require(length > 0 && end[1] == 0);
    char *const text = malloc(length + 1);
    require(text != NULL);
    require(ketch_circuit_draw(text, length + 1, NULL, circuit, &options, NULL) == KETCH_OK);
    require(strlen(text) == length && text[length - 1] == '\n');
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *mark = size ? memchr(data, 0x7f, size) : NULL;
    const size_t length = mark ? (size_t)(mark - data) : size;
    include_text include = {mark ? (const char *)mark + 1 : "", mark ? size - length - 1 : 0};
    const ketch_parse_options options = {
        .size = sizeof options, .resolve = resolve_to_rest, .user = &include, .limit = 20000};
    ketch_error error = {.size = sizeof error};
    ketch_circuit *circuit = NULL;
    /* A copy of exactly that size, so that reading beyond it is seen. */
    char *text = malloc(length + !length);
    require(text != NULL);
    memcpy(text, data, length);
    const ketch_status status = ketch_circuit_parse(&circuit, text, length, &options, &error);
    free(text);
    if (status == KETCH_OK) {
        check_records(circuit);
        check_text(circuit);
        check_picture(circuit);
    } else {
        require(!circuit && error.status == status && error.message[0]);
        require(status == KETCH_MEMORY || (error.line > 0 && error.column > 0));
    }
    ketch_circuit_destroy(circuit);
    return 0;
}
