/* Streams of random numbers that evolutions draw from: see ketch_random_stream. They decide the
 * results of every seed and never change. The seed is that of the generation, which
 * ketch_random_split derives. */
#ifndef KTG_EVOLVE_STREAMS_H
#define KTG_EVOLVE_STREAMS_H

enum {
    KTG_STREAMS_EVOLVE = 0x6765, /* the workload's id for evolutions */
    KTG_STREAM_CHILD = 1         /* + the individual: its parent, then its noise */
};

#endif
