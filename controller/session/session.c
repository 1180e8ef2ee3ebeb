/*
 * A session is one WhatsApp account in one tab.
 *
 * Two parties report to it.  The tab reports its own state: it starts, its
 * bridge examines the page, it is up, it is being repaired.  How a tab is
 * repaired is no business of the session; the table in tab_state.c says that.
 * The page reports through the bridge what WhatsApp Web says of itself, as an
 * event named "state" or "logout", and once a document, as "boot", what this
 * version of WhatsApp Web offers.
 *
 * The session keeps the last word of each and nothing else.  Its own state
 * follows from the two through the table in session_state.c: while the tab is
 * up the page's word counts, otherwise the tab's.  A page that is gone
 * takes its word and its capabilities with it.
 *
 * Calls wait in the scheduler.  Whenever the state changes to another one than
 * ready, all calls that wait are refused with the error of that state, so that
 * nobody waits for a session that a person must repair.  Only while the
 * session opens, from its start to the first state that is neither starting
 * nor syncing, sends wait for it, each until its deadline: so a restart of the
 * controller fails none.  Likewise all calls wait while the page is renewed.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bucket.h"
#include "base/clock.h"
#include "base/text.h"
#include "session/session_private.h"


#define SESSION_RECIPIENTS      1024       /* in the cache */
#define SESSION_RECIPIENTS_TTL  3600000    /* ms */

#define SESSION_LOGOUT          "session.logout"
#define SESSION_PROBE_MS        30000

/* what the reason of an incompatible session ends with */

#define SESSION_PROBE           "run whatsapp-controller --probe"


static void session_on_queued(void *ctx);
static void session_on_place(void *ctx);
static void session_on_tab(void *ctx, enum tab_state state,
    const char *reason);
static void session_on_event(void *ctx, const char *name, json_t *data);
static void session_on_console(void *ctx, const char *method, json_t *params);
static void session_on_boot(struct session *session, json_t *data);
static void session_on_inbound(struct session *session, json_t *data);
static void session_on_page(struct session *session, json_t *data);
static void session_on_logout(struct session *session, json_t *data);
static void session_probed(void *ctx, enum tab_call_status status,
    json_t *result);
static void session_update(struct session *session, const char *reason);
static void session_apply(struct session *session, enum session_event event,
    const char *reason);
static void session_changed(struct session *session);
static void session_tell_listener(struct session *session);
static void session_forget_page(struct session *session);


const char *const  session_capability_names[SESSION_CAPABILITIES] = {
    [SESSION_SEND_TEXT] = "send_text",
    [SESSION_MARK_READ] = "mark_read",
    [SESSION_TYPING] = "typing",
    [SESSION_RESOLVE] = "resolve",
    [SESSION_SHOW_QR] = "qr",
    [SESSION_GIVE_CODE] = "pairing",
    [SESSION_SEND_MEDIA] = "send_media",
    [SESSION_SEND_LOCATION] = "send_location",
    [SESSION_SEND_CONTACTS] = "send_contacts",
    [SESSION_SEND_REACTION] = "send_reaction",
    [SESSION_SEND_POLL] = "send_poll",
    [SESSION_EDIT] = "edit",
    [SESSION_REVOKE] = "revoke",
    [SESSION_FORWARD] = "forward",
    [SESSION_GROUPS] = "groups",
    [SESSION_BLOCK] = "block",
    [SESSION_PROFILE] = "profile",
    [SESSION_INBOUND] = "inbound",
    [SESSION_HISTORY] = "history"
};


static const struct {
    const char  *name;
    void       (*handler)(struct session *session, json_t *data);
} session_events[] = {
    { "boot", session_on_boot },
    { "state", session_on_page },
    { "logout", session_on_logout },
    { "inbound", session_on_inbound }
};


struct session *
session_create(struct event_base *base, struct log *log,
    const struct session_config *config)
{
    struct session      *session;
    struct tab_handlers  handlers;

    session = calloc(1, sizeof(struct session));

    if (session == NULL) {
        return NULL;
    }

    session->log = log;
    session->config = *config;
    session->since = time(NULL);
    session->page.event = SESSION_PAGE_OPENING;

    bucket_init(&session->codes, config->code_rate, config->code_burst,
                clock_ms());

    handlers.queued = session_on_queued;
    handlers.state = session_on_tab;
    handlers.event = session_on_event;
    handlers.console = config->watch != NULL && config->watch->console != NULL
                       ? session_on_console : NULL;

    session->recipients = recipient_cache_create(SESSION_RECIPIENTS,
                                                 SESSION_RECIPIENTS_TTL);
    session->scheduler = scheduler_create(base, config->lanes);
    session->tab = tab_create(base, log, config->browser,
                              &session->config.tab, &handlers, session);

    if (session->recipients == NULL || session->scheduler == NULL
        || session->tab == NULL
        || !boot_place_init(&session->boot, config->boots, session_on_place,
                            session))
    {
        session_destroy(session);
        return NULL;
    }

    return session;
}


