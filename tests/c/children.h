/* Children of fork in tests. */
#ifndef KT_TEST_CHILDREN_H
#define KT_TEST_CHILDREN_H

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child's exit code; -1 where it was killed because it had not ended within 20 seconds, -2
 * where it died of something else. */
static inline int child_code(pid_t child)
{
    int status = 0;
    for (int waited = 0; waitpid(child, &status, WNOHANG) == 0; waited++) {
        if (waited == 2000) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            return -1;
        }
        usleep(10000);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -2;
}

#endif
