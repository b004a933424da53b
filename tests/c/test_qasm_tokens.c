/* OpenQASM texts that are wrong at any token, end at any byte, or find no memory at any time. */
#define _GNU_SOURCE
#include "heap.h"
#include "suite.h"
#include <ketch.h>
#include <string.h>

/* A text with every statement, a token a line, so that the number of a token is that of its line. */
static const char *const tokens[] = {
    "OPENQASM", "2.0", ";", "include", "\"qelib1.inc\"", ";", "include", "\"own\"", ";", "qreg",
    "q", "[", "3", "]", ";", "creg", "c", "[", "3", "]", ";", ";",
    /* definitions */
    "opaque", "o", "(", "a", ",", "b", ")", "x", ",", "y", ";", "gate", "g", "(", "a", ",", "b",
    ")", "x", ",", "y", "{", "rx", "(", "-", "sin", "(", "a", "^", "2", "*", "pi", ")", "/", "b",
    ")", "x", ";", "barrier", "x", ",", "y", ";", "CX", "x", ",", "y", ";", "U", "(", "1.5", ",",
    "(", "2", "+", "a", ")", ",", "3", ")", "y", ";", "}", "gate", "e", "(", ")", "x", "{", "}",
    /* operations */
    "e", "(", ")", "q", ";", "g", "(", "1", "-", "-", "2", ",", "3", ")", "q", "[", "0", "]", ",",
    "q", "[", "1", "]", ";", "barrier", "q", ",", "q", "[", "2", "]", ";", "if", "(", "c",
    "==", "1", ")", "h", "q", ";", "if", "(", "c", "==", "2", ")", "measure", "q", "->", "c", ";",
    "measure", "q", "[", "0", "]", "->", "c", "[", "1", "]", ";", "reset", "q", ";"};

/* HEADER: tokens of the header, which may come first only. */
enum { TOKENS = sizeof tokens / sizeof *tokens, HEADER = 3, TEXT_MOST = 1 << 14 };

static ketch_error error;

static const char *find_include(const char *name, size_t *length, void *user)
{
    (void)user;
    *length = 0;
    return strcmp(name, "own") == 0 ? "" : NULL;
}

static ketch_status parse(const char *text, size_t length)
{
    const ketch_parse_options options = {.size = sizeof options, .resolve = find_include};
    ketch_circuit *circuit;
    error = (ketch_error){.size = sizeof error};
    const ketch_status status = ketch_circuit_parse(&circuit, text, length, &options, &error);
    ck_assert(!circuit == (status != KETCH_OK));
    ketch_circuit_destroy(circuit);
    return status;
}

/* Tokens first..last-1, with a stray one before token `at`, in `text`; returns their length. */
static size_t join(char *text, int first, int last, int at, const char *stray)
{
    size_t used = 0;
    for (int i = first; i < last; i++) {
        if (i == at)
            used += (size_t)sprintf(text + used, "%s\n", stray);
        used += (size_t)sprintf(text + used, "%s\n", tokens[i]);
    }
    return used;
}

START_TEST(a_text_with_every_statement_is_read)
{
    char text[TEXT_MOST];
    const size_t length = join(text, 0, TOKENS, -1, NULL);
    ck_assert_msg(parse(text, length) == KETCH_OK, "%s", error.message);
}
END_TEST

/* is_token: read where a token of its kind is; then it is the next one that is wrong. */
static const struct {
    const char *text;
    bool is_token;
} strays[] = {{"`", false}, {"==", true}, {"\"own\"", true}, {"\"", false}, {"/*", false}};

START_TEST(a_stray_token_is_found_in_its_place)
{
    char text[TEXT_MOST];
    const char *const stray = strays[_i].text;
    for (int at = 0; at < TOKENS; at++) {
        const bool is_read = strays[_i].is_token && *stray == *tokens[at];
        const size_t length = join(text, 0, TOKENS, at, stray);
        ck_assert_msg(parse(text, length) == KETCH_SYNTAX, "before token %d, %s", at, tokens[at]);
        ck_assert_msg(error.line == at + 1 + is_read && error.column == 1, "%s before token %d",
                      error.message, at);
    }
}
END_TEST

