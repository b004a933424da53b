/* Saving and loading trainings. A file has the configuration, the position, the network's numbers and
 * synapses, and what the trainer remembers; of the episodes only a hash. */
#include "glia/train/configs.h"

#include "engine.h"
#include "glia/net/parts.h"
#include "glia/train/train.h"
#include "hash.h"
#include "heap.h"
#include "layout.h"
#include "numbers.h"
#include "result_save.h"
#include "save.h"
#include "status.h"

#include <string.h>

static const char head_section[] = "glia.train", config_section[] = "glia.config",
                  progress_section[] = "glia.progress", order_section[] = "glia.order",
                  history_section[] = "glia.history", cells_section[] = "glia.cells",
                  last_fired_section[] = "glia.fired", begin_section[] = "glia.begin",
                  target_section[] = "glia.target", weight_section[] = "glia.weight",
                  slots_section[] = "glia.slots", numbers_section[] = "glia.numbers",
                  forgotten_section[] = "glia.forgotten", clean_section[] = "glia.clean",
                  due_section[] = "glia.due", delay_section[] = "glia.delay";

/* ids: a hash of the network's ids in tick order. data: ktg_training.fingerprint. capacity: that of
 * the trainer's numbers. The rest is as in the records of these names. */
typedef struct train_head {
    uint64_t rule, mode, neurons, sensory, ids, data;
    uint64_t count, epochs, patience, schedule, done;
    uint64_t synapses, capacity, fired, ticks;
    uint64_t updates, trained, trainings, forgotten, kept;
    double target_accuracy, base_lr, baseline;
} train_head;

/* What decides which numbers a clean network has. */
typedef struct clean_head {
    double tau[2];
    uint64_t delays;
} clean_head;

typedef struct saved_config {
    ketch_glia_config config;
    char default_id[KETCH_GLIA_ID_MAX + 1];
} saved_config;

static uint64_t hash_train_ids(const ketch_glia_net *net)
{
    kt_hash hash;
    kt_hash_begin(&hash, 0);
    for (uint32_t i = 0; i < net->cells.count; i++)
        kt_hash_add(&hash, ktg_net_id(net, i), strlen(ktg_net_id(net, i)) + 1);
    return kt_hash_end(&hash);
}

static train_head describe_training(const ktg_training *t)
{
    const ketch_glia_trainer *const trainer = t->trainer;
    const ketch_glia_net *const net = trainer->net;
    return (train_head){.rule = (uint64_t)trainer->rule,
                        .mode = (uint64_t)net->mode,
                        .neurons = net->cells.count,
                        .sensory = net->cells.sensory,
                        .ids = hash_train_ids(net),
                        .data = t->fingerprint,
                        .count = t->count,
                        .epochs = t->epochs,
                        .patience = t->patience,
                        .schedule = (uint64_t)t->schedule,
                        .done = t->at.epoch,
                        .synapses = net->rows.count,
                        .capacity = trainer->synapses.capacity,
                        .fired = net->cells.fired_count,
                        .ticks = net->ticks,
                        .updates = trainer->updates,
                        .trained = trainer->epochs,
                        .trainings = trainer->trainings,
                        .forgotten = trainer->forgotten.count,
                        .kept = trainer->kept.count,
                        .target_accuracy = t->target_accuracy,
                        .base_lr = (double)t->base_lr,
                        .baseline = (double)trainer->baseline};
}

/* ---- the network's numbers ---- */

/* How many arrays of numbers a network has, but for what is due in a clean one. */
enum { COMPAT_FIELDS = 6, CLEAN_FIELDS = 12 };

static int count_fields(const ktg_cells *cells)
{
    return cells->clean.delays ? CLEAN_FIELDS : COMPAT_FIELDS;
}

/* The arrays of a network that are saved, in their order. */
typedef struct cell_fields {
    float *array[CLEAN_FIELDS];
} cell_fields;

static cell_fields fields_of(const ktg_cells *cells)
{
    const ktg_clean_cells *const clean = &cells->clean;
    return (cell_fields){{cells->threshold, cells->leak, cells->resting, cells->value, cells->delta,
                          cells->on_deck, clean->reset, clean->refractory, clean->drive,
                          clean->wait, clean->current[0], clean->current[1]}};
}

