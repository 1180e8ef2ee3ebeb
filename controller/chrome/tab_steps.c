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
#include "chrome/tab_events.h"


/* looks at the orphans, 250 ms apart, before SIGTERM and before SIGKILL */
#define TAB_ORPHAN_TERM   20
#define TAB_ORPHAN_KILL   40

#define TAB_ASK_MS        10000
#define TAB_FETCH_MS      10000
#define TAB_TERMINATE_MS  2000
#define TAB_SHOOT_MS      5000
#define TAB_CLOSE_MS      5000
#define TAB_GRACE_MS      5000    /* between SIGTERM and SIGKILL */
#define TAB_VERSION_MS    10000

/* the bridge's method that ends when the page's network has answered */
#define TAB_FETCH  "network.check"

/* longest back-off while the page can't be fetched, without its jitter */
#define TAB_UNREACHABLE_MAX_MS  10000


typedef void (*tab_enter_pt)(struct tab *t);


static void tab_enter_stopped(struct tab *t);
static void tab_enter_clearing(struct tab *t);
static void tab_enter_version(struct tab *t);
static void tab_version_done(void *ctx, const char *user_agent);
static void tab_enter_queued(struct tab *t);
static void tab_enter_launching(struct tab *t);
static const char *tab_launch_error(void);
static void tab_exited(void *ctx, int status);
static void tab_enter_opening(struct tab *t);
static void tab_enter_loading(struct tab *t);
static void tab_enter_reviving(struct tab *t);
static void tab_enter_arriving(struct tab *t);
static void tab_enter_booting(struct tab *t);
static void tab_enter_up(struct tab *t);
static void tab_enter_incompatible(struct tab *t);
static void tab_enter_unreachable(struct tab *t);
static void tab_enter_awaiting(struct tab *t);
static void tab_enter_stalled(struct tab *t);
static void tab_enter_asking(struct tab *t);
static void tab_enter_freeing(struct tab *t);
static void tab_step_answer(void *ctx, enum cdp_status status,
    json_t *result);
static void tab_enter_shooting(struct tab *t);
static void tab_shoot_answer(void *ctx, enum cdp_status status,
    json_t *result);
static void tab_enter_closing(struct tab *t);
static void tab_close_answer(void *ctx, enum cdp_status status,
    json_t *result);
static void tab_enter_killing(struct tab *t);
static void tab_gone(void *ctx);
static void tab_enter_waiting(struct tab *t);
static void tab_enter_failed(struct tab *t);
static uint32_t tab_random(void);


static const tab_enter_pt  tab_steps[TAB_STEPS] = {
    [TAB_STEP_STOPPED] = tab_enter_stopped,
    [TAB_STEP_CLEARING] = tab_enter_clearing,
    [TAB_STEP_VERSION] = tab_enter_version,
    [TAB_STEP_QUEUED] = tab_enter_queued,
    [TAB_STEP_LAUNCHING] = tab_enter_launching,
    [TAB_STEP_OPENING] = tab_enter_opening,
    [TAB_STEP_LOADING] = tab_enter_loading,
    [TAB_STEP_REVIVING] = tab_enter_reviving,
    [TAB_STEP_ARRIVING] = tab_enter_arriving,
    [TAB_STEP_BOOTING] = tab_enter_booting,
    [TAB_STEP_UP] = tab_enter_up,
    [TAB_STEP_INCOMPATIBLE] = tab_enter_incompatible,
    [TAB_STEP_UNREACHABLE] = tab_enter_unreachable,
    [TAB_STEP_DOUBTING] = tab_enter_asking,
    [TAB_STEP_AWAITING] = tab_enter_awaiting,
    [TAB_STEP_STALLED] = tab_enter_stalled,
    [TAB_STEP_ASKING] = tab_enter_asking,
    [TAB_STEP_FREEING] = tab_enter_freeing,
    [TAB_STEP_SHOOTING] = tab_enter_shooting,
    [TAB_STEP_CLOSING] = tab_enter_closing,
    [TAB_STEP_QUITTING] = tab_enter_closing,
    [TAB_STEP_KILLING] = tab_enter_killing,
    [TAB_STEP_ABANDONING] = tab_enter_killing,
    [TAB_STEP_ENDING] = tab_enter_killing,
    [TAB_STEP_WAITING] = tab_enter_waiting,
    [TAB_STEP_FAILED] = tab_enter_failed
};


