/* Streams of random numbers that circuits draw from: below 2^48, one for each use, so that no two
 * uses share numbers. They decide the results of every seed and never change. */
#ifndef KTQ_STATE_STREAMS_H
#define KTQ_STATE_STREAMS_H

enum {
    KTQ_STREAM_SAMPLE = 0,  /* samples of a state: shot s is draw s */
    KTQ_STREAM_MEASURE = 1, /* ketch_state_measure: its count is the draw */
    KTQ_STREAM_SHOT = 2     /* + the shot: measurements of a run, in order */
};

#endif
