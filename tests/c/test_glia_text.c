/* Networks and sequences as texts: what is read and written is what GliaGL reads and writes, and what
 * is written exactly comes back to the bit. */
#define _GNU_SOURCE
#include "glia/text/decimal.h"
#include "glia_texts.h"
#include "suite.h"
#include "words.h"

#include <fenv.h>
#include <math.h>
#include <stdio.h>

/* ---- numbers ---- */

static uint32_t bits_of(float number)
{
    uint32_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

/* Any float32 but infinities and NaN. */
static float any_float(uint64_t *state)
{
    for (;;) {
        const uint32_t bits = (uint32_t)next_word(state);
        float number;
        memcpy(&number, &bits, sizeof number);
        if (isfinite(number))
            return number;
    }
}

static void ck_reads_as_strtof(const char *text)
{
    const char *at = text;
    char *end;
    float number;
    const float want = strtof(text, &end);
    const ktg_decimal how = ktg_read_decimal(&number, &at, text + strlen(text));
    ck_assert_msg(at == end, "%s: read up to '%s'", text, at);
    if (isinf(want)) {
        ck_assert_msg(how == KTG_DECIMAL_LARGE, "%s: not too large", text);
        ck_assert_float_eq(fabsf(number), 3.40282347e38F);
    } else {
        ck_assert_msg(how == KTG_DECIMAL_FINE, "%s: no number", text);
        ck_assert_msg(bits_of(number) == bits_of(want), "%s: %a, not %a", text, (double)number,
                      (double)want);
    }
}

/* Writes the middle between a float32 and the next one, with all its digits or a bit beside it. */
static void print_middle(char *text, size_t size, uint64_t *state)
{
    const float low = any_float(state), high = nextafterf(low, 0);
    const double middle = ((double)low + (double)high) / 2;
    const double beside[] = {middle, nextafter(middle, 0), nextafter(middle, (double)low)};
    snprintf(text, size, "%.*e", (int)(next_word(state) % 170), beside[next_word(state) % 3]);
}

static void print_any_number(char *text, size_t size, uint64_t *state)
{
    const uint64_t word = next_word(state) >> next_word(state) % 64;
    const int kind = (int)(next_word(state) % 5);
    if (kind == 0)
        snprintf(text, size, "%.*e", (int)(next_word(state) % 20), (double)any_float(state));
    else if (kind == 1)
        snprintf(text, size, "%.300f", (double)any_float(state));
    else if (kind == 2)
        snprintf(text, size, "%llue%d", (unsigned long long)word,
                 (int)(next_word(state) % 90) - 55);
    else if (kind == 3)
        snprintf(text, size, "-%d.%llu", (int)(next_word(state) % 200), (unsigned long long)word);
    else
        print_middle(text, size, state);
}

START_TEST(numbers_are_rounded_once)
{
    char text[400];
    uint64_t state = (uint64_t)_i;
    for (int i = 0; i < 40000; i++) {
        print_any_number(text, sizeof text, &state);
        ck_reads_as_strtof(text);
    }
}
END_TEST

/* Behind the digits of a middle, which decide nothing alone, one more far away decides. */
START_TEST(a_digit_far_behind_decides)
{
    char text[2000];
    const double middle = 1 + 0x1p-24; /* 1 is even */
    const int length = snprintf(text, sizeof text, "%.24f", middle);
    float number;
    for (int zeros = 0; zeros < 1500; zeros += 50) {
        memset(text + length, '0', (size_t)zeros);
        text[length + zeros] = 0;
        ck_reads_as_strtof(text);
        text[length + zeros] = '1';
        text[length + zeros + 1] = 0;
        ck_reads_as_strtof(text);
        const char *at = text;
        ktg_read_decimal(&number, &at, text + length + zeros + 1);
        ck_assert_float_eq(number, 1 + 0x1p-23F);
    }
}
END_TEST

/* text, what is read, its bits, what is left. */
static const struct odd_number {
    const char *text;
    ktg_decimal how;
    uint32_t bits;
    const char *rest;
} odd_numbers[] = {
    {"", KTG_DECIMAL_NONE, 0, ""},
    {"-", KTG_DECIMAL_NONE, 0, ""},
    {".", KTG_DECIMAL_NONE, 0, ""},
    {"-.e1", KTG_DECIMAL_NONE, 0, "e1"},
    {"+-1", KTG_DECIMAL_NONE, 0, "-1"},
    {"nan", KTG_DECIMAL_NONE, 0, "nan"},
    {"-inf", KTG_DECIMAL_NONE, 0, "inf"},
    {"1e", KTG_DECIMAL_NONE, 0, ""},
    {"1e+", KTG_DECIMAL_NONE, 0, ""},
    {"5ex", KTG_DECIMAL_NONE, 0, "x"},
    {"+1", KTG_DECIMAL_FINE, 0x3f800000, ""},
    {"0x10", KTG_DECIMAL_FINE, 0, "x10"},
    {"1,5", KTG_DECIMAL_FINE, 0x3f800000, ",5"},
    {"12abc", KTG_DECIMAL_FINE, 0x41400000, "abc"},
    {"1.5.3", KTG_DECIMAL_FINE, 0x3fc00000, ".3"},
    {"2e1e5", KTG_DECIMAL_FINE, 0x41a00000, "e5"},
    {"2e1.5", KTG_DECIMAL_FINE, 0x41a00000, ".5"},
    {"1.E1", KTG_DECIMAL_FINE, 0x41200000, ""},
    {"-0", KTG_DECIMAL_FINE, 0x80000000, ""},
    {"-0e99999999999999999999", KTG_DECIMAL_FINE, 0x80000000, ""},
    {"-1e-99999999999999999999", KTG_DECIMAL_FINE, 0x80000000, ""},
    {"1e-45", KTG_DECIMAL_FINE, 1, ""},
    {"7e-46", KTG_DECIMAL_FINE, 0, ""},
    {"8e-46", KTG_DECIMAL_FINE, 1, ""},
    {"1.1754942e-38", KTG_DECIMAL_FINE, 0x007fffff, ""},
    {"3.40282356e38", KTG_DECIMAL_FINE, 0x7f7fffff, ""},
    {"3.40282357e38", KTG_DECIMAL_LARGE, 0x7f7fffff, ""},
    {"-1e39", KTG_DECIMAL_LARGE, 0xff7fffff, ""},
    {"1e99999999999999999999", KTG_DECIMAL_LARGE, 0x7f7fffff, ""},
};

START_TEST(odd_numbers_are_read_as_by_cpp)
{
    const struct odd_number *const odd = &odd_numbers[_i];
    const char *at = odd->text;
    float number;
    ck_assert_int_eq(ktg_read_decimal(&number, &at, odd->text + strlen(odd->text)), odd->how);
    ck_assert_uint_eq(bits_of(number), odd->bits);
    ck_assert_str_eq(at, odd->rest);
}
END_TEST

START_TEST(the_rounding_mode_does_not_matter)
{
    static const int modes[] = {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    static const char *const texts[] = {"0.1",   "16777217",
                                        "1e-40", "0.30000001",
                                        "1e25",  "3.3333333333333333333333333333333333333333"};
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
        const float want = strtof(texts[t], NULL);
        for (size_t m = 0; m < sizeof modes / sizeof *modes; m++) {
            const char *at = texts[t];
            float number;
            fesetround(modes[m]);
            ktg_read_decimal(&number, &at, texts[t] + strlen(texts[t]));
            fesetround(FE_TONEAREST);
            ck_assert_uint_eq(bits_of(number), bits_of(want));
        }
    }
}
END_TEST

START_TEST(written_numbers_are_short_and_exact)
{
    uint64_t state = (uint64_t)_i;
    char want[40];
    for (int i = 0; i < 20000; i++) {
        const float number = any_float(&state);
        const kt_text exact = ktg_decimal_text(number, true);
        snprintf(want, sizeof want, "%.6g", (double)number);
        ck_assert_str_eq(ktg_decimal_text(number, false).text, want);
        ck_assert_uint_eq(bits_of(strtof(exact.text, NULL)), bits_of(number));
        int digits = 6;
        while (bits_of(strtof(want, NULL)) != bits_of(number))
            snprintf(want, sizeof want, "%.*g", ++digits, (double)number);
        ck_assert_str_eq(exact.text, want);
    }
}
END_TEST

/* ---- GliaGL's texts ---- */

/* The caller frees the text. */
static char *golden_text(const char *name)
{
    char path[1000];
    const char *const source = getenv("abs_srcdir");
    snprintf(path, sizeof path, "%s/tests/glia/texts/%s", source ? source : ".", name);
    FILE *const file = fopen(path, "rb");
    ck_assert_msg(file, "%s cannot be read", path);
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    const long size = ftell(file);
    rewind(file);
    char *const text = malloc((size_t)size + 1);
    ck_assert(text && fread(text, 1, (size_t)size, file) == (size_t)size);
    text[size] = 0;
    fclose(file);
    return text;
}

static void ck_written(ketch_glia_net *net, int exact, const char *want)
{
    char *const text = net_text(net, exact);
    ck_assert_str_eq(text, want);
    free(text);
}

static const char *const golden_names[] = {"odd_text", "digits"};

START_TEST(gliagls_texts_are_written_byte_for_byte)
{
    char name[50];
    snprintf(name, sizeof name, "%s.net", golden_names[_i]);
    char *const given = golden_text(name);
    snprintf(name, sizeof name, "%s.saved", golden_names[_i]);
    char *const saved = golden_text(name);
    ketch_glia_net *const net = new_net(), *const again = new_net();
    GOOD(read_net_text(net, given, 0));
    ck_written(net, 0, saved);
    GOOD(read_net_text(again, saved, 1));
    ck_written(again, 0, saved);
    ketch_glia_net_drop(net);
    ketch_glia_net_drop(again);
    free(given);
    free(saved);
}
END_TEST

static float only_resting(ketch_glia_net *net)
{
    float resting;
    GOOD(ketch_glia_get(&resting, net, KETCH_GLIA_RESTING, 0, 1, &told));
    return resting;
}

START_TEST(gliagls_numbers_have_its_bits)
{
    char *const text = golden_text("numbers.txt");
    char token[100], line[140];
    unsigned bits;
    int count = 0;
    for (char *at = strtok(text, "\n"); at; at = strtok(NULL, "\n")) {
        if (*at == '#')
            continue;
        ck_assert_int_eq(sscanf(at, "%99s %x", token, &bits), 2);
        snprintf(line, sizeof line, "NEURON X 1 1 %s", token);
        ketch_glia_net *const net = new_net();
        GOOD(read_net_text(net, line, 0));
        ck_assert_msg(bits_of(only_resting(net)) == bits, "%s", token);
        ketch_glia_net_drop(net);
        count++;
    }
    ck_assert_int_eq(count, 12);
    free(text);
}
END_TEST

/* ---- round trips ---- */

/* A text of random neurons and synapses, some of them repeated. The caller frees it. */
static char *random_text(uint64_t *state)
{
    enum { NEURONS = 40, LINES = 300, LINE = 120 };
    char *const text = calloc(NEURONS + LINES, LINE);
    ck_assert_ptr_nonnull(text);
    char *at = text;
    for (int i = 0; i < NEURONS; i++)
        at += sprintf(at, "NEURON %c%d %.9g %.9g %.9g\n", "SHON"[next_word(state) % 4], i,
                      (double)any_float(state), (double)any_float(state), (double)any_float(state));
    for (int i = 0; i < LINES; i++)
        at += sprintf(at, "CONNECTION %c%d %c%d %.9g\n", "SHON"[next_word(state) % 4],
                      (int)(next_word(state) % NEURONS), "SHON"[next_word(state) % 4],
                      (int)(next_word(state) % NEURONS), (double)any_float(state));
    return text;
}

static ketch_glia_net_info info_of(ketch_glia_net *net)
{
    ketch_glia_net_info info = {.size = sizeof info};
    GOOD(ketch_glia_net_get_info(&info, net, &told));
    return info;
}

static void ck_same_field(ketch_glia_net *a, ketch_glia_net *b, ketch_glia_field field)
{
    const uint64_t count = info_of(a).neurons;
    float numbers[2][100];
    ck_assert_uint_le(count, 100);
    GOOD(ketch_glia_get(numbers[0], a, field, 0, count, &told));
    GOOD(ketch_glia_get(numbers[1], b, field, 0, count, &told));
    ck_assert_mem_eq(numbers[0], numbers[1], count * sizeof **numbers);
}

static void ck_same_net(ketch_glia_net *a, ketch_glia_net *b)
{
    enum { MOST = 400 };
    static uint32_t from[2][MOST], to[2][MOST];
    static float weights[2][MOST];
    const ketch_glia_net_info info = info_of(a);
    ck_assert_uint_eq(info.neurons, info_of(b).neurons);
    ck_assert_uint_eq(info.synapses, info_of(b).synapses);
    for (uint64_t i = 0; i < info.neurons; i++)
        ck_assert_str_eq(ketch_glia_id(a, i), ketch_glia_id(b, i));
    for (int field = KETCH_GLIA_VALUE; field <= KETCH_GLIA_RESTING; field++)
        ck_same_field(a, b, (ketch_glia_field)field);
    GOOD(ketch_glia_get_synapses(from[0], to[0], weights[0], MOST, a, &told));
    GOOD(ketch_glia_get_synapses(from[1], to[1], weights[1], MOST, b, &told));
    ck_assert_mem_eq(from[0], from[1], info.synapses * sizeof **from);
    ck_assert_mem_eq(to[0], to[1], info.synapses * sizeof **to);
    ck_assert_mem_eq(weights[0], weights[1], info.synapses * sizeof **weights);
}

START_TEST(exact_texts_come_back_to_the_bit)
{
    uint64_t state = (uint64_t)_i;
    char *const text = random_text(&state);
    ketch_glia_net *const net = new_net(), *const back = new_net();
    GOOD(read_net_text(net, text, 0));
    ck_assert_uint_eq(info_of(net).neurons, 40);
    ck_assert_uint_gt(info_of(net).synapses, 5);
    char *const exact = net_text(net, 1);
    GOOD(read_net_text(back, exact, 0));
    ck_same_net(net, back);
    ck_written(back, 1, exact);
    ketch_glia_net_drop(net);
    ketch_glia_net_drop(back);
    free(text);
    free(exact);
}
END_TEST

START_TEST(a_second_save_gives_the_same_text)
{
    uint64_t state = (uint64_t)_i;
    char *const text = random_text(&state);
    ketch_glia_net *const net = new_net(), *const back = new_net();
    GOOD(read_net_text(net, text, 0));
    char *const saved = net_text(net, 0);
    GOOD(read_net_text(back, saved, 0));
    ck_written(back, 0, saved);
    ketch_glia_net_drop(net);
    ketch_glia_net_drop(back);
    free(text);
    free(saved);
}
END_TEST

/* Rows are built from texts in pieces, and compared with a table of all pairs. */
START_TEST(the_last_of_equal_synapses_counts)
{
    enum { NEURONS = 12, LINES = 400 };
    uint64_t state = (uint64_t)_i;
    float table[NEURONS][NEURONS];
    bool is_there[NEURONS][NEURONS] = {{false}};
    char line[100];
    size_t count = 0;
    ketch_glia_net *const net = new_net();
    for (int i = 0; i < NEURONS; i++)
        GOOD(ketch_glia_add_neuron(net, kt_format("N%02d", i).text, 1, 1, 0, &told));
    for (int i = 0; i < LINES; i++) {
        const uint64_t from = next_word(&state) % NEURONS, to = next_word(&state) % NEURONS;
        const float weight = any_float(&state);
        snprintf(line, sizeof line, "CONNECTION N%02d N%02d %.9g\n", (int)from, (int)to,
                 (double)weight);
        GOOD(read_net_text(net, line, 1));
        count += !is_there[from][to];
        is_there[from][to] = true;
        table[from][to] = weight;
    }
    uint32_t sources[NEURONS * NEURONS], targets[NEURONS * NEURONS];
    float weights[NEURONS * NEURONS];
    ck_assert_uint_eq(info_of(net).synapses, count);
    GOOD(ketch_glia_get_synapses(sources, targets, weights, NEURONS * NEURONS, net, &told));
    for (size_t s = 0; s < count; s++) {
        ck_assert(is_there[sources[s]][targets[s]]);
        ck_assert_uint_eq(bits_of(weights[s]), bits_of(table[sources[s]][targets[s]]));
    }
    ketch_glia_net_drop(net);
}
END_TEST

/* 8 bytes a synapse, and no more than twice that on the way. */
START_TEST(synapses_take_8_bytes)
{
    enum { NEURONS = 1000, LINES = 200000, LINE = 30 };
    char *const text = malloc(NEURONS * LINE + LINES * LINE), *at = text;
    ck_assert_ptr_nonnull(text);
    for (int i = 0; i < NEURONS; i++)
        at += sprintf(at, "NEURON N%d 1 1 0\n", i);
    for (int i = 0; i < LINES; i++)
        at += sprintf(at, "CONNECTION N%d N%d 1\n", i % NEURONS, i / NEURONS);
    ketch_arena *const arena = new_arena();
    ketch_glia_net *net = NULL;
    ketch_arena_stats stats = {.size = sizeof stats};
    GOOD(ketch_glia_net_create(&net, arena, NULL, &told));
    GOOD(ketch_glia_read(net, text, (size_t)(at - text), NULL, &told));
    GOOD(ketch_arena_get_stats(&stats, arena, &told));
    ck_assert_uint_eq(info_of(net).synapses, LINES);
    ck_assert_uint_le(info_of(net).bytes, 8 * LINES + 100 * NEURONS);
    ck_assert_uint_le(stats.peak_used, 16 * LINES + 200 * NEURONS);
    ketch_glia_net_drop(net);
    ketch_arena_drop(arena);
    free(text);
}
END_TEST

START_TEST(a_short_buffer_gets_the_beginning)
{
    ketch_glia_net *const net = new_net();
    ketch_glia_sequence *const sequence = new_sequence();
    char text[30], rest[30];
    size_t length = 0;
    memset(text, 'x', sizeof text);
    memset(rest, 'x', sizeof rest);
    GOOD(read_net_text(net, "NEURON S0 1 1 0", 1));
    GOOD(ketch_glia_write(text, 10, &length, net, 0, &told));
    ck_assert_str_eq(text, "# Network");
    ck_assert_mem_eq(text + 10, rest, sizeof text - 10);
    char *const whole = net_text(net, 0);
    ck_assert_uint_eq(length, strlen(whole));
    GOOD(ketch_glia_sequence_write(text, 4, &length, sequence, 0, &told));
    ck_assert_str_eq(text, "LOO");
    ck_assert_uint_eq(length, strlen("LOOP false\n"));
    free(whole);
    ketch_glia_sequence_drop(sequence);
    ketch_glia_net_drop(net);
}
END_TEST

/* ---- what lenient reading does ---- */

typedef struct notes {
    char text[2000];
} notes;

static void note(int32_t line, int32_t column, const char *found, const char *why, void *user)
{
    notes *const taken = user;
    const size_t used = strlen(taken->text);
    snprintf(taken->text + used, sizeof taken->text - used, "%d:%d %s %s\n", line, column, found,
             why);
}

START_TEST(what_is_left_out_is_told)
{
    static const char text[] = "  # NEURON\n"
                               "NEURON S0 1 1 x\n"
                               "NEURON O0 1 1 1e99 # large\n"
                               "\tNEURON N0\v2\f1 -1.5z\r\n"
                               "neuron N1 1 1 1\n"
                               "CONNECTION S0 N1 5\n"
                               "CONNECTION N1 S0 5\n"
                               "CONNECTION S0\n"
                               "CONNECTION S0 O0 none\n"
                               "CONNECTION O0 N0 7 8 9";
    notes taken = {""};
    const ketch_glia_read_options options = {
        .size = sizeof options, .skipped = note, .user = &taken};
    ketch_glia_net *const net = new_net();
    GOOD(ketch_glia_read(net, text, strlen(text), &options, &told));
    ck_assert_str_eq(
        taken.text, "2:15 'x' not a number: taken as 0\n"
                    "3:15 '1e99' too large a number: taken as 3.40282e+38\n"
                    "4:16 '-1.5z' the number ends before the word does\n"
                    "5:1 'neuron' an unknown word: the line is left out\n"
                    "6:15 'N1' no such neuron before this line: the synapse is left out\n"
                    "7:12 'N1' no such neuron before this line: the synapse is left out\n"
                    "8:14 the end of the line no such neuron before this line: the synapse is left "
                    "out\n"
                    "9:18 'none' not a number: taken as 0\n");
    ck_written(net, 0,
               "# Network Configuration\n# Auto-generated file\n\n# Sensory neurons\n"
               "NEURON S0 1 1 0\n\n# Interneurons & Outputs\nNEURON O0 1 1 3.40282e+38\n"
               "NEURON N0 2 1 -1.5\n\n# Connections\nCONNECTION S0 O0 0\nCONNECTION O0 N0 7\n");
    ketch_glia_net_drop(net);
}
END_TEST

/* A stream goes on where a number ended. */
START_TEST(a_number_ends_where_cpp_ends_it)
{
    ketch_glia_net *const net = new_net();
    GOOD(read_net_text(net, "NEURON X 1.2.3 5", 0));
    ck_written(net, 0,
               "# Network Configuration\n# Auto-generated file\n\n# Sensory neurons\n\n"
               "# Interneurons & Outputs\nNEURON X 1.2 0.3 5\n\n# Connections\n");
    ketch_glia_net_drop(net);
}
END_TEST

START_TEST(a_repeated_neuron_keeps_its_place)
{
    float value;
    ketch_glia_net *const net = new_net();
    GOOD(read_net_text(net, "NEURON N0 1 1 5\nNEURON N1 1 1 5\nCONNECTION N0 N1 3", 1));
    GOOD(read_net_text(net, "NEURON S0 1 1 0\nNEURON N0 2 0.5 7\nNEURON S0 4 1 8", 0));
    ck_written(net, 0,
               "# Network Configuration\n# Auto-generated file\n\n# Sensory neurons\n"
               "NEURON S0 4 1 8\n\n# Interneurons & Outputs\nNEURON N0 2 0.5 7\nNEURON N1 1 1 5\n\n"
               "# Connections\nCONNECTION N0 N1 3\n");
    GOOD(ketch_glia_get(&value, net, KETCH_GLIA_VALUE, 1, 1, &told));
    ck_assert_float_eq(value, 7);
    ketch_glia_net_drop(net);
}
END_TEST

START_TEST(an_empty_text_says_nothing)
{
    static const char *const texts[] = {"",       "\n", "\r\n\r\n", "   ", "#", "# NEURON X 1 1 1",
                                        "\n\n#\n"};
    ketch_glia_net *const net = new_net();
    GOOD(ketch_glia_read(net, NULL, 0, NULL, &told));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        GOOD(read_net_text(net, texts[i], 1));
    ck_assert_uint_eq(info_of(net).neurons, 0);
    ck_written(net, 1,
               "# Network Configuration\n# Auto-generated file\n\n# Sensory neurons\n\n"
               "# Interneurons & Outputs\n\n# Connections\n");
    ketch_glia_net_drop(net);
}
END_TEST

/* ---- generated networks ---- */

static ketch_glia_net *generate_net(const char *text, uint64_t seed)
{
    const ketch_glia_read_options options = {.size = sizeof options, .strict = 1, .seed = seed};
    ketch_glia_net *const net = new_net();
    GOOD(ketch_glia_read(net, text, strlen(text), &options, &told));
    return net;
}

/* What GliaGL's networks of these texts have in common, and the means over 400 of them. */
static const struct generated {
    const char *text, *neurons;
    const char *groups[5];
    double means[5], least[5], most[5];
    double positive_share;
} generated[] = {
    {"NEWNET S=3 H=4 O=2 POOL=1\nDENSITY S->H 1\nDENSITY S->O 0\nDENSITY H->H 1\nDENSITY H->O 1\n",
     "S0 100 1 S1 100 1 S2 100 1 H0 45 0.9 H1 45 0.9 H2 45 0.9 H3 45 0.9 O0 55 1 O1 55 1 N0 40 "
     "0.8 ",
     {"SH", "SO", "HH", "HO", "pool"},
     {12, 0, 12, 8, 4},
     {12, 0, 12, 8, 4},
     {12, 0, 12, 8, 4},
     0.6994},
    {"# only the sizes\nNEWNET S=5 H=6 O=3\n",
     "S0 100 1 S1 100 1 S2 100 1 S3 100 1 S4 100 1 H0 45 0.9 H1 45 0.9 H2 45 0.9 H3 45 0.9 "
     "H4 45 0.9 H5 45 0.9 O0 55 1 O1 55 1 O2 55 1 ",
     {"SH", "SO", "HH", "HO", "pool"},
     {18.0, 2.915, 2.922, 10.857, 0},
     {5, 0, 0, 1, 0},
     {30, 12, 14, 18, 0},
     0.7018},
};

enum { GENERATED_MOST = 60 };

typedef struct synapses {
    uint64_t count;
    uint32_t from[GENERATED_MOST], to[GENERATED_MOST];
    float weights[GENERATED_MOST];
} synapses;

static synapses synapses_of(ketch_glia_net *net)
{
    synapses all = {.count = info_of(net).synapses};
    GOOD(ketch_glia_get_synapses(all.from, all.to, all.weights, GENERATED_MOST, net, &told));
    return all;
}

static void ck_neurons(ketch_glia_net *net, const char *want)
{
    char text[400] = "";
    for (uint64_t i = 0; i < info_of(net).neurons; i++) {
        float threshold, leak, resting;
        GOOD(ketch_glia_get(&threshold, net, KETCH_GLIA_THRESHOLD, i, 1, &told));
        GOOD(ketch_glia_get(&leak, net, KETCH_GLIA_LEAK, i, 1, &told));
        GOOD(ketch_glia_get(&resting, net, KETCH_GLIA_RESTING, i, 1, &told));
        ck_assert_float_eq(resting, 0);
        const size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s %g %g ", ketch_glia_id(net, i),
                 (double)threshold, (double)leak);
    }
    ck_assert_str_eq(text, want);
}

