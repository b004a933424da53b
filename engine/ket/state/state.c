/* States: life, memory, access. */
#include "ket/state/state.h"

#include "ket/kernels/zero.h"
#include "ket/state/chunks.h"
#include "ket/state/norm.h"
#include "account.h"
#include "numbers.h"
#include "pages.h"
#include "status.h"

#include <assert.h>
#include <string.h>

#define STATE_MAGIC UINT64_C(0x6b74737461746531)

/* ---- checks ---- */

static ketch_status check_state(const ketch_state *state, const char *function, ketch_error *error)
{
    if (state && state->magic == STATE_MAGIC)
        return KETCH_OK;
    return kt_fail_handle(error, function, "state", "a state", state);
}

static ketch_status fail_busy_state(const char *function, ketch_error *error)
{
    return kt_fail(error, KETCH_BUSY, function, "state", NULL, NULL,
                   "a run works on the state: wait for its end or its next fence");
}

static ketch_status fail_held_state(const char *function, ketch_error *error)
{
    return kt_fail(error, KETCH_BUSY, function, "state", NULL, NULL,
                   "a run that has not ended holds the state: carry it to its end or destroy its "
                   "result");
}

static ketch_status fail_suspended(const ketch_state *state, const char *function,
                                   ketch_error *error)
{
    return kt_fail(error, KETCH_SUSPENDED, function, "state", NULL, NULL,
                   "the state is suspended between two fences, after %llu steps: resume its run, "
                   "set the state anew, or let runs stop at fences",
                   (unsigned long long)state->done);
}

ketch_status ktq_state_check_read(const ketch_state *state, const char *function,
                                  ketch_error *error)
{
    KT_TRY(check_state(state, function, error));
    if (state->mode == KTQ_STATE_RUNNING)
        return fail_busy_state(function, error);
    if (state->mode == KTQ_STATE_SUSPENDED)
        return fail_suspended(state, function, error);
    return KETCH_OK;
}

ketch_status ktq_precision_check(ketch_precision precision, const char *function,
                                 ketch_error *error)
{
    const int32_t number = (int32_t)precision;
    if (number >= KETCH_PRECISION_DEFAULT && number <= KETCH_SINGLE)
        return KETCH_OK;
    return kt_fail(error, KETCH_RANGE, function, "precision", kt_format("%d", number).text,
                   "0 (default), 1 (double) or 2 (single)", "no such precision");
}

static ketch_status check_shape(const ketch_arena *arena, int32_t qubits, ketch_precision precision,
                                const char *function, ketch_error *error)
{
    if (!arena || !kt_arena_alive(arena))
        return kt_fail_handle(error, function, "arena", "an arena", arena);
    if (qubits < 1 || qubits > KETCH_QUBITS_MAX)
        return kt_fail(
            error, KETCH_RANGE, function, "qubits", kt_format("%d", qubits).text,
            kt_format("1..%d", KETCH_QUBITS_MAX).text,
            "the number of qubits (more than %d have amplitudes that 64-bit sizes cannot "
            "count)",
            KETCH_QUBITS_MAX);
    return ktq_precision_check(precision, function, error);
}

/* ---- memory ---- */

/* Whether a block of `size` bytes takes more than `most`. */
static bool exceeds(uint64_t size, size_t most)
{
    return size > most || kt_pages_round((size_t)size) > most;
}

/* The largest number of qubits whose amplitudes fit in `allowed` bytes and in what is free. */
static int32_t qubits_within(uint64_t allowed, ketch_precision precision)
{
    const uint64_t left = kt_account_left(&kt_account_process, &kt_memory_system);
    const size_t most = (size_t)KT_MIN(KT_MIN(allowed, left), SIZE_MAX);
    int32_t qubits = KETCH_QUBITS_MAX;
    while (qubits > 0 && exceeds(ktq_amplitude_size(precision) << qubits, most))
        qubits--;
    return qubits;
}

static ketch_status fail_state_memory(const kt_refusal *refusal, const char *what, int32_t qubits,
                                      ketch_precision precision, const char *function,
                                      ketch_error *error)
{
    const kt_text text = kt_format("%s of %d qubits (the largest number of qubits that fits is %d)",
                                   what, qubits, qubits_within(refusal->allowed, precision));
    return kt_fail_memory(error, function, "qubits", text.text, refusal);
}

