#define _GNU_SOURCE
#include "account.h"
#include "numbers.h"

#include <unistd.h>

kt_account kt_account_process;

/* Left free for what is no block: page tables, stacks, the heap. It is a 16th of small rests. */
enum { KT_SPARE = 16 << 20 };

/* What fits beside the bytes that were granted before, of which `pending` are not mapped yet. What
 * is untouched is read before what is free: pages that are touched in between count twice. */
static uint64_t find_left(const kt_memory_source *source, uint64_t size, uint64_t granted,
                          uint64_t pending, const char **limit)
{
    const uint64_t lazy = kt_add_most(kt_headroom_untouched(source), pending);
    const uint64_t untouched = KT_MIN(granted, lazy);
    const uint64_t system = kt_headroom_system(source);
    const uint64_t enough = kt_add_most(kt_add_most(untouched, size), KT_SPARE);
    const uint64_t groups = kt_headroom_groups(source, enough);
    *limit = groups < system ? "cgroup memory limit" : "free memory";
    const uint64_t least = KT_MIN(system, groups), usable = least - KT_MIN(least / 16, KT_SPARE);
    return kt_subtract_least(usable, untouched);
}

/* What a parent process counted is not this one's: threads of the child may come here at the same
 * time, and the first one takes it off. */
static void enter_process(kt_account *account)
{
    const int64_t pid = getpid();
    int64_t old = atomic_load(&account->pid);
    if (old == pid)
        return;
    const uint64_t granted = atomic_load(&account->granted);
    const uint64_t pending = atomic_load(&account->pending);
    atomic_store(&account->share, 0);
    if (atomic_compare_exchange_strong(&account->pid, &old, pid)) {
        atomic_fetch_sub(&account->granted, granted);
        atomic_fetch_sub(&account->pending, pending);
    }
}

/* Of grants at the same time the one that adds to pending first comes first: the others see it in
 * `pending` and, as it was added before, in `granted`. */
bool kt_account_grant(kt_account *account, const kt_memory_source *source, uint64_t size,
                      uint64_t *left, const char **limit)
{
    enter_process(account);
    atomic_fetch_add(&account->granted, size);
    const uint64_t pending = atomic_fetch_add(&account->pending, size);
    const uint64_t granted = atomic_load(&account->granted) - size;
    const uint64_t unseen = atomic_fetch_add(&account->unseen, size) + size;
    if (size < KT_LARGE && unseen <= atomic_load(&account->share))
        return true;
    *left = find_left(source, size, granted, pending, limit);
    if (size > *left) {
        kt_account_mapped(account, size, false);
        return false;
    }
    atomic_store(&account->unseen, 0);
    atomic_store(&account->share, (*left - size) / 64);
    return true;
}

void kt_account_mapped(kt_account *account, uint64_t size, bool mapped)
{
    atomic_fetch_sub(&account->pending, size);
    if (!mapped)
        atomic_fetch_sub(&account->granted, size);
}

void kt_account_unmapped(kt_account *account, uint64_t size)
{
    atomic_fetch_sub(&account->granted, size);
}

uint64_t kt_account_left(kt_account *account, const kt_memory_source *source)
{
    const char *limit;
    enter_process(account);
    return find_left(source, UINT64_MAX, atomic_load(&account->granted),
                     atomic_load(&account->pending), &limit);
}
