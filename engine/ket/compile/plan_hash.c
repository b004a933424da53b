#include "ket/compile/plan_hash.h"

#include "hash.h"

#include <string.h>

/* Words on their way into a hash, which takes many at a time faster than one by one. */
typedef struct word_stream {
    kt_hash hash;
    size_t count;
    uint64_t words[256];
} word_stream;

static void flush_words(word_stream *s)
{
    kt_hash_add(&s->hash, s->words, s->count * sizeof *s->words);
    s->count = 0;
}

static inline void put(word_stream *s, uint64_t word)
{
    if (s->count == sizeof s->words / sizeof *s->words)
        flush_words(s);
    s->words[s->count++] = word;
}

static inline void put_pair(word_stream *s, int32_t low, int32_t high)
{
    put(s, (uint32_t)low | (uint64_t)(uint32_t)high << 32);
}

static inline void put_double(word_stream *s, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    put(s, bits);
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
    put_pair(s, (int32_t)op->kind, op->count);
    for (int32_t i = 0; i < op->count; i++)
        put(s, op->qubits[i]);
    put(s, op->fixed);
    put(s, op->control);
    put(s, op->value);
    put(s, op->data);
}

static void put_predicate(word_stream *s, const ktq_predicate *predicate)
{
    put(s, predicate->mask);
    put(s, predicate->value);
    put(s, predicate->parity);
}

static void put_group(word_stream *s, const ktq_group *group)
{
    put_pair(s, (int32_t)group->kind, group->members);
    put_pair(s, group->term_count, group->rotation_count);
    put(s, group->resident);
    put_double(s, group->scale);
    if (group->kind == KTQ_GROUP_SINGLE)
        put_op(s, group->op);
    for (int32_t i = 0; i < group->term_count; i++) {
        put_predicate(s, &group->terms[i].on);
        put(s, group->terms[i].data);
    }
    for (int32_t i = 0; i < group->rotation_count; i++) {
        put(s, (uint64_t)group->rotations[i].position);
        put(s, group->rotations[i].data);
    }
}

/* ---- rules ---- */

static void put_rules(word_stream *s, const ktq_plan *plan)
{
    const ktq_rules *const rules = &plan->rules;
    put(s, rules->parameter_count);
    for (size_t i = 0; i < rules->angles.count; i++) {
        put(s, (uint64_t)rules->angles.items[i].parameter);
        put_double(s, rules->angles.items[i].factor);
        put_double(s, rules->angles.items[i].offset);
    }
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
