/* Rules: how the numbers of operations are computed from the values of a circuit's parameters.
 *
 * A parametric operation has a rule, and no valid numbers before the rules are evaluated. Which
 * operations there are, and of which kind, never depends on the values. */
#ifndef KTQ_COMPILE_RULES_H
#define KTQ_COMPILE_RULES_H

#include "ket/circuit/circuit.h"
#include "list.h"

/* The phase factor e^(i * halves * angle / 2). angle: an index in the rules' angles. */
typedef struct ktq_phase {
    uint64_t angle;
    int32_t halves;
} ktq_phase;

/* What a rule computes from its phases.
 *  FACTOR  base times all of them
 *  ROTATE  the tangent and the cosine of half the angle of the only one
 *  MATRIX  the matrix of `gate`, or its diagonal, for the angles of all of them in order */
typedef enum ktq_rule_kind { KTQ_RULE_FACTOR, KTQ_RULE_ROTATE, KTQ_RULE_MATRIX } ktq_rule_kind;

/* Phases first_phase..first_phase+phase_count-1. data: index of the first number it computes, among
 * the numbers of the plan. */
typedef struct ktq_rule {
    ktq_rule_kind kind;
    int32_t gate;
    size_t first_phase, phase_count;
    uint64_t data;
    double base[2];
} ktq_rule;

/* All rules of a plan; none where parameter_count is 0. angles: the circuit's, and after them the
 * constant angles of gates that have parametric ones too. terms: of the angles. region: the lists'
 * memory while rules are added. */
typedef struct ktq_rules {
    kt_region *region;
    size_t parameter_count;
    KT_LIST(ktq_angle) angles;
    KT_LIST(ketch_term) terms;
    KT_LIST(ktq_phase) phases;
    KT_LIST(ktq_rule) rules;
} ktq_rules;

/* Begins with the circuit's angles; rules must be zeroed, but for the region. False where memory is
 * refused. */
bool ktq_rules_begin(ktq_rules *rules, const ketch_circuit *circuit);

/* Appends a constant angle; false where memory is refused. */
bool ktq_rules_add_constant(ktq_rules *rules, double angle);
/* Each appends one; false where memory is refused. A rule gets the phases appended since the last
 * rule. */
bool ktq_rules_add_phase(ktq_rules *rules, ktq_phase phase);
bool ktq_rules_add(ktq_rules *rules, ktq_rule_kind kind, int32_t gate, double re, double im);

/* Computes the numbers of all rules for the parameters' values and writes them to numbers, which
 * are the plan's. precision: single gets tangents as kernels hold them, see round_tangents.h. halves:
 * work memory, two doubles for each angle. Cost: a cosine and a sine for each angle. */
void ktq_rules_evaluate(const ktq_rules *rules, const double *values, ketch_precision precision,
                        double *halves, double *numbers);

#endif
