/* OpenQASM 2.0: what is read, what is refused and in which words, and how fast. */
#define _GNU_SOURCE
#include "heap.h"
#include "ket/circuit/circuit.h"
#include "ket/circuit/gates.h"

#include <check.h>
#include <dirent.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The fuzz target itself, for its corpus. */
#include "../fuzz/fuzz_qasm.c"
#include "sanitizers.h"
#include "suite.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SLOWER = 20 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { SLOWER = 20 };
#else
enum { SLOWER = 1 };
#endif
#else
enum { SLOWER = 1 };
#endif

#define HEAD "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[3];\ncreg c[3];\n"

static ketch_error error;

static ketch_status parse(ketch_circuit **circuit, const char *text)
{
    error = (ketch_error){.size = sizeof error};
    *circuit = NULL;
    return ketch_circuit_parse(circuit, text, strlen(text), NULL, &error);
}

static ketch_circuit *must_parse(const char *text)
{
    ketch_circuit *circuit;
    ck_assert_msg(parse(&circuit, text) == KETCH_OK, "%s", error.message);
    return circuit;
}

static size_t write_gate(char *out, size_t size, const ketch_circuit *circuit, const ktq_gate *gate)
{
    size_t used = 0;
    const ktq_condition *condition = ktq_gate_condition(circuit, gate);
#define WRITE(...) used += (size_t)snprintf(out + used, size - used, __VA_ARGS__)
    if (gate->condition)
        WRITE("if %u+%u=%lu ", condition->first, condition->count, (unsigned long)condition->value);
    WRITE("%s", ketch_gate_name((ketch_gate)gate->gate));
    for (size_t i = 0; i < gate->param_count; i++)
        WRITE("%c%.6g", i ? ',' : '(', ktq_gate_params(circuit, gate)[i]);
    WRITE("%s", gate->param_count ? ")" : "");
    for (size_t i = 0; i < gate->own_count; i++)
        WRITE(" %d", ktq_gate_qubits(circuit, gate)[i]);
    if (gate->gate == KETCH_GATE_MEASURE)
        WRITE(">%u", gate->bit);
    WRITE(";");
    return used;
}

/* The circuit in a notation of its own: "cx 0 1;rz(0.5) 2;if 0+2=3 x 1;measure 0>1;" */
static void ck_reads(const char *text, const char *want)
{
    static char have[4096];
    ketch_circuit *circuit = must_parse(text);
    size_t used = 0;
    have[0] = 0;
    for (size_t i = 0; i < ktq_circuit_gate_count(circuit); i++)
        used +=
            write_gate(have + used, sizeof have - used, circuit, ktq_circuit_gate_at(circuit, i));
    ck_assert_str_eq(have, want);
    ketch_circuit_destroy(circuit);
}

/* ---- what is read ---- */

START_TEST(statements_are_read)
{
    ck_reads(HEAD "h q[1];cx q[0],q[2];;u3(1,2,3) q[0];", "h 1;cx 0 2;u3(1,2,3) 0;");
    ck_reads("qreg q[1];qreg r[2];U(1,2,3) r[1];CX q[0],r[0];", "u(1,2,3) 2;cx 0 1;");
    ck_reads(HEAD "creg d[2];measure q[1]->d[1];measure q->c;reset q[2];reset q;",
             "measure 1>4;measure 0>0;measure 1>1;measure 2>2;reset 2;reset 0;reset 1;reset 2;");
    ck_reads(HEAD "barrier q[2],q[0];barrier q,q[1];", "barrier 2 0;barrier 0 1 2;");
    ck_reads(HEAD "qreg r[1];barrier q;barrier r,q;barrier q,r[0];",
             "barrier 0 1 2;barrier;barrier 0 1 2 3;");
    ck_reads(HEAD
             "creg d[2];if(c==5) h q[0];if(d==0) measure q[0]->c[0];x q[0];if(c==99) reset q[1];",
             "if 0+3=5 h 0;if 3+2=0 measure 0>0;x 0;if 0+3=99 reset 1;");
    ck_reads("// one\r\nOPENQASM 2.0 ;/* two\n\n*/\tqreg//\nq\n[\n1 ] ; U ( 0 , 0 , 0 ) q ;//",
             "u(0,0,0) 0;");
    ck_reads("OPENQASM 2;qreg q[1];", "");
    ck_reads("\xef\xbb\xbfOPENQASM 2.0;qreg q[1];// \xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80", "");
    ck_reads("qreg a_Very_long_name_of_a_register_0123456789012345678901234567890123456789[2];"
             "CX a_Very_long_name_of_a_register_0123456789012345678901234567890123456789[1],"
             "a_Very_long_name_of_a_register_0123456789012345678901234567890123456789[0];",
             "cx 1 0;");
}
END_TEST

START_TEST(registers_are_broadcast)
{
    ck_reads(HEAD "qreg r[3];cx q,r;ccx q[1],r,q[0];",
             "cx 0 3;cx 1 4;cx 2 5;ccx 1 3 0;ccx 1 4 0;ccx 1 5 0;");
    ck_reads(HEAD "qreg one[1];cx one,q[1];cx one[0],q;", "cx 3 1;cx 3 0;cx 3 1;cx 3 2;");
}
END_TEST

