/* Clean networks: with every kernel set they are, bit by bit, what a model computes neuron by neuron;
 * the model's equations are compared with their solutions in closed form; and what waits outlives
 * copies, new neurons, stops and files. */
#define _GNU_SOURCE
#include "cpu.h"
#include "glia/net/net.h"
#include "nets.h"
#include "rounded.h"
#include "suite.h"

#include <math.h>
#include <string.h>

enum { MOST_NEURONS = 150, MOST_TICKS = 400, DELAY_MOST = 255 };

static ketch_error failure;

/* ---- the model ---- */

/* Numbers by KETCH_GLIA_... */
typedef struct cell {
    float number[KETCH_GLIA_WAIT + 1];
} cell;

/* delay[i][j]: of the synapse from i to j; 0: there is none. due[t]: what arrives in tick t. */
typedef struct model {
    uint32_t count, tick;
    double tau[2];
    cell cells[MOST_NEURONS];
    int delay[MOST_NEURONS][MOST_NEURONS];
    float weight[MOST_NEURONS][MOST_NEURONS];
    float due[MOST_TICKS + DELAY_MOST + 1][2][MOST_NEURONS];
    bool fired[MOST_NEURONS];
} model;

static float gain(double leak, double tau)
{
    if (tau == 0)
        return (float)leak;
    if (leak == 0)
        return 0;
    const double x = -log(leak) - 1 / tau;
    return (float)(x == 0 ? leak : leak * (expm1(x) / x));
}

static float base(double leak, double resting, double drive)
{
    const double r = leak == 0 ? INFINITY : -log(leak);
    return (float)((1 - leak) * resting + drive * (r == 0 ? 1 : -expm1(-r) / r));
}

static void send(model *m, uint32_t from)
{
    for (uint32_t to = 0; to < m->count; to++) {
        const float weight = m->weight[from][to];
        float *const due = m->due[m->tick + (uint32_t)m->delay[from][to]][signbit(weight) != 0];
        if (m->delay[from][to])
            due[to] = add(due[to], weight);
    }
}

static void tick_cell(model *m, uint32_t i)
{
    float *const n = m->cells[i].number;
    float *const currents[] = {&n[KETCH_GLIA_EXCITATION], &n[KETCH_GLIA_INHIBITION]};
    float next = multiply(n[KETCH_GLIA_LEAK], n[KETCH_GLIA_VALUE]);
    next = add(next, base(n[KETCH_GLIA_LEAK], n[KETCH_GLIA_RESTING], n[KETCH_GLIA_DRIVE]));
    for (int c = 0; c < 2; c++) {
        *currents[c] = add(*currents[c], m->due[m->tick][c][i]);
        next = add(next, multiply(gain(n[KETCH_GLIA_LEAK], m->tau[c]), *currents[c]));
        *currents[c] = multiply(*currents[c], ketch_glia_leak(m->tau[c]));
    }
    next = add(next, n[KETCH_GLIA_ON_DECK]);
    n[KETCH_GLIA_ON_DECK] = 0;
    m->fired[i] = n[KETCH_GLIA_WAIT] == 0 && next > n[KETCH_GLIA_THRESHOLD];
    if (m->fired[i]) {
        n[KETCH_GLIA_VALUE] = n[KETCH_GLIA_RESET];
        n[KETCH_GLIA_WAIT] = n[KETCH_GLIA_REFRACTORY];
    } else if (n[KETCH_GLIA_WAIT] > 0) {
        n[KETCH_GLIA_WAIT]--;
    } else {
        n[KETCH_GLIA_VALUE] = next;
    }
}

static void tick_model(model *m)
{
    m->tick++;
    ck_assert_uint_le(m->tick, MOST_TICKS);
    for (uint32_t i = 0; i < m->count; i++)
        tick_cell(m, i);
    for (uint32_t i = 0; i < m->count; i++)
        if (m->fired[i])
            send(m, i);
}

/* ---- networks ---- */

static ketch_glia_net *clean_net(double tau_e, double tau_i)
{
    const ketch_glia_net_options options = {
        .size = sizeof options, .mode = KETCH_GLIA_CLEAN, .tau_e = tau_e, .tau_i = tau_i};
    ketch_arena *arena = NULL;
    ketch_glia_net *net = NULL;
    failure = (ketch_error){.size = sizeof failure};
    GOOD(ketch_arena_create(&arena, NULL, &error));
    GOOD(ketch_glia_net_create(&net, arena, &options, &error));
    ketch_arena_drop(arena);
    return net;
}

