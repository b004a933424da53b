#include "cli/command.h"

#include <inttypes.h>

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

static void print_info(const ketch_engine_info *info)
{
    printf("version      %s\n", ketch_version());
    print_kernels(info->kernels);
    printf("threads      %d\n", (int)info->threads);
    printf("memory       %s may be used\n", kt_text_bytes(info->memory).text);
    printf("qubits       at most %d in double precision, %d in single\n",
           most_qubits(info->memory, 16), most_qubits(info->memory, 8));
}

static void print_kernels_json(ketch_kernels chosen)
{
    const char *gap = "";
    printf(", \"kernels\": \"%s\", \"kernel_sets\": [", ketch_kernels_name(chosen));
    for (ketch_kernels set = KETCH_KERNELS_SCALAR; ketch_kernels_name(set)[0] != '?'; set++) {
        if (!ketch_kernels_usable(set))
            continue;
        printf("%s\"%s\"", gap, ketch_kernels_name(set));
        gap = ", ";
    }
    putchar(']');
}

static void print_info_json(const ketch_engine_info *info)
{
    printf("{\"status\": \"%s\", \"version\": \"%s\"", ketch_status_name(KETCH_OK),
           ketch_version());
    print_kernels_json(info->kernels);
    printf(", \"threads\": %d, \"memory\": %" PRIu64 ", \"qubits\": {\"double\": %d, \"single\": "
           "%d}}\n",
           (int)info->threads, info->memory, most_qubits(info->memory, 16),
           most_qubits(info->memory, 8));
}

kt_exit kt_command_info(const kt_options *options)
{
    kt_work work;
    ketch_engine_info info = {.size = sizeof info};
    kt_exit code = kt_work_open(&work, options);
    if (code == KT_EXIT_GOOD && ketch_engine_get_info(&info, work.engine, &work.error) != KETCH_OK)
        code = kt_work_fail(&work);
    if (code == KT_EXIT_GOOD && options->json)
        print_info_json(&info);
    else if (code == KT_EXIT_GOOD)
        print_info(&info);
    kt_work_end(&work);
    return code;
}