/* The place of a synapse's groups among the names; the last one is for those of the pool. */
static int group_of(ketch_glia_net *net, const struct generated *g, uint32_t from, uint32_t to)
{
    const char groups[] = {*ketch_glia_id(net, from), *ketch_glia_id(net, to), 0};
    for (int i = 0; i < 4; i++)
        if (strcmp(groups, g->groups[i]) == 0)
            return i;
    ck_assert(groups[0] == 'N' || groups[1] == 'N');
    return 4;
}

static void count_synapses(double counts[5], double *positive, double *largest, ketch_glia_net *net,
                           const struct generated *g)
{
    const synapses all = synapses_of(net);
    double fan_in[20] = {0};
    for (uint64_t s = 0; s < all.count; s++)
        fan_in[all.to[s]] += group_of(net, g, all.from[s], all.to[s]) < 4;
    for (uint64_t s = 0; s < all.count; s++) {
        const int group = group_of(net, g, all.from[s], all.to[s]);
        const double weight = (double)all.weights[s];
        counts[group]++;
        if (group == 4) {
            ck_assert(weight == (*ketch_glia_id(net, all.to[s]) == 'N' ? 20 : -25));
            continue;
        }
        ck_assert(all.from[s] != all.to[s]);
        *positive += weight > 0;
        *largest = fmax(*largest, fabs(weight) / sqrt(6 / fan_in[all.to[s]]));
    }
}

