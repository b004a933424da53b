/* Ticks of spiking networks, with every kernel set and without panels, against a model that follows
 * the rules neuron by neuron, and against traces that were recorded from an independent
 * implementation. All numbers are compared bit by bit. */
#include "cpu.h"
#include "float_mode.h"
#include "glia/net/net.h"
#include "rounded.h"
#include "suite.h"
#include "words.h"

#include <check.h>
#include <math.h>
#include <string.h>

enum { MOST_NEURONS = 150, TICKS = 40 };

/* ---- the model ---- */

typedef struct cell {
    float threshold, leak, resting, value, delta, on_deck;
    bool fired;
} cell;

/* has[i][j]: there is a synapse from i to j. */
typedef struct model {
    uint32_t count, sensory;
    cell cells[MOST_NEURONS];
    bool has[MOST_NEURONS][MOST_NEURONS];
    float weight[MOST_NEURONS][MOST_NEURONS];
} model;

static void send(model *m, uint32_t from)
{
    for (uint32_t to = 0; to < m->count; to++)
        if (m->has[from][to])
            m->cells[to].on_deck = add(m->cells[to].on_deck, m->weight[from][to]);
}

static void tick_cell(model *m, uint32_t i)
{
    cell *const c = &m->cells[i];
    const float incoming = c->delta;
    c->fired = false;
    c->delta = c->on_deck;
    c->on_deck = 0;
    c->value = add(multiply(c->leak, c->value), incoming);
    if (c->value < 0)
        c->value = 0;
    if (c->value > c->threshold) {
        c->fired = true;
        c->value = c->resting;
        send(m, i);
    }
}

static void tick_model(model *m)
{
    for (uint32_t i = 0; i < m->count; i++)
        tick_cell(m, i);
}

/* ---- networks and models ---- */

typedef struct fixture {
    ketch_arena *arena;
    ketch_glia_net *net;
} fixture;

