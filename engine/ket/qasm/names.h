/* Tables of names: what each stands for, found by its text. */
#ifndef KTQ_QASM_NAMES_H
#define KTQ_QASM_NAMES_H

#include "chunks.h"
#include <stdbool.h>
#include <stdint.h>

typedef enum ktq_name_kind {
    KTQ_NAME_GATE,       /* of the circuit's gate table */
    KTQ_NAME_DEFINITION, /* a gate that the text defines */
    KTQ_NAME_REGISTER,
    KTQ_NAME_PARAMETER, /* of the definition being read */
    KTQ_NAME_QUBIT      /* of the definition being read */
} ktq_name_kind;

/* Bits of a name's number, and its greatest. */
enum { KTQ_NAME_NUMBER_BITS = 29, KTQ_NAME_NUMBER_MOST = (1 << KTQ_NAME_NUMBER_BITS) - 1 };

/* 16 bytes, since a text may have a name in every fifth byte. text: not ended by a 0; it must live
 * as long as the table. kind: a ktq_name_kind. number: among those of its kind. */
typedef struct ktq_name {
    const char *text;
    uint32_t length;
    uint32_t kind : 32 - KTQ_NAME_NUMBER_BITS, number : KTQ_NAME_NUMBER_BITS;
} ktq_name;

/* items: in order of their first put. slots: a hash table with open addressing, at most three
 * quarters full; slot_count is 0 or a power of two. A slot holds an item's index in its low bits,
 * those below slot_count, and bits of the name's hash above them. Zeroed, it is an empty table. */
typedef struct ktq_names {
    KT_CHUNKS(ktq_name) items;
    uint32_t *slots;
    size_t slot_count;
} ktq_names;

/* NULL where there is no such name. */
const ktq_name *ktq_names_find(const ktq_names *names, const char *text, size_t length);
/* Adds the name, or changes what it stands for. False where memory is refused, or where the name
 * has 2^32 bytes or the table KTQ_NAME_NUMBER_MOST names; the table can then only be freed. */
bool ktq_names_put(ktq_names *names, const char *text, size_t length, ktq_name_kind kind,
                   int32_t number);
/* Empties the table, keeping its memory. Costs as much as its names did. */
void ktq_names_clear(ktq_names *names);
/* The name of the table nearest to a wrong one, the first of several; NULL where none is near. */
const ktq_name *ktq_names_nearest(const ktq_names *names, const char *text, size_t length);
void ktq_names_free(ktq_names *names);

#endif