START_TEST(generated_networks_are_as_gliagls)
{
    enum { LOADS = 400 };
    const struct generated *const g = &generated[_i];
    double totals[5] = {0}, all = 0, positive = 0, largest = 0;
    for (uint64_t seed = 0; seed < LOADS; seed++) {
        double counts[5] = {0};
        ketch_glia_net *const net = generate_net(g->text, seed);
        ck_neurons(net, g->neurons);
        count_synapses(counts, &positive, &largest, net, g);
        for (int i = 0; i < 5; i++) {
            ck_assert(counts[i] >= g->least[i] && counts[i] <= g->most[i]);
            totals[i] += counts[i];
            all += i < 4 ? counts[i] : 0;
        }
        ketch_glia_net_drop(net);
    }
    /* Five standard deviations of a difference of two means. */
    for (int i = 0; i < 5; i++)
        ck_assert_double_eq_tol(totals[i] / LOADS, g->means[i],
                                1e-9 + 5 * sqrt(2 * g->means[i] / LOADS));
    ck_assert_double_eq_tol(positive / all, g->positive_share, 5 * sqrt(2 * 0.21 / all));
    ck_assert(largest > 0.99 && largest <= 1);
}
END_TEST

START_TEST(a_seed_is_one_network_in_any_order_of_lines)
{
    ketch_glia_net *const net = generate_net(
        "NEWNET S=3 H=4 O=2 POOL=1\nDENSITY H->H 0.5\nW_SCALE 2\nEXCIT_RATIO 0.5\nLEAK S 0.5 O 1\n"
        "THRESHOLDS H 7\nINIT he\n",
        5);
    ketch_glia_net *const same = generate_net(
        "INIT xavier # any word\nEXCIT_RATIO 0.5\nTHRESHOLDS H 8 H 7\nLEAK O 1 S 0.5\nW_SCALE 2\n"
        "DENSITY H->H 0.5\nNEWNET S=9 WTA=true\nNEWNET O=2\nNEWNET H=4 S=3",
        5);
    ketch_glia_net *const other = generate_net("NEWNET S=3 H=4 O=2 POOL=1\nDENSITY H->H 0.5\n", 6);
    ck_same_net(net, same);
    const synapses a = synapses_of(net), b = synapses_of(other);
    ck_assert(a.count != b.count || memcmp(a.from, b.from, sizeof a.from) != 0);
    ketch_glia_net_drop(net);
    ketch_glia_net_drop(same);
    ketch_glia_net_drop(other);
}
END_TEST

