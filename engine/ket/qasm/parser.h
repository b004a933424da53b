/* OpenQASM 2.0 inside: what the files of the parser share.
 *
 *   statements.c    statements, registers, includes
 *   tokens.c        bytes to tokens, numbers
 *   names.c         names to numbers
 *   expressions.c   expressions: compiled to reverse Polish, evaluated
 *   definitions.c   gate definitions and their expansion
 *   failures.c      the texts of failures
 *
 * Nothing here recurses: expressions, gate calls and includes have stacks of their own. Every
 * function that returns a status has told the caller's error about it. */
#ifndef KTQ_QASM_PARSER_H
#define KTQ_QASM_PARSER_H

#include "ket/circuit/circuit.h"
#include "ketch/circuits.h"
#include "status.h"
#include <locale.h>
#include <stdbool.h>

enum {
    KTQ_QASM_NESTING = 256,   /* of parentheses, gates in gates, includes in includes */
    KTQ_QASM_INCLUDES = 4096, /* in all */
    KTQ_QASM_LIMIT = 100000000
};

/* line and column from 1, column in bytes; source: which text, 0 the caller's. */
typedef struct ktq_place {
    int32_t line, column;
    uint32_t source;
} ktq_place;

/* A text being read or read to its end. opener: the source whose include opened it. */
typedef struct ktq_source {
    const char *at, *end, *line_start;
    const char *name;
    size_t name_length;
    int32_t line, depth;
    uint32_t opener;
    bool begun; /* its first statement has been read */
} ktq_source;

/* A single character is its own kind. */
typedef enum ktq_token_kind {
    KTQ_TOKEN_END = 256,
    KTQ_TOKEN_NAME,
    KTQ_TOKEN_INTEGER,
    KTQ_TOKEN_REAL,
    KTQ_TOKEN_STRING,
    KTQ_TOKEN_ARROW,
    KTQ_TOKEN_EQUAL
} ktq_token_kind;

/* Names that the language keeps for itself. */
typedef enum ktq_word {
    KTQ_WORD_NONE,
    KTQ_WORD_OPENQASM,
    KTQ_WORD_INCLUDE,
    KTQ_WORD_QREG,
    KTQ_WORD_CREG,
    KTQ_WORD_GATE,
    KTQ_WORD_OPAQUE,
    KTQ_WORD_MEASURE,
    KTQ_WORD_RESET,
    KTQ_WORD_BARRIER,
    KTQ_WORD_IF,
    KTQ_WORD_U,
    KTQ_WORD_CX,
    KTQ_WORD_PI,
    KTQ_WORD_SIN,
    KTQ_WORD_COS,
    KTQ_WORD_TAN,
    KTQ_WORD_EXP,
    KTQ_WORD_LN,
    KTQ_WORD_SQRT
} ktq_word;

typedef struct ktq_token {
    int kind;
    ktq_word word;
    const char *text; /* a string's without its quotes */
    size_t length;
    ktq_place place;
} ktq_token;

/* Names with a number each. Open addressing; a slot counts only where its stamp is the table's, so
 * that clearing costs nothing. */
typedef struct ktq_name {
    const char *text;
    size_t length;
    uint32_t stamp;
    int32_t number;
} ktq_name;

typedef struct ktq_names {
    ktq_name *slots;
    size_t capacity, count;
    uint32_t stamp;
} ktq_names;

typedef struct ktq_qasm_register {
    const char *name;
    size_t length;
    int32_t first, size;
    bool classical;
    ktq_place place;
} ktq_qasm_register;

/* One item of an expression in reverse Polish. op: see expressions.c. */
typedef struct ktq_rpn {
    uint16_t op;
    uint32_t param;
    double value;
    ktq_place place;
} ktq_rpn;

/* An expression: so many items of the parser's code. */
typedef struct ktq_expr {
    size_t first, count;
} ktq_expr;

/* What a gate's name stands for: a gate of the table where number >= 0, else definition
 * -1 - number. */
typedef struct ktq_callee {
    int32_t number;
    int32_t qubits, params;
    const char *name;
    size_t length;
} ktq_callee;

/* One call in a gate's body. */
typedef struct ktq_body_call {
    int32_t number; /* as in ktq_callee, or KETCH_GATE_BARRIER */
    uint32_t qubit_count, expr_count;
    size_t qubits; /* first, in formals */
    size_t exprs;  /* first, in exprs */
} ktq_body_call;

/* A gate that the text defines. cost: operations it expands to, at least 1, UINT64_MAX where that
 * overflows; so a call knows before it expands. */
typedef struct ktq_definition {
    const char *name;
    size_t length;
    ktq_place place;
    int32_t params, qubits;
    size_t calls, call_count;
    uint64_t cost;
    int32_t depth;
    bool opaque;
} ktq_definition;

/* A definition being expanded. */
typedef struct ktq_qasm_frame {
    int32_t definition;
    size_t next;   /* call of its body */
    size_t params; /* first, in the parser's params */
    uint8_t qubits[KETCH_QUBITS_MAX];
} ktq_qasm_frame;

/* A statement's argument: one qubit or bit, or a whole register. */
typedef struct ktq_argument {
    int32_t first, size;
    bool whole;
    ktq_place place;
} ktq_argument;

