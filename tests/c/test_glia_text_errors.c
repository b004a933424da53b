/* Bad texts of networks and sequences: each gets its status and its message, and the network or the
 * sequence is as it was. */
#define _GNU_SOURCE
#include "glia_texts.h"
#include "heap.h"
#include "suite.h"
#include "text.h"

#include <limits.h>
#include <stdio.h>

/* Read into a network that has S0 and N0, lenient first where strict is 0, and strict always: what
 * lenient reading refuses strict reading refuses, too, with the same words. */
typedef struct bad_text {
    const char *text;
    int strict;
    ketch_status status;
    const char *message, *given, *allowed;
} bad_text;

static const bad_text bad_nets[] = {
    {"NEURON", 0, KETCH_SYNTAX, "1:7: found the end of the line, expected an id",
     "the end of the line", "an id"},
    {"\n NEURON A\r\n", 0, KETCH_SYNTAX, "2:11: found the end of the line, expected a threshold",
     "the end of the line", "a threshold"},
    {"NEURON A 1 1", 0, KETCH_SYNTAX, "1:13: found the end of the line, expected a resting value",
     "the end of the line", "a resting value"},
    {"NEURON A x 1 0", 0, KETCH_SYNTAX, "1:10: found 'x', expected a threshold", "'x'",
     "a threshold"},
    {"NEURON A 1,5 1 0", 0, KETCH_SYNTAX, NULL, NULL, NULL},
    {"NEURON A nan 1 0", 0, KETCH_SYNTAX, "1:10: found 'nan', expected a threshold", "'nan'",
     "a threshold"},
    {"NEURON A 1 \x07 0", 0, KETCH_SYNTAX, "1:12: found '\\x07', expected a leak", "'\\x07'",
     "a leak"},
    {"NEURON A 1 1e 0", 0, KETCH_SYNTAX, "1:12: found '1e', expected a leak", "'1e'", "a leak"},
    {"NEURON A 1e99 1 0", 0, KETCH_LITERAL,
     "1:10: the number is too large: given '1e99', allowed numbers up to 3.4e38", "'1e99'",
     "numbers up to 3.4e38"},
    {"NEURON A 1 1 0\nCONNECTION A A", 0, KETCH_SYNTAX,
     "2:15: found the end of the line, expected a weight", "the end of the line", "a weight"},
    {"NEURON A 1 1 x", 1, KETCH_SYNTAX, "1:14: found 'x', expected a resting value", "'x'",
     "a resting value"},
    {"NEURON A 1 1 1x", 1, KETCH_SYNTAX, "1:14: found '1x', expected a resting value", "'1x'",
     "a resting value"},
    {"NEURON A 1 1 1e39", 1, KETCH_LITERAL,
     "1:14: the number is too large: given '1e39', allowed numbers up to 3.4e38", "'1e39'",
     "numbers up to 3.4e38"},
    {"NEURON A 1 1.5 1", 1, KETCH_RANGE, "1:12: a leak out of range: given '1.5', allowed 0..1",
     "'1.5'", "0..1"},
    {"NEURON A 1 -1e-9 1", 1, KETCH_RANGE, "1:12: a leak out of range: given '-1e-9', allowed 0..1",
     "'-1e-9'", "0..1"},
    {"NEURON A 1 1 1 1", 1, KETCH_SYNTAX,
     "1:16: found '1', expected the end of the line, or a comment", "'1'",
     "the end of the line, or a comment"},
    {"NEURON A 1 1 1\nNEURON A 1 1 1", 1, KETCH_DUPLICATE,
     "2:8: the network has such a neuron: given 'A', allowed ids that are not there yet", "'A'",
     "ids that are not there yet"},
    {"NEURON S0 1 1 1", 1, KETCH_DUPLICATE,
     "1:8: the network has such a neuron: given 'S0', allowed ids that are not there yet", "'S0'",
     "ids that are not there yet"},
    {"neuron A 1 1 1", 1, KETCH_SYNTAX,
     "1:1: found 'neuron', expected NEURON, CONNECTION or NEWNET", "'neuron'",
     "NEURON, CONNECTION or NEWNET"},
    {"a-word-of-more-than-forty-eight-bytes-is-shown-up-to-there", 1, KETCH_SYNTAX,
     "1:1: found 'a-word-of-more-than-forty-eight-bytes-is-shown-u...', expected NEURON, "
     "CONNECTION "
     "or NEWNET",
     "'a-word-of-more-than-forty-eight-bytes-is-shown-u...'", "NEURON, CONNECTION or NEWNET"},
    {"CONNECTION S0 N1 1", 1, KETCH_INDEX,
     "1:15: no such neuron: given 'N1', allowed ids of NEURON lines before this line", "'N1'",
     "ids of NEURON lines before this line"},
    {"CONNECTION N1 S0 1\nNEURON N1 1 1 1", 1, KETCH_INDEX,
     "1:12: no such neuron: given 'N1', allowed ids of NEURON lines before this line", "'N1'",
     "ids of NEURON lines before this line"},
    {"CONNECTION S0", 1, KETCH_SYNTAX, "1:14: found the end of the line, expected an id",
     "the end of the line", "an id"},
    {"CONNECTION S0 N0 weight", 1, KETCH_SYNTAX, "1:18: found 'weight', expected a weight",
     "'weight'", "a weight"},
    {"CONNECTION S0 N0 1 2", 1, KETCH_SYNTAX,
     "1:20: found '2', expected the end of the line, or a comment", "'2'",
     "the end of the line, or a comment"},
    /* generated ones */
    {"NEWNET S=1", 0, KETCH_DUPLICATE,
     "1:1: the network has such a neuron: given S0, allowed a network without such ids", "S0",
     "a network without such ids"},
    {"#\n NEWNET H=1 POOL=1", 0, KETCH_DUPLICATE,
     "2:2: the network has such a neuron: given N0, allowed a network without such ids", "N0",
     "a network without such ids"},
    {"NEWNET H=67108865", 0, KETCH_LITERAL,
     "1:10: the number is too large: given '67108865', allowed 0..67108864", "'67108865'",
     "0..67108864"},
    {"NEWNET H=99999999999999999999999999", 0, KETCH_LITERAL, NULL, NULL, NULL},
    {"NEWNET H=60000000 O=60000000", 0, KETCH_LIMIT,
     "1:1: too many neurons and pairs of them: given 7200000120000000, allowed 2147483647",
     "7200000120000000", "2147483647"},
    {"NEWNET H=1\nDENSITY", 0, KETCH_SYNTAX,
     "2:8: found the end of the line, expected a pair such as S->H", "the end of the line",
     "a pair such as S->H"},
    {"NEWNET H=1\nINIT", 0, KETCH_SYNTAX, "2:5: found the end of the line, expected he or xavier",
     "the end of the line", "he or xavier"},
    {"NEWNET H=1\nTHRESHOLDS H", 0, KETCH_SYNTAX,
     "2:13: found the end of the line, expected a threshold", "the end of the line", "a threshold"},
    {"NEWNET H=1\nW_SCALE 2e38", 0, KETCH_RANGE,
     "2:9: a scale of weights: given '2e38', allowed more than 0, up to 1e+38", "'2e38'",
     "more than 0, up to 1e+38"},
    {"NEWNET H=one", 1, KETCH_SYNTAX, "1:10: found 'one', expected a number of neurons", "'one'",
     "a number of neurons"},
    {"NEWNET X=1", 1, KETCH_SYNTAX, "1:8: found 'X=1', expected S=, H=, O= or POOL=", "'X=1'",
     "S=, H=, O= or POOL="},
    {"NEWNET H=1\nNEURON A 1 1 1", 1, KETCH_SYNTAX,
     "2:1: found 'NEURON', expected NEWNET, DENSITY, INIT, EXCIT_RATIO, W_SCALE, THRESHOLDS or "
     "LEAK",
     "'NEURON'", "NEWNET, DENSITY, INIT, EXCIT_RATIO, W_SCALE, THRESHOLDS or LEAK"},
    {"NEWNET H=1\nDENSITY H->S 1", 1, KETCH_SYNTAX,
     "2:9: found 'H->S', expected S->H, S->O, H->H or H->O", "'H->S'", "S->H, S->O, H->H or H->O"},
    {"NEWNET H=1\nDENSITY H->O 1.1", 1, KETCH_RANGE,
     "2:14: a density out of range: given '1.1', allowed 0..1", "'1.1'", "0..1"},
    {"NEWNET H=1\nEXCIT_RATIO 0", 1, KETCH_RANGE,
     "2:13: a share of positive weights: given '0', allowed more than 0, up to 1", "'0'",
     "more than 0, up to 1"},
    {"NEWNET H=1\nLEAK H 2", 1, KETCH_RANGE, "2:8: a leak out of range: given '2', allowed 0..1",
     "'2'", "0..1"},
    {"NEWNET H=1\nLEAK X 1", 1, KETCH_SYNTAX, "2:6: found 'X', expected S, H or O", "'X'",
     "S, H or O"},
};

