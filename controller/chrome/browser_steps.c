/*
 * What a browser does when it enters a step.  Each function starts something
 * and returns; how that ends is posted as an event of the step, or counts as
 * its timeout.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <event2/util.h>

#include "base/clock.h"
#include "chrome/browser_events.h"


/* looks at the orphans, 250 ms apart, before SIGTERM and before SIGKILL */
#define BROWSER_ORPHAN_TERM   20
#define BROWSER_ORPHAN_KILL   40

#define BROWSER_ASK_MS        10000
#define BROWSER_FETCH_MS      10000
#define BROWSER_TERMINATE_MS  2000
#define BROWSER_SHOOT_MS      5000
#define BROWSER_CLOSE_MS      5000
#define BROWSER_GRACE_MS      5000    /* between SIGTERM and SIGKILL */
#define BROWSER_VERSION_MS    10000

/* the bridge's method that ends when the page's network has answered */
#define BROWSER_FETCH  "network.check"

/* longest back-off while the page can't be fetched, without its jitter */
#define BROWSER_UNREACHABLE_MAX_MS  10000


typedef void (*browser_enter_pt)(struct browser *b);


static void browser_enter_stopped(struct browser *b);
static void browser_enter_clearing(struct browser *b);
static void browser_enter_version(struct browser *b);
static void browser_version_done(void *ctx, const char *user_agent);
static void browser_enter_queued(struct browser *b);
static void browser_enter_launching(struct browser *b);
static const char *browser_launch_error(void);
static void browser_exited(void *ctx, int status);
static void browser_enter_opening(struct browser *b);
static void browser_enter_loading(struct browser *b);
static void browser_enter_reviving(struct browser *b);
static void browser_enter_arriving(struct browser *b);
static void browser_enter_booting(struct browser *b);
static void browser_enter_up(struct browser *b);
static void browser_enter_incompatible(struct browser *b);
static void browser_enter_unreachable(struct browser *b);
static void browser_enter_awaiting(struct browser *b);
static void browser_enter_stalled(struct browser *b);
static void browser_enter_asking(struct browser *b);
static void browser_enter_freeing(struct browser *b);
static void browser_step_answer(void *ctx, enum cdp_status status,
    json_t *result);
static void browser_enter_shooting(struct browser *b);
static void browser_shoot_answer(void *ctx, enum cdp_status status,
    json_t *result);
static void browser_enter_closing(struct browser *b);
static void browser_close_answer(void *ctx, enum cdp_status status,
    json_t *result);
static void browser_enter_killing(struct browser *b);
static void browser_gone(void *ctx);
static void browser_enter_waiting(struct browser *b);
static void browser_enter_failed(struct browser *b);
static uint32_t browser_random(void);


static const browser_enter_pt  browser_steps[BROWSER_STEPS] = {
    [BROWSER_STEP_STOPPED] = browser_enter_stopped,
    [BROWSER_STEP_CLEARING] = browser_enter_clearing,
    [BROWSER_STEP_VERSION] = browser_enter_version,
    [BROWSER_STEP_QUEUED] = browser_enter_queued,
    [BROWSER_STEP_LAUNCHING] = browser_enter_launching,
    [BROWSER_STEP_OPENING] = browser_enter_opening,
    [BROWSER_STEP_LOADING] = browser_enter_loading,
    [BROWSER_STEP_REVIVING] = browser_enter_reviving,
    [BROWSER_STEP_ARRIVING] = browser_enter_arriving,
    [BROWSER_STEP_BOOTING] = browser_enter_booting,
    [BROWSER_STEP_UP] = browser_enter_up,
    [BROWSER_STEP_INCOMPATIBLE] = browser_enter_incompatible,
    [BROWSER_STEP_UNREACHABLE] = browser_enter_unreachable,
    [BROWSER_STEP_DOUBTING] = browser_enter_asking,
    [BROWSER_STEP_AWAITING] = browser_enter_awaiting,
    [BROWSER_STEP_STALLED] = browser_enter_stalled,
    [BROWSER_STEP_ASKING] = browser_enter_asking,
    [BROWSER_STEP_FREEING] = browser_enter_freeing,
    [BROWSER_STEP_SHOOTING] = browser_enter_shooting,
    [BROWSER_STEP_CLOSING] = browser_enter_closing,
    [BROWSER_STEP_QUITTING] = browser_enter_closing,
    [BROWSER_STEP_KILLING] = browser_enter_killing,
    [BROWSER_STEP_ABANDONING] = browser_enter_killing,
    [BROWSER_STEP_ENDING] = browser_enter_killing,
    [BROWSER_STEP_WAITING] = browser_enter_waiting,
    [BROWSER_STEP_FAILED] = browser_enter_failed
};