static void set(ketch_glia_net *net, ketch_glia_field field, uint32_t neuron, float number)
{
    GOOD(ketch_glia_set(net, field, neuron, 1, &number, &error));
}

static float get(ketch_glia_net *net, ketch_glia_field field, uint32_t neuron)
{
    float number = NAN;
    GOOD(ketch_glia_get(&number, net, field, neuron, 1, &error));
    return number;
}

static void connect(ketch_glia_net *net, uint32_t from, uint32_t to, float weight, uint8_t delay)
{
    GOOD(ketch_glia_add_delayed(net, 1, &from, &to, &weight, &delay, &error));
}

static void inject(ketch_glia_net *net, uint32_t neuron, float amount)
{
    GOOD(ketch_glia_inject(net, 1, &neuron, &amount, &error));
}

static void step(ketch_glia_net *net, uint64_t ticks)
{
    GOOD(ketch_glia_step(net, ticks, &error));
}

static bool has_fired(ketch_glia_net *net, uint32_t neuron)
{
    uint32_t fired[MOST_NEURONS];
    uint64_t count = 0;
    GOOD(ketch_glia_get_fired(fired, MOST_NEURONS, &count, net, &error));
    for (uint64_t i = 0; i < count; i++)
        if (fired[i] == neuron)
            return true;
    return false;
}

/* A neuron N0 that leaks to 0, and one more that drives it. */
static ketch_glia_net *pair(double tau, double tau_e, double tau_i)
{
    ketch_glia_net *const net = clean_net(tau_e, tau_i);
    GOOD(ketch_glia_add_neurons(net, 2, NULL, 1e30F, ketch_glia_leak(tau), 0, &error));
    set(net, KETCH_GLIA_THRESHOLD, 1, 0.5F);
    return net;
}

/* size: the largest number that comes up. */
static void expect_near(double got, double expected, double size, const char *what, double at)
{
    ck_assert_msg(fabs(got - expected) <= 1e-5 * size, "%s at %g: %.9g, not %.9g", what, at, got,
                  expected);
}

/* ---- each equation alone ---- */

START_TEST(a_voltage_does_not_leak_exponentially)
{
    const double taus[] = {0.5, 3, 20, 200, 1000};
    for (int t = 0; t < 5; t++) {
        ketch_glia_net *const net = pair(taus[t], 0, 0);
        set(net, KETCH_GLIA_RESTING, 0, -4);
        set(net, KETCH_GLIA_DRIVE, 0, 0.01F);
        set(net, KETCH_GLIA_VALUE, 0, 3);
        const double end = -4 + 0.01 * taus[t];
        for (int tick = 1; tick <= 500; tick++) {
            step(net, 1);
            expect_near(get(net, KETCH_GLIA_VALUE, 0), end + (3 - end) * exp(-tick / taus[t]),
                        fmax(3, fabs(end)), "a voltage", tick);
        }
        ketch_glia_net_drop(net);
    }
}
END_TEST

START_TEST(a_voltage_without_leak_does_not_stay_or_grow_by_the_drive)
{
    ketch_glia_net *const net = pair(INFINITY, 5, 5);
    set(net, KETCH_GLIA_RESTING, 0, 7);
    set(net, KETCH_GLIA_VALUE, 0, 3);
    step(net, 10);
    ck_assert_float_eq(get(net, KETCH_GLIA_VALUE, 0), 3);
    set(net, KETCH_GLIA_DRIVE, 0, 0.5F);
    step(net, 10);
    ck_assert_float_eq(get(net, KETCH_GLIA_VALUE, 0), 8);
    ketch_glia_net_drop(net);
}
END_TEST

/* V of a current that was 1 at t = 0: the solution of the two equations. */
static double response(double tau, double tau_c, double t)
{
    if (tau == tau_c)
        return t * exp(-t / tau);
    if (isinf(tau))
        return tau_c * (1 - exp(-t / tau_c));
    return tau * tau_c / (tau - tau_c) * (exp(-t / tau) - exp(-t / tau_c));
}

