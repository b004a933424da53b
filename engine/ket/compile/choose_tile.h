/* Stage: choose tile.
 * Input:   the operations of a segment, or of a tile, or of a subtile, that are not placed yet.
 * Output:  the positions of a tile, a subtile, or a set of registers, and the operations that can
 *          be carried out there now.
 * Purpose: as much work as possible for each time that the tile is loaded.
 * Cost:    linear in the operations examined, which are a bounded window. */
#ifndef KTQ_COMPILE_CHOOSE_TILE_H
#define KTQ_COMPILE_CHOOSE_TILE_H

#include "ket/compile/candidates.h"

/* Operations that are not placed yet: items[first..last-1]. Applying them in this order gives the
 * result. */
typedef struct ktq_remaining {
    ktq_candidate *items;
    size_t first, last;
} ktq_remaining;

/* Returns the positions of a good tile, and moves the operations that it can carry out from the
 * remaining ones to taken[0..*taken_count-1]: none only where the first of them needs more
 * positions than there may be. Applying those taken and then those that remain gives the same
 * result as the order before. */
uint64_t ktq_choose_tile(ktq_remaining *remaining, ktq_candidate *taken, size_t *taken_count,
                         const ktq_tile_limits *limits);

#endif
