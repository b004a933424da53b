/* An evolution as a job. A generation is a sweep whose indices are individuals. */
#ifndef KTG_EVOLVE_EVOLVE_H
#define KTG_EVOLVE_EVOLVE_H

#include "glia/evolve/population.h"
#include "glia/train/train.h"

/* What comes next for an individual. Each is done again where it failed. */
typedef enum ktg_life {
    KTG_LIFE_BIRTH = 0,
    KTG_LIFE_TRAINING,
    KTG_LIFE_EPISODE,
    KTG_LIFE_TICKS,
    KTG_LIFE_HERITAGE,
    KTG_LIFE_OVER
} ktg_life;

/* All that is saved as it stands. training: the position of the job inside. episode, tick,
 * cursor: of the validation. right, margins: sums over its episodes. synapses: after training. */
typedef struct ktg_trial {
    ketch_inner training;
    uint64_t episode, tick, right, synapses;
    ktg_cursor cursor;
    double margins;
    int32_t life;
} ktg_trial;

/* An individual's network belongs to its trainer. */
typedef struct ktg_individual {
    ketch_glia_trainer *trainer;
    ktg_training *training;
    ktg_trial at;
} ktg_individual;

/* Where an evolution is. stage: of its table. scored: individuals of the generation that have their
 * fitness. */
typedef struct ktg_evolution_place {
    int32_t stage;
    uint32_t scored;
} ktg_evolution_place;

/* individuals: population of them. validation: episodes for all of them; they, `individuals` and
 * this record lie in `record`. context: of the call that carries the job. fitness, user: the
 * caller's. fingerprint: a hash of the base and all episodes. */
typedef struct ktg_evolution {
    ketch_block *record;
    ktg_population population;
    ktg_individual *individuals;
    ktg_episode *validation;
    uint64_t validation_count, fingerprint;
    ktg_evolution_place at;
    ketch_context *context;
    ketch_glia_fitness fitness;
    void *user;
} ktg_evolution;

extern const ketch_job_type ktg_evolve_type;

/* What a public call was given, in place of an evolution until its memory is taken. */
typedef struct ktg_evolve_launch {
    ketch_glia_net *net;
    const ketch_glia_evolution *evolution;
    const char *function;
} ktg_evolve_launch;

/* What an evolution is made of, checked. */
typedef struct ktg_evolve_parts {
    ketch_glia_evolution asked;
    ketch_glia_evolution_config config;
    ktg_train_parts training;
} ktg_evolve_parts;

/* The functions of the type. */
ketch_status ktg_evolve_advance(ketch_context *context, void *user);
void ktg_evolve_release(void *user);
ketch_status ktg_evolve_prepare(ketch_job *job, ketch_engine *engine, ketch_error *error);
ketch_status ktg_evolve_save(ketch_writer *writer, const void *user);
ketch_status ktg_evolve_load(ketch_job *job, ketch_reader *reader, void *context,
                             ketch_engine *engine, ketch_error *error);

/* ketch_glia_evolve_load, of checked handles; type: ktg_evolve_type. */
ketch_status ktg_evolve_load_into(ketch_result **result, ketch_engine *engine,
                                  const ketch_job_type *type, const ktg_evolve_launch *launch,
                                  const char *path, ketch_error *error);

/* HANDLE, MISMATCH, RANGE, NONFINITE: what an evolution may not be. */
ketch_status ktg_evolve_read(ktg_evolve_parts *parts, const ktg_evolve_launch *launch,
                             ketch_error *error);
/* Makes an evolution; is_bred: with its first generation. MEMORY, BUSY, and MISMATCH for a
 * target that is no output. */
ketch_status ktg_evolution_make(ktg_evolution **made, const ktg_evolve_launch *launch,
                                const ktg_evolve_parts *parts, bool is_bred, ketch_arena *arena,
                                ketch_error *error);
/* Bytes of an evolution's record. */
uint64_t ktg_evolution_size(const ktg_evolve_parts *parts);
/* Fills in the job's steps and user. */
void ktg_evolution_describe(ketch_job *job, ktg_evolution *e);

/* The body of a generation's sweep: all of an individual's life. */
ketch_status ktg_live(uint64_t individual, int32_t worker, void *user);

/* The seed of an individual's training. */
uint64_t ktg_seed_of(const ktg_population *p, uint32_t individual);
/* The name that failures of a run that is on give. */
extern const char ktg_evolve_name[];

#endif
