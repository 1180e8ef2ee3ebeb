/*
 * A round goes from browser to browser.  It reads one process in a turn of the
 * loop, which takes the kernel a millisecond or some, so that no request waits
 * for more than that.
 *
 * A page tells its process by a number.  It counts only if the process is a
 * renderer of the page's browser, and if no other page names it too: a session
 * whose memory is not known is better than one that answers for another's.
 */

#include <stdlib.h>

#include "base/clock.h"
#include "chrome/process.h"
#include "chrome/process_memory.h"
#include "session/memory_watch.h"


#define MEMORY_WATCH_PROCESSES  512    /* of a browser */
#define MEMORY_WATCH_PAUSE_MS   2      /* between two processes */


struct memory_watch {
    struct memory_parts       parts;
    struct memory_renewals   *renewals;
    struct event             *timer;
    unsigned                  interval_ms;
    size_t                    browser;      /* the next one of the round */
    pid_t                     pids[MEMORY_WATCH_PROCESSES];
    size_t                    pids_n;
    size_t                    pids_i;       /* the next one to be read */
    uint64_t                  sum;          /* bytes, of those read */
    bool                      estimated;    /* was said */
};


static void memory_watch_on_timer(evutil_socket_t fd, short what, void *ctx);
static bool memory_watch_step(struct memory_watch *watch);
static void memory_watch_read(struct memory_watch *watch, pid_t pid);
static void memory_watch_assign(struct memory_watch *watch, pid_t pid,
    uint64_t bytes);
static struct browser *memory_watch_browser(const struct memory_watch *watch);


struct memory_watch *
memory_watch_create(const struct memory_parts *parts,
    const struct memory_config *config)
{
    struct timeval        tv;
    struct memory_watch  *watch;

    watch = calloc(1, sizeof(struct memory_watch));

    if (watch == NULL) {
        return NULL;
    }

    watch->parts = *parts;
    watch->interval_ms = config->interval_ms;
    watch->renewals = memory_renewals_create(parts);
    watch->timer = evtimer_new(parts->base, memory_watch_on_timer, watch);

    tv = clock_timeval(watch->interval_ms);

    if (watch->renewals == NULL || watch->timer == NULL
        || evtimer_add(watch->timer, &tv) != 0)
    {
        memory_watch_destroy(watch);
        return NULL;
    }

    memory_renewals_change(watch->renewals, config);

    return watch;
}


void
memory_watch_destroy(struct memory_watch *watch)
{
    if (watch == NULL) {
        return;
    }

    if (watch->timer != NULL) {
        event_free(watch->timer);
    }

    memory_renewals_destroy(watch->renewals);
    free(watch);
}


void
memory_watch_change(struct memory_watch *watch,
    const struct memory_config *config)
{
    memory_renewals_change(watch->renewals, config);
}


static void
memory_watch_on_timer(evutil_socket_t fd, short what, void *ctx)
{
    struct timeval        tv;
    struct memory_watch  *watch = ctx;

    (void) fd;
    (void) what;

    tv = clock_timeval(memory_watch_step(watch) ? MEMORY_WATCH_PAUSE_MS
                                                : watch->interval_ms);

    (void) evtimer_add(watch->timer, &tv);
}


/* returns whether the round goes on */

static bool
memory_watch_step(struct memory_watch *watch)
{
    const struct browser_list  *browsers;

    browsers = session_list_browsers(watch->parts.sessions);

    if (watch->pids_i < watch->pids_n) {
        memory_watch_read(watch, watch->pids[watch->pids_i++]);

        if (watch->pids_i == watch->pids_n) {
            browser_set_memory(memory_watch_browser(watch), watch->sum);
            watch->browser++;
        }

        return true;
    }

    for ( /* void */ ; watch->browser < browser_list_size(browsers);
         watch->browser++)
    {
        watch->sum = 0;
        watch->pids_i = 0;
        watch->pids_n = browser_processes(memory_watch_browser(watch),
                                          watch->pids,
                                          MEMORY_WATCH_PROCESSES);

        if (watch->pids_n != 0) {
            return true;
        }
    }

    watch->browser = 0;

    memory_renewals_judge(watch->renewals);

    return false;
}


/* a process that has ended since takes nothing */

static void
memory_watch_read(struct memory_watch *watch, pid_t pid)
{
    uint64_t                    bytes;
    enum process_memory_source  source;

    source = process_memory_read(pid, &bytes);

    if (source == PROCESS_MEMORY_UNKNOWN) {
        return;
    }

    if (source == PROCESS_MEMORY_UNSHARED && !watch->estimated) {
        watch->estimated = true;

        log_event(watch->parts.log, LOG_WARN, "memory_estimated",
                  log_const("reason", "smaps_rollup can't be read"));
    }

    watch->sum += bytes;

    memory_watch_assign(watch, pid, bytes);
}


static void
memory_watch_assign(struct memory_watch *watch, pid_t pid, uint64_t bytes)
{
    size_t           i;
    struct session  *session, *found;

    found = NULL;

    for (i = 0; i < session_list_size(watch->parts.sessions); i++) {
        session = session_list_get(watch->parts.sessions, i);

        if (session_browser(session) != memory_watch_browser(watch)
            || session_process(session) != pid)
        {
            continue;
        }

        if (found != NULL) {
            session_set_memory(found, 0, 0);
            return;
        }

        found = session;
    }

    if (found != NULL && process_has_argument(pid, "--type=renderer")) {
        session_set_memory(found, pid, bytes);
    }
}


static struct browser *
memory_watch_browser(const struct memory_watch *watch)
{
    return browser_list_get(session_list_browsers(watch->parts.sessions),
                            watch->browser);
}
