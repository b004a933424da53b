#define _GNU_SOURCE
#include "ket/qasm/parser.h"
#include "status.h"
#include <assert.h>
#include <math.h>

/* Expressions go through Dijkstra's shunting yard to reverse Polish, so that nesting costs list
 * entries and no stack. */

enum {
    RPN_NUMBER,
    RPN_PARAM,
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
    RPN_PARENTHESIS /* only while compiling */
};

/* binding: of operators, tighter is higher; 0 for what no operator may take off the pending ones.
 * right: groups from the right. */
static const struct {
    const char *name;
    int binding;
    bool right;
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

/* ---- compiling ---- */

static ketch_status put_code(ktq_qasm *q, ktq_rpn item)
{
    KTQ_QASM_ROOM(q, code, code_list, 1);
    q->code[q->code_list.count++] = item;
    return KETCH_OK;
}

static ketch_status put_pending(ktq_qasm *q, uint16_t op)
{
    KTQ_QASM_ROOM(q, pending, pending_list, 1);
    q->pending[q->pending_list.count++] = (ktq_rpn){.op = op, .place = q->token.place};
    return KETCH_OK;
}

/* The last operator that waits for its right side; a parenthesis where none does. */
static uint16_t last_pending(const ktq_qasm *q)
{
    const size_t count = q->pending_list.count;
    return count ? q->pending[count - 1].op : RPN_PARENTHESIS;
}

static ketch_status settle_pending(ktq_qasm *q)
{
    return put_code(q, q->pending[--q->pending_list.count]);
}

/* Settles the operators that bind their left side before `op` does. */
static ketch_status settle_before(ktq_qasm *q, uint16_t op)
{
    const int binding = rpn_forms[op].binding;
    for (;;) {
        const int waiting = rpn_forms[last_pending(q)].binding;
        if (waiting == 0 || waiting < binding || (waiting == binding && rpn_forms[op].right))
            return KETCH_OK;
        KT_TRY(settle_pending(q));
    }
}

static ketch_status open_parenthesis(ktq_qasm *q, int *nesting)
{
    if (++*nesting > KTQ_QASM_NESTING)
        return ktq_qasm_fail(q, KETCH_DEPTH, q->token.place, kt_format("%d", *nesting).text,
                             kt_format("%d", KTQ_QASM_NESTING).text, "nested parentheses");
    KT_TRY(put_pending(q, RPN_PARENTHESIS));
    return ktq_qasm_next(q);
}

static ketch_status close_parenthesis(ktq_qasm *q, int *nesting)
{
    while (last_pending(q) != RPN_PARENTHESIS)
        KT_TRY(settle_pending(q));
    q->pending_list.count--;
    --*nesting;
    if (last_pending(q) >= RPN_SIN && last_pending(q) <= RPN_SQRT)
        KT_TRY(settle_pending(q));
    return ktq_qasm_next(q);
}

static ketch_status read_function(ktq_qasm *q, int *nesting)
{
    KT_TRY(put_pending(q, (uint16_t)(q->token.word - KTQ_WORD_SIN + RPN_SIN)));
    KT_TRY(ktq_qasm_next(q));
    if (q->token.kind != '(')
        return ktq_qasm_fail_token(q, "'('", NULL);
    return open_parenthesis(q, nesting);
}

static ketch_status read_param(ktq_qasm *q)
{
    const ktq_token *token = &q->token;
    const ktq_name *name = ktq_names_find(&q->scope, token->text, token->length);
    if (!name || name->number < 0)
        return ktq_qasm_fail_token(q, "a number or a parameter",
                                   ktq_names_hint(&q->scope, token->text, token->length).text);
    return put_code(
        q, (ktq_rpn){.op = RPN_PARAM, .param = (uint32_t)name->number, .place = token->place});
}

static ketch_status read_value(ktq_qasm *q)
{
    ktq_rpn item = {.op = RPN_NUMBER, .value = M_PI, .place = q->token.place};
    if (q->token.kind == KTQ_TOKEN_INTEGER || q->token.kind == KTQ_TOKEN_REAL) {
        KT_TRY(ktq_qasm_number(q, &q->token, &item.value));
        KT_TRY(put_code(q, item));
    } else if (q->token.word == KTQ_WORD_PI) {
        KT_TRY(put_code(q, item));
    } else if (q->token.kind == KTQ_TOKEN_NAME && q->token.word == KTQ_WORD_NONE) {
        KT_TRY(read_param(q));
    } else {
        return ktq_qasm_fail_token(q, "a number", NULL);
    }
    return ktq_qasm_next(q);
}

/* Two signs cancel, so that a row of them does not grow. */
static ketch_status read_sign(ktq_qasm *q)
{
    if (q->token.kind == '-' && last_pending(q) == RPN_NEGATE)
        q->pending_list.count--;
    else if (q->token.kind == '-')
        KT_TRY(put_pending(q, RPN_NEGATE));
    return ktq_qasm_next(q);
}

/* Signs, opening parentheses and functions, and the value they end in. */
static ketch_status read_operand(ktq_qasm *q, int *nesting)
{
    for (;;) {
        if (q->token.kind == '+' || q->token.kind == '-')
            KT_TRY(read_sign(q));
        else if (q->token.kind == '(')
            KT_TRY(open_parenthesis(q, nesting));
        else if (q->token.word >= KTQ_WORD_SIN)
            KT_TRY(read_function(q, nesting));
        else
            return read_value(q);
    }
}

static ketch_status finish_expression(ktq_qasm *q, int nesting)
{
    while (q->pending_list.count > 0 && last_pending(q) != RPN_PARENTHESIS)
        KT_TRY(settle_pending(q));
    if (nesting == 0)
        return KETCH_OK;
    const ktq_place open = q->pending[q->pending_list.count - 1].place;
    return ktq_qasm_fail_token(q, "')'",
                               kt_format("its '(' is at %d:%d", open.line, open.column).text);
}

ketch_status ktq_qasm_compile(ktq_qasm *q, ktq_expr *expr)
{
    int nesting = 0;
    assert(q->pending_list.count == 0);
    expr->first = q->code_list.count;
    for (;;) {
        KT_TRY(read_operand(q, &nesting));
        while (q->token.kind == ')' && nesting > 0)
            KT_TRY(close_parenthesis(q, &nesting));
        const uint16_t op = binary_op(q->token.kind);
        if (op == 0)
            break;
        KT_TRY(settle_before(q, op));
        KT_TRY(put_pending(q, op));
        KT_TRY(ktq_qasm_next(q));
    }
    KT_TRY(finish_expression(q, nesting));
    expr->count = q->code_list.count - expr->first;
    return KETCH_OK;
}

/* ---- evaluating ---- */

static double apply_rpn(uint16_t op, double left, double right)
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

static ketch_status fail_value(ktq_qasm *q, const ktq_rpn *item, double left, double right)
{
    const bool binary = item->op < RPN_NEGATE;
    const kt_text of = binary ? kt_format("%s and %s", kt_number(left).text, kt_number(right).text)
                              : kt_number(right);
    return ktq_qasm_fail(q, KETCH_NONFINITE, item->place, of.text, "finite results",
                         "%s is not a finite number", rpn_forms[item->op].name);
}

ketch_status ktq_qasm_evaluate(ktq_qasm *q, const ktq_expr *expr, const double *params,
                               double *result)
{
    KTQ_QASM_ROOM(q, values, value_list, expr->count);
    double *top = q->values; /* one past the last value */
    for (size_t i = 0; i < expr->count; i++) {
        const ktq_rpn *item = &q->code[expr->first + i];
        if (item->op == RPN_NUMBER) {
            *top++ = item->value;
        } else if (item->op == RPN_PARAM) {
            *top++ = params[item->param];
        } else {
            const double right = *--top;
            const double left = item->op < RPN_NEGATE ? *--top : 0;
            *top = apply_rpn(item->op, left, right);
            if (!isfinite(*top))
                return fail_value(q, item, left, right);
            top++;
        }
    }
    assert(top == q->values + 1);
    *result = q->values[0];
    return KETCH_OK;
}
