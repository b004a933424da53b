/* The rules of ketch glia train: those of trainers, and fits. */
#ifndef KT_CLI_RULES_H
#define KT_CLI_RULES_H

#include "cli/learner.h"

/* The rule of that name; NULL: there is none. */
const kt_rule *kt_rule_find(const char *name);
/* The rule that the options name, or the default. */
const kt_rule *kt_rule_asked(const kt_options *options);
/* Its number in saved trainings, from 1; and the rule of one, NULL: there is none. */
uint64_t kt_rule_number(const kt_rule *rule);
const kt_rule *kt_rule_numbered(uint64_t number);

#endif
