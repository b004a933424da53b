/* Spiking networks: leaky integrate-and-fire neurons and weighted synapses between them, in steps of
 * one tick.
 *
 * Conventions: neurons are numbered in tick order: the sensory ones, whose ids begin with S, in the
 * order in which they were added, then all others in theirs. A new sensory neuron therefore moves
 * the numbers of the others. Ids that begin with O are outputs. An id is 1 to 255 bytes without
 * white space. There is at most one synapse from a neuron to another, or to itself. All numbers of
 * neurons and synapses are float32.
 *
 * A network belongs to one call at a time: a second one answers BUSY. Networks do not share anything
 * but their arena, so that different ones run on different threads. In a forked child a network that
 * was inherited can be read and copied to an arena of the child, and its suspended runs can go on;
 * what changes it answers FORKED. */
#ifndef KETCH_GLIA_H
#define KETCH_GLIA_H

#include "ketch/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ketch declarations begin: no preprocessor lines up to the end mark, so that Python's CFFI reads
 * the same text */

/* ---- networks ---- */

/* A network: neurons, synapses, and their state. */
typedef struct ketch_glia_net ketch_glia_net;

enum {
    /* The most neurons and synapses of a network, and the longest id in bytes. */
    KETCH_GLIA_NEURONS_MAX = 67108864,
    KETCH_GLIA_SYNAPSES_MAX = 2147483647,
    KETCH_GLIA_ID_MAX = 255
};

/* The rules of a tick. */
typedef enum ketch_glia_mode {
    /* The rules of GliaGL, to its bits. In a tick each neuron, in tick order, takes what waits in
     * its cell `delta`, and moves cell `on_deck` there; V = leak * V + taken, each operation rounded
     * to float32, and 0 where that is negative; where V > threshold it fires: V = resting, and each
     * synapse's weight is added to the on_deck of its target. So a synapse to a neuron later in tick
     * order acts one tick later, one to an earlier neuron or to itself two, and an injection acts
     * in the tick after the next one. Nothing is reset between inputs. */
    KETCH_GLIA_COMPAT = 1
} ketch_glia_mode;

typedef struct ketch_glia_net_options {
    size_t size;
    /* 0: compat. */
    ketch_glia_mode mode;
} ketch_glia_net_options;

typedef struct ketch_glia_net_info {
    size_t size;
    ketch_glia_mode mode;
    uint64_t neurons;
    /* Of these. */
    uint64_t sensory;
    uint64_t outputs;
    uint64_t synapses;
    /* Ticks that it has made. */
    uint64_t ticks;
    /* Bytes of its neurons and synapses in the arena. */
    uint64_t bytes;
} ketch_glia_net_info;

/* A number that each neuron has. */
typedef enum ketch_glia_field {
    /* The voltage V. */
    KETCH_GLIA_VALUE = 0,
    KETCH_GLIA_THRESHOLD = 1,
    /* The factor that V keeps in a tick. */
    KETCH_GLIA_LEAK = 2,
    /* V after a spike. */
    KETCH_GLIA_RESTING = 3,
    /* What acts in the next tick, and in the one after it. */
    KETCH_GLIA_DELTA = 4,
    KETCH_GLIA_ON_DECK = 5
} ketch_glia_field;

/* Makes a network without neurons, of which the caller holds the first reference. options NULL: all
 * 0. RANGE: no such mode. MEMORY, FORKED. Any thread. */
KETCH_API ketch_status ketch_glia_net_create(ketch_glia_net **net, ketch_arena *arena,
                                             const ketch_glia_net_options *options,
                                             ketch_error *error);
/* Makes a copy, its state included, in another arena; NULL: in the same one. BUSY, MEMORY, FORKED.
 * Cost: copying the memory. */
KETCH_API ketch_status ketch_glia_net_copy(ketch_glia_net **copy, ketch_glia_net *net,
                                           ketch_arena *arena, ketch_error *error);
/* Adds a reference, and returns the same network; NULL for anything but a network. Any thread. */
KETCH_API ketch_glia_net *ketch_glia_net_share(ketch_glia_net *net);
/* Ends a reference; the last one ends the network. NULL does nothing. Any thread. */
KETCH_API void ketch_glia_net_drop(ketch_glia_net *net);
/* Copies what the network is to *info, whose size the caller has set. BUSY. */
KETCH_API ketch_status ketch_glia_net_get_info(ketch_glia_net_info *info, ketch_glia_net *net,
                                               ketch_error *error);

