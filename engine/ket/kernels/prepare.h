/* Prepares kernel calls: loops become masks, numbers are laid out in the order in which kernels
 * read them. */
#ifndef KTQ_KERNELS_PREPARE_H
#define KTQ_KERNELS_PREPARE_H

#include "ket/kernels/kernels.h"
#include "numbers.h"

/* Bytes of data that ktq_call_prepare writes for this group, a multiple of 64. 0 for a RESIDENT. */
size_t ktq_call_need(const ktq_kernel_set *set, const ktq_group *group, const ktq_frame *frame);
/* Prepares *call for a frame. memory: ktq_call_need bytes, aligned to 64, which must live as long
 * as the call. data: of the list that the group's operations are in. */
void ktq_call_prepare(const ktq_kernel_set *set, ktq_call *call, const ktq_group *group,
                      const double *data, const ktq_frame *frame, void *memory);
/* The same with another scale in place of the group's. ktq_call_need is for a group with it. */
void ktq_call_prepare_scaled(const ktq_kernel_set *set, ktq_call *call, const ktq_group *group,
                             double scale, const double *data, const ktq_frame *frame,
                             void *memory);

/* ---- between the files that prepare ---- */

/* The same as ktq_call_need and ktq_call_prepare_scaled, of VECTORS and LANES. */
size_t ktq_terms_need(const ktq_kernel_set *set, const ktq_group *group, const ktq_frame *frame);
void ktq_terms_prepare(const ktq_kernel_set *set, ktq_call *call, const ktq_group *group,
                       double scale, const double *data, const ktq_frame *frame, void *memory);
/* Fills in call->resident of a prepared call whose group is a member of a RESIDENT. */
void ktq_call_make_resident(const ktq_kernel_set *set, ktq_call *call, const ktq_group *group,
                            const ktq_frame *frame);

#endif
