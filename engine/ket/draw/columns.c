#define _GNU_SOURCE
#include "ket/draw/columns.h"
#include "heap.h"
#include "ket/draw/looks.h"

/* A gate before the gates of a column are together. */
typedef struct unsorted_look {
    size_t column;
    ktq_placed_look placed;
} unsorted_look;

typedef struct column_packer {
    const ktq_picture *picture;
    unsorted_look *looks; /* in source order */
    size_t count;
    size_t next[KETCH_QUBITS_MAX + 1]; /* the first free column of each wire */
    size_t column_count;
} column_packer;

static void pack_gate(column_packer *packer, size_t record, const ktq_look *look)
{
    const int32_t qubits = packer->picture->circuit->qubit_count;
    const int32_t last = look->register_count ? qubits : look->last;
    size_t column = 0;
    for (int32_t wire = look->first; wire <= last; wire++)
        column = KT_MAX(column, packer->next[wire]);
    for (int32_t wire = look->first; wire <= last; wire++)
        packer->next[wire] = column + 1;
    packer->column_count = KT_MAX(packer->column_count, column + 1);
    packer->looks[packer->count++] = (unsorted_look){
        column, {record, (uint8_t)look->first, (uint8_t)last, (uint8_t)look->width}};
}

static void pack_all(column_packer *packer)
{
    const ketch_circuit *const circuit = packer->picture->circuit;
    ktq_look look;
    for (size_t i = 0; i < ktq_circuit_gate_count(circuit); i++)
        if (ktq_look_at(&look, packer->picture, ktq_circuit_gate_at(circuit, i)))
            pack_gate(packer, i, &look);
}

/* Counts the gates of each column, so that first[c] is where those of column c end. */
static void count_columns(ktq_columns *columns, const column_packer *packer)
{
    for (size_t i = 0; i < packer->count; i++) {
        const unsorted_look *const one = &packer->looks[i];
        uint8_t *const width = &columns->width[one->column];
        *width = KT_MAX(*width, one->placed.width);
        columns->first[one->column]++;
    }
    for (size_t c = 1; c <= columns->count; c++)
        columns->first[c] += columns->first[c - 1];
}

/* Fills each column from its end; then first[c] is where column c begins. */
static void fill_columns(ktq_columns *columns, const column_packer *packer)
{
    for (size_t i = packer->count; i-- > 0;) {
        const unsorted_look *const one = &packer->looks[i];
        columns->gates[--columns->first[one->column]] = one->placed;
    }
}

/* By insertion: a column has few gates. */
static void sort_column(ktq_placed_look *gates, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const ktq_placed_look one = gates[i];
        size_t at = i;
        for (; at > 0 && gates[at - 1].first > one.first; at--)
            gates[at] = gates[at - 1];
        gates[at] = one;
    }
}

static bool make_columns(ktq_columns *columns, const column_packer *packer)
{
    columns->count = packer->column_count;
    columns->gates = kt_heap_take(packer->count * sizeof *columns->gates);
    columns->first = kt_heap_take((columns->count + 1) * sizeof *columns->first);
    columns->width = kt_heap_take(columns->count);
    if (!columns->gates || !columns->first || !columns->width)
        return false;
    count_columns(columns, packer);
    fill_columns(columns, packer);
    for (size_t c = 0; c < columns->count; c++)
        sort_column(columns->gates + columns->first[c], columns->first[c + 1] - columns->first[c]);
    return true;
}

bool ktq_columns_make(ktq_columns *columns, const ktq_picture *p)
{
    *columns = (ktq_columns){0};
    column_packer packer = {.picture = p};
    packer.looks =
        kt_heap_take((uint64_t)ktq_circuit_gate_count(p->circuit) * sizeof *packer.looks);
    if (!packer.looks)
        return false;
    pack_all(&packer);
    const bool is_made = make_columns(columns, &packer);
    kt_heap_give(packer.looks);
    return is_made;
}

void ktq_columns_free(ktq_columns *columns)
{
    kt_heap_give(columns->gates);
    kt_heap_give(columns->first);
    kt_heap_give(columns->width);
}