static const bad_text bad_sequences[] = {
    {"5", 0, KETCH_SYNTAX, "1:2: found the end of the line, expected an id", "the end of the line",
     "an id"},
    {"5 S0", 0, KETCH_SYNTAX, "1:5: found the end of the line, expected an amount",
     "the end of the line", "an amount"},
    {"EVENT", 0, KETCH_SYNTAX, "1:6: found the end of the line, expected a tick",
     "the end of the line", "a tick"},
    {"EVENT -1 S0 1", 0, KETCH_SYNTAX, "1:7: found '-1', expected a tick", "'-1'", "a tick"},
    {"2147483648 S0 1", 0, KETCH_LITERAL,
     "1:1: the number is too large: given '2147483648', allowed 0..2147483647", "'2147483648'",
     "0..2147483647"},
    {"EVENT 99999999999999999999999999 S0 1", 0, KETCH_LITERAL, NULL, NULL, NULL},
    {"DURATION 2147483649", 0, KETCH_LITERAL,
     "1:10: the number is too large: given '2147483649', allowed 0..2147483648", "'2147483649'",
     "0..2147483648"},
    {"DURATION", 0, KETCH_SYNTAX, "1:9: found the end of the line, expected a number of ticks",
     "the end of the line", "a number of ticks"},
    {"1.5 S0 1", 1, KETCH_SYNTAX, "1:1: found '1.5', expected a tick", "'1.5'", "a tick"},
    {"1 S0 x", 1, KETCH_SYNTAX, "1:6: found 'x', expected an amount", "'x'", "an amount"},
    {"1 S0 1 1", 1, KETCH_SYNTAX, "1:8: found '1', expected the end of the line, or a comment",
     "'1'", "the end of the line, or a comment"},
    {"LOOP yes", 1, KETCH_SYNTAX, "1:6: found 'yes', expected true, 1, false or 0", "'yes'",
     "true, 1, false or 0"},
    {"-1 S0 5", 1, KETCH_SYNTAX, "1:1: found '-1', expected a tick, EVENT, DURATION or LOOP",
     "'-1'", "a tick, EVENT, DURATION or LOOP"},
};

