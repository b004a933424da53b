/* The contract of jobs: what every kind of job must keep, whatever it computes. contract_*.c make
 * the kinds, test_contract.c and test_inner.c hold them to it. */
#ifndef KT_TEST_CONTRACT_H
#define KT_TEST_CONTRACT_H

#include "ketch.h"

#include <stdbool.h>

typedef struct contract_job contract_job;

/* One way to start a run of a kind. shared: what its `open` made. run: NULL: no options. begins:
 * suspended before its first step. is_endless: its job does not know its total. */
typedef struct contract_start {
    const contract_job *kind;
    void *shared;
    ketch_engine *engine;
    const ketch_run *run;
    bool begins;
    bool is_endless;
} contract_start;

/* A kind of job. It is deterministic: its digest at the end is the same however it was run. */
struct contract_job {
    const char *name;
    /* Makes what its runs share, and ends it; NULL: they share nothing. */
    void *(*open)(void);
    void (*close)(void *shared);
    /* Starts a run from the beginning: the statuses and the result are ketch_engine_run's. */
    ketch_status (*start)(ketch_result **result, const contract_start *s, ketch_error *error);
    /* A hash of all that the run has computed. */
    uint64_t (*digest)(const ketch_result *result);
    /* Loads a saved run: ketch_result_load's statuses; NULL: the job cannot be saved. */
    ketch_status (*load)(ketch_result **result, const contract_start *s, const char *path,
                         ketch_error *error);
    /* What a start would take; NULL: the job does not say. */
    ketch_status (*need)(ketch_need *need, const contract_start *s, ketch_error *error);
    const ketch_job_type *(*type)(void);
    uint64_t steps;
    /* It can be started without a total. */
    bool has_endless;
    /* For farms that are saved: the plain data of a run, pack_size bytes; NULL: there are none. */
    uint64_t pack_size;
    void (*pack)(void *data, const ketch_result *result);
    void (*unpack)(ketch_result *result, const void *data);
    /* Each run makes objects of its own, such as networks, whose records are small memory. */
    bool makes_objects;
    /* The look at which a stop leaves something done: the second, before the first index, and one
     * more for each job around it. */
    uint64_t looks;
    /* For starts of plain jobs: the job, and for farms the kind inside. */
    const ketch_job *job;
    const contract_job *inside;
};

/* All kinds, CONTRACT_JOBS of them. */
enum { CONTRACT_JOBS = 18 };
extern const contract_job *const contract_jobs[CONTRACT_JOBS];

extern const contract_job contract_mill, contract_stages, contract_poller, contract_plate;
extern const contract_job contract_circuit, contract_shots, contract_observed, contract_dynamic;
extern const contract_job contract_gradient, contract_hebbian, contract_evolution;
extern const contract_job contract_evaluation, contract_clean_evaluation, contract_fit;
extern const contract_job contract_glia, contract_clean;
extern const contract_job contract_mill_farm, contract_circuit_farm;

/* Five jobs of that kind inside the indices of one. Its digest is that of each inside, or 0 where
 * they differ. It can be saved where the kind has a pack. */
contract_job contract_farm_of(const contract_job *inside);

/* What the runs of contract_dynamic share. */
void *contract_open_dynamic(void);
void contract_close_circuit(void *shared);

/* Starts and loads kind->job. */
ketch_status contract_start_plain(ketch_result **result, const contract_start *s,
                                  ketch_error *error);
ketch_status contract_load_plain(ketch_result **result, const contract_start *s, const char *path,
                                 ketch_error *error);
ketch_status contract_need_plain(ketch_need *need, const contract_start *s, ketch_error *error);

/* FNV-1a (Fowler, Noll, Vo) over bytes, from a hash of what came before or contract_hash_start. */
#define CONTRACT_HASH_START UINT64_C(0xcbf29ce484222325)
uint64_t contract_hash(uint64_t hash, const void *bytes, size_t size);

#endif
