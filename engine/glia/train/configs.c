#include "glia/train/configs.h"

#include "status.h"

#include <math.h>
#include <string.h>

static const ketch_glia_config defaults = {
    .size = sizeof defaults,
    .warmup_ticks = 20,
    .decision_window = 50,
    .batch_size = 1,
    .shuffle = 1,
    .seed = 123456,
    .lr = 0.01F,
    .weight_decay = 1e-4F,
    .rate_alpha = 0.05F,
    .elig_lambda = 0.95F,
    .margin_delta = 0.05F,
    .detector_alpha = 0.05F,
    .detector_threshold = 0.01F,
    .default_id = "",
    .elig_post_use_rate = 1,
    .reward_mode = KETCH_GLIA_REWARD_SOFTPLUS,
    .reward_pos = 1.2F,
    .reward_neg = -0.8F,
    .reward_gain = 1,
    .reward_min = -1,
    .reward_max = 1,
    .use_advantage_baseline = 1,
    .baseline_beta = 0.1F,
    .no_update_if_satisfied = 1,
    .temperature = 1,
    .adam_beta1 = 0.9F,
    .adam_beta2 = 0.999F,
    .adam_eps = 1e-8F,
    .prune_epsilon = 1e-4F,
    .prune_patience = 3,
    .init_weight = 0.01F,
    .r_target = 0.05F,
    .prune_inactive_out = 1,
    .checkpoints_enable = 1,
    .ckpt_l0 = 4,
    .ckpt_l1 = 2,
    .ckpt_l2 = 1,
    .revert_drop = 0.2F,
    .revert_window = 1,
};

ketch_status ketch_glia_config_default(ketch_glia_config *config, ketch_error *error)
{
    return kt_write_report(config, &defaults, sizeof defaults, __func__, "config", error);
}

/* ---- checks ---- */

/* A field that is a float, and the numbers that it may be. open: low itself is not allowed, high
 * neither. */
typedef struct real_field {
    const char *name;
    size_t offset;
    float low, high;
    bool open_low, open_high;
} real_field;

#define REAL(field, ...)                                                                           \
    {                                                                                              \
#field, offsetof(ketch_glia_config, field), __VA_ARGS__                                    \
    }
#define ANY .low = -INFINITY, .high = INFINITY
#define SHARE .low = 0, .high = 1
#define SIZE .low = 0, .high = INFINITY

static const real_field real_fields[] = {
    REAL(lr, SIZE),
    REAL(weight_decay, SIZE),
    REAL(weight_clip, SIZE),
    REAL(weight_jitter_std, SIZE),
    REAL(rate_alpha, SHARE),
    REAL(elig_lambda, SHARE),
    REAL(margin_delta, ANY),
    REAL(detector_alpha, SHARE),
    REAL(detector_threshold, ANY),
    REAL(reward_pos, ANY),
    REAL(reward_neg, ANY),
    REAL(reward_gain, ANY),
    REAL(reward_min, ANY),
    REAL(reward_max, ANY),
    REAL(baseline_beta, SHARE),
    REAL(usage_boost_gain, ANY),
    REAL(temperature, SIZE, .open_low = true),
    REAL(adam_beta1, SHARE, .open_high = true),
    REAL(adam_beta2, SHARE, .open_high = true),
    REAL(adam_eps, SIZE),
    REAL(clip_grad_norm, SIZE),
    REAL(prune_epsilon, SIZE),
    REAL(init_weight, ANY),
    REAL(eta_theta, ANY),
    REAL(eta_leak, ANY),
    REAL(r_target, ANY),
    REAL(inactive_rate_threshold, ANY),
    REAL(revert_drop, SIZE),
};

static kt_text allowed_reals(const real_field *field)
{
    if (field->low == -INFINITY)
        return kt_format("finite numbers");
    if (field->high == INFINITY)
        return kt_format("finite numbers %s %g", field->open_low ? "above" : "of at least",
                         (double)field->low);
    return kt_format("%g..%g%s", (double)field->low, (double)field->high,
                     field->open_high ? ", the latter excluded" : "");
}

