#include "bits_groups.h"

/* ---- what is asked of final states ---- */

enum { TERMS = 20, ASKED = 6 };

typedef struct question {
    int32_t order[16];
    uint64_t masks[TERMS], x_masks[TERMS];
    double coefficients[TERMS];
    ketch_observable asked[ASKED];
} question;

/* A norm, sums of Z, probabilities of two, of five and of all qubits, or of all there are. */
static void draw_question(question *q, int32_t qubits)
{
    maker m = {.qubits = qubits, .random = 70};
    const uint64_t all = (uint64_t)qubits, two = all < 2 ? all : 2, five = all < 5 ? all : 5;
    maker_choose(&m, q->order, qubits);
    for (int i = 0; i < TERMS; i++) {
        q->masks[i] = maker_draw(&m, UINT64_C(1) << qubits);
        q->coefficients[i] = maker_angle(&m);
    }
    for (int i = 0; i < TERMS; i++)
        q->x_masks[i] = maker_draw(&m, UINT64_C(1) << qubits);
    const size_t size = sizeof(ketch_observable);
    const ketch_observable sum = {.size = size,
                                  .kind = KETCH_OBSERVE_Z,
                                  .count = TERMS,
                                  .masks = q->masks,
                                  .coefficients = q->coefficients};
    const ketch_observable marginal = {
        .size = size, .kind = KETCH_OBSERVE_PROBABILITIES, .qubits = q->order};
    q->asked[0] = (ketch_observable){.size = size, .kind = KETCH_OBSERVE_NORM};
    q->asked[1] = q->asked[2] = sum;
    q->asked[3] = q->asked[4] = q->asked[5] = marginal;
    q->asked[2].count = 1;
    q->asked[3].count = two;
    q->asked[4].count = five;
    q->asked[5].count = all;
}

/* Which of the qubits' final states is asked: with some ends they come from the last pass over
 * memory, with others from a sweep of their own. */
static void add_end(maker *m, const char *end)
{
    if (strcmp(end, "measure") == 0)
        GOOD(ketch_circuit_measure(m->circuit, 1, 0, &error));
    if (strcmp(end, "reset") == 0)
        GOOD(ketch_circuit_reset(m->circuit, m->qubits - 1, &error));
    if (strcmp(end, "fence") == 0)
        GOOD(ketch_circuit_fence(m->circuit, &error));
    if (strcmp(end, "condition") != 0)
        return;
    GOOD(ketch_circuit_measure(m->circuit, 1, 0, &error));
    GOOD(ketch_circuit_condition(m->circuit, 0, 1, 1, &error));
    GOOD(ketch_h(m->circuit, 0, &error));
}

static void record_answers(const recorder *r, const char *text, maker *m, uint64_t shots)
{
    question q;
    draw_question(&q, m->qubits);
    for (uint64_t kinds = 0; kinds < 2; kinds++) { /* all, and those with few answers */
        const wish w = {
            .seed = 71, .shots = shots, .asked = q.asked, .asked_count = kinds ? 3 : ASKED};
        const uint64_t hash = hash_circuit(BITS_OF_NOTHING, r, m->circuit, &w);
        record(r, name("%s-%s", text, kinds ? "few" : "all").text, hash);
    }
    ketch_circuit_destroy(m->circuit);
}

void bits_of_observables(const recorder *r)
{
    static const char *const ends[] = {"gates", "measure", "reset", "fence", "condition"};
    for (int32_t q = 3; q <= 14; q += q == 3 ? 7 : 4)
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
            maker m = maker_random(q, 20, 72);
            add_end(&m, ends[i]);
            record_answers(r, name("%s-%d", ends[i], q).text, &m, 0);
        }
    maker none = maker_open(10, 0, 1), shots = maker_random(10, 20, 73);
    record_answers(r, "none-10", &none, 0);
    maker_measure(&shots, 3);
    record_answers(r, "shots-10", &shots, 50);
    recorder tiles = *r;
    tiles.way.tile = 7;
    maker m = maker_random(11, 20, 74);
    record_answers(&tiles, "tile-11", &m, 0);
}

/* ---- states that are asked ---- */

static void record_sums(const recorder *r, ketch_engine *engine, const char *text,
                        const ketch_state *a, const ketch_state *b)
{
    double norm, inner[2];
    GOOD(ketch_state_norm(&norm, engine, a, &error));
    GOOD(ketch_state_inner(inner, engine, a, b, &error));
    record(r, name("%s-norm", text).text, bits_hash(BITS_OF_NOTHING, &norm, sizeof norm));
    record(r, name("%s-inner", text).text, bits_hash(BITS_OF_NOTHING, inner, sizeof inner));
}

