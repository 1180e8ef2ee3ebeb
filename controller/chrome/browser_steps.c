/*
 * What a browser does when it enters a step.  Each function starts something
 * and returns; how that ends is posted as an event of the step, or counts as
 * its timeout.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/util.h>

#include "base/clock.h"
#include "base/wipe.h"
#include "chrome/browser_private.h"


/* looks at the orphans, 250 ms apart, before SIGTERM and before SIGKILL */
#define BROWSER_ORPHAN_TERM  20
#define BROWSER_ORPHAN_KILL  40

#define BROWSER_GREET_MS     30000
#define BROWSER_CLOSE_MS     5000
#define BROWSER_GRACE_MS     5000    /* between SIGTERM and SIGKILL */
#define BROWSER_VERSION_MS   10000
#define BROWSER_URL_SIZE     64


typedef void (*browser_enter_pt)(struct browser *b);


static void browser_set_timer(struct browser *b, unsigned ms);
static void browser_enter_stopped(struct browser *b);
static void browser_enter_clearing(struct browser *b);
static void browser_enter_version(struct browser *b);
static void browser_version_done(void *ctx, const char *user_agent);
static void browser_enter_offered(struct browser *b);
static void browser_enter_launching(struct browser *b);
static const char *browser_launch_error(void);
static void browser_exited(void *ctx, int status);
static void browser_enter_greeting(struct browser *b);
static void browser_greeting_answer(void *ctx, enum cdp_status status,
    json_t *result);
static void browser_enter_running(struct browser *b);
static void browser_enter_renewing(struct browser *b);
static void browser_enter_closing(struct browser *b);
static void browser_close_answer(void *ctx, enum cdp_status status,
    json_t *result);
static void browser_enter_killing(struct browser *b);
static void browser_gone(void *ctx);
static void browser_enter_waiting(struct browser *b);
static void browser_enter_failed(struct browser *b);


static const browser_enter_pt  browser_steps[BROWSER_STEPS] = {
    [BROWSER_STEP_STOPPED] = browser_enter_stopped,
    [BROWSER_STEP_CLEARING] = browser_enter_clearing,
    [BROWSER_STEP_VERSION] = browser_enter_version,
    [BROWSER_STEP_OFFERED] = browser_enter_offered,
    [BROWSER_STEP_LAUNCHING] = browser_enter_launching,
    [BROWSER_STEP_GREETING] = browser_enter_greeting,
    [BROWSER_STEP_RUNNING] = browser_enter_running,
    [BROWSER_STEP_CLOSING] = browser_enter_closing,
    [BROWSER_STEP_RENEWING] = browser_enter_renewing,
    [BROWSER_STEP_QUITTING] = browser_enter_closing,
    [BROWSER_STEP_KILLING] = browser_enter_killing,
    [BROWSER_STEP_REAPING] = browser_enter_killing,
    [BROWSER_STEP_ABANDONING] = browser_enter_killing,
    [BROWSER_STEP_ENDING] = browser_enter_killing,
    [BROWSER_STEP_WAITING] = browser_enter_waiting,
    [BROWSER_STEP_FAILED] = browser_enter_failed
};


void
browser_enter(struct browser *b)
{
    if (browser_step_timeout(b->step) != 0) {
        browser_set_timer(b, browser_step_timeout(b->step));
    }

    browser_steps[b->step](b);
}


void
browser_timer(evutil_socket_t fd, short what, void *arg)
{
    struct browser  *b = arg;

    (void) fd;
    (void) what;

    browser_post_step(b, BROWSER_EVENT_TIMEOUT,
                      b->step == BROWSER_STEP_GREETING ? "browser_silent"
                                                       : NULL);
}


static void
browser_set_timer(struct browser *b, unsigned ms)
{
    struct timeval  tv;

    tv = clock_timeval(ms);

    /* without its timer a step could last for ever */

    if (event_add(b->timer, &tv) != 0) {
        browser_post(b, BROWSER_EVENT_LOST, "no_memory", 0);
    }
}


static void
browser_enter_stopped(struct browser *b)
{
    wipe_directory(b->config.tmp_dir);
    (void) rmdir(b->config.tmp_dir);

    backoff_reset(&b->deaths);

    /* a tab may need it again, since it was asked to stop */

    if (browser_guests(b) != 0) {
        browser_post(b, BROWSER_EVENT_START, NULL, 0);
    }
}


