/* Spiking networks.
 *
 * Networks, sequences that they are fed with, and their runs; how they learn is in
 * ketch/learning.h. Neurons are leaky integrate-and-fire ones, with weighted synapses between them;
 * a step is a tick.
 *
 * Conventions: neurons are numbered in tick order: the sensory ones, whose ids begin with S, in the
 * order in which they were added, then all others in theirs. A new sensory neuron therefore moves
 * the numbers of the others. Ids that begin with O are outputs. An id is 1 to 255 bytes without
 * white space. There is at most one synapse from a neuron to another, or to itself. All numbers of
 * neurons and synapses are float32.
 *
 * A network belongs to one call at a time: a second one answers BUSY. Networks do not share
 * anything but their arena, so that different ones run on different threads. In a forked child a
 * network that was inherited can be read and copied to an arena of the child, and its suspended
 * runs can go on; what changes it answers FORKED. */
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
     * its cell `delta`, and moves cell `on_deck` there; V = leak * V + taken, each operation
     * rounded to float32, and 0 where that is negative; where V > threshold it fires: V = resting,
     * and each synapse's weight is added to the on_deck of its target. So a synapse to a neuron
     * later in tick order acts one tick later, one to an earlier neuron or to itself two, and an
     * injection acts in the tick after the next one. Nothing is reset between inputs. */
    KETCH_GLIA_COMPAT = 1,
    /* Leaky neurons with exponential synaptic currents, times in ticks. Between ticks, with t in
     * ticks, each neuron obeys
     *
     *   dV/dt = (V0 - V) / tau + drive + Ie + Ii
     *   dIe/dt = -Ie / tau_e,  dIi/dt = -Ii / tau_i
     *
     * where V0 is its resting value, and tick k takes it from k to k + 1 by the exact solution, in
     * float32, where each product and each sum is rounded, in this order:
     *
     *   Ie = Ie + the weights >= 0 that arrive in tick k;  Ii = Ii + the weights < 0
     *   V' = ((leak * V + base) + gain_e * Ie) + gain_i * Ii
     *   Ie = keep_e * Ie;  Ii = keep_i * Ii
     *   V' = V' + what was injected before tick k
     *   if the neuron is refractory: V stays, and there is one refractory tick less to come
     *   else if V' > threshold: it fires, V = reset, and `refractory` refractory ticks come
     *   else V = V'
     *
     * Coefficients are computed in double and rounded once: leak = exp(-1 / tau), see
     * ketch_glia_leak; with r = -ln(leak), base = (1 - leak) * V0 + drive * (1 - leak) / r (r = 0:
     * drive); keep_e = exp(-1 / tau_e), gain_e = leak * (exp(x) - 1) / x with x = r - 1 / tau_e (x
     * = 0: leak), and so for i. leak 1 is an infinite tau: V does not leak. tau_e 0 is no current:
     * what arrives is added to V before it leaks, keep_e = 0 and gain_e = leak. leak 0 keeps
     * nothing: V' = V0 + what was injected.
     *
     * A synapse of delay d takes the spikes of tick k to tick k + d; weights that arrive together
     * are summed in the order of their spikes' ticks, and then of their sources. Any neuron takes
     * injections. Nothing is clipped at 0. No operation is fused with another, so that all machines
     * give the same bits. */
    KETCH_GLIA_CLEAN = 2
} ketch_glia_mode;

typedef struct ketch_glia_net_options {
    size_t size;
    /* 0: compat. */
    ketch_glia_mode mode;
    /* For clean: the time constants tau_e and tau_i of currents, in ticks; 0: no current. For
     * compat: 0. */
    double tau_e;
    double tau_i;
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
    /* Bytes of its neurons and synapses in the arena, what steps derive from them included. */
    uint64_t bytes;
    /* As in its options. */
    double tau_e;
    double tau_i;
    /* The longest delay that it has had, in ticks; 1 for compat. */
    uint32_t delay_max;
} ketch_glia_net_info;

/* A number that each neuron has. */
typedef enum ketch_glia_field {
    /* The voltage V. */
    KETCH_GLIA_VALUE = 0,
    KETCH_GLIA_THRESHOLD = 1,
    /* The factor that V keeps in a tick. */
    KETCH_GLIA_LEAK = 2,
    /* V after a spike; clean: what V tends to. */
    KETCH_GLIA_RESTING = 3,
    /* What acts in the next tick, and in the one after it; never -0. Clean has no delta, and what
     * was injected is on_deck: it acts in the next tick. */
    KETCH_GLIA_DELTA = 4,
    KETCH_GLIA_ON_DECK = 5,
    /* These are of clean networks only. V after a spike. */
    KETCH_GLIA_RESET = 6,
    /* Refractory ticks after a spike, a whole number of 0..16777216. */
    KETCH_GLIA_REFRACTORY = 7,
    /* What V gains in each tick but for the leak. */
    KETCH_GLIA_DRIVE = 8,
    /* The currents Ie and Ii. */
    KETCH_GLIA_EXCITATION = 9,
    KETCH_GLIA_INHIBITION = 10,
    /* Refractory ticks to come; 0: it can fire. A whole number, as of refractory. */
    KETCH_GLIA_WAIT = 11
} ketch_glia_field;

