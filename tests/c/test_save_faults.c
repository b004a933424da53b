/* Any operation on a file may fail, any request for memory be refused, and the machine stop between
 * any two operations: the file is the old one or the new one, and nothing is left behind. For debug
 * builds, where file operations can be watched. */
#include "saves.h"
#include "refusals.h"
#include "suite.h"

#include <errno.h>
#include <sys/stat.h>

/* ---- operations fail ---- */

static bool new_in_place(const refusal *r)
{
    return can_do_without(r) || r->first == KT_FILE_SYNC_DIRECTORY;
}

/* Saves seed 2 over what is there; false where nothing was refused any more. */
static bool save_refused(refusal *r, const contents *old, uint64_t bulk_size)
{
    ketch_error error = {.size = sizeof error};
    const int descriptors = count_descriptors();
    const kt_saved_core core = sample_core(2);
    sample s = new_sample(2, bulk_size);
    kt_file_intercept(refuse, r);
    const ketch_status status = save_with(&s, &core, save_path, false, &error);
    kt_file_intercept(NULL, NULL);
    free(s.bulk);
    check_told(r, status, &error);
    ck_assert_int_eq(count_descriptors(), descriptors);
    if (status == KETCH_OK || (!r->onwards && new_in_place(r)))
        ck_assert_uint_eq(loaded_seed(), 2);
    else if (!new_in_place(r) && old->data) {
        const contents now = read_bytes(save_path);
        ck_assert(same_bytes(now, *old));
        free(now.data);
    } else if (!new_in_place(r))
        ck_assert_int_eq(access(save_path, F_OK), -1);
    return r->first != KT_FILE_KINDS;
}

/* One file, or none: what could not be removed the next save removes. */
static void check_leftovers(const refusal *r)
{
    const int files = access(save_path, F_OK) == 0;
    ck_assert_int_le(each_entry(NULL), files + r->onwards);
    must_save(3, BULK);
    ck_assert_int_eq(each_entry(NULL), 1);
}

/* Where there is no old file there is none after a failure. */
static void put_old(const contents *old)
{
    unlink(save_path);
    if (old->data)
        write_bytes(save_path, old->data, old->size);
}

static uint64_t refuse_each(const contents *old, int number, bool onwards, uint64_t bulk_size)
{
    for (uint64_t at = 1; at < 1000; at++) {
        refusal r = {.at = at, .onwards = onwards, .number = number, .first = KT_FILE_KINDS};
        put_old(old);
        const bool more = save_refused(&r, old, bulk_size);
        check_leftovers(&r);
        if (!more)
            return at - 1;
    }
    return 0;
}

static void refuse_all(const contents *old)
{
    static const int numbers[] = {EIO, ENOSPC, EACCES, ENOMEM};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        for (int onwards = 0; onwards < 2; onwards++) {
            const uint64_t points = refuse_each(old, numbers[i], onwards, BULK);
            ck_assert_uint_gt(points, 15);
            figure("P4", "operations of a save that failed, each told", (double)points, "");
        }
}

START_TEST(every_operation_of_a_save_fails)
{
    must_save(1, BULK);
    const contents old = read_bytes(save_path);
    refuse_all(&old);
    free(old.data);
}
END_TEST

START_TEST(every_operation_of_a_first_save_fails)
{
    refuse_all(&(contents){NULL, 0});
}
END_TEST

/* Large enough to reserve space and to start the disk. */
START_TEST(every_operation_of_a_large_save_fails)
{
    must_save(1, BULK);
    const contents old = read_bytes(save_path);
    ck_assert_uint_gt(refuse_each(&old, EIO, false, UINT64_C(9) << 20), 50);
    ck_assert_uint_gt(refuse_each(&old, EACCES, false, UINT64_C(9) << 20), 50);
    free(old.data);
}
END_TEST

START_TEST(every_operation_on_leftovers_fails)
{
    char stale[120];
    snprintf(stale, sizeof stale, "%s/.run.save.ketch-0", save_directory);
    must_save(1, BULK);
    const contents old = read_bytes(save_path);
    for (uint64_t at = 1; at < 60; at++) {
        refusal r = {.at = at, .number = EIO, .first = KT_FILE_KINDS};
        ketch_error error = {.size = sizeof error};
        put_old(&old);
        write_bytes(stale, "", 0);
        kt_file_intercept(refuse, &r);
        const ketch_status status = save_seed(2, BULK, &error);
        kt_file_intercept(NULL, NULL);
        ck_assert(status == KETCH_OK || status == KETCH_IO);
        ck_assert_uint_eq(loaded_seed(), status == KETCH_OK || new_in_place(&r) ? 2 : 1);
        ck_assert_int_le(each_entry(NULL), 2);
    }
    free(old.data);
}
END_TEST

