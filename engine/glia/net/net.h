/* The record of a network: what was added since its rows were built last, and the rows. */
#ifndef KTG_NET_NET_H
#define KTG_NET_NET_H

#include "arena.h"
#include "engine.h"
#include "glia/kernels/kernels.h"
#include "glia/net/names.h"
#include "ketch/glia.h"
#include "layout.h"
#include "list.h"

#include <stdbool.h>

/* What neurons of a clean network have in addition; there is none of it in compat mode. Currents
 * and what is due for them: [0] for weights >= 0, [1] for others. due: what arrives in the tick
 * that has number t since the beginning is in part t % delays, which has ktg_due_size() numbers,
 * first those of [0]. delays: the longest delay that there was. keep and numbers (of each block of
 * neurons, or of the first one if is_shared: then all are alike) follow from the others, and are
 * valid if is_derived. is_injected: there may be input in on_deck. */
typedef struct ktg_clean_cells {
    uint32_t delays;
    bool is_derived, is_injected;
    float *reset, *refractory, *drive, *wait, *current[2], *due;
    float keep[2];
    bool is_shared;
    ktg_clean_numbers *numbers;
} ktg_clean_cells;

/* What every neuron has, in tick order, in one block. An injection goes to on_deck. fired: the
 * neurons that fired in the last tick, ascending. rank: the place of each neuron's id among all ids
 * in the order of their bytes. slot: the number that names.h gives the id. fired_from: see
 * kernels.h, for the last tick only. has_small: whether voltages or currents were below 2^-126 when
 * that was looked at last. */
typedef struct ktg_cells {
    uint32_t count, sensory, outputs;
    uint32_t fired_count;
    float *threshold, *leak, *resting, *value, *delta, *on_deck;
    uint32_t *fired, *rank, *slot, *fired_from;
    bool has_small;
    ktg_clean_cells clean;
    ketch_block *block;
} ktg_cells;

/* How many blocks of KTG_BLOCK cells there are. */
static inline uint32_t ktg_blocks(const ktg_cells *cells)
{
    return (cells->count + KTG_BLOCK - 1) / KTG_BLOCK;
}

/* How many numbers are due in a tick: as many for the second current as for the first. */
static inline size_t ktg_due_size(const ktg_cells *cells)
{
    return (size_t)ktg_blocks(cells) * KTG_BLOCK * 2;
}

/* The synapses, in one block. Those of source i are numbers begin[i]..begin[i+1]-1, their targets
 * ascending. From split[i] on, the targets are later than i in tick order. delay: in ticks; there
 * are none while the cells' longest delay is 1. */
typedef struct ktg_rows {
    uint32_t count;
    uint32_t *begin, *split, *target;
    float *weight;
    uint8_t *delay;
    ketch_block *block;
} ktg_rows;

/* What ticks read: panels, whose targets ascend, and rows for the synapses that are in none.
 * is_made: they are valid while the network's `changes` are these. of_block: the panel of each
 * block of targets, or UINT32_MAX. weights: those of all panels. */
typedef struct ktg_panels {
    bool is_made;
    uint64_t changes;
    uint32_t count;
    uint32_t *of_block;
    ktg_panel *items;
    float *weights;
    ktg_rows rest;
    ketch_block *block;
} ktg_panels;

/* How the targets are shared out among threads, so that about as many synapses lead into each
 * share. count 0: they are not. Share t has the cells of blocks first_block[t]..first_block[t+1]-1;
 * of source i the synapses number cut[t * neurons + i]..cut[(t + 1) * neurons + i]-1 of panels.rest;
 * panels first_panel[t]..first_panel[t+1]-1; and columns, which are the same synapses: [1] of
 * those to targets later than their source, [0] of others. Of the tick that is on, fired_count: how
 * many cells of each share fired; fired: 1 for each of them, else 0. */
typedef struct ktg_shares {
    uint32_t count;
    uint32_t *cut, *first_block, *first_panel, *fired_count;
    uint8_t *fired;
    ktg_columns (*columns)[2];
    ketch_block *column_block;
    ketch_block *block;
} ktg_shares;

/* A neuron or a synapse that is not in cells or rows yet. Neurons are named by slots. */
typedef struct ktg_new_neuron {
    uint32_t slot;
    float threshold, leak, resting;
} ktg_new_neuron;

typedef struct ktg_new_synapse {
    uint32_t from, to;
    float weight;
} ktg_new_synapse;