/* Makes a network without neurons, of which the caller holds the first reference. options NULL: all
 * 0. RANGE: no such mode; time constants that are negative, no numbers, or of a compat network.
 * MEMORY, FORKED. Any thread. */
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
 * its three numbers and V are set, and place and synapses stay. A new neuron of a clean network has
 * reset = resting, and 0 for all else. RANGE: an id that is empty, too long or has white space; a
 * leak outside 0..1 in a clean network. NONFINITE. LIMIT, MEMORY, BUSY. */
KETCH_API ketch_status ketch_glia_add_neuron(ketch_glia_net *net, const char *id, float threshold,
                                             float leak, float resting, ketch_error *error);
/* Adds neurons, all with the same three numbers, in this order. ids NULL: they are N0, N1, ...,
 * named by the number of neurons before. All are added, or none. DUPLICATE: an id is there already.
 * Further statuses as ketch_glia_add_neuron. Numbers that differ are set by ketch_glia_set. */
KETCH_API ketch_status ketch_glia_add_neurons(ketch_glia_net *net, uint64_t count,
                                              const char *const *ids, float threshold, float leak,
                                              float resting, ketch_error *error);
/* Adds synapses from neuron from[i] to neuron to[i]; the weight of one that exists is set, and the
 * last one of equals counts. All are added, or none. INDEX: no such neuron. NONFINITE. LIMIT,
 * MEMORY, BUSY. Cost: rows are built anew before the next call that needs them: a few nanoseconds a
 * synapse of the network. */
KETCH_API ketch_status ketch_glia_add_synapses(ketch_glia_net *net, uint64_t count,
                                               const uint32_t *from, const uint32_t *to,
                                               const float *weights, ketch_error *error);
/* The same for a clean network, where a synapse takes delays[i] ticks, 1..255: others take 1.
 * RANGE: another delay, or a compat network. */
KETCH_API ketch_status ketch_glia_add_delayed(ketch_glia_net *net, uint64_t count,
                                              const uint32_t *from, const uint32_t *to,
                                              const float *weights, const uint8_t *delays,
                                              ketch_error *error);
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
/* Sets them. Setting the resting value sets V, too; -0 in delta or on_deck counts as 0. RANGE: no
 * such field, also where the network's mode does not have it; in a clean network a leak outside
 * 0..1, or a number of ticks that is none. INDEX,
 * NONFINITE, BUSY, MEMORY; after a failure all are as before. */
KETCH_API ketch_status ketch_glia_set(ketch_glia_net *net, ketch_glia_field field, uint64_t first,
                                      uint64_t count, const float *numbers, ketch_error *error);
/* Copies all synapses, ketch_glia_net_info.synapses of them: sources in tick order, targets of one
 * source in the order of their ids as bytes. BUFFER: capacity is less. BUSY, MEMORY. */
KETCH_API ketch_status ketch_glia_get_synapses(uint32_t *from, uint32_t *to, float *weights,
                                               uint64_t capacity, ketch_glia_net *net,
                                               ketch_error *error);

/* Copies the delays in ticks of the synapses from neuron from[i] to neuron to[i]: 1 in a compat
 * network. INDEX: there is no such synapse. BUSY, MEMORY. */
KETCH_API ketch_status ketch_glia_get_delays(uint8_t *delays, uint64_t count, const uint32_t *from,
                                             const uint32_t *to, ketch_glia_net *net,
                                             ketch_error *error);
/* Gives a number of all neurons without a copy: *count of them, in tick order. *block, of which the
 * caller gets a reference, keeps them; a network without neurons has none, and then both are NULL.
 * They never change: the network's neurons move to other memory before they are written, and the
 * call or run that does so answers MEMORY where that is refused. RANGE: as ketch_glia_get. BUSY,
 * MEMORY. A hook may lease at fences. Cost: none; the move copies about 60 bytes a neuron, once. */
KETCH_API ketch_status ketch_glia_lease(ketch_block **block, const float **numbers, uint64_t *count,
                                        ketch_glia_net *net, ketch_glia_field field,
                                        ketch_error *error);