void
session_destroy(struct session *session)
{
    if (session == NULL) {
        return;
    }

    boot_place_free(&session->boot);
    tab_destroy(session->tab);
    scheduler_destroy(session->scheduler);
    recipient_cache_destroy(session->recipients);

    free(session);
}


void
session_start(struct session *session)
{
    tab_start(session->tab);
}


void
session_stop(struct session *session)
{
    tab_stop(session->tab);
}


void
session_restart(struct session *session)
{
    tab_restart(session->tab, "asked for");
}


void
session_listen(struct session *session,
    const struct session_listener *listener, void *ctx)
{
    session->listener = listener;
    session->listener_ctx = ctx;
}


bool
session_launched(const struct session *session)
{
    return session->launched;
}


bool
session_down(const struct session *session)
{
    return session->tab_state == TAB_STOPPED;
}


const char *
session_id(const struct session *session)
{
    return session->config.id;
}


enum session_state
session_state(const struct session *session)
{
    return session->state;
}


bool
session_unlinked(const struct session *session)
{
    return session->unlinked;
}


unsigned
session_documents(const struct session *session)
{
    return session->documents;
}


const char *
session_wa_id(const struct session *session)
{
    return session->wa_id[0] != '\0' ? session->wa_id : NULL;
}


const char *
session_name(const struct session *session)
{
    return session->name[0] != '\0' ? session->name : NULL;
}


const char *
session_reason(const struct session *session)
{
    return session->reason;
}


unsigned
session_place(const struct session *session)
{
    return boot_place_position(&session->boot);
}


struct scheduler *
session_scheduler(struct session *session)
{
    return session->scheduler;
}


struct recipient_cache *
session_recipients(struct session *session)
{
    return session->recipients;
}


void
session_count_send(struct session *session, enum session_send end)
{
    session->sends[end]++;
}


uint64_t
session_sends(const struct session *session, enum session_send end)
{
    return session->sends[end];
}


const struct logouts *
session_logouts(const struct session *session)
{
    return &session->logouts;
}


const struct tab_stats *
session_tab_stats(const struct session *session)
{
    return tab_stats(session->tab);
}


struct browser *
session_browser(const struct session *session)
{
    return tab_browser(session->tab);
}


bool
session_restricted(const struct session *session,
    enum session_restriction restriction)
{
    return session->page.restricted[restriction];
}


bool
session_can(const struct session *session,
    enum session_capability capability)
{
    return session->capabilities[capability];
}


void
session_probe(struct session *session)
{
    (void) tab_call(session->tab, "capabilities.find", json_object(),
                    SESSION_PROBE_MS, session_probed, NULL);
}


/* what was found comes as an event */

static void
session_probed(void *ctx, enum tab_call_status status, json_t *result)
{
    (void) ctx;
    (void) status;
    (void) result;
}


bool
session_call(struct session *session, const char *method, json_t *params,
    const char *path, uint64_t timeout_ms, tab_call_pt done, void *ctx)
{
    if (strcmp(method, SESSION_LOGOUT) == 0) {
        logouts_ask(&session->logouts, clock_ms());
    }

    if (path == NULL) {
        return tab_call(session->tab, method, params,
                        (unsigned) timeout_ms, done, ctx);
    }

    return tab_call_file(session->tab, method, params, path,
                         (unsigned) timeout_ms, done, ctx);
}


bool
session_save(struct session *session, json_int_t handle, uint64_t size,
    uint64_t timeout_ms, tab_save_pt done, void *ctx)
{
    return tab_save(session->tab, handle, size, (unsigned) timeout_ms, done,
                    ctx);
}


static void
session_on_queued(void *ctx)
{
    struct session  *session = ctx;

    boot_place_ask(&session->boot);
}


static void
session_on_place(void *ctx)
{
    struct session  *session = ctx;

    /* one that is repaired goes on, also if memory is short by now */

    if (!session->launched && session->config.room != NULL
        && !session->config.room(session->config.room_ctx, session))
    {
        tab_refuse(session->tab, "memory_full");
        return;
    }

    session->launched = true;

    tab_launch(session->tab);
}


static void
session_on_tab(void *ctx, enum tab_state state, const char *reason)
{
    char             text[SESSION_REASON_SIZE];
    struct session  *session = ctx;

    if (state == TAB_UP && session->tab_state != TAB_UP
        && session->tab_state != TAB_DOUBTED)
    {
        session->documents++;
    }

    session->tab_state = state;

    if (state != TAB_STARTING && state != TAB_BOOTING) {
        boot_place_leave(&session->boot);
    }

    switch (state) {

    case TAB_BOOTING:
    case TAB_DOUBTED:
        break;

    case TAB_INCOMPATIBLE:
        (void) snprintf(text, sizeof(text), "%s%s" SESSION_PROBE,
                        reason != NULL ? reason : "",
                        reason != NULL ? "; " : "");
        reason = text;
        break;

    case TAB_UP:
        reason = session->page.reason;
        break;

    case TAB_STOPPED:
        session->launched = false;
        session_forget_page(session);
        break;

    default:
        session_forget_page(session);
    }

    session_update(session, reason);
}