START_TEST(a_scale_scales_all_weights)
{
    ketch_glia_net *const net = generate_net("NEWNET S=5 O=5\nDENSITY S->O 1", 3);
    ketch_glia_net *const larger = generate_net("NEWNET S=5 O=5\nDENSITY S->O 1\nW_SCALE 4", 3);
    ketch_glia_net *const negative =
        generate_net("NEWNET S=5 O=5\nDENSITY S->O 1\nEXCIT_RATIO 1e-9", 3);
    const synapses a = synapses_of(net), b = synapses_of(larger), c = synapses_of(negative);
    ck_assert_uint_eq(a.count, 25);
    for (int i = 0; i < 25; i++) {
        ck_assert_float_eq(b.weights[i], 4 * a.weights[i]);
        ck_assert_float_eq(c.weights[i], -fabsf(a.weights[i]));
    }
    ketch_glia_net_drop(net);
    ketch_glia_net_drop(larger);
    ketch_glia_net_drop(negative);
}
END_TEST

/* NEWNET anywhere makes the text one of a generated network; in a comment or elsewhere it does
 * not. */
START_TEST(newnet_is_the_first_word_of_a_line)
{
    notes taken = {""};
    const ketch_glia_read_options options = {
        .size = sizeof options, .skipped = note, .user = &taken};
    static const char mixed[] = "NEURON X 1 1 1\nCONNECTION X X 1\nDENSITY O->S 1\nW_SCALE -1\n"
                                " NEWNET S=1x Q=3 POOL=yes H=\nTHRESHOLDS S 5 Z 6\n";
    ketch_glia_net *const net = new_net();
    GOOD(ketch_glia_read(net, mixed, strlen(mixed), &options, &told));
    ck_assert_uint_eq(info_of(net).neurons, 1);
    ck_assert_str_eq(ketch_glia_id(net, 0), "S0");
    ck_assert_str_eq(taken.text,
                     "1:1 'NEURON' not a word of a text with NEWNET: the line is left out\n"
                     "2:1 'CONNECTION' not a word of a text with NEWNET: the line is left out\n"
                     "3:9 'O->S' an unknown pair: the line is left out\n"
                     "4:9 '-1' not above 0: it is left out\n"
                     "5:11 '1x' the number ends before the word does\n"
                     "5:14 'Q=3' an unknown key: it is left out\n"
                     "5:27 'H=' an unknown key: it is left out\n"
                     "6:16 'Z' an unknown group: it is left out\n");
    GOOD(read_net_text(net, "# NEWNET S=2\nNEURON NEWNET 1 1 0 # NEWNET", 1));
    ck_assert_uint_eq(info_of(net).neurons, 2);
    ketch_glia_net_drop(net);
}
END_TEST

