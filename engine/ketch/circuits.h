/* Quantum circuits on state vectors.
 *
 * Conventions: qubit 0 is the lowest bit of an amplitude's index and the rightmost character of a
 * ket or bit string. Gate matrices and global phases are Qiskit's. Angles are radians.
 *
 * The nouns ketch_circuit, ketch_gate, ketch_program, ketch_state and ketch_observable belong to
 * this workload. */
#ifndef KETCH_CIRCUITS_H
#define KETCH_CIRCUITS_H

#include "ketch/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ketch declarations begin: no preprocessor lines up to the end mark, so that Python's CFFI reads
 * the same text */

/* ---- status ---- */

enum {
    /* No such gate. */
    KETCH_GATE = -100,
    /* A matrix that is not unitary. */
    KETCH_UNITARY = -101,
    /* Amplitudes that are not a state. */
    KETCH_NORM = -102
};

/* ---- gates ---- */

typedef enum ketch_gate {
    KETCH_GATE_ID = 0,
    KETCH_GATE_X,
    KETCH_GATE_Y,
    KETCH_GATE_Z,
    KETCH_GATE_H,
    KETCH_GATE_S,
    KETCH_GATE_SDG,
    KETCH_GATE_T,
    KETCH_GATE_TDG,
    KETCH_GATE_SX,
    KETCH_GATE_SXDG,
    KETCH_GATE_U0,
    KETCH_GATE_U1,
    KETCH_GATE_U2,
    KETCH_GATE_U3,
    KETCH_GATE_U,
    KETCH_GATE_P,
    KETCH_GATE_RX,
    KETCH_GATE_RY,
    KETCH_GATE_RZ,
    KETCH_GATE_CX,
    KETCH_GATE_CY,
    KETCH_GATE_CZ,
    KETCH_GATE_CH,
    KETCH_GATE_CS,
    KETCH_GATE_CSDG,
    KETCH_GATE_CSX,
    KETCH_GATE_CRX,
    KETCH_GATE_CRY,
    KETCH_GATE_CRZ,
    KETCH_GATE_CU1,
    KETCH_GATE_CP,
    KETCH_GATE_CU3,
    KETCH_GATE_CU,
    KETCH_GATE_SWAP,
    KETCH_GATE_CSWAP,
    KETCH_GATE_ISWAP,
    KETCH_GATE_CCX,
    KETCH_GATE_CCZ,
    KETCH_GATE_RCCX,
    KETCH_GATE_RC3X,
    KETCH_GATE_C3X,
    KETCH_GATE_C3SQRTX,
    KETCH_GATE_C4X,
    KETCH_GATE_RXX,
    KETCH_GATE_RYY,
    KETCH_GATE_RZZ,
    KETCH_GATE_RZX,
    KETCH_GATE_ECR,
    /* e^(i angle) on the whole state; with further controls, a phase of what they act on. */
    KETCH_GATE_GPHASE,
    /* A dense matrix: ketch_circuit_unitary. */
    KETCH_GATE_UNITARY,
    /* ketch_circuit_diagonal. */
    KETCH_GATE_DIAGONAL,
    /* ketch_circuit_permutation. */
    KETCH_GATE_PERMUTATION,
    /* ketch_circuit_multiplexer. */
    KETCH_GATE_MULTIPLEXER,
    /* ketch_circuit_pauli_rotation. */
    KETCH_GATE_PAULI_ROTATION,
    KETCH_GATE_MEASURE,
    KETCH_GATE_RESET,
    KETCH_GATE_BARRIER,
    KETCH_GATE_FENCE,
    KETCH_GATES
} ketch_gate;

enum {
    /* 2^58 amplitudes of 16 bytes are 2^62 bytes: the width of an index. */
    KETCH_QUBITS_MAX = 58,
    /* Classical bits of a circuit. */
    KETCH_BITS_MAX = 1048576,
    KETCH_PARAMETERS_MAX = 1048576,
    KETCH_UNITARY_QUBITS_MAX = 6,
    KETCH_DIAGONAL_QUBITS_MAX = 10,
    KETCH_PERMUTATION_QUBITS_MAX = 10,
    /* Selecting qubits of a multiplexer. */
    KETCH_SELECTS_MAX = 9
};

/* The gate's name, as in OpenQASM 2; "?" for a number that is no gate. The text is static. Any
 * thread. */
KETCH_API const char *ketch_gate_name(ketch_gate gate);
/* The gate of that name; -1: there is no such gate. Any thread. */
KETCH_API int32_t ketch_gate_find(const char *name);
/* The number of qubits that the gate takes, its own controls included, which come first; -1: any
 * number, or there is no such gate. Any thread. */
KETCH_API int32_t ketch_gate_qubits(ketch_gate gate);
/* The number of angles that the gate takes; -1: there is no such gate. Any thread. */
KETCH_API int32_t ketch_gate_params(ketch_gate gate);

/* ---- circuits ---- */

/* Gates in source order. A circuit is built by one thread. ketch_program_create copies what it
 * needs, so the circuit may be changed or destroyed afterwards. A circuit takes no memory of an
 * arena.
 *
 * A function that adds something leaves the circuit as it was when it fails. The statuses of all of
 * them: GATE, no such gate; INDEX, no such qubit, bit or parameter; DUPLICATE, a qubit twice in one
 * gate; NONFINITE, an angle or number that is not finite; RANGE, a count or value outside its
 * limits; MEMORY. */
typedef struct ketch_circuit ketch_circuit;

/* Makes an empty circuit on 1..KETCH_QUBITS_MAX qubits, which the caller owns. If bits > 0, that
 * many classical bits form one register "c"; more registers can be added. RANGE, MEMORY. */
KETCH_API ketch_status ketch_circuit_create(ketch_circuit **circuit, int32_t qubits, int32_t bits,
                                            ketch_error *error);
/* Makes a copy, parameters included, which the caller owns. MEMORY. Cost: linear in the gates. */
KETCH_API ketch_status ketch_circuit_copy(ketch_circuit **copy, const ketch_circuit *circuit,
                                          ketch_error *error);
/* Ends the circuit. Programs that were made of it are not affected. */
KETCH_API void ketch_circuit_destroy(ketch_circuit *circuit);
/* Adds a register of size classical bits, numbered on from those that exist. DUPLICATE: there is a
 * register of that name. */
KETCH_API ketch_status ketch_circuit_add_register(ketch_circuit *circuit, const char *name,
                                                  int32_t size, ketch_error *error);
/* Names the next `size` qubits that are in no register, from qubit 0 on. Names of qubits change
 * nothing but texts and pictures. DUPLICATE: there is a register of qubits of that name. */
KETCH_API ketch_status ketch_circuit_name_qubits(ketch_circuit *circuit, const char *name,
                                                 int32_t size, ketch_error *error);

