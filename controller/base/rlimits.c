/*
 * Limits of the process.
 */

#include <sys/prctl.h>
#include <sys/stat.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/rlimits.h"


/* a core file or a debugger would show messages */

void
rlimits_set(rlim_t descriptors)
{
    struct rlimit  limit;

    (void) umask(077);
    (void) signal(SIGPIPE, SIG_IGN);
    (void) signal(SIGHUP, SIG_IGN);
    (void) prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);

    memset(&limit, 0, sizeof(limit));
    (void) setrlimit(RLIMIT_CORE, &limit);

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {

        if (limit.rlim_max < descriptors && geteuid() == 0) {
            limit.rlim_max = descriptors;
        }

        limit.rlim_cur = limit.rlim_max < descriptors
                         ? limit.rlim_max : descriptors;

        (void) setrlimit(RLIMIT_NOFILE, &limit);
    }
}
