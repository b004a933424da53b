/* Costs: every kernel has one, they add up, and the shape they choose is the cheapest. */
#include "cpu.h"
#include "ket/compile/cost.h"
#include "ket/compile/estimate.h"
#include "ket/compile/fingerprint.h"
#include "ket/compile/program.h"
#include "runs.h"
#include "suite.h"

#include <math.h>
#include <string.h>

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

static void check_row(const ktq_kernel_set *set)
{
    const ktq_costs *const costs = set->costs;
    for (int kind = 0; kind < KTQ_COST_KINDS; kind++)
        for (int level = 0; level < KTQ_COST_LEVELS; level++)
            ck_assert_int_eq(costs->kernel[kind][level] > 0, is_kernel(kind, set->lane_bits));
    for (int row = 0; row < 3; row++)
        for (int run = 0; run < KTQ_COST_RUNS; run++)
            ck_assert_uint_gt(costs->transfer[row][run], 0);
    for (int member = 0; member < KTQ_COST_MEMBERS; member++)
        ck_assert_uint_gt(costs->resident[member], 0);
    ck_assert(costs->call && costs->first && costs->more && costs->prepare);
}

/* In the rows of all families. */
START_TEST(every_kernel_has_a_cost)
{
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        for (int precision = KETCH_DOUBLE; precision <= KETCH_SINGLE; precision++) {
            const ktq_kernel_set *set;
            for (size_t row = 0;
                 (set = ktq_kernel_set_get(sets[i], (ketch_precision)precision, row)); row++)
                check_row(set);
        }
}
END_TEST

/* Sets for several families are the same kernels, and the first is what is found by default. */
START_TEST(sets_differ_in_costs_alone)
{
    for (int kernels = KETCH_KERNELS_SCALAR; kernels <= (int)kt_cpu_kernels_last(); kernels++)
        for (int precision = KETCH_DOUBLE; precision <= KETCH_SINGLE; precision++) {
            const ketch_kernels id = (ketch_kernels)kernels;
            const ketch_precision p = (ketch_precision)precision;
            const ktq_kernel_set *const usual = ktq_kernel_set_find(id, p), *set;
            ck_assert_ptr_eq(usual, ktq_kernel_set_get(id, p, 0));
            for (size_t row = 0; (set = ktq_kernel_set_get(id, p, row)); row++) {
                ck_assert_ptr_eq(set->table, usual->table);
                ck_assert_ptr_eq(set->tile_sizes, usual->tile_sizes);
                ck_assert_ptr_eq(ktq_kernel_set_find_for(id, p, set->family), set);
                ck_assert(row == 0 || set->family != usual->family);
            }
            const ktq_kernel_set *const other = ktq_kernel_set_find_for(id, p, KT_FAMILY_OTHER);
            ck_assert(!other || other == usual);
        }
}
END_TEST

/* The row of KT_FAMILY_OTHER is first, and the geometric mean of the others. */
START_TEST(means_are_of_all_rows)
{
    int means = 0;
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        for (int precision = KETCH_DOUBLE; precision <= KETCH_SINGLE; precision++) {
            const ktq_kernel_set *set = ktq_kernel_set_find(sets[i], (ketch_precision)precision);
            if (!set || set->family != KT_FAMILY_OTHER)
                continue;
            const double mean = set->costs->kernel[KTQ_COST_ROTATE_2][KTQ_COST_IN_L2];
            double sum = 0;
            size_t row = 1;
            for (; (set = ktq_kernel_set_get(sets[i], (ketch_precision)precision, row)); row++)
                sum += log(set->costs->kernel[KTQ_COST_ROTATE_2][KTQ_COST_IN_L2]);
            ck_assert_uint_gt(row, 3);
            ck_assert_double_eq_tol(mean, exp(sum / (double)(row - 1)), 0.51);
            means++;
        }
#if defined(__x86_64__)
    ck_assert_int_eq(means, 4);
#endif
}
END_TEST

/* For states of any size there is a choice of tiles, not more than the planner has room for. */
START_TEST(every_state_has_tile_sizes)
{
    for (int kernels = KETCH_KERNELS_SCALAR; kernels <= (int)kt_cpu_kernels_last(); kernels++) {
        const ktq_kernel_set *const set = ktq_kernel_set_find((ketch_kernels)kernels, KETCH_DOUBLE);
        for (int state = 3; set && state < 64; state++) {
            int count = 0;
            for (size_t i = 0; i < set->tile_size_count; i++) {
                const ktq_tile_sizes *const sizes = &set->tile_sizes[i];
                count += sizes->state_min <= state && state <= sizes->state_max;
                ck_assert_int_le(sizes->subtile, sizes->tile);
            }
            ck_assert(count >= 1 && count <= KTQ_TILE_SIZES_MAX);
        }
    }
}
END_TEST

