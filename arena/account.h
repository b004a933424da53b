/* The account of what all arenas of the process have mapped. A map is refused where the memory that
 * is free now would not also hold what was granted before and is not touched yet: such memory is
 * mapped but still counted as free by the system.
 *
 * The system's files are read only where a map needs it: the first one, one of KT_LARGE bytes or
 * more, and when the bytes mapped since they were read last exceed a share of what was free then. */
#ifndef KT_ACCOUNT_H
#define KT_ACCOUNT_H

#include "headroom.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Maps of this size and more are always checked. */
enum { KT_LARGE = 64 << 20 };

/* pid: the process that the numbers belong to; a forked child begins with none. granted: bytes that
 * arenas have mapped or are about to map; the untouched ones are among them. pending: those that
 * are about to be mapped, which the system does not know yet. unseen: bytes granted since the
 * files were read last; up to `share` they are granted without reading. Zeroed memory is an empty
 * account. There are no locks: a child would inherit them held. */
typedef struct kt_account {
    _Atomic int64_t pid;
    _Atomic uint64_t granted, pending, unseen, share;
} kt_account;

/* The account of the process: the one writable variable of the library. */
extern kt_account kt_account_process;

/* Counts size bytes that are about to be mapped. False, and nothing is counted, where they do not
 * fit: *left is what would fit, and *limit is "free memory" or "cgroup memory limit". */
bool kt_account_grant(kt_account *account, const kt_memory_source *source, uint64_t size,
                      uint64_t *left, const char **limit);
/* After a grant: the bytes were mapped, or the map failed. */
void kt_account_mapped(kt_account *account, uint64_t size, bool mapped);
/* The bytes were unmapped. */
void kt_account_unmapped(kt_account *account, uint64_t size);
/* What would be granted now. */
uint64_t kt_account_left(kt_account *account, const kt_memory_source *source);

#endif