/* N1 fires in tick 1, so that the synapse acts from tick 2 on. */
START_TEST(a_current_is_not_the_solution_of_its_equation)
{
    static const double taus[][2] = {{20, 5},  {200, 50},     {5, 20},
                                     {10, 10}, {INFINITY, 8}, {2, 0.3}};
    const double tau = taus[_i / 2][0], tau_c = taus[_i / 2][1];
    const float weight = _i % 2 ? -0.75F : 0.75F;
    ketch_glia_net *const net = _i % 2 ? pair(tau, 3, tau_c) : pair(tau, tau_c, 3);
    connect(net, 1, 0, weight, 1);
    inject(net, 1, 1);
    step(net, 1);
    ck_assert_float_eq(get(net, KETCH_GLIA_VALUE, 0), 0);
    for (int t = 1; t <= 300; t++) {
        step(net, 1);
        const ketch_glia_field field = _i % 2 ? KETCH_GLIA_INHIBITION : KETCH_GLIA_EXCITATION;
        const double expected = (double)weight * response(tau, tau_c, t);
        expect_near(get(net, KETCH_GLIA_VALUE, 0), expected, fmax(1, fabs(expected)), "V", t);
        expect_near(get(net, field, 0), (double)weight * exp(-t / tau_c), 1, "a current", t);
    }
    ketch_glia_net_drop(net);
}
END_TEST

START_TEST(a_synapse_without_current_does_not_act_before_the_leak)
{
    ketch_glia_net *const net = pair(20, 0, 0);
    connect(net, 1, 0, 4, 1);
    inject(net, 1, 1);
    step(net, 2);
    ck_assert_float_eq(get(net, KETCH_GLIA_VALUE, 0), 4 * ketch_glia_leak(20));
    ck_assert_float_eq(get(net, KETCH_GLIA_EXCITATION, 0), 0);
    ketch_glia_net_drop(net);
}
END_TEST

START_TEST(an_injection_does_not_act_in_its_step)
{
    ketch_glia_net *const net = pair(20, 5, 5);
    inject(net, 0, 2.5F);
    ck_assert_float_eq(get(net, KETCH_GLIA_ON_DECK, 0), 2.5F);
    step(net, 1);
    ck_assert_float_eq(get(net, KETCH_GLIA_VALUE, 0), 2.5F);
    ck_assert_float_eq(get(net, KETCH_GLIA_ON_DECK, 0), 0);
    step(net, 1);
    ck_assert_float_eq(get(net, KETCH_GLIA_VALUE, 0), 2.5F * ketch_glia_leak(20));
    inject(net, 1, 0.5F);
    step(net, 1);
    ck_assert(!has_fired(net, 1));
    inject(net, 1, 0.5F);
    step(net, 1);
    ck_assert(has_fired(net, 1));
    ketch_glia_net_drop(net);
}
END_TEST

/* Driven above its threshold in each tick, a neuron fires in each (refractory + 1)th one. */
START_TEST(a_neuron_fires_while_it_is_refractory)
{
    ketch_glia_net *const net = pair(20, 5, 5);
    set(net, KETCH_GLIA_REFRACTORY, 1, (float)_i);
    set(net, KETCH_GLIA_RESET, 1, -2);
    for (int tick = 0; tick < 5 * (_i + 1); tick++) {
        inject(net, 1, 10);
        step(net, 1);
        ck_assert_int_eq(has_fired(net, 1), tick % (_i + 1) == 0);
        ck_assert_float_eq(get(net, KETCH_GLIA_VALUE, 1), -2);
        ck_assert_float_eq(get(net, KETCH_GLIA_WAIT, 1), (float)(_i - tick % (_i + 1)));
    }
    ketch_glia_net_drop(net);
}
END_TEST

/* Each delay has a target of its own, which fires that many ticks later and never else. */
START_TEST(a_delay_is_another_one)
{
    enum { ALL = 255 };
    ketch_glia_net *const net = clean_net(0, 0);
    uint32_t fired[ALL + 1];
    uint64_t count = 0;
    GOOD(ketch_glia_add_neurons(net, ALL + 1, NULL, 0.5F, 1, 0, &error));
    for (uint32_t d = 1; d <= ALL; d++)
        connect(net, 0, d, 1, (uint8_t)d);
    for (uint32_t tick = 0; tick <= 2 * ALL; tick++) {
        if (tick == 0)
            inject(net, 0, 1);
        step(net, 1);
        GOOD(ketch_glia_get_fired(fired, ALL + 1, &count, net, &error));
        ck_assert_uint_eq(count, tick <= ALL);
        if (count)
            ck_assert_uint_eq(fired[0], tick);
    }
    ketch_glia_net_drop(net);
}
END_TEST

