/* Which of four lanes are chosen by four bits: how sets without an instruction for it write the
 * numbers of chosen lanes. */
#ifndef KTG_KERNELS_CHOSEN_H
#define KTG_KERNELS_CHOSEN_H

#include <stdint.h>

typedef uint32_t ktg_four __attribute__((vector_size(16), aligned(4), may_alias));

/* The chosen lanes first, ascending, and how many they are. */
typedef struct ktg_chosen {
    ktg_four lanes;
    uint32_t count;
} ktg_chosen;

static const ktg_chosen ktg_chosen_lanes[16] = {
    {{0}, 0},    {{0}, 1},       {{1}, 1},       {{0, 1}, 2},      {{2}, 1},    {{0, 2}, 2},
    {{1, 2}, 2}, {{0, 1, 2}, 3}, {{3}, 1},       {{0, 3}, 2},      {{1, 3}, 2}, {{0, 1, 3}, 3},
    {{2, 3}, 2}, {{0, 2, 3}, 3}, {{1, 2, 3}, 3}, {{0, 1, 2, 3}, 4}};

#endif
