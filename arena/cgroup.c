#define _GNU_SOURCE
#include "cgroup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The longest path and line; longer ones are ignored. */
enum { KT_CGROUP_PATH = 512 };

const kt_cgroup_source kt_cgroup_system = {"/proc/self/cgroup", "/sys/fs/cgroup"};

typedef struct walk {
    const char *mount, *controller;
    kt_cgroup_visit *visit;
    void *user;
} walk;

/* Visits the group's folder below mount/tree, and the folders of the groups around it. */
static void visit_upwards(const walk *w, const char *tree, const char *group, bool unified)
{
    char folder[KT_CGROUP_PATH];
    const int length = snprintf(folder, sizeof folder, "%s%s%s", w->mount, tree, group);
    if (length < 0 || (size_t)length >= sizeof folder)
        return;
    char *const root = folder + strlen(w->mount) + strlen(tree);
    for (char *end = folder + length; end; end = strrchr(root, '/')) {
        *end = '\0';
        w->visit(folder, unified, w->user);
    }
}

/* True if `word` is one of the names in a list separated by commas. */
static bool lists_word(const char *list, const char *word)
{
    const size_t length = strlen(word);
    for (const char *at = list; (at = strstr(at, word)); at += length)
        if ((at == list || at[-1] == ',') && (at[length] == ',' || at[length] == '\0'))
            return true;
    return false;
}

/* A line is "number:controllers:group". Version 2 has no controllers. A system with both versions
 * mounts version 2 beside the others, as "unified". */
static void visit_line(const walk *w, char *line)
{
    char *const controllers = strchr(line, ':');
    char *const group = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!group)
        return;
    *group = '\0';
    if (lists_word(controllers + 1, w->controller)) {
        char tree[32];
        snprintf(tree, sizeof tree, "/%s", w->controller);
        visit_upwards(w, tree, group + 1, false);
    } else if (controllers[1] == '\0') {
        visit_upwards(w, "", group + 1, true);
        visit_upwards(w, "/unified", group + 1, true);
    }
}

/* False at the end of the file. A line that does not fit is read to its end and left empty. */
static bool read_line(char *line, int size, FILE *file)
{
    if (!fgets(line, size, file))
        return false;
    if (strchr(line, '\n') || feof(file)) {
        line[strcspn(line, "\n")] = '\0';
        return true;
    }
    for (int c = 0; c != '\n' && c != EOF;)
        c = getc(file);
    line[0] = '\0';
    return true;
}

void kt_cgroup_walk(const kt_cgroup_source *source, const char *controller, kt_cgroup_visit *visit,
                    void *user)
{
    const walk w = {source->mount, controller, visit, user};
    FILE *const file = fopen(source->list, "re");
    if (!file)
        return;
    char line[KT_CGROUP_PATH];
    while (read_line(line, sizeof line, file))
        visit_line(&w, line);
    fclose(file);
}

/* Reads the number at *at and advances *at past it; false if there is none. */
static bool read_number(uint64_t *number, char **at)
{
    *at += strspn(*at, " ");
    if (strncmp(*at, "max", 3) == 0) {
        *number = UINT64_MAX;
        *at += 3;
        return true;
    }
    char *end;
    const bool negative = **at == '-';
    const unsigned long long value = strtoull(*at, &end, 10);
    const bool found = end != *at;
    *number = negative ? UINT64_MAX : value;
    *at = end;
    return found;
}

int kt_cgroup_read(uint64_t numbers[2], const char *folder, const char *name)
{
    char path[KT_CGROUP_PATH + 32], line[64] = "";
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *const file = fopen(path, "re");
    if (!file)
        return 0;
    char *at = fgets(line, sizeof line, file);
    fclose(file);
    int count = 0;
    while (at && count < 2 && read_number(&numbers[count], &at))
        count++;
    return count;
}