/* Adds a gate. qubits has as many entries as ketch_gate_qubits says, controls first; params has as
 * many angles, in radians, as ketch_gate_params says. */
KETCH_API ketch_status ketch_circuit_gate(ketch_circuit *circuit, ketch_gate gate,
                                          const int32_t *qubits, const double *params,
                                          ketch_error *error);
/* Adds count gates in one call: all of them or, after a failure, none. The qubits and params of all
 * gates stand one after the other. The error gives the number of the gate that was refused. ARITY:
 * qubit_count or param_count is not what the gates take together. */
KETCH_API ketch_status ketch_circuit_gates(ketch_circuit *circuit, uint64_t count,
                                           const int32_t *gates, const int32_t *qubits,
                                           uint64_t qubit_count, const double *params,
                                           uint64_t param_count, ketch_error *error);
/* Adds a gate with further controls: the gate acts where control i has the value values[i], 0 or 1;
 * NULL: all 1. */
KETCH_API ketch_status ketch_circuit_controlled(ketch_circuit *circuit, ketch_gate gate,
                                                const int32_t *qubits, const double *params,
                                                int32_t control_count, const int32_t *controls,
                                                const uint8_t *values, ketch_error *error);

/* factor * parameter: a further term of an angle. */
typedef struct ketch_term {
    int32_t parameter;
    double factor;
} ketch_term;

/* The angle factor * parameter + offset, in radians; parameter -1: offset alone. A parameter is a
 * number that the circuit leaves open. Its program is planned once and then bound to values, as
 * often as wanted: ketch_program_bind.
 *
 * terms: further terms of the sum, term_count of them, which are added in order; each has a
 * parameter, and one parameter may be in several. */
typedef struct ketch_angle {
    int32_t parameter;
    double factor;
    double offset;
    const ketch_term *terms;
    uint64_t term_count;
} ketch_angle;

/* Adds count parameters, numbered on from those that exist. */
KETCH_API ketch_status ketch_circuit_add_parameters(ketch_circuit *circuit, int32_t count,
                                                    ketch_error *error);
/* The number of the circuit's parameters; 0 for NULL. */
KETCH_API int32_t ketch_circuit_parameters(const ketch_circuit *circuit);
/* Adds a gate as ketch_circuit_controlled does, with angles that may depend on parameters: as many
 * as ketch_gate_params says. Their terms are copied; they must not belong to this circuit. INDEX:
 * no such parameter. RANGE: more than KETCH_PARAMETERS_MAX terms in an angle. */
KETCH_API ketch_status ketch_circuit_parametric(ketch_circuit *circuit, ketch_gate gate,
                                                const int32_t *qubits, const ketch_angle *angles,
                                                int32_t control_count, const int32_t *controls,
                                                const uint8_t *values, ketch_error *error);
/* Makes a copy in which parameter i has the value values[i]; the caller owns it. ARITY: count is
 * not the circuit's number of parameters. NONFINITE: a value, or an angle computed from it, is not
 * finite. MEMORY. */
KETCH_API ketch_status ketch_circuit_bind(ketch_circuit **bound, const ketch_circuit *circuit,
                                          const double *values, uint64_t count, ketch_error *error);

/* Adds a dense matrix on k = 1..KETCH_UNITARY_QUBITS_MAX qubits, with controls as in
 * ketch_circuit_controlled: 2^k x 2^k complex numbers as pairs re, im, row by row; qubits[0] is the
 * lowest bit of row and column. The matrix is copied. UNITARY: |M M^dagger - 1| has an entry above
 * tolerance (0: 1e-10). */
KETCH_API ketch_status ketch_circuit_unitary(ketch_circuit *circuit, int32_t qubit_count,
                                             const int32_t *qubits, const double *matrix,
                                             double tolerance, int32_t control_count,
                                             const int32_t *controls, const uint8_t *values,
                                             ketch_error *error);
/* Adds a diagonal matrix on k = 1..KETCH_DIAGONAL_QUBITS_MAX qubits, with controls as above: 2^k
 * complex numbers, which are copied. UNITARY: a modulus differs from 1 by more than tolerance (0:
 * 1e-10). */
KETCH_API ketch_status ketch_circuit_diagonal(ketch_circuit *circuit, int32_t qubit_count,
                                              const int32_t *qubits, const double *diagonal,
                                              double tolerance, int32_t control_count,
                                              const int32_t *controls, const uint8_t *values,
                                              ketch_error *error);
/* Adds a permutation of the basis states of k = 1..KETCH_PERMUTATION_QUBITS_MAX qubits, with
 * controls as above: basis state i goes to table[i], where qubits[0] is the lowest bit of both. The
 * table has 2^k entries, which are copied. RANGE: it is no permutation. It is carried out exactly,
 * as at most 2^(k + 2) bit flips under controls (Miller, Maslov, Dueck, DAC 2003). */
KETCH_API ketch_status ketch_circuit_permutation(ketch_circuit *circuit, int32_t qubit_count,
                                                 const int32_t *qubits, const uint64_t *table,
                                                 int32_t control_count, const int32_t *controls,
                                                 const uint8_t *values, ketch_error *error);
/* Adds a multiplexer, with controls as above: the 2 x 2 matrix number i acts on the target where
 * the selects, of which selects[0] is the lowest bit, have the value i. select_count is
 * 0..KETCH_SELECTS_MAX; matrices has 2^select_count of them, one after the other, each 4 complex
 * numbers as pairs re, im, row by row, which are copied. UNITARY: a matrix, as in
 * ketch_circuit_unitary. Matrices that are the identity cost nothing. */
KETCH_API ketch_status ketch_circuit_multiplexer(ketch_circuit *circuit, int32_t target,
                                                 int32_t select_count, const int32_t *selects,
                                                 const double *matrices, double tolerance,
                                                 int32_t control_count, const int32_t *controls,
                                                 const uint8_t *values, ketch_error *error);
/* Adds the rotation exp(-i angle / 2 P) about a product P of Paulis on any number of qubits, with
 * controls as above: letter i, one of X Y Z I, acts on qubits[i]. The angle may depend on
 * parameters. What is rx, ry, rz, rxx, ryy, rzz or rzx is recorded as that gate. SHAPE: another
 * number of letters than of qubits. SYNTAX: another letter. HANDLE: no angle, or no letters. */
KETCH_API ketch_status ketch_circuit_pauli_rotation(ketch_circuit *circuit,
                                                    const ketch_angle *angle, int32_t qubit_count,
                                                    const int32_t *qubits, const char *letters,
                                                    int32_t control_count, const int32_t *controls,
                                                    const uint8_t *values, ketch_error *error);
