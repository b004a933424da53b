#include "glia/text/generate.h"

#include "glia/text/streams.h"
#include "heap.h"
#include "numbers.h"
#include "random.h"

#include <math.h>
#include <string.h>

/* Groups of neurons, in the order in which they are made. */
typedef enum group { GROUP_S, GROUP_H, GROUP_O, GROUPS } group;

static const char group_letters[] = "SHO";

/* Pairs of groups that may have synapses. */
enum { PAIRS = 4 };

static const struct group_pair {
    const char *name;
    group from, to;
} group_pairs[PAIRS] = {
    {"S->H", GROUP_S, GROUP_H},
    {"S->O", GROUP_S, GROUP_O},
    {"H->H", GROUP_H, GROUP_H},
    {"H->O", GROUP_H, GROUP_O},
};

/* What the text says. place: where its last NEWNET is. first: the slot of each group's first
 * neuron. */
typedef struct recipe {
    ktg_scan place;
    ktg_word newnet;
    uint64_t sizes[GROUPS];
    bool has_pool;
    float densities[PAIRS];
    float positive_share, scale;
    float thresholds[GROUPS], leaks[GROUPS];
    uint32_t first[GROUPS];
} recipe;

static const recipe default_recipe = {
    .densities = {0.6F, 0.2F, 0.1F, 0.6F},
    .positive_share = 0.7F,
    .scale = 1,
    .thresholds = {100, 45, 55},
    .leaks = {1, 0.9F, 1},
};

static const float pool_threshold = 40, pool_leak = 0.8F, to_pool = 20, from_pool = -25;

/* ---- reading ---- */

static int find_group(ktg_word word)
{
    const char *const found = word.length == 1 ? memchr(group_letters, *word.text, GROUPS) : NULL;
    return found ? (int)(found - group_letters) : -1;
}

/* The word's part behind "KEY=", which is not empty. */
static bool has_key(ktg_word word, const char *key, ktg_word *value)
{
    const size_t length = strlen(key);
    if (word.length < length + 2 || memcmp(word.text, key, length) != 0 || word.text[length] != '=')
        return false;
    *value = (ktg_word){word.text + length + 1, word.length - length - 1};
    return true;
}

/* Goes back, so that the value is read as the next field. */
static ketch_status read_size(ktg_scan *scan, recipe *r, group which, ktg_word value)
{
    scan->at = value.text;
    KT_TRY(ktg_scan_whole(scan, &r->sizes[which], KETCH_GLIA_NEURONS_MAX, "a number of neurons",
                          true));
    scan->at = value.text + value.length;
    return KETCH_OK;
}

static ketch_status read_key(ktg_scan *scan, recipe *r, ktg_word word)
{
    ktg_word value;
    for (int g = 0; g < GROUPS; g++)
        if (has_key(word, (char[]){group_letters[g], 0}, &value))
            return read_size(scan, r, (group)g, value);
    if (has_key(word, "POOL", &value) || has_key(word, "WTA", &value)) {
        r->has_pool = ktg_word_is(value, "1") || ktg_word_is(value, "true");
        return KETCH_OK;
    }
    return ktg_scan_skip(scan, word, "S=, H=, O= or POOL=", "an unknown key: it is left out");
}

static ketch_status read_newnet(ktg_scan *scan, recipe *r, ktg_word keyword)
{
    r->place = *scan;
    r->newnet = keyword;
    for (ktg_word word = ktg_scan_word(scan); word.length && *word.text != '#';
         word = ktg_scan_word(scan))
        KT_TRY(read_key(scan, r, word));
    return KETCH_OK;
}

static ketch_status read_density(ktg_scan *scan, recipe *r, ktg_word keyword)
{
    (void)keyword;
    ktg_word pair;
    KT_TRY(ktg_scan_field(scan, &pair, "a pair such as S->H"));
    for (int p = 0; p < PAIRS; p++)
        if (ktg_word_is(pair, group_pairs[p].name)) {
            KT_TRY(ktg_scan_share(scan, &r->densities[p], "a density", true));
            return ktg_scan_end(scan);
        }
    return ktg_scan_skip(scan, pair, "S->H, S->O, H->H or H->O",
                         "an unknown pair: the line is left out");
}

static ketch_status read_init(ktg_scan *scan, recipe *r, ktg_word keyword)
{
    (void)r;
    (void)keyword;
    ktg_word word;
    KT_TRY(ktg_scan_field(scan, &word, "he or xavier"));
    return ktg_scan_end(scan);
}