/* ---- against the model ---- */

typedef struct twins {
    model m;
    ketch_glia_net *net;
    ketch_random random;
} twins;

static const uint32_t counts[] = {1, 15, 16, 17, 64, 150};
static const int delays_most[] = {1, 2, 255};

/* Whole delays of 1..most; shared: all neurons have the same numbers. */
static void make_cells(twins *t, bool shared)
{
    ketch_random *const r = &t->random;
    for (uint32_t i = 0; i < t->m.count; i++) {
        float *const n = t->m.cells[i].number;
        n[KETCH_GLIA_THRESHOLD] = (float)draw(r, -3, 3);
        n[KETCH_GLIA_LEAK] =
            ketch_random_below(r, 8) ? (float)draw(r, 0, 1) : (float)ketch_random_below(r, 2);
        n[KETCH_GLIA_RESTING] = (float)draw(r, -4, 2);
        n[KETCH_GLIA_RESET] = (float)draw(r, -8, 2);
        n[KETCH_GLIA_DRIVE] = (float)draw(r, -0.1, 0.5);
        n[KETCH_GLIA_REFRACTORY] = (float)ketch_random_below(r, 4);
        if (shared && i > 0)
            t->m.cells[i] = t->m.cells[0];
        n[KETCH_GLIA_VALUE] = (float)draw(r, -4, 2);
    }
}

static void copy_numbers(twins *t)
{
    static const ketch_glia_field fields[] = {
        KETCH_GLIA_THRESHOLD, KETCH_GLIA_LEAK,  KETCH_GLIA_RESTING,   KETCH_GLIA_VALUE,
        KETCH_GLIA_RESET,     KETCH_GLIA_DRIVE, KETCH_GLIA_REFRACTORY};
    GOOD(ketch_glia_add_neurons(t->net, t->m.count, NULL, 0, 0, 0, &error));
    for (int f = 0; f < 7; f++)
        for (uint32_t i = 0; i < t->m.count; i++)
            set(t->net, fields[f], i, t->m.cells[i].number[fields[f]]);
}

/* All at once: of each synapse alone the network would make its rows anew. */
static void connect_twins(twins *t, int most)
{
    enum { MOST = MOST_NEURONS * MOST_NEURONS };
    static uint32_t from[MOST], to[MOST];
    static float weight[MOST];
    static uint8_t delay[MOST];
    uint64_t count = 0;
    for (uint32_t i = 0; i < t->m.count; i++)
        for (uint32_t j = 0; j < t->m.count; j++) {
            if (ketch_random_below(&t->random, 4))
                continue;
            from[count] = i;
            to[count] = j;
            delay[count] = (uint8_t)(1 + ketch_random_below(&t->random, (uint64_t)most));
            weight[count] = (float)draw(&t->random, -0.6, 0.9);
            t->m.delay[i][j] = delay[count];
            t->m.weight[i][j] = weight[count++];
        }
    GOOD(ketch_glia_add_delayed(t->net, count, from, to, weight, delay, &error));
}

static void make_twins(twins *t, uint32_t count, int most, bool shared, uint64_t seed)
{
    memset(t, 0, sizeof *t);
    t->random.seed = seed;
    t->m.count = count;
    for (int c = 0; c < 2; c++)
        t->m.tau[c] = ketch_random_below(&t->random, 3) ? draw(&t->random, 0.5, 30) : 0;
    t->net = clean_net(t->m.tau[0], t->m.tau[1]);
    make_cells(t, shared);
    copy_numbers(t);
    connect_twins(t, most);
}

static void inject_twins(twins *t)
{
    for (uint64_t i = ketch_random_below(&t->random, 3); i > 0; i--) {
        const uint32_t neuron = (uint32_t)ketch_random_below(&t->random, t->m.count);
        const float amount = (float)draw(&t->random, -1, 4);
        float *const waits = &t->m.cells[neuron].number[KETCH_GLIA_ON_DECK];
        *waits = add(*waits, amount);
        inject(t->net, neuron, amount);
    }
}