void
tab_enter(struct tab *t)
{
    if (tab_step_timeout(t->step) != 0) {
        tab_set_timer(t, t->timer, tab_step_timeout(t->step));
    }

    if (tab_step_bridged(t->step)) {
        tab_set_timer(t, t->ping, t->config.ping_interval_ms);
    }

    tab_steps[t->step](t);
}


void
tab_timer(evutil_socket_t fd, short what, void *arg)
{
    const char      *reason;
    struct tab  *t = arg;

    (void) fd;
    (void) what;

    switch (t->step) {

    case TAB_STEP_LOADING:
    case TAB_STEP_ARRIVING:
        reason = "no_bridge";
        break;

    case TAB_STEP_BOOTING:
        t->missing_n = 0;
        reason = "no_verdict";
        break;

    case TAB_STEP_OPENING:
    case TAB_STEP_DOUBTING:
    case TAB_STEP_ASKING:
        reason = "browser_silent";
        break;

    case TAB_STEP_AWAITING:
        reason = "page_hung";
        break;

    case TAB_STEP_STALLED:
        reason = "network_silent";
        break;

    default:
        reason = NULL;
    }

    tab_post_step(t, TAB_EVENT_TIMEOUT, reason);
}


void
tab_set_timer(struct tab *t, struct event *ev, unsigned ms)
{
    struct timeval  tv;

    tv = clock_timeval(ms);

    /* without its timer a step could last for ever */

    if (event_add(ev, &tv) != 0) {
        tab_post(t, TAB_EVENT_LOST, "no_memory", 0);
    }
}


static void
tab_enter_stopped(struct tab *t)
{
    profile_clean(t->profile);
    profile_unlock(t->profile);
    backoff_reset(&t->deaths);
    backoff_reset(&t->unreachable);
}


/* processes that use a profile whose lock is held here are left over from a
   controller that died; as a rule they end by themselves */

static void
tab_enter_clearing(struct tab *t)
{
    int     signal;
    size_t  orphans;

    if (!profile_lock(t->profile)) {
        tab_post_step(t, TAB_EVENT_IMPOSSIBLE,
                      errno == EWOULDBLOCK ? "profile_locked"
                                               : "directory_error");
        return;
    }

    if (t->orphan_tries < TAB_ORPHAN_TERM) {
        signal = 0;

    } else {
        signal = t->orphan_tries < TAB_ORPHAN_KILL ? SIGTERM : SIGKILL;
    }

    orphans = process_sweep((const char *const *) t->marks.arguments,
                            signal);

    if (orphans != 0) {
        log_event(t->log, LOG_NOTICE, "browser_orphans",
                  log_const("session", t->config.name),
                  log_int("count", (int64_t) orphans));

        t->orphan_tries++;
        return;
    }

    t->orphan_tries = 0;

    profile_clean(t->profile);

    tab_post_step(t, TAB_EVENT_DONE, NULL);
}


static void
tab_enter_version(struct tab *t)
{
    if (t->config.user_agent != NULL) {
        tab_post_step(t, TAB_EVENT_DONE, NULL);
        return;
    }

    t->version = chrome_version_create(t->base, t->config.chromium,
                                       TAB_VERSION_MS,
                                       tab_version_done, t);
    if (t->version == NULL) {
        tab_post_step(t, TAB_EVENT_IMPOSSIBLE,
                      tab_launch_error());
    }
}


static void
tab_version_done(void *ctx, const char *user_agent)
{
    struct tab  *t = ctx;

    if (user_agent == NULL) {
        tab_post_step(t, TAB_EVENT_IMPOSSIBLE,
                      errno != 0 ? tab_launch_error()
                                     : "chromium_unknown_version");
        return;
    }

    (void) snprintf(t->user_agent, sizeof(t->user_agent), "%s", user_agent);

    tab_post_step(t, TAB_EVENT_DONE, NULL);
}


static void
tab_enter_queued(struct tab *t)
{
    t->handlers.queued(t->ctx);
}


