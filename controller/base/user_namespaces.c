/*
 * Whether this user may make user namespaces.
 */

#include <sys/wait.h>

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "base/user_namespaces.h"


static bool user_namespaces_try(void);


bool
user_namespaces_work(void)
{
    static bool  tried, work;

    if (!tried) {
        tried = true;
        work = user_namespaces_try();
    }

    return work;
}


/*
 * AppArmor may let a user namespace be made but give no rights in it: then the
 * network namespace, which needs them, can't be made
 */

static bool
user_namespaces_try(void)
{
    int       status;
    pid_t     pid, rc;
    sigset_t  all, old;

    /* handlers of the event loop must not run in the child */

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &old);

    pid = fork();

    if (pid == 0) {
        _exit(unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 ? 0 : 1);
    }

    sigprocmask(SIG_SETMASK, &old, NULL);

    if (pid == -1) {
        return false;
    }

    do {
        rc = waitpid(pid, &status, 0);
    } while (rc == -1 && errno == EINTR);

    return rc == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
