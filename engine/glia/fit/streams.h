/* Streams of random numbers that fits draw from, by purpose: see ketch_random_stream. They decide the
 * results of every seed and never change. */
#ifndef KTG_FIT_STREAMS_H
#define KTG_FIT_STREAMS_H

enum {
    KTG_STREAMS_FIT = 0x6766,  /* the workload's id for fits */
    KTG_STREAM_FIT_SHUFFLE = 1 /* + the epoch: its order of episodes */
};

#endif