static void
tab_enter_launching(struct tab *t)
{
    int                     fd;
    struct chrome_options   options;

    options = (struct chrome_options) {
        .chromium = t->config.chromium,
        .tmp_dir = t->config.tmp_dir,
        .user_agent = t->config.user_agent != NULL ? t->config.user_agent
                                                   : t->user_agent,
        .web_url = t->config.web_url,
        .marks = &t->marks,
        .sandbox = t->config.sandbox,
        .visible = t->config.visible
    };

    t->process = chrome_create(t->base, &options, &fd, tab_exited, t);

    if (t->process == NULL) {
        tab_post_step(t, TAB_EVENT_IMPOSSIBLE,
                      tab_launch_error());
        return;
    }

    log_event(t->log, LOG_INFO, "browser_launched",
              log_const("session", t->config.name),
              log_int("pid", process_pid(t->process)));

    t->cdp = cdp_create(t->base, fd, 1,
                        t->handlers.console != NULL
                        ? &tab_cdp_console_handlers
                        : &tab_cdp_handlers, t);

    tab_post_step(t, t->cdp != NULL ? TAB_EVENT_DONE
                                        : TAB_EVENT_LOST,
                  t->cdp != NULL ? NULL : "no_memory");
}


static const char *
tab_launch_error(void)
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
tab_exited(void *ctx, int status)
{
    struct tab  *t = ctx;

    if (WIFEXITED(status)
        && WEXITSTATUS(status) == CHROME_EXIT_PROFILE_IN_USE)
    {
        tab_post(t, TAB_EVENT_IN_USE, "profile_in_use", 0);

    } else {
        tab_post(t, TAB_EVENT_LOST, "browser_exited", 0);
    }
}


static void
tab_enter_opening(struct tab *t)
{
    page_destroy(t->page);

    t->page = page_create(t->cdp, t->log, &t->page_config,
                          t->handlers.console != NULL
                          ? &tab_page_console_handlers
                          : &tab_page_handlers, t);

    if (t->page == NULL) {
        tab_post_step(t, TAB_EVENT_ERROR, "no_memory");
        return;
    }

    page_open(t->page);
}


static void
tab_enter_loading(struct tab *t)
{
    tab_set_timer(t, t->timer, t->config.boot_timeout_ms);

    if (t->from != TAB_STEP_OPENING) {
        t->stats.reloads++;
    }

    page_load(t->page);
}


static void
tab_enter_reviving(struct tab *t)
{
    t->stats.reloads++;

    page_load(t->page);
}


static void
tab_enter_arriving(struct tab *t)
{
    tab_set_timer(t, t->timer, t->config.boot_timeout_ms);
}


static void
tab_enter_booting(struct tab *t)
{
    t->answered_at = clock_ms();
}


static void
tab_enter_up(struct tab *t)
{
    backoff_reset(&t->unreachable);

    if (t->from == TAB_STEP_UP) {
        backoff_reset(&t->deaths);
    }
}


static void
tab_enter_incompatible(struct tab *t)
{
    backoff_reset(&t->unreachable);

    log_event(t->log, LOG_ERROR, "browser_incompatible",
              log_const("session", t->config.name),
              log_int("missing", (int64_t) t->missing_n),
              log_const("see", "whatsapp-controller --probe"));
}


/* a page that comes back shall be seen soon; one that is there and does not
   get ready costs more to load than it is likely to bring */

static void
tab_enter_unreachable(struct tab *t)
{
    unsigned  max;

    max = t->counts.boots == 0 ? TAB_UNREACHABLE_MAX_MS : BACKOFF_MAX_MS;

    tab_set_timer(t, t->timer,
                  backoff_delay(&t->unreachable, max, clock_ms(),
                                tab_random()));
}


/* the ping that is late was sent before, and is answered or times out */

static void
tab_enter_awaiting(struct tab *t)
{
    (void) t;
}


static void
tab_enter_stalled(struct tab *t)
{
    if (!page_call(t->page, TAB_FETCH, NULL, TAB_FETCH_MS,
                   tab_step_answer, t))
    {
        tab_post_step(t, TAB_EVENT_ERROR, NULL);
    }
}


static void
tab_enter_asking(struct tab *t)
{
    t->stats.hangs++;

    if (!cdp_call(t->cdp, NULL, "Browser.getVersion", NULL, TAB_ASK_MS,
                  tab_step_answer, t))
    {
        tab_post_step(t, TAB_EVENT_ERROR, NULL);
    }
}