static ketch_status check_real(const ketch_glia_config *config, const real_field *field,
                               const char *function, ketch_error *error)
{
    float x;
    memcpy(&x, (const char *)config + field->offset, sizeof x);
    const bool is_low = x < field->low || (field->open_low && x == field->low);
    const bool is_high = x > field->high || (field->open_high && x == field->high);
    if (isfinite(x) && !is_low && !is_high)
        return KETCH_OK;
    return kt_fail(error, isfinite(x) ? KETCH_RANGE : KETCH_NONFINITE, function, field->name,
                   kt_format("%g", (double)x).text, allowed_reals(field).text,
                   "a number that no training can have");
}

/* A field that is an int32_t from 0 on. */
typedef struct choice_field {
    const char *name;
    size_t offset;
    int32_t last;
} choice_field;

#define CHOICE(field, last)                                                                        \
    {                                                                                              \
#field, offsetof(ketch_glia_config, field), last                                           \
    }

static const choice_field choice_fields[] = {
    CHOICE(shuffle, 1),
    CHOICE(elig_post_use_rate, 1),
    CHOICE(reward_mode, KETCH_GLIA_REWARD_SOFTPLUS),
    CHOICE(use_advantage_baseline, 1),
    CHOICE(no_update_if_satisfied, 1),
    CHOICE(update_gating, KETCH_GLIA_GATE_TARGET),
    CHOICE(optimizer, KETCH_GLIA_ADAMW),
    CHOICE(prune_inactive_in, 1),
    CHOICE(prune_inactive_out, 1),
    CHOICE(checkpoints_enable, 1),
    CHOICE(revert_enable, 1),
    CHOICE(revert_metric, KETCH_GLIA_MARGIN),
};

static ketch_status check_choice(const ketch_glia_config *config, const choice_field *field,
                                 const char *function, ketch_error *error)
{
    int32_t x;
    memcpy(&x, (const char *)config + field->offset, sizeof x);
    if (x >= 0 && x <= field->last)
        return KETCH_OK;
    return kt_fail(error, KETCH_RANGE, function, field->name, kt_format("%d", x).text,
                   kt_format("0..%d", field->last).text, "no such choice");
}

static ketch_status check_limits(const ketch_glia_config *config, const char *function,
                                 ketch_error *error)
{
    const uint64_t kept = (uint64_t)config->ckpt_l0 + config->ckpt_l1 + config->ckpt_l2;
    if (kept > KTG_KEPT_MAX)
        return kt_fail(error, KETCH_RANGE, function, "ckpt_l0",
                       kt_format("%llu in the three levels", (unsigned long long)kept).text,
                       kt_format("0..%d", KTG_KEPT_MAX).text, "too many epochs to keep");
    if (ktg_config_ticks(config) > KETCH_GLIA_TICK_MAX)
        return kt_fail(
            error, KETCH_RANGE, function, "decision_window",
            kt_format("%llu ticks with warmup_ticks", (unsigned long long)ktg_config_ticks(config))
                .text,
            kt_format("0..%d", KETCH_GLIA_TICK_MAX).text, "too long an episode");
    if (strlen(config->default_id) > KETCH_GLIA_ID_MAX)
        return kt_fail(error, KETCH_RANGE, function, "default_id", config->default_id,
                       kt_format("0..%d bytes", KETCH_GLIA_ID_MAX).text, "too long an id");
    return KETCH_OK;
}

ketch_status ktg_config_read(ketch_glia_config *config, const ketch_glia_config *given,
                             const char *function, ketch_error *error)
{
    *config = defaults;
    if (!given)
        return KETCH_OK;
    KT_TRY(kt_read_options(config, sizeof *config, given, function, "config", error));
    config->size = sizeof *config;
    if (!config->default_id)
        config->default_id = "";
    for (size_t i = 0; i < sizeof real_fields / sizeof *real_fields; i++)
        KT_TRY(check_real(config, &real_fields[i], function, error));
    for (size_t i = 0; i < sizeof choice_fields / sizeof *choice_fields; i++)
        KT_TRY(check_choice(config, &choice_fields[i], function, error));
    return check_limits(config, function, error);
}