/* Whether the text may end before this token. */
static bool is_statement_end(int token)
{
    int open = 0;
    for (int i = 0; i < token; i++)
        open += (*tokens[i] == '{') - (*tokens[i] == '}');
    return open == 0 && (token == 0 || *tokens[token - 1] == ';' || *tokens[token - 1] == '}');
}

START_TEST(a_text_may_end_between_statements_only)
{
    char text[TEXT_MOST];
    for (int count = 0; count < TOKENS; count++) {
        const ketch_status status = parse(text, join(text, 0, count, -1, NULL));
        const bool has_qubits = count > 14; /* behind "qreg q[3];" */
        if (is_statement_end(count))
            ck_assert_int_eq(status, has_qubits ? KETCH_OK : KETCH_RANGE);
        else
            ck_assert_msg(status == KETCH_SYNTAX, "before token %d, %s", count, tokens[count]);
    }
}
END_TEST

/* The bytes lie in memory of their own size, so that a read behind them is seen by a sanitizer. */
START_TEST(a_text_may_end_anywhere)
{
    static const char text[] =
        "OPENQASM 2.0;//\n/* */qreg q[12];U(1e+05,.5,1.)q[1];U(2E3,1e-2,3)q;"
        "include \"own\";//\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80\nCX q[0],q[1];/";
    int good = 0;
    for (size_t length = 0; length < sizeof text; length++) {
        char *const copy = malloc(length + !length);
        memcpy(copy, text, length);
        const ketch_status status = parse(copy, length);
        free(copy);
        good += status == KETCH_OK;
        if (status == KETCH_OK)
            continue;
        ck_assert(error.line >= 1 && error.line <= 3);
        ck_assert(error.column >= 1 && (size_t)error.column <= length + 1);
    }
    ck_assert_int_gt(good, 3);
}
END_TEST

/* ---- what no list of short texts has ---- */

START_TEST(gates_have_at_most_58_qubits)
{
    char text[TEXT_MOST] = "qreg q[1];gate g a0";
    for (int i = 1; i <= KETCH_QUBITS_MAX; i++)
        sprintf(text + strlen(text), ",a%d", i);
    strcat(text, "{}");
    ck_assert_int_eq(parse(text, strlen(text)), KETCH_RANGE);
    ck_assert_str_eq(error.message, "1:16: gate 'g', number of qubits: given 59, allowed 1..58");
}
END_TEST

START_TEST(qubits_that_come_twice_are_named)
{
    static const char twice[] = "include \"qelib1.inc\";qreg a[1];creg c[1];qreg b[3];"
                                "ccx a[0],b[1],b[1];";
    static const char barrier[] = "qreg q[2];gate g a,b{barrier a,b,a;}g q[0],q[1];";
    ck_assert_int_eq(parse(twice, strlen(twice)), KETCH_DUPLICATE);
    ck_assert_str_eq(error.message,
                     "1:66: the same qubit twice in one gate, as qubits 1 and 2: given b[1], "
                     "allowed different qubits");
    ck_assert_int_eq(parse(barrier, strlen(barrier)), KETCH_OK);
}
END_TEST

START_TEST(names_are_shown_as_printable_text)
{
    static const char text[] = "include \"a\tb\xc3\xa4\";";
    ck_assert_int_eq(parse(text, strlen(text)), KETCH_OFF);
    ck_assert_str_eq(error.given, "'a?b?"
                                  "?'"); /* no trigraph */
}
END_TEST

START_TEST(large_texts_are_read)
{
    enum { GATES = 250000 };
    static const char gate[] = "U(1,2,3)q;";
    static char text[sizeof "qreg q[1];" + GATES * (sizeof gate - 1)] = "qreg q[1];";
    size_t used = strlen(text);
    for (int i = 0; i < GATES; i++, used += sizeof gate - 1)
        memcpy(text + used, gate, sizeof gate);
    ck_assert_int_eq(parse(text, used), KETCH_OK);
    ck_assert_int_eq(parse(text, used - 1), KETCH_SYNTAX);
}
END_TEST