void
browser_enter(struct browser *b)
{
    if (browser_step_timeout(b->step) != 0) {
        browser_set_timer(b, b->timer, browser_step_timeout(b->step));
    }

    if (browser_step_bridged(b->step)) {
        browser_set_timer(b, b->ping, b->config.ping_interval_ms);
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

    switch (b->step) {

    case BROWSER_STEP_LOADING:
    case BROWSER_STEP_ARRIVING:
        reason = "no_bridge";
        break;

    case BROWSER_STEP_BOOTING:
        b->missing_n = 0;
        reason = "no_verdict";
        break;

    case BROWSER_STEP_OPENING:
    case BROWSER_STEP_DOUBTING:
    case BROWSER_STEP_ASKING:
        reason = "browser_silent";
        break;

    case BROWSER_STEP_AWAITING:
        reason = "page_hung";
        break;

    case BROWSER_STEP_STALLED:
        reason = "network_silent";
        break;

    default:
        reason = NULL;
    }

    browser_post_step(b, BROWSER_EVENT_TIMEOUT, reason);
}


void
browser_set_timer(struct browser *b, struct event *ev, unsigned ms)
{
    struct timeval  tv;

    tv = clock_timeval(ms);

    /* without its timer a step could last for ever */

    if (event_add(ev, &tv) != 0) {
        browser_post(b, BROWSER_EVENT_LOST, "no_memory", 0);
    }
}


static void
browser_enter_stopped(struct browser *b)
{
    profile_clean(b->profile);
    profile_unlock(b->profile);
    backoff_reset(&b->deaths);
    backoff_reset(&b->unreachable);
}


/* processes that use a profile whose lock is held here are left over from a
   controller that died; as a rule they end by themselves */

static void
browser_enter_clearing(struct browser *b)
{
    int     signal;
    size_t  orphans;

    if (!profile_lock(b->profile)) {
        browser_post_step(b, BROWSER_EVENT_IMPOSSIBLE,
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
browser_enter_queued(struct browser *b)
{
    b->handlers.queued(b->ctx);
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
              log_const("session", b->config.name),
              log_int("pid", process_pid(b->process)));

    b->cdp = cdp_create(b->base, fd, 1,
                        b->handlers.console != NULL
                        ? &browser_cdp_console_handlers
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


static void
browser_enter_opening(struct browser *b)
{
    page_destroy(b->page);

    b->page = page_create(b->cdp, b->log, &b->page_config,
                          b->handlers.console != NULL
                          ? &browser_page_console_handlers
                          : &browser_page_handlers, b);

    if (b->page == NULL) {
        browser_post_step(b, BROWSER_EVENT_ERROR, "no_memory");
        return;
    }

    page_open(b->page);
}


static void
browser_enter_loading(struct browser *b)
{
    browser_set_timer(b, b->timer, b->config.boot_timeout_ms);

    if (b->from != BROWSER_STEP_OPENING) {
        b->stats.reloads++;
    }

    page_load(b->page);
}


static void
browser_enter_reviving(struct browser *b)
{
    b->stats.reloads++;

    page_load(b->page);
}


static void
browser_enter_arriving(struct browser *b)
{
    browser_set_timer(b, b->timer, b->config.boot_timeout_ms);
}


static void
browser_enter_booting(struct browser *b)
{
    b->answered_at = clock_ms();
}


static void
browser_enter_up(struct browser *b)
{
    backoff_reset(&b->unreachable);

    if (b->from == BROWSER_STEP_UP) {
        backoff_reset(&b->deaths);
    }
}


static void
browser_enter_incompatible(struct browser *b)
{
    backoff_reset(&b->unreachable);

    log_event(b->log, LOG_ERROR, "browser_incompatible",
              log_const("session", b->config.name),
              log_int("missing", (int64_t) b->missing_n),
              log_const("see", "whatsapp-controller --probe"));
}


/* a page that comes back shall be seen soon; one that is there and does not
   get ready costs more to load than it is likely to bring */

static void
browser_enter_unreachable(struct browser *b)
{
    unsigned  max;

    max = b->counts.boots == 0 ? BROWSER_UNREACHABLE_MAX_MS : BACKOFF_MAX_MS;

    browser_set_timer(b, b->timer,
                      backoff_delay(&b->unreachable, max, clock_ms(),
                                    browser_random()));
}


/* the ping that is late was sent before, and is answered or times out */

static void
browser_enter_awaiting(struct browser *b)
{
    (void) b;
}


static void
browser_enter_stalled(struct browser *b)
{
    if (!page_call(b->page, BROWSER_FETCH, NULL, BROWSER_FETCH_MS,
                   browser_step_answer, b))
    {
        browser_post_step(b, BROWSER_EVENT_ERROR, NULL);
    }
}


static void
browser_enter_asking(struct browser *b)
{
    b->stats.hangs++;

    if (!cdp_call(b->cdp, NULL, "Browser.getVersion", NULL, BROWSER_ASK_MS,
                  browser_step_answer, b))
    {
        browser_post_step(b, BROWSER_EVENT_ERROR, NULL);
    }
}


static void
browser_enter_freeing(struct browser *b)
{
    if (!page_terminate(b->page, BROWSER_TERMINATE_MS, browser_step_answer, b))
    {
        browser_post_step(b, BROWSER_EVENT_ERROR, NULL);
    }
}


/* an answer may come after its step is over, and then means nothing */

static void
browser_step_answer(void *ctx, enum cdp_status status, json_t *result)
{
    struct browser  *b = ctx;

    (void) result;

    if (b->step != BROWSER_STEP_ASKING && b->step != BROWSER_STEP_DOUBTING
        && b->step != BROWSER_STEP_STALLED && b->step != BROWSER_STEP_FREEING)
    {
        return;
    }

    browser_post_step(b, status == CDP_OK ? BROWSER_EVENT_DONE
                                          : BROWSER_EVENT_ERROR, NULL);
}


static void
browser_enter_shooting(struct browser *b)
{
    if (!cdp_call(b->cdp, NULL, "SystemInfo.getProcessInfo", NULL,
                  BROWSER_SHOOT_MS, browser_shoot_answer, b))
    {
        browser_post_step(b, BROWSER_EVENT_ERROR, NULL);
    }
}


/* there is one page only, so every renderer is the page's or a spare one; the
   page itself reports that its renderer died */

static void
browser_shoot_answer(void *ctx, enum cdp_status status, json_t *result)
{
    size_t           i;
    json_t          *info;
    const char      *type;
    struct browser  *b = ctx;

    if (b->step != BROWSER_STEP_SHOOTING || status != CDP_OK) {
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
browser_enter_closing(struct browser *b)
{
    page_destroy(b->page);
    b->page = NULL;

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
browser_gone(void *ctx)
{
    struct browser  *b = ctx;

    process_destroy(b->process);
    b->process = NULL;

    profile_clean(b->profile);

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

    delay = backoff_delay(&b->deaths, BACKOFF_MAX_MS, clock_ms(),
                          browser_random());

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

    backoff_reset(&b->deaths);
}


static uint32_t
browser_random(void)
{
    uint32_t  random;

    evutil_secure_rng_get_bytes(&random, sizeof(uint32_t));

    return random;
}
