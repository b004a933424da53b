/* A network's run: the job's data and its position. */
#ifndef KTG_RUN_RUN_H
#define KTG_RUN_RUN_H

#include "glia/feed/feed.h"
#include "glia/run/record.h"

/* The job's user. It lies in an arena block (record), with counts: how often each neuron has fired.
 * done: ticks that have been made. fenced: those before the last fence. is_unrecorded: the spikes of the last of them are still to be
 * recorded, as there was no place. tick_work, spike_work: estimates of time in ns. */
typedef struct ktg_run {
    ktg_hold hold;
    ketch_glia_net *net;
    ktg_feed feed;
    ktg_cursor cursor;
    uint64_t ticks, done, fenced, fence_every;
    uint64_t neurons, spike_count, record_max;
    uint64_t tick_work, spike_work;
    bool is_recorded, is_unrecorded;
    ktg_record spikes;
    uint64_t *counts;
    ketch_block *record;
} ktg_run;

/* The arguments of a run. is_begun: it is not carried on in the same call. */
typedef struct ktg_launch {
    ketch_glia_net *net;
    const ketch_glia_feed *feed;
    bool is_begun;
    const char *function;
} ktg_launch;

/* What a run is made of, checked; feed: its memory goes to the run that is made. */
typedef struct ktg_run_parts {
    ketch_glia_net *net;
    ktg_feed feed;
    uint64_t ticks, fence_every, record_max;
    bool is_recorded;
} ktg_run_parts;

/* RANGE, MISMATCH: what a feed of the caller's may not say. read: a whole copy. */
ketch_status ktg_launch_read(ketch_glia_feed *read, const ktg_launch *launch, ketch_error *error);
/* The job's prepare: its user is a ktg_launch. */
ketch_status ktg_run_prepare(ketch_job *job, ketch_engine *engine, ketch_error *error);
/* Makes a run of a claimed network that does not hold it yet. After a failure parts->feed is the
 * caller's. */
ketch_status ktg_run_make(ktg_run **made, const ktg_run_parts *parts, ketch_arena *arena,
                          const char *function, ketch_error *error);
/* Bytes of a run's record. */
uint64_t ktg_run_size(uint64_t neurons);
/* Lets a run that stands still hold its claimed network: it can be changed, unless is_on. */
void ktg_run_hold(ktg_run *run, bool is_on);
/* Fills in the job's steps, user and brief. */
void ktg_run_describe(ketch_job *job, ktg_run *run);
/* The job's release. */
void ktg_run_release(void *user);

/* The job's advance: see ketch_advance. */
ketch_status ktg_run_advance(ketch_context *context, void *user);

/* The state of a network in a file; block NULL: the file has none. */
typedef struct ktg_saved_state {
    ktg_state_part parts[KTG_STATE_PARTS];
    int32_t count;
    uint32_t *fired;
    uint32_t fired_count;
    uint64_t ticks;
    ketch_block *block;
} ktg_saved_state;

/* The argument of the job's load, which fills in run and state. The network is claimed. */
typedef struct ktg_loading {
    ketch_glia_net *net;
    ktg_run *run;
    ktg_saved_state state;
    const char *function;
} ktg_loading;

/* The job's save and load. */
ketch_status ktg_run_save(ketch_writer *writer, const void *user);
ketch_status ktg_run_load(ketch_job *job, ketch_reader *reader, void *context, ketch_engine *engine,
                          ketch_error *error);

/* The type of networks' runs. */
extern const ketch_job_type ktg_run_type;
/* Finds the run of a result; HANDLE for any other. */
ketch_status ktg_run_find(const ktg_run **run, const ketch_result *result, const char *function,
                          ketch_error *error);

#endif
