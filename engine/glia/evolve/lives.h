/* Lives that are not over, saved and loaded: a network between two ticks, and its trainer. */
#ifndef KTG_EVOLVE_LIVES_H
#define KTG_EVOLVE_LIVES_H

#include "glia/evolve/evolve.h"

/* Whether a file needs the individual's network and trainer. */
static inline bool ktg_life_is_saved(const ktg_evolution *e, const ktg_individual *own)
{
    return own->at.life != KTG_LIFE_BIRTH && (own->at.life != KTG_LIFE_OVER || e->fitness);
}

ketch_status ktg_life_save(ketch_writer *writer, const ktg_evolution *e, uint32_t individual);
/* Into an individual that was made for the same base and episodes. CORRUPT, MEMORY. */
ketch_status ktg_life_load(ktg_evolution *e, uint32_t individual, ketch_reader *reader,
                           const char *function, ketch_error *error);

#endif