/* Returns how many neurons fired. */
static uint64_t compare_twins(const twins *t)
{
    static const ketch_glia_field fields[] = {KETCH_GLIA_VALUE, KETCH_GLIA_EXCITATION,
                                              KETCH_GLIA_INHIBITION, KETCH_GLIA_WAIT};
    uint32_t fired[MOST_NEURONS];
    uint64_t count = 0, at = 0;
    GOOD(ketch_glia_get_fired(fired, MOST_NEURONS, &count, t->net, &error));
    for (uint32_t i = 0; i < t->m.count; i++)
        if (t->m.fired[i])
            ck_assert_msg(at < count && fired[at++] == i, "tick %u: %u fired", t->m.tick, i);
    ck_assert_uint_eq(at, count);
    for (int f = 0; f < 4; f++) {
        float found[MOST_NEURONS];
        GOOD(ketch_glia_get(found, t->net, fields[f], 0, t->m.count, &error));
        for (uint32_t i = 0; i < t->m.count; i++) {
            const float wanted = t->m.cells[i].number[fields[f]];
            ck_assert_msg(memcmp(&found[i], &wanted, sizeof wanted) == 0,
                          "tick %u, neuron %u, field %d: %a, not %a", t->m.tick, i, (int)fields[f],
                          (double)found[i], (double)wanted);
        }
    }
    return count;
}

/* _i: the kernel set. */
START_TEST(a_network_is_not_what_the_model_computes)
{
    static twins t;
    enum { SEEDS = 36 };
    uint64_t spikes = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        make_twins(&t, counts[seed % 6], delays_most[seed / 6 % 3], seed >= 18, seed);
        ktg_net_use_kernels(t.net, (ketch_kernels)_i);
        for (int tick = 0; tick < 60; tick++) {
            inject_twins(&t);
            step(t.net, 1);
            tick_model(&t.m);
            spikes += compare_twins(&t);
        }
        ketch_glia_net_drop(t.net);
    }
    ck_assert_uint_gt(spikes, 250 * SEEDS);
}
END_TEST

/* ---- what waits ---- */

/* New neurons, sensory ones among them, get numbers between the old ones; a longer delay moves all
 * that is due. */
START_TEST(new_neurons_or_longer_delays_lose_spikes)
{
    static twins t;
    make_twins(&t, 40, 20, false, 7);
    for (int tick = 0; tick < 100; tick++) {
        inject_twins(&t);
        step(t.net, 1);
        tick_model(&t.m);
        if (tick == 30) {
            const char *const ids[] = {"X", "Y"};
            GOOD(ketch_glia_add_neurons(t.net, 2, ids, 1e30F, 0, 0, &error));
            connect(t.net, 40, 41, 1, 200);
        }
        if (tick == 60) {
            float kept[40];
            GOOD(ketch_glia_get(kept, t.net, KETCH_GLIA_VALUE, 0, 40, &error));
            GOOD(ketch_glia_add_neuron(t.net, "S", 1e30F, 0, 0, &error));
            for (uint32_t i = 0; i < 40; i++)
                ck_assert_float_eq(get(t.net, KETCH_GLIA_VALUE, i + 1), kept[i]);
            break;
        }
        compare_twins(&t);
    }
    for (int tick = 0; tick < 50; tick++) {
        step(t.net, 1);
        tick_model(&t.m);
        for (uint32_t i = 0; i < 40; i++)
            ck_assert_float_eq(get(t.net, KETCH_GLIA_VALUE, i + 1),
                               t.m.cells[i].number[KETCH_GLIA_VALUE]);
    }
    ketch_glia_net_drop(t.net);
}
END_TEST

START_TEST(a_copy_is_another_network)
{
    static twins t;
    make_twins(&t, 64, 255, false, 8);
    for (int tick = 0; tick < 50; tick++) {
        inject_twins(&t);
        step(t.net, 1);
        tick_model(&t.m);
    }
    ketch_glia_net *const old = t.net;
    GOOD(ketch_glia_net_copy(&t.net, old, NULL, &error));
    ketch_glia_net_drop(old);
    for (int tick = 0; tick < 100; tick++) {
        step(t.net, 1);
        tick_model(&t.m);
        compare_twins(&t);
    }
    ketch_glia_net_drop(t.net);
}
END_TEST