/* ---- sequences ---- */

static void ck_events(ketch_glia_sequence *sequence, const char *want)
{
    char *const text = sequence_text(sequence, 0);
    ck_assert_str_eq(text, want);
    free(text);
}

START_TEST(events_are_read_in_any_order)
{
    ketch_glia_sequence *const sequence = new_sequence();
    GOOD(read_sequence_text(sequence,
                            "# a comment\r\nDURATION 30\nLOOP true\n\n"
                            "5 S10 1\nEVENT 3 S2 200 # comment\n5 S1 2.5\n0\tS0\t-7\n"
                            "5 S10 4\nEVENT 2147483647 a 1e-40",
                            1));
    ck_events(sequence, "DURATION 30\nLOOP true\nEVENT 0 S0 -7\nEVENT 3 S2 200\nEVENT 5 S1 2.5\n"
                        "EVENT 5 S10 4\nEVENT 2147483647 a 9.99995e-41\n");
    GOOD(read_sequence_text(sequence, "1 x 1", 1));
    ck_events(sequence, "DURATION 30\nLOOP true\nEVENT 1 x 1\n");
    GOOD(read_sequence_text(sequence, "LOOP false\nDURATION 0\nDURATION 7\n", 1));
    ck_events(sequence, "DURATION 7\nLOOP false\n");
    GOOD(read_sequence_text(sequence, "LOOP 1\n", 1));
    ck_events(sequence, "DURATION 7\nLOOP true\n");
    GOOD(ketch_glia_sequence_read(sequence, NULL, 0, NULL, &told));
    ck_events(sequence, "DURATION 7\nLOOP true\n");
    ketch_glia_sequence_drop(sequence);
}
END_TEST