static size_t due_bytes(const ktg_cells *cells)
{
    return cells->clean.delays * ktg_due_size(cells) * sizeof(float);
}

static clean_head describe_clean(const ketch_glia_net *net)
{
    return (clean_head){{net->tau[0], net->tau[1]}, net->cells.clean.delays};
}

static kt_text name_field(int field)
{
    return kt_format("%s.%d", cells_section, field);
}

static kt_text name_kept(size_t index)
{
    return kt_format("glia.kept.%d", (int)index);
}

/* ---- saving ---- */

static ketch_status save_clean(ketch_writer *writer, const ketch_glia_net *net)
{
    const clean_head head = describe_clean(net);
    KT_TRY(ketch_writer_section(writer, clean_section, &head, sizeof head));
    return ketch_writer_section(writer, due_section, net->cells.clean.due, due_bytes(&net->cells));
}

static ketch_status save_cells(ketch_writer *writer, const ketch_glia_net *net)
{
    const ktg_cells *const cells = &net->cells;
    const cell_fields fields = fields_of(cells);
    const uint64_t size = cells->count * sizeof(float);
    if (ktg_net_is_clean(net))
        KT_TRY(save_clean(writer, net));
    for (int i = 0; i < count_fields(cells); i++)
        KT_TRY(ketch_writer_section(writer, name_field(i).text, fields.array[i], size));
    KT_TRY(ketch_writer_section(writer, slots_section, cells->slot, size));
    return ketch_writer_section(writer, last_fired_section, cells->fired,
                                cells->fired_count * sizeof *cells->fired);
}

static ketch_status save_rows(ketch_writer *writer, const ktg_rows *rows, uint32_t neurons)
{
    const uint64_t size = rows->count * sizeof(uint32_t);
    KT_TRY(ketch_writer_section(writer, begin_section, rows->begin,
                                ((uint64_t)neurons + 1) * sizeof(uint32_t)));
    KT_TRY(ketch_writer_section(writer, target_section, rows->target, size));
    if (rows->delay)
        KT_TRY(ketch_writer_section(writer, delay_section, rows->delay, rows->count));
    return ketch_writer_section(writer, weight_section, rows->weight, size);
}

static ketch_status save_trainer(ketch_writer *writer, const ketch_glia_trainer *trainer)
{
    KT_TRY(ketch_writer_section(writer, numbers_section, kt_block_data(trainer->block),
                                ktg_trainer_size(trainer)));
    KT_TRY(ketch_writer_section(writer, forgotten_section, trainer->forgotten.items,
                                trainer->forgotten.count * sizeof(ktg_memory)));
    for (size_t i = 0; i < trainer->kept.count; i++)
        KT_TRY(ketch_writer_section(writer, name_kept(i).text,
                                    kt_block_data(trainer->kept.items[i]),
                                    kt_block_size(trainer->kept.items[i])));
    return KETCH_OK;
}

static ketch_status save_config(ketch_writer *writer, const ktg_training *t)
{
    saved_config saved;
    memset(&saved, 0, sizeof saved);
    memcpy(&saved.config, &t->config, sizeof saved.config);
    saved.config.default_id = NULL;
    memcpy(saved.default_id, t->default_id, sizeof saved.default_id);
    return ketch_writer_section(writer, config_section, &saved, sizeof saved);
}

static ketch_status save_training(ketch_writer *writer, const ktg_training *t)
{
    const train_head head = describe_training(t);
    KT_TRY(ketch_writer_section(writer, head_section, &head, sizeof head));
    KT_TRY(save_config(writer, t));
    KT_TRY(ketch_writer_section(writer, progress_section, &t->at, sizeof t->at));
    KT_TRY(ketch_writer_section(writer, order_section, t->order, t->count * sizeof *t->order));
    KT_TRY(ketch_writer_section(writer, history_section, t->history,
                                t->at.epoch * sizeof *t->history));
    KT_TRY(save_cells(writer, t->trainer->net));
    KT_TRY(save_rows(writer, &t->trainer->net->rows, t->trainer->net->cells.count));
    return save_trainer(writer, t->trainer);
}

