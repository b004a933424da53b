/* Fits: forward they are the network's ticks; their gradients are those of a model in double that
 * unrolls time into a list of operations, whose own are compared with differences; e-prop's are those
 * of eligibilities that go forward in time; the bits are the same on all kernel sets and threads. */
#define _GNU_SOURCE
#include "allocations.h"
#include "cpu.h"
#include "fits.h"
#include "glia/train/numerics.h"
#include "sanitizers.h"
#include "suite.h"

#include <fenv.h>
#include <math.h>
#include <string.h>

static ketch_engine *engine;
static ketch_error failure;
static ketch_glia_episode episodes[FIT_EPISODES];

static ketch_engine *engine_of(int32_t threads)
{
    const ketch_engine_options options = {.size = sizeof options, .threads = threads};
    ketch_engine *made = NULL;
    GOOD(ketch_engine_create(&made, &options, &error));
    return made;
}

static void open_fits(void)
{
    engine = engine_of(2);
    failure = (ketch_error){.size = sizeof failure};
    make_fit_episodes(episodes, FIT_EPISODES);
}

static void close_fits(void)
{
    drop_fit_episodes(episodes, FIT_EPISODES);
    GOOD(ketch_engine_destroy(engine, &error));
}

static const int kinds[] = {0,
                            FIT_DELAYS,
                            FIT_REFRACTORY,
                            FIT_CURRENTS | FIT_DELAYS,
                            FIT_RECURRENT,
                            FIT_RECURRENT | FIT_SAME_CURRENTS | FIT_REFRACTORY,
                            FIT_RECURRENT | FIT_CURRENTS | FIT_DELAYS | FIT_REFRACTORY};
enum { KINDS = sizeof kinds / sizeof *kinds };
static const char *const kind_names[KINDS] = {"layers",
                                              "delays",
                                              "refractory",
                                              "two currents, delays",
                                              "recurrent",
                                              "recurrent, one current, refractory",
                                              "recurrent, two currents, delays, refractory"};

static ketch_glia_net *net_of(int kind)
{
    return fit_net(ketch_engine_arena(engine), kinds[kind], 100 + (uint64_t)kind);
}

static ketch_result *run_fit(ketch_engine *on, ketch_glia_net *net, const ketch_glia_fit *fit)
{
    ketch_result *result = NULL;
    GOOD(ketch_glia_fit_run(&result, on, net, fit, NULL, &error));
    return result;
}

/* ---- forward ---- */

/* What an output's score is, by the network's own ticks. */
static float score_by_ticks(ketch_glia_net *net, ketch_glia_sequence *sequence, uint32_t output,
                            ketch_glia_readout readout)
{
    uint64_t count = 0;
    float sum = 0;
    ketch_result *result = NULL;
    const ketch_glia_feed feed = {
        .size = sizeof feed, .sequence = sequence, .ticks = FIT_TICKS, .fence_every = 1};
    GOOD(ketch_glia_reset(net, &error));
    GOOD(ketch_glia_begin(&result, engine, net, &feed, NULL, &error));
    for (int tick = 0; tick < FIT_TICKS; tick++) {
        float value = 0;
        GOOD(ketch_engine_advance(engine, result, NULL, &error));
        GOOD(ketch_glia_get(&value, net, KETCH_GLIA_VALUE, output, 1, &error));
        sum += value;
    }
    GOOD(ketch_glia_result_counts(&count, output, 1, result, &error));
    ketch_result_destroy(result);
    return readout == KETCH_GLIA_READ_SPIKES ? (float)count : sum / FIT_TICKS;
}

static void expect_ticks(ketch_glia_net *net, const ketch_result *result,
                         ketch_glia_readout readout)
{
    float spikes = 0;
    for (int i = 0; i < FIT_EPISODES; i++) {
        float scores[FIT_OUTPUTS];
        GOOD(ketch_glia_get_fit_scores(NULL, scores, FIT_OUTPUTS, (uint64_t)i, 1, result, &error));
        for (uint32_t o = 0; o < FIT_OUTPUTS; o++) {
            const uint32_t neuron = FIT_SENSORY + FIT_HIDDEN + o;
            const float want = score_by_ticks(net, episodes[i].sequence, neuron, readout);
            ck_assert_msg(scores[o] == want, "episode %d, output %d: %a, not %a", i, (int)o,
                          (double)scores[o], (double)want);
            spikes += want;
        }
    }
    ck_assert_float_ne(spikes, 0);
}

/* Some sequences are shorter than an episode, and begin again. Of an output that never fires, the
 * voltage after a tick is the one that the fit reads. */
START_TEST(a_forward_pass_is_not_that_of_ticks)
{
    const ketch_glia_readout readout = (ketch_glia_readout)(_i % 2);
    ketch_glia_net *const net = net_of(_i / 2);
    const float out_of_reach = 1e30F;
    for (uint32_t o = FIT_SENSORY + FIT_HIDDEN; readout && o < FIT_NEURONS; o++)
        GOOD(ketch_glia_set(net, KETCH_GLIA_THRESHOLD, o, 1, &out_of_reach, &error));
    for (int i = 0; i < FIT_EPISODES; i++)
        GOOD(ketch_glia_sequence_set_loop(episodes[i].sequence, i % 2, &error));
    ketch_glia_fit fit = fit_of(episodes, FIT_EPISODES);
    fit.method = KETCH_GLIA_SCORE;
    fit.readout = readout;
    ketch_result *const result = run_fit(engine, net, &fit);
    expect_ticks(net, result, readout);
    ketch_result_destroy(result);
    ketch_glia_net_drop(net);
}
END_TEST

