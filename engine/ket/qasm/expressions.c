#define _GNU_SOURCE
#include "ket/qasm/expressions.h"
#include "ket/qasm/code.h"
#include "ket/qasm/failures.h"
#include "ket/qasm/tokens.h"
#include <assert.h>
#include <math.h>

/* Dijkstra's shunting yard: operands go to the code at once, operators wait on a stack until their
 * right side is there. Nesting costs list entries and no stack.
 *
 * The code of an expression is items, and RPN_END. An item is one of the bytes below and what follows
 * it: a real number; a whole number; the number of a parameter; for an operator, how far it is in the
 * source behind the one before it, or behind the source's begin; see fold_sign. */

enum {
    RPN_REAL,
    RPN_WHOLE,
    RPN_PARAMETER,
    RPN_ADD,
    RPN_SUBTRACT,
    RPN_MULTIPLY,
    RPN_DIVIDE,
    RPN_POWER,
    RPN_NEGATE,
    RPN_SIN,
    RPN_COS,
    RPN_TAN,
    RPN_EXP,
    RPN_LN,
    RPN_SQRT,
    RPN_PARENTHESIS, /* only on the stack */
    RPN_END          /* only in the code */
};

enum { OP_BITS = 8, WHOLE_LIMIT = 1 << 21 /* three bytes hold what is below */ };

/* precedence: higher binds tighter; 0 for functions and parentheses, which stay on the stack until
 * their closing parenthesis. */
static const struct {
    const char *name;
    int precedence;
    bool is_right_associative;
} rpn_forms[] = {
    [RPN_ADD] = {"a sum", 1, false},
    [RPN_SUBTRACT] = {"a difference", 1, false},
    [RPN_MULTIPLY] = {"a product", 2, false},
    [RPN_DIVIDE] = {"a quotient", 2, false},
    [RPN_NEGATE] = {"a negative", 3, true},
    [RPN_POWER] = {"a power", 4, true},
    [RPN_SIN] = {"sin", 0, false},
    [RPN_COS] = {"cos", 0, false},
    [RPN_TAN] = {"tan", 0, false},
    [RPN_EXP] = {"exp", 0, false},
    [RPN_LN] = {"ln", 0, false},
    [RPN_SQRT] = {"sqrt", 0, false},
    [RPN_PARENTHESIS] = {"", 0, false},
};

/* 0 where the token is no binary operator. */
static uint8_t binary_op(int kind)
{
    switch (kind) {
    case '+':
        return RPN_ADD;
    case '-':
        return RPN_SUBTRACT;
    case '*':
        return RPN_MULTIPLY;
    case '/':
        return RPN_DIVIDE;
    case '^':
        return RPN_POWER;
    default:
        return 0;
    }
}

/* 0 where the word is no function. */
static uint8_t function_op(ktq_word word)
{
    static const uint8_t ops[] = {
        [KTQ_WORD_SIN] = RPN_SIN, [KTQ_WORD_COS] = RPN_COS, [KTQ_WORD_TAN] = RPN_TAN,
        [KTQ_WORD_EXP] = RPN_EXP, [KTQ_WORD_LN] = RPN_LN,   [KTQ_WORD_SQRT] = RPN_SQRT,
    };
    return (size_t)word < sizeof ops / sizeof ops[0] ? ops[word] : 0;
}

/* ---- compiling ---- */

static ketch_status push_operator(ktq_qasm *q, uint8_t op)
{
    const uint64_t at = (uint64_t)(q->token.text - q->sources.items[q->source].text);
    if (q->stack.count >= KTQ_QASM_WAITING)
        return ktq_qasm_fail(q, KETCH_DEPTH, q->token.place,
                             kt_format("%zu", q->stack.count + 1).text,
                             kt_format("%d", KTQ_QASM_WAITING).text,
                             "powers of powers: operators that wait for their right side");
    KTQ_QASM_RESERVE(q, stack, 1);
    q->stack.items[q->stack.count++] = at << OP_BITS | op;
    return KETCH_OK;
}

static uint8_t op_of(uint64_t pushed)
{
    return (uint8_t)(pushed & ((1 << OP_BITS) - 1));
}

/* The operator on top of the stack; a parenthesis where the stack is empty. */
static uint8_t top_operator(const ktq_qasm *q)
{
    const size_t count = q->stack.count;
    return count ? op_of(q->stack.items[count - 1]) : RPN_PARENTHESIS;
}

/* 0, -1, 1, -2, ... as 0, 1, 2, 3, ... */
static uint64_t fold_sign(int64_t number)
{
    return number < 0 ? 2 * ~(uint64_t)number + 1 : 2 * (uint64_t)number;
}