static void
tab_enter_freeing(struct tab *t)
{
    if (!page_terminate(t->page, TAB_TERMINATE_MS, tab_step_answer, t))
    {
        tab_post_step(t, TAB_EVENT_ERROR, NULL);
    }
}


/* an answer may come after its step is over, and then means nothing */

static void
tab_step_answer(void *ctx, enum cdp_status status, json_t *result)
{
    struct tab  *t = ctx;

    (void) result;

    if (t->step != TAB_STEP_ASKING && t->step != TAB_STEP_DOUBTING
        && t->step != TAB_STEP_STALLED && t->step != TAB_STEP_FREEING)
    {
        return;
    }

    tab_post_step(t, status == CDP_OK ? TAB_EVENT_DONE
                                          : TAB_EVENT_ERROR, NULL);
}


static void
tab_enter_shooting(struct tab *t)
{
    if (!cdp_call(t->cdp, NULL, "SystemInfo.getProcessInfo", NULL,
                  TAB_SHOOT_MS, tab_shoot_answer, t))
    {
        tab_post_step(t, TAB_EVENT_ERROR, NULL);
    }
}


/* there is one page only, so every renderer is the page's or a spare one; the
   page itself reports that its renderer died */

static void
tab_shoot_answer(void *ctx, enum cdp_status status, json_t *result)
{
    size_t           i;
    json_t          *info;
    const char      *type;
    struct tab  *t = ctx;

    if (t->step != TAB_STEP_SHOOTING || status != CDP_OK) {
        return;
    }

    json_array_foreach(json_object_get(result, "processInfo"), i, info) {

        type = json_string_value(json_object_get(info, "type"));

        if (type != NULL && strcmp(type, "renderer") == 0) {
            (void) process_signal(t->process,
                       (pid_t) json_integer_value(json_object_get(info, "id")),
                       SIGKILL);
        }
    }
}


static void
tab_enter_closing(struct tab *t)
{
    page_destroy(t->page);
    t->page = NULL;

    if (t->cdp == NULL
        || !cdp_call(t->cdp, NULL, "Browser.close", NULL, TAB_CLOSE_MS,
                     tab_close_answer, t))
    {
        tab_post_step(t, TAB_EVENT_ERROR, NULL);
    }
}


/* the browser's end is the answer */

static void
tab_close_answer(void *ctx, enum cdp_status status, json_t *result)
{
    (void) ctx;
    (void) status;
    (void) result;
}


/* a change of mind while processes end leads here again */

static void
tab_enter_killing(struct tab *t)
{
    page_destroy(t->page);
    t->page = NULL;

    cdp_destroy(t->cdp);
    t->cdp = NULL;

    if (t->process == NULL) {
        tab_gone(t);
        return;
    }

    process_end(t->process, TAB_GRACE_MS, tab_gone);
}


static void
tab_gone(void *ctx)
{
    struct tab  *t = ctx;

    process_destroy(t->process);
    t->process = NULL;

    profile_clean(t->profile);

    if (t->step != TAB_STEP_ENDING) {
        t->stats.restarts++;
    }

    if (t->step == TAB_STEP_KILLING
        && backoff_exceeded(&t->deaths, clock_ms()))
    {
        tab_post_step(t, TAB_EVENT_IMPOSSIBLE, "too_many_restarts");

    } else {
        tab_post_step(t, TAB_EVENT_DONE, NULL);
    }
}


static void
tab_enter_waiting(struct tab *t)
{
    unsigned  delay;

    delay = backoff_delay(&t->deaths, BACKOFF_MAX_MS, clock_ms(),
                          tab_random());

    log_event(t->log, LOG_NOTICE, "browser_restart",
              log_const("session", t->config.name),
              log_const("reason", t->reason != NULL ? t->reason : "none"),
              log_int("delay_ms", delay));

    tab_set_timer(t, t->timer, delay);
}


static void
tab_enter_failed(struct tab *t)
{
    log_event(t->log, LOG_ERROR, "browser_failed",
              log_const("session", t->config.name),
              log_const("reason", t->reason != NULL ? t->reason : "none"));

    backoff_reset(&t->deaths);
}


static uint32_t
tab_random(void)
{
    uint32_t  random;

    evutil_secure_rng_get_bytes(&random, sizeof(uint32_t));

    return random;
}