ketch_status ktg_train_save(ketch_writer *writer, const void *user)
{
    const ktg_training *const t = user;
    if (!ktg_net_regain(&t->hold))
        return kt_writer_fail(writer, KETCH_MISMATCH, "trainer",
                              "the network was changed since the training stood still: the "
                              "training can neither go on nor be saved");
    const ketch_status status = save_training(writer, t);
    ktg_net_release(t->trainer->net);
    return status;
}

/* ---- loading ---- */

/* What a file gives, until it is installed. cells: copies of the network's record whose arrays lie in
 * cells_block. slots: the network's slots by the file's. trainer: numbers, forgotten and kept. */
typedef struct train_loading {
    ketch_glia_trainer *into;
    const ktg_train_parts *given;
    const char *function;
    ktg_training *training;
    train_head head;
    ktg_cells cells;
    uint32_t *slots;
    ktg_rows rows;
    ketch_glia_trainer trainer;
} train_loading;

static void drop_loading(train_loading *l)
{
    if (l->cells.block)
        kt_block_drop(l->cells.block);
    if (l->rows.block)
        kt_block_drop(l->rows.block);
    if (l->trainer.block)
        kt_block_drop(l->trainer.block);
    for (size_t i = 0; i < l->trainer.kept.count; i++)
        kt_block_drop(l->trainer.kept.items[i]);
    kt_heap_give(l->trainer.kept.items);
    kt_heap_give(l->trainer.forgotten.items);
}

static ketch_status fail_other(const train_loading *l, const char *argument, uint64_t given,
                               uint64_t allowed, const char *what, ketch_error *error)
{
    return kt_fail(error, KETCH_MISMATCH, l->function, argument,
                   kt_format("%llx", (unsigned long long)given).text,
                   kt_format("%llx", (unsigned long long)allowed).text,
                   "the training was saved for %s", what);
}

/* MISMATCH if the file was saved for another network, rule or number of episodes. */
static ketch_status check_same_trainer(const train_loading *l, ketch_error *error)
{
    const train_head *const h = &l->head;
    const ketch_glia_net *const net = l->into->net;
    const uint64_t ids = hash_train_ids(net);
    if (h->rule != (uint64_t)l->into->rule)
        return fail_other(l, "trainer", (uint64_t)l->into->rule, h->rule, "another rule", error);
    if (h->mode != (uint64_t)net->mode)
        return fail_other(l, "trainer", (uint64_t)net->mode, h->mode, "another mode", error);
    if (h->neurons != net->cells.count || h->sensory != net->cells.sensory || h->ids != ids)
        return fail_other(l, "trainer", ids, h->ids, "a network of other neurons", error);
    if (h->count != l->given->asked.count)
        return fail_other(l, "training", l->given->asked.count, h->count,
                          "another number of episodes", error);
    return KETCH_OK;
}

/* The same for what only clean networks have. */
static ketch_status check_same_clean(const train_loading *l, ketch_reader *reader,
                                     ketch_error *error)
{
    const clean_head own = describe_clean(l->into->net);
    clean_head saved;
    if (!ktg_net_is_clean(l->into->net))
        return KETCH_OK;
    KT_TRY(ketch_reader_section(reader, clean_section, &saved, sizeof saved, error));
    if (memcmp(saved.tau, own.tau, sizeof own.tau) != 0)
        return kt_fail(error, KETCH_MISMATCH, l->function, "trainer",
                       kt_format("%g and %g", own.tau[0], own.tau[1]).text,
                       kt_format("%g and %g", saved.tau[0], saved.tau[1]).text,
                       "the training was saved for a network of other time constants");
    if (saved.delays != own.delays)
        return fail_other(l, "trainer", own.delays, saved.delays, "a network of other delays",
                          error);
    return KETCH_OK;
}