START_TEST(lenient_sequences_tell_what_is_left_out)
{
    static const char text[] =
        "1.5 S0 200\nLOOP yes\nsome words\n2x S1 nan\n-1 S0 5\nDURATION long\n"
        "EVENT 4.5 S0 9\nLOOP";
    notes taken = {""};
    const ketch_glia_read_options options = {
        .size = sizeof options, .skipped = note, .user = &taken};
    ketch_glia_sequence *const sequence = new_sequence();
    GOOD(ketch_glia_sequence_read(sequence, text, strlen(text), &options, &told));
    ck_events(sequence, "LOOP false\nEVENT 1 S0 200\nEVENT 2 S1 0\nEVENT 4 .5 0\n");
    ck_assert_str_eq(taken.text, "1:1 '1.5' the number ends before the word does\n"
                                 "2:6 'yes' neither true nor 1: it does not loop\n"
                                 "3:1 'some' an unknown word: the line is left out\n"
                                 "4:1 '2x' the number ends before the word does\n"
                                 "4:7 'nan' not a number: taken as 0\n"
                                 "5:1 '-1' an unknown word: the line is left out\n"
                                 "6:10 'long' not a whole number: taken as 0\n"
                                 "7:7 '4.5' the number ends before the word does\n"
                                 "7:11 'S0' not a number: taken as 0\n"
                                 "8:5 the end of the line neither true nor 1: it does not loop\n");
    ketch_glia_sequence_drop(sequence);
}
END_TEST