static void ck_told(const bad_text *bad, ketch_status status, const char *function)
{
    ck_assert_int_eq(status, bad->status);
    ck_assert_int_eq(told.status, bad->status);
    ck_assert_str_eq(told.function, function);
    ck_assert_str_eq(told.argument, "text");
    ck_assert(told.line > 0 && told.column > 0);
    if (!bad->message)
        return;
    ck_assert_str_eq(told.message, bad->message);
    ck_assert_str_eq(told.given, bad->given);
    ck_assert_str_eq(told.allowed, bad->allowed);
}

/* With a state of its own, so that it is seen whether it stays. */
static ketch_glia_net *small_net(void)
{
    const uint32_t first = 0;
    const float amount = 3;
    ketch_glia_net *const net = new_net();
    GOOD(read_net_text(net, "NEURON S0 1 1 0\nNEURON N0 2 0.5 0\nCONNECTION S0 N0 5", 1));
    GOOD(ketch_glia_inject(net, 1, &first, &amount, &told));
    GOOD(ketch_glia_step(net, 2, &told));
    return net;
}

static void ck_as_small_net(ketch_glia_net *net)
{
    ketch_glia_net *const other = small_net();
    float numbers[2][2];
    char *const text = net_text(net, 1), *const want = net_text(other, 1);
    ck_assert_str_eq(text, want);
    for (int field = KETCH_GLIA_VALUE; field <= KETCH_GLIA_ON_DECK; field++) {
        GOOD(ketch_glia_get(numbers[0], net, (ketch_glia_field)field, 0, 2, &told));
        GOOD(ketch_glia_get(numbers[1], other, (ketch_glia_field)field, 0, 2, &told));
        ck_assert_mem_eq(numbers[0], numbers[1], sizeof *numbers);
    }
    ck_assert_int_eq(ketch_glia_find(net, "A"), -1);
    free(text);
    free(want);
    ketch_glia_net_drop(other);
}

