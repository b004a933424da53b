/* Stage: hash.
 * Input:   a plan, before its groups are let go.
 * Output:  a hash of all of it, bit for bit.
 * Purpose: part of a program's fingerprint.
 * Cost:    linear in the plan, at several bytes a nanosecond. Called when groups are let go, and
 *          else on demand. */
#ifndef KTQ_COMPILE_PLAN_HASH_H
#define KTQ_COMPILE_PLAN_HASH_H

#include "ket/compile/plan.h"

uint64_t ktq_plan_hash(const ktq_plan *plan);

#endif