/* Adds a neuron at the end of the sensory or of the other ones, with V = resting. If the id exists,
 * its three numbers and V are set, and place and synapses stay. RANGE: an id that is empty, too long
 * or has white space. NONFINITE. LIMIT, MEMORY, BUSY. */
KETCH_API ketch_status ketch_glia_add_neuron(ketch_glia_net *net, const char *id, float threshold,
                                             float leak, float resting, ketch_error *error);
/* Adds synapses from neuron from[i] to neuron to[i]; the weight of one that exists is set, and the
 * last one of equals counts. All are added, or none. INDEX: no such neuron. NONFINITE. LIMIT,
 * MEMORY, BUSY. Cost: rows are built anew before the next call that needs them: a few nanoseconds a
 * synapse of the network. */
KETCH_API ketch_status ketch_glia_add_synapses(ketch_glia_net *net, uint64_t count,
                                               const uint32_t *from, const uint32_t *to,
                                               const float *weights, ketch_error *error);
/* Removes all synapses. BUSY. */
KETCH_API ketch_status ketch_glia_clear_synapses(ketch_glia_net *net, ketch_error *error);

/* The number of the neuron of this id; -1: there is none, or the network is in use. */
KETCH_API int64_t ketch_glia_find(ketch_glia_net *net, const char *id);
/* The id of neuron number `index`; NULL: there is none, or the network is in use. The text lives
 * until a neuron is added. */
KETCH_API const char *ketch_glia_id(ketch_glia_net *net, uint64_t index);
/* Copies a number of neurons first..first+count-1. INDEX: no such neurons. RANGE: no such field.
 * BUSY, MEMORY. */
KETCH_API ketch_status ketch_glia_get(float *numbers, ketch_glia_net *net, ketch_glia_field field,
                                      uint64_t first, uint64_t count, ketch_error *error);
/* Sets them. Setting the resting value sets V, too. INDEX, RANGE, NONFINITE, BUSY, MEMORY; after a
 * failure all are as before. */
KETCH_API ketch_status ketch_glia_set(ketch_glia_net *net, ketch_glia_field field, uint64_t first,
                                      uint64_t count, const float *numbers, ketch_error *error);
/* Copies all synapses, ketch_glia_net_info.synapses of them: sources in tick order, targets of one
 * source in the order of their ids as bytes. Each array may be NULL. BUFFER: capacity is less.
 * BUSY, MEMORY. */
KETCH_API ketch_status ketch_glia_get_synapses(uint32_t *from, uint32_t *to, float *weights,
                                               uint64_t capacity, ketch_glia_net *net,
                                               ketch_error *error);

/* ---- steps ---- */

/* Adds amounts to the on_deck of these neurons, in this order. Others than sensory ones are left
 * out. INDEX, NONFINITE, BUSY, MEMORY; after a failure nothing is added. */
KETCH_API ketch_status ketch_glia_inject(ketch_glia_net *net, uint64_t count,
                                         const uint32_t *neurons, const float *amounts,
                                         ketch_error *error);
/* Makes so many ticks on the calling thread. For long runs, which can be stopped and saved, there
 * is ketch_glia_run. BUSY, MEMORY. */
KETCH_API ketch_status ketch_glia_step(ketch_glia_net *net, uint64_t ticks, ketch_error *error);
/* Copies the numbers of the neurons that fired in the last tick, ascending, and their count. BUFFER:
 * capacity is less than the count, which is written all the same. BUSY, MEMORY. */
KETCH_API ketch_status ketch_glia_get_fired(uint32_t *neurons, uint64_t capacity, uint64_t *count,
                                            ketch_glia_net *net, ketch_error *error);

/* ---- sequences ---- */

/* Injections by tick and id: what a network is fed with. It belongs to no network. Several threads
 * may read one at the same time; a call that changes it needs it alone, else BUSY. Any thread. */
typedef struct ketch_glia_sequence ketch_glia_sequence;

enum {
    /* The latest tick of an event, and the most events of a sequence. */
    KETCH_GLIA_TICK_MAX = 2147483647,
    KETCH_GLIA_EVENTS_MAX = 2147483647
};