static ketch_status make_loaded(train_loading *l, ketch_reader *reader, ketch_arena *arena,
                                ketch_error *error)
{
    saved_config saved;
    ktg_train_parts parts = {.asked = l->given->asked};
    KT_TRY(ketch_reader_section(reader, config_section, &saved, sizeof saved, error));
    saved.default_id[KETCH_GLIA_ID_MAX] = 0;
    saved.config.default_id = saved.default_id;
    if (ktg_config_read(&parts.config, &saved.config, l->function, NULL) != KETCH_OK ||
        l->head.schedule > KETCH_GLIA_STEP || l->head.epochs > UINT64_MAX / l->head.count)
        return kt_reader_fail(reader, config_section, "there is no such training", error);
    parts.asked.epochs = l->head.epochs;
    parts.asked.patience = l->head.patience;
    parts.asked.schedule = (ketch_glia_schedule)l->head.schedule;
    parts.asked.target_accuracy = l->head.target_accuracy;
    KT_TRY(ktg_training_make(&l->training, l->into, &parts, arena, l->function, error));
    l->training->base_lr = (float)l->head.base_lr;
    if (l->training->fingerprint != l->head.data)
        return fail_other(l, "training", l->training->fingerprint, l->head.data, "other episodes",
                          error);
    return KETCH_OK;
}

bool ktg_training_is_possible(const ktg_training *t)
{
    const ktg_progress *const at = &t->at;
    if (at->stage < 0 || at->stage > KTG_STAGE_OVER || at->stage == KTG_STAGE_FENCE)
        return false;
    if (at->epoch > t->epochs || at->best_epoch > at->epoch)
        return false;
    if (at->episode > t->count || at->in_batch > at->episode)
        return false;
    for (uint64_t i = 0; i < t->count; i++)
        if (t->order[i] >= t->count)
            return false;
    if (at->stage == KTG_STAGE_OVER || at->stage == KTG_STAGE_JITTER)
        return true;
    if (at->epoch == t->epochs)
        return false;
    if (at->stage != KTG_STAGE_TICKS)
        return at->episode < t->count || at->stage != KTG_STAGE_EPISODE;
    return at->episode < t->count && at->tick <= ktg_config_ticks(&t->config) &&
           at->cursor.next <= t->episodes[t->order[at->episode]].feed.count;
}

static ketch_status load_progress(train_loading *l, ketch_reader *reader, ketch_arena *arena,
                                  ketch_error *error)
{
    ktg_training *const t = l->training;
    const uint64_t size = l->head.done * sizeof *t->history;
    if (l->head.done > t->epochs || ketch_reader_size(reader, history_section) != size)
        return kt_reader_fail(reader, history_section, "it has another size than the head says",
                              error);
    /* The epoch that is open is noted where it ends. */
    KT_TRY(ktg_history_reserve(t, KT_MIN(l->head.done + 1, t->epochs), arena, l->function, error));
    KT_TRY(ketch_reader_section(reader, history_section, t->history, size, error));
    KT_TRY(
        ketch_reader_section(reader, order_section, t->order, t->count * sizeof *t->order, error));
    KT_TRY(ketch_reader_section(reader, progress_section, &t->at, sizeof t->at, error));
    return t->at.epoch == l->head.done && ktg_training_is_possible(t)
               ? KETCH_OK
               : kt_reader_fail(reader, progress_section, "no training can be there", error);
}

static void lay_out_loaded(train_loading *l, kt_layout *layout)
{
    ktg_cells *const c = &l->cells;
    ktg_clean_cells *const clean = &c->clean;
    float **const arrays[CLEAN_FIELDS] = {&c->threshold, &c->leak,           &c->resting,
                                          &c->value,     &c->delta,          &c->on_deck,
                                          &clean->reset, &clean->refractory, &clean->drive,
                                          &clean->wait,  &clean->current[0], &clean->current[1]};
    for (int i = 0; i < count_fields(c); i++)
        *arrays[i] = kt_layout_take(layout, c->count, sizeof(float));
    clean->due = kt_layout_take(layout, due_bytes(c), 1);
    c->slot = kt_layout_take(layout, c->count, sizeof(uint32_t));
    c->fired = kt_layout_take(layout, c->count, sizeof(uint32_t));
    l->slots = kt_layout_take(layout, c->count, sizeof(uint32_t));
}

static ketch_status take_loaded(ketch_block **block, kt_layout *layout, const train_loading *l,
                                ketch_error *error)
{
    return ktg_take_zeroed(block, layout, l->into->net->arena, "path", "the saved network",
                           l->function, error);
}

