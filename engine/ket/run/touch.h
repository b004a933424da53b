/* The first touch of a new state's memory, in the first pass that writes all of a piece of it. The
 * system clears memory when it is first written, a huge page at a time, and a tile may have a part
 * in every huge page. If tiles met new pages, all workers would come to the same page at once, and
 * each would clear one, of which one is used. So they share the pieces before their first tiles. */
#ifndef KTQ_RUN_TOUCH_H
#define KTQ_RUN_TOUCH_H

#include "ket/run/run.h"

/* Before the pass's sweep: notes which pieces its tiles write. */
void ktq_touch_begin(ktq_run *run, const ktq_pass *pass, const ktq_tiles *tiles);
/* In a body, before its tile: touches pieces as long as any is left. Any status but OK is a poll's. */
ketch_status ktq_touch(ktq_run *run, int32_t worker);

#endif
