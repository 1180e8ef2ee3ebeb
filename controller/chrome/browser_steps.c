/*
 * What a browser does in each step of the ladder, and when a step has lasted
 * too long.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <event2/util.h>

#include "base/clock.h"
#include "chrome/browser_private.h"


/* looks at the orphans, 250 ms apart, before SIGTERM and before SIGKILL */
#define BROWSER_ORPHAN_TERM   20
#define BROWSER_ORPHAN_KILL   40

#define BROWSER_ASK_MS        10000
#define BROWSER_TERMINATE_MS  2000
#define BROWSER_SHOOT_MS      5000
#define BROWSER_CLOSE_MS      5000
#define BROWSER_GRACE_MS      5000    /* between SIGTERM and SIGKILL */
#define BROWSER_VERSION_MS    10000


typedef void (*browser_enter_pt)(struct browser *b);


static uint32_t
browser_random(void)
{
    uint32_t  random;

    evutil_secure_rng_get_bytes(&random, sizeof(uint32_t));

    return random;
}


static void
browser_enter_stopped(struct browser *b)
{
    profile_clean(b->profile);
    profile_unlock(b->profile);
    backoff_reset(&b->deaths);
    backoff_reset(&b->loads);

    b->stopping = false;
    b->recovering = false;

    if (b->again) {
        b->again = false;
        browser_post(b, LADDER_START, NULL, 0);
    }
}


/* with the lock held, what still uses the profile is left over from a
   controller that died, and ends by itself as a rule */

static void
browser_enter_clearing(struct browser *b)
{
    int     signal;
    size_t  orphans;

    if (profile_lock(b->profile) != 0) {
        browser_post_step(b, LADDER_IMPOSSIBLE,
                          errno == EWOULDBLOCK ? "profile_locked"
                                               : "directory_error");
        return;
    }

    if (b->orphan_tries < BROWSER_ORPHAN_TERM) {
        signal = 0;

    } else {
        signal = b->orphan_tries < BROWSER_ORPHAN_KILL ? SIGTERM : SIGKILL;
    }

    orphans = process_sweep((const char *const *) b->marks.arguments,
                            signal);

    if (orphans != 0) {
        log_event(b->log, LOG_NOTICE, "browser_orphans",
                  log_const("session", b->config.name),
                  log_int("count", (int64_t) orphans));

        b->orphan_tries++;
        return;
    }

    b->orphan_tries = 0;

    profile_clean(b->profile);

    browser_post_step(b, LADDER_DONE, NULL);
}


static const char *
browser_start_error(void)
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
browser_version_done(void *ctx, const char *user_agent)
{
    struct browser  *b = ctx;

    if (user_agent == NULL) {
        browser_post_step(b, LADDER_IMPOSSIBLE,
                          errno != 0 ? browser_start_error()
                                     : "chromium_unknown_version");
        return;
    }

    (void) snprintf(b->user_agent, sizeof(b->user_agent), "%s", user_agent);

    browser_post_step(b, LADDER_DONE, NULL);
}


static void
browser_enter_version(struct browser *b)
{
    if (b->config.user_agent != NULL) {
        browser_post_step(b, LADDER_DONE, NULL);
        return;
    }

    b->version = chrome_version_create(b->base, b->config.chromium,
                                       BROWSER_VERSION_MS,
                                       browser_version_done, b);
    if (b->version == NULL) {
        browser_post_step(b, LADDER_IMPOSSIBLE, browser_start_error());
    }
}


static void
browser_exited(void *ctx, int status)
{
    struct browser  *b = ctx;

    b->in_use = WIFEXITED(status)
                && WEXITSTATUS(status) == CHROME_EXIT_PROFILE_IN_USE;

    browser_post(b, LADDER_LOST,
                 b->in_use ? "profile_in_use" : "browser_exited", 0);
}


