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
#include "ketch.h"
#include "status.h"
#include <locale.h>
#include <stdbool.h>

enum {
    KT_QASM_NESTING = 256,   /* of parentheses, gates in gates, includes in includes */
    KT_QASM_INCLUDES = 4096, /* in all */
    KT_QASM_LIMIT = 100000000
};

/* line and column from 1, column in bytes; source: which text, 0 the caller's. */
typedef struct kt_place {
    int32_t line, column;
    uint32_t source;
} kt_place;

/* A text being read or read to its end. opener: the source whose include opened it. */
typedef struct kt_source {
    const char *at, *end, *line_start;
    const char *name;
    size_t name_length;
    int32_t line, depth;
    uint32_t opener;
    bool begun; /* its first statement has been read */
} kt_source;

/* A single character is its own kind. */
typedef enum kt_token_kind {
    KT_TOKEN_END = 256,
    KT_TOKEN_NAME,
    KT_TOKEN_INTEGER,
    KT_TOKEN_REAL,
    KT_TOKEN_STRING,
    KT_TOKEN_ARROW,
    KT_TOKEN_EQUAL
} kt_token_kind;

/* Names that the language keeps for itself. */
typedef enum kt_word {
    KT_WORD_NONE,
    KT_WORD_OPENQASM,
    KT_WORD_INCLUDE,
    KT_WORD_QREG,
    KT_WORD_CREG,
    KT_WORD_GATE,
    KT_WORD_OPAQUE,
    KT_WORD_MEASURE,
    KT_WORD_RESET,
    KT_WORD_BARRIER,
    KT_WORD_IF,
    KT_WORD_U,
    KT_WORD_CX,
    KT_WORD_PI,
    KT_WORD_SIN,
    KT_WORD_COS,
    KT_WORD_TAN,
    KT_WORD_EXP,
    KT_WORD_LN,
    KT_WORD_SQRT
} kt_word;

typedef struct kt_token {
    int kind;
    kt_word word;
    const char *text; /* a string's without its quotes */
    size_t length;
    kt_place place;
} kt_token;

/* Names with a number each. Open addressing; a slot counts only where its stamp is the table's, so
 * that clearing costs nothing. */
typedef struct kt_name {
    const char *text;
    size_t length;
    uint32_t stamp;
    int32_t number;
} kt_name;

typedef struct kt_names {
    kt_name *slots;
    size_t capacity, count;
    uint32_t stamp;
} kt_names;

typedef struct kt_qasm_register {
    const char *name;
    size_t length;
    int32_t first, size;
    bool classical;
    kt_place place;
} kt_qasm_register;

/* One item of an expression in reverse Polish. op: see expressions.c. */
typedef struct kt_rpn {
    uint16_t op;
    uint32_t param;
    double value;
    kt_place place;
} kt_rpn;

/* An expression: so many items of the parser's code. */
typedef struct kt_expr {
    size_t first, count;
} kt_expr;

/* What a gate's name stands for: a gate of the table where number >= 0, else definition
 * -1 - number. */
typedef struct kt_callee {
    int32_t number;
    int32_t qubits, params;
    const char *name;
    size_t length;
} kt_callee;

/* One call in a gate's body. */
typedef struct kt_body_call {
    int32_t number; /* as in kt_callee, or KETCH_GATE_BARRIER */
    uint32_t qubit_count, expr_count;
    size_t qubits; /* first, in formals */
    size_t exprs;  /* first, in exprs */
} kt_body_call;

/* A gate that the text defines. cost: operations it expands to, at least 1, UINT64_MAX where that
 * overflows; so a call knows before it expands. */
typedef struct kt_definition {
    const char *name;
    size_t length;
    kt_place place;
    int32_t params, qubits;
    size_t calls, call_count;
    uint64_t cost;
    int32_t depth;
    bool opaque;
} kt_definition;

/* A definition being expanded. */
typedef struct kt_qasm_frame {
    int32_t definition;
    size_t next;   /* call of its body */
    size_t params; /* first, in the parser's params */
    uint8_t qubits[KETCH_QUBITS_MAX];
} kt_qasm_frame;

/* A statement's argument: one qubit or bit, or a whole register. */
typedef struct kt_argument {
    int32_t first, size;
    bool whole;
    kt_place place;
} kt_argument;

typedef struct kt_qasm {
    ketch_circuit *circuit;
    ketch_error *error;
    ketch_parse_options options;
    locale_t locale;
    uint64_t operations; /* so far, counted before they are expanded */
    kt_token token;      /* the next one to be looked at */
    uint32_t source;     /* being read */
    kt_source *sources;
    kt_names gate_names, register_names;
    kt_names scope; /* of a gate's body: parameter i is i, qubit j is -1 - j */
    kt_qasm_register *registers;
    kt_definition *definitions;
    kt_body_call *calls;
    uint8_t *formals;
    kt_expr *exprs;
    kt_rpn *code;
    kt_rpn *pending; /* operators of the expression being compiled */
    double *values;  /* stack of an evaluation */
    double *params;  /* of the call and of all frames */
    kt_argument *arguments;
    char *digits;
    kt_list source_list, register_list, definition_list, call_list, formal_list, expr_list,
        code_list, pending_list, value_list, param_list, argument_list, digit_list;
    int32_t depth;
    kt_qasm_frame frames[KT_QASM_NESTING + 1];
} kt_qasm;

