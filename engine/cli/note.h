/* What the command keeps in a saved run to go on with it: lines "NAME VALUE" up to an empty one, then
 * the circuit's text. A name is kept up to a newline in it; newlines in observables become blanks. */
#ifndef KT_CLI_NOTE_H
#define KT_CLI_NOTE_H

#include "cli/command.h"

typedef struct kt_note {
    ketch_block *block; /* holds the bytes of a note that was written */
    const char *bytes;
    size_t size;
    /* Of a note that was read: parts of bytes. name and observables end with a newline. */
    const char *name, *text;
    const char *observe[KT_OBSERVE_MAX];
    int observe_count;
    size_t text_size;
    uint64_t shots, seed;
} kt_note;

/* The note of the work's options and text; the work's error says why there is none. */
ketch_status kt_note_write(kt_note *note, kt_work *work);
void kt_note_end(kt_note *note);
/* Finds the parts of note->bytes; false where the command did not write them. */
bool kt_note_read(kt_note *note);

#endif
