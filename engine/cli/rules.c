#include "cli/rules.h"

#include <string.h>

/* Saved trainings have their places here, from 1. */
static const kt_rule rules[] = {{"gradient", &kt_learner_trainer, KETCH_GLIA_GRADIENT},
                                {"hebbian", &kt_learner_trainer, KETCH_GLIA_HEBBIAN},
                                {"bptt", &kt_learner_fit, KETCH_GLIA_BPTT},
                                {"eprop", &kt_learner_fit, KETCH_GLIA_EPROP}};

enum { RULE_COUNT = sizeof rules / sizeof rules[0] };

const kt_rule *kt_rule_find(const char *name)
{
    for (int i = 0; i < RULE_COUNT; i++)
        if (strcmp(rules[i].name, name) == 0)
            return &rules[i];
    return NULL;
}

const kt_rule *kt_rule_asked(const kt_options *options)
{
    return options->training.rule ? options->training.rule : &rules[0];
}

uint64_t kt_rule_number(const kt_rule *rule)
{
    return (uint64_t)(rule - rules) + 1;
}

const kt_rule *kt_rule_numbered(uint64_t number)
{
    return number >= 1 && number <= RULE_COUNT ? &rules[number - 1] : NULL;
}