START_TEST(bad_nets_are_told_and_change_nothing)
{
    const bad_text *const bad = &bad_nets[_i];
    ketch_glia_net *const net = small_net();
    for (int strict = bad->strict; strict <= 1; strict++) {
        if (strict > bad->strict && !bad->message)
            continue; /* other words */
        ck_told(bad, read_net_text(net, bad->text, strict), "ketch_glia_read");
        ck_as_small_net(net);
    }
    GOOD(read_net_text(net, "NEURON A 1 1 1\nCONNECTION A N0 1\nCONNECTION S0 A 2", 1));
    ck_assert_int_eq(ketch_glia_find(net, "A"), 2);
    ketch_glia_net_drop(net);
}
END_TEST

/* What lies before the bad line is taken back, repeated neurons included. */
START_TEST(what_was_read_before_a_failure_is_taken_back)
{
    ketch_glia_net *const net = small_net();
    ck_assert_int_eq(read_net_text(net,
                                   "NEURON S0 9 0 9\nNEURON A 1 1 1\nNEURON SA 1 1 1\n"
                                   "CONNECTION S0 N0 7\nCONNECTION A SA 1\nNEURON B",
                                   0),
                     KETCH_SYNTAX);
    ck_as_small_net(net);
    ketch_glia_net_drop(net);
}
END_TEST

START_TEST(bad_sequences_are_told_and_change_nothing)
{
    static const char before[] = "DURATION 9\nLOOP true\nEVENT 3 S0 1\n";
    const bad_text *const bad = &bad_sequences[_i];
    char text[200];
    ketch_glia_sequence *const sequence = new_sequence();
    GOOD(read_sequence_text(sequence, before, 1));
    for (int strict = bad->strict; strict <= 1; strict++) {
        if (strict > bad->strict && !bad->message)
            continue;
        ck_told(bad, read_sequence_text(sequence, bad->text, strict), "ketch_glia_sequence_read");
        snprintf(text, sizeof text, "LOOP false\nDURATION 1\n7 x 1\n%s", bad->text);
        ck_assert_int_eq(read_sequence_text(sequence, text, strict), bad->status);
        ck_assert_int_eq(told.line, 4);
        char *const after = sequence_text(sequence, 0);
        ck_assert_str_eq(after, before);
        free(after);
    }
    ketch_glia_sequence_drop(sequence);
}
END_TEST

START_TEST(a_null_byte_is_refused)
{
    static const char text[] = "NEURON A 1 1 1\n# a\0b\n";
    ketch_glia_net *const net = small_net();
    ketch_glia_sequence *const sequence = new_sequence();
    ck_assert_int_eq(ketch_glia_read(net, text, sizeof text - 1, NULL, &told), KETCH_SYNTAX);
    ck_assert_str_eq(told.message, "2:4: found byte 0x00, expected text without NUL bytes");
    ck_as_small_net(net);
    ck_assert_int_eq(ketch_glia_read(net, text, sizeof text, NULL, &told), KETCH_SYNTAX);
    ck_assert_int_eq(ketch_glia_sequence_read(sequence, "\n", 2, NULL, &told), KETCH_SYNTAX);
    ck_assert_str_eq(told.message, "2:1: found byte 0x00, expected text without NUL bytes");
    ketch_glia_sequence_drop(sequence);
    ketch_glia_net_drop(net);
}
END_TEST