/* Prepares k = 1..KETCH_SELECTS_MAX + 1 qubits in a state: resets them, and then adds up to k
 * multiplexers, which together have one rotation for each value of each qubit's higher ones. Those
 * that do nothing are left out. amplitudes: 2^k complex numbers as pairs re, im, qubits[0] the
 * lowest bit of their index; they are copied, and scaled to norm 1. NORM: their norm differs from 1
 * by more than 1e-6. Source: Shende, Bullock, Markov, quant-ph/0406176. */
KETCH_API ketch_status ketch_circuit_initialize(ketch_circuit *circuit, int32_t qubit_count,
                                                const int32_t *qubits, const double *amplitudes,
                                                ketch_error *error);
/* Prepares any number of qubits in a product state: resets them, and then adds X and H where they
 * are needed. ket: one of the characters 0 1 + - for each qubit, the leftmost for
 * qubits[qubit_count - 1]; NULL: all 0. SYNTAX: another character. SHAPE: another length. */
KETCH_API ketch_status ketch_circuit_initialize_ket(ketch_circuit *circuit, int32_t qubit_count,
                                                    const int32_t *qubits, const char *ket,
                                                    ketch_error *error);
/* Adds a measurement of the qubit into a classical bit. */
KETCH_API ketch_status ketch_circuit_measure(ketch_circuit *circuit, int32_t qubit, int32_t bit,
                                             ketch_error *error);
/* Adds a reset of the qubit to |0>: a measurement, and a flip if the outcome is 1. Resets that a
 * circuit begins with cost nothing in a run from a basis state. */
KETCH_API ketch_status ketch_circuit_reset(ketch_circuit *circuit, int32_t qubit,
                                           ketch_error *error);
/* Adds a barrier: no gates of these qubits (count 0: of all qubits) are merged across it. */
KETCH_API ketch_status ketch_circuit_barrier(ketch_circuit *circuit, int32_t count,
                                             const int32_t *qubits, ketch_error *error);
/* Adds a fence: a hook gets the state after exactly the gates before it. Each fence costs at least
 * the end of a pass. */
KETCH_API ketch_status ketch_circuit_fence(ketch_circuit *circuit, ketch_error *error);
/* Makes everything that is added from now on conditional: it happens only if the classical bits
 * first..first+count-1, read as a number whose lowest bit is `first`, equal value. count 0: what
 * follows is unconditional again. */
KETCH_API ketch_status ketch_circuit_condition(ketch_circuit *circuit, int32_t first, int32_t count,
                                               uint64_t value, ketch_error *error);

/* The number of the circuit's qubits; 0 for NULL. */
KETCH_API int32_t ketch_circuit_qubits(const ketch_circuit *circuit);
/* The number of the circuit's classical bits; 0 for NULL. */
KETCH_API int32_t ketch_circuit_bits(const ketch_circuit *circuit);
/* The number of the circuit's gates, measurements and resets, which is what progress counts; 0 for
 * NULL. */
KETCH_API uint64_t ketch_circuit_steps(const ketch_circuit *circuit);
/* The name of classical register number `index`, which belongs to the circuit; its first bit and
 * its size go to *first and *size, which may be NULL. NULL: there is no such register. */
KETCH_API const char *ketch_circuit_register(const ketch_circuit *circuit, int32_t index,
                                             int32_t *first, int32_t *size);
/* The same for registers of qubits: ketch_circuit_name_qubits. */
KETCH_API const char *ketch_circuit_qubit_register(const ketch_circuit *circuit, int32_t index,
                                                   int32_t *first, int32_t *size);

/* One record of a circuit: a gate, measurement, reset, barrier or fence.
 *
 * qubits: the gate's own qubit_count, controls first, in the order in which they were given, then
 * control_count further controls; values: what these act on, 0 or 1. angles: angle_count of them;
 * where one does not depend on a parameter, its parameter is -1 and its offset is the angle.
 * numbers: number_count of them; the matrix of a unitary, a diagonal or the matrices of a
 * multiplexer as pairs re, im, the table of a permutation, the letters of a Pauli rotation as 0 I,
 * 1 X, 2 Y, 3 Z; NULL: none. bit: of a measurement; -1: none. The condition is that the bits
 * condition_first..condition_first+condition_count-1 equal condition_value; condition_count 0:
 * there is none. A barrier without qubits is one for all. */
typedef struct ketch_record {
    size_t size;
    ketch_gate gate;
    int32_t qubit_count;
    int32_t control_count;
    int32_t angle_count;
    int32_t bit;
    int32_t condition_first;
    int32_t condition_count;
    uint64_t condition_value;
    uint64_t number_count;
    const double *numbers;
    int32_t qubits[KETCH_QUBITS_MAX];
    uint8_t values[KETCH_QUBITS_MAX];
    ketch_angle angles[4];
} ketch_record;

/* The number of the circuit's records: gates, measurements, resets, barriers and fences; 0 for
 * NULL. */
KETCH_API uint64_t ketch_circuit_length(const ketch_circuit *circuit);
/* Reads record number `index`, in source order from 0; record->size is set by the caller. The
 * pointers in it belong to the circuit, and are valid until it is changed or destroyed. INDEX:
 * there is no such record. MISMATCH: record->size is not set. Cost: constant; nothing is copied but
 * the record. Several threads may read one circuit. */
KETCH_API ketch_status ketch_circuit_read(const ketch_circuit *circuit, uint64_t index,
                                          ketch_record *record, ketch_error *error);

/* Adds the records of another circuit, which may be this one: its qubit i goes to qubits[i], its
 * bit i to bits[i]; NULL: i stays i. Its parameter i is parameter i here; those that are missing
 * are added. Its conditions go along, and the condition in force applies to the others. RANGE: it
 * has more qubits or bits than this circuit, or the bits of a condition do not stay neighbours in
 * order. INDEX, DUPLICATE: an entry of qubits or bits. GATE: a record has a condition of its own
 * while one is in force. HANDLE, MEMORY. Errors give the record's number in `other`. Cost: linear
 * in what is added. */
KETCH_API ketch_status ketch_circuit_append(ketch_circuit *circuit, const ketch_circuit *other,
                                            const int32_t *qubits, const int32_t *bits,
                                            ketch_error *error);

/* The functions below make a circuit of another, which stays as it is; the caller owns it. It has
 * the bits, the names of registers and the parameters of the other; barriers and fences go along.
 * HANDLE, MEMORY. GATE, from all but ketch_circuit_repeat: the circuit has a measurement, a reset
 * or a condition; the error gives the record's number, as ketch_circuit_read counts. Cost: linear
 * in the records that are made. */