START_TEST(exact_sequences_come_back_to_the_bit)
{
    uint64_t state = (uint64_t)_i;
    ketch_glia_sequence *const sequence = new_sequence(), *const back = new_sequence();
    for (int i = 0; i < 300; i++)
        GOOD(ketch_glia_sequence_add(sequence, next_word(&state) % 50,
                                     kt_format("S%d", (int)(next_word(&state) % 20)).text,
                                     any_float(&state), &told));
    GOOD(ketch_glia_sequence_set_loop(sequence, _i & 1, &told));
    char *const text = sequence_text(sequence, 1);
    GOOD(read_sequence_text(back, text, 1));
    ketch_glia_sequence_info a = {.size = sizeof a}, b = {.size = sizeof b};
    GOOD(ketch_glia_sequence_get_info(&a, sequence, &told));
    GOOD(ketch_glia_sequence_get_info(&b, back, &told));
    ck_assert_mem_eq(&a, &b, sizeof a);
    for (uint64_t e = 0; e < a.events; e++) {
        uint64_t ticks[2];
        const char *ids[2];
        float amounts[2];
        GOOD(ketch_glia_sequence_get_event(&ticks[0], &ids[0], &amounts[0], sequence, e, &told));
        GOOD(ketch_glia_sequence_get_event(&ticks[1], &ids[1], &amounts[1], back, e, &told));
        ck_assert_uint_eq(ticks[0], ticks[1]);
        ck_assert_str_eq(ids[0], ids[1]);
        ck_assert_uint_eq(bits_of(amounts[0]), bits_of(amounts[1]));
    }
    free(text);
    ketch_glia_sequence_drop(sequence);
    ketch_glia_sequence_drop(back);
}
END_TEST