START_TEST(strict_texts_are_utf8)
{
    static const char *const texts[] = {"# \xc3\xa9\n# \xff", "# x\n# \xc3", "#\n# \xed\xa0\x80"};
    static const char *const found[] = {"0xff", "0xc3", "0xed"};
    ketch_glia_net *const net = small_net();
    ketch_glia_sequence *const sequence = new_sequence();
    for (int i = 0; i < 3; i++) {
        GOOD(read_net_text(net, texts[i], 0));
        ck_assert_int_eq(read_net_text(net, texts[i], 1), KETCH_SYNTAX);
        ck_assert_str_eq(told.message,
                         kt_format("2:3: found byte %s, expected UTF-8 text", found[i]).text);
        GOOD(read_sequence_text(sequence, texts[i], 0));
        ck_assert_int_eq(read_sequence_text(sequence, texts[i], 1), KETCH_SYNTAX);
    }
    GOOD(read_net_text(net, "NEURON \xc3\xa9 1 1 1", 1));
    ketch_glia_sequence_drop(sequence);
    ketch_glia_net_drop(net);
}
END_TEST

START_TEST(messages_name_the_path)
{
    ketch_glia_read_options options = {.size = sizeof options, .path = "dir/a\n.net"};
    ketch_glia_net *const net = small_net();
    ck_assert_int_eq(ketch_glia_read(net, "\nNEURON", 7, &options, &told), KETCH_SYNTAX);
    ck_assert_str_eq(told.message, "dir/a\\x0a.net:2:7: found the end of the line, expected an id");
    ck_assert_int_eq(told.line, 2);
    ck_assert_int_eq(told.column, 7);
    /* A caller without an error gets the status. */
    ck_assert_int_eq(ketch_glia_read(net, "\nNEURON", 7, &options, NULL), KETCH_SYNTAX);
    ketch_glia_net_drop(net);
}
END_TEST

START_TEST(ids_have_255_bytes_at_most)
{
    char id[300], text[1000];
    memset(id, 'x', sizeof id);
    id[256] = 0;
    snprintf(text, sizeof text, "NEURON %s 1 1 1\n", id);
    ketch_glia_net *const net = small_net();
    ketch_glia_sequence *const sequence = new_sequence();
    ck_assert_int_eq(read_net_text(net, text, 0), KETCH_RANGE);
    ck_assert_str_eq(told.message, "1:8: the id is too long: given 256 bytes, allowed 255");
    snprintf(text, sizeof text, "1 %s 1", id);
    ck_assert_int_eq(read_sequence_text(sequence, text, 0), KETCH_RANGE);
    ck_as_small_net(net);
    snprintf(text, sizeof text, "NEURON %s 1 1 1\nCONNECTION %s %s 1", id + 1, id + 1, id + 1);
    GOOD(read_net_text(net, text, 1));
    snprintf(text, sizeof text, "1 %s 1", id + 1);
    GOOD(read_sequence_text(sequence, text, 1));
    ketch_glia_sequence_drop(sequence);
    ketch_glia_net_drop(net);
}
END_TEST

START_TEST(limits_are_kept)
{
    static const char text[] =
        "NEURON A 1 1 1\nNEURON B 1 1 1\n CONNECTION A B 1\nCONNECTION B B 1";
    static const char made[] =
        "DENSITY S->O 1\nNEWNET H=2 O=3 POOL=1"; /* 6, 4 + 6 and 6 of the pool */
    static const char events[] = "1 a 1\n2 b 2\n1 a 2";
    ketch_glia_read_options options = {.size = sizeof options, .limit = 3};
    ketch_glia_net *const net = small_net(), *const empty = new_net();
    ketch_glia_sequence *const sequence = new_sequence();
    ck_assert_int_eq(ketch_glia_read(net, text, strlen(text), &options, &told), KETCH_LIMIT);
    ck_assert_str_eq(told.message, "4:1: too many neurons and synapses: given 4, allowed 3");
    ck_as_small_net(net);
    options.limit = 21;
    ck_assert_int_eq(ketch_glia_read(empty, made, strlen(made), &options, &told), KETCH_LIMIT);
    ck_assert_str_eq(told.message, "2:1: too many neurons and pairs of them: given 22, allowed 21");
    options.limit = 22;
    GOOD(ketch_glia_read(empty, made, strlen(made), &options, &told));
    options.limit = 2;
    ck_assert_int_eq(ketch_glia_sequence_read(sequence, events, strlen(events), &options, &told),
                     KETCH_LIMIT);
    ck_assert_str_eq(told.message, "3:1: too many events: given 3, allowed 2");
    options.limit = 4;
    GOOD(ketch_glia_read(net, text, strlen(text), &options, &told));
    GOOD(ketch_glia_sequence_read(sequence, events, strlen(events), &options, &told));
    ck_assert_int_eq(ketch_glia_read(net, "", (size_t)INT_MAX + 1, NULL, &told), KETCH_LIMIT);
    ck_assert_str_eq(told.message,
                     "the text is too long: given 2147483648 bytes, allowed 2147483647");
    ketch_glia_sequence_drop(sequence);
    ketch_glia_net_drop(empty);
    ketch_glia_net_drop(net);
}
END_TEST

