/* Configurations of evolutions: read, and checked field by field. */
#include "glia/evolve/population.h"
#include "status.h"

#include <math.h>

static const ketch_glia_evolution_config evolution_defaults = {
    .size = sizeof evolution_defaults,
    .population = 8,
    .generations = 10,
    .elite = 2,
    .parents_pool = 4,
    .train_epochs = 3,
    .sigma_w = 0.05,
    .w_acc = 1,
    .w_margin = 0.5,
    .seed = 123456,
    .lamarckian = 1,
    .target_fitness = INFINITY,
};

ketch_status ketch_glia_evolution_config_default(ketch_glia_evolution_config *config,
                                                 ketch_error *error)
{
    return kt_write_report(config, &evolution_defaults, sizeof evolution_defaults, __func__,
                           "config", error);
}

enum { POPULATION_MAX = 1048576 };

/* Generations are numbered with the individuals of one more, and seeds by 32 bits. */
static const uint64_t generations_max = UINT32_MAX - 1;

static ketch_status check_whole(const char *name, uint64_t x, uint64_t low, uint64_t high,
                                const char *function, ketch_error *error)
{
    if (x >= low && x <= high)
        return KETCH_OK;
    return kt_fail(error, KETCH_RANGE, function, name,
                   kt_format("%llu", (unsigned long long)x).text,
                   kt_format("%llu..%llu", (unsigned long long)low, (unsigned long long)high).text,
                   "no evolution has such a number");
}

static ketch_status check_finite_field(const char *name, double x, bool may_be_negative,
                                       const char *function, ketch_error *error)
{
    if (isfinite(x) && (x >= 0 || may_be_negative))
        return KETCH_OK;
    return kt_fail(error, isfinite(x) ? KETCH_RANGE : KETCH_NONFINITE, function, name,
                   kt_number(x).text,
                   may_be_negative ? "finite numbers" : "finite numbers of at least 0",
                   "no evolution has such a number");
}

static ketch_status check_reals(const ketch_glia_evolution_config *c, const char *function,
                                ketch_error *error)
{
    KT_TRY(check_finite_field("sigma_w", c->sigma_w, false, function, error));
    KT_TRY(check_finite_field("sigma_thr", c->sigma_thr, false, function, error));
    KT_TRY(check_finite_field("sigma_leak", c->sigma_leak, false, function, error));
    KT_TRY(check_finite_field("w_acc", c->w_acc, true, function, error));
    KT_TRY(check_finite_field("w_margin", c->w_margin, true, function, error));
    KT_TRY(check_finite_field("w_sparsity", c->w_sparsity, true, function, error));
    if (!isnan(c->target_fitness))
        return KETCH_OK;
    return kt_fail(error, KETCH_NONFINITE, function, "target_fitness", "nan", "numbers, INFINITY",
                   "no fitness is compared with that");
}

ketch_status ktg_evolution_read(ketch_glia_evolution_config *config,
                                const ketch_glia_evolution_config *given, const char *function,
                                ketch_error *error)
{
    *config = evolution_defaults;
    if (!given)
        return KETCH_OK;
    KT_TRY(kt_read_options(config, sizeof *config, given, function, "evolution", error));
    config->size = sizeof *config;
    KT_TRY(check_whole("population", config->population, 1, POPULATION_MAX, function, error));
    KT_TRY(check_whole("generations", config->generations, 1, generations_max, function, error));
    KT_TRY(check_whole("train_epochs", config->train_epochs, 0, UINT32_MAX, function, error));
    if (config->lamarckian != 0 && config->lamarckian != 1)
        return kt_fail(error, KETCH_RANGE, function, "lamarckian",
                       kt_format("%d", config->lamarckian).text, "0..1", "no such choice");
    return check_reals(config, function, error);
}