START_TEST(a_reset_leaves_something)
{
    static twins t;
    static float first[30][64];
    make_twins(&t, 64, 9, false, 9);
    for (int round = 0; round < 2; round++) {
        GOOD(ketch_glia_reset(t.net, &error));
        ck_assert_uint_eq(net_info(t.net).ticks, 0);
        inject(t.net, 3, 5);
        for (int tick = 0; tick < 30; tick++) {
            float now[64];
            step(t.net, 1);
            GOOD(ketch_glia_get(now, t.net, KETCH_GLIA_VALUE, 0, 64, &error));
            if (round == 0)
                memcpy(first[tick], now, sizeof now);
            ck_assert_mem_eq(first[tick], now, sizeof now);
        }
        inject(t.net, 5, 1);
    }
    GOOD(ketch_glia_reset(t.net, &error));
    ck_assert_float_eq(get(t.net, KETCH_GLIA_ON_DECK, 5), 0);
    ketch_glia_net_drop(t.net);
}
END_TEST

/* ---- synapses ---- */

START_TEST(a_delay_is_not_told)
{
    ketch_glia_net *const net = clean_net(0, 0);
    const uint32_t from[] = {0, 1, 2, 0}, to[] = {1, 2, 0, 2};
    const float weights[] = {1, 2, 3, 4};
    const uint8_t delays[] = {9, 255, 1, 4};
    uint8_t told[4] = {0};
    GOOD(ketch_glia_add_neurons(net, 3, NULL, 1, 0.5F, 0, &error));
    GOOD(ketch_glia_add_synapses(net, 4, from, to, weights, &error));
    GOOD(ketch_glia_get_delays(told, 4, from, to, net, &error));
    ck_assert_mem_eq(told, ((uint8_t[]){1, 1, 1, 1}), 4);
    GOOD(ketch_glia_add_delayed(net, 4, from, to, weights, delays, &error));
    GOOD(ketch_glia_get_delays(told, 4, from, to, net, &error));
    ck_assert_mem_eq(told, delays, 4);
    ck_assert_uint_eq(net_info(net).synapses, 4);
    ck_assert_uint_eq(net_info(net).delay_max, 255);
    ketch_glia_net_drop(net);
}
END_TEST

/* ---- in double precision ---- */

/* Two neurons, of which the first one fires in each fourth tick. */
START_TEST(double_precision_is_not_the_equations)
{
    enum { TICKS = 40 };
    ketch_glia_net *const net = pair(3, 5, 0);
    const double leak = (double)get(net, KETCH_GLIA_LEAK, 1), keep = exp(-1.0 / 5);
    const double x = -log(leak) - 1.0 / 5, rise = leak * expm1(x) / x;
    double values[2] = {0}, voltage = 0, current = 0;
    uint64_t fired[2] = {9, 9};
    ketch_glia_sequence *sequence = NULL;
    GOOD(ketch_glia_sequence_create(&sequence, &error));
    for (uint64_t tick = 0; tick < TICKS; tick += 4)
        GOOD(ketch_glia_sequence_add(sequence, tick, ketch_glia_id(net, 0), 1e6F, &error));
    set(net, KETCH_GLIA_THRESHOLD, 0, 0.5F);
    set(net, KETCH_GLIA_THRESHOLD, 1, 1e30F);
    connect(net, 0, 1, 0.1F, 1);
    for (int tick = 0; tick < TICKS; tick++) {
        current += tick % 4 == 1 ? (double)0.1F : 0;
        voltage = leak * voltage + rise * current;
        current *= keep;
    }
    GOOD(ketch_glia_run_double(values, fired, net, sequence, TICKS, &error));
    ck_assert_uint_eq(fired[0], TICKS / 4);
    ck_assert_uint_eq(fired[1], 0);
    ck_assert_double_eq_tol(values[1], voltage, 1e-14 * voltage);
    ck_assert_uint_eq(net_info(net).ticks, 0);
    ck_assert_float_eq(get(net, KETCH_GLIA_VALUE, 1), 0);
    ketch_glia_sequence_drop(sequence);
    ketch_glia_net_drop(net);
}
END_TEST

/* ---- wrong calls ---- */

