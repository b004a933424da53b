/* Setting a state from a ket or from amplitudes. */
#define _GNU_SOURCE
#include "ket/state/norm.h"
#include "ket/state/state.h"
#include "status.h"

#include <math.h>
#include <string.h>

static inline void write_part(void *amplitudes, ketch_precision precision, uint64_t part,
                              double value)
{
    if (precision == KETCH_SINGLE)
        ((float *)amplitudes)[part] = (float)value;
    else
        ((double *)amplitudes)[part] = value;
}

/* ---- kets ---- */

/* A product of |0>, |1>, |+>, |->: amplitudes are zero unless (index & fixed) == ones, and change
 * sign with each set bit of `minus`. */
typedef struct ket_masks {
    uint64_t fixed, ones, minus;
    int32_t superposed; /* qubits that are + or - */
} ket_masks;

static ketch_status read_ket(ket_masks *masks, const char *ket, int32_t qubits,
                             const char *function, ketch_error *error)
{
    *masks = (ket_masks){0, 0, 0, 0};
    for (int32_t i = 0; i < qubits; i++) {
        const uint64_t bit = UINT64_C(1) << (qubits - 1 - i);
        switch (ket[i]) {
        case '1':
            masks->ones |= bit; /* fall through */
        case '0':
            masks->fixed |= bit;
            break;
        case '-':
            masks->minus |= bit; /* fall through */
        case '+':
            masks->superposed++;
            break;
        default:
            return kt_fail(error, KETCH_SYNTAX, function, "ket", kt_character(ket[i]).text,
                           "0 1 + -", "character %d of the ket", i + 1);
        }
    }
    return KETCH_OK;
}

static ketch_status check_ket_length(const char *ket, int32_t qubits, const char *function,
                                     ketch_error *error)
{
    enum { MOST = 1000 };
    const size_t length = strnlen(ket, MOST);
    if (length == (size_t)qubits)
        return KETCH_OK;
    return kt_fail(error, KETCH_SHAPE, function, "ket",
                   kt_format("%zu%s", length, length == MOST ? " or more" : "").text,
                   kt_format("%d", qubits).text, "a ket has one character a qubit");
}

static void write_product(ketch_state *state, const ket_masks *masks)
{
    const double size = ldexp(masks->superposed % 2 ? sqrt(0.5) : 1, -(masks->superposed / 2));
    const uint64_t count = UINT64_C(1) << state->qubits;
    for (uint64_t i = 0; i < count; i++) {
        const double signed_size = __builtin_parityll(i & masks->minus) ? -size : size;
        const double re = (i & masks->fixed) == masks->ones ? signed_size : 0;
        write_part(state->amplitudes, state->precision, 2 * i, re);
        write_part(state->amplitudes, state->precision, 2 * i + 1, 0);
    }
    if (state->block)
        kt_block_written(state->block);
    state->is_basis = false;
}

/* An adopted buffer is written at once, as its owner may read it at any time. */
static void set_basis(ketch_state *state, uint64_t index)
{
    state->is_basis = true;
    state->index = index;
    if (!state->block)
        ktq_state_write_basis(state, NULL);
}

ketch_status ketch_state_set_ket(ketch_state *state, const char *ket, ketch_error *error)
{
    ket_masks masks = {0, 0, 0, 0};
    const int32_t qubits = ketch_state_qubits(state);
    if (qubits > 0 && ket) {
        KT_TRY(check_ket_length(ket, qubits, __func__, error));
        KT_TRY(read_ket(&masks, ket, qubits, __func__, error));
    }
    KT_TRY(ktq_state_own(state, false, __func__, error));
    if (masks.superposed)
        write_product(state, &masks);
    else
        set_basis(state, masks.ones);
    return KETCH_OK;
}

/* ---- amplitudes ---- */

static ketch_status check_amplitudes(const ketch_state *state, const void *amplitudes,
                                     uint64_t count, const char *function, ketch_error *error)
{
    const unsigned long long needed = 1ULL << state->qubits;
    if (!amplitudes)
        return kt_fail(error, KETCH_BUFFER, function, "amplitudes", "NULL",
                       kt_format("%llu amplitudes", needed).text, "no amplitudes");
    if (count == needed)
        return KETCH_OK;
    return kt_fail(error, KETCH_SHAPE, function, "count",
                   kt_format("%llu", (unsigned long long)count).text,
                   kt_format("%llu", needed).text, "a state of %d qubits has 2^%d amplitudes",
                   state->qubits, state->qubits);
}

/* Refuses an overlap in which an amplitude could be written before it is read: only the same
 * precision at the same address is safe. */
static ketch_status check_overlap(const ketch_state *state, const ktq_chunks *from,
                                  const char *function, ketch_error *error)
{
    const bool moves = state->block && kt_block_references(state->block) > 1;
    const uintptr_t to = (uintptr_t)state->amplitudes, at = (uintptr_t)from->amplitudes;
    const uint64_t size = ktq_amplitude_size(from->precision) << from->qubits;
    const bool apart = at + size <= to || to + ktq_state_size(state) <= at;
    if (moves || apart || (at == to && from->precision == state->precision))
        return KETCH_OK;
    return kt_fail(error, KETCH_BUFFER, function, "amplitudes", NULL, NULL,
                   "the amplitudes overlap the state's own memory");
}

static ketch_status check_normalisable(double norm, const char *function, ketch_error *error)
{
    if (norm > 0 && isfinite(1 / norm) && isfinite(norm))
        return KETCH_OK;
    return kt_fail(error, KETCH_NORM, function, "amplitudes", kt_number(norm).text,
                   "more than 0, and squares that do not overflow",
                   "amplitudes of this norm cannot be normalised");
}

static ketch_status check_source(double *scale, const ktq_chunks *from, int32_t normalise,
                                 const char *function, ketch_error *error)
{
    double norm;
    KT_TRY(ktq_norm_read(&norm, from, "amplitudes", function, error));
    KT_TRY(normalise ? check_normalisable(norm, function, error)
                     : ktq_norm_check(norm, "amplitudes", function, error));
    *scale = normalise ? 1 / norm : 1;
    return KETCH_OK;
}

static void write_amplitudes(ketch_state *state, const ktq_chunks *from, double scale)
{
    const uint64_t parts = UINT64_C(2) << state->qubits;
    for (uint64_t part = 0; part < parts; part++)
        write_part(state->amplitudes, state->precision, part,
                   ktq_part_read(from->amplitudes, from->precision, part) * scale);
    if (state->block)
        kt_block_written(state->block);
    state->is_basis = false;
}

ketch_status ketch_state_set_amplitudes(ketch_state *state, const void *amplitudes, uint64_t count,
                                        ketch_precision precision, int32_t normalise,
                                        ketch_error *error)
{
    if (ketch_state_qubits(state) == 0)
        return kt_fail_handle(error, __func__, "state", "a state", state);
    KT_TRY(ktq_precision_check(precision, __func__, error));
    KT_TRY(check_amplitudes(state, amplitudes, count, __func__, error));
    const ktq_chunks from = {amplitudes, state->qubits,
                             precision == KETCH_SINGLE ? KETCH_SINGLE : KETCH_DOUBLE};
    KT_TRY(check_overlap(state, &from, __func__, error));
    double scale;
    KT_TRY(check_source(&scale, &from, normalise, __func__, error));
    KT_TRY(ktq_state_own(state, false, __func__, error));
    write_amplitudes(state, &from, scale);
    return KETCH_OK;
}