/* The synapses of a network as compressed rows. */
typedef struct ketch_glia_rows {
    size_t size;
    uint64_t neurons;
    uint64_t synapses;
    /* Those from neuron i are number begin[i]..begin[i+1]-1, their targets ascending. */
    const uint32_t *begin;
    const uint32_t *targets;
    const float *weights;
    /* NULL: all are 1. */
    const uint8_t *delays;
} ketch_glia_rows;

/* Gives the synapses without a copy: *rows, whose size the caller has set, as ketch_glia_lease. A
 * network without neurons has no rows, and then block and arrays are NULL. Ticks do not write
 * synapses: they move when a training, or a call that removes synapses, writes them. BUSY, MEMORY.
 * Cost: none; the move copies 8 bytes a synapse, or 9. */
KETCH_API ketch_status ketch_glia_lease_synapses(ketch_block **block, ketch_glia_rows *rows,
                                                 ketch_glia_net *net, ketch_error *error);
/* Copies what spikes that are under way in a clean network bring to all neurons in one tick: the
 * sums of weights >= 0, and of others. later: how many ticks come before that one, less than
 * ketch_glia_net_info.delay_max. RANGE: another tick, or a compat network. BUSY, MEMORY. */
KETCH_API ketch_status ketch_glia_get_due(float *excitation, float *inhibition, ketch_glia_net *net,
                                          uint32_t later, ketch_error *error);
/* Sets them. RANGE: as ketch_glia_get_due, and sums of the wrong sign or not finite. BUSY, MEMORY;
 * after a failure all are as before. */
KETCH_API ketch_status ketch_glia_set_due(ketch_glia_net *net, uint32_t later,
                                          const float *excitation, const float *inhibition,
                                          ketch_error *error);
/* What a voltage keeps in a tick with that time constant, in ticks: exp(-1 / tau), rounded once; 0
 * for 0, 1 for an infinite one. NAN for what is no time constant. Any thread. */
KETCH_API float ketch_glia_leak(double tau);

/* ---- steps ---- */

/* Adds amounts to the on_deck of these neurons, in this order. In a compat network others than
 * sensory ones are left out. INDEX, NONFINITE, BUSY, MEMORY; after a failure nothing is added. */
KETCH_API ketch_status ketch_glia_inject(ketch_glia_net *net, uint64_t count,
                                         const uint32_t *neurons, const float *amounts,
                                         ketch_error *error);
/* Makes so many ticks on the calling thread. For long runs, which can be stopped and saved, there
 * is ketch_glia_run. BUSY, MEMORY. */
KETCH_API ketch_status ketch_glia_step(ketch_glia_net *net, uint64_t ticks, ketch_error *error);
/* Brings a network to the state in which it began: V = resting, no currents, nothing that waits, no
 * ticks made; neurons and synapses stay. BUSY, MEMORY. */
KETCH_API ketch_status ketch_glia_reset(ketch_glia_net *net, ketch_error *error);
/* Copies the numbers of the neurons that fired in the last tick, ascending, and their count.
 * BUFFER: capacity is less than the count, which is written all the same. BUSY, MEMORY. */
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
 * first. RANGE: a tick beyond KETCH_GLIA_TICK_MAX; an id that is empty, too long or has white
 * space. NONFINITE. LIMIT, MEMORY, BUSY. Cost: little at the end of the sequence, elsewhere moving
 * what follows. */
KETCH_API ketch_status ketch_glia_sequence_add(ketch_glia_sequence *sequence, uint64_t tick,
                                               const char *id, float amount, ketch_error *error);
/* 1: the sequence begins again after its last event. 0: it does not. RANGE: another number.
 * BUSY. */
KETCH_API ketch_status ketch_glia_sequence_set_loop(ketch_glia_sequence *sequence, int32_t loop,
                                                    ketch_error *error);
/* Notes how many ticks the sequence is meant for. RANGE: more than KETCH_GLIA_TICK_MAX + 1.
 * BUSY. */
KETCH_API ketch_status ketch_glia_sequence_set_duration(ketch_glia_sequence *sequence,
                                                        uint64_t ticks, ketch_error *error);
/* Copies what the sequence is to *info, whose size the caller has set. BUSY. */
KETCH_API ketch_status ketch_glia_sequence_get_info(ketch_glia_sequence_info *info,
                                                    ketch_glia_sequence *sequence,
                                                    ketch_error *error);
/* Copies event number `index`. Events are sorted by tick, those of one tick by id as bytes, which
 * is the order of injection. The id lives until the sequence is changed. Each output may be NULL.
 * INDEX: there is no such event. BUSY. */