/* processes that use the browser's directory are left over from a controller
   that died; as a rule they end by themselves */

static void
browser_enter_clearing(struct browser *b)
{
    int     signal;
    size_t  orphans;

    if (b->orphan_tries < BROWSER_ORPHAN_TERM) {
        signal = 0;

    } else {
        signal = b->orphan_tries < BROWSER_ORPHAN_KILL ? SIGTERM : SIGKILL;
    }

    orphans = process_sweep((const char *const *) b->marks.arguments, signal);

    if (orphans != 0) {
        log_event(b->log, LOG_NOTICE, "browser_orphans",
                  log_const("browser", b->config.name),
                  log_int("count", (int64_t) orphans));

        b->orphan_tries++;
        return;
    }

    b->orphan_tries = 0;

    /* nothing that is worth keeping lies in it: the profiles are links */

    wipe_directory(b->config.tmp_dir);

    if ((mkdir(b->config.tmp_dir, 0700) != 0 && errno != EEXIST)
        || mkdir(b->data_dir, 0700) != 0)
    {
        browser_post_step(b, BROWSER_EVENT_IMPOSSIBLE, "directory_error");
        return;
    }

    browser_post_step(b, BROWSER_EVENT_DONE, NULL);
}


static void
browser_enter_version(struct browser *b)
{
    if (b->config.user_agent != NULL) {
        browser_post_step(b, BROWSER_EVENT_DONE, NULL);
        return;
    }

    b->version = chrome_version_create(b->base, b->config.chromium,
                                       BROWSER_VERSION_MS,
                                       browser_version_done, b);
    if (b->version == NULL) {
        browser_post_step(b, BROWSER_EVENT_IMPOSSIBLE,
                          browser_launch_error());
    }
}


static void
browser_version_done(void *ctx, const char *user_agent)
{
    struct browser  *b = ctx;

    if (user_agent == NULL) {
        browser_post_step(b, BROWSER_EVENT_IMPOSSIBLE,
                          errno != 0 ? browser_launch_error()
                                     : "chromium_unknown_version");
        return;
    }

    (void) snprintf(b->user_agent, sizeof(b->user_agent), "%s", user_agent);

    browser_post_step(b, BROWSER_EVENT_DONE, NULL);
}


static void
browser_enter_offered(struct browser *b)
{
    b->first = NULL;
}


static void
browser_enter_launching(struct browser *b)
{
    int                     fd;
    char                    url[BROWSER_URL_SIZE];
    struct chrome_options   options;

    if (!browser_profile_link(b->first)) {
        browser_post_step(b, BROWSER_EVENT_IMPOSSIBLE, "directory_error");
        return;
    }

    browser_targets_first(b->first, url, sizeof(url));

    options = (struct chrome_options) {
        .chromium = b->config.chromium,
        .tmp_dir = b->config.tmp_dir,
        .profile = b->first->name,
        .first_url = url,
        .user_agent = b->config.user_agent != NULL ? b->config.user_agent
                                                   : b->user_agent,
        .web_url = b->config.web_url,
        .marks = &b->marks,
        .sandbox = b->config.sandbox,
        .visible = b->config.visible
    };

    b->process = chrome_create(b->base, &options, &fd, browser_exited, b);

    if (b->process == NULL) {
        browser_post_step(b, BROWSER_EVENT_IMPOSSIBLE,
                          browser_launch_error());
        return;
    }

    log_event(b->log, LOG_INFO, "browser_launched",
              log_const("browser", b->config.name),
              log_int("pid", process_pid(b->process)));

    b->cdp = cdp_create(b->base, fd, 1,
                        b->config.console ? &browser_cdp_console_handlers
                                          : &browser_cdp_handlers, b);

    browser_post_step(b, b->cdp != NULL ? BROWSER_EVENT_DONE
                                        : BROWSER_EVENT_LOST,
                      b->cdp != NULL ? NULL : "no_memory");
}


