/* What is remembered of neurons and synapses follows the network, whose numbers of both change. */
#include "glia/train/trainer.h"

#include "glia/net/parts.h"
#include "layout.h"
#include "sort.h"
#include "status.h"

#include <assert.h>
#include <string.h>

/* ---- memory ---- */

/* A part that only one rule has; NULL with the other one. */
static void *take_part(kt_layout *layout, bool has_part, size_t count, size_t item_size)
{
    return has_part ? kt_layout_take(layout, count, item_size) : NULL;
}

static void lay_out_neurons(ktg_neurons *n, bool is_hebbian, kt_layout *layout)
{
    const bool is_gradient = !is_hebbian;
    n->rate = kt_layout_take(layout, n->count, sizeof(float));
    n->score = is_hebbian ? kt_layout_take(layout, n->count, sizeof(float)) : n->rate;
    n->fired = take_part(layout, is_hebbian, n->count, sizeof(float));
    n->idle = take_part(layout, is_hebbian, n->count, sizeof(uint32_t));
    n->trace = take_part(layout, is_gradient, n->count, sizeof(float));
    n->slope = take_part(layout, is_gradient, n->count, sizeof(float));
    n->error = take_part(layout, is_gradient, n->count, sizeof(float));
    n->blame = take_part(layout, is_gradient, n->count, sizeof(float));
    n->outputs = kt_layout_take(layout, n->output_count, sizeof(uint32_t));
}

static void lay_out_synapses(ktg_synapses *s, bool is_hebbian, kt_layout *layout)
{
    const bool is_gradient = !is_hebbian;
    s->key = kt_layout_take(layout, s->capacity, sizeof(uint64_t));
    s->sum = kt_layout_take(layout, s->capacity, sizeof(float));
    s->marked = kt_layout_take(layout, s->capacity, sizeof(uint8_t));
    s->trace = take_part(layout, is_hebbian, s->capacity, sizeof(float));
    s->used = take_part(layout, is_hebbian, s->capacity, sizeof(float));
    s->low = take_part(layout, is_hebbian, s->capacity, sizeof(uint32_t));
    s->first = take_part(layout, is_gradient, s->capacity, sizeof(float));
    s->second = take_part(layout, is_gradient, s->capacity, sizeof(float));
}

static void lay_out_paths(ktg_paths *p, uint32_t neurons, uint32_t synapses, kt_layout *layout)
{
    p->neuron = kt_layout_take(layout, neurons, sizeof(uint32_t));
    p->begin = kt_layout_take(layout, (size_t)neurons + 1, sizeof(uint32_t));
    p->distance = kt_layout_take(layout, neurons, sizeof(uint32_t));
    p->next = kt_layout_take(layout, (size_t)neurons + 1, sizeof(uint32_t));
    p->synapse = kt_layout_take(layout, synapses, sizeof(uint32_t));
    p->from = kt_layout_take(layout, synapses, sizeof(uint32_t));
}

/* Lays out all parts of a trainer that has the counts. */
static void lay_out_trainer(ketch_glia_trainer *t, kt_layout *layout)
{
    const bool is_hebbian = t->rule == KETCH_GLIA_HEBBIAN;
    lay_out_neurons(&t->neurons, is_hebbian, layout);
    lay_out_synapses(&t->synapses, is_hebbian, layout);
    if (!is_hebbian)
        lay_out_paths(&t->paths, t->neurons.count, t->synapses.capacity, layout);
}

uint64_t ktg_trainer_size(const ketch_glia_trainer *trainer)
{
    ketch_glia_trainer shape = {
        .rule = trainer->rule, .neurons = trainer->neurons, .synapses = trainer->synapses};
    kt_layout layout = {0};
    lay_out_trainer(&shape, &layout);
    return KT_MAX(layout.size, 1);
}

/* ---- what moves ---- */

static bool is_key_before(const void *items, uint64_t a, uint64_t b)
{
    const ktg_memory *const memories = items;
    return memories[a].key < memories[b].key;
}

static void exchange_memories(void *items, uint64_t a, uint64_t b)
{
    ktg_memory *const memories = items;
    const ktg_memory kept = memories[a];
    memories[a] = memories[b];
    memories[b] = kept;
}

