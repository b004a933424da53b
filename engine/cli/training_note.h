/* What the command keeps in a saved training to go on with it: texts that end with a byte 0. First
 * come "ketch glia train 1", "rule NUMBER" and "episodes NUMBER"; then "net LENGTH" and the network's
 * text; then for each episode "episode LENGTH TARGET" and its sequence's text. */
#ifndef KT_CLI_TRAINING_NOTE_H
#define KT_CLI_TRAINING_NOTE_H

#include "cli/dataset.h"

/* A part of a note that is being read: from at to end. */
typedef struct kt_note_reader {
    const char *at, *end;
} kt_note_reader;

/* A text in a note; target: the id behind its length, of an episode. */
typedef struct kt_note_text {
    const char *text, *target;
    size_t length;
} kt_note_text;

/* Makes the note of a rule, the network as it is, and the episodes the work's note. The caller drops
 * the block that holds it. The work's error says why there is none. */
ketch_status kt_training_note_write(ketch_block **block, kt_glia *glia, const kt_dataset *data,
                                    ketch_glia_rule rule);
/* Reads the head, and the network. False where the command did not write it. */
bool kt_training_note_read(kt_note_reader *reader, uint64_t *rule, uint64_t *episodes,
                           kt_note_text *net);
/* Reads the next episode. */
bool kt_training_note_episode(kt_note_reader *reader, kt_note_text *episode);

#endif