static void expect_status(ketch_status got, ketch_status wanted, const char *part)
{
    const bool tells = strstr(failure.argument, part) || strstr(failure.given, part) ||
                       strstr(failure.allowed, part);
    ck_assert_msg(got == wanted && tells, "%d: %s: %s", got, failure.argument, failure.message);
}

static ketch_status create(ketch_glia_mode mode, double tau_e, double tau_i)
{
    const ketch_glia_net_options options = {
        .size = sizeof options, .mode = mode, .tau_e = tau_e, .tau_i = tau_i};
    ketch_arena *arena = NULL;
    ketch_glia_net *net = NULL;
    failure = (ketch_error){.size = sizeof failure};
    GOOD(ketch_arena_create(&arena, NULL, &error));
    const ketch_status status = ketch_glia_net_create(&net, arena, &options, &failure);
    ketch_glia_net_drop(net);
    ketch_arena_drop(arena);
    return status;
}

START_TEST(a_wrong_mode_or_time_constant_is_taken)
{
    expect_status(create((ketch_glia_mode)3, 0, 0), KETCH_RANGE, "2 (clean)");
    expect_status(create(KETCH_GLIA_CLEAN, -1, 0), KETCH_RANGE, "tau_e");
    expect_status(create(KETCH_GLIA_CLEAN, 0, INFINITY), KETCH_RANGE, "tau_i");
    expect_status(create(KETCH_GLIA_CLEAN, NAN, 0), KETCH_RANGE, "tau_e");
    expect_status(create(KETCH_GLIA_COMPAT, 0, 1), KETCH_RANGE, "0 in compat mode");
    ck_assert(isnan(ketch_glia_leak(-1)) && isnan(ketch_glia_leak(NAN)));
    ck_assert_float_eq(ketch_glia_leak(0), 0);
    ck_assert_float_eq(ketch_glia_leak(INFINITY), 1);
}
END_TEST

static ketch_status try_set(ketch_glia_net *net, ketch_glia_field field, float number)
{
    return ketch_glia_set(net, field, 0, 1, &number, &failure);
}

START_TEST(a_wrong_number_is_taken)
{
    ketch_glia_net *const net = pair(20, 5, 5);
    float number;
    expect_status(try_set(net, KETCH_GLIA_LEAK, 1.5F), KETCH_RANGE, "0..1");
    expect_status(try_set(net, KETCH_GLIA_REFRACTORY, 2.5F), KETCH_RANGE, "0..16777216");
    expect_status(try_set(net, KETCH_GLIA_WAIT, -1), KETCH_RANGE, "0..16777216");
    expect_status(try_set(net, KETCH_GLIA_DRIVE, NAN), KETCH_NONFINITE, "numbers");
    expect_status(try_set(net, KETCH_GLIA_DELTA, 0), KETCH_RANGE, "0..11 but 4");
    expect_status(try_set(net, (ketch_glia_field)12, 0), KETCH_RANGE, "field");
    expect_status(ketch_glia_get(&number, net, KETCH_GLIA_DELTA, 0, 1, &failure), KETCH_RANGE,
                  "field");
    expect_status(ketch_glia_add_neuron(net, "A", 1, -0.5F, 0, &failure), KETCH_RANGE, "leak");
    expect_status(ketch_glia_add_neurons(net, 1, NULL, 1, 2, 0, &failure), KETCH_RANGE, "leak");
    ck_assert_uint_eq(net_info(net).neurons, 2);
    ck_assert_float_eq(get(net, KETCH_GLIA_LEAK, 0), ketch_glia_leak(20));
    ketch_glia_net_drop(net);
}
END_TEST

