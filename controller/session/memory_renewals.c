/*
 * A page, or a browser with all its pages, is a candidate.  One that is above
 * its high limit is wanted: it is replaced in a moment in which no call uses
 * it or waits for it.  If there is none until it is measured again, calls are
 * made to wait, those under way end, and then it is replaced; calls that take
 * too long for that go first, and it is tried again later.  One candidate is
 * replaced after the other, as a start costs a core some seconds.
 *
 * What is above its maximum is replaced whatever it does.
 */

#include <stdlib.h>

#include <event2/util.h>

#include "base/clock.h"
#include "session/memory_renewals.h"


#define MEMORY_TRY_MS    200
#define MEMORY_DRAIN_MS  5000    /* how long calls are made to wait */


struct memory_candidate {
    struct memory_bound    bound;
    struct session        *session;    /* one of the two is NULL */
    struct browser        *browser;
    enum memory_verdict    verdict;
    uint64_t               since;      /* ms: it is wanted */
    uint64_t               held_at;    /* ms: calls wait; 0: they don't */
    bool                   told;       /* that its limit is too low */
};


struct memory_renewals {
    struct memory_parts        parts;
    struct memory_config       config;
    struct event              *timer;
    struct memory_candidate   *pages;       /* as in the list */
    struct memory_candidate   *browsers;    /* the same */
};


static bool memory_wanted(const struct memory_candidate *candidate);
static void memory_judge(struct memory_renewals *renewals,
    struct memory_candidate *candidate);
static void memory_tell_low(struct memory_renewals *renewals,
    struct memory_candidate *candidate);
static void memory_on_timer(evutil_socket_t fd, short what, void *ctx);
static bool memory_try_all(struct memory_renewals *renewals);
static bool memory_try(struct memory_renewals *renewals,
    struct memory_candidate *candidate);
static bool memory_drain(struct memory_renewals *renewals,
    struct memory_candidate *candidate);
static bool memory_renew(struct memory_renewals *renewals,
    struct memory_candidate *candidate);
static void memory_hold(struct memory_renewals *renewals,
    struct memory_candidate *candidate, bool held);
static bool memory_all(const struct memory_renewals *renewals,
    const struct memory_candidate *candidate,
    bool (*is)(const struct session *session));
static bool memory_is_not_renewing(const struct session *session);
static uint64_t memory_bytes(const struct memory_candidate *candidate);
static const struct memory_limits *memory_limits(
    const struct memory_renewals *renewals,
    const struct memory_candidate *candidate);
static struct log_field memory_name(const struct memory_candidate *candidate);


struct memory_renewals *
memory_renewals_create(const struct memory_parts *parts)
{
    struct memory_renewals  *renewals;

    renewals = calloc(1, sizeof(struct memory_renewals));

    if (renewals == NULL) {
        return NULL;
    }

    renewals->parts = *parts;
    renewals->timer = evtimer_new(parts->base, memory_on_timer, renewals);
    renewals->pages = calloc(parts->sessions_max,
                             sizeof(struct memory_candidate));
    renewals->browsers = calloc(parts->sessions_max,
                                sizeof(struct memory_candidate));

    if (renewals->timer == NULL || renewals->pages == NULL
        || renewals->browsers == NULL)
    {
        memory_renewals_destroy(renewals);
        return NULL;
    }

    return renewals;
}


void
memory_renewals_destroy(struct memory_renewals *renewals)
{
    if (renewals == NULL) {
        return;
    }

    if (renewals->timer != NULL) {
        event_free(renewals->timer);
    }

    free(renewals->pages);
    free(renewals->browsers);
    free(renewals);
}


void
memory_renewals_change(struct memory_renewals *renewals,
    const struct memory_config *config)
{
    renewals->config = *config;

    session_list_set_max_memory(renewals->parts.sessions, config->all);
}


