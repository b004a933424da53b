/* Streams of random numbers that generated networks draw from, by ketch_random_stream: one purpose for each
 * use. They decide the results of every seed and never change. */
#ifndef KTG_TEXT_STREAMS_H
#define KTG_TEXT_STREAMS_H

/* The workload's id for networks. */
enum { KTG_STREAMS_NET = 0x676e };

typedef enum ktg_stream {
    /* The index is the source, the draw the target. */
    KTG_STREAM_SYNAPSE = 0, /* whether there is a synapse */
    KTG_STREAM_WEIGHT = 1,  /* the size of its weight */
    KTG_STREAM_SIGN = 2
} ktg_stream;

#endif