KETCH_API ketch_status ketch_glia_sequence_get_event(uint64_t *tick, const char **id, float *amount,
                                                     ketch_glia_sequence *sequence, uint64_t index,
                                                     ketch_error *error);
/* Copies the numbers of the events that a run of that network leaves out, as it has no sensory
 * neuron of their id (clean: no neuron), ascending, and their count. BUFFER: capacity is less than
 * the count, which is written all the same. BUSY, MEMORY. */
KETCH_API ketch_status ketch_glia_left_out(uint64_t *events, uint64_t capacity, uint64_t *count,
                                           ketch_glia_sequence *sequence, ketch_glia_net *net,
                                           ketch_error *error);

/* ---- texts ---- */

/* Called for each thing that lenient reading leaves out, or takes for another. line, column: its
 * place in the text, from 1, the column in bytes. found: what is there, cut where it is long. why:
 * what was done. Both texts live to the end of the call, which may not use the network or the
 * sequence. */
typedef void (*ketch_glia_skipped)(int32_t line, int32_t column, const char *found, const char *why,
                                   void *user);

typedef struct ketch_glia_read_options {
    size_t size;
    /* 0: lenient, unless the network is clean, as GliaGL: a last field that begins with no number
     * is 0; unknown words, and synapses between neurons that are not there, are left out. 1: each
     * of these is a failure, and so are text behind a line's fields other than a comment, a NEURON
     * that is there already, leaks, densities and shares outside 0..1, and what is not UTF-8. */
    int32_t strict;
    /* What messages call the text, as "FILE:LINE:COLUMN: ..."; NULL: "LINE:COLUMN: ...". */
    const char *path;
    /* For NEWNET: the same text and seed make the same network. */
    uint64_t seed;
    /* The most neurons and synapses of a network's text, for NEWNET the most neurons and pairs of
     * neurons that may get a synapse; the most events of a sequence's. 0: 2147483647. */
    uint64_t limit;
    /* NULL: nobody is told. */
    ketch_glia_skipped skipped;
    void *user;
} ketch_glia_read_options;

/* Adds what a text in the format .net says to the network. It has lines of words that white space
 * separates; a line whose first word begins with # is a comment. Numbers are decimal, of any
 * length, and rounded once to float32.
 *
 * NEURON id threshold leak resting     as ketch_glia_add_neuron CONNECTION from to weight
 * between neurons that are there; the last one counts
 *
 * A text with a line NEWNET describes a network that is generated, and has none of these lines:
 *
 * NEWNET S=n H=n O=n POOL=0|1          neurons S0.., H0.., O0.. and, where POOL (or WTA) is 1 or
 * true, N0 with synapses from (20) and to (-25) each O DENSITY from->to p
 * probability of a synapse; S->H 0.6, S->O 0.2, H->H 0.1, H->O 0.6 INIT word, EXCIT_RATIO r,
 * W_SCALE s  a weight is, with probability r (0.7) not negated, uniform in 0..s sqrt(6 / synapses
 * of the target); s is 1 THRESHOLDS S v H v O v               100, 45, 55; N0 has 40 LEAK S v H v O
 * v                     1, 0.9, 1; N0 has 0.8
 *
 * The text has length bytes and need not end in 0. options NULL: all 0. SYNTAX: a missing field; a
 * field that is no number before the last one; a NUL byte; strict: any other word, and what is not
 * UTF-8. LITERAL: a number too large. LIMIT. RANGE: an id that is too long; W_SCALE beyond 1e38;
 * strict: leaks, densities and shares. INDEX: strict: a synapse of a neuron that is not there.
 * DUPLICATE: NEWNET's neurons are there already; strict: a NEURON that is. Errors have line and
 * column. BUSY, MEMORY, FORKED. After a failure the network is as before. Cost: linear in text and
 * synapses. */
KETCH_API ketch_status ketch_glia_read(ketch_glia_net *net, const char *text, size_t length,
                                       const ketch_glia_read_options *options, ketch_error *error);
/* Writes the network as a text of NEURON and CONNECTION lines. At most capacity bytes are written,
 * the last of them 0; *written (may be NULL) gets the length of the whole text. exact 0: numbers as
 * %.6g, which is GliaGL's file byte for byte; 1: with as many digits as they need to be read back
 * the same. V, delta and on_deck are not in it, and nothing that only clean networks have. RANGE:
 * another number for exact. BUSY, MEMORY. Cost: linear in the synapses. */
KETCH_API ketch_status ketch_glia_write(char *text, size_t capacity, size_t *written,
                                        ketch_glia_net *net, int32_t exact, ketch_error *error);

