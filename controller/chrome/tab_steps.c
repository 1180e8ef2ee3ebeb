/*
 * What a tab does when it enters a step.  Each function starts something and
 * returns; how that ends is posted as an event of the step, or counts as its
 * timeout.
 */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <event2/util.h>

#include "base/clock.h"
#include "chrome/tab_events.h"


/* looks at the orphans, 250 ms apart, before SIGTERM and before SIGKILL */
#define TAB_ORPHAN_TERM   20
#define TAB_ORPHAN_KILL   40

#define TAB_FETCH_MS      10000
#define TAB_TERMINATE_MS  2000
#define TAB_LEAVE_MS      5000    /* a page that does not close ends with its
                                     renderer */
#define TAB_LOST_MS       15000   /* the same, of a browser that died */

/* the bridge's method that ends when the page's network has answered */
#define TAB_FETCH  "network.check"

/* longest back-off while the page can't be fetched, without its jitter */
#define TAB_UNREACHABLE_MAX_MS  10000


typedef void (*tab_enter_pt)(struct tab *t);


static void tab_enter_stopped(struct tab *t);
static void tab_enter_clearing(struct tab *t);
static void tab_enter_joining(struct tab *t);
static void tab_enter_orphaned(struct tab *t);
static void tab_enter_queued(struct tab *t);
static void tab_enter_entering(struct tab *t);
static void tab_enter_opening(struct tab *t);
static void tab_enter_loading(struct tab *t);
static void tab_enter_reviving(struct tab *t);
static void tab_enter_arriving(struct tab *t);
static void tab_enter_booting(struct tab *t);
static void tab_enter_up(struct tab *t);
static void tab_enter_incompatible(struct tab *t);
static void tab_enter_unreachable(struct tab *t);
static void tab_enter_nothing(struct tab *t);
static void tab_enter_stalled(struct tab *t);
static void tab_enter_comparing(struct tab *t);
static void tab_enter_asking(struct tab *t);
static void tab_enter_freeing(struct tab *t);
static void tab_step_answer(void *ctx, enum cdp_status status,
    json_t *result);
static void tab_enter_renewing(struct tab *t);
static void tab_enter_exchanging(struct tab *t);
static void tab_enter_replacing(struct tab *t);
static void tab_enter_denouncing(struct tab *t);
static void tab_enter_pausing(struct tab *t);
static void tab_enter_leaving(struct tab *t);
static void tab_enter_failed(struct tab *t);
static void tab_close_page(struct tab *t);
static uint32_t tab_random(void);


