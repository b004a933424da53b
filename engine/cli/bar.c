#define _GNU_SOURCE
#include "cli/bar.h"

#include <math.h>
#include <string.h>
#include <sys/ioctl.h>
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
static kt_text format_seconds(double seconds)
{
    const long long whole = (long long)fmin(seconds, 1e15); /* an estimate may be longer */
    if (seconds < 60)
        return kt_format("%s s", kt_fixed(seconds, 1).text);
    if (whole < 3600)
        return kt_format("%lld:%02lld", whole / 60, whole % 60);
    return kt_format("%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
}

/* What stands behind the bar. */
static kt_text format_progress(const kt_bar *bar, double fraction, double seconds)
{
    const bool on = fraction > 0 && fraction < 1;
    return kt_format(" %3d %%  %s%s%s%s%s", (int)(fraction * 100), format_seconds(seconds).text,
                     on ? ", left " : "",
                     on ? format_seconds(seconds / fraction - seconds).text : "",
                     *bar->about.text ? "  " : "", bar->about.text);
}

/* Columns of the terminal that standard error is, but the last one, where the cursor would wrap;
 * those of a plain terminal where it is none or does not say. */
static int bar_columns(void)
{
    struct winsize size = {0};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col - 1 : 79;
}

/* The line fills the columns, so that it covers what a longer one left; a narrow terminal gets a
 * shorter bar, or none. */
static void draw_bar(kt_bar *bar, double fraction, double seconds)
{
    static const char full[] = "########################################";
    static const char empty[] = "........................................";
    const kt_text behind = format_progress(bar, fraction, seconds);
    const int columns = bar_columns(), space = columns - (int)strlen(behind.text) - 2;
    const int width = space < 4 ? 0 : space < BAR_WIDTH ? space : BAR_WIDTH;
    const int filled = (int)(fraction * width);
    const int left = columns - (width ? width + 2 : 0);
    fputc('\r', stderr);
    if (width)
        fprintf(stderr, "[%.*s%.*s]", filled, full, width - filled, empty);
    fprintf(stderr, "%-*.*s", left, left, width ? behind.text : behind.text + 1);
    fflush(stderr);
    bar->drawn = (int)(fraction * 100);
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