/* Replaces a sequence's events by those of a text in the format .seq, of lines as above:
 *
 *   tick id amount, EVENT tick id amount   an injection; the last one of a tick and an id counts
 *   DURATION ticks                         as ketch_glia_sequence_set_duration
 *   LOOP word                              1 or true: it loops; another word: it does not
 *
 * Without LOOP and DURATION these stay as they are. Failures as of ketch_glia_read; LITERAL: a tick
 * beyond KETCH_GLIA_TICK_MAX. After a failure the sequence is as before. Cost: n log n. */
KETCH_API ketch_status ketch_glia_sequence_read(ketch_glia_sequence *sequence, const char *text,
                                                size_t length,
                                                const ketch_glia_read_options *options,
                                                ketch_error *error);
/* Writes the sequence as a text in the format .seq, of DURATION, where that is not 0, LOOP and
 * EVENT lines; otherwise as ketch_glia_write. */
KETCH_API ketch_status ketch_glia_sequence_write(char *text, size_t capacity, size_t *written,
                                                 ketch_glia_sequence *sequence, int32_t exact,
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
    /* 1: an event that the network has no sensory neuron (clean: no neuron) for is refused with
     * INDEX. 0: it is left out. */
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
 * each tick the sequence's events of that tick are injected, so that they act in the tick after it,
 * in a clean network in that tick.
 * The result, which the caller owns, shares the network, which goes on from the state that it has.
 *
 * While the run is on the network is BUSY for all other calls; a hook may read it at fences. When
 * the run has stopped the network can be read, and changed: a run whose network was changed since
 * cannot go on, and answers MISMATCH. It can be saved and loaded at any place. The bits do not
 * depend on threads, stops and fences.
 *
 * RANGE: ticks, record, strict. INDEX: see strict. BUSY: another call works on the network or the
 * sequence. MEMORY. LIMIT: see record_max; all before that tick is recorded. What ketch_engine_run
 * returns. Cost: about that of ketch_glia_step. On several threads the targets of a compat network
 * with 50,000 synapses or more are shared out, at first use and after weights have changed: about
 * 12 bytes and 20 ns a synapse. Memory for spikes grows by blocks as they come. */
KETCH_API ketch_status ketch_glia_run(ketch_result **result, ketch_engine *engine,
                                      ketch_glia_net *net, const ketch_glia_feed *feed,
                                      const ketch_run *run, ketch_error *error);
/* The same, suspended before its first tick. */
KETCH_API ketch_status ketch_glia_begin(ketch_result **result, ketch_engine *engine,
                                        ketch_glia_net *net, const ketch_glia_feed *feed,
                                        const ketch_run *run, ketch_error *error);
/* Computes the memory that a run would take on that engine, and what the network has of that
 * engine's arena. Of recorded spikes, those that fit before the first growth are counted. The
 * network takes what ticks need: it is prepared as by a run. Statuses as ketch_glia_run. */
KETCH_API ketch_status ketch_glia_need(ketch_need *need, const ketch_engine *engine,
                                       ketch_glia_net *net, const ketch_glia_feed *feed,
                                       ketch_error *error);
/* Loads a saved run of a network, which gets the saved state; injections and spikes are in the
 * file. MISMATCH: it was saved for a network of other neurons, numbers or synapses. BUSY. After a
 * failure the network is as before. Further statuses as ketch_result_load. */
KETCH_API ketch_status ketch_glia_load(ketch_result **result, ketch_engine *engine,
                                       ketch_glia_net *net, const char *path, ketch_error *error);
/* The type of networks' runs, to compare with ketch_step.type and ketch_result_type. Any thread. */
KETCH_API const ketch_job_type *ketch_glia_run_type(void);
/* Computes that many ticks of a clean network in double precision, to compare with runs in float32:
 * the same equations and order, from the network's present state and numbers, with coefficients
 * that are not rounded to float32. The network does not change. sequence: as in ketch_glia_feed,
 * may be NULL; ids that no neuron has are left out. values: the voltages afterwards; counts: how
 * often each neuron fired; both in tick order, and either may be NULL. RANGE: a compat network.
 * HANDLE, BUSY, MEMORY. Cost: some 10 ns for each neuron and tick, on the calling thread; it cannot
 * be stopped. */
KETCH_API ketch_status ketch_glia_run_double(double *values, uint64_t *counts, ketch_glia_net *net,
                                             ketch_glia_sequence *sequence, uint64_t ticks,
                                             ketch_error *error);
/* The network at a fence of its run, for a hook, which may read it; NULL in a tick, and for a step
 * of another job. */
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
