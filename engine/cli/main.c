#define _GNU_SOURCE
#include "cli/cli.h"
#include "cli/command.h"

#include <fcntl.h>
#include <signal.h>

/* Occupies standard input, output and error where they are closed, so that no file that is opened
 * gets their numbers and what is printed. They are opened the wrong way round, so that reading and
 * printing fail, as on a closed one. */
static bool occupy_standard(void)
{
    static const int modes[] = {O_WRONLY, O_RDONLY, O_RDONLY};
    for (int i = 0; i < 3; i++)
        if (fcntl(i, F_GETFD) < 0 && open("/dev/null", modes[i]) != i)
            return false;
    return true;
}

/* SIGXFSZ is ignored: output beyond a file size limit is a failure to write, as on a full disk. */
int main(int argc, char **argv)
{
    if (!occupy_standard())
        return KT_EXIT_FAILED;
    signal(SIGXFSZ, SIG_IGN);
    return ketch_cli(argc, argv);
}