START_TEST(definitions_are_expanded)
{
    ck_reads(HEAD "gate g(a,b) x,y{rx(a-b) x;barrier y,x;cx y,x;U(a,b,pi) y;}"
                  "gate f(t) x,y,z{g(t,2*t) z,x;g(1,t) x,y;}f(3) q[2],q[0],q[1];",
             "rx(-3) 1;barrier 2 1;cx 2 1;u(3,6,3.14159) 2;rx(-2) 2;barrier 0 2;cx 0 "
             "2;u(1,3,3.14159) 0;");
    ck_reads(HEAD "gate e a{}gate ee() a{e a;e() a;}ee q;e q[0];", "");
    ck_reads(HEAD "gate g a{x a;}rx(1/4) q[0];g q[1];rx(-1) q[0];if(c==2) g q;",
             "rx(0.25) 0;x 1;rx(-1) 0;if 0+3=2 x 0;if 0+3=2 x 1;if 0+3=2 x 2;");
    ck_reads(HEAD "gate g(a) x{rx(a) x;}rx(7) q[0];g(8) q[1];", "rx(7) 0;rx(8) 1;");
    ck_reads("qreg q[1];gate h a{U(1,2,3) a;}h q;", "u(1,2,3) 0;");
    ck_reads("gate h a{U(1,2,3) a;}include \"qelib1.inc\";qreg q[1];h q;x q;", "u(1,2,3) 0;x 0;");
    ck_reads(HEAD "gate h a{x a;}h q[0];include \"qelib1.inc\";h q[1];", "x 0;x 1;");
    ck_reads(HEAD "opaque magic(a,b) x,y;x q[0];", "x 0;");
}
END_TEST

START_TEST(expressions_have_their_values)
{
    static const struct {
        const char *text;
        double value;
    } expressions[] = {
        {"1", 1},
        {"pi", M_PI},
        {".5", 0.5},
        {"5.", 5},
        {"1.5e-3", 1.5e-3},
        {"2E+2", 200},
        {"1e3", 1000},
        {"0.1", 0.1},
        {"0.30000000000000004", 0.1 + 0.2},
        {"2.2250738585072011e-308", 2.2250738585072011e-308},
        {"1e-400", 0},
        {"18446744073709551615", 18446744073709551616.0},
        {"1+2*3", 7},
        {"(1+2)*3", 9},
        {"10-3-2", 5},
        {"16/4/2", 2},
        {"2^3^2", 512},
        {"-2^2", -4},
        {"2^-1", 0.5},
        {"2^-2^2", 0.0625},
        {"-3*2", -6},
        {"2--3", 5},
        {"---4", -4},
        {"+-+4", -4},
        {"-(-(3))", 3},
        {"2*-3", -6},
        {"-sin(1)^2", -0.70807341827357118},
        {"sin(pi/2)", 1},
        {"cos(0)", 1},
        {"tan(0.5)", 0.54630248984379052},
        {"exp(1)", M_E},
        {"ln(exp(2))", 2},
        {"sqrt(2)", M_SQRT2},
        {"sqrt(sqrt(16))+1", 3},
        {"((((((7))))))", 7},
        {"3*pi/4", 3 * M_PI / 4},
        {"-pi^2", -M_PI * M_PI},
    };
    for (size_t i = 0; i < sizeof expressions / sizeof *expressions; i++) {
        char text[200];
        snprintf(text, sizeof text, HEAD "gate g(x) a{rx(x) a;rx(x*0+%s) a;}g(%s) q[0];",
                 expressions[i].text, expressions[i].text);
        ketch_circuit *circuit = must_parse(text);
        ck_assert_msg(circuit->params.items[0] == expressions[i].value, "%s = %.17g",
                      expressions[i].text, circuit->params.items[0]);
        const double scale = fmax(1, fabs(expressions[i].value));
        if (expressions[i].text[0] != '+')
            ck_assert(fabs(circuit->params.items[1] - expressions[i].value) <= 1e-15 * scale);
        ketch_circuit_destroy(circuit);
    }
}
END_TEST

/* A numeral of up to 22 digits with a point somewhere among them. */
static size_t write_numeral(char *out, unsigned *random)
{
    const int digits = 1 + rand_r(random) % 22, point = rand_r(random) % (digits + 1);
    size_t length = 0;
    for (int i = 0; i < digits; i++) {
        if (i == point)
            out[length++] = '.';
        out[length++] = (char)('0' + rand_r(random) % 10);
    }
    if (point == digits)
        out[length++] = '.';
    out[length] = 0;
    return length;
}

START_TEST(decimals_are_the_nearest_numbers)
{
    enum { NUMERALS = 20000 };
    static const char *const edges[] = {
        "9007199254740992.",  "9007199254740993.",    "9007199254740995.",  "90071992547409.93",
        ".9007199254740993",  "0.000000000000000001", "0.0000000000000000", "999999999999999999.",
        "4503599627370496.5", "4503599627370497.5"};
    enum { EDGES = sizeof edges / sizeof *edges };
    static char numerals[NUMERALS][32];
    static char text[1 << 20] = HEAD;
    unsigned random = 5;
    size_t length = strlen(text);
    for (int i = 0; i < NUMERALS; i++) {
        if (i < EDGES)
            strcpy(numerals[i], edges[i]);
        else
            write_numeral(numerals[i], &random);
        length += (size_t)sprintf(text + length, "rz(%s) q[0];", numerals[i]);
    }
    ketch_circuit *circuit = must_parse(text);
    for (int i = 0; i < NUMERALS; i++)
        ck_assert_msg(circuit->params.items[i] == strtod(numerals[i], NULL), "%s", numerals[i]);
    ketch_circuit_destroy(circuit);
}
END_TEST

/* A name may begin or end as a word of the language does, or be as long as one. */
START_TEST(words_of_the_language_are_no_other_names)
{
    static const char *const words[] = {"OPENQASM", "include", "qreg",  "creg",    "gate",
                                        "opaque",   "measure", "reset", "barrier", "if",
                                        "U",        "CX",      "pi",    "sin",     "cos",
                                        "tan",      "exp",     "ln",    "sqrt"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char text[200], near[32];
        ketch_circuit *circuit;
        snprintf(text, sizeof text, "qreg %s[1];", words[i]);
        ck_assert_int_eq(parse(&circuit, text), KETCH_SYNTAX);
        strcpy(near, words[i]);
        near[strlen(near) - 1] = '_';
        snprintf(text, sizeof text, "qreg %s[1];qreg %s_[1];CX %s,%s_;", near, words[i], near,
                 words[i]);
        ck_reads(text, "cx 0 1;");
    }
}
END_TEST