static void ck_fails(ketch_status status, ketch_status want, const char *argument)
{
    ck_assert_int_eq(status, want);
    ck_assert_int_eq(told.status, want);
    ck_assert_str_eq(told.argument, argument);
    ck_assert(told.message[0]);
}

START_TEST(bad_arguments_are_refused)
{
    const ketch_glia_read_options sizeless = {.strict = 1};
    const ketch_glia_read_options twice = {.size = sizeof twice, .strict = 2};
    char text[10];
    ketch_glia_net *const net = small_net();
    ketch_glia_sequence *const sequence = new_sequence();
    ck_fails(ketch_glia_read(NULL, "", 0, NULL, &told), KETCH_HANDLE, "net");
    ck_fails(ketch_glia_read((void *)sequence, "", 0, NULL, &told), KETCH_HANDLE, "net");
    ck_fails(ketch_glia_read(net, NULL, 1, NULL, &told), KETCH_HANDLE, "text");
    ck_fails(ketch_glia_read(net, "", 0, &sizeless, &told), KETCH_MISMATCH, "options");
    ck_fails(ketch_glia_read(net, "", 0, &twice, &told), KETCH_RANGE, "strict");
    ck_fails(ketch_glia_write(NULL, 1, NULL, net, 0, &told), KETCH_HANDLE, "text");
    ck_fails(ketch_glia_write(text, 10, NULL, NULL, 0, &told), KETCH_HANDLE, "net");
    ck_fails(ketch_glia_write(text, 10, NULL, net, 2, &told), KETCH_RANGE, "exact");
    ck_fails(ketch_glia_sequence_read(NULL, "", 0, NULL, &told), KETCH_HANDLE, "sequence");
    ck_fails(ketch_glia_sequence_read(sequence, NULL, 1, NULL, &told), KETCH_HANDLE, "text");
    ck_fails(ketch_glia_sequence_read(sequence, "", 0, &twice, &told), KETCH_RANGE, "strict");
    ck_fails(ketch_glia_sequence_write(NULL, 1, NULL, sequence, 0, &told), KETCH_HANDLE, "text");
    ck_fails(ketch_glia_sequence_write(text, 10, NULL, NULL, 0, &told), KETCH_HANDLE, "sequence");
    ck_fails(ketch_glia_sequence_write(text, 10, NULL, sequence, -1, &told), KETCH_RANGE, "exact");
    ck_as_small_net(net);
    ketch_glia_sequence_drop(sequence);
    ketch_glia_net_drop(net);
}
END_TEST

/* What is read is in use while the caller is told what is left out. */
typedef struct busy_probe {
    ketch_glia_net *net;
    ketch_glia_sequence *sequence;
    ketch_status status;
} busy_probe;

static void use_again(int32_t line, int32_t column, const char *found, const char *why, void *user)
{
    (void)line;
    (void)column;
    (void)found;
    (void)why;
    busy_probe *const probe = user;
    probe->status = probe->net ? ketch_glia_read(probe->net, "", 0, NULL, NULL)
                               : ketch_glia_sequence_write(NULL, 0, NULL, probe->sequence, 0, NULL);
}

START_TEST(what_is_read_is_busy)
{
    busy_probe probe = {.net = new_net(), .sequence = new_sequence()};
    const ketch_glia_read_options options = {
        .size = sizeof options, .skipped = use_again, .user = &probe};
    GOOD(ketch_glia_read(probe.net, "word", 4, &options, &told));
    ck_assert_int_eq(probe.status, KETCH_BUSY);
    ketch_glia_net_drop(probe.net);
    probe = (busy_probe){.sequence = probe.sequence};
    GOOD(ketch_glia_sequence_read(probe.sequence, "word", 4, &options, &told));
    ck_assert_int_eq(probe.status, KETCH_BUSY);
    ketch_glia_sequence_drop(probe.sequence);
}
END_TEST

