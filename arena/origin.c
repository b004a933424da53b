#define _GNU_SOURCE
#include "origin.h"
#include "pages.h"

#include <stddef.h>
#include <unistd.h>

void kt_origin_note(kt_origin *origin)
{
    origin->pid = getpid();
    origin->mark = kt_pages_mark();
}

bool kt_origin_forked(const kt_origin *origin)
{
    return origin->mark ? *origin->mark == 0 : origin->pid != getpid();
}

void kt_origin_end(kt_origin *origin)
{
    kt_pages_unmark(origin->mark);
    origin->mark = NULL;
}