static void record_probabilities(const recorder *r, ketch_engine *engine, const char *text,
                                 const ketch_state *a)
{
    enum { MOST = 1 << 14 };
    static double numbers[MOST];
    question q;
    draw_question(&q, ketch_state_qubits(a));
    for (int i = 3; i < ASKED; i++) {
        const int32_t count = (int32_t)q.asked[i].count;
        GOOD(ketch_state_probabilities(numbers, MOST, engine, a, count, q.order, &error));
        record(r, name("%s-probabilities-%d", text, i).text,
               bits_hash(BITS_OF_NOTHING, numbers, sizeof *numbers << count));
    }
    GOOD(ketch_state_expectation(numbers, engine, a, TERMS, q.masks, q.coefficients, &error));
    record(r, name("%s-expectation", text).text,
           bits_hash(BITS_OF_NOTHING, numbers, sizeof *numbers));
}

static void record_paulis(const recorder *r, ketch_engine *engine, const char *text,
                          const ketch_state *a)
{
    enum { MOST = 2 << 10 };
    static double numbers[MOST];
    question q;
    draw_question(&q, ketch_state_qubits(a));
    const int32_t count = (int32_t)q.asked[4].count;
    GOOD(ketch_state_pauli(&numbers[0], engine, a, TERMS, q.x_masks, q.masks, q.coefficients,
                           &error));
    GOOD(ketch_state_variance(&numbers[1], engine, a, TERMS, q.x_masks, q.masks, q.coefficients,
                              &error));
    record(r, name("%s-pauli", text).text,
           bits_hash(BITS_OF_NOTHING, numbers, 2 * sizeof *numbers));
    GOOD(ketch_state_reduced(numbers, MOST, engine, a, count, q.order, &error));
    record(r, name("%s-reduced", text).text,
           bits_hash(BITS_OF_NOTHING, numbers, 2 * sizeof *numbers << 2 * count));
}

/* Changes the state. */
static void record_measurements(const recorder *r, ketch_engine *engine, const char *text,
                                ketch_state *a)
{
    enum { SHOTS = 300 };
    uint64_t shots[SHOTS];
    int32_t outcomes[3];
    GOOD(ketch_state_sample(shots, SHOTS, engine, a, 81, 5, &error));
    record(r, name("%s-sample", text).text, bits_hash(BITS_OF_NOTHING, shots, sizeof shots));
    for (int32_t q = 0; q < 3; q++)
        GOOD(ketch_state_measure(&outcomes[q], engine, a, q, 82, (uint64_t)q, &error));
    const uint64_t hash = bits_hash(BITS_OF_NOTHING, outcomes, sizeof outcomes);
    record(r, name("%s-measure", text).text, hash_state(hash, a));
}

/* By an engine's workers, and on the calling thread alone. */
void bits_of_states(const recorder *r)
{
    for (int alone = 0; alone < 2; alone++)
        for (int32_t q = 3; q <= 14; q += q == 3 ? 7 : 4) {
            ketch_engine *const engine = alone ? NULL : r->engine;
            ketch_state *const a = record_given_state(r, q, 83, false),
                               *b = record_given_state(r, q, 84, false);
            const label text = name("%s-%d", alone ? "alone" : "engine", q);
            record_sums(r, engine, text.text, a, b);
            record_probabilities(r, engine, text.text, a);
            record_paulis(r, engine, text.text, a);
            record_measurements(r, engine, text.text, a);
            ketch_state_drop(a);
            ketch_state_drop(b);
        }
}

/* ---- measured circuits ---- */

/* Rows, counts and the state that is left. Ends the circuit. */
static void record_shots_of(const recorder *r, const char *text, ketch_circuit *circuit,
                            uint64_t shots, uint64_t seed)
{
    const wish w = {.shots = shots, .seed = seed};
    ketch_program *const program = make_program(circuit, &r->way);
    ketch_state *const state = record_state(r, ketch_circuit_qubits(circuit), NULL);
    ketch_result *const result = record_run(r, program, state, &w, NULL);
    record(r, name("%s-rows", text).text, hash_rows(BITS_OF_NOTHING, result));
    record(r, name("%s-counts", text).text, hash_counts(BITS_OF_NOTHING, result));
    record(r, name("%s-state", text).text, hash_state(BITS_OF_NOTHING, state));
    ketch_result_destroy(result);
    ketch_state_drop(state);
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
}

