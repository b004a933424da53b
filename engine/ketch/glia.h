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
 * but their arena, so that different ones run on different threads. */
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

/* ketch declarations end */

#ifdef __cplusplus
}
#endif

#endif