/* A run that has begun on a network and may go on, as long as nothing changes the network. running
 * (atomic): not 0 while a call carries or saves the run; NULL: as if one did. */
typedef struct ktg_hold {
    ketch_glia_net *net;
    const int32_t *running;
} ktg_hold;

/* references, busy, hold: atomic. busy: a call works on the network. hold: of the run that goes on
 * from the state as it is; NULL: there is none. index: the number in tick order of each slot; that
 * of a new neuron is its place in new_neurons. is_new: whether the slot is in new_neurons.
 * new_delays: those of new_synapses; empty in compat mode. tau: the time constants of a clean
 * network's currents. While new_neurons and new_synapses are empty the network is settled. changes:
 * how often synapses were added or removed, and neurons added: what is derived from rows compares
 * it. */
struct ketch_glia_net {
    uint64_t magic;
    int32_t references, busy;
    ketch_glia_mode mode;
    double tau[2];
    ketch_arena *arena;
    const ktg_hold *hold;
    const ktg_kernel_set *kernels;
    uint64_t ticks, changes;
    ktg_names names;
    KT_LIST(uint32_t) index;
    KT_LIST(ktg_new_neuron) new_neurons;
    KT_LIST(ktg_new_synapse) new_synapses;
    KT_LIST(uint8_t) new_delays;
    ktg_cells cells;
    ktg_rows rows;
    ktg_panels panels;
    ktg_shares shares;
};

#define KTG_NET_MAGIC UINT64_C(0x6b74676e65743031)

static inline bool ktg_net_exists(const ketch_glia_net *net)
{
    return net && net->magic == KTG_NET_MAGIC;
}

/* HANDLE for what is no network. */
ketch_status ktg_net_check(const ketch_glia_net *net, const char *function, ketch_error *error);
/* To change it. HANDLE, FORKED, or BUSY: a call works on the network, or a run is on; OK: the
 * caller has it alone until ktg_net_release, and a run that is suspended cannot go on. */
ketch_status ktg_net_claim(ketch_glia_net *net, const char *function, ketch_error *error);
/* The same, and the network is settled. MEMORY. */
ketch_status ktg_net_claim_settled(ketch_glia_net *net, const char *function, ketch_error *error);
/* To read it, at fences of a run and when that is suspended, too. HANDLE, or BUSY: a call works on
 * the network. MEMORY. OK: it is settled, and the caller has it alone until ktg_net_release. */
ketch_status ktg_net_claim_to_read(ketch_glia_net *net, const char *function, ketch_error *error);
/* To let a run hold it: as ktg_net_claim_settled, and a run that is suspended can still go on until
 * ktg_net_hold. */
ketch_status ktg_net_claim_to_hold(ketch_glia_net *net, const char *function, ketch_error *error);
void ktg_net_release(ketch_glia_net *net);

/* Lets a run hold a claimed network, in place of any other run. */
void ktg_net_hold(ktg_hold *hold, ketch_glia_net *net);
/* Claims the network for the run that holds it, when calls that read have ended. False: another
 * call has changed the network, another run holds it, or the hold is zeroed. */
bool ktg_net_regain(const ktg_hold *hold);
/* Ends a hold, while the network is not claimed by its owner. A zeroed hold does nothing. */
void ktg_net_let_go(ktg_hold *hold);

/* HANDLE or RANGE for what is no id. */
ketch_status ktg_net_check_id(const char *id, const char *function, ketch_error *error);
/* On a claimed network. A neuron whose id and numbers have been checked. */
ketch_status ktg_net_add_neuron(ketch_glia_net *net, const char *id, size_t length, float threshold,
                                float leak, float resting, const char *function,
                                ketch_error *error);
/* Between slots that exist. */
ketch_status ktg_net_add_synapse(ketch_glia_net *net, uint32_t from, uint32_t to, float weight,
                                 const char *function, ketch_error *error);
/* The same with a delay, which is 1 unless the network is clean. */
ketch_status ktg_net_add_delayed(ketch_glia_net *net, uint32_t from, uint32_t to, float weight,
                                 uint8_t delay, const char *function, ketch_error *error);
/* Takes the neurons and synapses that were added since the network was settled out of it. */
void ktg_net_remove_new(ketch_glia_net *net);

/* Whether the id begins with S, with O. */
static inline bool ktg_is_sensory(const char *id)
{
    return id[0] == 'S';
}

