/* A life has two sections: the network's thresholds, leaks and synapses, and everything else,
 * packed. Neurons have their numbers in tick order there, as slots may differ between equal
 * networks. */
#include "glia/evolve/lives.h"

#include "fields.h"
#include "heap.h"
#include "list.h"
#include "status.h"

#include <string.h>

/* How much there is of each, and the trainer's counters. baseline: bits of a float. */
typedef struct life_head {
    uint64_t capacity, forgotten, fired, ticks, history;
    uint64_t updates, epochs, trainings;
    double baseline;
} life_head;

/* Moves memory into a section or out of it. */
typedef void move_bytes(kt_fields *fields, void *data, uint64_t size);

static void put_moved(kt_fields *fields, void *data, uint64_t size)
{
    kt_put_bytes(fields, data, size);
}

static void get_moved(kt_fields *fields, void *data, uint64_t size)
{
    kt_get_bytes(fields, data, size);
}

/* ---- what is moved ---- */

static life_head head_of(const ktg_individual *own)
{
    const ketch_glia_trainer *const t = own->trainer;
    return (life_head){.capacity = t->synapses.capacity,
                       .forgotten = t->forgotten.count,
                       .fired = t->net->cells.fired_count,
                       .ticks = t->net->ticks,
                       .history = own->training->at.epoch,
                       .updates = t->updates,
                       .epochs = t->epochs,
                       .trainings = t->trainings,
                       .baseline = (double)t->baseline};
}

/* The size of the packed section, but for its head. */
static uint64_t size_of_life(const ktg_individual *own, const life_head *head)
{
    ktg_state_part parts[KTG_STATE_PARTS];
    const int32_t count = ktg_net_state(parts, own->trainer->net);
    uint64_t state = 0;
    for (int32_t i = 0; i < count; i++)
        state += parts[i].size;
    return state + head->fired * sizeof(uint32_t) + ktg_trainer_size(own->trainer) +
           head->forgotten * sizeof(ktg_memory) + sizeof own->training->at +
           own->training->count * sizeof *own->training->order +
           head->history * sizeof *own->training->history;
}

/* The counts of the head have been checked, and there is room for what they count. */
static void move_life(move_bytes *move, kt_fields *fields, ktg_individual *own,
                      const life_head *head, ktg_memory *forgotten)
{
    const ktg_cells *const cells = &own->trainer->net->cells;
    ktg_training *const t = own->training;
    ktg_state_part parts[KTG_STATE_PARTS];
    const int32_t count = ktg_net_state(parts, own->trainer->net);
    for (int32_t i = 0; i < count; i++)
        move(fields, parts[i].at, parts[i].size);
    move(fields, cells->fired, head->fired * sizeof *cells->fired);
    move(fields, kt_block_data(own->trainer->block), ktg_trainer_size(own->trainer));
    move(fields, forgotten, head->forgotten * sizeof *forgotten);
    move(fields, &t->at, sizeof t->at);
    move(fields, t->order, t->count * sizeof *t->order);
    move(fields, t->history, head->history * sizeof *t->history);
}

/* Renumbers the ends of synapses; false if there are no such neurons. */
static bool renumber_ends(ktg_memory *memories, uint64_t count, const uint32_t *numbers,
                          uint32_t neurons)
{
    for (uint64_t i = 0; i < count; i++) {
        const uint64_t from = memories[i].key >> 32, to = memories[i].key & UINT32_MAX;
        if (from >= neurons || to >= neurons)
            return false;
        memories[i].key = (uint64_t)numbers[from] << 32 | numbers[to];
    }
    return true;
}

/* ---- saving ---- */

static kt_text name_net(uint32_t individual)
{
    return kt_format("glia.net.%u", individual);
}

static kt_text name_life(uint32_t individual)
{
    return kt_format("glia.life.%u", individual);
}

static ketch_status save_life_net(ketch_writer *writer, const ktg_evolution *e, uint32_t individual)
{
    const ketch_glia_net *const net = e->individuals[individual].trainer->net;
    ktg_genome genome = {0};
    KT_TRY(ktg_genome_reserve(&genome, &net->cells, net->rows.count, e->population.arena,
                              ktg_evolve_name, NULL));
    ktg_genome_read(&genome, net);
    const ketch_status status = ktg_genome_save(writer, name_net(individual).text, &genome);
    ktg_genome_end(&genome);
    return status;
}

/* forgotten: a copy of the trainer's. */
static ketch_status save_packed(ketch_writer *writer, ktg_individual *own, uint32_t individual,
                                ktg_memory *forgotten, void *memory, uint64_t size)
{
    const life_head head = head_of(own);
    const ketch_glia_net *const net = own->trainer->net;
    kt_fields fields = kt_fields_of(memory, size);
    if (head.forgotten)
        memcpy(forgotten, own->trainer->forgotten.items,
               (size_t)head.forgotten * sizeof *forgotten);
    renumber_ends(forgotten, head.forgotten, net->index.items, net->cells.count);
    kt_put_bytes(&fields, &head, sizeof head);
    move_life(put_moved, &fields, own, &head, forgotten);
    return ketch_writer_section(writer, name_life(individual).text, memory, size);
}

