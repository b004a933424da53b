#include "ket/compile/tile_sizes.h"

#include "ket/compile/cost.h"
#include "ket/compile/estimate.h"
#include "numbers.h"

#include <assert.h>

/* TRIAL_GATES: the most gates that are planned for a trial. TRIAL_CIRCUIT: circuits of more gates
 * are planned without trials, in subtiles, whose tables of factors are small. */
enum { RUN_DEFAULT = 4, TRIAL_GATES = 1000, TRIAL_CIRCUIT = 5000 };

/* log2 of the amplitudes in 2^bytes_log bytes. */
static int32_t bits_in(int32_t bytes_log, ketch_precision precision)
{
    return bytes_log - (precision == KETCH_SINGLE ? 3 : 4);
}

/* The number of qubits of the widest dense gate, or what every tile has room for. */
static int32_t find_widest(const ketch_circuit *circuit)
{
    int32_t widest = KTQ_TILE_BITS_MIN;
    for (size_t i = 0; i < ktq_circuit_gate_count(circuit); i++) {
        const ktq_gate *const gate = ktq_circuit_gate_at(circuit, i);
        if (gate->gate == KETCH_GATE_UNITARY)
            widest = KT_MAX(widest, gate->own_count);
    }
    return widest;
}

/* The tiling for the sizes wanted. A tile holds the widest dense gate beside its runs, whatever was
 * wanted. A subtile that is smaller than the least tile becomes a whole tile. */
static ktq_tiling make_tiling(const ketch_circuit *circuit, int32_t tile_bits, int32_t run_bits,
                              int32_t subtile_bits)
{
    const int32_t qubits = circuit->qubit_count, widest = find_widest(circuit);
    ktq_tiling tiling = {.tile_bits = KT_MIN(qubits, KT_MAX(tile_bits, widest))};
    tiling.run_bits =
        tiling.tile_bits == qubits ? qubits : KT_MIN(tiling.tile_bits - widest, run_bits);
    tiling.subtile_bits = subtile_bits < KTQ_TILE_BITS_MIN ? tiling.tile_bits
                                                           : KT_MIN(subtile_bits, tiling.tile_bits);
    assert(tiling.run_bits <= tiling.tile_bits && tiling.subtile_bits <= tiling.tile_bits);
    return tiling;
}

/* The tiling for options that give a part of it, or where there is nothing to choose. */
static ktq_tiling given_tiling(const ketch_circuit *circuit, const ketch_program_options *options)
{
    const int32_t usual = bits_in(KTQ_L2_BYTES_LOG, options->precision);
    const int32_t small = bits_in(KTQ_L1_BYTES_LOG, options->precision);
    const int32_t tile = options->tile_bits ? options->tile_bits : usual;
    return make_tiling(circuit, tile, options->run_bits ? options->run_bits : RUN_DEFAULT,
                       options->tile_bits ? KT_MIN(small, tile - 2) : small);
}

/* The kernel set's tile sizes for the circuit's state, in the order in which they are tried. */
static int list_tilings(ktq_tiling tilings[KTQ_TILE_SIZES_MAX], const ketch_circuit *circuit,
                        const ktq_kernel_set *set)
{
    const int32_t state = circuit->qubit_count - bits_in(0, set->precision);
    int count = 0;
    for (size_t i = 0; i < set->tile_size_count; i++) {
        const ktq_tile_sizes *const sizes = &set->tile_sizes[i];
        if (state < sizes->state_min || state > sizes->state_max)
            continue;
        assert(count < KTQ_TILE_SIZES_MAX);
        tilings[count++] = make_tiling(circuit, bits_in(sizes->tile, set->precision), RUN_DEFAULT,
                                       bits_in(sizes->subtile, set->precision));
    }
    assert(count > 0);
    return count;
}

/* How plans of one circuit are tried. */
typedef struct trials {
    const ktq_plan_source *source;
    ktq_lowered lowered;
    ktq_pass_work work;
} trials;

static bool lower_first(trials *t, size_t gates)
{
    return ktq_lowered_build(&t->lowered, t->source, gates);
}

/* Plans what is lowered in each tiling. *plan is the cheapest plan. */
static bool try_tilings(ktq_plan *plan, trials *t, const ktq_tiling *tilings, int count)
{
    double least = 0;
    for (int i = 0; i < count; i++) {
        ktq_plan trial;
        if (!ktq_plan_build(&trial, &t->work, t->source, &t->lowered, &tilings[i]))
            return false;
        if (count == 1) {
            *plan = trial;
            return true;
        }
        const double cost = ktq_plan_run_cost(&trial) + ktq_plan_prepare_cost(&trial);
        if (i == 0 || cost < least) {
            *plan = trial;
            least = cost;
        }
    }
    return true;
}

/* Tries the tilings on the first gates. The cheapest plan is the circuit's where these are all. */
static bool plan_cheapest(ktq_plan *plan, trials *t, const ktq_tiling *tilings, int count)
{
    const size_t all = ktq_circuit_gate_count(t->source->circuit), gates = KT_MIN(all, TRIAL_GATES);
    if (!lower_first(t, gates) || !try_tilings(plan, t, tilings, count))
        return false;
    if (gates == all)
        return true;
    const ktq_tiling cheapest = plan->tiling;
    return lower_first(t, all) && ktq_plan_build(plan, &t->work, t->source, &t->lowered, &cheapest);
}

static bool plan_circuit(ktq_plan *plan, trials *t, const ketch_program_options *options)
{
    const size_t gates = ktq_circuit_gate_count(t->source->circuit);
    const ketch_circuit *const circuit = t->source->circuit;
    ktq_tiling tilings[KTQ_TILE_SIZES_MAX] = {given_tiling(circuit, options)};
    int count = 1;
    if (!options->tile_bits && !options->run_bits && !t->source->is_plain &&
        !ktq_plan_is_small(t->source))
        count = list_tilings(tilings, circuit, t->source->set);
    if (count > 1 && gates <= TRIAL_CIRCUIT)
        return plan_cheapest(plan, t, tilings, count);
    return lower_first(t, gates) && try_tilings(plan, t, tilings, 1);
}

bool ktq_plan_with_best_tiles(ktq_plan *plan, const ktq_plan_source *source,
                              const ketch_program_options *options)
{
    trials t = {.source = source, .work.region = source->region};
    return plan_circuit(plan, &t, options);
}
