/* Stage: tile sizes.
 * Input:   a circuit and the options.
 * Output:  the plan with the tiling, out of a few, that is estimated to take least time.
 * Purpose: tiles that fit caches; subtiles where they save time.
 * Cost:    lowering and one plan; where tilings are tried, of a bounded number of gates, one for each. */
#ifndef KTQ_COMPILE_TILE_SIZES_H
#define KTQ_COMPILE_TILE_SIZES_H

#include "ket/compile/planner.h"

/* A tile has no fewer qubits, unless the state has. */
enum { KTQ_TILE_BITS_MIN = 5 };
_Static_assert((int)KTQ_FLIP_QUBITS_MAX <= (int)KTQ_TILE_BITS_MIN, "a flip fits any tile");

/* Plans the circuit, with the tile sizes of the options where they are given, in memory of the
 * source's region. False where memory is refused. */
bool ktq_plan_with_best_tiles(ktq_plan *plan, const ktq_plan_source *source,
                              const ketch_program_options *options);

#endif
