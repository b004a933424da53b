#include "ket/compile/bind.h"

#include "heap.h"
#include "ket/circuit/parameter.h"
#include "status.h"

#include <assert.h>
#include <string.h>

/* ---- while planning ---- */

/* Bytes of data, whatever factor the group takes along. */
static size_t most_need(ktq_group *group, const ktq_kernel_set *set, const ktq_frame *frame)
{
    group->scale = 0;
    const size_t size = ktq_call_need(set, group, frame);
    group->scale = 1;
    return size;
}

static void keep_group(ktq_book *book, ktq_kept *kept, const ktq_group *group)
{
    const uint64_t base = book->number_count;
    kept->group = *group;
    if (group->kind == KTQ_GROUP_SINGLE) {
        kept->op = *group->op;
        kept->op.data += base;
        kept->group.op = &kept->op;
        return;
    }
    for (int32_t i = 0; i < group->term_count; i++) {
        ktq_term *const term = &book->terms[book->term_count++];
        *term = group->terms[i];
        term->data += base;
    }
    for (int32_t i = 0; i < group->rotation_count; i++)
        kept->group.rotations[i].data += base;
}

bool ktq_bind_keep(const ketch_program *program, const ktq_frame *frame,
                   const ktq_group_list *sequence)
{
    ktq_book *const book = program->book;
    ktq_pass *const pass = &program->passes[program->pass_count - 1];
    if (!ktq_reserve((void **)&book->subtiles, &book->subtile_capacity, book->subtile_count + 1,
                     sizeof *book->subtiles) ||
        !ktq_reserve((void **)&book->kept, &book->kept_capacity, book->kept_count + sequence->count,
                     sizeof *book->kept) ||
        !ktq_reserve((void **)&book->terms, &book->term_capacity,
                     book->term_count + sequence->term_count, sizeof *book->terms))
        return false;
    ktq_kept_sub *const sub = &book->subtiles[book->subtile_count++];
    *sub = (ktq_kept_sub){.pass = program->pass_count - 1,
                          .sub = pass->subtile_count - 1,
                          .first = book->kept_count,
                          .count = sequence->count,
                          .size = ktq_round_line(sequence->count * sizeof(ktq_call))};
    pass->subtiles[sub->sub].call_count = sequence->count;
    for (size_t i = 0; i < sequence->count; i++) {
        ktq_kept *const kept = &book->kept[book->kept_count++];
        keep_group(book, kept, &sequence->groups[i]);
        kept->size = most_need(&kept->group, program->kernels, frame);
        sub->size += kept->size;
    }
    return true;
}

void ktq_bind_finish(ktq_book *book)
{
    ktq_term *terms = book->terms;
    for (size_t i = 0; i < book->kept_count; i++) {
        ktq_kept *const kept = &book->kept[i];
        kept->group.op = &kept->op;
        kept->group.terms = terms;
        terms += kept->group.term_count;
    }
}

/* ---- a bound program's memory: one piece ---- */

/* scales: for each group kept, the factor that it takes along. filled: the steps are prepared. */
typedef struct ktq_bound {
    ketch_program program;
    double *scales, *numbers, *halves;
    bool filled;
} ktq_bound;

/* The next part of a piece of memory, *offset on from its beginning; NULL where there is none yet.
 */
static void *cut_piece(char *memory, size_t *offset, size_t size)
{
    const size_t at = *offset;
    *offset += ktq_round_line(size);
    return memory ? memory + at : NULL;
}

static size_t count_subs(const ketch_program *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->pass_count; i++)
        count += plan->passes[i].subtile_count;
    return count;
}

/* The passes as planned, their sub-tile sweeps in `subtiles`. */
static void copy_passes(ktq_pass *passes, ktq_subtile *subtiles, const ketch_program *plan)
{
    for (size_t i = 0; i < plan->pass_count; i++) {
        const ktq_pass *const pass = &plan->passes[i];
        passes[i] = *pass;
        passes[i].subtiles = subtiles;
        for (size_t k = 0; k < pass->subtile_count; k++)
            *subtiles++ = pass->subtiles[k];
    }
}

static void copy_numbers(double *numbers, const ktq_book *book)
{
    for (size_t i = 0; i < book->number_count; i++)
        numbers[i] = book->numbers[i];
}

/* Lays a bound program into memory and returns its size; memory NULL: the size alone. */
static size_t lay_bound(char *memory, const ketch_program *plan)
{
    const ktq_book *const book = plan->book;
    size_t size = 0;
    ktq_bound *const b = cut_piece(memory, &size, sizeof *b);
    ktq_pass *const passes = cut_piece(memory, &size, plan->pass_count * sizeof *passes);
    ktq_subtile *const subtiles = cut_piece(memory, &size, count_subs(plan) * sizeof *subtiles);
    double *const scales = cut_piece(memory, &size, book->kept_count * sizeof *scales);
    double *const numbers = cut_piece(memory, &size, book->number_count * sizeof *numbers);
    double *const halves = cut_piece(memory, &size, 2 * book->angle_count * sizeof *halves);
    if (memory) {
        *b = (ktq_bound){*plan, scales, numbers, halves, false};
        b->program.passes = passes;
        copy_passes(passes, subtiles, plan);
        copy_numbers(numbers, book);
    }
    for (size_t i = 0; i < book->subtile_count; i++) {
        ktq_call *const steps = cut_piece(memory, &size, book->subtiles[i].size);
        if (memory)
            passes[book->subtiles[i].pass].subtiles[book->subtiles[i].sub].calls = steps;
    }
    return size;
}