/* The place of a key in sorted memories, or their count. */
static size_t find_key(const ktg_memory *memories, size_t count, uint64_t key)
{
    size_t low = 0, high = count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (memories[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && memories[low].key == key ? low : count;
}

static ktg_memory memory_of(const ketch_glia_trainer *t, uint32_t synapse)
{
    const ktg_synapses *const s = &t->synapses;
    ktg_memory memory = {.key = s->key[synapse]};
    if (t->rule == KETCH_GLIA_HEBBIAN) {
        memory.low = s->low[synapse];
    } else {
        memory.first = s->first[synapse];
        memory.second = s->second[synapse];
    }
    return memory;
}

static bool is_empty(const ktg_memory *memory)
{
    return memory->first == 0 && memory->second == 0 && memory->low == 0;
}

/* Appends what is remembered of the synapses to what was forgotten; there is room. */
static void gather_memories(ketch_glia_trainer *t)
{
    for (uint32_t i = 0; i < t->synapses.count; i++) {
        const ktg_memory memory = memory_of(t, i);
        if (!is_empty(&memory))
            t->forgotten.items[t->forgotten.count++] = memory;
    }
    kt_sort(t->forgotten.items, t->forgotten.count, is_key_before, exchange_memories);
}

static void number_keys(ktg_synapses *s, const ketch_glia_net *net)
{
    const uint32_t *const slot = net->cells.slot;
    for (uint32_t i = 0; i < net->cells.count; i++)
        for (uint32_t e = net->rows.begin[i]; e < net->rows.begin[i + 1]; e++)
            s->key[e] = (uint64_t)slot[i] << 32 | slot[net->rows.target[e]];
}

static void recall(ktg_synapses *s, uint32_t synapse, const ktg_memory *memory)
{
    if (s->low)
        s->low[synapse] = (uint32_t)memory->low;
    if (s->first) {
        s->first[synapse] = memory->first;
        s->second[synapse] = memory->second;
    }
}

/* Gives the synapses back what is remembered of them, which is then no longer forgotten. */
static void recall_memories(ketch_glia_trainer *t)
{
    ktg_memory *const all = t->forgotten.items;
    const size_t count = t->forgotten.count;
    for (uint32_t e = 0; e < t->synapses.count && count; e++) {
        const size_t at = find_key(all, count, t->synapses.key[e]);
        if (at == count)
            continue;
        recall(&t->synapses, e, &all[at]);
        all[at].first = all[at].second = 0;
        all[at].low = 0;
    }
    t->forgotten.count = 0;
    for (size_t i = 0; i < count; i++)
        if (!is_empty(&all[i]))
            all[t->forgotten.count++] = all[i];
}

/* Sensory neurons stay in front, and each kind in its order: where neurons were added, the old ones
 * keep theirs. */
static void move_neurons(ktg_neurons *to, const ktg_neurons *from, uint32_t old_sensory,
                         uint32_t sensory)
{
    for (uint32_t i = 0; i < from->count; i++) {
        const uint32_t at = i < old_sensory ? i : sensory + i - old_sensory;
        to->rate[at] = from->rate[i];
        if (to->idle)
            to->idle[at] = from->idle[i];
    }
}

void ktg_neurons_list_outputs(ktg_neurons *neurons, const ketch_glia_net *net)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < net->cells.count; i++)
        if (ktg_is_output(ktg_net_id(net, i)))
            neurons->outputs[count++] = i;
}

/* ---- following ---- */

ketch_status ktg_trainer_take(ketch_glia_trainer *made, ketch_arena *arena, const char *function,
                              ketch_error *error)
{
    kt_layout layout = {.size = (size_t)ktg_trainer_size(made)};
    KT_TRY(ktg_take_zeroed(&made->block, &layout, arena, "trainer", "what a trainer remembers",
                           function, error));
    lay_out_trainer(made, &layout);
    return KETCH_OK;
}

void ktg_trainer_derive(ketch_glia_trainer *t)
{
    t->changes = t->net->changes;
    ktg_neurons_list_outputs(&t->neurons, t->net);
    number_keys(&t->synapses, t->net);
    if (t->rule == KETCH_GLIA_GRADIENT)
        ktg_paths_find(&t->paths, &t->neurons, t->net);
}

