/* Stage: climb tile.
 * Input:   operations that are not placed yet, and a tile.
 * Output:  a tile that can do more work: one position is exchanged for another as long as that helps.
 * Purpose: what first fit takes too early costs whole passes later.
 * Cost:    a few scans of the operations for each position that the tile does not have; eight
 *          tiles are scanned at a time. */
#ifndef KTQ_COMPILE_CLIMB_TILE_H
#define KTQ_COMPILE_CLIMB_TILE_H

#include "ket/compile/candidates.h"

/* Returns the tile where climbing ends. */
uint64_t ktq_climb_tile(const ktq_candidates *c, uint64_t tile);

#endif