START_TEST(a_network_without_synapses_is_not_fitted)
{
    const ketch_glia_net_options clean = {.size = sizeof clean, .mode = KETCH_GLIA_CLEAN};
    ketch_glia_net *net = NULL;
    float score = 0;
    GOOD(ketch_glia_net_create(&net, ketch_engine_arena(engine), &clean, &error));
    GOOD(ketch_glia_add_neuron(net, "O0", 1, 0.5F, 3, &error));
    ketch_glia_fit fit = fit_of(episodes, 1);
    fit.readout = KETCH_GLIA_READ_SPIKES;
    ketch_result *const result = run_fit(engine, net, &fit);
    GOOD(ketch_glia_get_fit_scores(NULL, &score, 1, 0, 1, result, &error));
    ck_assert_float_eq(score, FIT_TICKS);
    ketch_result_destroy(result);
    ketch_glia_net_drop(net);
}
END_TEST

START_TEST(a_logarithm_is_another_one)
{
    for (double x = 0x1p-60; x < 0x1p60; x *= 1.00037) {
        const long double want = logl((long double)x);
        const long double off = fabsl((long double)ktg_log(x) - want);
        ck_assert_msg(off <= 0x1p-50L * fmaxl(1, fabsl(want)), "ln %a: %a", x, ktg_log(x));
    }
    ck_assert_double_eq(ktg_log(1), 0);
}
END_TEST

/* ---- a model that unrolls time ---- */

/* An operation of the list: a sum of earlier ones, each with a factor, which is its derivative.
 * Weights come first. Each operation has its value, and in the end its adjoint. */
enum { OPERATIONS_MOST = 20000, PARTS_MOST = 120000, SYNAPSES_MOST = 200 };

typedef struct operation {
    double value, adjoint;
    int first, end;
} operation;

typedef struct tape {
    int operations, parts;
    operation operation[OPERATIONS_MOST];
    int part[PARTS_MOST];
    double factor[PARTS_MOST];
} tape;

/* fired, waited, of the run that the resets of a smooth one are taken from. u: the voltages before
 * spikes, s: spikes, as operations. */
typedef struct unrolled {
    const ketch_glia_net *net;
    const ktg_clean_numbers *numbers;
    ketch_glia_fit fit;
    bool is_smooth;
    double weight[SYNAPSES_MOST];
    bool fired[FIT_TICKS][FIT_NEURONS], waited[FIT_TICKS][FIT_NEURONS];
    double input[FIT_TICKS][FIT_NEURONS];
    int u[FIT_TICKS][FIT_NEURONS], s[FIT_TICKS][FIT_NEURONS];
    tape t;
} unrolled;

static int begin_operation(tape *t, double value)
{
    if (t->operations == OPERATIONS_MOST)
        ck_abort_msg("more than %d operations", OPERATIONS_MOST);
    t->operation[t->operations] = (operation){value, 0, t->parts, t->parts};
    return t->operations++;
}

/* Adds a part to the operation that was begun last. */
static void add_part(tape *t, int part, double factor)
{
    if (t->parts == PARTS_MOST)
        ck_abort_msg("more than %d parts", PARTS_MOST);
    t->part[t->parts] = part;
    t->factor[t->parts++] = factor;
    t->operation[t->operations - 1].end = t->parts;
}

static void add_linear(tape *t, int part, double factor)
{
    t->operation[t->operations - 1].value += factor * t->operation[part].value;
    add_part(t, part, factor);
}

static void pull_adjoints(tape *t)
{
    for (int o = t->operations - 1; o >= 0; o--)
        for (int p = t->operation[o].first; p < t->operation[o].end; p++)
            t->operation[t->part[p]].adjoint += t->factor[p] * t->operation[o].adjoint;
}

static double unit_of(const unrolled *m, uint32_t i)
{
    const double d = (double)m->net->cells.threshold[i] - (double)m->net->cells.clean.reset[i];
    return d > 0 ? d : 1;
}

static double distance_of(const unrolled *m, uint32_t i, double u)
{
    return (u - (double)m->net->cells.threshold[i]) / ((double)m->fit.width * unit_of(m, i));
}

static double slope_of(const unrolled *m, uint32_t i, double u)
{
    const double x = distance_of(m, i, u), size = fabs(x);
    switch (m->fit.surrogate) {
    case KETCH_GLIA_FAST_SIGMOID:
        return 1 / ((1 + size) * (1 + size)) / unit_of(m, i);
    case KETCH_GLIA_TRIANGLE:
        return 0.3 * fmax(0, 1 - size) / unit_of(m, i);
    default:
        return 1 / (1 + x * x) / unit_of(m, i);
    }
}

