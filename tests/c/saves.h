/* What the tests of saved runs share: a directory of their own, a small job that is saved and read
 * back, and files that are damaged in every way. */
#ifndef KT_TEST_SAVES_H
#define KT_TEST_SAVES_H

#define _GNU_SOURCE
#include "file.h"
#include "fields.h"
#include "format.h"
#include "hash.h"
#include "heap.h"
#include "save.h"
#include "words.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- a directory for one test ---- */

static char save_directory[64], save_path[80];

static inline bool try_directory(const char *parent)
{
    snprintf(save_directory, sizeof save_directory, "%s/ketch-save-XXXXXX", parent);
    const bool made = mkdtemp(save_directory) != NULL;
    snprintf(save_path, sizeof save_path, "%s/run.save", save_directory);
    return made;
}

static inline void make_directory_on_disk(void)
{
    ck_assert(try_directory("/tmp"));
}

/* In memory where there is such a place: tests sync thousands of times. */
static inline void make_directory(void)
{
    if (!try_directory("/dev/shm"))
        make_directory_on_disk();
}

/* Calls visit for each name, if any; returns how many there are. */
static inline int each_entry(void (*visit)(const char *name))
{
    DIR *const directory = opendir(save_directory);
    ck_assert_ptr_nonnull(directory);
    int count = 0;
    for (const struct dirent *entry; (entry = readdir(directory));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        count++;
        if (visit)
            visit(entry->d_name);
    }
    closedir(directory);
    return count;
}

static inline void remove_entry(const char *name)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", save_directory, name);
    if (unlink(path) != 0)
        rmdir(path);
}

static inline void remove_directory(void)
{
    each_entry(remove_entry);
    ck_assert_int_eq(rmdir(save_directory), 0);
}