typedef struct ketch_glia_sequence_info {
    size_t size;
    uint64_t events;
    /* The latest tick that has an event; 0 without events. */
    uint64_t last_tick;
    /* What ketch_glia_sequence_set_duration was told: nothing depends on it. */
    uint64_t duration;
    /* 1: the sequence begins again after last_tick, so its period is last_tick + 1. */
    int32_t loop;
} ketch_glia_sequence_info;

/* Makes a sequence without events, of which the caller holds the first reference. MEMORY. */
KETCH_API ketch_status ketch_glia_sequence_create(ketch_glia_sequence **sequence,
                                                  ketch_error *error);
/* Adds a reference, and returns the same sequence; NULL for anything but a sequence. */
KETCH_API ketch_glia_sequence *ketch_glia_sequence_share(ketch_glia_sequence *sequence);
/* Ends a reference; the last one ends the sequence. NULL does nothing. */
KETCH_API void ketch_glia_sequence_drop(ketch_glia_sequence *sequence);
/* Removes all events; loop and duration stay. BUSY. */
KETCH_API ketch_status ketch_glia_sequence_clear(ketch_glia_sequence *sequence, ketch_error *error);
/* Adds an injection into the neuron of that id. A second one of the same tick and id replaces the
 * first. RANGE: a tick beyond KETCH_GLIA_TICK_MAX; an id that is empty, too long or has white space.
 * NONFINITE. LIMIT, MEMORY, BUSY. Cost: little at the end of the sequence, elsewhere moving what
 * follows. */
KETCH_API ketch_status ketch_glia_sequence_add(ketch_glia_sequence *sequence, uint64_t tick,
                                               const char *id, float amount, ketch_error *error);
/* 1: the sequence begins again after its last event. 0: it does not. RANGE: another number. BUSY. */
KETCH_API ketch_status ketch_glia_sequence_set_loop(ketch_glia_sequence *sequence, int32_t loop,
                                                    ketch_error *error);
/* Notes how many ticks the sequence is meant for. RANGE: more than KETCH_GLIA_TICK_MAX + 1. BUSY. */
KETCH_API ketch_status ketch_glia_sequence_set_duration(ketch_glia_sequence *sequence,
                                                        uint64_t ticks, ketch_error *error);
/* Copies what the sequence is to *info, whose size the caller has set. BUSY. */
KETCH_API ketch_status ketch_glia_sequence_get_info(ketch_glia_sequence_info *info,
                                                    ketch_glia_sequence *sequence,
                                                    ketch_error *error);
/* Copies event number `index`. Events are sorted by tick, those of one tick by id as bytes, which is
 * the order of injection. The id lives until the sequence is changed. Each output may be NULL.
 * INDEX: there is no such event. BUSY. */
KETCH_API ketch_status ketch_glia_sequence_get_event(uint64_t *tick, const char **id, float *amount,
                                                     ketch_glia_sequence *sequence, uint64_t index,
                                                     ketch_error *error);
/* Copies the numbers of the events that a run of that network leaves out, as it has no sensory
 * neuron of their id, ascending, and their count. BUFFER: capacity is less than the count, which is
 * written all the same. BUSY, MEMORY. */
KETCH_API ketch_status ketch_glia_left_out(uint64_t *events, uint64_t capacity, uint64_t *count,
                                           ketch_glia_sequence *sequence, ketch_glia_net *net,
                                           ketch_error *error);

/* ---- runs of networks ---- */

/* What a network is run with. */
typedef struct ketch_glia_feed {
    size_t size;
    /* Its events are copied, and its first tick is the run's first. NULL: no injections. */
    ketch_glia_sequence *sequence;
    /* Below UINT64_MAX; with record, at most 2^32. */
    uint64_t ticks;
    /* 1: spikes are recorded: ketch_glia_result_spikes. 0: they are counted only. */
    int32_t record;
    /* 1: an event that the network has no sensory neuron for is refused with INDEX. 0: it is left
     * out. */
    int32_t strict;
    /* The most spikes that are recorded: with one more the run ends with LIMIT. 0: what memory
     * allows. */
    uint64_t record_max;
    /* There is a fence after each so many ticks; 0: none. */
    uint64_t fence_every;
} ketch_glia_feed;