static void fill_numbers(ketch_glia_trainer *made, ketch_glia_trainer *t)
{
    const ketch_glia_net *const net = t->net;
    if (t->block) {
        gather_memories(t);
        move_neurons(&made->neurons, &t->neurons, t->neurons.sensory, net->cells.sensory);
        kt_block_drop(t->block);
    }
    t->neurons = made->neurons;
    t->neurons.sensory = net->cells.sensory;
    t->synapses = made->synapses;
    t->paths = made->paths;
    t->block = made->block;
    ktg_trainer_derive(t);
    recall_memories(t);
}

ketch_status ktg_trainer_follow(ketch_glia_trainer *trainer, const char *function,
                                ketch_error *error)
{
    const ketch_glia_net *const net = trainer->net;
    if (trainer->block && trainer->changes == net->changes)
        return KETCH_OK;
    ketch_glia_trainer made = {.rule = trainer->rule, .net = trainer->net};
    made.neurons.count = net->cells.count;
    made.neurons.output_count = net->cells.outputs;
    made.synapses.count = made.synapses.capacity = net->rows.count;
    KT_TRY(ktg_trainer_take(&made, net->arena, function, error));
    if (trainer->synapses.count && !KT_LIST_RESERVE(&trainer->forgotten, trainer->synapses.count)) {
        kt_block_drop(made.block);
        return kt_fail_heap(error, function);
    }
    fill_numbers(&made, trainer);
    return KETCH_OK;
}

ketch_status ktg_trainer_forget(ketch_glia_trainer *trainer, const char *function,
                                ketch_error *error)
{
    const ketch_glia_net *const net = trainer->net;
    assert(trainer->kept.count == 0);
    trainer->forgotten.count = 0;
    trainer->updates = trainer->epochs = trainer->trainings = 0;
    trainer->baseline = 0;
    if (trainer->block && trainer->synapses.capacity < net->rows.count) {
        kt_block_drop(trainer->block);
        trainer->block = NULL;
        trainer->synapses.count = 0;
    }
    if (!trainer->block)
        return ktg_trainer_follow(trainer, function, error);
    memset(kt_block_data(trainer->block), 0, (size_t)ktg_trainer_size(trainer));
    trainer->synapses.count = net->rows.count;
    ktg_trainer_derive(trainer);
    return KETCH_OK;
}

/* ---- removing ---- */

static uint32_t count_marked(const ktg_synapses *s)
{
    uint32_t count = 0;
    for (uint32_t e = 0; e < s->count; e++)
        count += s->marked[e] != 0;
    return count;
}

/* Of the marked synapses, what is remembered is forgotten; that of the others moves up. */
static void close_up(ketch_glia_trainer *t)
{
    ktg_synapses *const s = &t->synapses;
    uint32_t kept = 0;
    for (uint32_t e = 0; e < s->count; e++) {
        const ktg_memory memory = memory_of(t, e);
        if (s->marked[e]) {
            if (!is_empty(&memory))
                t->forgotten.items[t->forgotten.count++] = memory;
            continue;
        }
        s->key[kept] = s->key[e];
        recall(s, kept++, &memory);
    }
    s->count = kept;
}

ketch_status ktg_trainer_remove_marked(ketch_glia_trainer *trainer, const char *function,
                                       ketch_error *error)
{
    const uint32_t marked = count_marked(&trainer->synapses);
    if (marked == 0)
        return KETCH_OK;
    if (!KT_LIST_RESERVE(&trainer->forgotten, marked))
        return kt_fail_heap(error, function);
    const uint32_t before = trainer->synapses.count;
    ktg_net_remove_synapses(trainer->net, trainer->synapses.marked);
    close_up(trainer);
    memset(trainer->synapses.marked, 0, before);
    trainer->changes = trainer->net->changes;
    if (trainer->rule == KETCH_GLIA_GRADIENT)
        ktg_paths_find(&trainer->paths, &trainer->neurons, trainer->net);
    return KETCH_OK;
}
