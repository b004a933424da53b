/* Recorded trainings: files of tests/glia, one fact a line, and what reads them. */
#ifndef KT_TEST_TRAINING_FILE_H
#define KT_TEST_TRAINING_FILE_H

#include "trainings.h"

#include <ctype.h>
#include <string.h>

enum { RECORDED_MOST = 64, RECORDED_LINE = 4096, RECORDED_NAME = 40 };

/* A run as it was recorded: what it was made of, and what it gave. after: scores of single episodes
 * afterwards; "-": no winner. field: 8 hexadecimal digits a neuron, "" where none was recorded. */
typedef struct recorded_run {
    char name[RECORDED_NAME], net[RECORDED_NAME], default_id[RECORDED_NAME];
    ketch_glia_rule rule;
    uint64_t count, epochs, weights, afters;
    ketch_glia_config config;
    ketch_glia_schedule schedule;
    char sequence[RECORDED_MOST][RECORDED_NAME], target[RECORDED_MOST][RECORDED_NAME];
    double accuracy[RECORDED_MOST], margin[RECORDED_MOST];
    uint64_t synapses[RECORDED_MOST];
    uint32_t lr[RECORDED_MOST];
    char from[RECORDED_MOST * 2][RECORDED_NAME], to[RECORDED_MOST * 2][RECORDED_NAME];
    uint32_t weight[RECORDED_MOST * 2];
    char winner[RECORDED_MOST][RECORDED_NAME], rates[RECORDED_MOST][RECORDED_LINE / 8];
    uint32_t after_margin[RECORDED_MOST];
    char field[3][RECORDED_LINE / 8];
} recorded_run;

/* Networks and sequences of a file, by name. */
typedef struct recorded_file {
    ketch_arena *arena;
    int nets, sequences;
    char net_names[RECORDED_MOST][RECORDED_NAME], sequence_names[RECORDED_MOST][RECORDED_NAME];
    ketch_glia_net *net[RECORDED_MOST];
    ketch_glia_sequence *sequence[RECORDED_MOST];
    recorded_run run;
} recorded_file;

/* ---- configurations ---- */

typedef struct config_field {
    const char *name;
    size_t offset;
    bool is_float;
} config_field;

#define FLOAT(field)                                                                               \
    {                                                                                              \
#field, offsetof(ketch_glia_config, field), true                                           \
    }
#define WHOLE(field)                                                                               \
    {                                                                                              \
#field, offsetof(ketch_glia_config, field), false                                          \
    }

/* Those that no recorded run uses are read as if they were not there. */
static const config_field config_fields[] = {WHOLE(warmup_ticks),
                                             WHOLE(decision_window),
                                             WHOLE(batch_size),
                                             WHOLE(shuffle),
                                             FLOAT(lr),
                                             FLOAT(weight_decay),
                                             FLOAT(weight_clip),
                                             FLOAT(weight_jitter_std),
                                             FLOAT(rate_alpha),
                                             FLOAT(elig_lambda),
                                             FLOAT(margin_delta),
                                             FLOAT(detector_alpha),
                                             FLOAT(detector_threshold),
                                             WHOLE(elig_post_use_rate),
                                             WHOLE(reward_mode),
                                             FLOAT(reward_pos),
                                             FLOAT(reward_neg),
                                             FLOAT(reward_gain),
                                             FLOAT(reward_min),
                                             FLOAT(reward_max),
                                             WHOLE(use_advantage_baseline),
                                             FLOAT(baseline_beta),
                                             WHOLE(no_update_if_satisfied),
                                             WHOLE(update_gating),
                                             FLOAT(usage_boost_gain),
                                             FLOAT(temperature),
                                             WHOLE(optimizer),
                                             FLOAT(adam_beta1),
                                             FLOAT(adam_beta2),
                                             FLOAT(adam_eps),
                                             FLOAT(clip_grad_norm),
                                             FLOAT(prune_epsilon),
                                             WHOLE(prune_patience),
                                             WHOLE(grow_edges),
                                             FLOAT(init_weight),
                                             FLOAT(eta_theta),
                                             FLOAT(eta_leak),
                                             FLOAT(r_target),
                                             FLOAT(inactive_rate_threshold),
                                             WHOLE(inactive_rate_patience),
                                             WHOLE(prune_inactive_max),
                                             WHOLE(prune_inactive_in),
                                             WHOLE(prune_inactive_out),
                                             WHOLE(checkpoints_enable),
                                             WHOLE(ckpt_l0),
                                             WHOLE(ckpt_l1),
                                             WHOLE(ckpt_l2),
                                             WHOLE(revert_enable),
                                             FLOAT(revert_drop),
                                             WHOLE(revert_window)};

static inline void set_config_field(ketch_glia_config *config, const char *name, const char *text)
{
    for (size_t i = 0; i < sizeof config_fields / sizeof *config_fields; i++) {
        if (strcmp(config_fields[i].name, name) != 0)
            continue;
        char *const at = (char *)config + config_fields[i].offset;
        const float real = strtof(text, NULL);
        const int32_t whole = (int32_t)strtol(text, NULL, 10);
        memcpy(at, config_fields[i].is_float ? (const void *)&real : (const void *)&whole, 4);
        return;
    }
    ck_abort_msg("no field %s", name);
}