/* Makes the inverse. Its gates have the numbers of the others, negated, conjugated or in another
 * order; nothing is rounded. A matrix becomes its conjugate transpose, also one that is not quite
 * unitary. Gates whose inverse has no name (iswap, rc3x) become dense matrices, csx and c3sqrtx
 * become sxdg with further controls, u2 becomes u3, u0 becomes id. */
KETCH_API ketch_status ketch_circuit_inverse(ketch_circuit **made, const ketch_circuit *circuit,
                                             ketch_error *error);
/* Makes the circuit repeated count times; 0: an empty one. MEMORY: what it needs is more than what
 * is free; the error gives both. */
KETCH_API ketch_status ketch_circuit_repeat(ketch_circuit **made, const ketch_circuit *circuit,
                                            uint64_t count, ketch_error *error);
/* Makes the circuit's power: ketch_circuit_repeat of the circuit, or of its inverse where the
 * exponent is negative. */
KETCH_API ketch_status ketch_circuit_power(ketch_circuit **made, const ketch_circuit *circuit,
                                           int64_t exponent, ketch_error *error);
/* Makes a circuit that does what this one does where control i has the value values[i], 0 or 1
 * (NULL: all 1), and nothing elsewhere. The controls are qubits 0..count-1; the circuit's own qubit
 * i becomes qubit i + count. A global phase becomes a phase of the controls. A gate that has a name
 * under all its controls becomes that gate: x becomes cx, cx becomes ccx. RANGE: a value, or more
 * than KETCH_QUBITS_MAX qubits together. */
KETCH_API ketch_status ketch_circuit_control(ketch_circuit **made, const ketch_circuit *circuit,
                                             int32_t count, const uint8_t *values,
                                             ketch_error *error);
/* Whether two circuits have the same records on as many qubits, bits and parameters: 1, or 0 also
 * where one is no circuit. Names of registers do not count. */
KETCH_API int32_t ketch_circuit_equal(const ketch_circuit *a, const ketch_circuit *b);

/* Returns the text of an included file, which must live until the parse ends; NULL: there is
 * none. */
typedef const char *(*ketch_resolver)(const char *name, size_t *length, void *user);

typedef struct ketch_parse_options {
    size_t size;
    /* Finds included files; NULL: only "qelib1.inc" can be included, which is built in. */
    ketch_resolver resolve;
    /* The resolver's last argument. */
    void *user;
    /* The most operations that the text may expand to; 0: 100 million. */
    uint64_t limit;
    /* The most bytes that the text and all that it includes may have; 0: 1 GiB. */
    uint64_t text_limit;
} ketch_parse_options;

/* Makes a circuit of an OpenQASM 2.0 text (Cross, Bishop, Smolin, Gambetta, arXiv:1707.03429),
 * which the caller owns. Qubits are numbered in order of declaration; registers keep their names.
 * The text has length bytes and need not end in 0. SYNTAX, LITERAL, DEPTH, LIMIT, OFF (an include
 * without a resolver), and the statuses of functions that add something; errors have line and
 * column. Cost: linear in the text and in the operations it expands to; memory beyond that of the
 * circuit is below 6 bytes for each byte of text. Parentheses, gates in gates and includes in
 * includes are nested 256 deep at most, powers of powers 65535. */
KETCH_API ketch_status ketch_circuit_parse(ketch_circuit **circuit, const char *text, size_t length,
                                           const ketch_parse_options *options, ketch_error *error);

/* Writes the circuit as an OpenQASM 2.0 text. At most capacity bytes are written, the last of them
 * 0; *length (may be NULL) gets the length of the whole text. ketch_circuit_parse makes an equal
 * circuit of it: numbers are exact, as fractions of pi or with as many digits as they need.
 * Parameters that no gate uses are left out.
 *
 * Registers keep their names where these are names in the language and not of gates; others are
 * changed to such. Qubits without a register are in one that follows, "q". Gates have the names of
 * ketch_gate_name; u0, cs, csdg, ccz, iswap, ryy, rzx and ecr are not in every reader's
 * qelib1.inc.
 *
 * GATE: a record that such a text cannot say, with its number: a matrix, diagonal, permutation,
 * multiplexer, Pauli rotation, global phase or fence; further controls; an open parameter; a
 * condition on bits that are not exactly one register. MEMORY. Any thread. Cost: linear in the
 * records. */
KETCH_API ketch_status ketch_circuit_qasm(char *text, size_t capacity, size_t *length,
                                          const ketch_circuit *circuit, ketch_error *error);

typedef struct ketch_draw_options {
    size_t size;
    /* Columns of text: a wider picture is folded into blocks. 0: it is not folded. */
    int32_t width;
    /* 1: nothing but ASCII. */
    int32_t ascii;
    /* Names of the circuit's parameters, as many as it has; NULL, or an entry NULL: p0, p1 ... */
    const char *const *parameters;
} ketch_draw_options;

/* Writes the circuit as a picture of characters in UTF-8, one column each: a wire for each qubit,
 * and one for each classical register. At most capacity bytes are written, the last of them 0;
 * *length (may be NULL) gets the length of the whole text. options NULL: all 0.
 *
 * A gate is in the first column behind the gates before it on all wires from its lowest to its
 * highest one. Controls on 1 are full, those on 0 hollow. A box on qubits that do not follow one
 * another in order has the number of each, that of a Pauli rotation its letters, that of a
 * multiplexer t for the target and the numbers of the selects. A measurement has the bit's number
 * below the register; a condition the value that the register must have, "=3", or some of its bits,
 * "[1]=0", "[0-1]=2". Barriers are light, fences dark. Angles are fractions of pi where they are
 * exactly that, else they have four digits. Long names are cut. Phases of the whole state are in a
 * line above. In ASCII controls are * and o, a flip X, a swap x, a barrier :, a fence %.
 *
 * RANGE: width or ascii. LIMIT: a picture of more than 2^30 characters. MEMORY. Any thread. Cost:
 * linear in the records and the picture's size; memory is linear in the records. */
KETCH_API ketch_status ketch_circuit_draw(char *text, size_t capacity, size_t *length,
                                          const ketch_circuit *circuit,
                                          const ketch_draw_options *options, ketch_error *error);

/* ---- states ---- */

/* 2^qubits amplitudes, each a pair re, im. A state has a count of references and keeps its block of
 * memory, so it outlives its engine and its arena's other references. */
typedef struct ketch_state ketch_state;

/* Makes the state |0...0> in memory of the arena; the caller holds the first reference. The memory
 * is written when the state is first read or run on. RANGE: a number of qubits outside
 * 1..KETCH_QUBITS_MAX, or no such precision. MEMORY: the text names the largest number of qubits
 * that fits. */
KETCH_API ketch_status ketch_state_create(ketch_state **state, ketch_arena *arena, int32_t qubits,
                                          ketch_precision precision, ketch_error *error);
