#include "ket/compile/rules.h"

#include "heap.h"
#include "ket/circuit/gates.h"
#include "ket/circuit/parameter.h"
#include "ket/compile/bind.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { MATRIX_ROWS = 4 }; /* of gates with angles, at most */

/* ---- life ---- */

bool ktq_book_create(ktq_book **book, const ketch_circuit *circuit)
{
    *book = NULL;
    if (!circuit->parameter_list.count)
        return true;
    ktq_book *const made = kt_heap_take(sizeof *made);
    if (!made)
        return false;
    made->parameter_count = circuit->parameter_list.count;
    for (size_t i = 0; i < circuit->angle_list.count; i++)
        if (!ktq_book_add_angle(made, &circuit->angles[i])) {
            ktq_book_destroy(made);
            return false;
        }
    *book = made;
    return true;
}

void ktq_book_destroy(ktq_book *book)
{
    if (!book)
        return;
    kt_heap_give(book->kept);
    kt_heap_give(book->terms);
    kt_heap_give(book->subtiles);
    kt_heap_give(book->angles);
    kt_heap_give(book->recipes);
    kt_heap_give(book->parts);
    kt_heap_give(book->numbers);
    kt_heap_give(book->scales);
    kt_heap_give(book);
}

/* ---- adding ---- */

bool ktq_book_add_angle(ktq_book *book, const ketch_angle *angle)
{
    if (!ktq_reserve((void **)&book->angles, &book->angle_capacity, book->angle_count + 1,
                     sizeof *book->angles))
        return false;
    book->angles[book->angle_count++] = *angle;
    return true;
}

bool ktq_book_add_part(ktq_book *book, ktq_phase phase)
{
    if (!ktq_reserve((void **)&book->parts, &book->part_capacity, book->part_count + 1,
                     sizeof *book->parts))
        return false;
    book->parts[book->part_count++] = phase;
    return true;
}

bool ktq_book_add_recipe(ktq_book *book, ktq_recipe_kind kind, int32_t gate, double re, double im)
{
    const size_t count = book->recipe_count;
    if (!ktq_reserve((void **)&book->recipes, &book->recipe_capacity, count + 1,
                     sizeof *book->recipes))
        return false;
    const ktq_recipe *const last = count ? &book->recipes[count - 1] : NULL;
    const size_t first = last ? last->first + last->count : 0;
    book->recipes[book->recipe_count++] = (ktq_recipe){.kind = kind,
                                                       .gate = gate,
                                                       .first = first,
                                                       .count = book->part_count - first,
                                                       .base = {re, im}};
    return true;
}

bool ktq_book_add_scale(ktq_book *book, size_t pass, uint64_t data)
{
    if (!ktq_reserve((void **)&book->scales, &book->scale_capacity, book->scale_count + 1,
                     sizeof *book->scales))
        return false;
    book->scales[book->scale_count++] = (ktq_scale){pass, book->number_count + data};
    return true;
}

bool ktq_book_add_list(ktq_book *book, const ktq_op_list *list)
{
    const size_t count = book->number_count + list->data_count;
    if (!ktq_reserve((void **)&book->numbers, &book->number_capacity, count, sizeof *book->numbers))
        return false;
    if (list->data_count)
        memcpy(book->numbers + book->number_count, list->data,
               list->data_count * sizeof *list->data);
    for (size_t i = 0; i < list->count; i++)
        if (list->ops[i].recipe)
            book->recipes[list->ops[i].recipe - 1].data = book->number_count + list->ops[i].data;
    book->number_count = count;
    return true;
}

/* ---- numbers ---- */

/* For each angle the cosine and sine of its half. */
static void halve_angles(const ktq_book *book, const double *values, double *halves)
{
    for (size_t i = 0; i < book->angle_count; i++) {
        const double half = ktq_angle_value(&book->angles[i], values) / 2;
        halves[2 * i] = cos(half);
        halves[2 * i + 1] = sin(half);
    }
}

static void cook_factor(double f[2], const ktq_recipe *recipe, const ktq_phase *parts,
                        const double *halves)
{
    double re = recipe->base[0], im = recipe->base[1];
    for (size_t i = 0; i < recipe->count; i++) {
        const ktq_phase part = parts[recipe->first + i];
        const double c = halves[2 * part.angle];
        const double s = part.halves < 0 ? -halves[2 * part.angle + 1] : halves[2 * part.angle + 1];
        for (int32_t k = part.halves < 0 ? -part.halves : part.halves; k > 0; k--) {
            const double held = re * c - im * s;
            im = re * s + im * c;
            re = held;
        }
    }
    f[0] = re;
    f[1] = im;
}

static void cook_matrix(double *to, const ktq_book *book, const ktq_recipe *recipe,
                        const double *values)
{
    const ktq_gate_spec *const spec = ktq_gate_spec_of(recipe->gate);
    const size_t rows = (size_t)1 << (spec->qubits - spec->controls);
    double complex matrix[MATRIX_ROWS * MATRIX_ROWS];
    double params[MATRIX_ROWS];
    assert(rows <= MATRIX_ROWS && recipe->count <= MATRIX_ROWS);
    for (size_t i = 0; i < recipe->count; i++)
        params[i] = ktq_angle_value(&book->angles[book->parts[recipe->first + i].angle], values);
    spec->matrix(matrix, params);
    for (size_t i = 0; spec->diagonal && i < rows; i++)
        matrix[i] = matrix[i * rows + i];
    memcpy(to, matrix, (spec->diagonal ? rows : rows * rows) * sizeof *matrix);
}

static void cook_rotation(double numbers[2], const double half[2], double least)
{
    const double cosine = fabs(half[0]) < least ? copysign(least, half[0]) : half[0];
    numbers[0] = half[1] / cosine;
    numbers[1] = cosine;
}

void ktq_book_cook(const ktq_book *book, const double *values, double least, double *halves,
                   double *numbers)
{
    halve_angles(book, values, halves);
    for (size_t i = 0; i < book->recipe_count; i++) {
        const ktq_recipe *const recipe = &book->recipes[i];
        double *const to = numbers + recipe->data;
        if (recipe->kind == KTQ_RECIPE_FACTOR)
            cook_factor(to, recipe, book->parts, halves);
        else if (recipe->kind == KTQ_RECIPE_ROTATE)
            cook_rotation(to, halves + 2 * book->parts[recipe->first].angle, least);
        else
            cook_matrix(to, book, recipe, values);
    }
}
