/* Configurations of trainers: read, and checked field by field. */
#ifndef KTG_TRAIN_CONFIG_H
#define KTG_TRAIN_CONFIG_H

#include "ketch/learning.h"

/* The most epochs whose snapshots are kept. */
enum { KTG_KEPT_MAX = 1000 };

/* Copies the caller's configuration, NULL: the defaults. default_id is still the caller's text, never
 * NULL. MISMATCH, RANGE or NONFINITE, naming the field. */
ketch_status ktg_config_read(ketch_glia_config *config, const ketch_glia_config *given,
                             const char *function, ketch_error *error);

/* Ticks of an episode. */
static inline uint64_t ktg_config_ticks(const ketch_glia_config *config)
{
    return (uint64_t)config->warmup_ticks + config->decision_window;
}

static inline uint64_t ktg_config_batch(const ketch_glia_config *config)
{
    return config->batch_size > 1 ? (uint64_t)config->batch_size : 1;
}

#endif