static void
browser_enter_launching(struct browser *b)
{
    int                     fd;
    struct chrome_options   options;

    options = (struct chrome_options) {
        .chromium = b->config.chromium,
        .tmp_dir = b->config.tmp_dir,
        .user_agent = b->config.user_agent != NULL ? b->config.user_agent
                                                   : b->user_agent,
        .web_url = b->config.web_url,
        .marks = &b->marks,
        .sandbox = b->config.sandbox
    };

    b->boots = 0;
    b->repairs = 0;

    b->process = chrome_create(b->base, &options, &fd, browser_exited, b);

    if (b->process == NULL) {
        browser_post_step(b, LADDER_IMPOSSIBLE, browser_start_error());
        return;
    }

    log_event(b->log, LOG_INFO, "browser_launched",
              log_const("session", b->config.name),
              log_int("pid", process_pid(b->process)));

    b->cdp = cdp_create(b->base, fd, 1, &browser_cdp_handlers, b);

    browser_post_step(b, b->cdp != NULL ? LADDER_DONE : LADDER_LOST,
                      b->cdp != NULL ? NULL : "no_memory");
}


static void
browser_enter_opening(struct browser *b)
{
    page_destroy(b->page);

    b->page = page_create(b->cdp, b->log, &b->page_config,
                          &browser_page_handlers, b);

    if (b->page == NULL) {
        browser_post_step(b, LADDER_ERROR, "no_memory");
        return;
    }

    page_open(b->page);
}


static void
browser_load(struct browser *b)
{
    if (b->recovering) {
        b->stats.reloads++;
    }

    page_load(b->page);
}


static void
browser_enter_loading(struct browser *b)
{
    browser_set_timer(b, b->timer, b->config.boot_timeout_ms);
    browser_load(b);
}


static void
browser_enter_arriving(struct browser *b)
{
    browser_set_timer(b, b->timer, b->config.boot_timeout_ms);
}


static void
browser_enter_up(struct browser *b)
{
    b->boots = 0;
    b->recovering = true;
    b->answered_at = clock_ms();

    backoff_reset(&b->loads);

    browser_set_timer(b, b->ping, b->config.ping_interval_ms);
}


static void
browser_enter_unreachable(struct browser *b)
{
    b->recovering = true;

    browser_set_timer(b, b->timer, backoff_delay(&b->loads, clock_ms(),
                                                 browser_random()));
}


/* answers of the steps that ask something; ctx is the browser, and an answer
   that comes after its step is dropped with the step's serial number */

static void
browser_step_answer(void *ctx, enum cdp_status status, json_t *result)
{
    struct browser  *b = ctx;

    (void) result;

    if (b->step != LADDER_ASKING && b->step != LADDER_FREEING) {
        return;
    }

    browser_post_step(b, status == CDP_OK ? LADDER_DONE : LADDER_ERROR,
                      NULL);
}


static void
browser_enter_asking(struct browser *b)
{
    b->stats.hangs++;

    if (cdp_call(b->cdp, NULL, "Browser.getVersion", NULL, BROWSER_ASK_MS,
                 browser_step_answer, b)
        != 0)
    {
        browser_post_step(b, LADDER_ERROR, NULL);
    }
}


static void
browser_enter_freeing(struct browser *b)
{
    if (page_terminate(b->page, BROWSER_TERMINATE_MS, browser_step_answer, b)
        != 0)
    {
        browser_post_step(b, LADDER_ERROR, NULL);
    }
}


/* there is one page only, so every renderer is its own or a spare one; that it
   died is told by the page */

static void
browser_shoot_answer(void *ctx, enum cdp_status status, json_t *result)
{
    size_t           i;
    json_t          *info;
    const char      *type;
    struct browser  *b = ctx;

    if (b->step != LADDER_SHOOTING || status != CDP_OK) {
        return;
    }

    json_array_foreach(json_object_get(result, "processInfo"), i, info) {

        type = json_string_value(json_object_get(info, "type"));

        if (type != NULL && strcmp(type, "renderer") == 0) {
            (void) process_signal(b->process,
                       (pid_t) json_integer_value(json_object_get(info, "id")),
                       SIGKILL);
        }
    }
}


static void
browser_enter_shooting(struct browser *b)
{
    if (cdp_call(b->cdp, NULL, "SystemInfo.getProcessInfo", NULL,
                 BROWSER_SHOOT_MS, browser_shoot_answer, b)
        != 0)
    {
        browser_post_step(b, LADDER_ERROR, NULL);
    }
}


static void
browser_close_answer(void *ctx, enum cdp_status status, json_t *result)
{
    (void) ctx;
    (void) status;
    (void) result;
}


