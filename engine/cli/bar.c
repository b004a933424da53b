#define _GNU_SOURCE
#include "cli/bar.h"

#include <math.h>
#include <unistd.h>

enum { BAR_WIDTH = 40 };

void kt_bar_begin(kt_bar *bar, kt_progress progress)
{
    const bool always = progress == KT_PROGRESS_ALWAYS, terminal = isatty(STDERR_FILENO);
    *bar = (kt_bar){
        .on = always || (progress == KT_PROGRESS_AUTO && terminal),
        .stride = terminal ? 0 : 5,
        .drawn = -1,
        .patience = always ? 0 : 0.25,
    };
}

/* Seconds as a person says them: "0.4 s", "1:05", "2:00:07". */
static void print_seconds(double seconds)
{
    const long whole = (long)fmin(seconds, 1e15); /* an estimate may be longer than a long */
    if (seconds < 60)
        fprintf(stderr, "%s s", kt_fixed(seconds, 1).text);
    else if (whole < 3600)
        fprintf(stderr, "%ld:%02ld", whole / 60, whole % 60);
    else
        fprintf(stderr, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
}

static void draw_bar(kt_bar *bar, double fraction, double seconds)
{
    static const char full[] = "########################################";
    static const char empty[] = "........................................";
    const int filled = (int)(fraction * BAR_WIDTH), percent = (int)(fraction * 100);
    fprintf(stderr, "\r[%.*s%.*s] %3d %%  ", filled, full, BAR_WIDTH - filled, empty, percent);
    print_seconds(seconds);
    if (fraction > 0 && fraction < 1) {
        fputs(", left ", stderr);
        print_seconds(seconds / fraction - seconds);
    }
    fputs("      ", stderr); /* covers what a longer line left */
    fflush(stderr);
    bar->drawn = percent;
}

int32_t kt_bar_hook(const ketch_step *step, void *user)
{
    kt_bar *const bar = user;
    bar->fraction = step->fraction;
    bar->seconds = step->seconds;
    const bool fresh = bar->drawn < 0 || (int)(step->fraction * 100) >= bar->drawn + bar->stride;
    if (bar->on && fresh && step->seconds >= bar->patience)
        draw_bar(bar, step->fraction, step->seconds);
    return 0;
}

void kt_bar_end(kt_bar *bar, double fraction, double seconds)
{
    if (bar->on && (bar->drawn >= 0 || bar->patience <= 0)) {
        draw_bar(bar, fraction, seconds);
        fputc('\n', stderr);
    }
}