static uint64_t unfold_sign(uint64_t folded)
{
    return folded & 1 ? ~(folded / 2) : folded / 2;
}

static ketch_status emit_top(ktq_qasm *q)
{
    const uint64_t top = q->stack.items[--q->stack.count], at = top >> OP_BITS;
    const int64_t distance = (int64_t)at - (int64_t)q->operator_at;
    q->operator_at = at;
    KT_TRY(ktq_code_put_byte(q, op_of(top)));
    return ktq_code_put_number(q, fold_sign(distance));
}

/* Emits the operators on the stack that take their right side before `op` does. */
static ketch_status emit_tighter(ktq_qasm *q, uint8_t op)
{
    const int precedence = rpn_forms[op].precedence;
    for (;;) {
        const int top = rpn_forms[top_operator(q)].precedence;
        if (top == 0 || top < precedence ||
            (top == precedence && rpn_forms[op].is_right_associative))
            return KETCH_OK;
        KT_TRY(emit_top(q));
    }
}

static ketch_status open_parenthesis(ktq_qasm *q, int *nesting)
{
    if (++*nesting > KTQ_QASM_NESTING)
        return ktq_qasm_fail(q, KETCH_DEPTH, q->token.place, kt_format("%d", *nesting).text,
                             kt_format("%d", KTQ_QASM_NESTING).text, "nested parentheses");
    KT_TRY(push_operator(q, RPN_PARENTHESIS));
    return ktq_qasm_read_token(q);
}

static bool is_function(uint8_t op)
{
    return op >= RPN_SIN && op <= RPN_SQRT;
}

static ketch_status close_parenthesis(ktq_qasm *q, int *nesting)
{
    while (top_operator(q) != RPN_PARENTHESIS)
        KT_TRY(emit_top(q));
    q->stack.count--;
    --*nesting;
    if (is_function(top_operator(q)))
        KT_TRY(emit_top(q));
    return ktq_qasm_read_token(q);
}

static ketch_status read_function(ktq_qasm *q, int *nesting)
{
    KT_TRY(push_operator(q, function_op(q->token.word)));
    KT_TRY(ktq_qasm_read_token(q));
    if (q->token.kind != '(')
        return ktq_qasm_fail_token(q, "'('", NULL);
    return open_parenthesis(q, nesting);
}

static ketch_status read_parameter(ktq_qasm *q)
{
    const ktq_token *token = &q->token;
    const ktq_name *name = ktq_names_find(&q->scope, token->text, token->length);
    if (!name || name->kind != KTQ_NAME_PARAMETER)
        return ktq_qasm_fail_token(q, "a number or a parameter",
                                   ktq_qasm_hint(&q->scope, token->text, token->length).text);
    KT_TRY(ktq_code_put_byte(q, RPN_PARAMETER));
    return ktq_code_put_number(q, name->number);
}

static ketch_status emit_value(ktq_qasm *q, double value)
{
    const bool is_whole = value >= 0 && value < WHOLE_LIMIT && value == (uint32_t)value;
    KT_TRY(ktq_code_put_byte(q, is_whole ? RPN_WHOLE : RPN_REAL));
    return is_whole ? ktq_code_put_number(q, (uint64_t)value) : ktq_code_put_real(q, value);
}

static ketch_status read_value(ktq_qasm *q)
{
    double value = M_PI;
    if (q->token.kind == KTQ_TOKEN_INTEGER || q->token.kind == KTQ_TOKEN_REAL) {
        KT_TRY(ktq_qasm_parse_number(q, &q->token, &value));
        KT_TRY(emit_value(q, value));
    } else if (q->token.word == KTQ_WORD_PI) {
        KT_TRY(emit_value(q, value));
    } else if (q->token.kind == KTQ_TOKEN_NAME && q->token.word == KTQ_WORD_NONE) {
        KT_TRY(read_parameter(q));
    } else {
        return ktq_qasm_fail_token(q, "a number", NULL);
    }
    return ktq_qasm_read_token(q);
}

/* Two negations cancel, so that a row of signs does not grow. */
static ketch_status read_sign(ktq_qasm *q)
{
    if (q->token.kind == '-' && top_operator(q) == RPN_NEGATE)
        q->stack.count--;
    else if (q->token.kind == '-')
        KT_TRY(push_operator(q, RPN_NEGATE));
    return ktq_qasm_read_token(q);
}

/* Signs, opening parentheses and functions, up to the value behind them. */
static ketch_status read_operand(ktq_qasm *q, int *nesting)
{
    for (;;) {
        if (q->token.kind == '+' || q->token.kind == '-')
            KT_TRY(read_sign(q));
        else if (q->token.kind == '(')
            KT_TRY(open_parenthesis(q, nesting));
        else if (function_op(q->token.word))
            KT_TRY(read_function(q, nesting));
        else
            return read_value(q);
    }
}

