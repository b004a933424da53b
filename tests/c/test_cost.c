/* Costs: every kernel has one, they add up, and the shape they choose is the cheapest. */
#include "ket/compile/cost.h"
#include "ket/compile/estimate.h"
#include "ket/compile/program.h"
#include "runs.h"
#include "suite.h"

static const ketch_kernels sets[] = {KETCH_KERNELS_SCALAR, KETCH_KERNELS_AVX2,
                                     KETCH_KERNELS_AVX512};

/* Layers of rotations and cz: enough for several passes. */
static ketch_circuit *make_layers(int32_t qubits, int layers)
{
    ketch_circuit *circuit = NULL;
    GOOD(ketch_circuit_create(&circuit, qubits, 0, &error));
    for (int layer = 0; layer < layers; layer++) {
        for (int32_t q = 0; q < qubits; q++) {
            const double angle = 0.1 + q + layer;
            GOOD(ketch_circuit_gate(circuit, KETCH_GATE_RY, &q, &angle, &error));
        }
        for (int32_t q = layer % 2; q + 1 < qubits; q += 2) {
            const int32_t pair[2] = {q, (q * 7 + 1 + layer) % qubits};
            if (pair[0] != pair[1])
                GOOD(ketch_circuit_gate(circuit, KETCH_GATE_CZ, pair, NULL, &error));
        }
    }
    return circuit;
}

/* More rotations of lanes than a vector has bits are no kernel. */
static bool is_kernel(int kind, int32_t lane_bits)
{
    if (kind >= KTQ_COST_LANES_1 && kind <= KTQ_COST_LANES_4)
        return kind - KTQ_COST_LANES_1 + 1 <= lane_bits;
    if (kind >= KTQ_COST_LANE_TERMS_0 && kind <= KTQ_COST_LANE_TERMS_4)
        return kind - KTQ_COST_LANE_TERMS_0 <= lane_bits;
    return true;
}

START_TEST(every_kernel_has_a_cost)
{
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        for (int precision = KETCH_DOUBLE; precision <= KETCH_SINGLE; precision++) {
            const ktq_kernel_set *const set =
                ktq_kernel_set_find(sets[i], (ketch_precision)precision);
            if (!set)
                continue;
            const ktq_costs *const costs = ktq_costs_of(set);
            for (int kind = 0; kind < KTQ_COST_KINDS; kind++)
                for (int level = 0; level < KTQ_COST_LEVELS; level++)
                    ck_assert_int_eq(costs->step[kind][level] > 0, is_kernel(kind, set->lane_bits));
            for (int row = 0; row < 3; row++)
                for (int run = 0; run < KTQ_COST_RUNS; run++)
                    ck_assert_uint_gt(costs->stream[row][run], 0);
            ck_assert(costs->call && costs->first && costs->more && costs->prepare);
        }
    }
}
END_TEST

/* Twice the live tiles cost twice as much, and so does an operation on twice as many amplitudes. */
START_TEST(costs_add_up)
{
    const ktq_kernel_set *const set = ktq_kernel_set_find(KETCH_KERNELS_SCALAR, KETCH_DOUBLE);
    ktq_subpass_plan subpass = {.frame = {0xfff, 12}, .cost = 1000};
    const ktq_plan plan = {.qubits = 22, .set = set, .subpasses = {&subpass, 1, 1}};
    ktq_pass_plan pass = {.frame = {0xfff, 12}, .support = 0xfff, .subpass_count = 1};
    const double one = ktq_plan_pass_cost(&plan, &pass);
    ck_assert_double_gt(one, 1000);
    pass.support = 0x3fff;
    ck_assert_double_eq(ktq_plan_pass_cost(&plan, &pass), 4 * one);
    const ktq_op flip = {.kind = KTQ_FLIP, .count = 1, .qubits = {9}, .moved = 1 << 9};
    const ktq_op held = {.kind = KTQ_FLIP,
                         .count = 1,
                         .qubits = {9},
                         .moved = 1 << 9,
                         .fixed = 1 << 8,
                         .control = 1 << 8,
                         .value = 1 << 8};
    const ktq_group all = {.kind = KTQ_GROUP_SINGLE, .op = &flip, .scale = 1};
    const ktq_group half = {.kind = KTQ_GROUP_SINGLE, .op = &held, .scale = 1};
    const double call = ktq_costs_of(set)->call / 1000.0;
    ck_assert_double_eq_tol(ktq_cost_groups(set, &all, 1, &subpass.frame) - call,
                            2 * (ktq_cost_groups(set, &half, 1, &subpass.frame) - call), 1e-6);
}
END_TEST

static double cost_of(const ketch_circuit *circuit, const ketch_program_options *options)
{
    ketch_program *program = NULL;
    GOOD(ketch_program_create(&program, circuit, options, &error));
    const double cost = ktq_plan_run_cost(program->plan) + ktq_plan_prepare_cost(program->plan);
    ketch_program_drop(program);
    return cost;
}

/* Tried whole, the chosen shape is no dearer than the usual tile, and the same each time. */
START_TEST(cheapest_shape)
{
    ketch_circuit *const circuit = make_layers(21, 7);
    ketch_program_options chosen = {.size = sizeof chosen,
                                    .precision = _i ? KETCH_SINGLE : KETCH_DOUBLE};
    const double cost = cost_of(circuit, &chosen);
    ck_assert_double_eq(cost_of(circuit, &chosen), cost);
    chosen.tile_bits = _i ? 15 : 14;
    ck_assert_double_le(cost, cost_of(circuit, &chosen));
    ketch_circuit_destroy(circuit);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("cost");
    TCase *const all = tcase_create("all");
    tcase_add_test(all, every_kernel_has_a_cost);
    tcase_add_test(all, costs_add_up);
    tcase_add_loop_test(all, cheapest_shape, 0, 2);
    suite_add_tcase(suite, all);
    return end_with(suite);
}