static void
browser_enter_closing(struct browser *b)
{
    page_destroy(b->page);
    b->page = NULL;

    if (b->cdp == NULL
        || cdp_call(b->cdp, NULL, "Browser.close", NULL, BROWSER_CLOSE_MS,
                    browser_close_answer, b)
           != 0)
    {
        browser_post_step(b, LADDER_ERROR, NULL);
    }
}


static void
browser_gone(void *ctx)
{
    struct browser  *b = ctx;

    process_destroy(b->process);
    b->process = NULL;

    profile_clean(b->profile);

    if (b->stopping) {
        browser_post_step(b, LADDER_DONE, NULL);
        return;
    }

    b->recovering = true;
    b->stats.restarts++;

    if (b->in_use) {
        browser_post_step(b, LADDER_IMPOSSIBLE, "profile_in_use");

    } else if (backoff_exceeded(&b->deaths, clock_ms())) {
        browser_post_step(b, LADDER_IMPOSSIBLE, "too_many_restarts");

    } else {
        browser_post_step(b, LADDER_ERROR, NULL);
    }

    b->in_use = false;
}


static void
browser_enter_killing(struct browser *b)
{
    page_destroy(b->page);
    b->page = NULL;

    cdp_destroy(b->cdp);
    b->cdp = NULL;

    if (b->process == NULL) {
        browser_gone(b);
        return;
    }

    process_end(b->process, BROWSER_GRACE_MS, browser_gone);
}


static void
browser_enter_waiting(struct browser *b)
{
    unsigned  delay;

    delay = backoff_delay(&b->deaths, clock_ms(), browser_random());

    log_event(b->log, LOG_NOTICE, "browser_restart",
              log_const("session", b->config.name),
              log_const("reason", b->reason != NULL ? b->reason : "none"),
              log_int("delay_ms", delay));

    browser_set_timer(b, b->timer, delay);
}


static void
browser_enter_failed(struct browser *b)
{
    log_event(b->log, LOG_ERROR, "browser_failed",
              log_const("session", b->config.name),
              log_const("reason", b->reason != NULL ? b->reason : "none"));

    b->recovering = true;
    backoff_reset(&b->deaths);
}


static const browser_enter_pt  browser_steps[LADDER_STEPS] = {
    [LADDER_STOPPED] = browser_enter_stopped,
    [LADDER_CLEARING] = browser_enter_clearing,
    [LADDER_VERSION] = browser_enter_version,
    [LADDER_LAUNCHING] = browser_enter_launching,
    [LADDER_OPENING] = browser_enter_opening,
    [LADDER_LOADING] = browser_enter_loading,
    [LADDER_REVIVING] = browser_load,
    [LADDER_ARRIVING] = browser_enter_arriving,
    [LADDER_UP] = browser_enter_up,
    [LADDER_UNREACHABLE] = browser_enter_unreachable,
    [LADDER_ASKING] = browser_enter_asking,
    [LADDER_FREEING] = browser_enter_freeing,
    [LADDER_SHOOTING] = browser_enter_shooting,
    [LADDER_CLOSING] = browser_enter_closing,
    [LADDER_KILLING] = browser_enter_killing,
    [LADDER_WAITING] = browser_enter_waiting,
    [LADDER_FAILED] = browser_enter_failed
};


void
browser_enter(struct browser *b)
{
    if (ladder_timeout(b->step) != 0) {
        browser_set_timer(b, b->timer, ladder_timeout(b->step));
    }

    browser_steps[b->step](b);
}



void
browser_timer(evutil_socket_t fd, short what, void *arg)
{
    const char      *reason;
    struct browser  *b = arg;

    (void) fd;
    (void) what;

    reason = NULL;

    switch (b->step) {

    case LADDER_LOADING:
    case LADDER_ARRIVING:

        /* the second time in a row is the browser's */

        if (b->boots++ != 0) {
            browser_post_step(b, LADDER_ERROR, "no_bridge");
            return;
        }

        reason = "no_bridge";
        break;

    case LADDER_OPENING:
    case LADDER_ASKING:
        reason = "browser_silent";
        break;

    case LADDER_UP:
        backoff_reset(&b->deaths);
        b->repairs = 0;
        break;

    default:
        break;
    }

    browser_post_step(b, LADDER_TIMEOUT, reason);
}