START_TEST(a_directory_that_cannot_be_synced_is_no_failure)
{
    must_save(1, BULK);
    for (uint64_t at = 1; at < 60; at++) {
        refusal r = {.at = at, .number = EINVAL, .first = KT_FILE_KINDS};
        kt_file_intercept(refuse, &r);
        const ketch_status status = save_seed(2, BULK, NULL);
        kt_file_intercept(NULL, NULL);
        if (r.first == KT_FILE_SYNC_DIRECTORY)
            ck_assert_int_eq(status, KETCH_OK);
    }
}
END_TEST

START_TEST(every_operation_of_a_load_fails)
{
    must_save(1, BULK);
    const int descriptors = count_descriptors();
    uint64_t at = 1;
    for (bool more = true; more; at++) {
        refusal r = {.at = at, .number = EIO, .first = KT_FILE_KINDS};
        ketch_error error = {.size = sizeof error};
        kt_file_intercept(refuse, &r);
        const ketch_status status = load_any(&error);
        kt_file_intercept(NULL, NULL);
        check_told(&r, status, &error);
        ck_assert_int_eq(count_descriptors(), descriptors);
        more = r.first != KT_FILE_KINDS;
    }
    ck_assert_uint_gt(at, 10);
}
END_TEST

START_TEST(every_operation_of_a_look_fails)
{
    must_save(1, BULK);
    const int descriptors = count_descriptors();
    for (uint64_t at = 1; at < 30; at++) {
        refusal r = {.at = at, .number = EIO, .first = KT_FILE_KINDS};
        ketch_error error = {.size = sizeof error};
        ketch_saved *saved;
        kt_file_intercept(refuse, &r);
        const ketch_status status = ketch_saved_open(&saved, save_path, &error);
        kt_file_intercept(NULL, NULL);
        check_told(&r, status, &error);
        ck_assert_int_eq(status == KETCH_OK, saved != NULL);
        ketch_saved_close(saved);
        ck_assert_int_eq(count_descriptors(), descriptors);
    }
}
END_TEST

/* ---- operations do less than they were asked ---- */

static int shorten(void *user, kt_file_operation *operation)
{
    const bool moves = operation->kind == KT_FILE_READ || operation->kind == KT_FILE_WRITE;
    if (moves && operation->size > *(const uint64_t *)user)
        operation->size = *(const uint64_t *)user;
    return 0;
}

/* Every operation is interrupted once before it is done. */
static int interrupt(void *user, kt_file_operation *operation)
{
    bool *const interrupted = user;
    const bool may_be = operation->kind == KT_FILE_READ || operation->kind == KT_FILE_WRITE ||
                        operation->kind == KT_FILE_SYNC || operation->kind == KT_FILE_OPEN ||
                        operation->kind == KT_FILE_CREATE || operation->kind == KT_FILE_RESERVE ||
                        operation->kind == KT_FILE_SYNC_DIRECTORY;
    *interrupted = may_be && !*interrupted;
    return *interrupted ? EINTR : 0;
}

static void save_intercepted(kt_file_interceptor interceptor, void *user, const contents *wanted)
{
    kt_file_intercept(interceptor, user);
    must_save(1, UINT64_C(2) << 20);
    const uint64_t seed = loaded_seed();
    kt_file_intercept(NULL, NULL);
    const contents got = read_bytes(save_path);
    ck_assert_uint_eq(seed, 1);
    ck_assert(same_bytes(got, *wanted));
    free(got.data);
}

START_TEST(short_and_interrupted_operations_are_taken_up_again)
{
    uint64_t least = 97, more = 100001;
    bool interrupted = false;
    must_save(1, UINT64_C(2) << 20);
    const contents wanted = read_bytes(save_path);
    save_intercepted(shorten, &least, &wanted);
    save_intercepted(shorten, &more, &wanted);
    save_intercepted(interrupt, &interrupted, &wanted);
    free(wanted.data);
}
END_TEST

