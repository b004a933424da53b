/* Memory of several parts, as layout.h lays them out. */
#ifndef KTG_NET_PARTS_H
#define KTG_NET_PARTS_H

#include "arena.h"
#include "ketch/core.h"
#include "layout.h"

/* Takes a block for a layout whose size was added up, and begins the layout anew there. argument,
 * what: for the text of a refusal. MEMORY. */
ketch_status ktg_take_parts(ketch_block **block, kt_layout *layout, ketch_arena *arena,
                            const char *argument, const char *what, const char *function,
                            ketch_error *error);
/* The same, and the memory is zero. */
ketch_status ktg_take_zeroed(ketch_block **block, kt_layout *layout, ketch_arena *arena,
                             const char *argument, const char *what, const char *function,
                             ketch_error *error);

#endif