static void
session_on_event(void *ctx, const char *name, json_t *data)
{
    size_t           i;
    struct session  *session = ctx;

    for (i = 0; i < sizeof(session_events) / sizeof(session_events[0]); i++) {
        if (strcmp(name, session_events[i].name) == 0) {
            session_events[i].handler(session, data);
            return;
        }
    }
}


static void
session_on_console(void *ctx, const char *method, json_t *params)
{
    struct session  *session = ctx;

    session->config.watch->console(session->config.watch->ctx, method, params);
}


static void
session_on_boot(struct session *session, json_t *data)
{
    size_t   i;
    json_t  *capabilities;

    text_copy(session->web_version, sizeof(session->web_version),
              json_string_value(json_object_get(data, "web_version")),
              "0123456789.-abcdefghijklmnopqrstuvwxyz");

    text_copy(session->via, sizeof(session->via),
              json_string_value(json_object_get(data, "via")),
              "abcdefghijklmnopqrstuvwxyz-");

    capabilities = json_object_get(data, "capabilities");

    for (i = 0; i < SESSION_CAPABILITIES; i++) {
        session->capabilities[i] =
            json_is_true(json_object_get(capabilities,
                                         session_capability_names[i]));
    }

    session_tell_listener(session);
}


static void
session_on_inbound(struct session *session, json_t *data)
{
    if (session->listener != NULL) {
        session->listener->inbound(session->listener_ctx, data);
    }
}


static void
session_on_page(struct session *session, json_t *data)
{
    char  wa_id[RECIPIENT_WA_ID_SIZE];

    text_copy(wa_id, sizeof(wa_id),
              json_string_value(json_object_get(data, "wa_id")),
              "0123456789");

    if (strcmp(wa_id, session->wa_id) != 0) {
        recipient_cache_clear(session->recipients);
        memcpy(session->wa_id, wa_id, sizeof(wa_id));
    }

    text_cut(session->name, sizeof(session->name),
             json_string_value(json_object_get(data, "name")));

    session_page_read(&session->page, data);

    if (session->page.event == SESSION_PAGE_QR) {
        logouts_end(&session->logouts,
                    json_string_value(json_object_get(data, "logout")),
                    clock_ms());
    }

    if (session->tab_state == TAB_UP) {
        session_update(session, session->page.reason);
    }
}


/*
 * A page is on its way to another one, or has come from there: the browser
 * need not be up.  The address of a page that shows a QR code goes on telling
 * of the logout before.
 */

static void
session_on_logout(struct session *session, json_t *data)
{
    const char  *code;

    code = json_string_value(json_object_get(data, "code"));

    logouts_told(&session->logouts, !session->unlinked,
                 json_is_true(json_object_get(data, "left")), code,
                 clock_ms());

    if (session->unlinked
        && (session->state != SESSION_LOGGED_OUT || code == NULL
            || code[0] == '\0'))
    {
        return;
    }

    recipient_cache_clear(session->recipients);
    memset(session->wa_id, 0, sizeof(session->wa_id));
    memset(session->name, 0, sizeof(session->name));
    memset(&session->page, 0, sizeof(session->page));

    session->page.event = SESSION_PAGE_LOGGED_OUT;

    text_copy(session->page.reason, sizeof(session->page.reason),
              logout_text(code), NULL);

    session_apply(session, SESSION_PAGE_LOGGED_OUT, session->page.reason);
}


/* reason is that of the party whose word counts; NULL: as before */

static void
session_update(struct session *session, const char *reason)
{
    session_apply(session,
                  session_tab_event(session->tab_state,
                                    session->page.event),
                  reason);
}


static void
session_apply(struct session *session, enum session_event event,
    const char *reason)
{
    enum session_state  state;

    state = session->state;

    if (!session_transition(&state, event)) {
        return;
    }

    if (reason != NULL || state != session->state) {
        text_copy(session->reason, sizeof(session->reason), reason, NULL);
    }

    if (state != session->state) {
        session->opening = session_opens(session, state);
        session->state = state;
        session_changed(session);
    }

    if (session->config.watch != NULL) {
        session->config.watch->changed(session->config.watch->ctx);
    }

    session_tell_listener(session);
}


static void
session_changed(struct session *session)
{
    session->since = time(NULL);
    session->unlinked = session_state_unlinked(session->state,
                                               session->unlinked);

    log_event(session->log, LOG_NOTICE, "session_state",
              log_const("session", session->config.id),
              log_const("state", session_state_name(session->state)));

    session_admit(session);
}


static void
session_tell_listener(struct session *session)
{
    if (session->listener != NULL) {
        session->listener->changed(session->listener_ctx);
    }
}


static void
session_forget_page(struct session *session)
{
    memset(&session->page, 0, sizeof(session->page));
    session->page.event = SESSION_PAGE_OPENING;
    session->via[0] = '\0';

    memset(session->capabilities, 0, sizeof(session->capabilities));
}