static ketch_status finish_expression(ktq_qasm *q, int nesting)
{
    while (q->stack.count > 0 && top_operator(q) != RPN_PARENTHESIS)
        KT_TRY(emit_top(q));
    if (nesting == 0)
        return KETCH_OK;
    const uint64_t at = q->stack.items[q->stack.count - 1] >> OP_BITS;
    const ktq_place open = ktq_qasm_place_at(q, q->source, q->sources.items[q->source].text + at);
    return ktq_qasm_fail_token(q, "')'",
                               kt_format("its '(' is at %d:%d", open.line, open.column).text);
}

ketch_status ktq_qasm_read_expression(ktq_qasm *q)
{
    int nesting = 0;
    assert(q->stack.count == 0);
    q->operator_at = 0;
    for (;;) {
        KT_TRY(read_operand(q, &nesting));
        while (q->token.kind == ')' && nesting > 0)
            KT_TRY(close_parenthesis(q, &nesting));
        const uint8_t op = binary_op(q->token.kind);
        if (op == 0)
            break;
        KT_TRY(emit_tighter(q, op));
        KT_TRY(push_operator(q, op));
        KT_TRY(ktq_qasm_read_token(q));
    }
    KT_TRY(finish_expression(q, nesting));
    return ktq_code_put_byte(q, RPN_END);
}

/* ---- evaluating ---- */

static double apply_op(uint8_t op, double left, double right)
{
    switch (op) {
    case RPN_ADD:
        return left + right;
    case RPN_SUBTRACT:
        return left - right;
    case RPN_MULTIPLY:
        return left * right;
    case RPN_DIVIDE:
        return left / right;
    case RPN_POWER:
        return pow(left, right);
    case RPN_NEGATE:
        return -right;
    case RPN_SIN:
        return sin(right);
    case RPN_COS:
        return cos(right);
    case RPN_TAN:
        return tan(right);
    case RPN_EXP:
        return exp(right);
    case RPN_LN:
        return log(right);
    default:
        assert(op == RPN_SQRT);
        return sqrt(right);
    }
}

static bool is_binary(uint8_t op)
{
    return op < RPN_NEGATE;
}

static ketch_status fail_value(ktq_qasm *q, uint8_t op, ktq_place place, double left, double right)
{
    const kt_text operands =
        is_binary(op) ? kt_format("%s and %s", kt_number(left).text, kt_number(right).text)
                      : kt_number(right);
    return ktq_qasm_fail(q, KETCH_NONFINITE, place, operands.text, "finite results",
                         "%s is not a finite number", rpn_forms[op].name);
}

static ketch_status push_value(ktq_qasm *q, double value)
{
    KTQ_QASM_RESERVE(q, stack, 1);
    memcpy(&q->stack.items[q->stack.count++], &value, sizeof value);
    return KETCH_OK;
}

static double pop_value(ktq_qasm *q)
{
    double value;
    memcpy(&value, &q->stack.items[--q->stack.count], sizeof value);
    return value;
}

/* Replaces the operands on the stack by the result. at: where the operator is in the source. */
static ketch_status evaluate_op(ktq_qasm *q, uint8_t op, uint32_t source, uint64_t at)
{
    const double right = pop_value(q);
    const double left = is_binary(op) ? pop_value(q) : 0;
    const double value = apply_op(op, left, right);
    if (isfinite(value))
        return push_value(q, value);
    const char *const text = q->sources.items[source].text;
    return fail_value(q, op, ktq_qasm_place_at(q, source, text + at), left, right);
}

ketch_status ktq_qasm_evaluate(ktq_qasm *q, const uint8_t **code, uint32_t source,
                               const double *params, double *result)
{
    assert(q->stack.count == 0);
    uint64_t operator_at = 0;
    for (;;) {
        const uint8_t op = *(*code)++;
        if (op == RPN_END)
            break;
        if (op == RPN_REAL)
            KT_TRY(push_value(q, ktq_code_take_real(code)));
        else if (op == RPN_WHOLE)
            KT_TRY(push_value(q, (double)ktq_code_take_number(code)));
        else if (op == RPN_PARAMETER)
            KT_TRY(push_value(q, params[ktq_code_take_number(code)]));
        else
            KT_TRY(
                evaluate_op(q, op, source, operator_at += unfold_sign(ktq_code_take_number(code))));
    }
    assert(q->stack.count == 1);
    *result = pop_value(q);
    return KETCH_OK;
}