typedef struct ktq_qasm {
    ketch_circuit *circuit;
    ketch_error *error;
    ketch_parse_options options;
    locale_t locale;
    uint64_t operations; /* so far, counted before they are expanded */
    ktq_token token;     /* the next one to be looked at */
    uint32_t source;     /* being read */
    ktq_source *sources;
    ktq_names gate_names, register_names;
    ktq_names scope; /* of a gate's body: parameter i is i, qubit j is -1 - j */
    ktq_qasm_register *registers;
    ktq_definition *definitions;
    ktq_body_call *calls;
    uint8_t *formals;
    ktq_expr *exprs;
    ktq_rpn *code;
    ktq_rpn *pending; /* operators of the expression being compiled */
    double *values;   /* stack of an evaluation */
    double *params;   /* of the call and of all frames */
    ktq_argument *arguments;
    char *digits;
    ktq_list source_list, register_list, definition_list, call_list, formal_list, expr_list,
        code_list, pending_list, value_list, param_list, argument_list, digit_list;
    int32_t depth;
    ktq_qasm_frame frames[KTQ_QASM_NESTING + 1];
} ktq_qasm;

/* Room for more items in one of the parser's lists; returns MEMORY from the calling function. */
#define KTQ_QASM_ROOM(q, array, list, more)                                                        \
    do {                                                                                           \
        void *const room_ = ktq_list_room((q)->array, &(q)->list, (more), sizeof *(q)->array);     \
        if (!room_)                                                                                \
            return ktq_qasm_fail_heap(q);                                                          \
        (q)->array = room_;                                                                        \
    } while (0)

/* ---- failures ---- */

/* As kt_fail_at; says which included text the place is in. */
ketch_status ktq_qasm_fail(ktq_qasm *q, ketch_status status, ktq_place place, const char *given,
                           const char *allowed, const char *reason, ...)
    __attribute__((format(printf, 6, 7)));
/* The same where the sentence says it all: given and allowed are set but not added to it. */
ketch_status ktq_qasm_fail_words(ktq_qasm *q, ketch_status status, ktq_place place,
                                 const char *given, const char *allowed, const char *sentence, ...)
    __attribute__((format(printf, 6, 7)));
/* SYNTAX: "found X, expected Y" and, where hint is not NULL, "; hint". */
ketch_status ktq_qasm_fail_syntax(ktq_qasm *q, ktq_place place, const char *found,
                                  const char *expected, const char *hint);
/* The same where the token is what was found. */
ketch_status ktq_qasm_fail_token(ktq_qasm *q, const char *expected, const char *hint);
ketch_status ktq_qasm_fail_heap(ktq_qasm *q);
/* A piece of the text for a message: in quotes, cut short, without bytes that are no ASCII. */
kt_text ktq_quote_text(const char *text, size_t length);

/* ---- tokens ---- */

/* Begins to read a text after checking that it is UTF-8 without NUL bytes. */
ketch_status ktq_qasm_open(ktq_qasm *q, const char *text, size_t length, const char *name,
                           size_t name_length);
/* Reads the next token of the current source into q->token. */
ketch_status ktq_qasm_next(ktq_qasm *q);
/* Goes past a token of this kind; SYNTAX where it is another. */
ketch_status ktq_qasm_expect(ktq_qasm *q, int kind, const char *expected);
/* The same for a name that the text may choose: not one of the language's words. */
ketch_status ktq_qasm_expect_name(ktq_qasm *q, ktq_token *name, const char *expected);
/* The same for an integer; LITERAL where it has more than 64 bits. */
ketch_status ktq_qasm_expect_integer(ktq_qasm *q, uint64_t *value);
/* The value of an integer or real token. */
ketch_status ktq_qasm_number(ktq_qasm *q, const ktq_token *token, double *value);

/* ---- names ---- */

/* NULL where it has no such name. */
const ktq_name *ktq_names_find(const ktq_names *names, const char *text, size_t length);
/* Adds it or changes its number; false where memory is refused. */
bool ktq_names_put(ktq_names *names, const char *text, size_t length, int32_t number);
void ktq_names_clear(ktq_names *names);
/* "did you mean 'x'?" in the quote, or an empty one. */
kt_text ktq_names_hint(const ktq_names *names, const char *text, size_t length);
void ktq_names_free(ktq_names *names);

/* ---- expressions ---- */

/* Compiles the expression that begins with the current token, up to the first token that is no part
 * of it. Names are parameters of q->scope. */
ketch_status ktq_qasm_compile(ktq_qasm *q, ktq_expr *expr);
ketch_status ktq_qasm_evaluate(ktq_qasm *q, const ktq_expr *expr, const double *params,
                               double *result);

/* ---- gates ---- */

/* Reads `gate` or `opaque`, the word being the current token. */
ketch_status ktq_qasm_define(ktq_qasm *q);
/* Makes the gates of qelib1.inc known, at this include. */
ketch_status ktq_qasm_include_gates(ktq_qasm *q);
/* What the current token calls. */
ketch_status ktq_qasm_callee(ktq_qasm *q, ktq_callee *callee);
/* ARITY where the call at place gives another number of parameters or qubits. */
ketch_status ktq_qasm_check_arity(ktq_qasm *q, const ktq_callee *callee, ktq_place place,
                                  size_t params, size_t qubits);
/* Counts `times` calls as operations before they are made; LIMIT where they are too many. */
ketch_status ktq_qasm_charge(ktq_qasm *q, int32_t number, uint64_t times, ktq_place place);
/* Adds the gate to the circuit, expanding a definition; its parameters are the last of q->params,
 * and stay there. */
ketch_status ktq_qasm_apply(ktq_qasm *q, int32_t number, const uint8_t *qubits, size_t qubit_count,
                            size_t param_count);

#endif