/* Twice the tiles cost twice as much, and so does an operation on twice as many amplitudes. */
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
    const ktq_op controlled = {.kind = KTQ_FLIP,
                               .count = 1,
                               .qubits = {9},
                               .moved = 1 << 9,
                               .fixed = 1 << 8,
                               .control = 1 << 8,
                               .value = 1 << 8};
    const ktq_group all = {.kind = KTQ_GROUP_SINGLE, .op = &flip, .scale = 1};
    const ktq_group half = {.kind = KTQ_GROUP_SINGLE, .op = &controlled, .scale = 1};
    const double call = set->costs->call / 1000.0;
    uint64_t reached = 0xfff;
    const double whole = ktq_cost_groups(set, &all, 1, &subpass.frame, &reached) - call;
    ck_assert_double_eq_tol(
        whole, 2 * (ktq_cost_groups(set, &half, 1, &subpass.frame, &reached) - call), 1e-6);
}
END_TEST

/* Vectors that are zero cost nothing where kernels leave them out: before a position is reached. */
START_TEST(zero_vectors_cost_nothing)
{
    const ktq_kernel_set *const set = ktq_kernel_set_find(KETCH_KERNELS_SCALAR, KETCH_DOUBLE);
    const ktq_frame frame = {0xfff, 12};
    const ktq_group rotation = {
        .kind = KTQ_GROUP_VECTORS, .rotation_count = 1, .rotations = {{.position = 9}}, .scale = 1};
    const double call = set->costs->call / 1000.0;
    uint64_t all = 0xfff, some = 0x0ff;
    const double whole = ktq_cost_groups(set, &rotation, 1, &frame, &all) - call;
    const double eighth = ktq_cost_groups(set, &rotation, 1, &frame, &some) - call;
    ck_assert_double_eq_tol(whole, 8 * eighth, 1e-6);
    ck_assert_uint_eq(some, 0x2ff);
    ck_assert_uint_eq(all, 0xfff);
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

/* ---- the option ---- */

static ketch_status compile_with(ketch_program **program, const ketch_circuit *circuit, int costs,
                                 ketch_error *error)
{
    const ketch_program_options options = {
        .size = sizeof options, .kernels = KETCH_KERNELS_SCALAR, .costs = (ketch_costs)costs};
    return ketch_program_create(program, circuit, &options, error);
}

/* The default is Zen 5's row on any machine, and the costs of another family change the plan of
 * this circuit, not the kernels. */
START_TEST(costs_are_given)
{
    ketch_circuit *const circuit = make_layers(21, 7);
    ketch_error error = {.size = sizeof error};
    ketch_program *usual = NULL, *zen5 = NULL, *zen4 = NULL, *here = NULL;
    ck_assert_int_eq(compile_with(&usual, circuit, KETCH_COSTS_DEFAULT, &error), KETCH_OK);
    ck_assert_int_eq(compile_with(&zen5, circuit, KETCH_COSTS_ZEN5, &error), KETCH_OK);
    ck_assert_int_eq(compile_with(&zen4, circuit, KETCH_COSTS_ZEN4, &error), KETCH_OK);
    ck_assert_int_eq(compile_with(&here, circuit, KETCH_COSTS_HERE, &error), KETCH_OK);
    ck_assert_ptr_eq(usual->plan->set, zen5->plan->set);
    ck_assert_int_eq(zen4->plan->set->family, KT_FAMILY_ZEN4);
    ck_assert_ptr_eq(zen4->plan->set->table, usual->plan->set->table);
    ck_assert_uint_eq(ktq_program_fingerprint(usual).program,
                      ktq_program_fingerprint(zen5).program);
    ck_assert_double_ne(ktq_plan_run_cost(usual->plan), ktq_plan_run_cost(zen4->plan));
    ketch_program_drop(usual);
    ketch_program_drop(zen5);
    ketch_program_drop(zen4);
    ketch_program_drop(here);
    ketch_circuit_destroy(circuit);
}
END_TEST

START_TEST(costs_that_are_not_there_are_refused)
{
    static const struct {
        int costs;
        ketch_status status;
        const char *given;
    } cases[] = {{KETCH_COSTS_ZEN3, KETCH_MISMATCH, "zen3"},
                 {KETCH_COSTS_INTEL_AVX512 + 1, KETCH_RANGE, "5"},
                 {-2, KETCH_RANGE, "-2"}};
    ketch_circuit *const circuit = make_layers(3, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ketch_error error = {.size = sizeof error};
        ketch_program *program = NULL;
        ck_assert_int_eq(compile_with(&program, circuit, cases[i].costs, &error), cases[i].status);
        ck_assert_str_eq(error.argument, "costs");
        ck_assert_ptr_nonnull(strstr(error.message, cases[i].given));
        ck_assert_ptr_null(program);
    }
    ketch_circuit_destroy(circuit);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("cost");
    TCase *const all = tcase_create("all");
    tcase_add_test(all, every_kernel_has_a_cost);
    tcase_add_test(all, sets_differ_in_costs_alone);
    tcase_add_test(all, means_are_of_all_rows);
    tcase_add_test(all, every_state_has_tile_sizes);
    tcase_add_test(all, costs_add_up);
    tcase_add_test(all, zero_vectors_cost_nothing);
    add_precisions(all, cheapest_shape);
    tcase_add_test(all, costs_are_given);
    tcase_add_test(all, costs_that_are_not_there_are_refused);
    suite_add_tcase(suite, all);
    return end_with(suite);
}