/* What has that slope. */
static double smooth_spike(const unrolled *m, uint32_t i, double u)
{
    const double x = distance_of(m, i, u), width = (double)m->fit.width;
    const double near = fmax(-1, fmin(1, x));
    switch (m->fit.surrogate) {
    case KETCH_GLIA_FAST_SIGMOID:
        return 0.5 + width * x / (1 + fabs(x));
    case KETCH_GLIA_TRIANGLE:
        return 0.5 + 0.3 * width * (near - near * fabs(near) / 2);
    default:
        return 0.5 + width * atan(x);
    }
}

/* The weights of the current that arrive at j in that tick, times the spikes that they carry. */
static void add_arrivals(unrolled *m, uint32_t j, int tick, int current)
{
    const ktg_rows *const rows = &m->net->rows;
    for (uint32_t i = 0; i < FIT_NEURONS; i++)
        for (uint32_t s = rows->begin[i]; s < rows->begin[i + 1]; s++) {
            const int sent = tick - (rows->delay ? rows->delay[s] : 1);
            if (rows->target[s] != j || sent < 0 || (signbit(rows->weight[s]) != 0) != current)
                continue;
            const double spike = m->t.operation[m->s[sent][i]].value;
            m->t.operation[m->t.operations - 1].value += m->weight[s] * spike;
            add_part(&m->t, (int)s, spike);
            add_part(&m->t, m->s[sent][i], m->weight[s]);
        }
}

/* The operations of a neuron's tick; v, c: its voltage and currents before and after it. */
static void unroll_tick(unrolled *m, uint32_t i, int tick, int *v, int c[2], int *wait)
{
    const ktg_clean_numbers *const n =
        &m->numbers[m->net->cells.clean.is_shared ? 0 : i / KTG_BLOCK];
    const uint32_t lane = i % KTG_BLOCK;
    int arrived[2];
    for (int k = 0; k < 2; k++) {
        arrived[k] = begin_operation(&m->t, 0);
        add_linear(&m->t, c[k], 1);
        add_arrivals(m, i, tick, k);
        c[k] = begin_operation(&m->t, 0);
        add_linear(&m->t, arrived[k], (double)m->net->cells.clean.keep[k]);
    }
    const int u = begin_operation(&m->t, (double)n->base[lane] + m->input[tick][i]);
    add_linear(&m->t, *v, (double)n->leak[lane]);
    for (int k = 0; k < 2; k++)
        add_linear(&m->t, arrived[k], (double)n->gain[k][lane]);
    const double voltage = m->t.operation[u].value;
    if (!m->is_smooth) {
        m->waited[tick][i] = *wait > 0;
        m->fired[tick][i] = !m->waited[tick][i] && voltage > (double)n->threshold[lane];
        *wait = m->fired[tick][i] ? (int)n->refractory[lane] : *wait - m->waited[tick][i];
    }
    m->u[tick][i] = m->waited[tick][i] ? *v : u;
    m->s[tick][i] = begin_operation(&m->t, m->waited[tick][i] ? 0
                                           : m->is_smooth     ? smooth_spike(m, i, voltage)
                                                              : (double)m->fired[tick][i]);
    if (!m->waited[tick][i])
        add_part(&m->t, u, slope_of(m, i, voltage));
    if (m->fired[tick][i])
        *v = begin_operation(&m->t, (double)n->reset[lane]);
    else if (!m->waited[tick][i])
        *v = u;
}

static void unroll(unrolled *m)
{
    int v[FIT_NEURONS], c[FIT_NEURONS][2], wait[FIT_NEURONS] = {0};
    m->t.operations = m->t.parts = 0;
    for (uint32_t s = 0; s < m->net->rows.count; s++)
        begin_operation(&m->t, m->weight[s]);
    for (uint32_t i = 0; i < FIT_NEURONS; i++) {
        v[i] = begin_operation(&m->t, (double)m->net->cells.resting[i]);
        c[i][0] = c[i][1] = begin_operation(&m->t, 0);
    }
    for (int tick = 0; tick < FIT_TICKS; tick++)
        for (uint32_t i = 0; i < FIT_NEURONS; i++)
            unroll_tick(m, i, tick, &v[i], c[i], &wait[i]);
}

static double score_in(const unrolled *m, uint32_t o)
{
    const uint32_t i = FIT_SENSORY + FIT_HIDDEN + o;
    const bool is_voltage = m->fit.readout == KETCH_GLIA_READ_VOLTAGE;
    double sum = 0;
    for (int tick = 0; tick < FIT_TICKS; tick++)
        sum += m->t.operation[is_voltage ? m->u[tick][i] : m->s[tick][i]].value;
    return is_voltage ? sum / FIT_TICKS : sum;
}

/* The loss, and its derivative by each score. */
static double loss_of(const unrolled *m, uint32_t target, double errors[FIT_OUTPUTS])
{
    const double temperature = (double)m->fit.temperature;
    double sum = 0, loss = 0;
    for (uint32_t o = 0; o < FIT_OUTPUTS; o++)
        sum += exp(score_in(m, o) / temperature);
    for (uint32_t o = 0; o < FIT_OUTPUTS; o++) {
        const double x = score_in(m, o) / temperature, smoothing = (double)m->fit.smoothing;
        const double share = (o == target ? 1 - smoothing : 0) + smoothing / FIT_OUTPUTS;
        errors[o] = (exp(x) / sum - share) / temperature;
        loss += share * (log(sum) - x);
    }
    return loss;
}