/* A number of which only positive ones count. */
static ketch_status read_positive(ktg_scan *scan, float *number, float most, const char *expected)
{
    float read;
    const char *const before = scan->at;
    KT_TRY(ktg_scan_number(scan, &read, expected, true));
    const char *const behind = scan->at;
    scan->at = before;
    const ktg_word word = ktg_scan_word(scan);
    scan->at = behind;
    if (read > most || (read <= 0 && scan->options.strict))
        return ktg_scan_fail(scan, KETCH_RANGE, word, NULL,
                             kt_format("more than 0, up to %g", (double)most).text, expected);
    if (read > 0)
        *number = read;
    else
        ktg_scan_note(scan, word, "not above 0: it is left out");
    return ktg_scan_end(scan);
}

static ketch_status read_ratio(ktg_scan *scan, recipe *r, ktg_word keyword)
{
    (void)keyword;
    return read_positive(scan, &r->positive_share, scan->options.strict ? 1 : INFINITY,
                         "a share of positive weights");
}

static ketch_status read_scale(ktg_scan *scan, recipe *r, ktg_word keyword)
{
    (void)keyword;
    return read_positive(scan, &r->scale, 1e38F, "a scale of weights");
}

/* Pairs of a group and its number. */
static ketch_status read_by_group(ktg_scan *scan, float *numbers, bool is_share,
                                  const char *expected)
{
    for (ktg_word word = ktg_scan_word(scan); word.length && *word.text != '#';
         word = ktg_scan_word(scan)) {
        const int g = find_group(word);
        float number;
        if (g < 0)
            KT_TRY(ktg_scan_skip(scan, word, "S, H or O", "an unknown group: it is left out"));
        if (is_share)
            KT_TRY(ktg_scan_share(scan, &number, expected, false));
        else
            KT_TRY(ktg_scan_number(scan, &number, expected, false));
        if (g >= 0)
            numbers[g] = number;
    }
    return KETCH_OK;
}

static ketch_status read_thresholds(ktg_scan *scan, recipe *r, ktg_word keyword)
{
    (void)keyword;
    return read_by_group(scan, r->thresholds, false, "a threshold");
}

static ketch_status read_leaks(ktg_scan *scan, recipe *r, ktg_word keyword)
{
    (void)keyword;
    return read_by_group(scan, r->leaks, true, "a leak");
}

static const struct recipe_line {
    const char *keyword;
    ketch_status (*read)(ktg_scan *scan, recipe *r, ktg_word keyword);
} recipe_lines[] = {
    {"NEWNET", read_newnet},     {"DENSITY", read_density}, {"INIT", read_init},
    {"EXCIT_RATIO", read_ratio}, {"W_SCALE", read_scale},   {"THRESHOLDS", read_thresholds},
    {"LEAK", read_leaks},
};

static ketch_status read_recipe_line(ktg_scan *scan, recipe *r, ktg_word keyword)
{
    for (size_t i = 0; i < sizeof recipe_lines / sizeof *recipe_lines; i++)
        if (ktg_word_is(keyword, recipe_lines[i].keyword))
            return recipe_lines[i].read(scan, r, keyword);
    return ktg_scan_skip(scan, keyword,
                         "NEWNET, DENSITY, INIT, EXCIT_RATIO, W_SCALE, THRESHOLDS or LEAK",
                         "not a word of a text with NEWNET: the line is left out");
}

/* ---- neurons ---- */

/* Pairs of neurons that may get a synapse. Sizes are below 2^27, so that nothing overflows. */
static uint64_t count_pairs(const recipe *r)
{
    uint64_t count = r->has_pool ? 2 * r->sizes[GROUP_O] : 0;
    for (int p = 0; p < PAIRS; p++)
        if (r->densities[p] > 0)
            count += r->sizes[group_pairs[p].from] * r->sizes[group_pairs[p].to];
    return count;
}

static ketch_status check_recipe(const recipe *r)
{
    const uint64_t neurons =
        r->sizes[GROUP_S] + r->sizes[GROUP_H] + r->sizes[GROUP_O] + r->has_pool;
    const uint64_t count = neurons + count_pairs(r), limit = r->place.options.limit;
    if (count > limit)
        return ktg_scan_fail(&r->place, KETCH_LIMIT, r->newnet,
                             kt_format("%llu", (unsigned long long)count).text,
                             kt_format("%llu", (unsigned long long)limit).text,
                             "too many neurons and pairs of them");
    return KETCH_OK;
}

static ketch_status make_neuron(ketch_glia_net *net, const recipe *r, char letter, uint64_t number,
                                float threshold, float leak)
{
    const kt_text id = kt_format("%c%llu", letter, (unsigned long long)number);
    const size_t length = strlen(id.text);
    if (ktg_names_find(&net->names, id.text, length) != KTG_NO_SLOT)
        return ktg_scan_fail(&r->place, KETCH_DUPLICATE, r->newnet, id.text,
                             "a network without such ids", "the network has such a neuron");
    return ktg_net_add_neuron(net, id.text, length, threshold, leak, 0, r->place.function,
                              r->place.error);
}