/* Makes a state of the caller's buffer with the amplitudes that it holds. The buffer is aligned to
 * 16 bytes and must live as long as the state; it is not freed. The caller holds the first
 * reference. NORM: its norm differs from 1 by more than 1e-6. BUFFER: it is too small or
 * misaligned. RANGE, MEMORY. Cost: one read of the buffer. */
KETCH_API ketch_status ketch_state_adopt(ketch_state **state, ketch_arena *arena, int32_t qubits,
                                         ketch_precision precision, void *buffer, uint64_t size,
                                         ketch_error *error);
/* Adds a reference and returns the state; NULL for anything but a state. Any thread. */
KETCH_API ketch_state *ketch_state_share(ketch_state *state);
/* Gives up one reference; with the last one the memory returns to the arena. Any thread. */
KETCH_API void ketch_state_drop(ketch_state *state);
/* The number of the state's qubits; 0 for anything but a state. Any thread. */
KETCH_API int32_t ketch_state_qubits(const ketch_state *state);
/* The precision of the state's amplitudes; KETCH_PRECISION_DEFAULT for anything but a state. Any
 * thread. */
KETCH_API ketch_precision ketch_state_precision(const ketch_state *state);
/* Sets the state to a product state: one of the characters 0 1 + - for each qubit, the leftmost for
 * the highest qubit; NULL: all 0. SYNTAX: another character. SHAPE: another length. BUSY: a run
 * works on the state. MEMORY: the state had to move to another block. */
KETCH_API ketch_status ketch_state_set_ket(ketch_state *state, const char *ket, ketch_error *error);
/* Sets the state to count = 2^qubits amplitudes of that precision, which are copied. normalise 1:
 * they are scaled to norm 1; 0: |norm - 1| > 1e-6 is NORM. SHAPE: another count. NONFINITE: an
 * amplitude. BUFFER: NULL, or they overlap the state's own memory. BUSY and MEMORY as
 * ketch_state_set_ket. */
KETCH_API ketch_status ketch_state_set_amplitudes(ketch_state *state, const void *amplitudes,
                                                  uint64_t count, ketch_precision precision,
                                                  int32_t normalise, ketch_error *error);
/* Gives the address of the state's amplitudes, valid until the state is written or dropped.
 * SUSPENDED: its run is suspended between two fences. BUSY: a run works on it. Cost: the state is
 * written first if it is still known to be a basis state only. */
KETCH_API ketch_status ketch_state_amplitudes(const void **amplitudes, const ketch_state *state,
                                              ketch_error *error);
/* Adds a reference to the block that holds the amplitudes now and gives it to the caller. Its
 * contents never change: the state moves to another block before it is written. *block is NULL for
 * an adopted buffer. SUSPENDED and BUSY as ketch_state_amplitudes. */
KETCH_API ketch_status ketch_state_block(ketch_block **block, const ketch_state *state,
                                         ketch_error *error);

/* Reductions and measurement: rules of the nine functions below. engine NULL: the call works on the
 * calling thread alone, with the best kernel set of the machine; it computes the same bits as an
 * engine with that set and any number of threads. BUSY: the engine carries a run, or a run works on
 * the state. SUSPENDED: the state's run is suspended between two fences. MEMORY: the arena refuses
 * working memory. Cost: one read of the state, except where a comment says otherwise. */

/* Computes the norm: the square root of the sum of squared magnitudes, 1 for a state. */
KETCH_API ketch_status ketch_state_norm(double *norm, ketch_engine *engine,
                                        const ketch_state *state, ketch_error *error);
/* Computes the inner product <a|b>: re and im. MISMATCH: the states differ in qubits or precision.
 * Cost: one read of both states. */
KETCH_API ketch_status ketch_state_inner(double inner[2], ketch_engine *engine,
                                         const ketch_state *a, const ketch_state *b,
                                         ketch_error *error);
/* Computes the probabilities of the 2^count outcomes of these qubits, of which qubits[0] is the
 * lowest bit. capacity: how many doubles fit; BUFFER: too few. INDEX, DUPLICATE: a qubit. */
KETCH_API ketch_status ketch_state_probabilities(double *probabilities, uint64_t capacity,
                                                 ketch_engine *engine, const ketch_state *state,
                                                 int32_t count, const int32_t *qubits,
                                                 ketch_error *error);
/* Computes the expectation value of a sum of count terms. A term is a coefficient times the product
 * of Z on the qubits whose bits are 1 in its mask; mask 0: a constant. INDEX: a mask names a qubit
 * that the state has not. NONFINITE: a coefficient. BUFFER: an array is NULL. */
KETCH_API ketch_status ketch_state_expectation(double *expectation, ketch_engine *engine,
                                               const ketch_state *state, uint64_t count,
                                               const uint64_t *masks, const double *coefficients,
                                               ketch_error *error);
/* Computes the expectation value of a sum of count terms. A term is a coefficient times a product
 * of Pauli matrices: X on the qubits whose bits are 1 in its X mask, Z on those of its Z mask, Y on
 * those of both; both 0: a constant. x_masks NULL: no X. Statuses as ketch_state_expectation, which
 * gives the same bits for terms without X.
 *
 * Products of amplitudes of single precision are rounded to single, and added up in double. The
 * order of additions depends on the terms, the qubits and the kernel set alone. Cost: one read of
 * the state for all terms without X. The others are grouped by their X masks; up to 14 qubits one
 * read is for all groups, beyond them for at least 9 (all of those, at best, whose X masks are sums
 * of the same 14). For each group one multiplication and addition of complex numbers for each pair
 * of amplitudes that the X mask connects; further terms of a group cost little more. */
KETCH_API ketch_status ketch_state_pauli(double *expectation, ketch_engine *engine,
                                         const ketch_state *state, uint64_t count,
                                         const uint64_t *x_masks, const uint64_t *z_masks,
                                         const double *coefficients, ketch_error *error);
/* Computes the variance of the same sum O: the squared norm of (O - <O>) psi, which is
 * ||O psi||^2 - <O>^2 and never below 0. Statuses as ketch_state_pauli. Takes memory of the size of
 * the state for O psi. Cost: for each term one multiplication and addition of each amplitude; a
 * read of the state and a read and a write of that memory for as many groups as there are in one
 * read of ketch_state_pauli; then three reads of the state and two of the memory. */
KETCH_API ketch_status ketch_state_variance(double *variance, ketch_engine *engine,
                                            const ketch_state *state, uint64_t count,
                                            const uint64_t *x_masks, const uint64_t *z_masks,
                                            const double *coefficients, ketch_error *error);