/* Adds the gradient of an episode's loss. */
static void add_unrolled_gradient(unrolled *m, uint32_t target, double *gradient)
{
    double errors[FIT_OUTPUTS];
    const bool is_voltage = m->fit.readout == KETCH_GLIA_READ_VOLTAGE;
    loss_of(m, target, errors);
    for (int tick = 0; tick < FIT_TICKS; tick++)
        for (uint32_t o = 0; o < FIT_OUTPUTS; o++) {
            const uint32_t i = FIT_SENSORY + FIT_HIDDEN + o;
            m->t.operation[is_voltage ? m->u[tick][i] : m->s[tick][i]].adjoint +=
                is_voltage ? errors[o] / FIT_TICKS : errors[o];
        }
    pull_adjoints(&m->t);
    for (uint32_t s = 0; s < m->net->rows.count; s++)
        gradient[s] += m->t.operation[s].adjoint;
}

static uint32_t target_of(int episode)
{
    return (uint32_t)(episodes[episode].target[1] - '0');
}

static unrolled *unrolled_of(ketch_glia_net *net, const ketch_glia_fit *fit)
{
    unrolled *const m = calloc(1, sizeof *m);
    GOOD(ktg_net_claim_settled(net, "", &error));
    GOOD(ktg_net_prepare(net, "", &error));
    ktg_net_release(net);
    m->net = net;
    m->numbers = net->cells.clean.numbers;
    m->fit = *fit;
    ck_assert_uint_le(net->rows.count, SYNAPSES_MOST);
    for (uint32_t s = 0; s < net->rows.count; s++)
        m->weight[s] = (double)net->rows.weight[s];
    return m;
}

static void set_unrolled_input(unrolled *m, int episode)
{
    ketch_glia_sequence_info info = {.size = sizeof info};
    GOOD(ketch_glia_sequence_get_info(&info, episodes[episode].sequence, &error));
    memset(m->input, 0, sizeof m->input);
    for (uint64_t e = 0; e < info.events; e++) {
        uint64_t tick;
        const char *id;
        float amount;
        GOOD(ketch_glia_sequence_get_event(&tick, &id, &amount, episodes[episode].sequence, e,
                                           &error));
        m->input[tick][id[1] - '0'] += (double)amount;
    }
}

/* ---- gradients ---- */

enum { SURROGATES = 3, CASES = KINDS * SURROGATES * 2 };

static ketch_glia_fit fit_case(int number)
{
    ketch_glia_fit fit = fit_of(episodes, FIT_EPISODES);
    fit.surrogate = (ketch_glia_surrogate)(number / 2 % SURROGATES);
    fit.readout = (ketch_glia_readout)(number % 2);
    fit.temperature = 2.5F;
    fit.smoothing = number / 2 % 2 ? 0.1F : 0;
    fit.optimizer = KETCH_GLIA_SGD;
    fit.lr = 0;
    return fit;
}

static double gradient_size(const double *gradient, uint32_t count)
{
    double size = 0;
    for (uint32_t s = 0; s < count; s++)
        size = fmax(size, fabs(gradient[s]));
    return size;
}

/* Of the smooth run whose resets are those of the one with spikes. Each case takes each third
 * synapse. */
START_TEST(the_model_has_another_gradient_than_differences)
{
    const double step = 1e-5;
    ketch_glia_net *const net = net_of(_i / 6);
    const ketch_glia_fit fit = fit_case(_i);
    unrolled *const m = unrolled_of(net, &fit);
    double gradient[SYNAPSES_MOST] = {0}, errors[FIT_OUTPUTS];
    set_unrolled_input(m, 1);
    unroll(m);
    m->is_smooth = true;
    unroll(m);
    add_unrolled_gradient(m, 0, gradient);
    const double size = gradient_size(gradient, net->rows.count);
    ck_assert_double_gt(size, 1e-4);
    for (uint32_t s = (uint32_t)_i % 3; s < net->rows.count; s += 3) {
        const double weight = m->weight[s];
        double loss[2];
        for (int k = 0; k < 2; k++) {
            m->weight[s] = weight + (k ? step : -step);
            unroll(m);
            loss[k] = loss_of(m, 0, errors);
        }
        m->weight[s] = weight;
        const double difference = (loss[1] - loss[0]) / (2 * step);
        ck_assert_msg(fabs(difference - gradient[s]) <= 1e-5 * size, "synapse %d: %g, not %g",
                      (int)s, gradient[s], difference);
    }
    free(m);
    ketch_glia_net_drop(net);
}
END_TEST

/* The mean loss's gradient by synapse s, of a fit of one batch that has ended and changed nothing. */
static double fitted_gradient(const ketch_result *result, uint32_t s)
{
    const ktg_fit *const fit = ketch_result_user(result, ketch_glia_fit_type());
    double sum = 0;
    for (uint32_t i = 0; i < fit->slice_count; i++)
        sum += (double)fit->slices[i].gradient[s];
    return sum;
}