static const char *
browser_launch_error(void)
{
    switch (errno) {

    case ENOENT:
        return "chromium_missing";

    case EACCES:
    case ENOEXEC:
        return "chromium_not_executable";

    case ETIMEDOUT:
        return "chromium_silent";

    default:
        return "chromium_not_started";
    }
}


static void
browser_exited(void *ctx, int status)
{
    struct browser  *b = ctx;

    if (WIFEXITED(status)
        && WEXITSTATUS(status) == CHROME_EXIT_PROFILE_IN_USE)
    {
        browser_post(b, BROWSER_EVENT_IN_USE, "profile_in_use", 0);

    } else {
        browser_post(b, BROWSER_EVENT_LOST, "browser_exited", 0);
    }
}


/* all targets that there are, and that come, are told as events */

static void
browser_enter_greeting(struct browser *b)
{
    if (!cdp_call(b->cdp, NULL, "Target.setDiscoverTargets",
                  json_pack("{s:b}", "discover", 1), BROWSER_GREET_MS,
                  browser_greeting_answer, b))
    {
        browser_post_step(b, BROWSER_EVENT_ERROR, "browser_silent");
    }
}


static void
browser_greeting_answer(void *ctx, enum cdp_status status, json_t *result)
{
    struct browser  *b = ctx;

    (void) result;

    if (b->step == BROWSER_STEP_GREETING) {
        browser_post_step(b, status == CDP_OK ? BROWSER_EVENT_DONE
                                              : BROWSER_EVENT_ERROR,
                          status == CDP_OK ? NULL : "browser_silent");
    }
}


static void
browser_enter_running(struct browser *b)
{
    /* it has begun anew: nothing has happened for long */

    if (b->healthy) {
        backoff_reset(&b->deaths);
    }

    b->healthy = true;
}


static void
browser_enter_renewing(struct browser *b)
{
    b->stats.renewals++;

    browser_enter_closing(b);
}


static void
browser_enter_closing(struct browser *b)
{
    browser_targets_lose(b);

    if (b->cdp == NULL
        || !cdp_call(b->cdp, NULL, "Browser.close", NULL, BROWSER_CLOSE_MS,
                     browser_close_answer, b))
    {
        browser_post_step(b, BROWSER_EVENT_ERROR, NULL);
    }
}


/* the browser's end is the answer */

static void
browser_close_answer(void *ctx, enum cdp_status status, json_t *result)
{
    (void) ctx;
    (void) status;
    (void) result;
}


/* a change of mind while processes end leads here again */

static void
browser_enter_killing(struct browser *b)
{
    browser_targets_lose(b);

    b->healthy = false;

    cdp_destroy(b->cdp);
    b->cdp = NULL;

    if (b->process == NULL) {
        browser_gone(b);
        return;
    }

    process_end(b->process, BROWSER_GRACE_MS, browser_gone);
}


static void
browser_gone(void *ctx)
{
    struct browser  *b = ctx;

    process_destroy(b->process);
    b->process = NULL;
    b->memory = 0;

    wipe_directory(b->config.tmp_dir);

    if (b->step != BROWSER_STEP_ENDING) {
        b->stats.restarts++;
    }

    if (b->step == BROWSER_STEP_KILLING
        && backoff_exceeded(&b->deaths, clock_ms()))
    {
        browser_post_step(b, BROWSER_EVENT_IMPOSSIBLE, "too_many_restarts");

    } else {
        browser_post_step(b, BROWSER_EVENT_DONE, NULL);
    }
}


static void
browser_enter_waiting(struct browser *b)
{
    unsigned  delay;
    uint32_t  random;

    evutil_secure_rng_get_bytes(&random, sizeof(uint32_t));

    delay = backoff_delay(&b->deaths, BACKOFF_MAX_MS, clock_ms(), random);

    log_event(b->log, LOG_NOTICE, "browser_restart",
              log_const("browser", b->config.name),
              log_const("reason", b->reason != NULL ? b->reason : "none"),
              log_int("delay_ms", delay));

    browser_set_timer(b, delay);
}


static void
browser_enter_failed(struct browser *b)
{
    log_event(b->log, LOG_ERROR, "browser_failed",
              log_const("browser", b->config.name),
              log_const("reason", b->reason != NULL ? b->reason : "none"));

    backoff_reset(&b->deaths);
}