/* Sampled from one run. */
void bits_of_shots(const recorder *r)
{
    for (int32_t q = 2; q <= 14; q += 4) {
        maker all = maker_random(q, 20, 90), some = maker_random(q, 20, 91);
        maker_measure(&all, q);
        maker_measure(&some, q / 2);
        record_shots_of(r, name("all-%d", q).text, all.circuit, 500, 92);
        record_shots_of(r, name("some-%d", q).text, some.circuit, 500, 93);
    }
    maker ghz = maker_open(12, 12, 1);
    maker_find("ghz")->add(&ghz);
    maker_measure(&ghz, 12);
    record_shots_of(r, "ghz-12", ghz.circuit, 500, 94);
}

/* Measurements, resets, conditions and fences between gates. */
static ketch_circuit *make_dynamic(int32_t qubits, bool fences)
{
    maker m = maker_random(qubits, 6, 100);
    for (int32_t q = 0; q < 3 && q < qubits; q++) {
        GOOD(ketch_circuit_measure(m.circuit, q, q, &error));
        maker_random_gates(&m, 3);
        if (fences)
            GOOD(ketch_circuit_fence(m.circuit, &error));
        GOOD(ketch_circuit_condition(m.circuit, q, 1, (uint64_t)q % 2, &error));
        maker_random_gates(&m, 3);
        GOOD(ketch_circuit_condition(m.circuit, 0, 0, 0, &error));
        GOOD(ketch_circuit_reset(m.circuit, q, &error));
        maker_random_gates(&m, 3);
    }
    maker_layer(&m);
    maker_measure(&m, qubits);
    return m.circuit;
}

void bits_of_dynamic(const recorder *r)
{
    static const int32_t sizes[] = {2, 4, 7, 10, 12};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int fences = 0; fences < 2; fences++) {
            const int32_t q = sizes[i];
            const label text = name("%s-%d", fences ? "fences" : "plain", q);
            record_shots_of(r, name("%s-shots", text.text).text, make_dynamic(q, fences), 20, 101);
            record_shots_of(r, name("%s-once", text.text).text, make_dynamic(q, fences), 0, 102);
        }
    recorder often = *r;
    often.way.fence_every = 7;
    record_shots_of(&often, "often-9", make_dynamic(9, true), 20, 103);
}

/* ---- stop and resume ---- */

/* Of the run's end; stopped at each such tick and resumed, 0: never. */
static uint64_t hash_pieces(const recorder *r, ketch_program *program, int32_t qubits, uint64_t at,
                            uint64_t shots)
{
    const wish w = {.shots = shots, .seed = 111, .stop_at = at};
    ketch_state *const state = record_state(r, qubits, NULL);
    int stops = 0;
    ketch_result *const result = record_run(r, program, state, &w, &stops);
    const uint64_t hash = hash_rows(hash_state(BITS_OF_NOTHING, state), result);
    if (r->way.threads == 1) /* another worker may leave worker 0, which looks, no tile */
        ck_assert_int_eq(stops > 0, at > 0);
    ketch_result_destroy(result);
    ketch_state_drop(state);
    return hash;
}

/* A run stopped again and again ends as one that was not. Ends the circuit. */
static void record_pieces(const recorder *r, const char *text, ketch_circuit *circuit,
                          uint64_t shots)
{
    const int32_t qubits = ketch_circuit_qubits(circuit);
    ketch_program *const program = make_program(circuit, &r->way);
    const uint64_t whole = hash_pieces(r, program, qubits, 0, shots);
    for (uint64_t at = 2; at <= 5; at++) /* with 1 nothing is ever done */
        ck_assert_uint_eq(hash_pieces(r, program, qubits, at, shots), whole);
    record(r, text, whole);
    record(r, name("%s-fences", text).text, hash_fences(BITS_OF_NOTHING, r, program));
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
}

void bits_of_resumed(const recorder *r)
{
    recorder tiles = *r;
    tiles.way.tile = 7;
    record_pieces(&tiles, "random-10", maker_random(10, 30, 110).circuit, 0);
    record_pieces(&tiles, "volume-11", maker_family_circuit("volume", 11), 0);
    record_pieces(&tiles, "dynamic-9", make_dynamic(9, false), 0);
    record_pieces(&tiles, "shots-9", make_dynamic(9, true), 5);
    tiles.way.fence_every = 7;
    record_pieces(&tiles, "often-11", maker_family_circuit("ansatz", 11), 0);
}