void
memory_renewals_judge(struct memory_renewals *renewals)
{
    size_t                      i;
    const struct browser_list  *browsers;

    for (i = 0; i < session_list_size(renewals->parts.sessions); i++) {
        renewals->pages[i].session =
            session_list_get(renewals->parts.sessions, i);
        memory_judge(renewals, &renewals->pages[i]);
    }

    browsers = session_list_browsers(renewals->parts.sessions);

    for (i = 0; i < browser_list_size(browsers); i++) {
        renewals->browsers[i].browser = browser_list_get(browsers, i);
        memory_judge(renewals, &renewals->browsers[i]);
    }

    memory_on_timer(-1, 0, renewals);
}


static bool
memory_wanted(const struct memory_candidate *candidate)
{
    return candidate->verdict == MEMORY_HIGH
           || candidate->verdict == MEMORY_MAX;
}


static void
memory_judge(struct memory_renewals *renewals,
    struct memory_candidate *candidate)
{
    bool      wanted;
    uint64_t  bytes;

    wanted = memory_wanted(candidate);
    bytes = memory_bytes(candidate);

    candidate->verdict = bytes == 0
                         ? MEMORY_FITS
                         : memory_bound_judge(&candidate->bound,
                               memory_limits(renewals, candidate), bytes,
                               clock_ms());

    if (candidate->verdict == MEMORY_PAUSED) {
        memory_tell_low(renewals, candidate);

    } else if (bytes != 0) {
        candidate->told = false;
    }

    if (memory_wanted(candidate) && !wanted) {
        candidate->since = clock_ms();
    }

    if (!memory_wanted(candidate) && candidate->held_at != 0) {
        memory_hold(renewals, candidate, false);
    }
}


/* once in a pause */

static void
memory_tell_low(struct memory_renewals *renewals,
    struct memory_candidate *candidate)
{
    const struct memory_limits  *limits;

    if (candidate->told) {
        return;
    }

    candidate->told = true;
    limits = memory_limits(renewals, candidate);

    log_event(renewals->parts.log, LOG_ERROR, "memory_limit_low",
              memory_name(candidate),
              log_int("memory", (int64_t) memory_bytes(candidate)),
              log_int("high", (int64_t) limits->high),
              log_int("max", (int64_t) limits->max),
              log_int("pause_s", (int64_t) (candidate->bound.pause_end
                                            - clock_ms()) / 1000),
              log_const("raise", candidate->session != NULL
                                 ? "--page-memory-high, --page-memory-max"
                                 : "--browser-memory-high, "
                                   "--browser-memory-max"));
}


static void
memory_on_timer(evutil_socket_t fd, short what, void *ctx)
{
    struct timeval           tv;
    struct memory_renewals  *renewals = ctx;

    (void) fd;
    (void) what;

    if (memory_try_all(renewals)) {
        tv = clock_timeval(MEMORY_TRY_MS);
        (void) evtimer_add(renewals->timer, &tv);
    }
}


/* returns whether any may still be wanted; the state of one that is replaced
   shows that only in the next turn of the loop */

static bool
memory_try_all(struct memory_renewals *renewals)
{
    bool    wanted;
    size_t  i;

    wanted = false;

    for (i = 0; i < renewals->parts.sessions_max; i++) {
        if (memory_try(renewals, &renewals->browsers[i])
            || memory_try(renewals, &renewals->pages[i]))
        {
            return true;
        }

        wanted = wanted || memory_wanted(&renewals->browsers[i])
                 || memory_wanted(&renewals->pages[i]);
    }

    return wanted;
}


/* returns whether it is being replaced */

static bool
memory_try(struct memory_renewals *renewals,
    struct memory_candidate *candidate)
{
    const struct memory_candidate  any = { .session = NULL };

    if (candidate->verdict == MEMORY_MAX) {
        return memory_renew(renewals, candidate);
    }

    if (candidate->held_at != 0) {
        return memory_drain(renewals, candidate);
    }

    if (candidate->verdict != MEMORY_HIGH
        || !memory_all(renewals, &any, memory_is_not_renewing))
    {
        return false;
    }

    if (memory_all(renewals, candidate, session_idle)) {
        return memory_renew(renewals, candidate);
    }