START_TEST(a_write_of_nothing_is_a_full_disk)
{
    ketch_error error = {.size = sizeof error};
    uint64_t nothing = 0;
    kt_file_intercept(shorten, &nothing);
    ck_assert_int_eq(save_seed(1, BULK, &error), KETCH_IO);
    kt_file_intercept(NULL, NULL);
    ck_assert_int_eq(error.system, ENOSPC);
    ck_assert_int_eq(each_entry(NULL), 0);
    must_save(1, BULK);
    kt_file_intercept(shorten, &nothing);
    ck_assert_int_eq(load_any(&error), KETCH_CORRUPT);
    kt_file_intercept(NULL, NULL);
    ck_assert_ptr_nonnull(strstr(error.message, "shorter"));
}
END_TEST

/* ---- memory ---- */

START_TEST(every_request_for_memory_is_refused)
{
    must_save(1, BULK);
    const kt_saved_core core = sample_core(2);
    sample s = new_sample(2, BULK);
    ketch_status status = KETCH_MEMORY;
    uint64_t at = 1;
    for (; status != KETCH_OK && at < 100; at++) {
        ketch_error error = {.size = sizeof error};
        const int descriptors = count_descriptors();
        kt_fault_arm(at, _i);
        status = save_with(&s, &core, save_path, false, &error);
        kt_fault_arm(0, false);
        ck_assert_int_eq(count_descriptors(), descriptors);
        ck_assert_int_eq(each_entry(NULL), 1);
        ck_assert_uint_eq(loaded_seed(), status == KETCH_OK ? 2 : 1);
        ck_assert(status == KETCH_OK || (status == KETCH_MEMORY && error.status == status));
    }
    ck_assert_uint_ge(at, 4);
    free(s.bulk);
}
END_TEST

static ketch_status look_at(ketch_saved **saved, ketch_error *error)
{
    *saved = NULL;
    const ketch_status status = ketch_saved_open(saved, save_path, error);
    ck_assert_int_eq(status == KETCH_OK, *saved != NULL);
    return status;
}

START_TEST(every_request_of_a_load_is_refused)
{
    must_save(1, BULK);
    const int descriptors = count_descriptors();
    ketch_status looked = KETCH_MEMORY, loaded = KETCH_MEMORY;
    for (uint64_t at = 1; (looked != KETCH_OK || loaded != KETCH_OK) && at < 100; at++) {
        ketch_saved *saved;
        kt_fault_arm(at, _i);
        looked = look_at(&saved, NULL);
        kt_fault_arm(at, _i);
        loaded = load_any(NULL);
        kt_fault_arm(0, false);
        ck_assert(looked == KETCH_OK || looked == KETCH_MEMORY);
        ck_assert(loaded == KETCH_OK || loaded == KETCH_MEMORY);
        ketch_saved_close(saved);
        ck_assert_int_eq(count_descriptors(), descriptors);
    }
    ck_assert(looked == KETCH_OK && loaded == KETCH_OK);
}
END_TEST

/* No size in a damaged file is believed. */
static void must_ask_for_little(const char *what, uint64_t at)
{
    struct stat info;
    ketch_saved *saved;
    ck_assert_int_eq(stat(save_path, &info), 0);
    const uint64_t most = (uint64_t)info.st_size + (UINT64_C(1) << 20);
    kt_fault_arm(0, false);
    (void)load_any(NULL);
    ck_assert_msg(kt_fault_bytes() <= most, "%s %llu", what, (unsigned long long)at);
    kt_fault_arm(0, false);
    (void)look_at(&saved, NULL);
    ck_assert_msg(kt_fault_bytes() <= most, "%s %llu", what, (unsigned long long)at);
    ketch_saved_close(saved);
}

START_TEST(a_damaged_file_gets_no_memory)
{
    must_save(1, BULK);
    each_damage(damage_samples(), must_ask_for_little);
}
END_TEST

/* ---- the machine stops ---- */

enum { RECORDED_MOST = 64, SECTOR = 512 };

/* What changes the disk, with a copy of what is written. */
typedef struct record {
    kt_file_kind kind;
    unsigned char *data;
    uint64_t size, offset;
} record;

typedef struct recording {
    record records[RECORDED_MOST];
    int count;
} recording;

