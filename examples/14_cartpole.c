/* Evolution of a spiking network that balances a pole on a cart, as of Barto, Sutton and Anderson
 * (IEEE Transactions on Systems, Man, and Cybernetics 13, 1983): it pushes the cart to the left or to
 * the right 50 times a second. Individuals are not trained; their fitness is how long they last. */
#include "ketch.h"

#include <math.h>
#include <stdio.h>

enum { TRAINING_STARTS = 60, TRAINING_STEPS = 1000, HELD_OUT_STARTS = 100, HELD_OUT_STEPS = 500 };
enum { NUMBERS = 4, SENSORS = 2 * NUMBERS, LEFT = SENSORS, RIGHT = SENSORS + 1, TICKS = 4 };

/* ---- the cart ---- */

/* Place in m, speed in m/s, angle of the pole in rad, rad/s. */
typedef struct cart {
    double number[NUMBERS];
} cart;

static void push(cart *c, double force)
{
    static const double gravity = 9.8, mass = 1.1, pole_mass = 0.1, half_length = 0.5,
                        seconds = 0.02;
    double *const x = c->number;
    const double sine = sin(x[2]), cosine = cos(x[2]);
    const double pull = (force + pole_mass * half_length * x[3] * x[3] * sine) / mass;
    const double turn = (gravity * sine - cosine * pull) /
                        (half_length * (4.0 / 3 - pole_mass * cosine * cosine / mass));
    const double speed_up = pull - pole_mass * half_length * turn * cosine / mass;
    x[0] += seconds * x[1];
    x[1] += seconds * speed_up;
    x[2] += seconds * x[3];
    x[3] += seconds * turn;
}

/* The cart has left the track of 4.8 m, or the pole leans by more than 12 degrees. */
static int has_failed(const cart *c)
{
    return fabs(c->number[0]) > 2.4 || fabs(c->number[2]) > 0.2094395;
}

static cart start(uint64_t seed, uint32_t number)
{
    ketch_random random = {.seed = seed, .stream = ketch_random_stream(1, 1, number)};
    cart c;
    for (int i = 0; i < NUMBERS; i++)
        c.number[i] = 0.1 * (2 * ketch_random_uniform(&random) - 1);
    return c;
}

/* ---- the network ---- */

/* Two sensors for each number, for what is above 0 and what is below; they fire the more often the more
 * is injected. Each leads to both outputs, with weight 0. */
static ketch_status make_net(ketch_glia_net **net, ketch_engine *engine, ketch_error *error)
{
    char id[] = "S0";
    ketch_status status = ketch_glia_net_create(net, ketch_engine_arena(engine), NULL, error);
    for (uint32_t i = 0; i < SENSORS && status == KETCH_OK; i++, id[1]++)
        status = ketch_glia_add_neuron(*net, id, 1, 1, 0, error);
    if (status != KETCH_OK || ketch_glia_add_neuron(*net, "O0", 1, 0.9F, 0, error) ||
        ketch_glia_add_neuron(*net, "O1", 1, 0.9F, 0, error))
        return status ? status : error->status;
    for (uint32_t i = 0; i < SENSORS && status == KETCH_OK; i++) {
        const uint32_t from[] = {i, i}, to[] = {LEFT, RIGHT};
        const float weights[] = {0, 0};
        status = ketch_glia_add_synapses(*net, 2, from, to, weights, error);
    }
    return status;
}

static ketch_status show(ketch_glia_net *net, const cart *c, ketch_error *error)
{
    static const double gains[NUMBERS] = {0.4, 0.5, 5, 0.7};
    uint32_t sensors[SENSORS];
    float amounts[SENSORS];
    for (uint32_t i = 0; i < SENSORS; i++) {
        const double amount = gains[i / 2] * c->number[i / 2] * (i % 2 ? -1 : 1);
        sensors[i] = i;
        amounts[i] = amount > 0 ? (float)amount : 0;
    }
    return ketch_glia_inject(net, SENSORS, sensors, amounts, error);
}

