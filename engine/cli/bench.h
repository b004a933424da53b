/* ketch bench: one circuit at several thread counts. bench.c runs it, bench_show.c prints it. */
#ifndef KT_CLI_BENCH_H
#define KT_CLI_BENCH_H

#include "cli/bar.h"
#include "cli/command.h"

/* One thread count. first: seconds of the first run, 0: it was not reached. times: seconds of `runs`
 * later runs, of which low and high are the quartiles. cpu, measured: processor time, and the time
 * of the runs that it was measured in. bytes: of one run. */
typedef struct kt_bench_row {
    int32_t threads;
    ketch_engine *engine;
    double first;
    double *times;
    uint64_t runs, bytes;
    double cpu, measured;
    double low, median, high, speed_up, efficiency;
} kt_bench_row;

/* repeat: later runs of each row. done, total: runs. base: the threads that speed-up compares
 * with, the least; 0: there is nothing to compare. */
typedef struct kt_bench {
    ketch_block *block;
    kt_bench_row *rows;
    int32_t count, base;
    uint64_t repeat, done, total;
    kt_bar bar;
    ketch_stop *stop;
    double begun;
} kt_bench;

void kt_bench_text(const kt_bench *bench, const kt_work *work);
void kt_bench_json(const kt_bench *bench, const kt_work *work, ketch_status status);

#endif