/* Computes the reduced density matrix of these qubits, of which qubits[0] is the lowest bit of rows
 * and columns: 2^count rows of as many complex numbers, each re and im, row by row. Element (r, c)
 * is the sum of a_r times the conjugate of a_c over the states of all other qubits. Exactly
 * Hermitian. capacity: how many doubles fit; BUFFER: too few. RANGE: count is not 0..12, or more
 * than the state has. INDEX, DUPLICATE: a qubit. Cost: one read of the state up to 6 qubits, and
 * 2^(count - 6) or so beyond; 2^count / 2 multiplications and additions of complex numbers for each
 * amplitude. */
KETCH_API ketch_status ketch_state_reduced(double *matrix, uint64_t capacity, ketch_engine *engine,
                                           const ketch_state *state, int32_t count,
                                           const int32_t *qubits, ketch_error *error);
/* Draws shots indices of basis states, with their probabilities. Shot s depends only on the state,
 * the seed and first + s. The state does not change. NORM: the norm is 0 or not finite. Cost: one
 * read of the state, and one more for each batch of shots. */
KETCH_API ketch_status ketch_state_sample(uint64_t *outcomes, uint64_t shots, ketch_engine *engine,
                                          const ketch_state *state, uint64_t seed, uint64_t first,
                                          ketch_error *error);
/* Measures one qubit and collapses the state. count: the number of measurements already made with
 * this seed, which is the draw's number. INDEX: no such qubit. Cost: about two reads and one write
 * of the state. */
KETCH_API ketch_status ketch_state_measure(int32_t *outcome, ketch_engine *engine,
                                           ketch_state *state, int32_t qubit, uint64_t seed,
                                           uint64_t count, ketch_error *error);

/* ---- observables ---- */

/* Kinds of observables: as ketch_state_norm, ketch_state_probabilities, ketch_state_expectation,
 * ketch_state_pauli and ketch_state_variance. */
typedef enum ketch_observe {
    KETCH_OBSERVE_NORM = 1,
    KETCH_OBSERVE_PROBABILITIES = 2,
    KETCH_OBSERVE_Z = 3,
    KETCH_OBSERVE_PAULI = 4,
    KETCH_OBSERVE_VARIANCE = 5
} ketch_observe;

/* A quantity that a run computes of its final state. Fields that the kind does not use are ignored.
 * size is also the stride of an array, and is the same for all observables of one call. masks are
 * the Z masks of terms, x_masks their X masks (NULL: no X). Variances take memory of the size of
 * the state once. */
typedef struct ketch_observable {
    size_t size;
    ketch_observe kind;
    uint64_t count;
    const int32_t *qubits;
    const uint64_t *masks;
    const double *coefficients;
    const uint64_t *x_masks;
} ketch_observable;

/* ---- programs ---- */

/* A circuit compiled for a precision and a kernel set, with a count of references. It does not
 * change: several engines may run it at the same time. */
typedef struct ketch_program ketch_program;

/* The costs of kernels by which the planner chooses between plans: tables that belong to the
 * library, each of one family of processors. The same option gives the same plan on every machine,
 * except KETCH_COSTS_HERE, which depends on the machine. */
typedef enum ketch_costs {
    /* The kernel set's default: the mean of several families, or one of them. */
    KETCH_COSTS_DEFAULT = 0,
    KETCH_COSTS_ZEN3 = 1,
    KETCH_COSTS_ZEN4 = 2,
    KETCH_COSTS_ZEN5 = 3,
    KETCH_COSTS_INTEL_AVX512 = 4,
    /* That of this machine's family; if there is none, the kernel set's default. */
    KETCH_COSTS_HERE = -1
} ketch_costs;

/* The name: "default", "zen5", ..., "here"; "?" for a number that is none. The text is static. Any
 * thread. */
KETCH_API const char *ketch_costs_name(ketch_costs costs);

/* A table of costs of the caller's own, with a count of references. It does not change: several
 * threads may plan with it at the same time. */
typedef struct ketch_cost_table ketch_cost_table;

/* Measures what the engine's kernel set costs on this machine, in both precisions. It is a run of
 * the engine, on the calling thread, with hook, stop and timeout as for any run. The machine should
 * be idle otherwise. *table gets the table, of which the caller holds the first reference, and NULL
 * after STOPPED, TIMEOUT and failures. MEMORY: it takes about 100 MiB of the engine's arena; memory
 * that no block of the arena uses is given back to the system. Statuses as ketch_engine_run. Cost:
 * about 20 seconds. */
KETCH_API ketch_status ketch_cost_table_measure(ketch_cost_table **table, ketch_engine *engine,
                                                const ketch_run *run, ketch_error *error);
/* Reads a table from a text that ketch_cost_table_text or `ketch costs` wrote. The error has line
 * and column. The caller holds the first reference. FORMAT: it is no such text. VERSION: it is in a
 * newer form. DUPLICATE: a kernel set is there twice in one precision. MISMATCH: this build has no
 * such kernel set. MEMORY. Any thread. */
KETCH_API ketch_status ketch_cost_table_parse(ketch_cost_table **table, const char *text,
                                              size_t length, ketch_error *error);
/* Writes the table as a text. At most capacity bytes are written, the last of them 0; *length (may
 * be NULL) gets the length of the whole text. Any thread. */
KETCH_API ketch_status ketch_cost_table_text(char *text, size_t capacity, size_t *length,
                                             const ketch_cost_table *table, ketch_error *error);
/* Adds a reference and returns the table; NULL for NULL. Any thread. */
KETCH_API ketch_cost_table *ketch_cost_table_share(ketch_cost_table *table);
/* Gives up one reference; the last one ends the table. Any thread. */
KETCH_API void ketch_cost_table_drop(ketch_cost_table *table);

typedef struct ketch_program_options {
    size_t size;
    /* The norm of the state drifts with the gates applied: in 10^5 gates by up to 10^-4 in single
     * precision, by less than 10^-11 in double. */
    ketch_precision precision;
    /* The kernel set; 0: the engine's for ketch_circuit_run, else the best that this machine
     * runs. */
    ketch_kernels kernels;
    /* Steps between fences; 0: fences only where the circuit has them. */
    uint64_t fence_every;
    /* The number of qubits in a tile; 0: the planner chooses. */
    int32_t tile_bits;
    /* The number of lowest qubits that are in every tile; 0: the planner chooses. */
    int32_t run_bits;
    /* 1: gates are not merged and qubits not relabelled, for tests. */
    int32_t plain;
    /* The arena for the program's memory (tag "program"), which it keeps, and for the work memory
     * of planning (tag "planning"), which is given back to it. NULL: the engine's for
     * ketch_circuit_run, else one of its own, which takes some microseconds more. */
    ketch_arena *arena;
    /* The costs to plan with. MISMATCH: the library has none of the kernel set for that family. */
    ketch_costs costs;
    /* A table to plan with in place of the library's; NULL: as costs says. The program holds a
     * reference. MISMATCH: it has no costs of the kernel set in that precision, or costs is given,
     * too. */
    ketch_cost_table *cost_table;
} ketch_program_options;

