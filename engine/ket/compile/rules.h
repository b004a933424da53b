/* Recipes: how a program's numbers come from the values of its circuit's parameters. What is
 * planned never depends on the values: an operation with a recipe is there, and of its kind,
 * whatever they are. */
#ifndef KTQ_COMPILE_RULES_H
#define KTQ_COMPILE_RULES_H

#include "ket/circuit/circuit.h"
#include "ket/kernels/op.h"

/* A phase of `halves` halves of an angle. */
typedef struct ktq_phase {
    uint64_t angle;
    int32_t halves;
} ktq_phase;

/* What an operation's numbers are.
 *  FACTOR  base times the phases parts[first..first+count-1]
 *  ROTATE  the tangent and cosine of half of parts[first]
 *  MATRIX  the matrix of a gate, or its diagonal, whose angles are parts[first..] */
typedef enum ktq_recipe_kind {
    KTQ_RECIPE_FACTOR,
    KTQ_RECIPE_ROTATE,
    KTQ_RECIPE_MATRIX
} ktq_recipe_kind;

/* data: where the numbers are, in the list's data and then among those of the book. */
typedef struct ktq_recipe {
    ktq_recipe_kind kind;
    int32_t gate;
    size_t first, count;
    uint64_t data;
    double base[2];
} ktq_recipe;

/* A factor of the whole state that is the pass's. */
typedef struct ktq_scale {
    size_t pass;
    uint64_t data;
} ktq_scale;

/* angles: the circuit's, then constants of gates that have others. numbers: the data of all lists
 * of operations. */
typedef struct ktq_book {
    size_t parameter_count;
    ketch_angle *angles;
    ktq_recipe *recipes;
    ktq_phase *parts;
    double *numbers;
    ktq_scale *scales;
    struct ktq_kept *kept;  /* bind.h */
    struct ktq_term *terms; /* of all that is kept */
    struct ktq_kept_sub *subtiles;
    size_t angle_count, recipe_count, part_count, number_count, scale_count, kept_count, term_count,
        subtile_count;
    size_t angle_capacity, recipe_capacity, part_capacity, number_capacity, scale_capacity,
        kept_capacity, term_capacity, subtile_capacity;
} ktq_book;

/* *book is NULL where the circuit has no parameters. False where memory is refused. */
bool ktq_book_create(ktq_book **book, const ketch_circuit *circuit);
void ktq_book_destroy(ktq_book *book);

/* Each adds one, to the end; false where memory is refused. A recipe's parts are those added after
 * the last recipe's; its number, from 1, is then recipe_count. */
bool ktq_book_add_angle(ktq_book *book, const ketch_angle *angle);
bool ktq_book_add_part(ktq_book *book, ktq_phase phase);
bool ktq_book_add_recipe(ktq_book *book, ktq_recipe_kind kind, int32_t gate, double re, double im);
/* data: in the list that the book takes in next. */
bool ktq_book_add_scale(ktq_book *book, size_t pass, uint64_t data);
/* Takes the list's data in, and notes where recipes put their numbers. */
bool ktq_book_add_list(ktq_book *book, const ktq_op_list *list);

/* Writes the numbers of all recipes; no cosine becomes smaller than `least`. halves: work memory,
 * two for each angle. */
void ktq_book_cook(const ktq_book *book, const double *values, double least, double *halves,
                   double *numbers);

#endif