START_TEST(registers_are_recorded)
{
    ketch_circuit *circuit = must_parse(HEAD "creg out[2];qreg r[4];");
    int32_t first, size;
    ck_assert_int_eq(ketch_circuit_qubits(circuit), 7);
    ck_assert_int_eq(ketch_circuit_bits(circuit), 5);
    ck_assert_str_eq(ketch_circuit_register(circuit, 0, &first, &size), "c");
    ck_assert_str_eq(ketch_circuit_register(circuit, 1, &first, &size), "out");
    ck_assert(first == 3 && size == 2);
    ck_assert_ptr_null(ketch_circuit_register(circuit, 2, &first, &size));
    ck_assert_str_eq(ketch_circuit_qubit_register(circuit, 0, &first, &size), "q");
    ck_assert_str_eq(ketch_circuit_qubit_register(circuit, 1, &first, &size), "r");
    ck_assert(first == 3 && size == 4);
    ck_assert_ptr_null(ketch_circuit_qubit_register(circuit, 2, &first, &size));
    ketch_circuit_destroy(circuit);
}
END_TEST

/* ---- what is refused ---- */

static const struct refusal {
    const char *text;
    ketch_status status;
    const char *message;
} refusals[] = {
    /* syntax */
    {"", KETCH_RANGE, "1:1: number of qubits: given 0, allowed 1..58"},
    {HEAD "h q[0]", KETCH_SYNTAX, "5:7: found the end of the text, expected ',' or ';'"},
    {HEAD "qreg 5[2];", KETCH_SYNTAX, "5:6: found '5', expected the name of a register"},
    {HEAD "qreg if[2];", KETCH_SYNTAX,
     "5:6: found 'if', expected the name of a register; the language keeps this word for itself"},
    {HEAD "qreg r[x];", KETCH_SYNTAX, "5:8: found 'x', expected an integer"},
    {HEAD "qreg r(2);", KETCH_SYNTAX, "5:7: found '(', expected '['"},
    {HEAD "\n  h\n  5;", KETCH_SYNTAX, "7:3: found '5', expected a quantum register"},
    {HEAD "h qq;", KETCH_SYNTAX, "5:3: found 'qq', expected a quantum register; did you mean 'q'?"},
    {HEAD "h c;", KETCH_SYNTAX,
     "5:3: found 'c', expected a quantum register; it is a classical register"},
    {HEAD "measure q[0] = c[0];", KETCH_SYNTAX,
     "5:14: found '=', expected a name, a number or a sign of OpenQASM 2; did you mean '=='?"},
    {HEAD "measure q[0],c[0];", KETCH_SYNTAX, "5:13: found ',', expected '->'"},
    {HEAD "measure q[0]->q[1];", KETCH_SYNTAX,
     "5:15: found 'q', expected a classical register; it is a quantum register"},
    {HEAD "if(c==1) barrier q;", KETCH_SYNTAX,
     "5:10: found 'barrier', expected a gate, 'measure' or 'reset'"},
    {HEAD "if(c->1) x q;", KETCH_SYNTAX, "5:5: found '->', expected '=='"},
    {HEAD "rx((1+2) q;", KETCH_SYNTAX, "5:10: found 'q', expected ',' or ')'"},
    {HEAD "rx(1+(2*3;", KETCH_SYNTAX, "5:10: found ';', expected ')'; its '(' is at 5:6"},
    {HEAD "rx(1+) q;", KETCH_SYNTAX, "5:6: found ')', expected a number"},
    {HEAD "rx(1,) q;", KETCH_SYNTAX, "5:6: found ')', expected a number"},
    {HEAD "rx(sin 1) q;", KETCH_SYNTAX, "5:8: found '1', expected '('"},
    {HEAD "rx(theta) q;", KETCH_SYNTAX, "5:4: found 'theta', expected a number or a parameter"},
    {HEAD "gate g(theta) a{rx(thta) a;}", KETCH_SYNTAX,
     "5:20: found 'thta', expected a number or a parameter; did you mean 'theta'?"},
    {HEAD "gate g a{x b;}", KETCH_SYNTAX, "5:12: found 'b', expected a qubit of the gate"},
    {HEAD "gate g a{x a[0];}", KETCH_SYNTAX, "5:13: found '[', expected ',' or ';'"},
    {HEAD "gate g a{measure a;}", KETCH_SYNTAX,
     "5:10: found 'measure', expected a gate, 'barrier' or '}'"},
    {HEAD "} x q;", KETCH_SYNTAX, "5:1: found '}', expected a statement"},
    {HEAD "OPENQASM 2.0;", KETCH_SYNTAX,
     "5:1: found 'OPENQASM', expected a statement; 'OPENQASM' comes first in a text"},
    {"OPENQASM 3.0;\nqubit q;", KETCH_SYNTAX,
     "1:10: found '3.0', expected '2.0'; OpenQASM 2.0 is what is supported"},
    {"OPENQASM 2.0\nqreg q[1];", KETCH_SYNTAX, "2:1: found 'qreg', expected ';'"},
    {HEAD "h q;\n\x01", KETCH_SYNTAX,
     "6:1: found the byte 0x01, expected a name, a number or a sign of OpenQASM 2"},
    {HEAD "h @;", KETCH_SYNTAX,
     "5:3: found '@', expected a name, a number or a sign of OpenQASM 2"},
    {HEAD "h q;\nx \xff;", KETCH_SYNTAX, "6:3: found the byte 0xff, expected UTF-8 text"},
    {"// \xc0\x80", KETCH_SYNTAX, "1:4: found the byte 0xc0, expected UTF-8 text"},
    {"// \xed\xa0\x80", KETCH_SYNTAX, "1:4: found the byte 0xed, expected UTF-8 text"},
    {"// \xe2\x82", KETCH_SYNTAX, "1:4: found the byte 0xe2, expected UTF-8 text"},
    {"include qelib1;", KETCH_SYNTAX, "1:9: found 'qelib1', expected the name of a file in quotes"},
    /* unterminated: where it began */
    {HEAD "/* x\n\n", KETCH_SYNTAX, "5:1: found a comment that never ends, expected '*/'"},
    {"include \"qelib1\n.inc\";", KETCH_SYNTAX,
     "1:9: found a string that never ends, expected '\"'"},
    {HEAD "gate g a {\n x a;\n", KETCH_SYNTAX, "5:10: found a block that never ends, expected '}'"},
    /* names */
    {HEAD "foo q;", KETCH_GATE, "5:1: unknown gate 'foo'"},
    {HEAD "H q;", KETCH_GATE, "5:1: unknown gate 'H'; did you mean 'h'?"},
    {HEAD "cnot q[0],q[1];", KETCH_GATE, "5:1: unknown gate 'cnot'; did you mean 'cx'?"},
    {HEAD "gate entangle a,b{}entagle q[0],q[1];", KETCH_GATE,
     "5:20: unknown gate 'entagle'; did you mean 'entangle'?"},
    {HEAD "gate g a{g a;}", KETCH_GATE, "5:10: unknown gate 'g'"},
    {"qreg q[1];\nh q[0];", KETCH_GATE, "2:1: unknown gate 'h'; include \"qelib1.inc\" defines it"},
    {HEAD "unitary q;", KETCH_GATE, "5:1: unknown gate 'unitary'"},
    {HEAD "opaque g a;g q;", KETCH_GATE,
     "5:12: opaque gate, which nothing says how to run: given 'g', allowed gates with a "
     "definition"},
    {HEAD "gate g a{}\ngate g a{}", KETCH_DUPLICATE,
     "6:6: gate defined twice, first at 5:6: given 'g', allowed a new name"},
    {HEAD "creg q[2];", KETCH_DUPLICATE,
     "5:6: register declared twice, first at 3:6: given 'q', allowed a new name"},
    {HEAD "gate g(a) b,a{}", KETCH_DUPLICATE,
     "5:13: two parameters or qubits of a gate with one name: given 'a', allowed different "
     "names"},
    /* qubits and bits */
    {HEAD "h q[3];", KETCH_INDEX, "5:5: index in register 'q': given 3, allowed 0..2"},
    {HEAD "measure q[0]->c[18446744073709551615];", KETCH_INDEX,
     "5:17: index in register 'c': given 18446744073709551615, allowed 0..2"},
    {HEAD "cx q[1],q[1];", KETCH_DUPLICATE,
     "5:9: the same qubit twice in one gate, as qubits 0 and 1: given q[1], allowed different "
     "qubits"},
    {HEAD "ccx q[0],q[1],q;", KETCH_DUPLICATE,
     "5:15: the same qubit twice in one gate, as qubits 0 and 2: given q[0], allowed different "
     "qubits"},
    {HEAD "gate g a,b{cx b,b;}", KETCH_DUPLICATE,
     "5:17: the same qubit twice in one gate: given 'b', allowed different qubits"},
    {HEAD "qreg r[2];cx q,r;", KETCH_SHAPE,
     "5:16: registers of different sizes in one statement: given 2, allowed 3"},
    {HEAD "measure q->c[0];", KETCH_SHAPE,
     "5:12: measure goes from one qubit to one bit, or between registers of one size: number of "
     "bits: given 1, allowed 3"},
    {HEAD "qreg r[4000000000];", KETCH_RANGE,
     "5:8: number of qubits: given 4000000000, allowed 1..55 (58 in all)"},
    {HEAD "qreg r[0];", KETCH_RANGE, "5:8: number of qubits: given 0, allowed 1..55 (58 in all)"},
    {HEAD "creg r[1048574];", KETCH_RANGE,
     "5:8: number of classical bits: given 1048574, allowed 1..1048573 (1048576 in all)"},
    {HEAD "creg r[65];if(r==0) x q;", KETCH_RANGE,
     "5:15: bits of a register that 'if' compares: given 65, allowed 1..64"},
    /* arity */
    {HEAD "rx q;", KETCH_ARITY, "5:1: gate 'rx', number of parameters: given 0, allowed 1"},
    {HEAD "rx(1,2) q;", KETCH_ARITY, "5:1: gate 'rx', number of parameters: given 2, allowed 1"},
    {HEAD "cx q;", KETCH_ARITY, "5:1: gate 'cx', number of qubits: given 1, allowed 2"},
    {HEAD "gate g(a) b{}gate f b{g b;}", KETCH_ARITY,
     "5:23: gate 'g', number of parameters: given 0, allowed 1"},
    /* numbers */
    {HEAD "rx(99999999999999999999) q;", KETCH_LITERAL,
     "5:4: number too large: given '99999999999999999999', allowed integers up to "
     "18446744073709551615"},
    {HEAD "rx(1e99999999) q;", KETCH_LITERAL,
     "5:4: number too large: given '1e99999999', allowed numbers up to 1.8e308"},
    {HEAD "rx(1+2/0) q;", KETCH_NONFINITE,
     "5:7: a quotient is not a finite number: given 2 and 0, allowed finite results"},
    {HEAD "rx(ln(0)) q;", KETCH_NONFINITE,
     "5:4: ln is not a finite number: given 0, allowed finite results"},
    {HEAD "rx((-8)^0.5) q;", KETCH_NONFINITE,
     "5:8: a power is not a finite number: given -8 and 0.5, allowed finite results"},
    {HEAD "gate g(a) b{\nrx(sqrt(a)) b;}\ng(-1) q;", KETCH_NONFINITE,
     "6:4: sqrt is not a finite number: given -1, allowed finite results"},
    /* includes */
    {"include \"../x\";", KETCH_OFF,
     "1:9: other includes need a resolver: given '../x', allowed \"qelib1.inc\""},
};

