/* Saved runs as files: what goes in comes out, and the target is replaced as a whole or stays. */
#include "saves.h"
#include "suite.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* ---- what goes in comes out ---- */

static void check_core(const kt_saved_core *got, const kt_saved_core *wanted)
{
    unsigned char a[KT_SAVED_CORE_MOST], b[KT_SAVED_CORE_MOST];
    const uint64_t size = kt_saved_core_encode(a, wanted);
    ck_assert_uint_eq(kt_saved_core_encode(b, got), size);
    ck_assert_mem_eq(a, b, size);
}

static void check_round_trip(uint64_t seed, uint64_t bulk_size)
{
    ketch_error error = {.size = sizeof error};
    must_save(seed, bulk_size);
    ck_assert_uint_eq(loaded_seed(), seed);
    sample wanted = new_sample(seed, bulk_size), got = new_sample(0, bulk_size);
    ketch_reader *reader;
    ck_assert_int_eq(kt_reader_open(&reader, save_path, "test", &error), KETCH_OK);
    ck_assert_uint_eq(ketch_reader_size(reader, "bulk"), bulk_size);
    ck_assert_msg(ketch_reader_section(reader, "bulk", got.bulk, bulk_size, &error) == KETCH_OK,
                  "%s", error.message);
    ck_assert(memcmp(got.bulk, wanted.bulk, bulk_size) == 0);
    kt_saved_core core;
    const kt_saved_core core_wanted = sample_core(seed);
    ck_assert_int_eq(kt_reader_core(reader, &core, &error), KETCH_OK);
    check_core(&core, &core_wanted);
    kt_reader_close(reader);
    free(wanted.bulk);
    free(got.bulk);
}

START_TEST(a_run_comes_back_as_it_was_saved)
{
    static const uint64_t sizes[] = {0,
                                     1,
                                     63,
                                     64,
                                     65,
                                     KT_FILE_PIECE - 1,
                                     KT_FILE_PIECE,
                                     KT_FILE_PIECE + 1,
                                     (UINT64_C(17) << 20) + 5};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        check_round_trip(i + 1, sizes[i]);
    ck_assert_int_eq(each_entry(NULL), 1);
}
END_TEST

START_TEST(the_same_run_gives_the_same_file)
{
    must_save(9, BULK);
    const contents first = read_bytes(save_path);
    must_save(10, BULK);
    must_save(9, BULK);
    const contents again = read_bytes(save_path);
    ck_assert(same_bytes(first, again));
    free(first.data);
    free(again.data);
}
END_TEST

START_TEST(a_saved_run_can_be_looked_at)
{
    ketch_error error = {.size = sizeof error};
    must_save(77, BULK);
    ketch_saved *saved = NULL;
    ck_assert_int_eq(ketch_saved_open(&saved, save_path, &error), KETCH_OK);
    ketch_saved_info info = {.size = sizeof info};
    ck_assert_int_eq(ketch_saved_get_info(&info, saved, &error), KETCH_OK);
    const contents file = read_bytes(save_path);
    ck_assert_uint_eq(info.format, KT_FORMAT);
    ck_assert_uint_eq(info.type_version, 3);
    ck_assert_int_eq(info.ranks, 1);
    ck_assert_int_eq(info.ended, 0);
    ck_assert_str_eq(info.type, "test.sample");
    ck_assert_str_eq(info.library, ketch_version());
    ck_assert_uint_eq(info.done, 77 + 77 * 497 / 1000); /* 497 of its sweep's 1000 are finished */
    ck_assert_uint_eq(info.total, UINT64_MAX);
    ck_assert_uint_eq(info.bytes, file.size);
    ck_assert_uint_eq(info.note_size, sizeof sample_note);
    ck_assert_str_eq(ketch_saved_note(saved), sample_note);
    ketch_reader *reader;
    uint64_t numbers[SAMPLE_NUMBERS];
    ck_assert_int_eq(kt_saved_reader(&reader, saved, "test", &error), KETCH_OK);
    ck_assert_int_eq(ketch_reader_section(reader, "numbers", numbers, sizeof numbers, &error),
                     KETCH_OK);
    ck_assert_uint_eq(numbers[0], 77);
    ketch_saved_close(saved);
    free(file.data);
}
END_TEST