/* ---- networks and sequences ---- */

static inline int find_recorded(char names[][RECORDED_NAME], int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    ck_abort_msg("no %s in the file", name);
}

static inline void read_net_line(recorded_file *f, const char *line)
{
    char a[RECORDED_NAME], b[RECORDED_NAME];
    float x, y, z;
    ketch_glia_net **const net = &f->net[f->nets ? f->nets - 1 : 0];
    if (sscanf(line, "net %39s", f->net_names[f->nets]) == 1) {
        GOOD(ketch_glia_net_create(&f->net[f->nets++], f->arena, NULL, &error));
    } else if (sscanf(line, "neuron %39s %f %f %f", a, &x, &y, &z) == 4) {
        GOOD(ketch_glia_add_neuron(*net, a, x, y, z, &error));
    } else if (sscanf(line, "synapse %39s %39s %f", a, b, &x) == 3) {
        const uint32_t from = (uint32_t)ketch_glia_find(*net, a);
        const uint32_t to = (uint32_t)ketch_glia_find(*net, b);
        GOOD(ketch_glia_add_synapses(*net, 1, &from, &to, &x, &error));
    }
}

static inline void read_sequence_line(recorded_file *f, const char *line)
{
    char id[RECORDED_NAME];
    float amount;
    int loop, at = 0;
    if (sscanf(line, "sequence %39s %d", f->sequence_names[f->sequences], &loop) == 2) {
        GOOD(ketch_glia_sequence_create(&f->sequence[f->sequences], &error));
        GOOD(ketch_glia_sequence_set_loop(f->sequence[f->sequences++], loop, &error));
    } else if (sscanf(line, "events %39s %f%n", id, &amount, &at) == 2) {
        char *next = (char *)line + at;
        while (*next == ' ') {
            const uint64_t tick = strtoull(next, &next, 10);
            GOOD(ketch_glia_sequence_add(f->sequence[f->sequences - 1], tick, id, amount, &error));
        }
    }
}

/* ---- runs ---- */

static inline void read_made_of(recorded_run *r, const char *line)
{
    char a[RECORDED_NAME], b[RECORDED_NAME];
    int schedule;
    if (sscanf(line, "config %39s %39s", a, b) == 2)
        set_config_field(&r->config, a, b);
    else if (sscanf(line, "schedule %d", &schedule) == 1)
        r->schedule = (ketch_glia_schedule)schedule;
    else if (sscanf(line, "default_id %39s", r->default_id) == 1)
        r->config.default_id = r->default_id;
    else if (sscanf(line, "episode %39s %39s", r->sequence[r->count], r->target[r->count]) == 2)
        r->count++;
}

static inline void read_given(recorded_run *r, const char *line)
{
    unsigned long long synapses;
    int number;
    char digits[RECORDED_LINE / 8];
    const uint64_t e = r->epochs, w = r->weights, a = r->afters;
    if (sscanf(line, "epoch %la %la %llu %x", &r->accuracy[e], &r->margin[e], &synapses,
               &r->lr[e]) >= 3)
        r->synapses[r->epochs++] = synapses;
    else if (sscanf(line, "weight %39s %39s %x", r->from[w], r->to[w], &r->weight[w]) == 3)
        r->weights++;
    else if (sscanf(line, "after %39s %x %511s", r->winner[a], &r->after_margin[a], r->rates[a]) >=
             2)
        r->afters++;
    else if (sscanf(line, "field %d %511s", &number, digits) == 2)
        memcpy(r->field[number], digits, sizeof digits);
}

static inline void begin_recorded_run(recorded_run *r, const char *line)
{
    int rule, epochs;
    memset(r, 0, sizeof *r);
    r->config.size = sizeof r->config;
    GOOD(ketch_glia_config_default(&r->config, &error));
    ck_assert_int_eq(sscanf(line, "run %39s %d %39s %d", r->name, &rule, r->net, &epochs), 4);
    r->rule = (ketch_glia_rule)rule;
}

/* Reads a file, and calls `each` for every run of it. */
static inline int read_trainings(const char *name, void (*each)(recorded_file *file))
{
    static recorded_file f;
    char path[512], line[RECORDED_LINE];
    const char *const folder = getenv("abs_srcdir");
    int runs = 0;
    memset(&f, 0, sizeof f);
    snprintf(path, sizeof path, "%s/tests/glia/%s", folder ? folder : ".", name);
    FILE *const file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s is missing", path);
    GOOD(ketch_arena_create(&f.arena, NULL, &error));
    while (fgets(line, sizeof line, file)) {
        if (strncmp(line, "run ", 4) == 0)
            begin_recorded_run(&f.run, line);
        read_net_line(&f, line);
        read_sequence_line(&f, line);
        read_made_of(&f.run, line);
        read_given(&f.run, line);
        if (strcmp(line, "end\n") == 0) {
            each(&f);
            runs++;
        }
    }
    fclose(file);
    for (int i = 0; i < f.nets; i++)
        ketch_glia_net_drop(f.net[i]);
    for (int i = 0; i < f.sequences; i++)
        ketch_glia_sequence_drop(f.sequence[i]);
    ketch_arena_drop(f.arena);
    return runs;
}

#endif
