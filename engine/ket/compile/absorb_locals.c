/* The factors on one qubit each that come last in a dense pair can be moved into the successor on
 * that qubit, where this is dense too and so costs what it costs. They are chosen so that the pair
 * takes |00> to c |00> + s |11> with c and s real: the Schmidt form of its first column. */
#include "ket/compile/absorb_locals.h"

#include "bits.h"
#include "modulus.h"
#include "numbers.h"

#include <assert.h>
#include <complex.h>
#include <math.h>
#include <string.h>

/* Without controls, and with numbers that are known. */
static bool is_known_dense(const ktq_op *op)
{
    return op->kind == KTQ_DENSE && !op->control && !op->is_parametric;
}

static bool is_known_pair(const ktq_op *op)
{
    return is_known_dense(op) && op->count == 2;
}

/* successors[i][k]: the next operation after the pair i that touches its qubit k, or KT_NONE. */
static void find_successors(size_t (*successors)[2], const ktq_op_list *list)
{
    size_t next[64];
    for (int w = 0; w < 64; w++)
        next[w] = KT_NONE;
    for (size_t i = list->count; i-- > 0;) {
        const ktq_op *const op = &list->ops[i];
        successors[i][0] = successors[i][1] = KT_NONE;
        for (int32_t k = 0; k < 2 && is_known_pair(op); k++)
            successors[i][k] = next[op->qubits[k]];
        FOR_EACH_BIT(w, op->kind == KTQ_NOP ? 0 : op->moved | op->fixed)
            next[w] = i;
    }
}

/* Finds a unitary after which the two vectors x[0] and x[1], combined by its rows, are orthogonal,
 * and combines them: a one-sided Jacobi rotation (Hestenes, J. SIAM 6, 1958). */
static void make_orthogonal(double complex rotation[2][2], double complex x[2][2])
{
    const double first = kt_modulus_squared(x[0][0]) + kt_modulus_squared(x[0][1]);
    const double second = kt_modulus_squared(x[1][0]) + kt_modulus_squared(x[1][1]);
    const double complex both = conj(x[0][0]) * x[1][0] + conj(x[0][1]) * x[1][1];
    const double size = kt_modulus(both), zeta = size > 0 ? (second - first) / (2 * size) : 0;
    const double t = size > 0 ? copysign(1, zeta) / (fabs(zeta) + sqrt(1 + zeta * zeta)) : 0;
    const double c = 1 / sqrt(1 + t * t);
    const double complex s = size > 0 ? c * t * both / size : 0;
    rotation[0][0] = rotation[1][1] = c;
    rotation[0][1] = -conj(s);
    rotation[1][0] = s;
    for (int i = 0; i < 2; i++) {
        const double complex a = x[0][i], b = x[1][i];
        x[0][i] = c * a - conj(s) * b;
        x[1][i] = s * a + c * b;
    }
}

/* The unitary that takes two orthogonal vectors, not both 0, to multiples >= 0 of |0> and |1>. */
static void make_basis(double complex basis[2][2], double complex x[2][2])
{
    const double norms[] = {sqrt(kt_modulus_squared(x[0][0]) + kt_modulus_squared(x[0][1])),
                            sqrt(kt_modulus_squared(x[1][0]) + kt_modulus_squared(x[1][1]))};
    const int large = norms[1] > norms[0], small = !large;
    assert(!(norms[large] <= 0));
    const double complex u[2] = {x[large][0] / norms[large], x[large][1] / norms[large]};
    double complex other[2] = {-conj(u[1]), conj(u[0])};
    const double complex along = conj(other[0]) * x[small][0] + conj(other[1]) * x[small][1];
    const double size = kt_modulus(along);
    const double complex phase = size > 0 ? along / size : 1;
    for (int i = 0; i < 2; i++) {
        basis[large][i] = conj(u[i]);
        basis[small][i] = conj(phase * other[i]);
    }
}

/* Finds the unitaries on qubits 0 and 1 that, applied after the matrix, give it the form wanted. */
static void find_locals(double complex locals[2][2][2], const double complex m[16])
{
    double complex columns[2][2]; /* by qubit 0, of qubit 1 */
    for (int row = 0; row < 4; row++)
        columns[row & 1][row >> 1] = m[4 * row];
    make_orthogonal(locals[0], columns);
    make_basis(locals[1], columns);
}

/* Multiplies the matrix by the unitaries, and rounds its first column to the form. */
static void apply_locals(double complex m[16], double complex locals[2][2][2])
{
    double complex product[16] = {0};
    for (int to = 0; to < 4; to++)
        for (int from = 0; from < 4; from++)
            for (int column = 0; column < 4; column++)
                product[4 * to + column] += locals[0][to & 1][from & 1] *
                                            locals[1][to >> 1][from >> 1] * m[4 * from + column];
    product[4] = product[8] = 0;
    product[0] = creal(product[0]);
    product[12] = creal(product[12]);
    memcpy(m, product, sizeof product);
}

/* Multiplies an operation's matrix by the inverse of a unitary on one of its qubits, applied before
 * it. */
static void absorb_inverse(double complex *m, const ktq_op *op, uint8_t qubit,
                           double complex local[2][2])
{
    const size_t size = (size_t)1 << op->count;
    size_t bit = 1;
    assert(op->moved >> qubit & 1);
    for (int32_t k = 0; op->qubits[k] != qubit; k++)
        bit <<= 1;
    for (size_t at = 0; at < size * size; at++) {
        if (at & bit)
            continue;
        const double complex a = m[at], b = m[at | bit];
        m[at] = a * conj(local[0][0]) + b * conj(local[0][1]);
        m[at | bit] = a * conj(local[1][0]) + b * conj(local[1][1]);
    }
}

static double complex *matrix_of(const ktq_op_list *list, const ktq_op *op)
{
    return (double complex *)(void *)(list->data + op->data);
}

static void hand_over_locals(const ktq_op_list *list, const ktq_op *op, const size_t successors[2])
{
    double complex locals[2][2][2];
    double complex *const m = matrix_of(list, op);
    if (m[0] == 0 && m[4] == 0 && m[8] == 0 && m[12] == 0)
        return; /* not unitary, which a caller may allow */
    find_locals(locals, m);
    apply_locals(m, locals);
    for (int k = 0; k < 2; k++) {
        const ktq_op *const next = &list->ops[successors[k]];
        absorb_inverse(matrix_of(list, next), next, op->qubits[k], locals[k]);
    }
}

static bool can_absorb(const ktq_op_list *list, size_t successor)
{
    return successor != KT_NONE && is_known_dense(&list->ops[successor]);
}

bool ktq_absorb_locals(ktq_op_list *list)
{
    size_t(*const successors)[2] = kt_region_take(list->region, list->count * sizeof *successors);
    if (!successors)
        return false;
    find_successors(successors, list);
    for (size_t i = 0; i < list->count; i++)
        if (can_absorb(list, successors[i][0]) && can_absorb(list, successors[i][1]))
            hand_over_locals(list, &list->ops[i], successors[i]);
    return true;
}