typedef struct ketch_program_info {
    size_t size;
    int32_t qubits;
    int32_t bits;
    ketch_precision precision;
    ketch_kernels kernels;
    int32_t tile_bits;
    int32_t run_bits;
    uint64_t steps;
    /* Operations after merging, passes over memory, and segments: the parts between measurements,
     * resets, conditions and fences. */
    uint64_t operations;
    uint64_t passes;
    uint64_t segments;
    /* Bytes of a state. */
    uint64_t state_bytes;
    /* Bytes of scratch for each worker. */
    uint64_t scratch_bytes;
    /* 1: the circuit measures. */
    int32_t measures;
    /* 1: all shots from a basis state are drawn from one run; 0: each shot is a run of its own. */
    int32_t sampled;
    /* The number of parameters that have no values: see ketch_program_bind. */
    int32_t parameters;
    /* Bytes of the program's memory, that of the program it was bound from included, and of the
     * work memory that planning took and gave back. */
    uint64_t program_bytes;
    uint64_t planning_bytes;
    /* 1: the circuit measures or resets, so that a run's seed matters. */
    int32_t draws;
} ketch_program_info;

/* Plans a circuit and makes a program of it, of which the caller holds the first reference. The
 * plan depends on the circuit and the options only, never on threads or timings. RANGE: an option
 * outside its limits. MISMATCH: a kernel set that this machine does not run. MEMORY: the text says
 * what limits it. FORKED: the arena was made in another process. Any thread, and several may plan
 * in one arena at the same time. Cost: a quarter of a microsecond a gate for circuits of few
 * qubits, up to one and a half for others. */
KETCH_API ketch_status ketch_program_create(ketch_program **program, const ketch_circuit *circuit,
                                            const ketch_program_options *options,
                                            ketch_error *error);
/* Makes a program in which parameter i has the value values[i]; the plan stays as it is. A program
 * with parameters runs only when it is bound (ARITY). A bound program can be bound again, and
 * several threads may bind one program at the same time.
 *
 * *bound is NULL, or a program that was bound from the same one: its reference is given up for the
 * new program's, and its memory is reused unless something else, such as a result, holds it. After
 * a failure *bound is as it was. ARITY: count is not the number of parameters. NONFINITE: a value,
 * or an angle computed from it, is not finite. MISMATCH: *bound is of another program. MEMORY.
 * FORKED: the program was made in another process, and there is no memory to reuse.
 * Cost: a cosine and a sine for each angle, and the tables of factors that depend on them. */
KETCH_API ketch_status ketch_program_bind(ketch_program **bound, ketch_program *program,
                                          const double *values, uint64_t count, ketch_error *error);
/* Adds a reference and returns the program; NULL for NULL. Any thread. */
KETCH_API ketch_program *ketch_program_share(ketch_program *program);
/* Gives up one reference; the last one ends the program. Any thread. */
KETCH_API void ketch_program_drop(ketch_program *program);
/* Copies what the program is to *info, whose size the caller has set. Any thread. */
KETCH_API ketch_status ketch_program_get_info(ketch_program_info *info,
                                              const ketch_program *program, ketch_error *error);
/* Writes the plan as a text for people. At most capacity bytes are written, the last of them 0;
 * *length (may be NULL) gets the length of the whole text. Any thread. */
KETCH_API ketch_status ketch_program_plan(char *text, size_t capacity, size_t *length,
                                          const ketch_program *program, ketch_error *error);

/* ---- runs of circuits ---- */

/* How often a program runs, and what is computed of its final state. */
typedef struct ketch_shots {
    size_t size;
    /* 0: the circuit runs once, and its measurements collapse the state. N, at most 2^32: N shots,
     * whose classical bits are the result. */
    uint64_t shots;
    /* The seed of all random numbers. */
    uint64_t seed;
    /* Observables of the final state; they are copied. */
    const ketch_observable *observables;
    uint64_t observable_count;
} ketch_shots;

/* Runs a program on a state. state NULL: |0...0> in the engine's arena. shots NULL: once. The
 * result, which the caller owns, holds references to program and state; ketch_engine_run says when
 * there is a result, and has further statuses.
 *
 * ARITY: the program has parameters and is not bound. MISMATCH: the state has another number of
 * qubits or another precision than the program. RANGE: shots > 0 although the circuit measures
 * nothing and there are no observables; or each shot is a run of its own, and there are observables
 * or the state is not a basis state set by ketch_state_create or ketch_state_set_ket (an adopted
 * one never is, since its owner may write the buffer). BUSY, SUSPENDED: another run holds the
 * state. MEMORY. */
KETCH_API ketch_status ketch_program_run(ketch_result **result, ketch_engine *engine,
                                         ketch_program *program, ketch_state *state,
                                         const ketch_shots *shots, const ketch_run *run,
                                         ketch_error *error);
/* As ketch_program_run, but the run is suspended before its first step: go on with
 * ketch_engine_advance or ketch_engine_resume. */
KETCH_API ketch_status ketch_program_begin(ketch_result **result, ketch_engine *engine,
                                           ketch_program *program, ketch_state *state,
                                           const ketch_shots *shots, const ketch_run *run,
                                           ketch_error *error);
/* Plans a circuit and runs it on |0...0>: ketch_program_create, by default with the engine's kernel
 * set, and then ketch_program_run. The result owns the program. */
KETCH_API ketch_status ketch_circuit_run(ketch_result **result, ketch_engine *engine,
                                         const ketch_circuit *circuit,
                                         const ketch_program_options *options,
                                         const ketch_shots *shots, const ketch_run *run,
                                         ketch_error *error);
/* Computes the memory that a run of the program on |0...0> would take on that engine, and what the
 * program has of that engine's arena (tag "program"). Nothing is taken but small records. RANGE as
 * ketch_program_run. */
KETCH_API ketch_status ketch_program_need(ketch_need *need, const ketch_engine *engine,
                                          const ketch_program *program, const ketch_shots *shots,
                                          ketch_error *error);
/* Loads a saved run of a program (ketch_result_save, ketch_run.save_path). Its state is made in the
 * engine's arena, also if it was an adopted buffer. The caller owns the result, which is suspended
 * or has ended as when it was saved. MISMATCH: the text names the first of precision, kernel set,
 * costs and plan that differs. Further statuses as ketch_result_load. */
KETCH_API ketch_status ketch_circuit_load(ketch_result **result, ketch_engine *engine,
                                          ketch_program *program, const char *path,
                                          ketch_error *error);