static void expect_gradient(const ketch_result *result, const double *gradient, uint32_t count)
{
    const double size = gradient_size(gradient, count);
    ck_assert_double_gt(size, 1e-4);
    for (uint32_t s = 0; s < count; s++) {
        const double got = fitted_gradient(result, s);
        ck_assert_msg(fabs(got - gradient[s]) <= 3e-6 * size, "synapse %d: %.9g, not %.9g, of %g",
                      (int)s, got, gradient[s], size);
    }
}

START_TEST(a_gradient_is_not_that_of_the_model)
{
    ketch_glia_net *const net = net_of(_i / 6);
    const ketch_glia_fit fit = fit_case(_i);
    unrolled *const m = unrolled_of(net, &fit);
    ketch_result *const result = run_fit(engine, net, &fit);
    double gradient[SYNAPSES_MOST] = {0}, errors[FIT_OUTPUTS], loss = 0;
    for (int i = 0; i < FIT_EPISODES; i++) {
        set_unrolled_input(m, i);
        unroll(m);
        loss += loss_of(m, target_of(i), errors);
        add_unrolled_gradient(m, target_of(i), gradient);
    }
    for (uint32_t s = 0; s < net->rows.count; s++)
        gradient[s] /= FIT_EPISODES;
    expect_gradient(result, gradient, net->rows.count);
    ketch_glia_epoch epoch = {.size = sizeof epoch};
    GOOD(ketch_glia_get_history(&epoch, 0, 1, result, &error));
    ck_assert_double_eq_tol(epoch.loss, loss / FIT_EPISODES, 1e-5);
    free(m);
    ketch_result_destroy(result);
    ketch_glia_net_drop(net);
}
END_TEST

/* ---- e-prop ---- */

/* How a neuron's current, voltage, and voltage and spike of a tick change with what arrives. */
typedef struct response {
    double current, voltage, read, spike;
} response;

static void respond(const unrolled *m, uint32_t i, int current, int tick, double arrival,
                    response *r)
{
    const ktg_clean_numbers *const n = &m->numbers[m->net->cells.clean.is_shared ? 0 : i / 16];
    r->current += arrival;
    const double u =
        (double)n->leak[i % 16] * r->voltage + (double)n->gain[current][i % 16] * r->current;
    const bool waits = m->waited[tick][i];
    r->current *= (double)m->net->cells.clean.keep[current];
    r->read = waits ? r->voltage : u;
    r->spike = waits ? 0 : slope_of(m, i, m->t.operation[m->u[tick][i]].value) * u;
    r->voltage = m->fired[tick][i] ? 0 : r->read;
}

static int current_of_synapse(const unrolled *m, uint32_t s)
{
    return signbit(m->net->rows.weight[s]) != 0;
}

static double sent_by(const unrolled *m, uint32_t source, uint32_t s, int tick)
{
    const int sent = tick - (m->net->rows.delay ? m->net->rows.delay[s] : 1);
    return sent < 0 ? 0 : m->t.operation[m->s[sent][source]].value;
}

static double read_error(const unrolled *m, const double *errors, uint32_t i, const response *r)
{
    const uint32_t o = i - FIT_SENSORY - FIT_HIDDEN;
    return m->fit.readout == KETCH_GLIA_READ_VOLTAGE ? errors[o] * r->read / FIT_TICKS
                                                     : errors[o] * r->spike;
}

/* The learning signals that eligibilities of a neuron meet in outputs, filtered as these filter. */
static double signals_times(const unrolled *m, const double *errors, uint32_t i,
                            const double *eligibility)
{
    const ktg_rows *const rows = &m->net->rows;
    double sum = 0;
    for (uint32_t s = rows->begin[i]; s < rows->begin[i + 1]; s++) {
        response r = {0};
        const int delay = rows->delay ? rows->delay[s] : 1;
        for (int tick = 0; tick < FIT_TICKS && rows->target[s] >= FIT_SENSORY + FIT_HIDDEN;
             tick++) {
            const double arrival = tick < delay ? 0 : m->weight[s] * eligibility[tick - delay];
            respond(m, rows->target[s], current_of_synapse(m, s), tick, arrival, &r);
            sum += read_error(m, errors, rows->target[s], &r);
        }
    }
    return sum;
}

static double eprop_gradient(const unrolled *m, const double *errors, uint32_t source, uint32_t s)
{
    const uint32_t i = m->net->rows.target[s];
    const bool is_output = i >= FIT_SENSORY + FIT_HIDDEN;
    double eligibility[FIT_TICKS], sum = 0;
    response r = {0};
    for (int tick = 0; tick < FIT_TICKS; tick++) {
        respond(m, i, current_of_synapse(m, s), tick, sent_by(m, source, s, tick), &r);
        eligibility[tick] = r.spike;
        sum += is_output ? read_error(m, errors, i, &r) : 0;
    }
    return is_output ? sum : signals_times(m, errors, i, eligibility);
}

