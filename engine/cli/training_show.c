#include "cli/glia_show.h"
#include "cli/report.h"
#include "cli/training.h"

#include <inttypes.h>

static kt_exit take_history(ketch_block **block, uint64_t *count, kt_training *t)
{
    kt_work *const work = &t->glia.work;
    ketch_error *const error = &work->error;
    ketch_status status = ketch_glia_get_epochs(count, work->result, error);
    if (status == KETCH_OK)
        status = ketch_block_take(block, work->arena, (*count + 1) * sizeof(ketch_glia_epoch),
                                  "text", error);
    if (status != KETCH_OK)
        return kt_work_fail(work);
    ketch_glia_epoch *const epochs = ketch_block_data(*block);
    epochs->size = sizeof *epochs;
    (void)ketch_glia_get_history(epochs, 0, *count, work->result, NULL);
    return KT_EXIT_GOOD;
}

/* ---- text ---- */

static void print_epoch(const kt_training *t, const char *name, const ketch_glia_epoch *epoch)
{
    printf("%-4s  epoch %" PRIu64 ": accuracy %s, margin %s", name, epoch->epoch + 1,
           kt_fixed(epoch->accuracy, 6).text, kt_fixed(epoch->margin, 6).text);
    if (t->rule->learner->has_loss)
        printf(", loss %s", kt_fixed(epoch->loss, 6).text);
    putchar('\n');
}

/* By accuracy, and among equals by margin; the earliest. */
static const ketch_glia_epoch *find_best(const ketch_glia_epoch *epochs, uint64_t count)
{
    const ketch_glia_epoch *best = epochs;
    for (uint64_t i = 1; i < count; i++)
        if (epochs[i].accuracy > best->accuracy ||
            (epochs[i].accuracy >= best->accuracy && epochs[i].margin > best->margin))
            best = &epochs[i];
    return best;
}

static void print_text(const kt_training *t, const ketch_glia_net_info *net,
                       const ketch_report *report, const ketch_glia_epoch *epochs, uint64_t count)
{
    if (count) {
        print_epoch(t, "best", find_best(epochs, count));
        print_epoch(t, "last", &epochs[count - 1]);
    }
    printf("%s, %s, %s, %s\n", kt_glia_count_net(net).text, kt_count(t->data.count, "episode").text,
           kt_count(count, "epoch").text, kt_text_seconds(report->seconds).text);
}

/* ---- JSON ---- */

static kt_text accuracy_of(const ketch_glia_epoch *epoch)
{
    return kt_number(epoch->accuracy);
}

static kt_text margin_of(const ketch_glia_epoch *epoch)
{
    return kt_number(epoch->margin);
}

static kt_text loss_of(const ketch_glia_epoch *epoch)
{
    return kt_number(epoch->loss);
}

static void print_list(const char *name, kt_text (*number_of)(const ketch_glia_epoch *),
                       const ketch_glia_epoch *epochs, uint64_t count)
{
    printf(", \"%s\": [", name);
    for (uint64_t i = 0; i < count; i++)
        printf("%s%s", i > 0 ? ", " : "", number_of(&epochs[i]).text);
    putchar(']');
}

static void print_json(const kt_training *t, const ketch_glia_net_info *net,
                       const ketch_report *report, const ketch_glia_epoch *epochs, uint64_t count)
{
    kt_glia_begin_json(&t->glia, net);
    printf(", \"rule\": \"%s\", \"episodes\": %" PRIu64 ", \"epochs\": %" PRIu64
           ", \"seconds\": %s",
           t->rule->name, t->data.count, count, kt_fixed(report->seconds, 6).text);
    print_list("accuracy", accuracy_of, epochs, count);
    print_list("margin", margin_of, epochs, count);
    if (t->rule->learner->has_loss)
        print_list("loss", loss_of, epochs, count);
    fputs("}\n", stdout);
}

kt_exit kt_training_show(kt_training *training)
{
    kt_work *const work = &training->glia.work;
    ketch_glia_net_info net = {.size = sizeof net};
    ketch_report report = {.size = sizeof report};
    ketch_block *block = NULL;
    uint64_t count;
    const kt_exit code = take_history(&block, &count, training);
    if (code != KT_EXIT_GOOD)
        return code;
    (void)ketch_glia_net_get_info(&net, training->glia.net, NULL);
    (void)ketch_result_get_report(&report, work->result, NULL);
    const ketch_glia_epoch *const epochs = ketch_block_data(block);
    if (work->options->json)
        print_json(training, &net, &report, epochs, count);
    else
        print_text(training, &net, &report, epochs, count);
    ketch_block_drop(block);
    return KT_EXIT_GOOD;
}