typedef struct ketch_glia_result_info {
    size_t size;
    /* Ticks of this run that have been made. */
    uint64_t ticks;
    /* Neurons of the network. */
    uint64_t neurons;
    /* Spikes in these ticks, and how many of them were recorded. */
    uint64_t spikes;
    uint64_t recorded;
    /* Events that are left out. */
    uint64_t left_out;
} ketch_glia_result_info;

/* A neuron fired in a tick of a run. */
typedef struct ketch_glia_spike {
    /* How many ticks the run had made before: the first one is 0. */
    uint32_t tick;
    uint32_t neuron;
} ketch_glia_spike;

/* Runs a network for a number of ticks: a job of type "glia.run", whose steps are ticks. Before
 * each tick the sequence's events of that tick are injected, so that they act in the tick after it.
 * The result, which the caller owns, shares the network, which goes on from the state that it has.
 *
 * While the run is on the network is BUSY for all other calls; a hook may read it at fences. When
 * the run has stopped the network can be read, and changed: a run whose network was changed since
 * cannot go on, and answers MISMATCH. It can be saved and loaded at any place. The bits do not
 * depend on threads, stops and fences.
 *
 * RANGE: ticks, record, strict. INDEX: see strict. BUSY: another call works on the network or the
 * sequence. MEMORY. LIMIT: see record_max; all before that tick is recorded. What ketch_engine_run
 * returns. Cost: about that of ketch_glia_step. Memory for spikes grows by blocks as they come. */
KETCH_API ketch_status ketch_glia_run(ketch_result **result, ketch_engine *engine,
                                      ketch_glia_net *net, const ketch_glia_feed *feed,
                                      const ketch_run *run, ketch_error *error);
/* The same, suspended before its first tick. */
KETCH_API ketch_status ketch_glia_begin(ketch_result **result, ketch_engine *engine,
                                        ketch_glia_net *net, const ketch_glia_feed *feed,
                                        const ketch_run *run, ketch_error *error);
/* Computes the memory that a run would take on that engine, and what the network has of that
 * engine's arena. Of recorded spikes, those that fit before the first growth are counted. The network
 * takes what ticks need: it is prepared as by a run. Statuses as ketch_glia_run. */
KETCH_API ketch_status ketch_glia_need(ketch_need *need, const ketch_engine *engine,
                                       ketch_glia_net *net, const ketch_glia_feed *feed,
                                       ketch_error *error);
/* Loads a saved run of a network, which gets the saved state; injections and spikes are in the file.
 * MISMATCH: it was saved for a network of other neurons, numbers or synapses. BUSY. After a failure
 * the network is as before. Further statuses as ketch_result_load. */
KETCH_API ketch_status ketch_glia_load(ketch_result **result, ketch_engine *engine,
                                       ketch_glia_net *net, const char *path, ketch_error *error);
/* The type of networks' runs, to compare with ketch_step.type and ketch_result_type. Any thread. */
KETCH_API const ketch_job_type *ketch_glia_run_type(void);
/* The network at a fence of its run, for a hook, which may read it; NULL in a tick, and for a step of
 * another job. */
KETCH_API ketch_glia_net *ketch_glia_step_net(const ketch_step *step);
/* The network of a run. It belongs to the result: share it to keep it longer. NULL for any other
 * result. */
KETCH_API ketch_glia_net *ketch_glia_result_net(const ketch_result *result);
/* Copies how far the run has got to *info, whose size the caller has set. */
KETCH_API ketch_status ketch_glia_result_get_info(ketch_glia_result_info *info,
                                                  const ketch_result *result, ketch_error *error);
/* Copies how often each of neurons first..first+count-1 has fired in the run. INDEX: no such
 * neurons. */
KETCH_API ketch_status ketch_glia_result_counts(uint64_t *counts, uint64_t first, uint64_t count,
                                                const ketch_result *result, ketch_error *error);
/* Copies recorded spikes first..first+count-1, which are sorted by tick and then by neuron. INDEX:
 * fewer are recorded. */
KETCH_API ketch_status ketch_glia_result_spikes(ketch_glia_spike *spikes, uint64_t first,
                                                uint64_t count, const ketch_result *result,
                                                ketch_error *error);

/* ketch declarations end */

#ifdef __cplusplus
}
#endif

#endif