START_TEST(e_prop_is_not_learning_signals_times_eligibilities)
{
    ketch_glia_net *const net = net_of(_i / 6);
    ketch_glia_fit fit = fit_case(_i);
    fit.method = KETCH_GLIA_EPROP;
    unrolled *const m = unrolled_of(net, &fit);
    ketch_result *const result = run_fit(engine, net, &fit);
    double gradient[SYNAPSES_MOST] = {0}, errors[FIT_OUTPUTS];
    for (int i = 0; i < FIT_EPISODES; i++) {
        set_unrolled_input(m, i);
        unroll(m);
        loss_of(m, target_of(i), errors);
        for (uint32_t n = 0; n < FIT_NEURONS; n++)
            for (uint32_t s = net->rows.begin[n]; s < net->rows.begin[n + 1]; s++)
                gradient[s] += eprop_gradient(m, errors, n, s) / FIT_EPISODES;
    }
    expect_gradient(result, gradient, net->rows.count);
    free(m);
    ketch_result_destroy(result);
    ketch_glia_net_drop(net);
}
END_TEST

/* Whether the two have the same gradients, to the bit. */
static bool agree(int kind)
{
    bool same = true;
    ketch_glia_net *const net = net_of(kind);
    ketch_glia_fit fit = fit_case(0);
    ketch_result *const bptt = run_fit(engine, net, &fit);
    fit.method = KETCH_GLIA_EPROP;
    ketch_result *const eprop = run_fit(engine, net, &fit);
    for (uint32_t s = 0; s < net->rows.count; s++)
        same &= fitted_gradient(bptt, s) == fitted_gradient(eprop, s);
    ketch_result_destroy(bptt);
    ketch_result_destroy(eprop);
    ketch_glia_net_drop(net);
    return same;
}

START_TEST(e_prop_is_not_bptt_where_no_hidden_neuron_reaches_another)
{
    ck_assert(agree(_i) == !(kinds[_i] & FIT_RECURRENT));
}
END_TEST

/* ---- the same bits ---- */

/* Of two epochs of AdamW in batches of 18 and 3, so that slices are not full. */
static uint64_t hash_of_net(ketch_engine *on, ketch_glia_net *net, int round)
{
    ketch_glia_fit fit = fit_of(episodes, FIT_EPISODES);
    fit.epochs = 2;
    fit.batch = 18;
    fit.lr = 0.02F;
    fit.optimizer = KETCH_GLIA_ADAMW;
    fit.weight_decay = 0.1F;
    const int before = fegetround();
    fesetround(round);
    ketch_result *const result = run_fit(on, net, &fit);
    ck_assert_int_eq(fegetround(), round);
    fesetround(before);
    const uint64_t hash = hash_fit(result, CONTRACT_HASH_START);
    ketch_result_destroy(result);
    ketch_glia_net_drop(net);
    return hash;
}

static uint64_t hash_of_fit(int32_t threads, ketch_kernels kernels, int kind)
{
    ketch_glia_net *const net = net_of(kind);
    ketch_engine *const on = engine_of(threads);
    if (kernels)
        ktg_net_use_kernels(net, kernels);
    const uint64_t hash = hash_of_net(on, net, FE_TONEAREST);
    GOOD(ketch_engine_destroy(on, &error));
    return hash;
}

START_TEST(bits_depend_on_the_kernel_set)
{
    const uint64_t scalar = hash_of_fit(1, KETCH_KERNELS_SCALAR, _i);
    for (ketch_kernels set = KETCH_KERNELS_SCALAR; set <= KETCH_KERNELS_NEON; set++)
        if (ktg_kernel_set_find(set) && kt_cpu_runs(set))
            ck_assert_uint_eq(hash_of_fit(1, set, _i), scalar);
}
END_TEST

START_TEST(bits_depend_on_threads)
{
    const uint64_t one = hash_of_fit(1, 0, _i);
    for (int32_t threads = 2; threads <= 8; threads += threads == 3 ? 5 : 1)
        ck_assert_uint_eq(hash_of_fit(threads, 0, _i), one);
}
END_TEST

START_TEST(bits_depend_on_the_rounding_mode)
{
    const uint64_t near = hash_of_net(engine, net_of(6), FE_TONEAREST);
    ck_assert_uint_eq(hash_of_net(engine, net_of(6), FE_UPWARD), near);
}
END_TEST

/* ---- learning ---- */

static ketch_glia_epoch last_epoch(const ketch_result *result)
{
    uint64_t count = 0;
    ketch_glia_epoch epoch = {.size = sizeof epoch};
    GOOD(ketch_glia_get_epochs(&count, result, &error));
    GOOD(ketch_glia_get_history(&epoch, count - 1, 1, result, &error));
    return epoch;
}

/* Six episodes are told apart by either method, and by both readouts. */
START_TEST(a_fit_does_not_learn)
{
    ketch_glia_net *const net = net_of(4);
    ketch_glia_fit fit = fit_of(episodes, 6);
    fit.method = (ketch_glia_method)(KETCH_GLIA_BPTT + _i / 2);
    fit.readout = (ketch_glia_readout)(_i % 2);
    fit.temperature = _i % 2 ? 0.1F : 1;
    fit.epochs = 400;
    fit.batch = 6;
    fit.lr = 0.03F;
    fit.schedule = KETCH_GLIA_COSINE;
    ketch_result *const result = run_fit(engine, net, &fit);
    const ketch_glia_epoch epoch = last_epoch(result);
    ck_assert_msg(epoch.accuracy >= 0.99, "accuracy %g, loss %g", epoch.accuracy, epoch.loss);
    ketch_result_destroy(result);
    ketch_glia_net_drop(net);
}
END_TEST