    if (clock_ms() - candidate->since >= renewals->config.interval_ms) {
        candidate->held_at = clock_ms();
        memory_hold(renewals, candidate, true);
        return memory_drain(renewals, candidate);
    }

    return false;
}


/* what waits is kept from running, and what runs ends */

static bool
memory_drain(struct memory_renewals *renewals,
    struct memory_candidate *candidate)
{
    if (memory_all(renewals, candidate, session_unused)) {
        return memory_renew(renewals, candidate);
    }

    if (clock_ms() - candidate->held_at >= MEMORY_DRAIN_MS) {
        candidate->since = clock_ms();
        memory_hold(renewals, candidate, false);
    }

    return false;
}


static bool
memory_renew(struct memory_renewals *renewals,
    struct memory_candidate *candidate)
{
    uint32_t                     random;
    const struct memory_limits  *limits;

    if (candidate->browser != NULL
        && browser_state(candidate->browser) == BROWSER_RUNNING)
    {
        memory_hold(renewals, candidate, true);
        browser_renew(candidate->browser, "browser_memory");

    } else if (candidate->session == NULL
               || !session_renew(candidate->session, "page_memory"))
    {
        /* it is on its way to another one already */

        candidate->verdict = MEMORY_FITS;
        return false;
    }

    limits = memory_limits(renewals, candidate);

    log_event(renewals->parts.log, LOG_NOTICE, "memory_renewal",
              memory_name(candidate),
              log_int("memory", (int64_t) memory_bytes(candidate)),
              log_int("limit", (int64_t) (candidate->verdict == MEMORY_MAX
                                          ? limits->max : limits->high)),
              log_const("when", candidate->verdict == MEMORY_MAX ? "at once"
                                                                 : "idle"));

    candidate->verdict = MEMORY_FITS;
    candidate->held_at = 0;

    evutil_secure_rng_get_bytes(&random, sizeof(uint32_t));
    memory_bound_renewed(&candidate->bound, clock_ms(), random);

    return true;
}


/* calls of a session that is not ready are refused, and need not wait */

static void
memory_hold(struct memory_renewals *renewals,
    struct memory_candidate *candidate, bool held)
{
    size_t           i;
    struct session  *session;

    for (i = 0; i < session_list_size(renewals->parts.sessions); i++) {
        session = session_list_get(renewals->parts.sessions, i);

        if ((session == candidate->session
             || session_browser(session) == candidate->browser)
            && session_state(session) == SESSION_READY)
        {
            session_hold(session, held);
        }
    }

    if (!held) {
        candidate->held_at = 0;
    }
}


/* whether it is so of the candidate's sessions; all, if it is nobody */

static bool
memory_all(const struct memory_renewals *renewals,
    const struct memory_candidate *candidate,
    bool (*is)(const struct session *session))
{
    size_t                 i;
    const struct session  *session;

    for (i = 0; i < session_list_size(renewals->parts.sessions); i++) {
        session = session_list_get(renewals->parts.sessions, i);

        if ((candidate->session == NULL || candidate->session == session)
            && (candidate->browser == NULL
                || candidate->browser == session_browser(session))
            && !is(session))
        {
            return false;
        }
    }

    return true;
}


static bool
memory_is_not_renewing(const struct session *session)
{
    return session_state(session) != SESSION_RENEWING;
}


static uint64_t
memory_bytes(const struct memory_candidate *candidate)
{
    return candidate->session != NULL ? session_memory(candidate->session)
                                      : browser_memory(candidate->browser);
}


static const struct memory_limits *
memory_limits(const struct memory_renewals *renewals,
    const struct memory_candidate *candidate)
{
    return candidate->session != NULL ? &renewals->config.page
                                      : &renewals->config.browser;
}


static struct log_field
memory_name(const struct memory_candidate *candidate)
{
    return candidate->session != NULL
           ? log_const("session", session_id(candidate->session))
           : log_const("browser", browser_name(candidate->browser));
}
