/* OpenQASM 2.0 (Cross, Bishop, Smolin, Gambetta, arXiv:1707.03429): the state of a parse, which the
 * files of this folder share. Each file calls only those below it:
 *
 *   parse.c         the public function: one statement after another, of the text and its includes
 *   statements.c    statements
 *   definitions.c   definitions of gates
 *   arguments.c     registers, and the qubits and bits that statements name
 *   calls.c         what a gate's name stands for; calls, expanded to operations of the circuit
 *   expressions.c   expressions, compiled to reverse Polish notation and evaluated
 *   code.h          bytes that bodies and expressions are compiled to
 *   tokens.c        bytes to tokens and numbers
 *   failures.c      texts of failures
 *   names.c         tables of names
 *
 * Nothing recurses: expressions, gate calls and includes have stacks of their own. A function that
 * returns a status has filled the caller's error where it is not OK. */
#ifndef KTQ_QASM_PARSER_H
#define KTQ_QASM_PARSER_H

#include "ket/circuit/circuit.h"
#include "ket/qasm/names.h"
#include "ketch/circuits.h"
#include "list.h"
#include <locale.h>
#include <stdbool.h>

enum {
    KTQ_QASM_NESTING = 256,     /* of parentheses, gates in gates, includes in includes */
    KTQ_QASM_INCLUDES = 4096,   /* in all */
    KTQ_QASM_WAITING = 1 << 16, /* operators of an expression whose right side is not there yet */
    KTQ_QASM_LIMIT = 100000000,
    KTQ_QASM_TEXT_LIMIT = 1 << 30
};

/* ---- texts and tokens ---- */

/* line and column from 1, column in bytes; source: index of the text, 0 the caller's. */
typedef struct ktq_place {
    int32_t line, column;
    uint32_t source;
} ktq_place;

/* A text that is being read, or that was. at: its next byte, from text on. opener: the source whose
 * include opened it. depth: of includes around it. */
typedef struct ktq_source {
    const char *text, *at, *end, *line_start;
    const char *name;
    size_t name_length;
    int32_t line, depth;
    uint32_t opener;
    bool has_statements; /* its first statement has been read */
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

/* Names that the language reserves. */
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

/* ---- gates ---- */

/* A gate that can be called. number: of the circuit's gate table or, where is_defined, of the
 * parser's definitions. */
typedef struct ktq_callee {
    bool is_defined;
    int32_t number;
} ktq_callee;

/* A gate that the text defines; its name is in gate_names. 32 bytes, since a text may have one in
 * every twelfth byte. body: where it begins in the parser's code. cost: how many operations a call
 * expands to, at least 1; UINT64_MAX where that overflows. It is known before anything expands.
 * source: the text that it is in. depth: of definitions that call definitions, 1 for one that calls
 * gates alone. */
typedef struct ktq_definition {
    size_t body;
    uint64_t cost;
    uint32_t source;
    int32_t param_count;
    uint16_t depth;
    uint8_t qubit_count;
    bool is_opaque;
} ktq_definition;

/* A call of a definition while it expands. */
typedef struct ktq_call_frame {
    int32_t definition;
    size_t next;        /* call of its body, in the parser's code */
    size_t first_param; /* in params */
    uint8_t qubits[KETCH_QUBITS_MAX];
} ktq_call_frame;

/* ---- registers ---- */

/* source: the text that it is declared in. */
typedef struct ktq_qasm_register {
    const char *name;
    size_t length;
    int32_t first, size;
    uint32_t source;
    bool is_classical;
} ktq_qasm_register;

/* What a statement is about: one qubit or bit, or a whole register. */
typedef struct ktq_argument {
    int32_t first, size;
    bool is_whole;
    ktq_place place;
} ktq_argument;

/* ---- the parser ---- */

typedef struct ktq_qasm {
    ketch_circuit *circuit;
    ketch_error *error;
    ketch_parse_options options;
    locale_t locale;     /* "C", for strtod */
    uint64_t operations; /* so far, counted before they are expanded */
    uint64_t text_bytes; /* of all sources opened */
    ktq_token token;     /* the next one, not yet used */
    uint32_t source;     /* the one being read */
    KT_LIST(ktq_source) sources;
    KT_LIST(char) scratch_text; /* a copy that ends with 0, for strtod and the resolver */

    ktq_names gate_names, register_names;
    ktq_names scope; /* parameters and qubits of the definition being read */
    KT_CHUNKS(ktq_qasm_register) registers;
    ktq_argument arguments[KETCH_QUBITS_MAX]; /* of the statement being read: as many as fit */
    size_t argument_count;

    KT_LIST(uint8_t) code; /* bodies of definitions, and the statement's expression: code.h */
    /* Operators that wait while an expression is compiled, values while one is evaluated. */
    KT_LIST(uint64_t) stack;
    uint64_t operator_at; /* offset in the source of the operator that the expression had last */

    KT_CHUNKS(ktq_definition) definitions;
    KT_LIST(double) params; /* of the statement's call, and of all frames above it */
    ktq_call_frame frames[KTQ_QASM_NESTING + 1];
    int32_t frame_count;
} ktq_qasm;

#endif
