/* Runs a fuzz target on each file of the folders that are named, as TAP: without libFuzzer, so that
 * any compiler's build replays the corpus. */
#define _GNU_SOURCE
#include "fuzz.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

static void run_file(const char *path)
{
    FILE *const file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END))
        fuzz_fail(path, 0, "it can be read");
    const long size = ftell(file);
    uint8_t *const data = malloc(size > 0 ? (size_t)size : 1); /* exactly, for the sanitizer */
    rewind(file);
    if (!data || size < 0 || fread(data, 1, (size_t)size, file) != (size_t)size)
        fuzz_fail(path, 0, "it can be read");
    fclose(file);
    LLVMFuzzerTestOneInput(data, (size_t)size);
    free(data);
}

static int run_folder(const char *folder)
{
    int count = 0;
    DIR *const entries = chdir(folder) ? NULL : opendir(".");
    if (!entries)
        fuzz_fail(folder, 0, "it is a folder");
    for (struct dirent *entry; (entry = readdir(entries));) {
        if (entry->d_name[0] == '.')
            continue;
        fprintf(stderr, "%s\n", entry->d_name); /* the last one is the input that failed */
        run_file(entry->d_name);
        count++;
    }
    closedir(entries);
    return count;
}

/* The folder, or else the corpus of the target, which the program's name ends with. */
int main(int argc, char **argv)
{
    const char *const root = getenv("abs_srcdir");
    const char *const name = strrchr(argv[0], '_');
    if (argc == 1 && ((root && chdir(root)) || chdir("tests/fuzz/corpus") || !name))
        fuzz_fail("tests/fuzz/corpus", 0, "it is a folder");
    const int count = run_folder(argc > 1 ? argv[1] : name + 1);
    printf("1..1\n%sok 1 - %d inputs of %s\n", count > 0 ? "" : "not ", count, argv[0]);
    return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