static ketch_status make_neurons(ketch_glia_net *net, recipe *r)
{
    for (int g = 0; g < GROUPS; g++) {
        r->first[g] = ktg_names_count(&net->names);
        for (uint64_t i = 0; i < r->sizes[g]; i++)
            KT_TRY(make_neuron(net, r, group_letters[g], i, r->thresholds[g], r->leaks[g]));
    }
    return r->has_pool ? make_neuron(net, r, 'N', 0, pool_threshold, pool_leak) : KETCH_OK;
}

/* ---- synapses ---- */

/* Whether and how a neuron is connected to another one depends on the seed and their places alone:
 * `from` counts from the network's first generated neuron and is the stream's number, as is `to`,
 * which is the draw's. */
static double draw_uniform(const recipe *r, ktg_stream purpose, uint32_t from, uint32_t to)
{
    return kt_uniform(r->place.options.seed,
                      ketch_random_stream(KTG_STREAMS_NET, (uint32_t)purpose, from), to);
}

static ketch_status connect(ketch_glia_net *net, const recipe *r, uint32_t from, uint32_t to,
                            float weight)
{
    return ktg_net_add_synapse(net, from, to, weight, r->place.function, r->place.error);
}

static ketch_status connect_groups(ketch_glia_net *net, const recipe *r, int p)
{
    const uint32_t from = r->first[group_pairs[p].from], to = r->first[group_pairs[p].to];
    const uint32_t from_end = from + (uint32_t)r->sizes[group_pairs[p].from];
    const uint32_t to_end = to + (uint32_t)r->sizes[group_pairs[p].to];
    const double density = (double)r->densities[p];
    const uint32_t base = r->first[GROUP_S];
    if (!(density > 0))
        return KETCH_OK;
    for (uint32_t a = from; a < from_end; a++)
        for (uint32_t b = to; b < to_end; b++)
            if (a != b && draw_uniform(r, KTG_STREAM_SYNAPSE, a - base, b - base) < density)
                KT_TRY(connect(net, r, a, b, 0));
    return KETCH_OK;
}

static float draw_weight(const recipe *r, uint32_t from, uint32_t to, uint32_t fan_in)
{
    const double most = sqrt(6.0 / fan_in) * (double)r->scale;
    const double weight = draw_uniform(r, KTG_STREAM_WEIGHT, from, to) * most;
    const bool is_positive = draw_uniform(r, KTG_STREAM_SIGN, from, to) < (double)r->positive_share;
    return (float)(is_positive ? weight : -weight);
}

/* All synapses are between groups so far. */
static ketch_status draw_weights(ketch_glia_net *net, const recipe *r)
{
    const uint32_t base = r->first[GROUP_S];
    ktg_new_synapse *const synapses = net->new_synapses.items;
    uint32_t *const fan_in = kt_heap_take((ktg_names_count(&net->names) - base) * sizeof *fan_in);
    if (!fan_in)
        return kt_fail_heap(r->place.error, r->place.function);
    for (size_t s = 0; s < net->new_synapses.count; s++)
        fan_in[synapses[s].to - base]++;
    for (size_t s = 0; s < net->new_synapses.count; s++) {
        const uint32_t from = synapses[s].from - base, to = synapses[s].to - base;
        synapses[s].weight = draw_weight(r, from, to, fan_in[to]);
    }
    kt_heap_give(fan_in);
    return KETCH_OK;
}

static ketch_status connect_pool(ketch_glia_net *net, const recipe *r)
{
    const uint32_t pool = ktg_names_count(&net->names) - 1;
    const uint32_t end = r->first[GROUP_O] + (uint32_t)r->sizes[GROUP_O];
    for (uint32_t output = r->first[GROUP_O]; output < end && r->has_pool; output++) {
        KT_TRY(connect(net, r, output, pool, to_pool));
        KT_TRY(connect(net, r, pool, output, from_pool));
    }
    return KETCH_OK;
}

ketch_status ktg_generate(ktg_scan *scan, ketch_glia_net *net)
{
    recipe r = default_recipe;
    ktg_word word;
    while (ktg_scan_line(scan, &word))
        KT_TRY(read_recipe_line(scan, &r, word));
    KT_TRY(check_recipe(&r));
    KT_TRY(make_neurons(net, &r));
    for (int p = 0; p < PAIRS; p++)
        KT_TRY(connect_groups(net, &r, p));
    KT_TRY(draw_weights(net, &r));
    return connect_pool(net, &r);
}