START_TEST(wrong_text_is_refused)
{
    const struct refusal *refusal = &refusals[_i];
    ketch_circuit *circuit;
    ck_assert_int_eq(parse(&circuit, refusal->text), refusal->status);
    ck_assert_str_eq(error.message, refusal->message);
    ck_assert_int_eq(error.status, refusal->status);
    int line = 0, column = 0;
    ck_assert_int_eq(sscanf(refusal->message, "%d:%d", &line, &column), 2);
    ck_assert(error.line == line && error.column == column);
    ck_assert_str_eq(error.function, "ketch_circuit_parse");
    ck_assert_ptr_null(circuit);
    ck_assert_int_eq(
        ketch_circuit_parse(&circuit, refusal->text, strlen(refusal->text), NULL, NULL),
        refusal->status);
}
END_TEST

START_TEST(given_and_allowed_are_set)
{
    ketch_circuit *circuit;
    parse(&circuit, HEAD "h q[0]\nx q;");
    ck_assert_str_eq(error.given, "'x'");
    ck_assert_str_eq(error.allowed, "',' or ';'");
    ck_assert_str_eq(error.argument, "text");
    parse(&circuit, HEAD "H q;");
    ck_assert_str_eq(error.given, "'H'");
}
END_TEST

START_TEST(arguments_are_checked)
{
    static const char nul[] = "qreg q[1];\n\0U(0,0,0) q;";
    ketch_circuit *circuit = NULL;
    error = (ketch_error){.size = sizeof error};
    ck_assert_int_eq(ketch_circuit_parse(&circuit, nul, sizeof nul - 1, NULL, &error),
                     KETCH_SYNTAX);
    ck_assert_str_eq(error.message, "2:1: found the byte 0x00, expected text without NUL bytes");
    ck_assert_int_eq(ketch_circuit_parse(&circuit, NULL, 5, NULL, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_circuit_parse(NULL, nul, 5, NULL, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_circuit_parse(&circuit, NULL, 0, NULL, &error), KETCH_RANGE);
    const ketch_parse_options sizeless = {.limit = 5};
    ck_assert_int_eq(ketch_circuit_parse(&circuit, nul, 10, &sizeless, &error), KETCH_MISMATCH);
    ck_assert_ptr_null(circuit);
}
END_TEST

/* ---- includes ---- */

typedef struct library {
    const char *names[4], *texts[4];
    int asked;
} library;

static const char *look_up(const char *name, size_t *length, void *user)
{
    library *books = user;
    books->asked++;
    for (size_t i = 0; i < 4 && books->names[i]; i++)
        if (strcmp(books->names[i], name) == 0) {
            *length = strlen(books->texts[i]);
            return books->texts[i];
        }
    return NULL;
}

static ketch_status parse_with(ketch_circuit **circuit, library *books, const char *text)
{
    const ketch_parse_options options = {.size = sizeof options, .resolve = look_up, .user = books};
    error = (ketch_error){.size = sizeof error};
    *circuit = NULL;
    return ketch_circuit_parse(circuit, text, strlen(text), &options, &error);
}

START_TEST(includes_are_resolved)
{
    library books = {
        {"a", "b"},
        {"OPENQASM 2.0;\ninclude \"b\"; gate ga x { gb x; }", "gate gb x{U(1,2,3) x;}"},
        0};
    ketch_circuit *circuit;
    ck_assert_int_eq(
        parse_with(&circuit, &books,
                   "OPENQASM 2.0;include \"qelib1.inc\";include \"a\";qreg q[1];ga q;"),
        KETCH_OK);
    ck_assert_uint_eq(ketch_circuit_steps(circuit), 1);
    ck_assert_int_eq(books.asked, 2); /* qelib1.inc is built in */
    ketch_circuit_destroy(circuit);
}
END_TEST

START_TEST(includes_are_refused)
{
    library books = {{"self", "bad", "half", "twice"},
                     {"include \"self\";", "qreg q[2];\n\nfoo q;", "qreg q[2]",
                      "include \"twice\";include \"twice\";"},
                     0};
    static const struct {
        const char *text;
        ketch_status status;
        const char *message;
    } cases[] = {
        {"include \"none\";", KETCH_OFF, "1:9: the resolver has no such include: given 'none'"},
        {"include \"self\";", KETCH_DEPTH,
         "1:9: includes in includes, in the included 'self': given 257, allowed 256"},
        {"include \"twice\";", KETCH_DEPTH,
         "1:9: includes in includes, in the included 'twice': given 257, allowed 256"},
        {"\ninclude \"bad\";", KETCH_GATE, "3:1: unknown gate 'foo', in the included 'bad'"},
        {"include \"half\";;", KETCH_SYNTAX,
         "1:10: found the end of the text, expected ';', in the included 'half'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ketch_circuit *circuit;
        ck_assert_int_eq(parse_with(&circuit, &books, cases[i].text), cases[i].status);
        ck_assert_str_eq(error.message, cases[i].message);
        ck_assert_ptr_null(circuit);
    }
}
END_TEST

START_TEST(many_includes_are_refused)
{
    library books = {{"x"}, {"// nothing"}, 0};
    char *text = malloc(5000 * 12 + 1), *end = text;
    for (int i = 0; i < 5000; i++)
        end += sprintf(end, "include\"x\";\n");
    ketch_circuit *circuit;
    ck_assert_int_eq(parse_with(&circuit, &books, text), KETCH_LIMIT);
    ck_assert_str_eq(error.message, "4097:8: number of includes: given 4097, allowed 4096");
    free(text);
}
END_TEST

/* ---- hostile text ---- */

/* Of this process alone: others may keep the machine busy. */
static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* `head`, then `piece` until there are `size` bytes, then `tail`. */
static char *repeated(const char *head, const char *piece, size_t size, const char *tail)
{
    const size_t length = strlen(piece);
    char *text = malloc(strlen(head) + size + strlen(tail) + length + 1);
    char *end = stpcpy(text, head);
    for (size_t used = 0; used < size; used += length)
        end = stpcpy(end, piece);
    stpcpy(end, tail);
    return text;
}

static const struct hostile {
    const char *head, *piece;
    size_t size;
    const char *tail;
    ketch_status status;
} hostiles[] = {
    {HEAD "rx(", "(", 1000000, "1) q;", KETCH_DEPTH},
    {HEAD "rx(", "sin(", 65536, "1) q;", KETCH_DEPTH},
    {HEAD "rx(", "-", 65536, "1) q;", KETCH_OK},
    {HEAD "rx(", "1^", 65536, "1) q;", KETCH_OK},
    {HEAD "rx(", "1^", 200000, "1) q;", KETCH_DEPTH},
    {HEAD "rx(", "1+", 65536, "1) q;", KETCH_OK},
    {HEAD "rx(", "9", 65536, ") q;", KETCH_LITERAL},
    {HEAD "rx(0.", "9", 65536, ") q;", KETCH_OK},
    {HEAD "rx(", "1,", 65536, "1) q;", KETCH_ARITY},
    {HEAD, "h q[0];\n", 65536, "", KETCH_OK},
    {HEAD, "if(c==1)x q;", 65536, "", KETCH_OK},
    {HEAD "barrier ", "q,", 65536, "q;", KETCH_OK},
    {HEAD "h ", "q,", 65536, "q;", KETCH_ARITY},
    {HEAD "h ", "q", 65536, ";", KETCH_SYNTAX},
    {HEAD, ";", 65536, "", KETCH_OK},
    {HEAD, "\n", 65536, "", KETCH_OK},
    {HEAD, "/", 65536, "", KETCH_OK},
    {HEAD "/", "*", 65536, "", KETCH_SYNTAX},
    {HEAD "include \"", "x", 65536, "\";", KETCH_OFF},
    {HEAD, "include \"qelib1.inc\";", 65536, "", KETCH_OK},
    {HEAD "gate g a{", "x a;", 65536, "}g q;", KETCH_OK},
    {HEAD "gate g a{", "{", 65536, "", KETCH_SYNTAX},
    {HEAD, "opaque o(a,b)c;", 65536, "", KETCH_DUPLICATE},
    {HEAD "measure q", "[", 65536, "", KETCH_SYNTAX},
    {"", "\xc3\xa4", 65536, "", KETCH_SYNTAX},
    {"//", "\xc3\xa4", 65536, "\nqreg q[1];", KETCH_OK},
};

START_TEST(hostile_text_ends_fast)
{
    const struct hostile *hostile = &hostiles[_i];
    char *text = repeated(hostile->head, hostile->piece, hostile->size, hostile->tail);
    ketch_circuit *circuit;
    const double start = seconds_now();
    const ketch_status status = parse(&circuit, text);
    const double seconds = seconds_now() - start;
    ck_assert_msg(status == hostile->status, "%s: %s", hostile->piece, error.message);
    ck_assert_msg(seconds < 0.1 * SLOWER, "%s: %g s", hostile->piece, seconds);
    if (hostile->size == 65536)
        figure("P7", "64 KiB of hostile text, at most 100 ms", 1e3 * seconds, "ms");
    ketch_circuit_destroy(circuit);
    free(text);
}
END_TEST

/* Text of `levels` gates, each with `calls` of the one before; g0 has body `first`. */
static char *tower(int levels, int calls, const char *first, const char *tail)
{
    char *text = malloc(200 + strlen(tail) + (size_t)levels * (32 + (size_t)calls * 16));
    char *end = text + sprintf(text, HEAD "gate g0 a{%s}", first);
    for (int i = 1; i < levels; i++) {
        end += sprintf(end, "\ngate g%d a{", i);
        for (int k = 0; k < calls; k++)
            end += sprintf(end, "g%d a;", i - 1);
        *end++ = '}';
    }
    sprintf(end, "\n%s", tail);
    return text;
}

START_TEST(expansion_is_limited)
{
    static const struct {
        int levels, calls;
        const char *first, *tail;
        ketch_status status;
        const char *message;
    } towers[] = {
        {30, 2, "x a;", "x q[0];g29 q[0];", KETCH_LIMIT,
         "35:8: number of operations so far: given 1 and 536870912 more, allowed 100000000"},
        {70, 2, "x a;", "g69 q[0];", KETCH_LIMIT,
         "75:1: number of operations so far: given 0 and over 10^19 more, allowed 100000000"},
        {70, 2, "", "g69 q[0];", KETCH_LIMIT,
         "75:1: number of operations so far: given 0 and over 10^19 more, allowed 100000000"},
        {256, 1, "x a;", "g255 q[0];", KETCH_OK, ""},
        {257, 1, "x a;", "", KETCH_DEPTH,
         "261:6: gates that call gates, at 'g256': given 257, allowed 256"},
        {70, 2, "x a;", "", KETCH_OK, ""}, /* never called */
    };
    for (size_t i = 0; i < sizeof towers / sizeof *towers; i++) {
        char *text = tower(towers[i].levels, towers[i].calls, towers[i].first, towers[i].tail);
        ketch_circuit *circuit;
        const double start = seconds_now();
        ck_assert_int_eq(parse(&circuit, text), towers[i].status);
        ck_assert(seconds_now() - start < 0.1 * SLOWER);
        ck_assert_str_eq(error.message, towers[i].message);
        ketch_circuit_destroy(circuit);
        free(text);
    }
}
END_TEST

/* The most memory that the process has had resident, in bytes. */
static double most_resident(void)
{
    char line[256];
    double kibibytes = 0;
    FILE *const file = fopen("/proc/self/status", "r");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %lf", &kibibytes) == 1)
            break;
    fclose(file);
    return kibibytes * 1024;
}

static double bytes_of(const ketch_circuit *c)
{
    return (double)(c->gates.count * sizeof *c->gates.items + c->qubits.count +
                    c->params.count * sizeof *c->params.items);
}

/* unit: may have a "%zx" for its number. most: bytes a byte of text. */
static const struct {
    const char *name, *head, *unit, *tail;
    double most;
    ketch_status status;
} large_texts[] = {
    {"gates", HEAD, "x q[0];\n", "", 4, KETCH_OK},
    {"short gates", HEAD "qreg a[1];", "x a;", "", 4, KETCH_OK},
    {"angles", HEAD, "rz(1)q[0];", "", 4, KETCH_OK},
    {"a body", HEAD "gate g a{", "u(1,2,3)a;", "}g q[0];", 6, KETCH_OK},
    {"a body of expressions", HEAD "gate g(b) a{", "p(b+b*b/2-b)a;", "}", 4, KETCH_OK},
    {"a sum", HEAD "rz(1", "+1", ") q[0];", 4, KETCH_OK},
    {"a power", HEAD "rz(1", "^1", ") q[0];", 4, KETCH_DEPTH},
    {"a barrier", HEAD "barrier q", ",q", ";", 4, KETCH_OK},
    {"parameters of a call", HEAD "rz(1", ",1", ") q[0];", 4, KETCH_ARITY},
    {"parameters of a definition", HEAD "gate g(a", ",a%zx", ") b{}", 6, KETCH_OK},
    {"definitions", HEAD, "gate a%zx a{}", "", 6, KETCH_OK},
    {"opaque gates", HEAD, "opaque a%zx a;", "", 6, KETCH_OK},
};

enum { LARGE_SIZES = 3, LARGE_TEXTS = sizeof large_texts / sizeof *large_texts };

/* Writes text number `i` with at least `size` bytes; returns its length. */
static size_t write_large(char *text, int i, size_t size)
{
    size_t length = (size_t)sprintf(text, "%s", large_texts[i].head);
    for (size_t number = 0; length < size; number++)
        length += (size_t)sprintf(text + length, large_texts[i].unit, number);
    return length + (size_t)sprintf(text + length, "%s", large_texts[i].tail);
}

/* At sizes where lists have just grown, and where they are full. */
START_TEST(parsing_takes_little_memory)
{
    const int which = _i / LARGE_SIZES;
    const size_t size = (size_t)(6 + 2 * (_i % LARGE_SIZES)) << 20;
    char *const text = malloc(size + 1000);
    const size_t length = write_large(text, which, size);
    const double before = most_resident();
    ketch_circuit *circuit = NULL;
    error = (ketch_error){.size = sizeof error};
    const ketch_status status = ketch_circuit_parse(&circuit, text, length, NULL, &error);
    ck_assert_msg(status == large_texts[which].status, "%s", error.message);
    const double beyond = most_resident() - before - (circuit ? bytes_of(circuit) : 0);
    ck_assert_double_lt(beyond, large_texts[which].most * (double)length);
    ketch_circuit_destroy(circuit);
    free(text);
}
END_TEST

static const char *resolve_head(const char *name, size_t *length, void *user)
{
    (void)name;
    (void)user;
    *length = strlen(HEAD);
    return HEAD;
}

START_TEST(limit_is_the_callers)
{
    static const char text[] = HEAD "h q;x q[0];";
    ketch_parse_options options = {.size = sizeof options, .limit = 4};
    ketch_circuit *circuit = NULL;
    error = (ketch_error){.size = sizeof error};
    ck_assert_int_eq(ketch_circuit_parse(&circuit, text, strlen(text), &options, &error), KETCH_OK);
    ketch_circuit_destroy(circuit);
    circuit = NULL;
    options.limit = 3;
    ck_assert_int_eq(ketch_circuit_parse(&circuit, text, strlen(text), &options, &error),
                     KETCH_LIMIT);
    ck_assert_str_eq(error.message,
                     "5:5: number of operations so far: given 3 and 1 more, allowed 3");
    ck_assert_ptr_null(circuit);
}
END_TEST

/* The text of a length that is refused is not read. */
START_TEST(texts_may_be_too_long)
{
    static const char text[] = "include \"a.inc\";h q;";
    const size_t length = strlen(text);
    ketch_parse_options options = {.size = sizeof options, .resolve = resolve_head};
    ketch_circuit *circuit = NULL;
    error = (ketch_error){.size = sizeof error};
    options.text_limit = length + strlen(HEAD);
    ck_assert_int_eq(ketch_circuit_parse(&circuit, text, length, &options, &error), KETCH_OK);
    ketch_circuit_destroy(circuit);
    circuit = NULL;
    options.text_limit--;
    ck_assert_int_eq(ketch_circuit_parse(&circuit, text, length, &options, &error), KETCH_LIMIT);
    ck_assert_str_eq(error.message, "1:9: bytes of text so far; text_limit allows more: "
                                    "given 20 and 58 more, allowed 77");
    ck_assert_int_eq(ketch_circuit_parse(&circuit, text, ((size_t)1 << 30) + 1, NULL, &error),
                     KETCH_LIMIT);
    ck_assert_str_eq(error.message, "1:1: bytes of text so far; text_limit allows more: "
                                    "given 0 and 1073741825 more, allowed 1073741824");
    ck_assert_ptr_null(circuit);
}
END_TEST

START_TEST(decimal_comma_changes_nothing)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8",  "de_DE",
                                        "fr_FR.UTF-8", "nl_NL.UTF-8", "pl_PL.UTF-8"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (setlocale(LC_ALL, names[i]))
            break;
    /* With none of them installed this is the C locale, and still must hold. */
    ketch_circuit *circuit = must_parse(HEAD "rx(1.5) q[0];");
    ck_assert(circuit->params.items[0] == 1.5);
    ketch_circuit_destroy(circuit);
    ck_assert_int_eq(parse(&circuit, HEAD "rx(0.5/0) q;"), KETCH_NONFINITE);
    ck_assert_str_eq(error.given, "0.5 and 0");
}
END_TEST

/* ---- files ---- */

static char *read_whole(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s", path);
    char *text = malloc(1 << 20);
    *length = fread(text, 1, 1 << 20, file);
    fclose(file);
    return text;
}

/* Calls check for every .qasm file of a folder under the source tree; returns how many. */
static int each_file(const char *folder, void (*check)(const char *path))
{
    const char *root = getenv("abs_srcdir");
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", root ? root : ".", folder);
    DIR *directory = opendir(path);
    ck_assert_msg(directory != NULL, "%s", path);
    const size_t base = strlen(path);
    int count = 0;
    for (const struct dirent *entry; (entry = readdir(directory));) {
        const size_t length = strlen(entry->d_name);
        if (length < 5 || strcmp(entry->d_name + length - 5, ".qasm") != 0)
            continue;
        snprintf(path + base, sizeof path - base, "/%s", entry->d_name);
        check(path);
        count++;
    }
    closedir(directory);
    return count;
}

static void parse_file(const char *path)
{
    size_t length;
    char *text = read_whole(path, &length);
    ketch_circuit *circuit = NULL;
    error = (ketch_error){.size = sizeof error};
    ck_assert_msg(ketch_circuit_parse(&circuit, text, length, NULL, &error) == KETCH_OK, "%s: %s",
                  path, error.message);
    ck_assert_uint_gt(ketch_circuit_steps(circuit), 0);
    check_records(circuit);
    ketch_circuit_destroy(circuit);
    free(text);
}

static void replay_file(const char *path)
{
    size_t length;
    char *text = read_whole(path, &length);
    LLVMFuzzerTestOneInput((const uint8_t *)text, length);
    free(text);
}

START_TEST(circuit_files_are_read)
{
    ck_assert_int_ge(each_file("tests/qasm", parse_file), 30);
}
END_TEST

START_TEST(corpus_is_replayed)
{
    ck_assert_int_ge(each_file("tests/fuzz/corpus/qasm", replay_file), 10);
}
END_TEST

/* ---- memory refused ---- */

START_TEST(any_memory_may_be_refused_to_the_parser)
{
    static const char text[] = HEAD "include \"a\";"
                                    "gate g(a) x,y{rx(a^(2+sin(a))) x;cx y,x;barrier x;}"
                                    "gate f(a) x,y{g(2*a) x,y;g(a) y,x;}"
                                    "f(1) q[0],q[1];f((1+2)) q[1],q[2];if(c==1) x q;if(c==2) x q;"
                                    "h q;h q;h q;h q;h q;measure q->c;reset q;barrier q;";
    library books = {{"a"}, {"qreg a[2];creg d[1];"}, 0};
    uint64_t at = 1;
    for (bool refused = true; refused; at++) {
        ketch_circuit *circuit;
        kt_fault_arm(at, _i);
        const ketch_status status = parse_with(&circuit, &books, text);
        refused = kt_fault_count() >= at;
        kt_fault_arm(0, false);
        ketch_circuit_destroy(circuit);
        ck_assert(status == KETCH_OK || (refused && status == KETCH_MEMORY));
        ck_assert_int_eq(status == KETCH_OK, circuit != NULL);
    }
    ck_assert_uint_gt(at, 20);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof *(array))

int main(void)
{
    Suite *suite = suite_create("qasm");
    TCase *reads = tcase_create("reads"), *refuses = tcase_create("refuses");
    tcase_set_timeout(reads, 60);
    tcase_set_timeout(refuses, 60);
    keep_one_thread(refuses);
    tcase_add_test(reads, statements_are_read);
    tcase_add_test(reads, registers_are_broadcast);
    tcase_add_test(reads, definitions_are_expanded);
    tcase_add_test(reads, expressions_have_their_values);
    tcase_add_test(reads, decimals_are_the_nearest_numbers);
    tcase_add_test(reads, words_of_the_language_are_no_other_names);
    tcase_add_test(reads, registers_are_recorded);
    tcase_add_test(reads, includes_are_resolved);
    tcase_add_test(reads, decimal_comma_changes_nothing);
    tcase_add_test(reads, circuit_files_are_read);
    add_numbers(refuses, wrong_text_is_refused, 0, COUNT(refusals) - 1, "in the list");
    tcase_add_test(refuses, given_and_allowed_are_set);
    tcase_add_test(refuses, arguments_are_checked);
    tcase_add_test(refuses, includes_are_refused);
    tcase_add_test(refuses, many_includes_are_refused);
    add_numbers(refuses, hostile_text_ends_fast, 0, COUNT(hostiles) - 1, "in the list");
    tcase_add_test(refuses, expansion_is_limited);
    tcase_add_test(refuses, limit_is_the_callers);
    tcase_add_test(refuses, texts_may_be_too_long);
    for (int i = 0; i < LARGE_SIZES * LARGE_TEXTS; i++)
        if (WITH_ASAN || WITH_TSAN || kt_fault_arm(0, false))
            add_skipped(refuses, parsing_takes_little_memory,
                        "this build touches more memory than it uses");
        else
            add_indexed(refuses, parsing_takes_little_memory, i, "%s, size %d",
                        large_texts[i / LARGE_SIZES].name, i % LARGE_SIZES);
    tcase_add_test(refuses, corpus_is_replayed);
    add_refusals(refuses, any_memory_may_be_refused_to_the_parser, kt_fault_arm(0, false));
    suite_add_tcase(suite, reads);
    suite_add_tcase(suite, refuses);
    return end_with(suite);
}