/* ---- refused memory ---- */

typedef ketch_status memory_call(ketch_glia_net *net, ketch_glia_sequence *sequence);

static ketch_status read_lines_of_net(ketch_glia_net *net, ketch_glia_sequence *sequence)
{
    (void)sequence;
    return read_net_text(net,
                         "NEURON S0 3 1 3\nNEURON A 1 1 1\nCONNECTION A A 1\nCONNECTION A S0 2", 0);
}

static ketch_status read_generated_net(ketch_glia_net *net, ketch_glia_sequence *sequence)
{
    (void)sequence;
    return read_net_text(net, "NEWNET H=9 O=3", 0);
}

static ketch_status write_whole_net(ketch_glia_net *net, ketch_glia_sequence *sequence)
{
    (void)sequence;
    return ketch_glia_write(NULL, 0, NULL, net, 1, &told);
}

static ketch_status read_events(ketch_glia_net *net, ketch_glia_sequence *sequence)
{
    (void)net;
    return read_sequence_text(sequence, "3 b 1\n1 a 2\nEVENT 3 b 4\nLOOP 1", 0);
}

static const struct memory_case {
    const char *name;
    memory_call *call;
    int least; /* requests */
} memory_cases[] = {
    {"lines", read_lines_of_net, 4},
    {"generated", read_generated_net, 4},
    {"written", write_whole_net, 3},
    {"sequence", read_events, 4},
};

static void refuse_each_request(const struct memory_case *c, bool onwards)
{
    int at = 1;
    for (bool is_refused = true; is_refused; at++) {
        ketch_glia_net *const net = small_net();
        ketch_glia_sequence *const sequence = new_sequence();
        ck_assert(kt_fault_arm((uint64_t)at, onwards));
        const ketch_status status = c->call(net, sequence);
        is_refused = kt_fault_count() >= (uint64_t)at;
        kt_fault_arm(0, false);
        ck_assert_int_eq(status, is_refused ? KETCH_MEMORY : KETCH_OK);
        if (is_refused) {
            ck_assert_int_eq(told.status, KETCH_MEMORY);
            ck_as_small_net(net);
            char *const text = sequence_text(sequence, 0);
            ck_assert_str_eq(text, "LOOP false\n");
            free(text);
            GOOD(c->call(net, sequence));
        }
        ketch_glia_sequence_drop(sequence);
        ketch_glia_net_drop(net);
    }
    ck_assert_int_gt(at, c->least);
}

START_TEST(any_memory_may_be_refused)
{
    const int cases = sizeof memory_cases / sizeof *memory_cases;
    for (int c = 0; c < cases; c++)
        refuse_each_request(&memory_cases[c], _i);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("glia_text_errors");
    TCase *const texts = tcase_create("texts"), *const calls = tcase_create("calls");
    for (int i = 0; i < (int)(sizeof bad_nets / sizeof *bad_nets); i++)
        add_indexed(texts, bad_nets_are_told_and_change_nothing, i, "%d", i);
    for (int i = 0; i < (int)(sizeof bad_sequences / sizeof *bad_sequences); i++)
        add_indexed(texts, bad_sequences_are_told_and_change_nothing, i, "%d", i);
    tcase_add_test(texts, what_was_read_before_a_failure_is_taken_back);
    tcase_add_test(texts, a_null_byte_is_refused);
    tcase_add_test(texts, strict_texts_are_utf8);
    tcase_add_test(texts, messages_name_the_path);
    tcase_add_test(texts, ids_have_255_bytes_at_most);
    tcase_add_test(texts, limits_are_kept);
    tcase_add_test(calls, bad_arguments_are_refused);
    tcase_add_test(calls, what_is_read_is_busy);
    add_refusals(calls, any_memory_may_be_refused, kt_fault_arm(0, false));
    suite_add_tcase(suite, texts);
    suite_add_tcase(suite, calls);
    return end_with(suite);
}
