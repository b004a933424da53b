#include "cli/command.h"

static void print_kernels(ketch_kernels chosen)
{
    printf("kernel sets  ");
    for (ketch_kernels set = KETCH_KERNELS_SCALAR; ketch_kernels_name(set)[0] != '?'; set++)
        printf("%s%s%s", set > KETCH_KERNELS_SCALAR ? ", " : "", ketch_kernels_name(set),
               set == chosen                    ? " (chosen)"
               : ketch_kernels_usable(set) == 0 ? " (not on this machine)"
                                                : "");
    putchar('\n');
}

/* The most qubits whose state alone fits. */
static int most_qubits(uint64_t memory, uint64_t amplitude)
{
    int qubits = 0;
    while (qubits < KETCH_QUBITS_MAX && amplitude << (qubits + 1) <= memory)
        qubits++;
    return qubits;
}

kt_exit kt_command_info(const kt_options *options)
{
    kt_work work = {.options = options, .error = {.size = sizeof work.error}};
    ketch_engine_info info = {.size = sizeof info};
    const ketch_engine_options how = {
        .size = sizeof how, .threads = options->threads, .memory = options->memory};
    if (ketch_engine_create(&work.engine, &how, &work.error) != KETCH_OK ||
        ketch_engine_get_info(&info, work.engine, &work.error) != KETCH_OK) {
        kt_work_end(&work);
        return kt_work_fail(&work);
    }
    printf("version      %s\n", ketch_version());
    print_kernels(info.kernels);
    printf("threads      %d\n", (int)info.threads);
    printf("memory       %s may be used\n", kt_text_bytes(info.memory).text);
    printf("qubits       at most %d in double precision, %d in single\n",
           most_qubits(info.memory, 16), most_qubits(info.memory, 8));
    kt_work_end(&work);
    return KT_EXIT_GOOD;
}
