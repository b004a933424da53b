/* The episodes that a network is trained with. */
#ifndef KT_CLI_DATASET_H
#define KT_CLI_DATASET_H

#include "cli/glia_read.h"

/* rows: holds the episodes, of which count are whole; the next one may have a sequence. text: holds
 * their targets, where these do not lie elsewhere. All zero: none. */
typedef struct kt_dataset {
    ketch_block *rows, *text;
    ketch_glia_episode *episodes;
    uint64_t count;
} kt_dataset;

/* Reads a text of lines "SEQUENCE-FILE TARGET": a sequence's file, whose path begins at the text's
 * folder, and the id of an output of the network. A word that begins with # begins a comment. Says
 * what is wrong. */
kt_exit kt_dataset_read(kt_dataset *data, kt_glia *glia, const char *file);
/* Makes room for so many episodes. The work's error says why there is none. */
ketch_status kt_dataset_reserve(kt_dataset *data, uint64_t most, kt_work *work);
/* Where the next episode's sequence is to be put; kt_dataset_add makes the episode whole. The target
 * must live as long. */
ketch_glia_sequence **kt_dataset_next(kt_dataset *data);
void kt_dataset_add(kt_dataset *data, const char *target);
void kt_dataset_end(kt_dataset *data);

#endif