START_TEST(a_wrong_neuron_or_synapse_is_added)
{
    ketch_glia_net *const net = pair(20, 5, 5);
    const char *const twice[] = {"A", "A"}, *const none[] = {"B", NULL}, *const old[] = {"N1"};
    const uint32_t zero = 0, two = 2;
    const float weight = 1;
    const uint8_t no_delay = 0, delay = 3;
    uint8_t got = 0;
    expect_status(ketch_glia_add_neurons(net, 2, twice, 1, 0, 0, &failure), KETCH_DUPLICATE, "ids");
    expect_status(ketch_glia_add_neurons(net, 2, none, 1, 0, 0, &failure), KETCH_HANDLE, "id");
    expect_status(ketch_glia_add_neurons(net, 1, old, 1, 0, 0, &failure), KETCH_DUPLICATE, "N1");
    expect_status(ketch_glia_add_neurons(net, 1, NULL, NAN, 0, 0, &failure), KETCH_NONFINITE,
                  "threshold");
    expect_status(ketch_glia_add_delayed(net, 1, &zero, &zero, &weight, &no_delay, &failure),
                  KETCH_RANGE, "1..255");
    expect_status(ketch_glia_add_delayed(net, 1, &zero, &two, &weight, &delay, &failure),
                  KETCH_INDEX, "to");
    expect_status(ketch_glia_add_delayed(net, 1, &zero, &zero, &weight, NULL, &failure),
                  KETCH_HANDLE, "delays");
    expect_status(ketch_glia_get_delays(&got, 1, &zero, &zero, net, &failure), KETCH_INDEX, "from");
    expect_status(ketch_glia_get_delays(&got, 1, &zero, &two, net, &failure), KETCH_INDEX, "from");
    ck_assert_uint_eq(net_info(net).neurons, 2);
    ck_assert_uint_eq(net_info(net).synapses, 0);
    ketch_glia_net_drop(net);
}
END_TEST

START_TEST(a_compat_network_takes_what_only_clean_ones_have)
{
    ketch_arena *arena = NULL;
    GOOD(ketch_arena_create(&arena, NULL, &error));
    ketch_glia_net *const net = random_net(arena, 4, 2, 3, 1);
    const uint32_t zero = 0;
    const float weight = 1;
    const uint8_t delay = 1;
    failure = (ketch_error){.size = sizeof failure};
    expect_status(ketch_glia_add_delayed(net, 1, &zero, &zero, &weight, &delay, &failure),
                  KETCH_RANGE, "clean network");
    expect_status(try_set(net, KETCH_GLIA_RESET, 0), KETCH_RANGE, "0..5");
    ck_assert_uint_eq(net_info(net).delay_max, 1);
    ketch_glia_net_drop(net);
    ketch_arena_drop(arena);
}
END_TEST

/* ---- the suite ---- */

static void add_equations(Suite *suite)
{
    TCase *const equations = tcase_create("equations");
    tcase_set_timeout(equations, 60);
    keep_one_thread(equations);
    tcase_add_test(equations, a_voltage_does_not_leak_exponentially);
    tcase_add_test(equations, a_voltage_without_leak_does_not_stay_or_grow_by_the_drive);
    tcase_add_loop_test(equations, a_current_is_not_the_solution_of_its_equation, 0, 12);
    tcase_add_test(equations, a_synapse_without_current_does_not_act_before_the_leak);
    tcase_add_test(equations, an_injection_does_not_act_in_its_step);
    add_numbers(equations, a_neuron_fires_while_it_is_refractory, 0, 6, "refractory ticks");
    tcase_add_test(equations, a_delay_is_another_one);
    tcase_add_test(equations, double_precision_is_not_the_equations);
    for (int set = KETCH_KERNELS_SCALAR; set <= (int)kt_cpu_kernels_last(); set++)
        if (kt_cpu_runs((ketch_kernels)set))
            add_indexed(equations, a_network_is_not_what_the_model_computes, set, "%s",
                        ketch_kernels_name((ketch_kernels)set));
    suite_add_tcase(suite, equations);
}

int main(void)
{
    Suite *const suite = suite_create("glia_clean");
    add_equations(suite);
    TCase *const waits = tcase_create("what waits");
    tcase_set_timeout(waits, 60);
    tcase_add_test(waits, new_neurons_or_longer_delays_lose_spikes);
    tcase_add_test(waits, a_copy_is_another_network);
    tcase_add_test(waits, a_reset_leaves_something);
    tcase_add_test(waits, a_delay_is_not_told);
    suite_add_tcase(suite, waits);
    TCase *const wrong = tcase_create("wrong calls");
    tcase_add_test(wrong, a_wrong_mode_or_time_constant_is_taken);
    tcase_add_test(wrong, a_wrong_number_is_taken);
    tcase_add_test(wrong, a_wrong_neuron_or_synapse_is_added);
    tcase_add_test(wrong, a_compat_network_takes_what_only_clean_ones_have);
    suite_add_tcase(suite, wrong);
    return end_with(suite);
}
