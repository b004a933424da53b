#include "ket/kernels/cost_table.h"

#include "engine.h"
#include "hash.h"
#include "heap.h"
#include "status.h"

#include <assert.h>
#include <string.h>

static const uint64_t table_magic = UINT64_C(0x6b742d636f737473);

uint64_t ktq_costs_hash(const ktq_costs *costs)
{
    return kt_hash_of(costs, sizeof *costs);
}

ketch_cost_table *ktq_cost_table_make(kt_cpu_family family)
{
    ketch_cost_table *const table = kt_heap_take(sizeof *table);
    if (table)
        *table = (ketch_cost_table){.magic = table_magic, .references = 1, .family = family};
    return table;
}

ktq_costs *ktq_cost_table_add(ketch_cost_table *table, const ktq_kernel_set *set)
{
    assert(table->count < KTQ_COST_ROWS_MAX);
    assert(!ktq_cost_table_find(table, set->id, set->precision));
    ktq_costs *const row = &table->rows[table->count];
    ktq_kernel_set *const own = &table->sets[table->count++];
    *own = *set;
    own->family = table->family;
    own->costs = row;
    return row;
}

const ktq_kernel_set *ktq_cost_table_find(const ketch_cost_table *table, ketch_kernels kernels,
                                          ketch_precision precision)
{
    for (int32_t i = 0; i < table->count; i++)
        if (table->sets[i].id == kernels && table->sets[i].precision == precision)
            return &table->sets[i];
    return NULL;
}

ketch_status ktq_cost_table_check(const ketch_cost_table *table, const char *argument,
                                  const char *function, ketch_error *error)
{
    if (!table || table->magic != table_magic)
        return kt_fail_handle(error, function, argument, "a table of costs", table);
    return KETCH_OK;
}

/* ---- from a file ---- */

/* True if kernels have costs within their limits and what is no kernel has none. */
static bool is_row(const uint32_t *numbers, int32_t lane_bits)
{
    for (int i = 0; i < KTQ_COST_NUMBERS; i++) {
        const int kind = i / KTQ_COST_LEVELS;
        const bool is_none =
            kind < KTQ_COST_KINDS && !ktq_cost_is_kernel((ktq_cost_kind)kind, lane_bits);
        if (is_none ? numbers[i] != 0 : numbers[i] < 1 || numbers[i] > KTQ_COST_MAX)
            return false;
    }
    return true;
}

ketch_status ktq_cost_table_restore(ketch_cost_table **table, ketch_kernels kernels,
                                    ketch_precision precision,
                                    const uint32_t numbers[1 + KTQ_COST_NUMBERS],
                                    const char *function, ketch_error *error)
{
    const ktq_kernel_set *const set = ktq_kernel_set_find(kernels, precision);
    if (!set)
        return kt_fail_kernels(error, function, kernels);
    if (numbers[0] >= (uint32_t)KT_FAMILIES || !is_row(numbers + 1, set->lane_bits))
        return kt_fail(error, KETCH_CORRUPT, function, "table", "other numbers", "costs of kernels",
                       "the table of costs in the file is damaged");
    *table = ktq_cost_table_make((kt_cpu_family)numbers[0]);
    if (!*table)
        return kt_fail_heap(error, function);
    memcpy(ktq_cost_table_add(*table, set), numbers + 1, sizeof(ktq_costs));
    return KETCH_OK;
}

/* ---- names ---- */

_Static_assert((int)KETCH_COSTS_INTEL_AVX512 + 1 == (int)KT_FAMILIES,
               "the public families are those of processors");

const char *ketch_costs_name(ketch_costs costs)
{
    return costs == KETCH_COSTS_DEFAULT ? "default"
           : costs == KETCH_COSTS_HERE  ? "here"
                                        : kt_cpu_family_name((kt_cpu_family)costs);
}

/* ---- life ---- */

ketch_cost_table *ketch_cost_table_share(ketch_cost_table *table)
{
    if (table)
        __atomic_add_fetch(&table->references, 1, __ATOMIC_RELAXED);
    return table;
}

void ketch_cost_table_drop(ketch_cost_table *table)
{
    if (!table || __atomic_sub_fetch(&table->references, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    table->magic = 0;
    kt_heap_give(table);
}
