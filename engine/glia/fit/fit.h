/* A fit as a job. A batch is a sweep whose indices are slices of KTG_SLICE episodes. */
#ifndef KTG_FIT_FIT_H
#define KTG_FIT_FIT_H

#include "glia/fit/graph.h"
#include "glia/train/train.h"

/* What comes next for a slice. */
typedef enum ktg_slice_stage {
    KTG_SLICE_BEGIN = 0,
    KTG_SLICE_FORWARD,
    KTG_SLICE_SCORES,
    KTG_SLICE_BACKWARD,
    KTG_SLICE_SPIKES,
    KTG_SLICE_LEARN,
    KTG_SLICE_OVER
} ktg_slice_stage;

/* Where a slice is. at: the tick or, while it learns, the target. first: the place of its first
 * episode in the epoch's order, of `count`. right, margins, loss: sums over these. */
typedef struct ktg_slice_place {
    uint64_t at, first, right;
    double margins, loss;
    int32_t stage;
    uint32_t count;
    ktg_cursor cursor[KTG_SLICE];
} ktg_slice_place;

/* A slice: place and the numbers behind it lie in `block`, which is saved as it stands unless the
 * slice is at its beginning. Rows: see kernels.h; `rows` ticks of fired, waited and trace
 * are kept: all of an episode's, or one where nothing is learnt. due: of each tick, both currents.
 * trace: of each tick, the graph's currents; one tick more, which stays 0. score: a row for each
 * output. spikes: of each neuron, `rows` of them at most. column: as for slice_learn. */
typedef struct ktg_slice {
    ketch_block *block;
    uint64_t rows;
    ktg_slice_place *place;
    float *value, *wait, *current[2], *due, *input, *trace, *score;
    float *error, *signal, *adjoint, *column[2], *gradient;
    uint16_t *fired, *waited;
    ktg_slice_spike *spikes;
    uint32_t *spike_count;
} ktg_slice;

/* An epoch that has ended, as it is saved: without gaps. */
typedef struct ktg_fit_epoch {
    double accuracy, margin, loss, lr;
} ktg_fit_epoch;

/* The stages of the job's table; OVER: it has ended. */
typedef enum ktg_fit_stage {
    KTG_FIT_EPOCH = 0,
    KTG_FIT_BATCH,
    KTG_FIT_UPDATE,
    KTG_FIT_OVER
} ktg_fit_stage;

/* All that is saved as it stands. stage: a ktg_fit_stage. episode: how many of the epoch are done.
 * updates: how many there were. right, margins, loss: sums over the epoch. best: the epoch that
 * patience counts from. */
typedef struct ktg_fit_place {
    uint64_t epoch, episode, right, updates, best;
    double margins, loss;
    float lr;
    int32_t stage;
} ktg_fit_place;

/* asked: the caller's numbers. episodes, order, winners, scores (outputs of them for each episode),
 * the graph, first and second, which are moments of each synapse, and this record lie in `record`.
 * history: `capacity` epochs in a block of its own. fingerprint: a hash of the episodes and of the
 * network but for its weights. context: of the call that carries the job. is_claimed: that call has
 * claimed the network. */
typedef struct ktg_fit {
    ketch_block *record;
    ktg_hold hold;
    bool is_claimed;
    ketch_glia_net *net;
    ketch_glia_fit asked;
    ktg_episode *episodes;
    uint64_t count, fingerprint;
    uint32_t *order;
    int64_t *winners;
    float *scores, *first, *second;
    ktg_graph graph;
    uint32_t slice_count;
    ktg_slice *slices;
    ktg_fit_place at;
    ktg_fit_epoch *history;
    uint64_t capacity;
    ketch_block *history_block;
    ketch_context *context;
} ktg_fit;

extern const ketch_job_type ktg_fit_type;

/* What a public call was given, in place of a fit until its memory is taken. */
typedef struct ktg_fit_launch {
    ketch_glia_net *net;
    const ketch_glia_fit *fit;
    bool is_begun;
    const char *function;
} ktg_fit_launch;

/* The functions of the type. */
ketch_status ktg_fit_advance(ketch_context *context, void *user);
void ktg_fit_release(void *user);
ketch_status ktg_fit_prepare(ketch_job *job, ketch_engine *engine, ketch_error *error);
ketch_status ktg_fit_save(ketch_writer *writer, const void *user);
ketch_status ktg_fit_load(ketch_job *job, ketch_reader *reader, void *context, ketch_engine *engine,
                          ketch_error *error);
/* ketch_glia_fit_load, of checked handles; type: ktg_fit_type. */
ketch_status ktg_fit_load_into(ketch_result **result, ketch_engine *engine,
                               const ketch_job_type *type, const ktg_fit_launch *launch,
                               const char *path, ketch_error *error);

/* The caller's fit. HANDLE, RANGE, NONFINITE: what a fit may not be. */
ketch_status ktg_fit_read(ketch_glia_fit *asked, const ktg_fit_launch *launch, ketch_error *error);
/* Makes a fit on a claimed and settled network. MEMORY, BUSY, and MISMATCH for a compat network or a
 * target that is no output. */
ketch_status ktg_fit_make(ktg_fit **made, ketch_glia_net *net, const ketch_glia_fit *asked,
                          ketch_arena *arena, const char *function, ketch_error *error);
/* Lets a fit hold its claimed network: see ktg_net_hold. */
void ktg_fit_hold(ktg_fit *fit, bool is_on);
/* Fills in the job's steps and user. */
void ktg_fit_describe(ketch_job *job, ktg_fit *fit);
/* Adds what ktg_fit_make takes for a checked fit of a claimed network. BUSY. */
ketch_status ktg_fit_add_need(ketch_need *need, const ketch_glia_net *net,
                              const ketch_glia_fit *asked, const char *function,
                              ketch_error *error);

/* ---- slice.c ---- */

/* Takes the memory of a slice: MEMORY. */
ketch_status ktg_slice_make(ktg_slice *slice, const ktg_graph *graph, const ketch_glia_fit *asked,
                            ketch_arena *arena, const char *function, ketch_error *error);
/* The bytes that it takes. */
uint64_t ktg_slice_size(const ktg_graph *graph, const ketch_glia_fit *asked);
/* The body of a batch's sweep: a slice forward and, if something is learnt, backward. */
ketch_status ktg_slice_body(uint64_t index, int32_t worker, void *user);

/* How many episodes the batch has that begins at at.episode. */
static inline uint64_t ktg_fit_batch(const ktg_fit *fit)
{
    const uint64_t left = fit->count - fit->at.episode;
    return left < fit->asked.batch ? left : fit->asked.batch;
}

/* How many slices so many episodes have. */
static inline uint64_t ktg_fit_slices(uint64_t episodes)
{
    return (episodes + KTG_SLICE - 1) / KTG_SLICE;
}

static inline bool ktg_fit_learns(const ketch_glia_fit *asked)
{
    return asked->method != KETCH_GLIA_SCORE;
}

/* ---- loss.c ---- */

/* From the scores of a slice: winners, margins, losses and, if something is learnt, errors. */
void ktg_slice_score(ktg_fit *fit, ktg_slice *slice);

/* ---- descend.c ---- */

enum { KTG_FIT_CHUNK = 16384 };

/* The body of an update's sweep: KTG_FIT_CHUNK synapses take a step. A step that leaves the numbers
 * of float32 is not made. */
ketch_status ktg_fit_descend(uint64_t index, int32_t worker, void *user);

#endif