/* Slots are in the order in which ids were added, which may differ between equal networks. False if
 * the file's are no permutation. */
static bool match_slots(train_loading *l)
{
    const ktg_cells *const own = &l->into->net->cells;
    memset(l->slots, 0xff, own->count * sizeof *l->slots);
    for (uint32_t i = 0; i < own->count; i++) {
        if (l->cells.slot[i] >= own->count || l->slots[l->cells.slot[i]] != UINT32_MAX)
            return false;
        l->slots[l->cells.slot[i]] = own->slot[i];
    }
    return true;
}

static ketch_status load_cells(train_loading *l, ketch_reader *reader, ketch_error *error)
{
    kt_layout layout = {0};
    l->cells.count = (uint32_t)l->head.neurons;
    l->cells.clean.delays = l->into->net->cells.clean.delays;
    lay_out_loaded(l, &layout);
    KT_TRY(take_loaded(&l->cells.block, &layout, l, error));
    lay_out_loaded(l, &layout);
    const cell_fields fields = fields_of(&l->cells);
    const uint64_t size = l->cells.count * sizeof(float);
    for (int i = 0; i < count_fields(&l->cells); i++)
        KT_TRY(ketch_reader_section(reader, name_field(i).text, fields.array[i], size, error));
    if (l->cells.clean.delays)
        KT_TRY(ketch_reader_section(reader, due_section, l->cells.clean.due, due_bytes(&l->cells),
                                    error));
    KT_TRY(ketch_reader_section(reader, slots_section, l->cells.slot, size, error));
    if (l->head.fired > l->cells.count || !match_slots(l))
        return kt_reader_fail(reader, slots_section, "there are no such neurons", error);
    l->cells.fired_count = (uint32_t)l->head.fired;
    KT_TRY(ketch_reader_section(reader, last_fired_section, l->cells.fired,
                                l->head.fired * sizeof *l->cells.fired, error));
    return ktg_is_ascending(l->cells.fired, l->head.fired, l->cells.count)
               ? KETCH_OK
               : kt_reader_fail(reader, last_fired_section, "there are no such neurons", error);
}

static ketch_status load_delays(train_loading *l, ketch_reader *reader, ketch_error *error)
{
    const ktg_rows *const rows = &l->rows;
    if (!rows->delay)
        return KETCH_OK;
    KT_TRY(ketch_reader_section(reader, delay_section, rows->delay, rows->count, error));
    for (uint32_t s = 0; s < rows->count; s++)
        if (rows->delay[s] == 0 || rows->delay[s] > l->cells.clean.delays)
            return kt_reader_fail(reader, delay_section, "there are no such delays", error);
    return KETCH_OK;
}

static ketch_status load_rows(train_loading *l, ketch_reader *reader, ketch_error *error)
{
    const uint32_t neurons = l->cells.count;
    const uint64_t size = l->head.synapses * sizeof(uint32_t);
    if (l->head.synapses > KETCH_GLIA_SYNAPSES_MAX ||
        ketch_reader_size(reader, target_section) != size)
        return kt_reader_fail(reader, target_section, "it has another size than the head says",
                              error);
    KT_TRY(ktg_rows_take(&l->rows, &l->cells, (uint32_t)l->head.synapses, l->into->net->arena,
                         "path", "the saved network", l->function, error));
    l->rows.count = (uint32_t)l->head.synapses;
    KT_TRY(ketch_reader_section(reader, begin_section, l->rows.begin,
                                ((uint64_t)neurons + 1) * sizeof(uint32_t), error));
    KT_TRY(ketch_reader_section(reader, target_section, l->rows.target, size, error));
    KT_TRY(ketch_reader_section(reader, weight_section, l->rows.weight, size, error));
    if (!ktg_rows_are_valid(&l->rows, neurons))
        return kt_reader_fail(reader, target_section, "there are no such synapses", error);
    ktg_rows_split(&l->rows, neurons);
    return load_delays(l, reader, error);
}

