/* Scoring a data set as a job. */
#ifndef KTG_EVALUATE_EVALUATION_H
#define KTG_EVALUATE_EVALUATION_H

#include "glia/feed/feed.h"
#include "glia/train/learn.h"

/* An episode. target: the output that is to win; KTG_NO_WINNER where its id is that of none.
 * is_default: an episode without a winner is right. */
typedef struct ktg_exam {
    ktg_feed feed;
    uint32_t target;
    bool is_default;
} ktg_exam;

/* The score of an episode. is_done: atomic. */
typedef struct ktg_score {
    uint32_t winner;
    float margin;
    bool is_right, is_done;
} ktg_score;

/* What carries episodes, one after the other. judge: a trainer's record, of which only rule, net and
 * the averages of spikes are used, and which is no handle. net: the judge's where that is none of a
 * caller's. owner (atomic): the number of the open episode, and one; 0: none is. tick, cursor: where
 * the open episode is. */
typedef struct ktg_scorer {
    ketch_glia_trainer judge;
    ketch_glia_net net;
    uint64_t owner, tick;
    ktg_cursor cursor;
    ketch_block *block;
} ktg_scorer;

/* base: of a clean network, a copy that nothing changes; NULL for a compat one, which the run holds.
 * exams, scores, rates (those of episode i are rates[i * outputs...]), scorers, and this record lie in
 * `record`. scorers: capacity for as many as can be open at once, scorer_count are there. done: of a
 * compat network, how many episodes are done. config: default_id is the field of that name. context:
 * of the call that carries the job. */
typedef struct ktg_evaluation {
    ketch_block *record;
    ktg_hold hold;
    ketch_glia_trainer *trainer;
    ketch_glia_net *base;
    ktg_exam *exams;
    ktg_score *scores;
    float *rates;
    ktg_scorer **scorers;
    uint32_t scorer_capacity, scorer_count, outputs;
    uint64_t count, made, done;
    ketch_glia_config config;
    char default_id[KETCH_GLIA_ID_MAX + 1];
    ketch_context *context;
} ktg_evaluation;

extern const ketch_job_type ktg_evaluate_type;

/* What a public call was given, in place of an evaluation until its memory is taken. */
typedef struct ktg_evaluate_launch {
    ketch_glia_trainer *trainer;
    const ketch_glia_evaluation *evaluation;
    bool is_begun;
    const char *function;
} ktg_evaluate_launch;

/* What an evaluation is made of, checked. */
typedef struct ktg_evaluate_parts {
    ketch_glia_evaluation asked;
    ketch_glia_config config;
} ktg_evaluate_parts;

/* HANDLE, MISMATCH, RANGE, NONFINITE: what an evaluation may not be. */
ketch_status ktg_evaluate_read(ktg_evaluate_parts *parts, const ktg_evaluate_launch *launch,
                               ketch_error *error);
/* Makes an evaluation with scorers for so many threads. BUSY, MEMORY. */
ketch_status ktg_evaluation_make(ktg_evaluation **made, const ktg_evaluate_launch *launch,
                                 const ktg_evaluate_parts *parts, int32_t threads,
                                 ketch_arena *arena, ketch_error *error);
/* Fills in the job's steps and user. */
void ktg_evaluation_describe(ketch_job *job, ktg_evaluation *e);
/* Bytes of the record for so many episodes of a network of so many outputs. */
uint64_t ktg_evaluation_size(uint64_t count, uint32_t outputs);

/* The functions of the type. */
void ktg_evaluate_release(void *user);
ketch_status ktg_evaluate_advance(ketch_context *context, void *user);

/* ---- scorers.c ---- */

/* Makes scorers for so many threads, but no more than there are episodes. MEMORY. */
ketch_status ktg_scorers_reserve(ktg_evaluation *e, int32_t threads, ketch_arena *arena,
                                 const char *function, ketch_error *error);
void ktg_scorers_end(ktg_evaluation *e);
/* Bytes of a scorer, but for its cells. */
uint64_t ktg_scorer_size(const ktg_cells *cells);
/* How many scorers a run has that begins on so many threads. */
uint32_t ktg_scorers_for(bool is_clean, uint64_t count, int32_t threads);
/* A body: carries an episode to its end, from where it is. */
ketch_status ktg_score_episode(uint64_t index, int32_t worker, void *user);

#endif
