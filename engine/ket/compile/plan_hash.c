#include "ket/compile/plan_hash.h"

#include "hash.h"

#include <string.h>

/* Words on their way into a hash, which takes many at a time faster than one by one. */
typedef struct word_stream {
    kt_hash hash;
    size_t count;
    uint64_t words[256];
} word_stream;

enum { WORDS = sizeof(((word_stream *)0)->words) / sizeof(uint64_t) };

static void flush_words(word_stream *s)
{
    kt_hash_add(&s->hash, s->words, s->count * sizeof *s->words);
    s->count = 0;
}

static inline void put(word_stream *s, uint64_t word)
{
    if (s->count == WORDS)
        flush_words(s);
    s->words[s->count++] = word;
}

/* Room for the next count words, at most WORDS. */
static inline uint64_t *put_many(word_stream *s, size_t count)
{
    if (s->count > WORDS - count)
        flush_words(s);
    s->count += count;
    return s->words + (s->count - count);
}

static inline uint64_t bits_of(double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

static inline void put_pair(word_stream *s, int32_t low, int32_t high)
{
    put(s, (uint32_t)low | (uint64_t)(uint32_t)high << 32);
}

static inline void put_double(word_stream *s, double number)
{
    put(s, bits_of(number));
}

static void put_bytes(word_stream *s, const void *data, size_t size)
{
    put(s, size);
    flush_words(s);
    if (size)
        kt_hash_add(&s->hash, data, size);
}

/* ---- the parts of a plan ---- */

static void put_head(word_stream *s, const ktq_plan *plan)
{
    put_pair(s, plan->qubits, plan->bits);
    put(s, plan->steps);
    put_pair(s, (int32_t)plan->set->id, (int32_t)plan->precision);
    put_pair(s, plan->tiling.tile_bits, plan->tiling.run_bits);
    put_pair(s, plan->tiling.subtile_bits, plan->is_small);
    put_pair(s, plan->measures, plan->is_sampled);
    put(s, plan->first_resets);
    put_bytes(s, plan->entry, sizeof plan->entry);
}

static void put_segments(word_stream *s, const ktq_plan *plan)
{
    put(s, plan->segments.count);
    for (size_t i = 0; i < plan->segments.count; i++) {
        const ktq_segment *const segment = &plan->segments.items[i];
        put_pair(s, (int32_t)segment->kind, segment->has_fence);
        put_pair(s, (int32_t)segment->condition.first, (int32_t)segment->condition.count);
        put(s, segment->condition.value);
        put(s, segment->pass_count);
        put(s, segment->arrange_count);
        put(s, segment->retired);
        put_pair(s, segment->qubit, segment->bit);
    }
    put(s, plan->measured.count);
    for (size_t i = 0; i < plan->measured.count; i++)
        put_pair(s, plan->measured.items[i].qubit, plan->measured.items[i].bit);
}

static void put_small(word_stream *s, const ktq_small *small)
{
    put_pair(s, small->qubits, small->row_bits);
    for (size_t i = 0; i < small->op_count; i++)
        put_pair(s, small->ops[i].kind, small->ops[i].terms);
    put_bytes(s, small->data, small->size);
}

static void put_passes(word_stream *s, const ktq_plan *plan)
{
    put(s, plan->passes.count);
    for (size_t i = 0; i < plan->passes.count; i++) {
        const ktq_pass_plan *const pass = &plan->passes.items[i];
        put(s, pass->frame.positions);
        put(s, pass->support);
        put(s, pass->subpass_count);
        put_double(s, pass->scale[0]);
        put_double(s, pass->scale[1]);
        put(s, pass->retired);
        if (plan->is_small)
            put_small(s, &pass->small);
    }
    for (size_t i = 0; i < plan->subpasses.count; i++) {
        put(s, plan->subpasses.items[i].frame.positions);
        put(s, plan->subpasses.items[i].group_count);
    }
}

/* ---- groups ---- */

static void put_op(word_stream *s, const ktq_op *op)
{
    uint64_t *const words = put_many(s, 7);
    words[0] = op->kind | (uint64_t)op->count << 8;
    words[1] = words[2] = 0;
    for (int32_t i = 0; i < op->count; i++)
        words[1 + i / 8] |= (uint64_t)op->qubits[i] << 8 * (i % 8);
    words[3] = op->fixed;
    words[4] = op->control;
    words[5] = op->value;
    words[6] = op->data;
}

static void put_term(word_stream *s, const ktq_term *term)
{
    uint64_t *const words = put_many(s, 4);
    words[0] = term->on.mask;
    words[1] = term->on.value;
    words[2] = term->on.parity;
    words[3] = term->data;
}

static void put_group(word_stream *s, const ktq_group *group)
{
    uint64_t *const words = put_many(s, 3);
    words[0] = group->kind | (uint64_t)group->members << 8 | (uint64_t)group->term_count << 16 |
               (uint64_t)group->rotation_count << 24;
    words[1] = group->resident;
    words[2] = bits_of(group->scale);
    if (group->kind == KTQ_GROUP_SINGLE)
        put_op(s, group->op);
    for (int32_t i = 0; i < group->term_count; i++)
        put_term(s, &group->terms[i]);
    for (int32_t i = 0; i < group->rotation_count; i++)
        put(s, group->rotations[i].position | (uint64_t)group->rotations[i].data << 8);
}

/* ---- rules ---- */

/* An angle without terms has the words that it had before angles had terms. */
static void put_angle(word_stream *s, const ktq_angle *angle, const ketch_term *terms)
{
    put(s, (uint64_t)angle->parameter | (uint64_t)angle->term_count << 32);
    put_double(s, angle->factor);
    put_double(s, angle->offset);
    for (uint32_t i = 0; i < angle->term_count; i++) {
        put(s, (uint64_t)terms[angle->first_term + i].parameter);
        put_double(s, terms[angle->first_term + i].factor);
    }
}

static void put_rules(word_stream *s, const ktq_plan *plan)
{
    const ktq_rules *const rules = &plan->rules;
    put(s, rules->parameter_count);
    for (size_t i = 0; i < rules->angles.count; i++)
        put_angle(s, &rules->angles.items[i], rules->terms.items);
    for (size_t i = 0; i < rules->phases.count; i++) {
        put(s, rules->phases.items[i].angle);
        put(s, (uint64_t)rules->phases.items[i].halves);
    }
    for (size_t i = 0; i < rules->rules.count; i++) {
        const ktq_rule *const rule = &rules->rules.items[i];
        put_pair(s, (int32_t)rule->kind, rule->gate);
        put(s, rule->phase_count);
        put(s, rule->data);
        put_double(s, rule->base[0]);
        put_double(s, rule->base[1]);
    }
    for (size_t i = 0; i < plan->scale_rules.count; i++) {
        put(s, plan->scale_rules.items[i].pass);
        put(s, plan->scale_rules.items[i].data);
    }
}

uint64_t ktq_plan_hash(const ktq_plan *plan)
{
    word_stream s = {0};
    kt_hash_begin(&s.hash, 0);
    put_head(&s, plan);
    put_segments(&s, plan);
    put_passes(&s, plan);
    for (size_t i = 0; i < plan->groups.count; i++)
        put_group(&s, &plan->groups.items[i].group);
    put_rules(&s, plan);
    put_bytes(&s, plan->numbers.items, plan->numbers.count * sizeof *plan->numbers.items);
    flush_words(&s);
    return kt_hash_end(&s.hash);
}
