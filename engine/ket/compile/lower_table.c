/* D. M. Miller, D. Maslov, G. W. Dueck: A transformation based algorithm for reversible logic
 * synthesis (DAC 2003), with flips of several bits at once. */
#include "ket/compile/lower_table.h"

#include <assert.h>

/* A permutation of the values of the placed targets that is being lowered: value i goes to
 * table[i]. */
typedef struct table_lowering {
    ktq_lowering *l;
    const ktq_placed *placed;
    uint16_t *table;
    size_t count; /* entries */
} table_lowering;

/* The positions of the targets that are 1 in a value. */
static uint64_t positions_of(const ktq_placed *placed, size_t value)
{
    uint64_t mask = 0;
    for (int32_t i = 0; i < placed->count; i++)
        mask |= (uint64_t)(value >> i & 1) << placed->targets[i];
    return mask;
}

/* Appends flips of the bits of `flipped` in all values that have the bits of `ones`: as many bits at
 * once as an operation flips. */
static bool add_flips(const table_lowering *t, size_t flipped, size_t ones)
{
    const uint64_t control = positions_of(t->placed, ones);
    while (flipped) {
        ktq_placed flip = {.control = t->placed->control | control,
                           .value = t->placed->value | control};
        for (; flipped && flip.count < KTQ_FLIP_QUBITS_MAX; flipped &= flipped - 1)
            flip.targets[flip.count++] = t->placed->targets[__builtin_ctzll(flipped)];
        if (!ktq_lowering_add(t->l, KTQ_FLIP, &flip, NULL, 0))
            return false;
    }
    return true;
}

/* Does so, and carries the flips out on the table's entries. */
static bool flip_entries(const table_lowering *t, size_t flipped, size_t ones)
{
    assert(!(flipped & ones));
    for (size_t i = 0; i < t->count; i++)
        t->table[i] ^= (uint16_t)((t->table[i] & ones) == ones ? flipped : 0);
    return add_flips(t, flipped, ones);
}

/* Appends the flips that undo the permutation, the smallest value first. Entry i is not less than i
 * once the smaller ones are in place, and the flips then leave smaller values as they are. */
static bool undo_table(const table_lowering *t)
{
    for (size_t i = 0; i < t->count; i++) {
        assert(t->table[i] >= i);
        if (!flip_entries(t, ~(size_t)t->table[i] & i, t->table[i]) ||
            !flip_entries(t, t->table[i] & ~i, i))
            return false;
    }
    return true;
}

bool ktq_lower_table(ktq_lowering *l, const ketch_circuit *circuit, const ktq_gate *gate)
{
    const double *const to = ktq_gate_params(circuit, gate);
    ktq_placed placed;
    ktq_placed_gate(&placed, circuit, gate, 0, l->position);
    const table_lowering t = {l, &placed, l->table, (size_t)1 << placed.count};
    for (size_t i = 0; i < t.count; i++)
        t.table[(size_t)to[i]] = (uint16_t)i; /* what undoes the inverse is the permutation */
    return ktq_lowering_flush(l, ktq_placed_targets(&placed)) &&
           ktq_lowering_flush_to_diagonal(l, placed.control) && undo_table(&t);
}