static fixture start(void)
{
    fixture f;
    ck_assert_int_eq(ketch_arena_create(&f.arena, NULL, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_glia_net_create(&f.net, f.arena, NULL, NULL), KETCH_OK);
    return f;
}

static void finish(fixture f)
{
    ketch_glia_net_drop(f.net);
    ketch_arena_drop(f.arena);
}

static void add_cells(fixture f, const model *m)
{
    for (uint32_t i = 0; i < m->count; i++) {
        const cell *const c = &m->cells[i];
        char id[16];
        snprintf(id, sizeof id, "%c%u", i < m->sensory ? 'S' : 'H', i);
        ck_assert_int_eq(ketch_glia_add_neuron(f.net, id, c->threshold, c->leak, c->resting, NULL),
                         KETCH_OK);
    }
}

/* Synapses on the way to a network, which puts all into rows at once. */
typedef struct synapses {
    uint32_t *from, *to;
    float *weight;
    uint64_t count;
} synapses;

static synapses room_for(size_t count)
{
    const synapses made = {malloc(count * sizeof *made.from), malloc(count * sizeof *made.to),
                           malloc(count * sizeof *made.weight), 0};
    ck_assert(made.from && made.to && made.weight);
    return made;
}

static void append(synapses *s, uint32_t from, uint32_t to, float weight)
{
    s->from[s->count] = from;
    s->to[s->count] = to;
    s->weight[s->count++] = weight;
}

static void add_synapses(fixture f, synapses s)
{
    ck_assert_int_eq(ketch_glia_add_synapses(f.net, s.count, s.from, s.to, s.weight, NULL),
                     KETCH_OK);
    free(s.from);
    free(s.to);
    free(s.weight);
}

static void add_all_synapses(fixture f, const model *m)
{
    synapses all = room_for((size_t)m->count * m->count);
    for (uint32_t i = 0; i < m->count; i++)
        for (uint32_t j = 0; j < m->count; j++)
            if (m->has[i][j])
                append(&all, i, j, m->weight[i][j]);
    add_synapses(f, all);
}

static void set_values(fixture f, const model *m)
{
    for (uint32_t i = 0; i < m->count; i++)
        ck_assert_int_eq(ketch_glia_set(f.net, KETCH_GLIA_VALUE, i, 1, &m->cells[i].value, NULL),
                         KETCH_OK);
}

static fixture start_like(const model *m)
{
    const fixture f = start();
    add_cells(f, m);
    add_all_synapses(f, m);
    set_values(f, m);
    return f;
}

/* A NaN has no sign and no payload that the rules define. */
static bool is_same(float a, float b)
{
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

static float field_of(const cell *c, ketch_glia_field field)
{
    return field == KETCH_GLIA_VALUE ? c->value : field == KETCH_GLIA_DELTA ? c->delta : c->on_deck;
}

static void check_field(fixture f, const model *m, ketch_glia_field field, int tick)
{
    float numbers[MOST_NEURONS];
    ck_assert_int_eq(ketch_glia_get(numbers, f.net, field, 0, m->count, NULL), KETCH_OK);
    for (uint32_t i = 0; i < m->count; i++) {
        const float wanted = field_of(&m->cells[i], field);
        ck_assert_msg(is_same(numbers[i], wanted), "tick %d, field %d of neuron %u: %a, not %a",
                      tick, (int)field, i, (double)numbers[i], (double)wanted);
    }
}

static void check_fired(fixture f, const model *m, int tick)
{
    uint32_t fired[MOST_NEURONS];
    uint64_t count, at = 0;
    ck_assert_int_eq(ketch_glia_get_fired(fired, MOST_NEURONS, &count, f.net, NULL), KETCH_OK);
    for (uint32_t i = 0; i < m->count; i++)
        if (m->cells[i].fired) {
            ck_assert_msg(at < count && fired[at] == i, "tick %d: neuron %u fires", tick, i);
            at++;
        }
    ck_assert_msg(at == count, "tick %d: %d fire", tick, (int)at);
}

static void check_same(fixture f, const model *m, int tick)
{
    check_field(f, m, KETCH_GLIA_VALUE, tick);
    check_field(f, m, KETCH_GLIA_DELTA, tick);
    check_field(f, m, KETCH_GLIA_ON_DECK, tick);
    check_fired(f, m, tick);
}

static void inject(fixture f, model *m, uint32_t i, float amount)
{
    if (i < m->sensory)
        m->cells[i].on_deck = add(m->cells[i].on_deck, amount);
    ck_assert_int_eq(ketch_glia_inject(f.net, 1, &i, &amount, NULL), KETCH_OK);
}

/* ---- random models ---- */

static float uniform(uint64_t *seed, float least, float most)
{
    return least + (most - least) * ((float)(next_word(seed) >> 40) * 0x1p-24f);
}

static uint32_t below(uint64_t *seed, uint32_t limit)
{
    return (uint32_t)(next_word(seed) % limit);
}

/* density: of synapses, from any neuron to any; 0: a ring. scale: of all voltages. */
typedef struct shape {
    const char *name;
    uint32_t count, sensory;
    float density;
    float scale;
    float most_leak;
    bool is_layered; /* synapses go from one block of 16 to the next two only */
    bool rests_high; /* some resting values are above the threshold, some below 0, some -0 */
} shape;

static const shape shapes[] = {
    {"one neuron", 1, 1, 1, 1, 1, false, false},
    {"15 neurons, dense", 15, 4, 0.9f, 1, 1, false, false},
    {"16 neurons, dense", 16, 0, 0.9f, 1, 0.9f, false, false},
    {"17 neurons, dense", 17, 17, 0.9f, 1, 0.9f, false, true},
    {"33 neurons, all to all", 33, 9, 1, 1, 0.7f, false, true},
    {"64 neurons, half", 64, 20, 0.5f, 1, 0.9f, false, false},
    {"75 neurons, a fifth", 75, 64, 0.2f, 1, 1, false, false},
    {"a ring of 100", 100, 3, 0, 1, 1, false, false},
    {"100 neurons, sparse", 100, 30, 0.03f, 1, 0.9f, false, true},
    {"130 neurons, dense", 130, 40, 0.7f, 1, 0.9f, false, true},
    {"144 neurons, layers", 144, 16, 0.6f, 1, 0.95f, true, false},
    {"150 neurons, layers", 150, 16, 0.2f, 1, 0.95f, true, true},
    {"149 neurons, a tenth", 149, 50, 0.1f, 1, 0.9f, false, true},
    {"70 neurons, subnormal", 70, 20, 0.5f, 0x1p-146f, 0.9f, false, true},
    {"70 neurons, huge", 70, 20, 0.5f, 0x1p125f, 0.9f, false, true},
    {"80 neurons, silent", 80, 0, 0.5f, 1, 0.9f, false, false},
};

enum { SHAPES = sizeof shapes / sizeof *shapes };

static float draw_resting(const shape *s, float threshold, uint64_t *seed)
{
    switch (s->rests_high ? below(seed, 6) : 6) {
    case 0:
        return 1.5f * threshold;
    case 1:
        return -0.5f * threshold;
    case 2:
        return -0.0f;
    default:
        return 0;
    }
}

static void draw_cell(cell *c, const shape *s, uint64_t *seed)
{
    static const float leaks[] = {0, 1, 0.9f, 0.8f};
    c->threshold = s->scale * uniform(seed, 0.2f, 1.5f);
    c->leak =
        below(seed, 2) ? s->most_leak * leaks[below(seed, 4)] : uniform(seed, 0, s->most_leak);
    c->resting = draw_resting(s, c->threshold, seed);
    c->value = below(seed, 2) ? c->resting : s->scale * uniform(seed, 0, 2);
}

static bool draw_synapse(const shape *s, uint32_t from, uint32_t to, uint64_t *seed)
{
    if (s->density == 0)
        return to == (from + 1) % s->count;
    const uint32_t step = to / KTG_BLOCK - from / KTG_BLOCK;
    if (s->is_layered && step != 1 && step != 2)
        return false;
    return uniform(seed, 0, 1) < s->density;
}

/* Weights whose sums are about as large as thresholds. */
static float draw_weight(const shape *s, uint64_t *seed)
{
    const float inputs = s->density * (float)s->count;
    const float most = 4 * s->scale / (inputs < 1 ? 1 : sqrtf(inputs));
    return below(seed, 50) == 0 ? -0.0f : uniform(seed, -0.7f * most, most);
}

static model *draw_model(const shape *s, uint64_t *seed)
{
    model *const m = calloc(1, sizeof *m);
    ck_assert_ptr_nonnull(m);
    m->count = s->count;
    m->sensory = s->sensory;
    for (uint32_t i = 0; i < m->count; i++)
        draw_cell(&m->cells[i], s, seed);
    for (uint32_t i = 0; i < m->count; i++)
        for (uint32_t j = 0; j < m->count; j++)
            if ((m->has[i][j] = draw_synapse(s, i, j, seed)))
                m->weight[i][j] = draw_weight(s, seed);
    return m;
}

/* Several injections into one neuron, too, and some into neurons that take none. */
static void inject_some(fixture f, model *m, const shape *s, uint64_t *seed)
{
    for (uint32_t n = below(seed, 1 + m->count / 2); n > 0; n--)
        inject(f, m, below(seed, m->count), s->scale * uniform(seed, -1, 3));
}

/* ---- ways to tick ---- */

/* Kernel sets; 0: the best one, and rows instead of panels. */
enum { WAYS = KETCH_KERNELS_NEON + 1 };

static void choose_way(ketch_glia_net *net, int way)
{
    ktg_net_use_kernels(net, way ? (ketch_kernels)way : kt_cpu_best());
}

static void step(fixture f, int way)
{
    if (way) {
        ck_assert_int_eq(ketch_glia_step(f.net, 1, NULL), KETCH_OK);
        return;
    }
    ck_assert_int_eq(ktg_net_claim_settled(f.net, __func__, NULL), KETCH_OK);
    ktg_net_tick(f.net);
    ck_assert(!ktg_net_is_prepared(f.net));
    ktg_net_release(f.net);
}

/* ---- tests ---- */

/* index: a shape and a way. */
START_TEST(ticks_follow_the_rules)
{
    const shape *const s = &shapes[_i % SHAPES];
    const int way = _i / SHAPES;
    for (uint64_t number = 0; number < 6; number++) {
        uint64_t seed = number;
        model *const m = draw_model(s, &seed);
        const fixture f = start_like(m);
        choose_way(f.net, way);
        for (int tick = 1; tick <= TICKS; tick++) {
            inject_some(f, m, s, &seed);
            tick_model(m);
            step(f, way);
            check_same(f, m, tick);
        }
        finish(f);
        free(m);
    }
}
END_TEST

static void change_weights(fixture f, model *m, const shape *s, uint64_t *seed)
{
    ktg_rows *const rows = &f.net->rows;
    for (uint32_t i = 0; i < m->count; i++)
        for (uint32_t at = rows->begin[i]; at < rows->begin[i + 1]; at++)
            rows->weight[at] = m->weight[i][rows->target[at]] = draw_weight(s, seed);
    ktg_net_weights_changed(f.net);
}

static void add_synapse(fixture f, model *m, const shape *s, uint64_t *seed)
{
    const uint32_t from = below(seed, m->count), to = below(seed, m->count);
    m->has[from][to] = true;
    m->weight[from][to] = draw_weight(s, seed);
    ck_assert_int_eq(ketch_glia_add_synapses(f.net, 1, &from, &to, &m->weight[from][to], NULL),
                     KETCH_OK);
}

static fixture replace_by_copy(fixture f, int way)
{
    ketch_glia_net *copy;
    ck_assert_int_eq(ketch_glia_net_copy(&copy, f.net, NULL, NULL), KETCH_OK);
    ketch_glia_net_drop(f.net);
    choose_way(copy, way);
    return (fixture){f.arena, copy};
}

static void clear_synapses(fixture f, model *m)
{
    memset(m->has, 0, sizeof m->has);
    ck_assert_int_eq(ketch_glia_clear_synapses(f.net, NULL), KETCH_OK);
}

/* Between ticks weights are written, synapses are added and removed, and the network is replaced by
 * its copy. */
START_TEST(ticks_follow_changes)
{
    const shape *const s = &shapes[_i % SHAPES];
    const int way = _i / SHAPES;
    uint64_t seed = 100;
    model *const m = draw_model(s, &seed);
    fixture f = start_like(m);
    choose_way(f.net, way);
    for (int tick = 1; tick <= TICKS; tick++) {
        inject_some(f, m, s, &seed);
        if (tick % 3 == 0)
            change_weights(f, m, s, &seed);
        if (tick % 10 == 5)
            add_synapse(f, m, s, &seed);
        if (tick % 16 == 7)
            f = replace_by_copy(f, way);
        if (tick == 30)
            clear_synapses(f, m);
        tick_model(m);
        step(f, way);
        check_same(f, m, tick);
    }
    finish(f);
    free(m);
}
END_TEST

/* Voltages for which leak * value + delta rounded once is another number than rounded twice. */
START_TEST(products_are_rounded)
{
    model *const m = calloc(1, sizeof *m);
    ck_assert_ptr_nonnull(m);
    uint64_t seed = 7;
    m->count = 100;
    for (uint32_t i = 0; i < m->count; i++) {
        cell *const c = &m->cells[i];
        c->threshold = 1e6f;
        do {
            c->leak = uniform(&seed, 0.1f, 1);
            c->value = uniform(&seed, 1, 100);
            c->delta = uniform(&seed, -1, 1);
        } while (fmaf(c->leak, c->value, c->delta) == add(multiply(c->leak, c->value), c->delta));
    }
    const fixture f = start_like(m);
    for (uint32_t i = 0; i < m->count; i++)
        ck_assert_int_eq(ketch_glia_set(f.net, KETCH_GLIA_DELTA, i, 1, &m->cells[i].delta, NULL),
                         KETCH_OK);
    choose_way(f.net, _i);
    tick_model(m);
    step(f, _i);
    check_same(f, m, 1);
    finish(f);
    free(m);
}
END_TEST

#if defined(__x86_64__) || defined(__i386__) || defined(__aarch64__)
enum { KNOWS_MODES = 1 };

/* Rounding up; subnormal numbers are 0, as operands and as results. */
static kt_float_mode set_odd_mode(void)
{
    const kt_float_mode before = kt_float_mode_begin();
#if defined(__x86_64__) || defined(__i386__)
    kt_float_mode_end(0x1f80 | 0x8000 | 0x4000 | 0x0040);
#else
    kt_float_mode_end(UINT64_C(1) << 24 | UINT64_C(1) << 22);
#endif
    return before;
}

/* The bits that set_odd_mode sets, as the thread has them. */
static kt_float_mode odd_bits(void)
{
    const kt_float_mode mode = kt_float_mode_begin();
    kt_float_mode_end(mode);
#if defined(__x86_64__) || defined(__i386__)
    return mode & ~UINT64_C(0x3f);
#else
    return mode;
#endif
}
#else
enum { KNOWS_MODES = 0 };

static kt_float_mode set_odd_mode(void)
{
    return 0;
}

static kt_float_mode odd_bits(void)
{
    return 0;
}
#endif

/* A tick and an injection in the mode of a caller that rounds up and flushes subnormals. */
static void act_in_odd_mode(fixture f, uint32_t neuron, float amount)
{
    const kt_float_mode before = set_odd_mode();
    const kt_float_mode mode = odd_bits();
    const ketch_status injected = ketch_glia_inject(f.net, 1, &neuron, &amount, NULL);
    const ketch_status stepped = ketch_glia_step(f.net, 1, NULL);
    const kt_float_mode left = odd_bits();
    kt_float_mode_end(before);
    ck_assert_int_eq(injected, KETCH_OK);
    ck_assert_int_eq(stepped, KETCH_OK);
    ck_assert_msg(left == mode, "the caller's mode is %llx, not %llx", (unsigned long long)left,
                  (unsigned long long)mode);
}

/* index: a shape and a way. */
START_TEST(the_callers_mode_is_no_matter)
{
    const shape *const s = &shapes[_i % SHAPES];
    uint64_t seed = 3;
    model *const m = draw_model(s, &seed);
    const fixture f = start_like(m);
    choose_way(f.net, _i / SHAPES);
    for (int tick = 1; tick <= TICKS; tick++) {
        const uint32_t neuron = below(&seed, m->count);
        const float amount = s->scale * uniform(&seed, -1, 3);
        if (neuron < m->sensory)
            m->cells[neuron].on_deck = add(m->cells[neuron].on_deck, amount);
        tick_model(m);
        act_in_odd_mode(f, neuron, amount);
        check_same(f, m, tick);
    }
    finish(f);
    free(m);
}
END_TEST

/* Dense targets are in panels, so that the tests above try them; sparse ones are not. */
START_TEST(panels_hold_dense_targets)
{
    uint64_t seed = 1;
    for (int dense = 0; dense < 2; dense++) {
        model *const m = draw_model(&shapes[dense ? 5 : 7], &seed);
        const fixture f = start_like(m);
        choose_way(f.net, _i);
        step(f, _i);
        ck_assert_int_eq(f.net->panels.count > 0, dense);
        ck_assert_int_eq(f.net->panels.rest.count > 0, !dense);
        finish(f);
        free(m);
    }
}
END_TEST

START_TEST(panels_are_beside_rows)
{
    uint64_t seed = 1;
    model *const m = draw_model(&shapes[8], &seed);
    for (uint32_t i = 0; i < m->count; i++)
        for (uint32_t j = 40; j < 60; j++)
            m->has[i][j] = true;
    const fixture f = start_like(m);
    choose_way(f.net, _i);
    for (int tick = 1; tick <= TICKS; tick++) {
        inject_some(f, m, &shapes[8], &seed);
        tick_model(m);
        step(f, _i);
        check_same(f, m, tick);
    }
    ck_assert_int_gt(f.net->panels.count, 0);
    ck_assert_uint_gt(f.net->panels.rest.count, 0);
    ck_assert_uint_lt(f.net->panels.rest.count, f.net->rows.count);
    finish(f);
    free(m);
}
END_TEST

/* What decides how voltages are multiplied. */
START_TEST(voltages_that_faded_are_not_found)
{
    static const model m = {.count = 1, .cells = {{.threshold = 1, .leak = 0.9F, .value = 1}}};
    const fixture f = start_like(&m);
    choose_way(f.net, _i);
    ck_assert_int_eq(ketch_glia_step(f.net, 700, NULL), KETCH_OK);
    ck_assert(!f.net->cells.has_small);
    ck_assert_int_eq(ketch_glia_step(f.net, 300, NULL), KETCH_OK);
    ck_assert(f.net->cells.has_small);
    set_values(f, &m);
    ck_assert_int_eq(ketch_glia_step(f.net, 64, NULL), KETCH_OK);
    ck_assert(!f.net->cells.has_small);
    finish(f);
}
END_TEST

START_TEST(a_network_without_neurons_ticks)
{
    const fixture f = start();
    ketch_glia_net_info info = {.size = sizeof info};
    ck_assert_int_eq(ketch_glia_step(f.net, 5, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_glia_net_get_info(&info, f.net, NULL), KETCH_OK);
    ck_assert_uint_eq(info.ticks, 5);
    finish(f);
}
END_TEST

/* Kernels add 0 to what waits, which would change -0. */
START_TEST(nothing_waits_as_minus_0)
{
    uint64_t seed = 1;
    model *const m = draw_model(&shapes[4], &seed);
    const fixture f = start_like(m);
    choose_way(f.net, _i);
    for (uint32_t i = 0; i < m->count; i++) {
        const float zero = -0.0f;
        ck_assert_int_eq(ketch_glia_set(f.net, KETCH_GLIA_DELTA, i, 1, &zero, NULL), KETCH_OK);
        ck_assert_int_eq(ketch_glia_set(f.net, KETCH_GLIA_ON_DECK, i, 1, &zero, NULL), KETCH_OK);
    }
    for (int tick = 0; tick < TICKS; tick++) {
        check_same(f, m, tick);
        tick_model(m);
        step(f, _i);
    }
    finish(f);
    free(m);
}
END_TEST

/* ---- threads ---- */

enum { WIDE = 1500 };

/* density: of synapses into the first `dense` neurons; sparse: into the others. */
typedef struct wide_shape {
    const char *name;
    uint32_t count, dense;
    float density, sparse;
} wide_shape;

static const wide_shape wide_shapes[] = {
    {"panels", 400, 400, 0.6f, 0}, {"rows", WIDE, 0, 0, 0.04f}, {"both", 1000, 150, 0.7f, 0.03f}};

enum { WIDE_SHAPES = sizeof wide_shapes / sizeof *wide_shapes };

/* Nearly half of the neurons fire once some do. */
static fixture start_wide(const wide_shape *w)
{
    uint64_t seed = 5;
    const fixture f = start();
    for (uint32_t i = 0; i < w->count; i++) {
        char id[16];
        snprintf(id, sizeof id, "%c%u", i < 64 ? 'S' : 'H', i);
        ck_assert_int_eq(ketch_glia_add_neuron(f.net, id, 0.3f, 0.5f, 0, NULL), KETCH_OK);
    }
    synapses all = room_for((size_t)w->count * w->count);
    for (uint32_t i = 0; i < w->count; i++)
        for (uint32_t j = 0; j < w->count; j++)
            if (uniform(&seed, 0, 1) < (j < w->dense ? w->density : w->sparse))
                append(&all, i, j, uniform(&seed, -1, 1));
    add_synapses(f, all);
    return f;
}

static void check_equal_nets(ketch_glia_net *net, ketch_glia_net *other, int tick)
{
    static const ketch_glia_field fields[] = {KETCH_GLIA_VALUE, KETCH_GLIA_DELTA,
                                              KETCH_GLIA_ON_DECK};
    const uint32_t count = net->cells.count;
    float a[WIDE], b[WIDE];
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        ck_assert_int_eq(ketch_glia_get(a, net, fields[i], 0, count, NULL), KETCH_OK);
        ck_assert_int_eq(ketch_glia_get(b, other, fields[i], 0, count, NULL), KETCH_OK);
        ck_assert_msg(memcmp(a, b, count * sizeof *a) == 0, "tick %d: field %d is another", tick,
                      (int)fields[i]);
    }
    ck_assert_uint_eq(net->cells.fired_count, other->cells.fired_count);
}

/* One tick of both nets: of one by rows, of the other one by that engine's threads. */
static void tick_both(ketch_glia_net *net, ketch_glia_net *shared, ketch_engine *engine)
{
    ck_assert_int_eq(ktg_net_claim_settled(net, __func__, NULL), KETCH_OK);
    ck_assert_int_eq(ktg_net_claim_settled(shared, __func__, NULL), KETCH_OK);
    ck_assert_int_eq(ktg_net_share_out(shared, (uint32_t)engine->threads, __func__, NULL),
                     KETCH_OK);
    ck_assert_uint_eq(shared->shares.count, engine->threads > 1 ? (uint32_t)engine->threads : 0);
    ktg_net_tick(net);
    ktg_net_tick_on(shared, engine);
    ktg_net_release(shared);
    ktg_net_release(net);
}

/* index: a shape, and a place in the list of threads. Enough fire for threads to be taken, from the
 * third tick on; before, too few. In between a synapse is added. */
START_TEST(threads_share_targets)
{
    static const int32_t threads[] = {1, 2, 3, 8};
    const fixture f = start_wide(&wide_shapes[_i % WIDE_SHAPES]);
    ketch_glia_net *shared;
    ck_assert_int_eq(ketch_glia_net_copy(&shared, f.net, NULL, NULL), KETCH_OK);
    const ketch_engine_options options = {.size = sizeof options,
                                          .threads = threads[_i / WIDE_SHAPES]};
    ketch_engine *engine;
    ck_assert_int_eq(ketch_engine_create(&engine, &options, NULL), KETCH_OK);
    ck_assert_int_eq(kt_engine_claim(engine, __func__, NULL), KETCH_OK);
    uint64_t most = 0;
    for (int tick = 1; tick <= 30; tick++) {
        const uint32_t neuron = (uint32_t)tick % 64, one = 1;
        const float amount = 3, weight = (float)tick;
        ketch_glia_net *const both[2] = {f.net, shared};
        for (int i = 0; i < 2; i++) {
            ck_assert_int_eq(ketch_glia_inject(both[i], 1, &neuron, &amount, NULL), KETCH_OK);
            if (tick == 20)
                ck_assert_int_eq(ketch_glia_add_synapses(both[i], 1, &one, &neuron, &weight, NULL),
                                 KETCH_OK);
        }
        tick_both(f.net, shared, engine);
        check_equal_nets(f.net, shared, tick);
        most = most > f.net->cells.fired_count ? most : f.net->cells.fired_count;
    }
    ck_assert_uint_gt(most * 3, f.net->cells.count);
    kt_engine_release(engine);
    ketch_engine_destroy(engine, NULL);
    ketch_glia_net_drop(shared);
    finish(f);
}
END_TEST

/* ---- traces ---- */

/* CRC-32 as zlib's. */
static uint32_t crc_of(const void *data, size_t size)
{
    const uint8_t *const bytes = data;
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

/* A trace that is being read. */
typedef struct trace {
    FILE *file;
    char line[2000];
    int number;
    fixture f;
    int way, ticks, nets;
} trace;

static float number_of(const char *hex)
{
    const uint32_t bits = (uint32_t)strtoul(hex, NULL, 16);
    float number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

static uint32_t find(const trace *t, const char *id)
{
    return (uint32_t)ketch_glia_find(t->f.net, id);
}

/* The words of a line behind its keyword; NULL where there are fewer. */
static void split_line(char *line, char *words[], int count)
{
    strtok(line, " \n");
    for (int i = 0; i < count; i++)
        words[i] = strtok(NULL, " \n");
}

static void begin_trace(trace *t)
{
    if (t->nets++ > 0)
        finish(t->f);
    t->f = start();
    choose_way(t->f.net, t->way);
}

static void read_neuron(trace *t)
{
    char *words[4];
    split_line(t->line, words, 4);
    ck_assert_ptr_nonnull(words[3]);
    ck_assert_int_eq(ketch_glia_add_neuron(t->f.net, words[0], number_of(words[1]),
                                           number_of(words[2]), number_of(words[3]), NULL),
                     KETCH_OK);
}

static void read_synapse(trace *t)
{
    char *words[3];
    split_line(t->line, words, 3);
    ck_assert_ptr_nonnull(words[2]);
    const uint32_t from = find(t, words[0]), to = find(t, words[1]);
    const float weight = number_of(words[2]);
    ck_assert_int_eq(ketch_glia_add_synapses(t->f.net, 1, &from, &to, &weight, NULL), KETCH_OK);
}

static void read_injection(trace *t)
{
    char *words[2];
    split_line(t->line, words, 2);
    ck_assert_ptr_nonnull(words[1]);
    const uint32_t neuron = find(t, words[0]);
    const float amount = number_of(words[1]);
    if (neuron != UINT32_MAX)
        ck_assert_int_eq(ketch_glia_inject(t->f.net, 1, &neuron, &amount, NULL), KETCH_OK);
}

static void read_tick(trace *t)
{
    char *words[1];
    float values[MOST_NEURONS];
    uint32_t fired[MOST_NEURONS];
    uint64_t count;
    ketch_glia_net_info info = {.size = sizeof info};
    split_line(t->line, words, 1);
    ck_assert_ptr_nonnull(words[0]);
    step(t->f, t->way);
    t->ticks++;
    ck_assert_int_eq(ketch_glia_net_get_info(&info, t->f.net, NULL), KETCH_OK);
    ck_assert_int_eq(ketch_glia_get(values, t->f.net, KETCH_GLIA_VALUE, 0, info.neurons, NULL),
                     KETCH_OK);
    ck_assert_int_eq(ketch_glia_get_fired(fired, MOST_NEURONS, &count, t->f.net, NULL), KETCH_OK);
    ck_assert_msg(crc_of(values, info.neurons * sizeof *values) == strtoul(words[0], NULL, 16),
                  "line %d: other voltages", t->number);
    for (uint64_t i = 0; i <= count; i++) {
        const char *const word = strtok(NULL, " \n");
        ck_assert_msg(i == count ? !word : word && strtoul(word, NULL, 10) == fired[i],
                      "line %d: others fire", t->number);
    }
}

static void read_line(trace *t)
{
    static const struct {
        const char *keyword;
        void (*read)(trace *t);
    } keywords[] = {{"net ", begin_trace},
                    {"neuron ", read_neuron},
                    {"synapse ", read_synapse},
                    {"inject ", read_injection},
                    {"tick ", read_tick}};
    t->number++;
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (strncmp(t->line, keywords[i].keyword, strlen(keywords[i].keyword)) == 0) {
            keywords[i].read(t);
            return;
        }
    ck_assert_msg(t->line[0] == '#', "line %d has no keyword", t->number);
}

/* index: a way. */
START_TEST(recorded_traces_are_made_again)
{
    char path[1000];
    const char *const source = getenv("abs_srcdir");
    snprintf(path, sizeof path, "%s/tests/glia/traces.txt", source ? source : ".");
    trace t = {.file = fopen(path, "r"), .way = _i};
    ck_assert_ptr_nonnull(t.file);
    while (fgets(t.line, sizeof t.line, t.file))
        read_line(&t);
    fclose(t.file);
    finish(t.f);
    ck_assert_int_eq(t.nets, 12);
    ck_assert_int_eq(t.ticks, 1270);
}
END_TEST

/* ---- the suite ---- */

static bool has_way(int way)
{
    return way == 0 || kt_cpu_runs((ketch_kernels)way);
}

static const char *way_name(int way)
{
    return way ? ketch_kernels_name((ketch_kernels)way) : "rows";
}

/* Tests that are the same for each way, from `first` on. */
static void add_ways(TCase *cases, const TTest *test, int first)
{
    for (int way = first; way < WAYS; way++)
        if (has_way(way))
            add_indexed(cases, test, way, "%s", way_name(way));
        else
            add_skipped(cases, test, "this machine does not run %s", way_name(way));
}

static void add_shapes(TCase *cases, const TTest *test, int first)
{
    for (int way = first; way < WAYS; way++)
        for (int i = 0; i < SHAPES && has_way(way); i++)
            add_indexed(cases, test, way * SHAPES + i, "%s, %s", shapes[i].name, way_name(way));
}

int main(void)
{
    TCase *const cases = tcase_create("glia ticks");
    TCase *const shared = tcase_create("threads");
    tcase_set_timeout(cases, 60);
    tcase_set_timeout(shared, 60);
    keep_one_thread(cases);
    add_shapes(cases, ticks_follow_the_rules, 0);
    add_shapes(cases, ticks_follow_changes, 0);
    if (KNOWS_MODES)
        add_shapes(cases, the_callers_mode_is_no_matter, 1);
    else
        add_skipped(cases, the_callers_mode_is_no_matter, "this machine's modes are not known");
    add_ways(cases, products_are_rounded, 0);
    add_ways(cases, recorded_traces_are_made_again, 0);
    add_ways(cases, panels_hold_dense_targets, 1);
    add_ways(cases, panels_are_beside_rows, 1);
    add_ways(cases, nothing_waits_as_minus_0, 0);
    add_ways(cases, voltages_that_faded_are_not_found, 1);
    for (int i = 0; i < 4 * WIDE_SHAPES; i++)
        add_indexed(shared, threads_share_targets, i, "%s, %d threads",
                    wide_shapes[i % WIDE_SHAPES].name, (const int[]){1, 2, 3, 8}[i / WIDE_SHAPES]);
    tcase_add_test(cases, a_network_without_neurons_ticks);
    Suite *const suite = suite_create("glia ticks");
    suite_add_tcase(suite, cases);
    suite_add_tcase(suite, shared);
    return end_with(suite);
}