static inline bool ktg_is_output(const char *id)
{
    return id[0] == 'O';
}

/* Puts new neurons and synapses into cells and rows. MEMORY: everything is as before. */
ketch_status ktg_net_settle(ketch_glia_net *net, const char *function, ketch_error *error);
/* Whether the synapses of such cells have delays of their own. */
static inline bool ktg_has_delays(const ktg_cells *cells)
{
    return cells->clean.delays > 1;
}
/* Parts of rows for so many synapses between the neurons of such cells. */
void ktg_rows_lay_out(ktg_rows *rows, const ktg_cells *cells, uint32_t count, kt_layout *layout);
/* Takes a block for that and lays the rows out there. argument, what: for the text of a refusal.
 * MEMORY. */
ketch_status ktg_rows_take(ktg_rows *rows, const ktg_cells *cells, uint32_t count,
                           ketch_arena *arena, const char *argument, const char *what,
                           const char *function, ketch_error *error);
/* Copies rows between that many neurons into others that are laid out for as many synapses. */
void ktg_rows_fill(ktg_rows *to, const ktg_rows *from, uint32_t neurons);
/* Lets synapse number `to` be that with number `from`. */
static inline void ktg_rows_move(ktg_rows *rows, uint32_t to, uint32_t from)
{
    rows->target[to] = rows->target[from];
    rows->weight[to] = rows->weight[from];
    if (rows->delay)
        rows->delay[to] = rows->delay[from];
}
/* Fills in split. */
void ktg_rows_split(ktg_rows *rows, uint32_t neurons);
/* RANGE: the network's neurons have no such number. */
ketch_status ktg_net_check_field(const ketch_glia_net *net, ketch_glia_field field,
                                 const char *function, ketch_error *error);
/* The numbers of all neurons. */
float *ktg_cells_field(const ktg_cells *cells, ketch_glia_field field);
/* Whether numbers ascend and are below `most`. */
bool ktg_is_ascending(const uint32_t *numbers, uint64_t count, uint64_t most);
/* Whether begin and target can be those of `count` synapses between so many neurons: for rows of a
 * file. */
bool ktg_rows_are_valid(const ktg_rows *rows, uint32_t neurons);
enum { KTG_NO_SYNAPSE = UINT32_MAX };

/* The number of the synapse between two neurons; KTG_NO_SYNAPSE: there is none. */
uint32_t ktg_rows_find(const ktg_rows *rows, uint32_t from, uint32_t to);
/* Removes the synapses of a settled network whose mark is not 0. marks has one for each, by its
 * number in rows. */
void ktg_net_remove_synapses(ketch_glia_net *net, const uint8_t *marks);
/* Puts rows with a block of their own in place of a settled network's. */
void ktg_net_install_rows(ketch_glia_net *net, const ktg_rows *rows);
/* Removes all synapses of a settled network. */
void ktg_net_clear_synapses(ketch_glia_net *net);
/* Copies all synapses of a settled network, in the order of ketch_glia_get_synapses. */
void ktg_net_list_synapses(const ketch_glia_net *net, uint32_t *from, uint32_t *to, float *weights);
/* Derives from rows what ticks are fastest with, unless it is there: call it before many ticks.
 * MEMORY: everything is as before. */
ketch_status ktg_net_prepare(ketch_glia_net *net, const char *function, ketch_error *error);
/* The same, and shares out the targets among so many threads, where ticks may have enough to do for
 * them. MEMORY. */
ketch_status ktg_net_share_out(ketch_glia_net *net, uint32_t threads, const char *function,
                               ketch_error *error);
/* Forgets the shares. */
void ktg_net_drop_shares(ketch_glia_net *net);
static inline bool ktg_net_is_clean(const ketch_glia_net *net)
{
    return net->mode == KETCH_GLIA_CLEAN;
}

static inline bool ktg_net_is_prepared(const ketch_glia_net *net)
{
    if (ktg_net_is_clean(net))
        return net->cells.clean.is_derived;
    return net->panels.is_made && net->panels.changes == net->changes;
}
/* To be called after weights of rows were written, before the next tick. Where synapses were added
 * or removed, `changes` grows instead. Cost: about a nanosecond a synapse. */