static inline int count_descriptors(void)
{
    DIR *const directory = opendir("/proc/self/fd");
    ck_assert_ptr_nonnull(directory);
    int count = 0;
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

/* ---- whole files ---- */

typedef struct contents {
    unsigned char *data;
    size_t size;
} contents;

static inline contents read_bytes(const char *path)
{
    contents b = {NULL, 0};
    FILE *const file = fopen(path, "rbe");
    ck_assert_msg(file != NULL, "%s", path);
    fseek(file, 0, SEEK_END);
    b.size = (size_t)ftell(file);
    rewind(file);
    b.data = malloc(b.size + 1);
    ck_assert_ptr_nonnull(b.data);
    ck_assert_uint_eq(fread(b.data, 1, b.size, file), b.size);
    fclose(file);
    return b;
}

static inline void write_bytes(const char *path, const void *data, size_t size)
{
    FILE *const file = fopen(path, "wbe");
    ck_assert_msg(file != NULL, "%s", path);
    if (size)
        ck_assert_uint_eq(fwrite(data, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

static inline bool same_bytes(contents a, contents b)
{
    return a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
}

/* ---- a small job ---- */

/* Bytes of bulk in most tests. */
enum { BULK = 3000 };

enum { SAMPLE_NUMBERS = 32, SAMPLE_ODD = 333, SAMPLE_SECTIONS = 6 };

/* All of it follows from the seed. bulk: bulk_size bytes, possibly none. */
typedef struct sample {
    uint64_t numbers[SAMPLE_NUMBERS];
    unsigned char odd[SAMPLE_ODD];
    unsigned char *bulk;
    uint64_t bulk_size;
} sample;

static inline sample new_sample(uint64_t seed, uint64_t bulk_size)
{
    sample s = {.bulk = malloc(bulk_size + 1), .bulk_size = bulk_size};
    ck_assert_ptr_nonnull(s.bulk);
    uint64_t state = seed;
    s.numbers[0] = seed;
    for (int i = 1; i < SAMPLE_NUMBERS; i++)
        s.numbers[i] = next_word(&state);
    for (int i = 0; i < SAMPLE_ODD; i++)
        s.odd[i] = (unsigned char)next_word(&state);
    for (uint64_t i = 0; i < bulk_size; i++)
        s.bulk[i] = (unsigned char)(i % 8 ? state >> (8 * (i % 8)) : next_word(&state));
    return s;
}

static inline ketch_status save_sections(ketch_writer *writer, const void *user)
{
    const sample *const s = user;
    const ketch_status status =
        ketch_writer_section(writer, "numbers", s->numbers, sizeof s->numbers);
    if (status != KETCH_OK)
        return status;
    /* Also where one was refused: the writer says the same again. */
    (void)ketch_writer_section(writer, "odd", s->odd, sizeof s->odd);
    (void)ketch_writer_section(writer, "empty", NULL, 0);
    return ketch_writer_section(writer, "bulk", s->bulk, s->bulk_size);
}

static const ketch_job_type sample_type = {
    .size = sizeof sample_type, .name = "test.sample", .version = 3, .save = save_sections};

static const char sample_note[] = "a note of odd length";

/* Stopped in a sweep, with open indices. */
static inline kt_saved_core sample_core(uint64_t seed)
{
    return (kt_saved_core){
        .status = KETCH_STOPPED,
        .hook = -7,
        .open_count = 3,
        .at = {.done = seed,
               .total = UINT64_MAX,
               .stage = 4,
               .sweeps = 12,
               .count = 1000,
               .next = 500,
               .steps = 77,
               .sweeping = 1,
               .progressed = 1},
        .phase = "turning",
        .number = 13,
        .open = {5, 6, 499},
        .report = {.size = sizeof(ketch_report),
                   .cpu_seconds = 2.5,
                   .measured_seconds = 1.25,
                   .seconds = 1.5,
                   .indices = 9,
                   .bytes = 8,
                   .ticks = 7,
                   .fences = 6,
                   .saves = 5,
                   .threads = 4,
                   .kernels = KETCH_KERNELS_AVX2},
    };
}

static inline ketch_status save_with(const sample *s, const kt_saved_core *core, const char *path,
                                     bool force, ketch_error *error)
{
    const kt_save save = {.path = path,
                          .force = force,
                          .type = &sample_type,
                          .user = s,
                          .core = core,
                          .note = sample_note,
                          .note_size = sizeof sample_note};
    return kt_save_run(&save, "ketch_result_save", error);
}

/* Without freeing it, the sample of that seed to save_path. */
static inline ketch_status save_seed(uint64_t seed, uint64_t bulk_size, ketch_error *error)
{
    const kt_saved_core core = sample_core(seed);
    sample s = new_sample(seed, bulk_size);
    const ketch_status status = save_with(&s, &core, save_path, false, error);
    free(s.bulk);
    return status;
}

static inline void must_save(uint64_t seed, uint64_t bulk_size)
{
    ketch_error error = {.size = sizeof error};
    ck_assert_msg(save_seed(seed, bulk_size, &error) == KETCH_OK, "%s", error.message);
}

/* ---- reading it back ---- */

static inline ketch_status read_sections(ketch_reader *reader, sample *s, ketch_error *error)
{
    ketch_status status =
        ketch_reader_section(reader, "numbers", s->numbers, sizeof s->numbers, error);
    if (status == KETCH_OK)
        status = ketch_reader_section(reader, "odd", s->odd, sizeof s->odd, error);
    if (status == KETCH_OK)
        status = ketch_reader_section(reader, "empty", NULL, 0, error);
    return status;
}

/* As ketch_result_load will: every check, in its order. The bulk and the note are not read but
 * checked. */
static inline ketch_status load_path(sample *s, kt_saved_core *core, const char *path,
                                     ketch_error *error)
{
    ketch_reader *reader = NULL;
    ketch_status status = kt_reader_open(&reader, path, "ketch_result_load", error);
    if (status != KETCH_OK) {
        ck_assert_ptr_null(reader);
        return status;
    }
    status = kt_reader_check_type(reader, &sample_type, error);
    if (status == KETCH_OK)
        status = kt_reader_core(reader, core, error);
    if (status == KETCH_OK)
        status = read_sections(reader, s, error);
    if (status == KETCH_OK)
        status = kt_reader_check_rest(reader, error);
    kt_reader_close(reader);
    return status;
}

static inline ketch_status load_any(ketch_error *error)
{
    sample s = {.bulk = NULL};
    kt_saved_core core;
    return load_path(&s, &core, save_path, error);
}

/* The seed of the sample in save_path, all of which must fit it. */
static inline uint64_t loaded_seed(void)
{
    ketch_error error = {.size = sizeof error};
    sample s = {.bulk = NULL};
    kt_saved_core core;
    ck_assert_msg(load_path(&s, &core, save_path, &error) == KETCH_OK, "%s", error.message);
    const uint64_t seed = s.numbers[0];
    sample wanted = new_sample(seed, 0);
    ck_assert_mem_eq(s.numbers, wanted.numbers, sizeof s.numbers);
    ck_assert_mem_eq(s.odd, wanted.odd, sizeof s.odd);
    ck_assert_uint_eq(core.at.done, seed);
    free(wanted.bulk);
    return seed;
}

/* ---- damage ---- */

/* Looks at what is in save_path now; what was done to it, and to which bit or length. */
typedef void (*damage_visit)(const char *what, uint64_t at);

static inline void visit_flip(const contents *good, uint64_t bit, damage_visit visit)
{
    const int file = open(save_path, O_WRONLY | O_CLOEXEC);
    ck_assert_int_ge(file, 0);
    const unsigned char *const byte = good->data + bit / 8;
    const unsigned char flipped = (unsigned char)(*byte ^ 1u << (bit % 8));
    ck_assert_int_eq(pwrite(file, &flipped, 1, (off_t)(bit / 8)), 1);
    visit("bit flipped", bit);
    ck_assert_int_eq(pwrite(file, byte, 1, (off_t)(bit / 8)), 1);
    close(file);
}

/* The file is put right in place: some systems sync one that was emptied first. */
static inline void visit_length(const contents *good, uint64_t length, damage_visit visit)
{
    const int file = open(save_path, O_WRONLY | O_CLOEXEC);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(ftruncate(file, (off_t)length), 0);
    visit("bytes left", length);
    ck_assert_int_eq(pwrite(file, good->data, good->size, 0), (ssize_t)good->size);
    ck_assert_int_eq(ftruncate(file, (off_t)good->size), 0);
    close(file);
}

/* Every bit of the head and of the table, `samples` of all bits, every length up to the head's,
 * `samples` of all lengths, and longer ones. save_path is as before afterwards. */
static inline void each_damage(uint64_t samples, damage_visit visit)
{
    const contents good = read_bytes(save_path);
    uint64_t state = 1;
    for (uint64_t bit = 0; bit < 8 * KT_HEAD_SIZE; bit++)
        visit_flip(&good, bit, visit);
    for (uint64_t bit = 8 * (good.size - SAMPLE_SECTIONS * KT_ENTRY_SIZE); bit < 8 * good.size;
         bit++)
        visit_flip(&good, bit, visit);
    for (uint64_t i = 0; i < samples; i++)
        visit_flip(&good, next_word(&state) % (8 * good.size), visit);
    for (uint64_t length = 0; length <= KT_HEAD_SIZE; length++)
        visit_length(&good, length, visit);
    for (uint64_t i = 0; i < samples; i++)
        visit_length(&good, next_word(&state) % good.size, visit);
    for (uint64_t more = 1; more <= 200; more++)
        visit_length(&good, good.size + more, visit);
    free(good.data);
}

static inline uint64_t damage_samples(void)
{
    return getenv("KETCH_LONG") ? 10000 : 1000;
}

/* ---- suites: each test in a directory of its own ---- */

static inline TCase *save_case(Suite *suite, const char *name)
{
    TCase *const made = tcase_create(name);
    tcase_add_checked_fixture(made, make_directory, remove_directory);
    tcase_set_timeout(made, getenv("KETCH_LONG") ? 3000 : 120);
    suite_add_tcase(suite, made);
    return made;
}

static inline void save_tests(Suite *suite, const char *name, const TTest *const *tests)
{
    TCase *const made = save_case(suite, name);
    for (; *tests; tests++)
        tcase_add_test(made, *tests);
}

#endif
