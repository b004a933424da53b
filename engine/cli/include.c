#define _GNU_SOURCE
#include "cli/include.h"

#include "cli/source.h"
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* One text, and what was read before it; own: the block that this record is in. */
typedef struct kt_included {
    struct kt_included *before;
    ketch_block *text, *own;
} kt_included;

const char *kt_includes_missing(const kt_options *options)
{
    struct stat found;
    for (int32_t i = 0; i < options->include_count; i++) {
        if (stat(options->include[i], &found) != 0)
            return options->include[i];
        errno = ENOTDIR;
        if (!S_ISDIR(found.st_mode))
            return options->include[i];
    }
    return NULL;
}

ketch_status kt_includes_begin(kt_includes **includes, kt_work *work)
{
    ketch_block *block = NULL;
    const ketch_status status =
        ketch_block_take(&block, work->arena, sizeof **includes, "text", &work->error);
    if (status != KETCH_OK)
        return status;
    *includes = ketch_block_data(block);
    (*includes)->own = block;
    (*includes)->options = work->options;
    (*includes)->arena = work->arena;
    (*includes)->last = NULL;
    (*includes)->why[0] = 0;
    return KETCH_OK;
}

/* Folder number i, the circuit's own first; false: there is none. A name without a slash lies in the
 * working folder. */
static bool find_folder(kt_includes *in, int i)
{
    const char *const file = in->options->file, *const slash = strrchr(file, '/');
    const bool standard = strcmp(file, "-") == 0;
    if (standard || i > 0) {
        const int given = standard ? i : i - 1;
        if (given >= in->options->include_count)
            return false;
        snprintf(in->folder, sizeof in->folder, "%s", in->options->include[given]);
        return true;
    }
    const size_t length = slash ? (size_t)(slash - file) : 1;
    snprintf(in->folder, sizeof in->folder, "%.*s", slash && !length ? 1 : (int)length,
             slash ? file : ".");
    return true;
}

/* True if the path lies in the folder; both are resolved. */
static bool is_within(const char *path, const char *folder)
{
    const size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 &&
           (length == 1 || path[length] == '/'); /* "/" ends with its slash */
}

static void explain_include(kt_includes *in, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void explain_include(kt_includes *in, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(in->why, sizeof in->why, format, arguments);
    va_end(arguments);
}

/* Says why a name is not included; with a list of the folders behind the reason. */
static void explain_folders(kt_includes *in, const char *name, const char *reason)
{
    explain_include(in, "include '%.200s': %s", name, reason);
    for (int i = 0; find_folder(in, i); i++) {
        const size_t used = strlen(in->why);
        snprintf(in->why + used, sizeof in->why - used, "%s'%.200s'", i ? ", " : "", in->folder);
    }
    const size_t used = strlen(in->why);
    snprintf(in->why + used, sizeof in->why - used, "; -I DIR adds a folder");
}

/* True if in->found lies in one of the folders. */
static bool is_within_any(kt_includes *in)
{
    for (int i = 0; find_folder(in, i); i++)
        if (realpath(in->folder, in->path) && is_within(in->found, in->path))
            return true;
    return false;
}

/* Looks in in->folder; the path that was found, without links, is in in->found. False with a reason
 * where there is something that must not be read, and without one where there is nothing. */
static bool look_in_folder(kt_includes *in, const char *name)
{
    const int length = snprintf(in->path, sizeof in->path, "%s/%s", in->folder, name);
    errno = ENAMETOOLONG;
    if (length >= (int)sizeof in->path || !realpath(in->path, in->found)) {
        if (errno != ENOENT && errno != ENOTDIR)
            explain_include(in, "include '%.200s': %s", name, strerror(errno));
        return false;
    }
    if (is_within_any(in))
        return true;
    explain_folders(in, name, "a file outside of ");
    return false;
}

/* True if a folder has it; the first that has it counts. */
static bool look_everywhere(kt_includes *in, const char *name)
{
    in->why[0] = 0;
    if (!find_folder(in, 0)) {
        explain_include(in,
                        "include '%.200s': a text from standard input includes files from the "
                        "folders of -I DIR",
                        name);
        return false;
    }
    if (*name == '/') {
        explain_folders(in, name, "a file outside of ");
        return false;
    }
    for (int i = 0; find_folder(in, i); i++)
        if (look_in_folder(in, name))
            return true;
    if (!in->why[0])
        explain_folders(in, name, "no such file in ");
    return false;
}

/* Puts the text in the list; NULL: no memory for that. */
static kt_included *keep_included(kt_includes *in, ketch_block *text)
{
    ketch_block *own = NULL;
    if (ketch_block_take(&own, in->arena, sizeof(kt_included), "text", NULL) != KETCH_OK)
        return NULL;
    kt_included *const made = ketch_block_data(own);
    *made = (kt_included){in->last, text, own};
    in->last = made;
    return made;
}

const char *kt_includes_resolve(const char *name, size_t *length, void *user)
{
    kt_includes *const in = user;
    kt_unread unread = {KT_EXIT_MEMORY, "no memory"};
    if (!look_everywhere(in, name))
        return NULL;
    ketch_block *const text =
        kt_source_load(length, in->found, in->options->text_limit, in->arena, &unread);
    if (text && keep_included(in, text))
        return ketch_block_data(text);
    if (text)
        ketch_block_drop(text);
    explain_include(in, "include '%.200s': %s", name, unread.why);
    return NULL;
}

void kt_includes_end(kt_includes *in)
{
    while (in->last) {
        kt_included *const last = in->last;
        in->last = last->before;
        ketch_block_drop(last->text);
        ketch_block_drop(last->own);
    }
    ketch_block_drop(in->own);
}
