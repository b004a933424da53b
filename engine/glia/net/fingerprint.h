/* What a network is, in a few numbers: what was saved for one fits another one only if all are the
 * same. */
#ifndef KTG_NET_FINGERPRINT_H
#define KTG_NET_FINGERPRINT_H

#include "glia/net/net.h"

/* ids: a hash of all ids in tick order. numbers: of those of neurons. weights: of
 * synapses and weights. */
typedef struct ktg_fingerprint {
    uint64_t mode, neurons, sensory, synapses;
    uint64_t ids, numbers, weights;
} ktg_fingerprint;

/* Of a settled network, but for its state. Cost: reading it. */
ktg_fingerprint ktg_fingerprint_of(const ketch_glia_net *net);
/* Names the first number that differs; NULL: none does. */
const char *ktg_fingerprint_difference(const ktg_fingerprint *a, const ktg_fingerprint *b);

#endif
