/* Memory from the operating system. Only pages.c maps memory; limits.c reads how much the process
 * may use. */
#ifndef KT_PAGES_H
#define KT_PAGES_H

#include <stddef.h>
#include <stdint.h>

enum { KT_HUGE = 2 << 20 };

/* size rounded up to what is mapped for it: whole pages, whole huge pages from KT_HUGE up; 0 where
 * that overflows. */
size_t kt_pages_round(size_t size);
/* Zeroed private memory of a rounded size; NULL where the system refuses. Below KT_HUGE it is backed
 * at once, which costs half of what the faults would. From there on it is aligned to KT_HUGE, huge
 * pages are advised, it is not dumped to core, `name` appears in the process map where the system
 * can, and nothing is backed before it is touched. */
void *kt_pages_map(size_t size, const char *name);
/* Has the system back the memory, with contents as they are, as a write of each page would. Threads
 * that do so with different pieces of a map do not wait for each other. It may do nothing. */
void kt_pages_touch(void *memory, size_t size);
void kt_pages_unmap(void *memory, size_t size);
/* A page that begins with the number 1, which is 0 in a forked child; NULL if the system has no
 * such memory. It tells processes apart without a system call. */
const int32_t *kt_pages_mark(void);
void kt_pages_unmark(const int32_t *mark);

/* What the process may use, and which limit says so: "physical memory", "cgroup memory limit" or
 * "address space limit". */
uint64_t kt_pages_limit(const char **limit);
/* A budget for an arena: that, less a margin for the rest of the process and for the kernel. */
uint64_t kt_pages_budget(const char **limit);
/* The least memory limit of the process's control groups and of all groups around them, UINT64_MAX
 * where there is none. list: the file that names the groups; mount: where their trees begin. */
uint64_t kt_pages_cgroup(const char *list, const char *mount);

#endif
