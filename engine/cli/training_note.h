/* What the command keeps in a saved training to go on with it: texts that end with a byte 0. First
 * come "ketch glia train 1", "rule NUMBER" and "episodes NUMBER"; then "net LENGTH", of a clean network
 * "net LENGTH clean", and the network's text; then for each episode "episode LENGTH TARGET" and its sequence's text. */
#ifndef KT_CLI_TRAINING_NOTE_H
#define KT_CLI_TRAINING_NOTE_H

#include "cli/dataset.h"

/* A part of a note that is being read: from at to end. */
typedef struct kt_note_reader {
    const char *at, *end;
} kt_note_reader;

/* A text in a note; target: what stands behind its length, of an episode the id. */
typedef struct kt_note_text {
    const char *text, *target;
    size_t length;
} kt_note_text;

/* What comes before the episodes; rule: as kt_rule_number has it. */
typedef struct kt_training_head {
    uint64_t rule, episodes;
    ketch_glia_mode mode;
    kt_note_text net;
} kt_training_head;

/* Makes the note of a rule, the network as it is, and the episodes the work's note. The caller drops
 * the block that holds it. The work's error says why there is none. */
ketch_status kt_training_note_write(ketch_block **block, kt_glia *glia, const kt_dataset *data,
                                    uint64_t rule);
/* Reads the head. False where the command did not write it. */
bool kt_training_note_read(kt_note_reader *reader, kt_training_head *head);
/* Reads the next episode. */
bool kt_training_note_episode(kt_note_reader *reader, kt_note_text *episode);

#endif