static int record_operation(void *user, kt_file_operation *operation)
{
    recording *const r = user;
    switch (operation->kind) {
    case KT_FILE_CREATE:
    case KT_FILE_WRITE:
    case KT_FILE_SYNC:
    case KT_FILE_RENAME:
    case KT_FILE_SYNC_DIRECTORY:
        break;
    default:
        return 0;
    }
    ck_assert_int_lt(r->count, RECORDED_MOST);
    record *const made = &r->records[r->count++];
    *made = (record){.kind = operation->kind, .size = operation->size, .offset = operation->offset};
    if (made->kind == KT_FILE_WRITE) {
        made->data = malloc(made->size + 1);
        ck_assert_ptr_nonnull(made->data);
        memcpy(made->data, operation->data, made->size);
    }
    return 0;
}

static void free_recording(recording *r)
{
    for (int i = 0; i < r->count; i++)
        free(r->records[i].data);
}

/* A save of seed 2 over seed 1. */
static recording record_save(void)
{
    recording r = {.count = 0};
    must_save(1, BULK);
    kt_file_intercept(record_operation, &r);
    must_save(2, BULK);
    kt_file_intercept(NULL, NULL);
    return r;
}

/* What may have become of a write that was not synced. */
enum { WHOLE, LOST, ZEROS, TORN, FATES };

/* The file as it may be found: written by the operations before `end`, of which those behind the
 * last sync have the fates that choice says, two bits each. */
static contents found_after(const recording *r, int end, uint64_t choice)
{
    contents found = {calloc(1, 1 << 16), 0};
    ck_assert_ptr_nonnull(found.data);
    int synced = 0;
    for (int i = 0; i < end; i++)
        if (r->records[i].kind == KT_FILE_SYNC)
            synced = i;
    for (int i = 0; i < end; i++) {
        const record *const w = &r->records[i];
        if (w->kind != KT_FILE_WRITE)
            continue;
        const int fate = i < synced ? WHOLE : (int)(choice % FATES);
        choice = i < synced ? choice : choice / FATES;
        ck_assert_uint_le(w->offset + w->size, 1 << 16);
        const uint64_t torn = w->size / 2 / SECTOR * SECTOR;
        const uint64_t kept = fate == WHOLE ? w->size : fate == TORN ? torn : 0;
        memcpy(found.data + w->offset, w->data, kept);
        if (fate != LOST && w->offset + w->size > found.size)
            found.size = w->offset + w->size;
    }
    return found;
}

static int unsynced_writes(const recording *r, int end)
{
    int count = 0;
    for (int i = 0; i < end; i++)
        if (r->records[i].kind == KT_FILE_SYNC)
            count = 0;
        else if (r->records[i].kind == KT_FILE_WRITE)
            count++;
    return count;
}

static bool happened(const recording *r, int end, kt_file_kind kind)
{
    for (int i = 0; i < end; i++)
        if (r->records[i].kind == kind)
            return true;
    return false;
}

/* The seed that is loaded from save_path; 0 where none is. */
static uint64_t seed_found(void)
{
    sample s = {.bulk = NULL};
    kt_saved_core core;
    return load_path(&s, &core, save_path, NULL) == KETCH_OK ? s.numbers[0] : 0;
}

/* Puts the found file beside or in place of the old one; returns what a load finds then. A save
 * must be able to go on from there. */
static uint64_t restart(const contents *old, const contents *found, bool renamed, bool beside)
{
    char temporary[120];
    snprintf(temporary, sizeof temporary, "%s/.run.save.ketch-0", save_directory);
    unlink(temporary);
    unlink(save_path);
    write_bytes(save_path, renamed ? found->data : old->data, renamed ? found->size : old->size);
    if (beside)
        write_bytes(temporary, found->data, found->size);
    const uint64_t seed = seed_found();
    if (beside) {
        must_save(3, BULK);
        ck_assert_int_eq(each_entry(NULL), 1);
    }
    return seed;
}

/* What is wrong after a stop behind `end` operations with that choice; true where all is well. A
 * rename is on the disk when the directory was synced, and before that it may be. */
static bool well_after(const recording *r, const contents *old, int end, uint64_t choice)
{
    const bool renamed = happened(r, end, KT_FILE_RENAME);
    const bool certain = happened(r, end, KT_FILE_SYNC_DIRECTORY);
    const bool finished = end == r->count;
    const contents found = found_after(r, end, choice);
    bool well = true;
    if (renamed)
        well = restart(old, &found, true, false) == 2;
    if (!certain) {
        const bool beside = happened(r, end, KT_FILE_CREATE) && !renamed;
        well = well && restart(old, &found, false, beside) == 1 && !finished;
    }
    free(found.data);
    return well;
}