START_TEST(a_fit_does_not_end_at_its_accuracy_or_patience)
{
    ketch_glia_net *net = net_of(4);
    ketch_glia_fit fit = fit_of(episodes, 12);
    uint64_t epochs = 0;
    fit.epochs = 5000;
    fit.lr = 0.02F;
    fit.target_accuracy = 0.9;
    ketch_result *result = run_fit(engine, net, &fit);
    GOOD(ketch_glia_get_epochs(&epochs, result, &error));
    ck_assert_uint_lt(epochs, 5000);
    ck_assert_double_ge(last_epoch(result).accuracy, 0.9);
    ketch_result_destroy(result);
    fit.target_accuracy = 0;
    fit.lr = 0;
    fit.shuffle = 0;
    fit.patience = 5;
    result = run_fit(engine, net, &fit);
    GOOD(ketch_glia_get_epochs(&epochs, result, &error));
    ck_assert_uint_eq(epochs, 6);
    ketch_result_destroy(result);
    ketch_glia_net_drop(net);
}
END_TEST

/* Each optimizer against the formula in double, on one synapse whose gradient is 1 at first. */
START_TEST(an_update_is_not_that_of_its_optimizer)
{
    ketch_glia_net *const net = net_of(0);
    ketch_glia_fit fit = fit_of(episodes, FIT_EPISODES);
    fit.optimizer = (ketch_glia_optimizer)_i;
    fit.lr = 0.25F;
    fit.weight_decay = 0.5F;
    unrolled *const m = unrolled_of(net, &fit);
    ketch_result *const result = run_fit(engine, net, &fit);
    for (uint32_t s = 0; s < net->rows.count; s++) {
        const double g = fitted_gradient(result, s), w = m->weight[s];
        const double steep = g + (_i == KETCH_GLIA_ADAMW ? 0 : 0.5 * w);
        const double way =
            _i == KETCH_GLIA_SGD ? steep : steep / (fabs(steep) + (double)fit.adam_eps);
        const double want = (_i == KETCH_GLIA_ADAMW ? w * (1 - 0.25 * 0.5) : w) - 0.25 * way;
        ck_assert_double_eq_tol((double)net->rows.weight[s], want, 2e-6);
    }
    free(m);
    ketch_result_destroy(result);
    ketch_glia_net_drop(net);
}
END_TEST

/* Weights that no step leads from to finite numbers. */
START_TEST(a_fit_that_diverges_goes_on)
{
    ketch_glia_net *const net = net_of(5);
    ketch_result *result = NULL;
    ketch_glia_fit fit = fit_of(episodes, FIT_EPISODES);
    fit.optimizer = KETCH_GLIA_SGD;
    fit.readout = KETCH_GLIA_READ_VOLTAGE;
    fit.lr = 1e38F;
    fit.epochs = 50;
    ck_assert_int_eq(ketch_glia_fit_run(&result, engine, net, &fit, NULL, &failure),
                     KETCH_NONFINITE);
    ck_assert_ptr_nonnull(strstr(failure.message, "diverged"));
    ketch_result_destroy(result);
    for (uint32_t s = 0; s < net->rows.count; s++)
        ck_assert(isfinite(net->rows.weight[s]));
    ketch_glia_net_drop(net);
}
END_TEST

/* ---- scores ---- */

START_TEST(scores_are_not_those_of_the_last_epoch)
{
    ketch_glia_net *const net = net_of(6);
    ketch_glia_fit fit = fit_of(episodes, FIT_EPISODES);
    int64_t winners[FIT_EPISODES];
    float scores[FIT_EPISODES * FIT_OUTPUTS];
    uint64_t right = 0;
    fit.method = KETCH_GLIA_SCORE;
    ketch_result *const result = run_fit(engine, net, &fit);
    GOOD(ketch_glia_get_fit_scores(winners, scores, FIT_EPISODES * FIT_OUTPUTS, 0, FIT_EPISODES,
                                   result, &error));
    for (int i = 0; i < FIT_EPISODES; i++) {
        uint32_t best = 0;
        for (uint32_t o = 1; o < FIT_OUTPUTS; o++)
            best =
                scores[i * FIT_OUTPUTS + (int)o] > scores[i * FIT_OUTPUTS + (int)best] ? o : best;
        ck_assert_int_eq(winners[i], FIT_SENSORY + FIT_HIDDEN + best);
        right += best == target_of(i);
    }
    ck_assert_double_eq(last_epoch(result).accuracy, (double)right / FIT_EPISODES);
    ketch_result_destroy(result);
    ketch_glia_net_drop(net);
}
END_TEST