static ketch_status load_kept(train_loading *l, size_t index, ketch_reader *reader,
                              ketch_error *error)
{
    const kt_text name = name_kept(index);
    const uint64_t size = ketch_reader_size(reader, name.text);
    kt_layout layout = {.size = (size_t)size};
    ketch_block *block;
    if (size == UINT64_MAX || size == 0 || layout.size != size)
        return kt_reader_fail(reader, name.text, "it is missing", error);
    KT_TRY(take_loaded(&block, &layout, l, error));
    ketch_status status =
        ketch_reader_section(reader, name.text, layout.base, kt_block_size(block), error);
    if (status == KETCH_OK && !ktg_snapshot_is_valid(block, l->into->net))
        status = kt_reader_fail(reader, name.text, "it is no network", error);
    if (status != KETCH_OK) {
        kt_block_drop(block);
        return status;
    }
    ktg_snapshot_renumber(block, l->slots);
    l->trainer.kept.items[l->trainer.kept.count++] = block;
    return KETCH_OK;
}

static ketch_status load_forgotten(train_loading *l, ketch_reader *reader, ketch_error *error)
{
    const uint64_t size = l->head.forgotten * sizeof(ktg_memory);
    if (l->head.forgotten > UINT32_MAX || ketch_reader_size(reader, forgotten_section) != size)
        return kt_reader_fail(reader, forgotten_section, "it has another size than the head says",
                              error);
    if (size && !KT_LIST_RESERVE(&l->trainer.forgotten, l->head.forgotten))
        return kt_fail_heap(error, l->function);
    KT_TRY(
        ketch_reader_section(reader, forgotten_section, l->trainer.forgotten.items, size, error));
    l->trainer.forgotten.count = (size_t)l->head.forgotten;
    for (size_t i = 0; i < l->head.forgotten; i++) {
        ktg_memory *const m = &l->trainer.forgotten.items[i];
        const uint32_t from = (uint32_t)(m->key >> 32), to = (uint32_t)m->key;
        if (from >= l->cells.count || to >= l->cells.count)
            return kt_reader_fail(reader, forgotten_section, "there are no such synapses", error);
        m->key = (uint64_t)l->slots[from] << 32 | l->slots[to];
    }
    return KETCH_OK;
}

static ketch_status load_trainer(train_loading *l, ketch_reader *reader, ketch_error *error)
{
    ketch_glia_trainer *const made = &l->trainer;
    made->rule = l->into->rule;
    made->neurons.count = l->cells.count;
    made->neurons.sensory = (uint32_t)l->head.sensory;
    made->neurons.output_count = l->into->net->cells.outputs;
    made->synapses.count = l->rows.count;
    made->synapses.capacity = (uint32_t)l->head.capacity;
    if (l->head.capacity < l->rows.count || l->head.capacity > KETCH_GLIA_SYNAPSES_MAX ||
        ketch_reader_size(reader, numbers_section) != ktg_trainer_size(made))
        return kt_reader_fail(reader, numbers_section, "it has another size than the head says",
                              error);
    KT_TRY(ktg_trainer_take(made, l->into->net->arena, l->function, error));
    KT_TRY(ketch_reader_section(reader, numbers_section, kt_block_data(made->block),
                                ktg_trainer_size(made), error));
    KT_TRY(load_forgotten(l, reader, error));
    if (l->head.kept > KTG_KEPT_MAX)
        return kt_reader_fail(reader, head_section, "no trainer keeps so many epochs", error);
    if (l->head.kept && !KT_LIST_RESERVE(&made->kept, l->head.kept))
        return kt_fail_heap(error, l->function);
    for (size_t i = 0; i < l->head.kept; i++)
        KT_TRY(load_kept(l, i, reader, error));
    return KETCH_OK;
}

static ketch_status load_parts(train_loading *l, ketch_reader *reader, ketch_arena *arena,
                               ketch_error *error)
{
    KT_TRY(load_progress(l, reader, arena, error));
    KT_TRY(load_cells(l, reader, error));
    KT_TRY(load_rows(l, reader, error));
    return load_trainer(l, reader, error);
}