/* Room for more items in one of the parser's lists; returns MEMORY from the calling function. */
#define KT_QASM_ROOM(q, array, list, more)                                                         \
    do {                                                                                           \
        void *const room_ = kt_list_room((q)->array, &(q)->list, (more), sizeof *(q)->array);      \
        if (!room_)                                                                                \
            return kt_qasm_fail_heap(q);                                                           \
        (q)->array = room_;                                                                        \
    } while (0)

/* ---- failures ---- */

/* As kt_fail_at; says which included text the place is in. */
ketch_status kt_qasm_fail(kt_qasm *q, ketch_status status, kt_place place, const char *given,
                          const char *allowed, const char *reason, ...)
    __attribute__((format(printf, 6, 7)));
/* The same where the sentence says it all: given and allowed are set but not added to it. */
ketch_status kt_qasm_fail_words(kt_qasm *q, ketch_status status, kt_place place, const char *given,
                                const char *allowed, const char *sentence, ...)
    __attribute__((format(printf, 6, 7)));
/* SYNTAX: "found X, expected Y" and, where hint is not NULL, "; hint". */
ketch_status kt_qasm_fail_syntax(kt_qasm *q, kt_place place, const char *found,
                                 const char *expected, const char *hint);
/* The same where the token is what was found. */
ketch_status kt_qasm_fail_token(kt_qasm *q, const char *expected, const char *hint);
ketch_status kt_qasm_fail_heap(kt_qasm *q);
/* A piece of the text for a message: in quotes, cut short, without bytes that are no ASCII. */
kt_text kt_quote_text(const char *text, size_t length);

/* ---- tokens ---- */

/* Begins to read a text after checking that it is UTF-8 without NUL bytes. */
ketch_status kt_qasm_open(kt_qasm *q, const char *text, size_t length, const char *name,
                          size_t name_length);
/* Reads the next token of the current source into q->token. */
ketch_status kt_qasm_next(kt_qasm *q);
/* Goes past a token of this kind; SYNTAX where it is another. */
ketch_status kt_qasm_expect(kt_qasm *q, int kind, const char *expected);
/* The same for a name that the text may choose: not one of the language's words. */
ketch_status kt_qasm_expect_name(kt_qasm *q, kt_token *name, const char *expected);
/* The same for an integer; LITERAL where it has more than 64 bits. */
ketch_status kt_qasm_expect_integer(kt_qasm *q, uint64_t *value);
/* The value of an integer or real token. */
ketch_status kt_qasm_number(kt_qasm *q, const kt_token *token, double *value);

/* ---- names ---- */

/* NULL where it has no such name. */
const kt_name *kt_names_find(const kt_names *names, const char *text, size_t length);
/* Adds it or changes its number; false where memory is refused. */
bool kt_names_put(kt_names *names, const char *text, size_t length, int32_t number);
void kt_names_clear(kt_names *names);
/* "did you mean 'x'?" in the quote, or an empty one. */
kt_text kt_names_hint(const kt_names *names, const char *text, size_t length);
void kt_names_free(kt_names *names);

/* ---- expressions ---- */

/* Compiles the expression that begins with the current token, up to the first token that is no part
 * of it. Names are parameters of q->scope. */
ketch_status kt_qasm_compile(kt_qasm *q, kt_expr *expr);
ketch_status kt_qasm_evaluate(kt_qasm *q, const kt_expr *expr, const double *params,
                              double *result);

/* ---- gates ---- */

/* Reads `gate` or `opaque`, the word being the current token. */
ketch_status kt_qasm_define(kt_qasm *q);
/* Makes the gates of qelib1.inc known, at this include. */
ketch_status kt_qasm_include_gates(kt_qasm *q);
/* What the current token calls. */
ketch_status kt_qasm_callee(kt_qasm *q, kt_callee *callee);
/* ARITY where the call at place gives another number of parameters or qubits. */
ketch_status kt_qasm_check_arity(kt_qasm *q, const kt_callee *callee, kt_place place, size_t params,
                                 size_t qubits);
/* Counts `times` calls as operations before they are made; LIMIT where they are too many. */
ketch_status kt_qasm_charge(kt_qasm *q, int32_t number, uint64_t times, kt_place place);
/* Adds the gate to the circuit, expanding a definition; its parameters are the last of q->params,
 * and stay there. */
ketch_status kt_qasm_apply(kt_qasm *q, int32_t number, const uint8_t *qubits, size_t qubit_count,
                           size_t param_count);

#endif