/* The direction in which more spikes point; without any, the last one. */
static ketch_status decide(double *force, ketch_glia_net *net, const cart *c, ketch_error *error)
{
    int votes = 0;
    for (int tick = 0; tick < TICKS; tick++) {
        uint32_t fired[SENSORS + 2];
        uint64_t count = 0;
        if (show(net, c, error) || ketch_glia_step(net, 1, error) ||
            ketch_glia_get_fired(fired, SENSORS + 2, &count, net, error))
            return error->status;
        for (uint64_t i = 0; i < count; i++)
            votes += (fired[i] == RIGHT) - (fired[i] == LEFT);
    }
    if (votes != 0)
        *force = votes > 0 ? 10 : -10;
    return KETCH_OK;
}

static ketch_status balance(int *steps, ketch_glia_net *net, cart c, int most, ketch_error *error)
{
    double force = -10;
    ketch_status status = ketch_glia_reset(net, error);
    for (*steps = 0; status == KETCH_OK && *steps < most && !has_failed(&c); ++*steps) {
        status = decide(&force, net, &c, error);
        push(&c, force);
    }
    return status;
}

/* ---- evolution ---- */

static ketch_status mean_steps(double *fitness, const ketch_glia_candidate *candidate, void *user)
{
    ketch_status status = KETCH_OK;
    int sum = 0, steps = 0;
    for (uint32_t i = 0; i < TRAINING_STARTS && status == KETCH_OK; i++) {
        status = balance(&steps, candidate->net, start(1, i), TRAINING_STEPS, user);
        sum += steps;
    }
    *fitness = (double)sum / TRAINING_STARTS;
    return status;
}

static ketch_status evolve(ketch_glia_net **best, ketch_engine *engine, ketch_glia_net *net,
                           ketch_error *error)
{
    ketch_error within = {.size = sizeof within};
    ketch_result *result = NULL;
    ketch_glia_evolution_config config = {.size = sizeof config};
    ketch_glia_evolution_config_default(&config, error);
    config.seed = 1;
    config.population = 32;
    config.elite = 4;
    config.parents_pool = 8;
    config.generations = 100;
    config.train_epochs = 0;
    config.sigma_w = 0.3;
    config.target_fitness = TRAINING_STEPS;
    const ketch_glia_evolution evolution = {
        .size = sizeof evolution, .evolution = &config, .fitness = mean_steps, .user = &within};
    ketch_status status = ketch_glia_evolve(&result, engine, net, &evolution, NULL, error);
    if (status == KETCH_OK)
        status = ketch_glia_evolved_net(best, result, KETCH_GLIA_BEST_OF_ALL, NULL, error);
    ketch_result_destroy(result);
    return status;
}

static ketch_status print_score(const char *when, ketch_glia_net *net, ketch_error *error)
{
    int balanced = 0, steps = 0;
    for (uint32_t i = 0; i < HELD_OUT_STARTS; i++) {
        if (balance(&steps, net, start(2, i), HELD_OUT_STEPS, error))
            return error->status;
        balanced += steps == HELD_OUT_STEPS;
    }
    printf("%s evolution: %d steps in %d of %d held-out starts\n", when, HELD_OUT_STEPS, balanced,
           HELD_OUT_STARTS);
    return KETCH_OK;
}

int main(void)
{
    ketch_error error = {.size = sizeof error};
    ketch_engine *engine = NULL;
    ketch_glia_net *net = NULL, *best = NULL;
    const int failed = ketch_engine_create(&engine, NULL, &error) ||
                       make_net(&net, engine, &error) || print_score("before", net, &error) ||
                       evolve(&best, engine, net, &error) || print_score("after", best, &error);
    if (failed)
        fprintf(stderr, "%s: %s\n", ketch_status_name(error.status), error.message);
    ketch_glia_net_drop(best);
    ketch_glia_net_drop(net);
    ketch_engine_destroy(engine, NULL);
    return failed;
}
