/* A training of the command, and the two ways to carry one out. */
#ifndef KT_CLI_LEARNER_H
#define KT_CLI_LEARNER_H

#include "cli/dataset.h"

/* glia comes first: it is what kt_start functions get. config, how, trainer: of a trainer's rule;
 * fit: of a fit. hook, user: what the run's steps are passed on to, once the bar knows the epoch. */
typedef struct kt_training {
    kt_glia glia;
    kt_dataset data;
    const kt_rule *rule;
    ketch_glia_config config;
    ketch_glia_training how;
    ketch_glia_trainer *trainer;
    ketch_glia_fit fit;
    ketch_hook hook;
    void *user;
} kt_training;

/* Epochs of a training, unless the options say others. */
enum { KT_EPOCHS = 10 };

/* How a training by a rule is carried out. Functions that fail fill in the work's error. */
typedef struct kt_learner {
    /* Of the network, where --mode does not say. */
    ketch_glia_mode mode;
    /* An option of a run or a training that does not belong here; NULL: none was given. */
    const char *(*find_misplaced)(const kt_options *options);
    /* Takes what the options say, and makes what is needed. Network and episodes are there. */
    ketch_status (*prepare)(kt_training *training);
    ketch_status (*start)(kt_training *training, const ketch_run *run);
    /* Loads it from the file of the options. */
    ketch_status (*load)(kt_training *training);
    /* Its epochs have a loss. */
    bool has_loss;
} kt_learner;

/* number: its ketch_glia_rule, or of a fit its ketch_glia_method. */
struct kt_rule {
    const char *name;
    const kt_learner *learner;
    int32_t number;
};

extern const kt_learner kt_learner_trainer, kt_learner_fit;

#endif