/* A new state without amplitudes. */
static ketch_status take_record(ketch_state **state, ketch_arena *arena, int32_t qubits,
                                ketch_precision precision, const char *function, ketch_error *error)
{
    kt_refusal refusal = {0};
    ketch_block *const record = kt_arena_take(arena, sizeof **state, "state", &refusal);
    if (!record)
        return fail_state_memory(&refusal, "a state", qubits, precision, function, error);
    kt_block_written(record);
    *state = kt_block_data(record);
    **state = (ketch_state){
        .magic = STATE_MAGIC,
        .references = 1,
        .qubits = qubits,
        .precision = precision == KETCH_SINGLE ? KETCH_SINGLE : KETCH_DOUBLE,
        .arena = arena,
        .record = record,
    };
    return KETCH_OK;
}

static void give_state(ketch_state *state)
{
    assert(state->references <= 1);
    ketch_block *const record = state->record;
    if (state->block)
        kt_block_drop(state->block);
    state->magic = 0;
    kt_block_drop(record);
}

ketch_status ktq_state_unshare(ketch_state *state, bool keep, const char *function,
                               ketch_error *error)
{
    if (!state->block || kt_block_references(state->block) == 1)
        return KETCH_OK;
    kt_refusal refusal = {0};
    ketch_block *const block =
        kt_arena_take(state->arena, ktq_state_size(state), "state", &refusal);
    if (!block)
        return fail_state_memory(&refusal, "a second copy (a view holds the first)", state->qubits,
                                 state->precision, function, error);
    if (keep) {
        assert(!state->is_basis);
        memcpy(kt_block_data(block), state->amplitudes, (size_t)ktq_state_size(state));
        kt_block_written(block);
    }
    kt_block_drop(state->block);
    state->block = block;
    state->amplitudes = kt_block_data(block);
    return KETCH_OK;
}

ketch_status ktq_state_check_own(const ketch_state *state, bool keep, const char *function,
                                 ketch_error *error)
{
    KT_TRY(check_state(state, function, error));
    if (state->mode == KTQ_STATE_RUNNING)
        return fail_busy_state(function, error);
    if (state->mode == KTQ_STATE_FENCE)
        return fail_held_state(function, error);
    if (state->mode == KTQ_STATE_SUSPENDED && keep)
        return fail_suspended(state, function, error);
    return KETCH_OK;
}

ketch_status ktq_state_own(ketch_state *state, bool keep, const char *function, ketch_error *error)
{
    KT_TRY(ktq_state_check_own(state, keep, function, error));
    KT_TRY(ktq_state_unshare(state, keep, function, error));
    state->mode = KTQ_STATE_READY;
    state->changes++;
    return KETCH_OK;
}

/* ---- basis states ---- */

static ketch_status zero_chunk(uint64_t chunk, int32_t worker, void *user)
{
    (void)worker;
    const ketch_state *const state = user;
    const uint64_t size = ktq_state_size(state) / ktq_chunk_count(state->qubits);
    ktq_zero((char *)state->amplitudes + chunk * size, size, ktq_state_exceeds_caches(state));
    ktq_non_temporal_end();
    return KETCH_OK;
}

void ktq_state_write_basis(ketch_state *state, ketch_engine *engine)
{
    if (!state->is_basis)
        return;
    assert(state->index < UINT64_C(1) << state->qubits);
    const bool zero = state->block && kt_block_zero(state->block);
    if (!zero)
        kt_engine_sweep(engine, ktq_chunk_count(state->qubits), zero_chunk, state);
    if (state->precision == KETCH_SINGLE)
        ((float *)state->amplitudes)[2 * state->index] = 1;
    else
        ((double *)state->amplitudes)[2 * state->index] = 1;
    if (state->block)
        kt_block_written(state->block);
    state->is_basis = false;
}

void ktq_state_make_readable(const ketch_state *state, ketch_engine *engine)
{
    if (state->is_basis)
        ktq_state_write_basis((ketch_state *)state, engine);
}

/* ---- public functions ---- */

ketch_status ktq_state_make(ketch_state **state, ketch_arena *arena, int32_t qubits,
                            ketch_precision precision, const char *function, ketch_error *error)
{
    ketch_state *made = NULL;
    KT_TRY(take_record(&made, arena, qubits, precision, function, error));
    kt_refusal refusal = {0};
    made->block = kt_arena_take(arena, ktq_state_size(made), "state", &refusal);
    if (!made->block) {
        give_state(made);
        return fail_state_memory(&refusal, "a state", qubits, precision, function, error);
    }
    made->amplitudes = kt_block_data(made->block);
    made->is_basis = true;
    *state = made;
    return KETCH_OK;
}

