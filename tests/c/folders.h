/* Folders of files that tests make. */
#ifndef KT_TEST_FOLDERS_H
#define KT_TEST_FOLDERS_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Writes folder/path, and makes the folders on the way. path begins with a slash. */
static inline void write_file(const char *folder, const char *path, const char *text)
{
    char name[512];
    snprintf(name, sizeof name, "%s%s", folder, path);
    for (char *at = name + strlen(folder) + 1; (at = strchr(at, '/')); *at++ = '/') {
        *at = '\0';
        mkdir(name, 0700);
    }
    FILE *const file = fopen(name, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static inline void remove_folder(const char *folder)
{
    char command[600];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

#endif
