#define _GNU_SOURCE
#include "cli/deadline.h"

#include "cli/exit.h"
#include <math.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static void write_all(int file, const char *text, size_t size)
{
    while (size > 0) {
        const ssize_t wrote = write(file, text, size);
        if (wrote <= 0)
            return;
        text += wrote;
        size -= (size_t)wrote;
    }
}

/* Ends the process: planning has no other way to be stopped, and holds nothing that outlives it. */
static void end_late(int signal_number)
{
    static const char line[] = "ketch: time is up while the input was read or planned\n";
    (void)signal_number;
    write_all(STDERR_FILENO, line, sizeof line - 1);
    _exit(KT_EXIT_TIMEOUT);
}

static void end_late_json(int signal_number)
{
    static const char object[] =
        "{\"status\": \"TIMEOUT\", \"exit\": 124, "
        "\"message\": \"time is up while the input was read or planned\"}\n";
    write_all(STDOUT_FILENO, object, sizeof object - 1);
    end_late(signal_number);
}

static double monotonic_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void set_timer(double seconds)
{
    const double whole = floor(seconds);
    const struct itimerval timer = {
        .it_value = {.tv_sec = (time_t)whole, .tv_usec = (suseconds_t)((seconds - whole) * 1e6)}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

void kt_deadline_begin(kt_deadline *deadline, double seconds, bool json)
{
    enum { LONGEST = 10 * 365 * 86400 };
    *deadline = (kt_deadline){.set = seconds > 0};
    if (!deadline->set)
        return;
    deadline->end = monotonic_seconds() + seconds;
    struct sigaction action = {.sa_handler = json ? end_late_json : end_late};
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, &deadline->before);
    set_timer(fmin(fmax(seconds, 1e-6), LONGEST));
}

double kt_deadline_end(kt_deadline *deadline)
{
    if (!deadline->set)
        return 0;
    set_timer(0);
    sigaction(SIGALRM, &deadline->before, NULL);
    deadline->set = false;
    return fmax(deadline->end - monotonic_seconds(), 1e-9);
}
