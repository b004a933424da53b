/* Genomes: what an individual inherits. */
#ifndef KTG_EVOLVE_GENOME_H
#define KTG_EVOLVE_GENOME_H

#include "glia/net/net.h"
#include "save.h"

/* What a file has to know of a genome. */
typedef struct ktg_genome_head {
    uint32_t capacity, count;
} ktg_genome_head;

/* Thresholds and leaks of `neurons` neurons, and synapses as in rows, in one block with room for
 * `capacity` synapses. The block is saved as it stands; head, at its begin, repeats capacity and
 * rows.count. Zeroed, it is none. */
typedef struct ktg_genome {
    uint32_t neurons, capacity;
    ktg_genome_head *head;
    float *threshold, *leak;
    ktg_rows rows;
    ketch_block *block;
} ktg_genome;

/* Standard deviations of noise. */
typedef struct ktg_noise {
    double weight, threshold, leak;
} ktg_noise;

/* Bytes of a genome for the neurons of such cells, and so many synapses. */
uint64_t ktg_genome_size(const ktg_cells *cells, uint32_t synapses);
/* Makes room for these. What it had is gone where it had too little. MEMORY: it is as before. */
ketch_status ktg_genome_reserve(ktg_genome *genome, const ktg_cells *cells, uint32_t synapses,
                                ketch_arena *arena, const char *function, ketch_error *error);
void ktg_genome_end(ktg_genome *genome);
/* There is room. */
void ktg_genome_copy(ktg_genome *to, const ktg_genome *from);
/* Takes over what a settled network has; there is room. */
void ktg_genome_read(ktg_genome *genome, const ketch_glia_net *net);
/* Gives it to a claimed and settled network of the same neurons. MEMORY: the network is as
 * before. */
ketch_status ktg_genome_put(ketch_glia_net *net, const ktg_genome *genome, const char *function,
                            ketch_error *error);
/* Adds noise to all weights, in the order of rows, then to thresholds, then to leaks, which stay in
 * 0..1. Where a deviation is 0, nothing is drawn and nothing changes. */
void ktg_genome_mutate(ktg_genome *genome, const ktg_noise *noise, ketch_random *random);
/* Writes a section. */
ketch_status ktg_genome_save(ketch_writer *writer, const char *name, const ktg_genome *genome);
/* Replaces a genome by that of a section, which is for such cells. CORRUPT, MEMORY. */
ketch_status ktg_genome_load(ktg_genome *genome, ketch_reader *reader, const char *name,
                             const ktg_cells *cells, ketch_arena *arena, const char *function,
                             ketch_error *error);

#endif