START_TEST(looking_at_nothing_is_refused)
{
    ketch_error error = {.size = sizeof error};
    ketch_saved_info info = {.size = sizeof info};
    ketch_saved *saved = (ketch_saved *)&error;
    ketch_reader *reader;
    ck_assert_int_eq(ketch_saved_open(NULL, save_path, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_saved_open(&saved, NULL, &error), KETCH_HANDLE);
    ck_assert_ptr_null(saved);
    ck_assert_int_eq(ketch_saved_open(&saved, save_path, &error), KETCH_IO);
    ck_assert_int_eq(error.system, ENOENT);
    ck_assert_ptr_null(saved);
    ck_assert_int_eq(ketch_saved_get_info(&info, NULL, &error), KETCH_HANDLE);
    ck_assert_int_eq(kt_saved_reader(&reader, NULL, "test", &error), KETCH_HANDLE);
    ck_assert_ptr_null(ketch_saved_note(NULL));
    ck_assert_uint_eq(ketch_reader_size(NULL, "numbers"), UINT64_MAX);
    ck_assert_int_eq(ketch_reader_section(NULL, "numbers", NULL, 0, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_writer_section(NULL, "numbers", NULL, 0), KETCH_HANDLE);
    ketch_saved_close(NULL);
    kt_reader_close(NULL);
}
END_TEST

START_TEST(a_run_without_a_note_has_none)
{
    ketch_error error = {.size = sizeof error};
    const kt_saved_core core = sample_core(1);
    sample s = new_sample(1, 0);
    kt_save save = {.path = save_path, .type = &sample_type, .user = &s, .core = &core};
    ck_assert_int_eq(kt_save_run(&save, "test", &error), KETCH_OK);
    ketch_saved *saved;
    ck_assert_int_eq(ketch_saved_open(&saved, save_path, &error), KETCH_OK);
    ck_assert_ptr_null(ketch_saved_note(saved));
    ketch_saved_close(saved);
    save.note_size = 1;
    ck_assert_int_eq(kt_save_run(&save, "test", &error), KETCH_HANDLE);
    save = (kt_save){.type = &sample_type, .user = &s, .core = &core};
    ck_assert_int_eq(kt_save_run(&save, "test", &error), KETCH_HANDLE);
    free(s.bulk);
}
END_TEST

/* A section beyond 4 GiB: pages that nobody wrote, all of them one page of zeros. */
START_TEST(a_section_may_be_larger_than_4_gib)
{
    ketch_error error = {.size = sizeof error};
    const uint64_t size = (UINT64_C(9) << 29) + 12345;
    void *const zeros =
        mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ck_assert(zeros != MAP_FAILED);
    const kt_saved_core core = sample_core(1);
    sample s = new_sample(1, 0);
    free(s.bulk);
    s.bulk = zeros;
    s.bulk_size = size;
    ck_assert_msg(save_with(&s, &core, save_path, false, &error) == KETCH_OK, "%s", error.message);
    ck_assert_uint_eq(loaded_seed(), 1);
    const int file = open(save_path, O_WRONLY | O_CLOEXEC);
    ck_assert_int_eq(pwrite(file, "x", 1, (off_t)(size - 100)), 1);
    close(file);
    ck_assert_int_eq(load_any(&error), KETCH_CORRUPT);
    munmap(zeros, size);
}
END_TEST

/* ---- what a job may write ---- */

typedef struct attempt {
    const char *first, *second;
    const void *data;
    ketch_status returned, second_got;
} attempt;

static ketch_status save_attempt(ketch_writer *writer, const void *user)
{
    attempt *const a = (attempt *)user;
    if (a->first)
        (void)ketch_writer_section(writer, a->first, "1", 1);
    if (a->second)
        a->second_got = ketch_writer_section(writer, a->second, a->data, 1);
    return a->returned;
}

static ketch_status try_attempt(attempt *a, ketch_error *error)
{
    static const ketch_job_type type = {
        .size = sizeof type, .name = "test.attempt", .version = 1, .save = save_attempt};
    const kt_saved_core core = sample_core(1);
    const kt_save save = {.path = save_path, .type = &type, .user = a, .core = &core};
    const ketch_status status = kt_save_run(&save, "test", error);
    ck_assert_int_eq(each_entry(NULL), status == KETCH_OK);
    return status;
}

START_TEST(bad_sections_are_refused)
{
    ketch_error error = {.size = sizeof error};
    const struct {
        attempt a;
        ketch_status status;
    } cases[] = {
        {{"a", "b", "1", KETCH_OK, 0}, KETCH_OK},
        {{"a", "a", "1", KETCH_OK, 0}, KETCH_DUPLICATE},
        {{"a", "core", "1", KETCH_OK, 0}, KETCH_DUPLICATE},
        {{"a", "note", "1", KETCH_OK, 0}, KETCH_DUPLICATE},
        {{"a", "core.more", "1", KETCH_OK, 0}, KETCH_DUPLICATE},
        {{"a", "", "1", KETCH_OK, 0}, KETCH_RANGE},
        {{"a", "A", "1", KETCH_OK, 0}, KETCH_RANGE},
        {{"a", "two words", "1", KETCH_OK, 0}, KETCH_RANGE},
        {{"a", "a.name-of_32.bytes-is-one-too-ma", "1", KETCH_OK, 0}, KETCH_RANGE},
        {{"a", "a.name-of_31.bytes-is-the-longe", "1", KETCH_OK, 0}, KETCH_OK},
        {{"a", "b", NULL, KETCH_OK, 0}, KETCH_HANDLE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        attempt a = cases[i].a;
        ck_assert_int_eq(try_attempt(&a, &error), cases[i].status);
        ck_assert_int_eq(a.second_got, cases[i].status);
        unlink(save_path);
    }
}
END_TEST

START_TEST(a_failure_of_the_job_is_told)
{
    ketch_error error = {.size = sizeof error};
    attempt a = {.first = "a", .returned = KETCH_LIMIT};
    ck_assert_int_eq(try_attempt(&a, &error), KETCH_LIMIT);
    ck_assert_ptr_nonnull(strstr(error.message, "LIMIT"));
    a.returned = KETCH_STOPPED;
    ck_assert_int_eq(try_attempt(&a, &error), KETCH_MISMATCH);
    a.first = "Bad";
    ck_assert_int_eq(try_attempt(&a, &error), KETCH_RANGE);
    ck_assert_ptr_nonnull(strstr(error.message, "Bad"));
}
END_TEST

START_TEST(a_type_without_save_is_refused)
{
    ketch_error error = {.size = sizeof error};
    const ketch_job_type type = {.size = sizeof type, .name = "test.silent", .version = 1};
    const kt_saved_core core = sample_core(1);
    const kt_save save = {.path = save_path, .type = &type, .core = &core};
    ck_assert_int_eq(kt_save_run(&save, "test", &error), KETCH_OFF);
    ck_assert_ptr_nonnull(strstr(error.message, "test.silent"));
    ck_assert_int_eq(each_entry(NULL), 0);
}
END_TEST

START_TEST(many_sections_are_found_by_name)
{
    ketch_error error = {.size = sizeof error};
    must_save(1, BULK);
    ketch_reader *reader;
    ck_assert_int_eq(kt_reader_open(&reader, save_path, "test", &error), KETCH_OK);
    ck_assert_uint_eq(ketch_reader_size(reader, "none"), UINT64_MAX);
    ck_assert_uint_eq(ketch_reader_size(reader, "empty"), 0);
    ck_assert_uint_eq(ketch_reader_size(reader, NULL), UINT64_MAX);
    char byte;
    ck_assert_int_eq(ketch_reader_section(reader, "none", &byte, 1, &error), KETCH_CORRUPT);
    ck_assert_ptr_nonnull(strstr(error.message, "\"none\""));
    ck_assert_int_eq(ketch_reader_section(reader, "odd", &byte, 1, &error), KETCH_CORRUPT);
    ck_assert_ptr_nonnull(strstr(error.message, "\"odd\""));
    ck_assert_int_eq(ketch_reader_section(reader, "odd", NULL, 1, &error), KETCH_HANDLE);
    ck_assert_int_eq(ketch_reader_section(reader, NULL, &byte, 1, &error), KETCH_HANDLE);
    kt_reader_close(reader);
}
END_TEST

/* ---- the target ---- */

static void must_refuse_file(const char *path, ketch_status wanted, int number)
{
    ketch_error error = {.size = sizeof error};
    const kt_saved_core core = sample_core(1);
    sample s = new_sample(1, BULK);
    for (int force = 0; force < 2; force++) {
        const int before = each_entry(NULL);
        const ketch_status status = save_with(&s, &core, path, force, &error);
        ck_assert_msg(status == wanted, "%s: %d: %s", path, status, error.message);
        ck_assert_int_eq(error.status, wanted);
        ck_assert_int_eq(error.system, number);
        ck_assert_str_eq(error.function, "ketch_result_save");
        ck_assert_int_eq(each_entry(NULL), before);
    }
    free(s.bulk);
}

START_TEST(what_is_no_file_is_refused)
{
    char path[6000];
    must_refuse_file("", KETCH_IO, ENOENT);
    must_refuse_file(save_directory, KETCH_FORMAT, 0);
    must_refuse_file("/dev/null", KETCH_FORMAT, 0);
    must_refuse_file("/", KETCH_FORMAT, 0);
    must_refuse_file(".", KETCH_FORMAT, 0);
    snprintf(path, sizeof path, "%s/", save_directory);
    must_refuse_file(path, KETCH_FORMAT, 0);
    snprintf(path, sizeof path, "%s/none/run.save", save_directory);
    must_refuse_file(path, KETCH_IO, ENOENT);
    ck_assert_int_eq(mkfifo(save_path, 0600), 0);
    must_refuse_file(save_path, KETCH_FORMAT, 0);
    unlink(save_path);
    ck_assert_int_eq(symlink("nowhere", save_path), 0);
    must_refuse_file(save_path, KETCH_IO, ENOENT);
    unlink(save_path);
    memset(path, 'x', sizeof path);
    path[sizeof path - 1] = '\0';
    must_refuse_file(path, KETCH_IO, ENAMETOOLONG);
    path[NAME_MAX + 1] = '\0';
    must_refuse_file(path, KETCH_IO, ENAMETOOLONG);
    write_bytes(save_path, "x", 1);
    snprintf(path, sizeof path, "%s/run.save", save_path);
    must_refuse_file(path, KETCH_IO, ENOTDIR);
}
END_TEST

static void check_foreign(const void *data, size_t size)
{
    ketch_error error = {.size = sizeof error};
    const kt_saved_core core = sample_core(5);
    sample s = new_sample(5, BULK);
    write_bytes(save_path, data, size);
    ck_assert_int_eq(load_any(&error), KETCH_FORMAT);
    ck_assert_int_eq(save_with(&s, &core, save_path, false, &error), KETCH_FORMAT);
    const contents kept = read_bytes(save_path);
    ck_assert(kept.size == size && memcmp(kept.data, data, size) == 0);
    ck_assert_int_eq(each_entry(NULL), 1);
    ck_assert_int_eq(save_with(&s, &core, save_path, true, &error), KETCH_OK);
    ck_assert_uint_eq(loaded_seed(), 5);
    free(s.bulk);
    free(kept.data);
}

START_TEST(a_foreign_file_is_replaced_by_force_alone)
{
    unsigned char noise[5000];
    uint64_t state = 3;
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (unsigned char)next_word(&state);
    check_foreign("", 0);
    check_foreign("\211ketc", 5);
    check_foreign("\211ketch\n", 7);
    check_foreign("OPENQASM 2.0;\n", 14);
    check_foreign("\177ELF\2\1\1\0\0\0\0\0\0\0\0\0", 16);
    check_foreign("\211PNG\r\n\032\n", 8);
    check_foreign(noise, sizeof noise);
}
END_TEST

START_TEST(a_damaged_file_of_ours_may_be_replaced)
{
    must_save(1, BULK);
    ck_assert_int_eq(truncate(save_path, 100), 0);
    must_save(2, BULK);
    ck_assert_uint_eq(loaded_seed(), 2);
}
END_TEST

START_TEST(a_link_is_followed)
{
    char target[100];
    struct stat info;
    snprintf(target, sizeof target, "%s/target", save_directory);
    ck_assert_int_eq(symlink("target", save_path), 0);
    write_bytes(target, "\211ketch\r\n", 8);
    must_save(6, BULK);
    ck_assert_int_eq(lstat(save_path, &info), 0);
    ck_assert(S_ISLNK(info.st_mode));
    ck_assert_int_eq(lstat(target, &info), 0);
    ck_assert(S_ISREG(info.st_mode));
    ck_assert_uint_eq(loaded_seed(), 6);
    ck_assert_int_eq(each_entry(NULL), 2);
}
END_TEST

START_TEST(a_relative_path_is_taken_from_here)
{
    ketch_error error = {.size = sizeof error};
    const kt_saved_core core = sample_core(8);
    sample s = new_sample(8, BULK);
    ck_assert_int_eq(chdir(save_directory), 0);
    ck_assert_int_eq(save_with(&s, &core, "run.save", false, &error), KETCH_OK);
    ck_assert_int_eq(save_with(&s, &core, "./run.save", false, &error), KETCH_OK);
    ck_assert_uint_eq(loaded_seed(), 8);
    ck_assert_int_eq(chdir("/"), 0);
    free(s.bulk);
}
END_TEST

static mode_t mode_of(const char *path)
{
    struct stat info;
    ck_assert_int_eq(stat(path, &info), 0);
    return info.st_mode & 07777;
}

START_TEST(the_mode_is_kept)
{
    static const mode_t modes[] = {0600, 0640, 0644, 0666, 0755};
    const mode_t mask = umask(027);
    must_save(1, BULK);
    ck_assert_int_eq(mode_of(save_path), 0640);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        ck_assert_int_eq(chmod(save_path, modes[i]), 0);
        must_save(2, BULK);
        ck_assert_int_eq(mode_of(save_path), modes[i]);
    }
    umask(mask);
}
END_TEST

/* Runs as nobody where the tests run as root, whom no mode stops. */
static void as_nobody(void (*body)(void))
{
    const uid_t user = geteuid();
    ck_assert_int_eq(chmod(save_directory, 0777), 0);
    if (user == 0)
        ck_assert_int_eq(seteuid(65534), 0);
    body();
    if (user == 0)
        ck_assert_int_eq(seteuid(user), 0);
    ck_assert_int_eq(chmod(save_directory, 0700), 0);
}

static void save_on_protected(void)
{
    must_save(1, BULK);
    ck_assert_int_eq(chmod(save_path, 0444), 0);
    must_refuse_file(save_path, KETCH_IO, EACCES);
    ck_assert_uint_eq(loaded_seed(), 1);
    ck_assert_int_eq(chmod(save_path, 0000), 0);
    ketch_error error = {.size = sizeof error};
    ck_assert_int_eq(load_any(&error), KETCH_IO);
    ck_assert_int_eq(error.system, EACCES);
}

START_TEST(a_protected_file_stays)
{
    as_nobody(save_on_protected);
}
END_TEST

static void save_where_nothing_may_be(void)
{
    must_refuse_file("/run.save", KETCH_IO, EACCES);
}

START_TEST(a_protected_directory_stays)
{
    as_nobody(save_where_nothing_may_be);
}
END_TEST

/* The owner of another's file cannot be kept: then its group gets no more than others. */
static void save_on_others(void)
{
    must_save(2, BULK);
}

START_TEST(a_foreign_group_gets_no_more_than_others)
{
    must_save(1, BULK);
    ck_assert_int_eq(chmod(save_path, 0662), 0);
    as_nobody(save_on_others);
    ck_assert_int_eq(mode_of(save_path), geteuid() == 0 ? 0622 : 0662);
    ck_assert_uint_eq(loaded_seed(), 2);
}
END_TEST

static bool too_long(const sample *s, const kt_saved_core *core)
{
    ketch_error error = {.size = sizeof error};
    return save_with(s, core, save_path, false, &error) == KETCH_IO && error.system == EFBIG;
}

/* In a process of its own, where Check writes nothing: it has the same limit. */
static bool limit_is_kept(rlim_t limit, const sample *small, const sample *large)
{
    const struct rlimit low = {limit, limit};
    const kt_saved_core core = sample_core(2);
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(setrlimit(RLIMIT_FSIZE, &low) == 0 && too_long(small, &core) && too_long(large, &core)
                  ? 7
                  : 1);
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 7;
}

/* Not a signal, which is what a write behind the limit gets. */
START_TEST(a_limit_of_file_sizes_is_kept)
{
    must_save(1, BULK);
    sample small = new_sample(2, 8 * BULK), large = new_sample(2, UINT64_C(3) << 20);
    for (rlim_t limit = 0; limit < 8 * BULK; limit += 500)
        ck_assert(limit_is_kept(limit, &small, &large));
    free(small.bulk);
    free(large.bulk);
    ck_assert_uint_eq(loaded_seed(), 1);
    ck_assert_int_eq(each_entry(NULL), 1);
}
END_TEST

START_TEST(a_long_name_is_no_matter)
{
    char name[NAME_MAX + 1], path[400];
    ketch_error error = {.size = sizeof error};
    const kt_saved_core core = sample_core(1);
    sample s = new_sample(1, BULK);
    for (size_t i = 0; i < NAME_MAX; i++)
        name[i] = "\303\244x"[i % 3];
    name[NAME_MAX] = '\0';
    snprintf(path, sizeof path, "%s/%s", save_directory, name);
    ck_assert_msg(save_with(&s, &core, path, false, &error) == KETCH_OK, "%s", error.message);
    ck_assert_int_eq(each_entry(NULL), 1);
    free(s.bulk);
}
END_TEST

/* ---- what others leave ---- */

static char stale_path[120];

static void leave_stale(int number, const void *data, size_t size)
{
    snprintf(stale_path, sizeof stale_path, "%s/.run.save.ketch-%d", save_directory, number);
    write_bytes(stale_path, data, size);
}

START_TEST(what_a_killed_process_left_is_removed)
{
    static const char zeros[100];
    must_save(1, BULK);
    const contents whole = read_bytes(save_path);
    const contents left[] = {
        {NULL, 0}, {(unsigned char *)zeros, sizeof zeros}, whole, {whole.data, 1000}};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        leave_stale(0, left[i].data, left[i].size);
        must_save(2, BULK);
        ck_assert_int_eq(each_entry(NULL), 1);
    }
    free(whole.data);
}
END_TEST

START_TEST(what_is_no_file_of_ours_is_left_alone)
{
    leave_stale(0, "a user's", 8);
    must_save(1, BULK);
    ck_assert_int_eq(each_entry(NULL), 2);
    snprintf(stale_path, sizeof stale_path, "%s/.run.save.ketch-1", save_directory);
    ck_assert_int_eq(mkdir(stale_path, 0700), 0);
    snprintf(stale_path, sizeof stale_path, "%s/.run.save.ketch-2", save_directory);
    ck_assert_int_eq(symlink("run.save", stale_path), 0);
    must_save(2, BULK);
    ck_assert_int_eq(each_entry(NULL), 4);
    ck_assert_uint_eq(loaded_seed(), 2);
}
END_TEST

START_TEST(too_many_temporary_files_are_an_error)
{
    ketch_error error = {.size = sizeof error};
    for (int i = 0; i < 64; i++)
        leave_stale(i, "a user's", 8);
    ck_assert_int_eq(save_seed(1, BULK, &error), KETCH_IO);
    ck_assert_int_eq(error.system, EEXIST);
    ck_assert_int_eq(each_entry(NULL), 64);
}
END_TEST

/* Locked by its writer, in the middle of a save: another save leaves it alone. */
static ketch_status save_inside(ketch_writer *writer, const void *user)
{
    const ketch_status status = ketch_writer_section(writer, "first", user, 100);
    must_save(3, BULK);
    ck_assert_int_eq(each_entry(NULL), 2);
    return status;
}

START_TEST(a_file_that_is_being_written_stays)
{
    static const char zeros[100];
    static const ketch_job_type type = {
        .size = sizeof type, .name = "test.nested", .version = 1, .save = save_inside};
    ketch_error error = {.size = sizeof error};
    const kt_saved_core core = sample_core(1);
    const kt_save save = {.path = save_path, .type = &type, .user = zeros, .core = &core};
    ck_assert_int_eq(kt_save_run(&save, "test", &error), KETCH_OK);
    ck_assert_int_eq(each_entry(NULL), 1);
    ck_assert_int_eq(load_any(&error), KETCH_FORMAT);
    ck_assert_ptr_nonnull(strstr(error.message, "test.nested"));
}
END_TEST

static void *save_again_and_again(void *user)
{
    const uint64_t first = *(const uint64_t *)user;
    for (uint64_t i = 0; i < 40; i++)
        must_save(first + i, BULK);
    return NULL;
}

START_TEST(several_threads_may_save_to_one_path)
{
    pthread_t threads[4];
    uint64_t firsts[4];
    for (uint64_t i = 0; i < 4; i++) {
        firsts[i] = 1000 * i;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, save_again_and_again, &firsts[i]), 0);
    }
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    ck_assert_uint_eq(loaded_seed() % 1000, 39);
    ck_assert_int_eq(each_entry(NULL), 1);
}
END_TEST