ketch_status ktg_life_save(ketch_writer *writer, const ktg_evolution *e, uint32_t individual)
{
    ktg_individual *const own = &e->individuals[individual];
    const life_head head = head_of(own);
    const uint64_t size = sizeof head + size_of_life(own, &head);
    ktg_memory *const forgotten = kt_heap_take(head.forgotten * sizeof *forgotten);
    void *const memory = kt_heap_take(size);
    ketch_status status = KETCH_MEMORY;
    if (forgotten && memory)
        status = save_life_net(writer, e, individual);
    if (status == KETCH_OK)
        status = save_packed(writer, own, individual, forgotten, memory, size);
    kt_heap_give(forgotten);
    kt_heap_give(memory);
    return status == KETCH_MEMORY ? kt_writer_fail(writer, KETCH_MEMORY, "evolution",
                                                   "there is no memory to save an individual")
                                  : status;
}

/* ---- loading ---- */

/* Gives the individual the network's numbers and synapses, and a trainer of the size that the head
 * says. */
static ketch_status load_life_net(ktg_evolution *e, uint32_t individual, ketch_reader *reader,
                                  const char *function, ketch_error *error)
{
    ktg_individual *const own = &e->individuals[individual];
    ketch_glia_net *const net = own->trainer->net;
    ktg_genome genome = {0};
    KT_TRY(ktg_genome_load(&genome, reader, name_net(individual).text, &net->cells,
                           e->population.arena, function, error));
    ketch_status status = ktg_genome_put(net, &genome, function, error);
    if (status == KETCH_OK)
        status = ktg_net_prepare(net, function, error);
    ktg_genome_end(&genome);
    return status;
}

static ketch_status make_room(ktg_individual *own, const life_head *head, const char *function,
                              ketch_error *error)
{
    ketch_glia_trainer *const t = own->trainer;
    ketch_glia_trainer made = {.rule = t->rule, .net = t->net, .neurons = t->neurons};
    made.synapses.count = t->net->rows.count;
    made.synapses.capacity = (uint32_t)head->capacity;
    if (!KT_LIST_RESERVE(&t->forgotten, head->forgotten + 1))
        return kt_fail_heap(error, function);
    KT_TRY(ktg_history_reserve(own->training, KT_MIN(head->history + 1, own->training->epochs),
                               t->net->arena, function, error));
    KT_TRY(ktg_trainer_take(&made, t->net->arena, function, error));
    if (t->block)
        kt_block_drop(t->block);
    t->neurons = made.neurons;
    t->synapses = made.synapses;
    t->paths = made.paths;
    t->block = made.block;
    return KETCH_OK;
}

static bool is_possible_head(const ktg_individual *own, const life_head *head)
{
    const ketch_glia_net *const net = own->trainer->net;
    return head->capacity >= net->rows.count && head->capacity <= KETCH_GLIA_SYNAPSES_MAX &&
           head->fired <= net->cells.count && head->history <= own->training->epochs &&
           head->forgotten <= UINT32_MAX;
}

static void restore_counters(ketch_glia_trainer *t, const life_head *head)
{
    t->net->cells.fired_count = (uint32_t)head->fired;
    t->net->cells.clean.is_injected = true;
    t->net->ticks = head->ticks;
    t->forgotten.count = (size_t)head->forgotten;
    t->updates = head->updates;
    t->epochs = head->epochs;
    t->trainings = head->trainings;
    t->baseline = (float)head->baseline;
}

/* False if no life can be so. */
static bool unpack_life(ktg_individual *own, kt_fields *fields, const life_head *head)
{
    ketch_glia_trainer *const t = own->trainer;
    const ktg_cells *const cells = &t->net->cells;
    move_life(get_moved, fields, own, head, t->forgotten.items);
    if (!kt_fields_end(fields))
        return false;
    restore_counters(t, head);
    ktg_trainer_derive(t);
    return ktg_is_ascending(cells->fired, head->fired, cells->count) &&
           renumber_ends(t->forgotten.items, head->forgotten, cells->slot, cells->count) &&
           own->training->at.epoch == head->history && ktg_training_is_possible(own->training);
}

static ketch_status load_packed(ktg_evolution *e, uint32_t individual, ketch_reader *reader,
                                void *memory, uint64_t size, const char *function,
                                ketch_error *error)
{
    ktg_individual *const own = &e->individuals[individual];
    const kt_text name = name_life(individual);
    kt_fields fields = kt_fields_from(memory, size);
    life_head head;
    KT_TRY(ketch_reader_section(reader, name.text, memory, size, error));
    KT_TRY(load_life_net(e, individual, reader, function, error));
    kt_get_bytes(&fields, &head, sizeof head);
    if (fields.failed || !is_possible_head(own, &head) || head.forgotten > size)
        return kt_reader_fail(reader, name.text, "there is no such individual", error);
    KT_TRY(make_room(own, &head, function, error));
    return unpack_life(own, &fields, &head)
               ? KETCH_OK
               : kt_reader_fail(reader, name.text, "no individual can be there", error);
}

ketch_status ktg_life_load(ktg_evolution *e, uint32_t individual, ketch_reader *reader,
                           const char *function, ketch_error *error)
{
    const kt_text name = name_life(individual);
    const uint64_t size = ketch_reader_size(reader, name.text);
    if (size == UINT64_MAX)
        return kt_reader_fail(reader, name.text, "it is missing", error);
    void *const memory = kt_heap_take(size);
    if (!memory)
        return kt_fail_heap(error, function);
    const bool is_claimed = ktg_net_regain(&e->individuals[individual].training->hold);
    const ketch_status status = load_packed(e, individual, reader, memory, size, function, error);
    if (is_claimed)
        ktg_net_release(e->individuals[individual].trainer->net);
    kt_heap_give(memory);
    return status;
}