ketch_status ktg_train_load(ketch_job *job, ketch_reader *reader, void *context,
                            ketch_engine *engine, ketch_error *error)
{
    train_loading *const l = context;
    if (!l)
        return kt_fail_handle(error, "ketch_result_load", "context",
                              "ketch_glia_train_load, which gives one", NULL);
    KT_TRY(ketch_reader_section(reader, head_section, &l->head, sizeof l->head, error));
    KT_TRY(check_same_trainer(l, error));
    KT_TRY(check_same_clean(l, reader, error));
    ketch_status status = make_loaded(l, reader, engine->arena, error);
    if (status == KETCH_OK)
        status = load_parts(l, reader, engine->arena, error);
    if (status != KETCH_OK) {
        if (l->training)
            ktg_train_release(l->training);
        return status;
    }
    ktg_training_describe(job, l->training);
    return KETCH_OK;
}

/* ---- into the network and the trainer ---- */

static void install_numbers(ktg_cells *cells, const ktg_cells *loaded)
{
    const cell_fields from = fields_of(loaded), to = fields_of(cells);
    for (int i = 0; i < count_fields(cells); i++)
        memcpy(to.array[i], from.array[i], cells->count * sizeof(float));
    if (cells->clean.delays)
        memcpy(cells->clean.due, loaded->clean.due, due_bytes(cells));
    cells->clean.is_injected = true;
}

static void install_cells(train_loading *l)
{
    ketch_glia_net *const net = l->into->net;
    if (net->cells.count)
        install_numbers(&net->cells, &l->cells);
    if (ktg_net_is_clean(net))
        ktg_clean_derive(net);
    if (l->cells.fired_count)
        memcpy(net->cells.fired, l->cells.fired, l->cells.fired_count * sizeof(uint32_t));
    net->cells.fired_count = l->cells.fired_count;
    net->ticks = l->head.ticks;
    ktg_net_install_rows(net, &l->rows);
    l->rows.block = NULL;
}

/* What the trainer had goes where what it gets came from, to be dropped. */
static void install_trainer(train_loading *l)
{
    ketch_glia_trainer *const t = l->into;
    const ketch_glia_trainer old = *t;
    t->neurons = l->trainer.neurons;
    t->synapses = l->trainer.synapses;
    t->paths = l->trainer.paths;
    t->block = l->trainer.block;
    t->forgotten.items = l->trainer.forgotten.items;
    t->forgotten.count = l->trainer.forgotten.count;
    t->forgotten.capacity = l->trainer.forgotten.capacity;
    t->kept.items = l->trainer.kept.items;
    t->kept.count = l->trainer.kept.count;
    t->kept.capacity = l->trainer.kept.capacity;
    t->updates = l->head.updates;
    t->epochs = l->head.trained;
    t->trainings = l->head.trainings;
    t->baseline = (float)l->head.baseline;
    l->trainer = old;
    ktg_trainer_derive(t);
    ktg_training_hold(l->training, false);
}

static ketch_status load_claimed(ketch_result **result, ketch_engine *engine,
                                 const ketch_job_type *type, train_loading *l, const char *path,
                                 ketch_error *error)
{
    const ketch_status status = kt_result_load(result, engine, type, l, path, l->function, error);
    if (status == KETCH_OK) {
        install_cells(l);
        install_trainer(l);
    }
    drop_loading(l);
    return status;
}

/* On a claimed trainer. */
static ketch_status load_with(ketch_result **result, ketch_engine *engine,
                              const ketch_job_type *type, const ktg_train_launch *launch,
                              const ktg_train_parts *given, const char *path, ketch_error *error)
{
    train_loading *const l = kt_heap_take(sizeof *l);
    if (!l)
        return kt_fail_heap(error, launch->function);
    l->into = launch->trainer;
    l->given = given;
    l->function = launch->function;
    const ketch_status status = load_claimed(result, engine, type, l, path, error);
    kt_heap_give(l);
    return status;
}

ketch_status ktg_train_load_into(ketch_result **result, ketch_engine *engine,
                                 const ketch_job_type *type, const ktg_train_launch *launch,
                                 const char *path, ketch_error *error)
{
    ktg_train_parts given;
    KT_TRY(ktg_train_read(&given, launch, error));
    KT_TRY(ktg_net_claim_to_hold(launch->trainer->net, launch->function, error));
    const ketch_status status = load_with(result, engine, type, launch, &given, path, error);
    ktg_net_release(launch->trainer->net);
    return status;
}
