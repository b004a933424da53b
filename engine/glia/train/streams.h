/* Streams of random numbers that trainings draw from, by purpose: see ketch_random_stream. They decide
 * the results of every seed and never change. */
#ifndef KTG_TRAIN_STREAMS_H
#define KTG_TRAIN_STREAMS_H

enum {
    KTG_STREAMS_TRAIN = 0x6774, /* the workload's id for trainings */
    KTG_STREAM_SHUFFLE = 1,     /* + the trainer's epoch: its order of episodes */
    KTG_STREAM_JITTER = 2,      /* + the trainer's training: noise on the weights */
    KTG_STREAM_GROW = 3         /* + the trainer's update: new synapses */
};

#endif