/* ---- memory refused ---- */

/* As many barriers in a body, parentheses and conditions shift where the parser's lists grow. */
static size_t padded(char *text, int pad)
{
    size_t used = (size_t)sprintf(text, "qreg r[1];gate p a\n{");
    for (int i = 0; i < pad; i++)
        used += (size_t)sprintf(text + used, "barrier a;");
    used += (size_t)sprintf(text + used, "}U(1,2,");
    for (int i = 0; i < pad; i++)
        text[used++] = '(';
    used += (size_t)sprintf(text + used, "-sin(-2^3)+1/4");
    for (int i = 0; i < pad; i++)
        text[used++] = ')';
    used += (size_t)sprintf(text + used, ")r;creg k[9];");
    for (int i = 0; i < pad; i++)
        used += (size_t)sprintf(text + used, "if(k==%d)reset r;", i);
    return used + join(text + used, HEADER, TOKENS, -1, NULL);
}

START_TEST(memory_may_be_refused_at_any_statement)
{
    char text[TEXT_MOST];
    uint64_t refused = 0;
    for (int pad = 0; pad < 40; pad++) {
        const size_t length = padded(text, pad);
        for (uint64_t at = 1;; at++, refused++) {
            kt_fault_arm(at, _i);
            const ketch_status status = parse(text, length);
            kt_fault_arm(0, false);
            if (status == KETCH_OK)
                break;
            ck_assert_msg(status == KETCH_MEMORY, "%s", error.message);
        }
    }
    ck_assert_uint_gt(refused, 40 * 20);
}
END_TEST

/* The first request for a list may be that of any statement. */
START_TEST(memory_may_be_refused_to_the_first_statement)
{
    static const char *const texts[] = {"qreg q[1];creg c[1];measure q->c;",
                                        "qreg q[1];reset q;",
                                        "qreg q[1];barrier q;",
                                        "qreg q[1];creg c[1];if(c==1)reset q;",
                                        "include \"own\";qreg q[1];",
                                        "qreg q[1];gate g a{barrier a;}",
                                        "qreg q[1];U(-1,(1),sin(2))q;",
                                        "qreg q[1];U(.5,1,1)q;"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ketch_status status = KETCH_MEMORY;
        uint64_t at = 0;
        while (status == KETCH_MEMORY) {
            kt_fault_arm(++at, _i);
            status = parse(texts[i], strlen(texts[i]));
            kt_fault_arm(0, false);
        }
        ck_assert_msg(status == KETCH_OK, "%s: %s", texts[i], error.message);
        ck_assert_uint_gt(at, 4);
    }
}
END_TEST

int main(void)
{
    static const char *const stray_names[] = {"a character that is none", "==", "a string",
                                              "a string's begin", "a comment's begin"};
    Suite *const suite = suite_create("qasm_tokens");
    TCase *const cases = tcase_create("tokens");
    tcase_set_timeout(cases, 60);
    keep_one_thread(cases);
    tcase_add_test(cases, a_text_with_every_statement_is_read);
    add_list(cases, a_stray_token_is_found_in_its_place, stray_names,
             sizeof strays / sizeof *strays);
    tcase_add_test(cases, a_text_may_end_between_statements_only);
    tcase_add_test(cases, a_text_may_end_anywhere);
    tcase_add_test(cases, gates_have_at_most_58_qubits);
    tcase_add_test(cases, qubits_that_come_twice_are_named);
    tcase_add_test(cases, names_are_shown_as_printable_text);
    tcase_add_test(cases, large_texts_are_read);
    add_refusals(cases, memory_may_be_refused_at_any_statement, kt_fault_arm(0, false));
    add_refusals(cases, memory_may_be_refused_to_the_first_statement, kt_fault_arm(0, false));
    suite_add_tcase(suite, cases);
    return end_with(suite);
}