static TCase *number_tests(void)
{
    TCase *const numbers = tcase_create("numbers");
    keep_one_thread(numbers);
    add_seeds(numbers, numbers_are_rounded_once, 5);
    tcase_add_test(numbers, a_digit_far_behind_decides);
    for (int i = 0; i < (int)(sizeof odd_numbers / sizeof *odd_numbers); i++)
        add_indexed(numbers, odd_numbers_are_read_as_by_cpp, i, "'%s'", odd_numbers[i].text);
    tcase_add_test(numbers, the_rounding_mode_does_not_matter);
    add_seeds(numbers, written_numbers_are_short_and_exact, 3);
    return numbers;
}

static TCase *net_tests(void)
{
    TCase *const nets = tcase_create("nets");
    add_list(nets, gliagls_texts_are_written_byte_for_byte, golden_names, 2);
    tcase_add_test(nets, gliagls_numbers_have_its_bits);
    add_seeds(nets, exact_texts_come_back_to_the_bit, 20);
    add_seeds(nets, a_second_save_gives_the_same_text, 20);
    add_seeds(nets, the_last_of_equal_synapses_counts, 5);
    tcase_add_test(nets, synapses_take_8_bytes);
    tcase_add_test(nets, a_short_buffer_gets_the_beginning);
    tcase_add_test(nets, what_is_left_out_is_told);
    tcase_add_test(nets, a_number_ends_where_cpp_ends_it);
    tcase_add_test(nets, a_repeated_neuron_keeps_its_place);
    tcase_add_test(nets, an_empty_text_says_nothing);
    return nets;
}

static TCase *generated_tests(void)
{
    TCase *const made = tcase_create("generated");
    add_indexed(made, generated_networks_are_as_gliagls, 0, "all or nothing");
    add_indexed(made, generated_networks_are_as_gliagls, 1, "defaults");
    tcase_add_test(made, a_seed_is_one_network_in_any_order_of_lines);
    tcase_add_test(made, a_scale_scales_all_weights);
    tcase_add_test(made, newnet_is_the_first_word_of_a_line);
    return made;
}

static TCase *sequence_tests(void)
{
    TCase *const sequences = tcase_create("sequences");
    tcase_add_test(sequences, events_are_read_in_any_order);
    tcase_add_test(sequences, lenient_sequences_tell_what_is_left_out);
    add_seeds(sequences, exact_sequences_come_back_to_the_bit, 10);
    return sequences;
}

int main(void)
{
    Suite *const suite = suite_create("glia_text");
    suite_add_tcase(suite, number_tests());
    suite_add_tcase(suite, net_tests());
    suite_add_tcase(suite, generated_tests());
    suite_add_tcase(suite, sequence_tests());
    return end_with(suite);
}