static ktq_bound *make_bound(ketch_program *plan)
{
    char *const memory = kt_heap_take(lay_bound(NULL, plan));
    if (!memory)
        return NULL;
    lay_bound(memory, plan);
    ktq_bound *const made = (ktq_bound *)(void *)memory;
    made->program.references = 1;
    made->program.plan = ketch_program_share(plan);
    return made;
}

/* ---- numbers ---- */

/* Cosines smaller than this are not told from it in single precision, where the amplitudes of four
 * such rotations together still have an exponent. */
static double least_cosine(ketch_precision precision)
{
    return precision == KETCH_SINGLE ? 0x1p-24 : 0;
}

/* Prepares those steps of a sub-tile sweep whose numbers changed. */
static void fill_sub(ktq_bound *b, const ktq_kept_sub *from, double *due)
{
    ktq_subtile *const sub = &b->program.passes[from->pass].subtiles[from->sub];
    char *data = (char *)sub->calls + ktq_round_line(from->count * sizeof *sub->calls);
    for (size_t i = 0; i < from->count; i++) {
        const ktq_kept *const kept = &b->program.book->kept[from->first + i];
        const ktq_group *const group = &kept->group;
        double *const scale = &b->scales[from->first + i], before = *scale;
        if (group->kind == KTQ_GROUP_VECTORS || group->kind == KTQ_GROUP_LANES)
            *scale = ktq_group_settle(group, b->numbers, due);
        if (*scale != before || group->varies || !b->filled)
            ktq_call_prepare_scaled(b->program.kernels, &sub->calls[i], group, *scale, b->numbers,
                                    &sub->frame, data);
        data += kept->size;
    }
}

static void fill_subs(ktq_bound *b)
{
    const ktq_book *const book = b->program.book;
    double due = 1;
    for (size_t i = 0; i < book->subtile_count; i++) {
        fill_sub(b, &book->subtiles[i], &due);
        if (i + 1 < book->subtile_count && book->subtiles[i + 1].pass == book->subtiles[i].pass)
            continue;
        ktq_pass_scale(&b->program.passes[book->subtiles[i].pass], due, 0);
        due = 1;
    }
}

static void fill_bound(ktq_bound *b, const double *values)
{
    const ketch_program *const plan = b->program.plan;
    const ktq_book *const book = plan->book;
    ktq_book_cook(book, values, least_cosine(plan->precision), b->halves, b->numbers);
    for (size_t i = 0; i < plan->pass_count; i++)
        memcpy(b->program.passes[i].scale, plan->passes[i].scale, sizeof plan->passes[i].scale);
    for (size_t i = 0; i < book->scale_count; i++) {
        const double *const factor = b->numbers + book->scales[i].data;
        ktq_pass_scale(&b->program.passes[book->scales[i].pass], factor[0], factor[1]);
    }
    fill_subs(b);
    b->filled = true;
}

/* ---- the public function ---- */

static ketch_status check_old(const ketch_program *old, const ketch_program *plan,
                              const char *function, ketch_error *error)
{
    if (!old)
        return KETCH_OK;
    KT_TRY(ktq_program_check(old, function, error));
    if (old->plan == plan || (old == plan && !plan->book))
        return KETCH_OK;
    return kt_fail(error, KETCH_MISMATCH, function, "bound", "a program of another plan",
                   "NULL, or one bound from this program", "the program to give up");
}

/* Whether nothing but its owner holds the program. */
static bool held_once(const ketch_program *program)
{
    return __atomic_load_n(&program->references, __ATOMIC_ACQUIRE) == 1;
}

/* A bound program, in the old one's memory where that is free; NULL where memory is refused. */
static ketch_program *bind_values(ketch_program *old, ketch_program *plan, const double *values)
{
    if (!plan->book)
        return old ? old : ketch_program_share(plan);
    const bool again = old && old->plan && held_once(old);
    ktq_bound *const made = again ? (ktq_bound *)(void *)old : make_bound(plan);
    if (made)
        fill_bound(made, values);
    return made ? &made->program : NULL;
}

ketch_status ketch_program_bind(ketch_program **bound, ketch_program *program, const double *values,
                                uint64_t count, ketch_error *error)
{
    if (!bound)
        return kt_fail_handle(error, __func__, "bound", "a place for the program", bound);
    KT_TRY(ktq_program_check(program, __func__, error));
    ketch_program *const plan = program->plan ? program->plan : program, *const old = *bound;
    const ktq_book *const book = plan->book;
    KT_TRY(check_old(old, plan, __func__, error));
    KT_TRY(ktq_values_check(values, count, book ? book->parameter_count : 0,
                            book ? book->angles : NULL, book ? book->angle_count : 0, __func__,
                            error));
    ketch_program *const made = bind_values(old, plan, values);
    if (!made)
        return kt_fail_heap(error, __func__);
    if (made != old)
        ketch_program_drop(old);
    *bound = made;
    return KETCH_OK;
}