/* Each episode alone, and in an order and batches of any kind. */
START_TEST(a_score_depends_on_other_episodes)
{
    ketch_glia_net *const net = net_of(6);
    ketch_glia_fit fit = fit_of(episodes, FIT_EPISODES);
    float all[FIT_EPISODES * FIT_OUTPUTS], alone[FIT_OUTPUTS];
    fit.method = KETCH_GLIA_SCORE;
    fit.batch = 20;
    ketch_result *result = run_fit(engine, net, &fit);
    GOOD(ketch_glia_get_fit_scores(NULL, all, FIT_EPISODES * FIT_OUTPUTS, 0, FIT_EPISODES, result,
                                   &error));
    ketch_result_destroy(result);
    fit.count = 1;
    for (int i = 0; i < FIT_EPISODES; i++) {
        fit.episodes = &episodes[i];
        result = run_fit(engine, net, &fit);
        GOOD(ketch_glia_get_fit_scores(NULL, alone, FIT_OUTPUTS, 0, 1, result, &error));
        ck_assert(memcmp(alone, all + i * FIT_OUTPUTS, sizeof alone) == 0);
        ketch_result_destroy(result);
    }
    ketch_glia_net_drop(net);
}
END_TEST

/* ---- memory ---- */

/* What was mapped and asked for: see count_allocations. */
START_TEST(a_second_fit_takes_memory)
{
    ketch_glia_net *const net = net_of(6);
    ketch_glia_fit fit = fit_of(episodes, FIT_EPISODES);
    ketch_result *result = NULL;
    fit.epochs = 3;
    ketch_result_destroy(run_fit(engine, net, &fit));
    const uint64_t before = count_allocations();
    const ketch_status status = ketch_glia_fit_run(&result, engine, net, &fit, NULL, &failure);
    ketch_result_destroy(result);
    const uint64_t after = count_allocations();
    ck_assert_int_eq(status, KETCH_OK);
    ck_assert_uint_eq(after, before);
    ketch_glia_net_drop(net);
}
END_TEST

START_TEST(a_fit_takes_more_than_its_need)
{
    ketch_need need = {.size = sizeof need};
    ketch_glia_net *const net = net_of(6);
    const ketch_glia_fit fit = fit_of(episodes, FIT_EPISODES);
    ketch_result *result = NULL;
    GOOD(ketch_glia_fit_need(&need, engine, net, &fit, &error));
    ketch_arena *arena = NULL;
    const ketch_arena_options limits = {.size = sizeof limits, .memory = need.bytes};
    GOOD(ketch_arena_create(&arena, &limits, &error));
    const ketch_engine_options on = {.size = sizeof on, .threads = 2, .arena = arena};
    ketch_engine *tight = NULL;
    GOOD(ketch_engine_create(&tight, &on, &error));
    GOOD(ketch_glia_fit_run(&result, tight, net, &fit, NULL, &error));
    ketch_result_destroy(result);
    GOOD(ketch_engine_destroy(tight, &error));
    ketch_arena_drop(arena);
    ketch_glia_net_drop(net);
}
END_TEST

/* Every fifth case has each kind of network, surrogate and readout. The model's own gradient starts
 * no run. */
static void add_gradients(Suite *suite, TCase *cases)
{
    TCase *const model = tcase_create("the model");
    keep_one_thread(model);
    tcase_add_checked_fixture(model, open_fits, close_fits);
    tcase_set_timeout(model, 120);
    tcase_add_loop_test(model, the_model_has_another_gradient_than_differences, 0, CASES);
    suite_add_tcase(suite, model);
    add_some(cases, a_gradient_is_not_that_of_the_model, CASES, 5);
    add_some(cases, e_prop_is_not_learning_signals_times_eligibilities, CASES, 5);
}

int main(void)
{
    Suite *const suite = suite_create("glia_fit");
    TCase *const cases = tcase_create("fits");
    tcase_add_checked_fixture(cases, open_fits, close_fits);
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, a_forward_pass_is_not_that_of_ticks, 0, 2 * KINDS);
    tcase_add_test(cases, a_network_without_synapses_is_not_fitted);
    tcase_add_test(cases, a_logarithm_is_another_one);
    add_gradients(suite, cases);
    add_list(cases, e_prop_is_not_bptt_where_no_hidden_neuron_reaches_another, kind_names, KINDS);
    add_list(cases, bits_depend_on_the_kernel_set, kind_names, KINDS);
    add_list(cases, bits_depend_on_threads, kind_names, KINDS);
    tcase_add_test(cases, bits_depend_on_the_rounding_mode);
    tcase_add_loop_test(cases, a_fit_does_not_learn, 0, 4);
    tcase_add_test(cases, a_fit_does_not_end_at_its_accuracy_or_patience);
    tcase_add_loop_test(cases, an_update_is_not_that_of_its_optimizer, 0, 3);
    tcase_add_test(cases, a_fit_that_diverges_goes_on);
    tcase_add_test(cases, scores_are_not_those_of_the_last_epoch);
    tcase_add_test(cases, a_score_depends_on_other_episodes);
    add_where(cases, a_second_fit_takes_memory, COUNTS_ALLOCATIONS,
              "allocations are not counted here");
    tcase_add_test(cases, a_fit_takes_more_than_its_need);
    suite_add_tcase(suite, cases);
    return end_with(suite);
}