static const tab_enter_pt  tab_steps[TAB_STEPS] = {
    [TAB_STEP_STOPPED] = tab_enter_stopped,
    [TAB_STEP_CLEARING] = tab_enter_clearing,
    [TAB_STEP_JOINING] = tab_enter_joining,
    [TAB_STEP_ORPHANED] = tab_enter_orphaned,
    [TAB_STEP_EVICTED] = tab_enter_orphaned,
    [TAB_STEP_QUEUED] = tab_enter_queued,
    [TAB_STEP_ENTERING] = tab_enter_entering,
    [TAB_STEP_OPENING] = tab_enter_opening,
    [TAB_STEP_LOADING] = tab_enter_loading,
    [TAB_STEP_REVIVING] = tab_enter_reviving,
    [TAB_STEP_ARRIVING] = tab_enter_arriving,
    [TAB_STEP_BOOTING] = tab_enter_booting,
    [TAB_STEP_UP] = tab_enter_up,
    [TAB_STEP_INCOMPATIBLE] = tab_enter_incompatible,
    [TAB_STEP_UNREACHABLE] = tab_enter_unreachable,
    [TAB_STEP_DOUBTING] = tab_enter_asking,
    [TAB_STEP_AWAITING] = tab_enter_nothing,
    [TAB_STEP_STALLED] = tab_enter_stalled,
    [TAB_STEP_COMPARING] = tab_enter_comparing,
    [TAB_STEP_ASKING] = tab_enter_asking,
    [TAB_STEP_SUSPECTING] = tab_enter_asking,
    [TAB_STEP_FREEING] = tab_enter_freeing,
    [TAB_STEP_RENEWING] = tab_enter_renewing,
    [TAB_STEP_EXCHANGING] = tab_enter_exchanging,
    [TAB_STEP_REPLACING] = tab_enter_replacing,
    [TAB_STEP_DENOUNCING] = tab_enter_denouncing,
    [TAB_STEP_PAUSING] = tab_enter_pausing,
    [TAB_STEP_LEAVING] = tab_enter_leaving,
    [TAB_STEP_PARTING] = tab_enter_nothing,
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
    const char  *reason;
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
    case TAB_STEP_RENEWING:
    case TAB_STEP_EXCHANGING:
        reason = "page_not_opened";
        break;

    case TAB_STEP_DOUBTING:
    case TAB_STEP_ASKING:
    case TAB_STEP_SUSPECTING:
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


static void
tab_enter_stopped(struct tab *t)
{
    profile_clean(t->profile, browser_state(t->browser) != BROWSER_RUNNING);
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

    orphans = profile_orphans(t->profile, browser_directory(t->browser),
                              signal);

    if (orphans != 0) {
        log_event(t->log, LOG_NOTICE, "profile_orphans",
                  log_const("session", t->config.name),
                  log_int("count", (int64_t) orphans));

        t->orphan_tries++;
        return;
    }

    t->orphan_tries = 0;

    profile_clean(t->profile, browser_state(t->browser) != BROWSER_RUNNING);

    tab_post_step(t, TAB_EVENT_DONE, NULL);
}


/* the browser tells when its state changes; one that is there already is not
   told again */

static void
tab_enter_joining(struct tab *t)
{
    if (!profile_open(t->profile, browser_directory(t->browser))) {
        tab_post_step(t, TAB_EVENT_IMPOSSIBLE, "directory_error");
        return;
    }

    browser_join(&t->guest);

    if (browser_state(t->browser) == BROWSER_OFFERED) {
        tab_post_step(t, TAB_EVENT_BROWSER_OFFERED, NULL);

    } else if (browser_state(t->browser) == BROWSER_RUNNING) {
        tab_post_step(t, TAB_EVENT_BROWSER_RUNNING, NULL);
    }
}


static void
tab_enter_orphaned(struct tab *t)
{
    tab_close_page(t);

    if (t->asked) {
        t->asked = false;
        browser_hurry(t->browser);
    }
}


static void
tab_enter_queued(struct tab *t)
{
    t->asked = false;

    t->handlers.queued(t->ctx);
}


static void
tab_enter_entering(struct tab *t)
{
    if (browser_state(t->browser) == BROWSER_RUNNING) {
        tab_post_step(t, TAB_EVENT_BROWSER_RUNNING, NULL);

    } else {
        browser_launch(&t->guest);
    }
}


static void
tab_enter_opening(struct tab *t)
{
    tab_close_page(t);
    browser_open(&t->guest);
}


void
tab_open_page(struct tab *t, const char *target)
{
    struct cdp  *cdp;

    cdp = browser_cdp(t->browser);

    t->page = cdp == NULL
              ? NULL
              : page_create(cdp, t->log, &t->page_config,
                            t->handlers.console != NULL
                            ? &tab_page_console_handlers
                            : &tab_page_handlers, t);

    if (t->page == NULL) {
        tab_post_step(t, TAB_EVENT_ERROR, "no_memory");
        return;
    }

    page_open(t->page, target);
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

    tab_heap_begin(t);
}


static void
tab_enter_up(struct tab *t)
{
    backoff_reset(&t->unreachable);

    if (t->from == TAB_STEP_UP) {
        backoff_reset(&t->deaths);

    } else if (t->from == TAB_STEP_BOOTING && !t->config.visible) {
        page_minimise(t->page);
    }
}


static void
tab_enter_incompatible(struct tab *t)
{
    backoff_reset(&t->unreachable);

    log_event(t->log, LOG_ERROR, "page_incompatible",
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

    tab_set_timer(t, t->timer, backoff_delay(&t->unreachable, max, clock_ms(),
                                             tab_random()));
}


/* a page that is late was asked before, and answers or does not; a browser
   that runs on writes the profile for a moment after its page is closed */

static void
tab_enter_nothing(struct tab *t)
{
    (void) t;
}


static void
tab_enter_stalled(struct tab *t)
{
    if (!tab_fetch(t, tab_step_answer, t)) {
        tab_post_step(t, TAB_EVENT_ERROR, NULL);
    }
}


bool
tab_fetch(struct tab *t, cdp_answer_pt answer, void *ctx)
{
    return page_call(t->page, TAB_FETCH, NULL, TAB_FETCH_MS, answer, ctx);
}


static void
tab_enter_comparing(struct tab *t)
{
    if (!browser_fetch(&t->guest, tab_step_answer, t)) {
        tab_post_step(t, TAB_EVENT_ERROR, NULL);
    }
}


static void
tab_enter_asking(struct tab *t)
{
    t->stats.hangs++;

    if (!browser_ask(t->browser, tab_step_answer, t)) {
        tab_post_step(t, TAB_EVENT_ERROR, NULL);
    }
}


static void
tab_enter_freeing(struct tab *t)
{
    if (!page_terminate(t->page, TAB_TERMINATE_MS, tab_step_answer, t)) {
        tab_post_step(t, TAB_EVENT_ERROR, NULL);
    }
}


/* an answer may come after its step is over, and then means nothing */

static void
tab_step_answer(void *ctx, enum cdp_status status, json_t *result)
{
    struct tab  *t = ctx;

    (void) result;

    switch (t->step) {

    case TAB_STEP_ASKING:
    case TAB_STEP_COMPARING:
    case TAB_STEP_DOUBTING:
    case TAB_STEP_FREEING:
    case TAB_STEP_STALLED:
    case TAB_STEP_SUSPECTING:
        tab_post_step(t, status == CDP_OK ? TAB_EVENT_DONE : TAB_EVENT_ERROR,
                      NULL);
        break;

    default:
        break;
    }
}


static void
tab_enter_renewing(struct tab *t)
{
    t->stats.replaced++;

    tab_enter_opening(t);
}


static void
tab_enter_exchanging(struct tab *t)
{
    t->stats.renewals++;

    tab_enter_renewing(t);
}


static void
tab_enter_replacing(struct tab *t)
{
    bool  asked;

    asked = t->asked;
    t->asked = false;

    t->stats.replaced++;

    tab_close_page(t);

    if (!browser_alone(&t->guest)) {

        if (!browser_close(&t->guest)) {
            tab_post_step(t, TAB_EVENT_DONE, NULL);
        }

    } else if (asked) {
        browser_restart(t->browser, t->reason);

    } else {
        browser_report_worn(t->browser, t->reason);
    }
}


static void
tab_enter_denouncing(struct tab *t)
{
    if (t->from == TAB_STEP_COMPARING) {
        browser_report_worn(t->browser, t->reason);

    } else {
        browser_report_silent(t->browser, t->reason);
    }
}


static void
tab_enter_pausing(struct tab *t)
{
    unsigned  delay;

    if (backoff_exceeded(&t->deaths, clock_ms())) {
        tab_post_step(t, TAB_EVENT_IMPOSSIBLE, "too_many_restarts");
        return;
    }

    delay = backoff_delay(&t->deaths, BACKOFF_MAX_MS, clock_ms(),
                          tab_random());

    log_event(t->log, LOG_NOTICE, "page_replaced",
              log_const("session", t->config.name),
              log_const("reason", t->reason != NULL ? t->reason : "none"),
              log_int("delay_ms", delay));

    tab_set_timer(t, t->timer, delay);
}


static void
tab_enter_leaving(struct tab *t)
{
    bool  open;

    tab_close_page(t);

    open = browser_leave(&t->guest);

    /* a browser that is stopped tells so at the end */

    if (browser_guests(t->browser) == 0) {
        return;
    }

    if (browser_state(t->browser) == BROWSER_RECOVERING
        || browser_state(t->browser) == BROWSER_RENEWING)
    {
        tab_set_timer(t, t->timer, TAB_LOST_MS);

    } else if (open) {
        tab_set_timer(t, t->timer, TAB_LEAVE_MS);

    } else {
        tab_post_step(t, TAB_EVENT_DONE, NULL);
    }
}


static void
tab_enter_failed(struct tab *t)
{
    log_event(t->log, LOG_ERROR, "tab_failed",
              log_const("session", t->config.name),
              log_const("reason", t->reason != NULL ? t->reason : "none"));

    tab_close_page(t);
    backoff_reset(&t->deaths);

    /* one that may not boot is no reason for a browser to run */

    if (t->from == TAB_STEP_QUEUED) {
        (void) browser_leave(&t->guest);
    }
}


/* ends all calls of the page; what becomes of it in the browser is another
   matter */

static void
tab_close_page(struct tab *t)
{
    page_destroy(t->page);
    t->page = NULL;
}


static uint32_t
tab_random(void)
{
    uint32_t  random;

    evutil_secure_rng_get_bytes(&random, sizeof(uint32_t));

    return random;
}