static uint64_t choices_of(const recording *r, int end)
{
    uint64_t count = 1;
    for (int i = unsynced_writes(r, end); i > 0; i--)
        count *= FATES;
    return count;
}

/* Stops after every operation; all choices in the long form, else some of them. Returns how many
 * went wrong. */
static uint64_t replay(const recording *r, const contents *old, uint64_t most, uint64_t *tried)
{
    uint64_t wrong = 0, state = 5;
    for (int end = 0; end <= r->count; end++) {
        const uint64_t choices = choices_of(r, end);
        for (uint64_t i = 0; i < choices && i < most; i++, ++*tried)
            wrong += !well_after(r, old, end, choices <= most ? i : next_word(&state) % choices);
    }
    return wrong;
}

START_TEST(stopped_anywhere_a_save_leaves_the_old_or_the_new)
{
    recording r = record_save();
    must_save(1, BULK);
    const contents old = read_bytes(save_path);
    uint64_t tried = 0;
    ck_assert_uint_eq(replay(&r, &old, getenv("KETCH_LONG") ? UINT64_MAX : 12, &tried), 0);
    ck_assert_uint_gt(tried, 50);
    figure("P5", "states of the disk after a stop, all well", (double)tried, "");
    free(old.data);
    free_recording(&r);
}
END_TEST

/* The replay would notice a save in another order. */
static void must_go_wrong(recording r, int moved, int to)
{
    unlink(save_path);
    must_save(1, BULK);
    const contents old = read_bytes(save_path);
    uint64_t tried = 0;
    const record kept = r.records[moved];
    for (int i = moved; i + 1 < r.count; i++)
        r.records[i] = r.records[i + 1];
    r.count--;
    for (int i = r.count; to >= 0 && i > to; i--)
        r.records[i] = r.records[i - 1];
    if (to >= 0) {
        r.records[to] = kept;
        r.count++;
    }
    ck_assert_uint_gt(replay(&r, &old, 12, &tried), 0);
    free(old.data);
}

static int find_kind(const recording *r, kt_file_kind kind)
{
    for (int i = 0; i < r->count; i++)
        if (r->records[i].kind == kind)
            return i;
    ck_abort_msg("kind %d is missing", kind);
    return -1;
}

START_TEST(another_order_would_be_noticed)
{
    recording r = record_save();
    const int sync = find_kind(&r, KT_FILE_SYNC), rename = find_kind(&r, KT_FILE_RENAME);
    must_go_wrong(r, sync, -1);
    must_go_wrong(r, sync, rename);
    must_go_wrong(r, rename, sync - 1);
    must_go_wrong(r, find_kind(&r, KT_FILE_SYNC_DIRECTORY), -1);
    must_go_wrong(r, find_kind(&r, KT_FILE_WRITE), rename);
    free_recording(&r);
}
END_TEST

int main(void)
{
    if (!kt_file_intercept(NULL, NULL)) {
        puts("1..0 # SKIP needs a build with --enable-debug");
        return EXIT_SUCCESS;
    }
    Suite *const suite = suite_create("save faults");
    save_tests(suite, "files",
               (const TTest *const[]){
                   every_operation_of_a_save_fails, every_operation_of_a_first_save_fails,
                   every_operation_of_a_large_save_fails, every_operation_on_leftovers_fails,
                   a_directory_that_cannot_be_synced_is_no_failure, every_operation_of_a_load_fails,
                   every_operation_of_a_look_fails,
                   short_and_interrupted_operations_are_taken_up_again,
                   a_write_of_nothing_is_a_full_disk, NULL});
    TCase *const memory = save_case(suite, "memory");
    tcase_add_loop_test(memory, every_request_for_memory_is_refused, 0, 2);
    tcase_add_loop_test(memory, every_request_of_a_load_is_refused, 0, 2);
    tcase_add_test(memory, a_damaged_file_gets_no_memory);
    save_tests(suite, "stop",
               (const TTest *const[]){stopped_anywhere_a_save_leaves_the_old_or_the_new,
                                      another_order_would_be_noticed, NULL});
    return end_with(suite);
}