ketch_status ketch_state_create(ketch_state **state, ketch_arena *arena, int32_t qubits,
                                ketch_precision precision, ketch_error *error)
{
    if (!state)
        return kt_fail_handle(error, __func__, "state", "a place for the new state", NULL);
    *state = NULL;
    KT_TRY(check_shape(arena, qubits, precision, __func__, error));
    return ktq_state_make(state, arena, qubits, precision, __func__, error);
}

static ketch_status check_buffer(const void *buffer, uint64_t size, uint64_t needed,
                                 const char *function, ketch_error *error)
{
    const kt_text allowed = kt_format("%llu bytes, aligned to 16", (unsigned long long)needed);
    if (!buffer)
        return kt_fail(error, KETCH_BUFFER, function, "buffer", "NULL", allowed.text,
                       "no buffer for the amplitudes");
    if ((uintptr_t)buffer % 16)
        return kt_fail(error, KETCH_BUFFER, function, "buffer",
                       kt_format("an address %d bytes off", (int)((uintptr_t)buffer % 16)).text,
                       allowed.text, "the buffer is misaligned");
    if (size < needed)
        return kt_fail(error, KETCH_BUFFER, function, "size",
                       kt_format("%llu bytes", (unsigned long long)size).text, allowed.text,
                       "the buffer is too small");
    return KETCH_OK;
}

ketch_status ketch_state_adopt(ketch_state **state, ketch_arena *arena, int32_t qubits,
                               ketch_precision precision, void *buffer, uint64_t size,
                               ketch_error *error)
{
    if (!state)
        return kt_fail_handle(error, __func__, "state", "a place for the new state", NULL);
    *state = NULL;
    KT_TRY(check_shape(arena, qubits, precision, __func__, error));
    KT_TRY(check_buffer(buffer, size, ktq_amplitude_size(precision) << qubits, __func__, error));
    const ktq_chunks chunks = {buffer, qubits, precision};
    double norm;
    KT_TRY(ktq_norm_read(&norm, &chunks, "buffer", __func__, error));
    KT_TRY(ktq_norm_check(norm, "buffer", __func__, error));
    KT_TRY(take_record(state, arena, qubits, precision, __func__, error));
    (*state)->amplitudes = buffer;
    return KETCH_OK;
}

ketch_state *ketch_state_share(ketch_state *state)
{
    if (check_state(state, __func__, NULL) != KETCH_OK)
        return NULL;
    __atomic_add_fetch(&state->references, 1, __ATOMIC_RELAXED);
    return state;
}

void ketch_state_drop(ketch_state *state)
{
    if (check_state(state, __func__, NULL) != KETCH_OK)
        return;
    if (__atomic_sub_fetch(&state->references, 1, __ATOMIC_ACQ_REL) == 0)
        give_state(state);
}

int32_t ketch_state_qubits(const ketch_state *state)
{
    return check_state(state, __func__, NULL) == KETCH_OK ? state->qubits : 0;
}

ketch_precision ketch_state_precision(const ketch_state *state)
{
    return check_state(state, __func__, NULL) == KETCH_OK ? state->precision
                                                          : KETCH_PRECISION_DEFAULT;
}

ketch_status ketch_state_amplitudes(const void **amplitudes, const ketch_state *state,
                                    ketch_error *error)
{
    if (!amplitudes)
        return kt_fail_handle(error, __func__, "amplitudes", "a place for the address", NULL);
    *amplitudes = NULL;
    KT_TRY(ktq_state_check_read(state, __func__, error));
    ktq_state_make_readable(state, NULL);
    *amplitudes = state->amplitudes;
    return KETCH_OK;
}

ketch_status ketch_state_block(ketch_block **block, const ketch_state *state, ketch_error *error)
{
    if (!block)
        return kt_fail_handle(error, __func__, "block", "a place for the block", NULL);
    *block = NULL;
    KT_TRY(ktq_state_check_read(state, __func__, error));
    ktq_state_make_readable(state, NULL);
    if (state->block)
        *block = kt_block_share(state->block);
    return KETCH_OK;
}