/* Reads what the program of a saved run was made with, so that the same program can be made before
 * the run is loaded: its options, without an arena and a table of costs, and the *count values it
 * was bound to, of which at most capacity doubles are written. options, values and count may each
 * be NULL. BUFFER: values has no room for all of them. FORMAT: a run of another workload. */
KETCH_API ketch_status ketch_circuit_saved(ketch_program_options *options, double *values,
                                           uint64_t capacity, uint64_t *count,
                                           const ketch_saved *saved, ketch_error *error);

/* Makes the table of costs that the program of a saved run was made with, for
 * ketch_program_options.cost_table: the file has what it says of the program's kernel set. The
 * caller holds the first reference. *table gets NULL where it was one of the library's. FORMAT: a
 * run of another workload. */
KETCH_API ketch_status ketch_circuit_saved_costs(ketch_cost_table **table, const ketch_saved *saved,
                                                 ketch_error *error);

/* The type of circuits' jobs, to compare with ketch_step.type and ketch_result_type. Any thread. */
KETCH_API const ketch_job_type *ketch_circuit_type(void);
/* The state at a fence, for a hook; it can be read until the hook returns. NULL in a tick, and for
 * a step of another workload. */
KETCH_API const ketch_state *ketch_step_state(const ketch_step *step);
/* The state of a circuit's run. It belongs to the result: share it to keep it longer. NULL for any
 * other result.
 *
 * Without shots it is the final state, collapsed by the measurements. With shots that are drawn
 * from one run it is the state before the final measurements. If each shot is a run of its own it
 * is the final state of the last one. Before the end of the run, reading the state between two
 * fences is BUSY while the run is on and SUSPENDED after it stopped. */
KETCH_API ketch_state *ketch_circuit_result_state(const ketch_result *result);

/* The classical bits of a run: `shots` rows of `bits` bytes, each 0 or 1; byte b of a row is bit b.
 * A run without shots has one row. Shots that have not happened yet are left out. The rows belong
 * to the result; a shared reference to block keeps them longer. */
typedef struct ketch_outcomes {
    size_t size;
    uint64_t shots;
    uint64_t bits;
    const uint8_t *rows;
    ketch_block *block;
} ketch_outcomes;

/* Copies where the classical bits lie to *outcomes, whose size the caller has set. */
KETCH_API ketch_status ketch_circuit_result_outcomes(ketch_outcomes *outcomes,
                                                     const ketch_result *result,
                                                     ketch_error *error);
/* Counts equal rows. *distinct gets the number of different rows. For at most capacity of them, in
 * ascending order of the number whose highest bit is the last one, examples gets the first row of
 * the kind and counts how many there are. MEMORY. Cost: linear in the shots. */
KETCH_API ketch_status ketch_circuit_result_counts(uint64_t *distinct, uint64_t *examples,
                                                   uint64_t *counts, uint64_t capacity,
                                                   ketch_result *result, ketch_error *error);
/* Copies the numbers of observable `index`, which the run computed of its final state, after any
 * collapse: one number, or 2^count probabilities. capacity: how many doubles fit; BUFFER: too few.
 * INDEX: no such observable. SUSPENDED: the run has not ended. Cost: none here; the run computes
 * observables in its last pass of gates where it can, else in one more read of the state. Terms
 * with X are grouped over all observables, and computed in sweeps of their own, as are variances.
 */
KETCH_API ketch_status ketch_circuit_result_observed(double *values, uint64_t capacity,
                                                     uint64_t index, const ketch_result *result,
                                                     ketch_error *error);

/* ketch declarations end */

/* Short forms of ketch_circuit_gate, in C only. */
static inline ketch_status ketch_gate1(ketch_circuit *circuit, ketch_gate gate, int32_t qubit,
                                       ketch_error *error)
{
    return ketch_circuit_gate(circuit, gate, &qubit, NULL, error);
}
static inline ketch_status ketch_gate2(ketch_circuit *circuit, ketch_gate gate, int32_t a,
                                       int32_t b, ketch_error *error)
{
    const int32_t qubits[2] = {a, b};
    return ketch_circuit_gate(circuit, gate, qubits, NULL, error);
}
static inline ketch_status ketch_rotation(ketch_circuit *circuit, ketch_gate gate, double angle,
                                          int32_t qubit, ketch_error *error)
{
    return ketch_circuit_gate(circuit, gate, &qubit, &angle, error);
}

static inline ketch_status ketch_x(ketch_circuit *c, int32_t q, ketch_error *error)
{
    return ketch_gate1(c, KETCH_GATE_X, q, error);
}
static inline ketch_status ketch_y(ketch_circuit *c, int32_t q, ketch_error *error)
{
    return ketch_gate1(c, KETCH_GATE_Y, q, error);
}
static inline ketch_status ketch_z(ketch_circuit *c, int32_t q, ketch_error *error)
{
    return ketch_gate1(c, KETCH_GATE_Z, q, error);
}
static inline ketch_status ketch_h(ketch_circuit *c, int32_t q, ketch_error *error)
{
    return ketch_gate1(c, KETCH_GATE_H, q, error);
}
static inline ketch_status ketch_s(ketch_circuit *c, int32_t q, ketch_error *error)
{
    return ketch_gate1(c, KETCH_GATE_S, q, error);
}
static inline ketch_status ketch_t(ketch_circuit *c, int32_t q, ketch_error *error)
{
    return ketch_gate1(c, KETCH_GATE_T, q, error);
}
static inline ketch_status ketch_rx(ketch_circuit *c, double a, int32_t q, ketch_error *error)
{
    return ketch_rotation(c, KETCH_GATE_RX, a, q, error);
}
static inline ketch_status ketch_ry(ketch_circuit *c, double a, int32_t q, ketch_error *error)
{
    return ketch_rotation(c, KETCH_GATE_RY, a, q, error);
}
static inline ketch_status ketch_rz(ketch_circuit *c, double a, int32_t q, ketch_error *error)
{
    return ketch_rotation(c, KETCH_GATE_RZ, a, q, error);
}
static inline ketch_status ketch_cx(ketch_circuit *c, int32_t control, int32_t target,
                                    ketch_error *error)
{
    return ketch_gate2(c, KETCH_GATE_CX, control, target, error);
}
static inline ketch_status ketch_cz(ketch_circuit *c, int32_t a, int32_t b, ketch_error *error)
{
    return ketch_gate2(c, KETCH_GATE_CZ, a, b, error);
}
static inline ketch_status ketch_swap(ketch_circuit *c, int32_t a, int32_t b, ketch_error *error)
{
    return ketch_gate2(c, KETCH_GATE_SWAP, a, b, error);
}

#ifdef __cplusplus
}
#endif
#endif
