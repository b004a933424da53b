/* Fuzz target: files that are said to be saved runs. An input is a file, or edits of a good file:
 * unless the checksums are mended after the edits, a changed file must be refused; what is loaded
 * must run to its end. The first byte: bit 0 edits, bit 1 mended checksums, bit 2 a file that was
 * saved in the middle of a run, bits 3 and 4 the run that it is of, bit 5 edits in one section, whose
 * number is the next byte. */
#define _GNU_SOURCE
#include "dense.h"
#include "format.h"
#include "fuzz.h"
#include "hash.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FILE_MOST = 1 << 16 };

typedef struct saved_file {
    size_t size;
    unsigned char bytes[FILE_MOST];
} saved_file;

/* A run, as a file has it that was saved at its end, and one that was saved in its middle. */
typedef struct saved_run {
    const char *text;
    ketch_shots shots;
    ketch_program *program;
    saved_file ended, suspended;
} saved_run;

static const int32_t first_qubits[] = {0, 1};
static const uint64_t masks[] = {5, 2};
static const double coefficients[] = {0.5, -1};
static const ketch_observable observables[] = {
    {.size = sizeof *observables, .kind = KETCH_OBSERVE_NORM},
    {.size = sizeof *observables,
     .kind = KETCH_OBSERVE_PROBABILITIES,
     .count = 2,
     .qubits = first_qubits},
    {.size = sizeof *observables,
     .kind = KETCH_OBSERVE_Z,
     .count = 2,
     .masks = masks,
     .coefficients = coefficients},
};

static const char dynamic_text[] =
    "OPENQASM 2.0;qreg q[3];creg c[2];U(1,2,3) q[0];CX q[0],q[1];measure q[0]->c[0];"
    "if(c==1) U(1,0,0) q[2];CX q[1],q[2];reset q[0];U(2,1,0) q[0];measure q[1]->c[1];";
static const char final_text[] = "OPENQASM 2.0;qreg q[3];creg c[3];U(1,2,3) q[0];CX q[0],q[1];"
                                 "U(2,1,0) q[1];CX q[1],q[2];measure q->c;";

/* A run of one shot, one of several that are each a run of the circuit, one whose shots are all
 * drawn from one run, and one with observables. */
static saved_run runs[] = {
    {.text = dynamic_text, .shots = {.seed = 7}},
    {.text = dynamic_text, .shots = {.seed = 8, .shots = 3}},
    {.text = final_text, .shots = {.seed = 9, .shots = 5}},
    {.text = final_text,
     .shots = {.seed = 10, .shots = 2, .observables = observables, .observable_count = 3}},
};

static ketch_engine *engine;
static int memory_file = -1;
static char memory_path[64];

static int32_t stop_at_once(const ketch_step *step, void *user)
{
    (void)user;
    return step->done >= 3;
}

static void read_back(saved_file *to, const char *path)
{
    FILE *const file = fopen(path, "rb");
    FUZZ_REQUIRE(file);
    to->size = fread(to->bytes, 1, FILE_MOST, file);
    fclose(file);
    FUZZ_REQUIRE(to->size > 0 && to->size < FILE_MOST && unlink(path) == 0);
}

static void save_run(saved_file *to, const saved_run *of, ketch_hook hook, const char *folder)
{
    char path[64];
    snprintf(path, sizeof path, "%.40s/good", folder);
    const ketch_run run = {.size = sizeof run, .hook = hook, .tick_seconds = 1e-9};
    ketch_result *result = NULL;
    ketch_program_run(&result, engine, of->program, NULL, &of->shots, &run, NULL);
    FUZZ_REQUIRE(result && ketch_result_save(result, path, "note", 4, 0, NULL) == KETCH_OK);
    ketch_result_destroy(result);
    read_back(to, path);
}

static void make_run(saved_run *made, const char *folder)
{
    const ketch_program_options how = {
        .size = sizeof how, .fence_every = 1, .arena = ketch_engine_arena(engine)};
    ketch_circuit *circuit = NULL;
    FUZZ_REQUIRE(ketch_circuit_parse(&circuit, made->text, strlen(made->text), NULL, NULL) ==
                 KETCH_OK);
    FUZZ_REQUIRE(ketch_program_create(&made->program, circuit, &how, NULL) == KETCH_OK);
    ketch_circuit_destroy(circuit);
    made->shots.size = sizeof made->shots;
    save_run(&made->ended, made, NULL, folder);
    save_run(&made->suspended, made, stop_at_once, folder);
}

static void make_runs(void)
{
    char folder[] = "/tmp/ketch-fuzz-XXXXXX";
    const ketch_engine_options options = {.size = sizeof options, .threads = 1, .memory = 64 << 20};
    FUZZ_REQUIRE(ketch_engine_create(&engine, &options, NULL) == KETCH_OK);
    FUZZ_REQUIRE(mkdtemp(folder));
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++)
        make_run(&runs[i], folder);
    rmdir(folder);
    memory_file = memfd_create("fuzz", 0);
    FUZZ_REQUIRE(memory_file >= 0);
    snprintf(memory_path, sizeof memory_path, "/proc/self/fd/%d", memory_file);
}

/* ---- edits ---- */