/* ---- killed in the middle ---- */

/* Without assertions: Check writes a message for each, which the kill would cut off. */
static void save_until_killed(volatile uint64_t *done)
{
    ketch_error error = {.size = sizeof error};
    while (save_seed(*done + 1, 50 * BULK, &error) == KETCH_OK)
        ++*done;
}

/* The file holds the last run that was saved, or the one after it. */
static void kill_once(volatile uint64_t *done, uint64_t *state)
{
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        save_until_killed(done);
        _exit(1);
    }
    usleep((useconds_t)(next_word(state) % 20000));
    kill(child, SIGKILL);
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status));
    const uint64_t seed = loaded_seed();
    ck_assert_msg(seed == *done || seed == *done + 1, "%llu after %llu", (unsigned long long)seed,
                  (unsigned long long)*done);
    *done = seed;
    ck_assert_int_le(each_entry(NULL), 2);
}

START_TEST(killed_at_any_time_a_save_leaves_the_old_or_the_new)
{
    const int rounds = getenv("KETCH_LONG") ? 1000 : 40;
    uint64_t state = 12;
    volatile uint64_t *const done =
        mmap(NULL, sizeof *done, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert(done != MAP_FAILED);
    *done = 1;
    must_save(1, 50 * BULK);
    for (int i = 0; i < rounds; i++)
        kill_once(done, &state);
    must_save(2, BULK);
    ck_assert_int_eq(each_entry(NULL), 1);
    figure("P5", "saves killed, none lost", rounds, "");
    munmap((void *)done, sizeof *done);
}
END_TEST

/* On a disk, and not in memory. */
static TCase *disk_case(Suite *suite, const char *name)
{
    TCase *const made = tcase_create(name);
    tcase_add_checked_fixture(made, make_directory_on_disk, remove_directory);
    tcase_set_timeout(made, 600);
    suite_add_tcase(suite, made);
    return made;
}

/* A host may have closed them, and print. */
START_TEST(no_file_gets_a_standard_descriptor)
{
    int kept[3], opened[3];
    for (int i = 0; i < 3; i++)
        ck_assert_int_ge(kept[i] = fcntl(i, F_DUPFD_CLOEXEC, 10), 10);
    for (int i = 0; i < 3; i++)
        close(i);
    for (int i = 0; i < 3; i++)
        opened[i] = kt_file_open_at(KT_FILE_CREATE, AT_FDCWD, save_path, O_WRONLY | O_CREAT, 0600);
    const bool closed = fcntl(0, F_GETFD) < 0 && fcntl(1, F_GETFD) < 0 && fcntl(2, F_GETFD) < 0;
    for (int i = 0; i < 3; i++) {
        dup2(kept[i], i);
        close(kept[i]);
    }
    ck_assert(closed);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_gt(opened[i], STDERR_FILENO);
        ck_assert_int_eq(fcntl(opened[i], F_GETFD), FD_CLOEXEC);
        kt_file_end(opened[i]);
    }
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("save");
    save_tests(suite, "round trip",
               (const TTest *const[]){a_run_comes_back_as_it_was_saved,
                                      the_same_run_gives_the_same_file,
                                      a_saved_run_can_be_looked_at, looking_at_nothing_is_refused,
                                      a_run_without_a_note_has_none, bad_sections_are_refused,
                                      a_failure_of_the_job_is_told, a_type_without_save_is_refused,
                                      many_sections_are_found_by_name, NULL});
    save_tests(suite, "target",
               (const TTest *const[]){
                   what_is_no_file_is_refused, a_foreign_file_is_replaced_by_force_alone,
                   a_damaged_file_of_ours_may_be_replaced, a_link_is_followed,
                   a_relative_path_is_taken_from_here, the_mode_is_kept, a_protected_file_stays,
                   a_protected_directory_stays, a_foreign_group_gets_no_more_than_others,
                   a_long_name_is_no_matter, no_file_gets_a_standard_descriptor, NULL});
    save_tests(suite, "others",
               (const TTest *const[]){
                   what_a_killed_process_left_is_removed, what_is_no_file_of_ours_is_left_alone,
                   too_many_temporary_files_are_an_error, a_file_that_is_being_written_stays,
                   several_threads_may_save_to_one_path, NULL});
    TCase *const forks = save_case(suite, "kill");
    tcase_set_tags(forks, "fork");
    tcase_add_test(forks, a_limit_of_file_sizes_is_kept);
    tcase_add_test(forks, killed_at_any_time_a_save_leaves_the_old_or_the_new);
    tcase_add_test(disk_case(suite, "disk"), a_run_comes_back_as_it_was_saved);
    if (getenv("KETCH_LONG"))
        tcase_add_test(disk_case(suite, "large"), a_section_may_be_larger_than_4_gib);
    return end_with(suite);
}
