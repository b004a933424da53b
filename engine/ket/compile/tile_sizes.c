/* How large tiles and sub-tiles are: of a few shapes that caches hold, the one in which the head of
 * the circuit is estimated to take least time. */
#include "ket/compile/cost.h"
#include "ket/compile/program.h"

#include "heap.h"

/* TRIAL_GATES: so many are planned in each shape. LONG: with more than so many there are no trials,
 * but sub-tiles, whose tables of factors are small. */
enum { RUN_DEFAULT = 4, TRIAL_GATES = 1000, TRIALS_MAX = 2, LONG = 5000 };

static int32_t smaller_of(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* log2 of the amplitudes in so many bytes. */
static int32_t bits_in(int32_t bytes_log, ketch_precision precision)
{
    return bytes_log - (precision == KETCH_SINGLE ? 3 : 4);
}

/* A whole tile where a sub-tile could not hold the widest dense gate. */
static ktq_shape shape_of(int32_t qubits, int32_t tile_bits, int32_t run_bits, int32_t subtile_bits)
{
    ktq_shape shape = {.qubits = qubits, .tile_bits = smaller_of(qubits, tile_bits)};
    shape.run_bits = shape.tile_bits == qubits
                         ? qubits
                         : smaller_of(shape.tile_bits - KETCH_UNITARY_QUBITS_MAX, run_bits);
    shape.subtile_bits = subtile_bits < KETCH_UNITARY_QUBITS_MAX
                             ? shape.tile_bits
                             : smaller_of(subtile_bits, shape.tile_bits);
    return shape;
}

/* What the caller leaves open of a shape that he began to choose. */
static ktq_shape given_shape(int32_t qubits, const ketch_program_options *options)
{
    const int32_t usual = bits_in(KTQ_L2_BYTES_LOG, options->precision);
    const int32_t small = bits_in(KTQ_L1_BYTES_LOG, options->precision);
    const int32_t tile = options->tile_bits ? options->tile_bits : usual;
    return shape_of(qubits, tile, options->run_bits ? options->run_bits : RUN_DEFAULT,
                    options->tile_bits ? smaller_of(small, tile - 2) : small);
}

/* Tiles of 256 KiB for any machine; of 512 KiB and 1 MiB for a kernel set whose machines have a
 * second-level cache of 1 MiB or more, where there are enough of them for many threads. With
 * sub-tiles and without; where a state is one tile such a cache is as fast without. */
static int list_shapes(ktq_shape shapes[TRIALS_MAX], const ketch_program *program)
{
    const int32_t usual = bits_in(KTQ_L2_BYTES_LOG, program->precision);
    const int32_t small = bits_in(KTQ_L1_BYTES_LOG, program->precision);
    const int32_t n = program->qubits;
    int count = 0;
    const bool large = program->kernels->id == KETCH_KERNELS_AVX512;
    if (large && n >= usual + 6) {
        shapes[count++] = shape_of(n, usual + 2, RUN_DEFAULT, small);
        shapes[count++] = shape_of(n, usual + 1, RUN_DEFAULT, usual + 1);
        return count;
    }
    if (large && n <= usual) {
        shapes[count++] = shape_of(n, usual, RUN_DEFAULT, usual);
        return count;
    }
    shapes[count++] = shape_of(n, usual, RUN_DEFAULT, small);
    if (n >= usual + 4)
        shapes[count++] = shape_of(n, usual, RUN_DEFAULT, usual);
    return count;
}

static bool try_shape(double *cost, const ketch_program *like, const ktq_shape *shape,
                      const ketch_circuit *circuit, uint64_t fence_every)
{
    ketch_program *const trial = kt_heap_take(sizeof *trial);
    if (!trial)
        return false;
    *trial = *like;
    trial->shape = *shape;
    const bool good = ktq_book_create(&trial->book, circuit) &&
                      ktq_segments_try(trial, circuit, fence_every, TRIAL_GATES);
    *cost = ktq_program_cost(trial) + ktq_program_plan_cost(trial);
    ktq_program_free(trial);
    return good;
}

bool ktq_shape_choose(ketch_program *program, const ketch_circuit *circuit,
                      const ketch_program_options *options)
{
    program->shape = given_shape(program->qubits, options);
    if (options->tile_bits || options->run_bits || program->plain || program->is_small)
        return true;
    ktq_shape shapes[TRIALS_MAX];
    const int count = list_shapes(shapes, program);
    double least = 0;
    program->shape = shapes[0];
    const bool tries = count > 1 && circuit->gate_list.count <= LONG;
    for (int i = 0; i < count && tries; i++) {
        double cost = 0;
        if (!try_shape(&cost, program, &shapes[i], circuit, options->fence_every))
            return false;
        if (i == 0 || cost < least) {
            least = cost;
            program->shape = shapes[i];
        }
    }
    return true;
}