/* An edit is where, what, and how: another byte, a cut, or a byte that is left out. */
static void edit_file(saved_file *file, fuzz_input *input)
{
    while (input->size) {
        const size_t at = fuzz_word(input) % (file->size + 1);
        const uint8_t value = fuzz_byte(input), how = fuzz_byte(input) % 16;
        if (at == file->size)
            continue;
        if (how == 0)
            file->size = at;
        else if (how == 1)
            memmove(file->bytes + at, file->bytes + at + 1, --file->size - at);
        else
            file->bytes[at] ^= value;
    }
}

static size_t section_count(const saved_file *file, const kt_head *head)
{
    return (file->size - head->table) / KT_ENTRY_SIZE;
}

/* Other bytes in one section: an edit is where, of two bytes, and what. */
static void edit_section(saved_file *file, fuzz_input *input, unsigned number)
{
    kt_head head;
    kt_section section;
    kt_head_decode_fixed(&head, file->bytes);
    FUZZ_REQUIRE(kt_head_decode(&head, file->bytes));
    number %= (unsigned)section_count(file, &head);
    FUZZ_REQUIRE(
        kt_section_decode(&section, file->bytes + head.table + number * (size_t)KT_ENTRY_SIZE));
    while (input->size && section.size) {
        const size_t at = fuzz_byte(input) | (size_t)fuzz_byte(input) << 8;
        file->bytes[section.offset + at % section.size] ^= fuzz_byte(input);
    }
}

static void mend_sections(saved_file *file, const kt_head *head)
{
    for (size_t at = head->table; file->size - at >= KT_ENTRY_SIZE; at += KT_ENTRY_SIZE) {
        kt_section section;
        if (!kt_section_decode(&section, file->bytes + at))
            return;
        if (section.offset <= file->size && section.size <= file->size - section.offset)
            section.sum = kt_hash_of(file->bytes + section.offset, section.size);
        kt_section_encode(file->bytes + at, &section);
    }
}

/* All checksums hold afterwards where head and table can be read. */
static void mend_sums(saved_file *file)
{
    kt_head head;
    if (file->size < KT_HEAD_SIZE)
        return;
    kt_head_decode_fixed(&head, file->bytes);
    if (!kt_head_decode(&head, file->bytes) || head.table > file->size)
        return;
    mend_sections(file, &head);
    head.file_size = file->size;
    head.table_sum = kt_hash_of(file->bytes + head.table, file->size - head.table);
    kt_head_encode(file->bytes, &head);
}

/* ---- what is done with a file ---- */

static void write_file(const saved_file *file)
{
    FUZZ_REQUIRE(ftruncate(memory_file, (off_t)file->size) == 0);
    FUZZ_REQUIRE(pwrite(memory_file, file->bytes, file->size, 0) == (ssize_t)file->size);
}

static bool is_refusal(ketch_status status)
{
    return status == KETCH_FORMAT || status == KETCH_VERSION || status == KETCH_CORRUPT ||
           status == KETCH_MISMATCH || status == KETCH_MEMORY;
}

static void look_into(void)
{
    ketch_saved *saved = NULL;
    ketch_saved_info info = {.size = sizeof info};
    ketch_program_options options = {.size = sizeof options};
    double values[4];
    uint64_t count;
    if (ketch_saved_open(&saved, memory_path, NULL)) {
        FUZZ_REQUIRE(!saved);
        return;
    }
    FUZZ_REQUIRE(ketch_saved_get_info(&info, saved, NULL) == KETCH_OK);
    const char *const note = ketch_saved_note(saved);
    for (uint64_t i = 0; note && i < info.note_size; i++) {
        volatile char seen = note[i];
        (void)seen;
    }
    ketch_circuit_saved(&options, values, 4, &count, saved, NULL);
    ketch_saved_close(saved);
}

/* Loads the file and runs it to its end; the status of loading. */
static ketch_status load_and_run(ketch_program *program)
{
    ketch_result *result = NULL;
    ketch_error error = {.size = sizeof error};
    const void *amplitudes;
    const ketch_status status = ketch_circuit_load(&result, engine, program, memory_path, &error);
    if (status) {
        FUZZ_REQUIRE(!result && error.status == status && is_refusal(status));
        return status;
    }
    const ketch_status ended = ketch_engine_resume(engine, result, NULL, &error);
    FUZZ_REQUIRE(ended == KETCH_OK || error.message[0]);
    ketch_state_amplitudes(&amplitudes, ketch_circuit_result_state(result), NULL);
    ketch_result_destroy(result);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static saved_file file;
    if (!engine)
        make_runs();
    fuzz_input input = {data, size < FILE_MOST ? size : FILE_MOST};
    const uint8_t flags = fuzz_byte(&input);
    const saved_run *const run = &runs[flags >> 3 & 3];
    const saved_file *const from = flags & 4 ? &run->suspended : &run->ended;
    if (flags & 1) {
        file = *from;
        if (flags & 32)
            edit_section(&file, &input, fuzz_byte(&input));
        else
            edit_file(&file, &input);
    } else {
        file.size = input.size;
        memcpy(file.bytes, input.data, input.size);
    }
    const bool same = file.size == from->size && !memcmp(file.bytes, from->bytes, file.size);
    if (flags & 2)
        mend_sums(&file);
    write_file(&file);
    look_into();
    const ketch_status status = load_and_run(run->program);
    if (flags & 1 && (same || !(flags & 2)))
        FUZZ_REQUIRE((status == KETCH_OK) == same);
    return 0;
}
