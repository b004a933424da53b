/* The programs of the benchmark end at the first failure. */
#ifndef KT_BENCH_MUST_H
#define KT_BENCH_MUST_H

#include <ketch.h>
#include <stdio.h>
#include <stdlib.h>

static ketch_error error = {.size = sizeof error};

static void must(ketch_status status)
{
    if (status == KETCH_OK)
        return;
    fprintf(stderr, "%s\n", error.message);
    exit(EXIT_FAILURE);
}

#endif