void ktg_net_weights_changed(ketch_glia_net *net);
/* Adds the memory that a settled network has of that arena. */
void ktg_net_add_need(ketch_need *need, const ketch_glia_net *net, const ketch_arena *arena);
/* Adds that of a copy, which is not prepared. */
void ktg_net_add_copy_need(ketch_need *need, const ketch_glia_net *net);
/* Gives back what prepare made. */
void ktg_net_drop_panels(ketch_glia_net *net);
/* Lets ticks use those kernels, which this machine runs: for tests. A network begins with the best
 * ones. */
void ktg_net_use_kernels(ketch_glia_net *net, ketch_kernels kernels);
/* One tick of a settled network, best a prepared one; a clean one must be. The thread is in the
 * mode of float_mode.h: runs of jobs are. */
void ktg_net_tick(ketch_glia_net *net);
/* The same with the threads of an engine that this call or run has claimed and that carries out no
 * sweep; NULL: on the calling thread. It takes them where targets were shared out and enough
 * synapses send. The bits are the same. */
void ktg_net_tick_on(ketch_glia_net *net, ketch_engine *engine);

/* Makes a copy in an arena: see ketch_glia_net_copy. HANDLE, BUSY, MEMORY. */
ketch_status ktg_net_copy(ketch_glia_net **copy, ketch_glia_net *net, ketch_arena *arena,
                          const char *function, ketch_error *error);

/* Makes a record with cells of its own, while all else is the other network's: for ticks on another
 * thread, as long as the other network stays as it is. It is no handle. MEMORY. */
ketch_status ktg_net_twin(ketch_glia_net *twin, const ketch_glia_net *net, ketch_arena *arena,
                          const char *function, ketch_error *error);
void ktg_net_twin_end(ketch_glia_net *twin);
/* Puts copies in another block in place of the arrays. MEMORY: they are as before. */
ketch_status ktg_cells_copy(ktg_cells *cells, ketch_arena *arena, const char *function,
                            ketch_error *error);
ketch_status ktg_rows_copy(ktg_rows *rows, ketch_arena *arena, const char *function,
                           ketch_error *error);

/* On a claimed network, before its cells, or its rows, are written: where they are leased they move
 * to other memory. Claims to change and to hold it do that for cells. MEMORY. */
ketch_status ktg_net_own_cells(ketch_glia_net *net, const char *function, ketch_error *error);
ketch_status ktg_net_own_rows(ketch_glia_net *net, const char *function, ketch_error *error);
/* For both, where a run that held the network has regained it. */
ketch_status ktg_net_own(ketch_glia_net *net, const char *function, ketch_error *error);

/* Coefficients: what V gets in a tick of a current that is 1 at its begin; what it gets anyway. */
double ktg_clean_gain(float leak, double tau);
double ktg_clean_base(float leak, float resting, float drive);
/* Computes what follows from the numbers of a clean network's neurons. */
void ktg_clean_derive(ketch_glia_net *net);
/* A tick of a clean network with neurons. */
void ktg_clean_tick(ketch_glia_net *net);

/* A part of a network's state: what ticks change, but for their number and the neurons that
 * fired. */
typedef struct ktg_state_part {
    const char *name;
    void *at;
    size_t size;
} ktg_state_part;

enum { KTG_STATE_PARTS = 7 };

/* Fills in the parts of a settled network; returns how many it has. */
int32_t ktg_net_state(ktg_state_part *parts, const ketch_glia_net *net);
/* As ketch_glia_reset, of a claimed and settled network. */
void ktg_net_reset(ketch_glia_net *net);
/* To be called before an episode: a clean network begins each anew, a compat one goes on. */
static inline void ktg_net_begin_episode(ketch_glia_net *net)
{
    if (ktg_net_is_clean(net))
        ktg_net_reset(net);
}
/* To be called after numbers of neurons other than the state were written: a clean network is no
 * longer prepared. */
static inline void ktg_net_numbers_changed(ketch_glia_net *net)
{
    net->cells.clean.is_derived = false;
}

/* Whether a neuron takes injections. */
static inline bool ktg_takes_injections(const ketch_glia_net *net, uint32_t neuron)
{
    return neuron < (ktg_net_is_clean(net) ? net->cells.count : net->cells.sensory);
}

/* The id of a neuron of a settled network. */
static inline const char *ktg_net_id(const ketch_glia_net *net, uint32_t index)
{
    return ktg_names_text(&net->names, net->cells.slot[index]);
}

#endif
