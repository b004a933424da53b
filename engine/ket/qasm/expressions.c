#define _GNU_SOURCE
#include "ket/qasm/expressions.h"
#include "ket/qasm/failures.h"
#include "ket/qasm/tokens.h"
#include <assert.h>
#include <math.h>

/* Dijkstra's shunting yard: operands go to the code at once, operators wait on a stack until their
 * right side is there. Nesting costs list entries and no stack. */

enum {
    RPN_NUMBER,
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
    RPN_PARENTHESIS /* only on the stack */
};

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
static uint16_t binary_op(int kind)
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
static uint16_t function_op(ktq_word word)
{
    static const uint16_t ops[] = {
        [KTQ_WORD_SIN] = RPN_SIN, [KTQ_WORD_COS] = RPN_COS, [KTQ_WORD_TAN] = RPN_TAN,
        [KTQ_WORD_EXP] = RPN_EXP, [KTQ_WORD_LN] = RPN_LN,   [KTQ_WORD_SQRT] = RPN_SQRT,
    };
    return (size_t)word < sizeof ops / sizeof ops[0] ? ops[word] : 0;
}

/* ---- compiling ---- */

static ketch_status emit(ktq_qasm *q, ktq_rpn item)
{
    KTQ_QASM_RESERVE(q, code, 1);
    q->code.items[q->code.count++] = item;
    return KETCH_OK;
}

static ketch_status push_operator(ktq_qasm *q, uint16_t op)
{
    KTQ_QASM_RESERVE(q, operators, 1);
    q->operators.items[q->operators.count++] = (ktq_rpn){.op = op, .place = q->token.place};
    return KETCH_OK;
}

/* The operator on top of the stack; a parenthesis where the stack is empty. */
static uint16_t top_operator(const ktq_qasm *q)
{
    const size_t count = q->operators.count;
    return count ? q->operators.items[count - 1].op : RPN_PARENTHESIS;
}

static ketch_status emit_top(ktq_qasm *q)
{
    return emit(q, q->operators.items[--q->operators.count]);
}

/* Emits the operators on the stack that take their right side before `op` does. */
static ketch_status emit_tighter(ktq_qasm *q, uint16_t op)
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

static bool is_function(uint16_t op)
{
    return op >= RPN_SIN && op <= RPN_SQRT;
}

static ketch_status close_parenthesis(ktq_qasm *q, int *nesting)
{
    while (top_operator(q) != RPN_PARENTHESIS)
        KT_TRY(emit_top(q));
    q->operators.count--;
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
    return emit(
        q,
        (ktq_rpn){.op = RPN_PARAMETER, .parameter = (uint32_t)name->number, .place = token->place});
}

static ketch_status read_value(ktq_qasm *q)
{
    ktq_rpn item = {.op = RPN_NUMBER, .value = M_PI, .place = q->token.place};
    if (q->token.kind == KTQ_TOKEN_INTEGER || q->token.kind == KTQ_TOKEN_REAL) {
        KT_TRY(ktq_qasm_parse_number(q, &q->token, &item.value));
        KT_TRY(emit(q, item));
    } else if (q->token.word == KTQ_WORD_PI) {
        KT_TRY(emit(q, item));
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
        q->operators.count--;
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
    while (q->operators.count > 0 && top_operator(q) != RPN_PARENTHESIS)
        KT_TRY(emit_top(q));
    if (nesting == 0)
        return KETCH_OK;
    const ktq_place open = q->operators.items[q->operators.count - 1].place;
    return ktq_qasm_fail_token(q, "')'",
                               kt_format("its '(' is at %d:%d", open.line, open.column).text);
}

ketch_status ktq_qasm_read_expression(ktq_qasm *q, ktq_expression *expression)
{
    int nesting = 0;
    assert(q->operators.count == 0);
    expression->first = q->code.count;
    for (;;) {
        KT_TRY(read_operand(q, &nesting));
        while (q->token.kind == ')' && nesting > 0)
            KT_TRY(close_parenthesis(q, &nesting));
        const uint16_t op = binary_op(q->token.kind);
        if (op == 0)
            break;
        KT_TRY(emit_tighter(q, op));
        KT_TRY(push_operator(q, op));
        KT_TRY(ktq_qasm_read_token(q));
    }
    KT_TRY(finish_expression(q, nesting));
    expression->count = q->code.count - expression->first;
    return KETCH_OK;
}

/* ---- evaluating ---- */

static double apply_op(uint16_t op, double left, double right)
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

static bool is_binary(uint16_t op)
{
    return op < RPN_NEGATE;
}

static ketch_status fail_value(ktq_qasm *q, const ktq_rpn *item, double left, double right)
{
    const kt_text operands =
        is_binary(item->op) ? kt_format("%s and %s", kt_number(left).text, kt_number(right).text)
                            : kt_number(right);
    return ktq_qasm_fail(q, KETCH_NONFINITE, item->place, operands.text, "finite results",
                         "%s is not a finite number", rpn_forms[item->op].name);
}

ketch_status ktq_qasm_evaluate(ktq_qasm *q, const ktq_expression *expression, const double *params,
                               double *result)
{
    KTQ_QASM_RESERVE(q, values, expression->count);
    double *top = q->values.items; /* one past the last value */
    for (size_t i = 0; i < expression->count; i++) {
        const ktq_rpn *item = &q->code.items[expression->first + i];
        if (item->op == RPN_NUMBER) {
            *top++ = item->value;
        } else if (item->op == RPN_PARAMETER) {
            *top++ = params[item->parameter];
        } else {
            const double right = *--top;
            const double left = is_binary(item->op) ? *--top : 0;
            *top = apply_op(item->op, left, right);
            if (!isfinite(*top))
                return fail_value(q, item, left, right);
            top++;
        }
    }
    assert(top == q->values.items + 1);
    *result = q->values.items[0];
    return KETCH_OK;
}
