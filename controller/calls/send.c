/*
 * A send: found by its key, queued, its recipient resolved, dispatched,
 * answered.  Several peers may wait for one send.
 */

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "calls/send_outcome.h"
#include "calls/send_private.h"


/* how long WhatsApp may take to look a recipient up, in ms */

#define SEND_RESOLVE_MS  10000

/* and a link to be downloaded, while the session's other sends wait */

#define SEND_FETCH_MS    60000


static void send_begin(struct call *call, const struct send_params *params,
    struct idempotency_entry *entry);
static void send_join(struct call *call, struct send *send);
static void send_join_timeout(int fd, short what, void *ctx);
static void send_run(struct lane_job *job);
static void send_resolved(void *ctx, enum browser_call_status status,
    json_t *result);
static bool send_may_write(struct send *send, const struct recipient *to,
    struct error *error);
static void send_prepare(struct send *send);
static void send_prepared(void *ctx, const struct error *error);
static void send_dispatch(struct send *send);
static bool send_may_dispatch(struct send *send, struct error *error);
static void send_sent(void *ctx, enum browser_call_status status,
    json_t *result);
static void send_refuse(struct lane_job *job, const struct error *error);
static void send_not_written(struct send *send);
static void send_rename(struct send *send, json_t *result);
static void send_not_sent(struct send *send, const struct error *error);
static void send_end(struct send *send, const struct error *error);
static void send_detach(struct call *call);
static void send_destroy(struct send *send);


void
send_start(struct call *call)
{
    struct error               error;
    struct send_params         params;
    struct send_ids            ids;
    struct idempotency_entry  *entry;

    if (call->key == NULL) {
        error = error_say(ERROR_BAD_REQUEST,
                          "A send needs an Idempotency-Key");
        call_fail(call, &error);
        return;
    }

    ids.seal = call->seal;
    ids.session = session_id(call->session);

    if (!send_params_read(&params, call->params, &ids, &error)) {
        call_fail(call, &error);
        return;
    }

    switch (idempotency_begin(call->table, session_id(call->session),
                              call->key, call->body, call->body_size,
                              call->arrived, &entry))
    {
    case IDEMPOTENCY_NEW:
        send_begin(call, &params, entry);
        return;

    case IDEMPOTENCY_KNOWN:

        if (entry->state == IDEMPOTENCY_DONE) {
            send_answer(call, entry);

        } else if (entry->state == IDEMPOTENCY_UNKNOWN) {
            send_check(call, entry);

        } else {
            send_join(call, entry->owner);
        }

        return;

    case IDEMPOTENCY_REUSED:
        error = error_make(ERROR_KEY_REUSED);
        break;

    case IDEMPOTENCY_FULL:
        error = error_make(ERROR_IDEMPOTENCY_FULL);
        break;

    default: /* IDEMPOTENCY_BROKEN */
        error = error_memory();
    }

    call_fail(call, &error);
}


void
send_forget(struct call *call)
{
    struct send   *send;
    struct error   error;

    send = call->send;

    send_detach(call);

    if (!TAILQ_EMPTY(&send->calls)
        || send->entry->state != IDEMPOTENCY_QUEUED)
    {
        return;
    }

    if (lanes_withdraw(session_lanes(send->session), send->lane,
                       &send->job))
    {
        session_count_send(send->session, SESSION_NOT_SENT);
        idempotency_drop(send->table, send->entry);
        send_destroy(send);
        return;
    }

    /* while its recipient is being resolved, send_resolved sees it */

    if (send_media_fetching(&send->media)) {
        error = error_make(ERROR_DEADLINE);
        send_not_sent(send, &error);
    }
}


static void
send_begin(struct call *call, const struct send_params *params,
    struct idempotency_entry *entry)
{
    struct send             *send;
    struct error             error;
    const struct recipient  *known;

    if (!session_check(call->session, &error)) {
        idempotency_drop(call->table, entry);
        call_fail(call, &error);
        return;
    }

    send = send_create(call, entry, LANE_SENDS);

    if (send == NULL) {
        idempotency_drop(call->table, entry);
        error = error_memory();
        call_fail(call, &error);
        return;
    }

    memcpy(send->recipient.to, params->to, sizeof(params->to));

    send->job.run = send_run;
    send->job.refuse = send_refuse;
    send->job.item.chat = recipient_hash(params->to);
    send->job.item.deadline = call_start_deadline(call);
    send->capability = send_params_capability(params);
    send->message = send_params_message(params);

    if (send->message == NULL) {
        error = error_memory();
        send_not_sent(send, &error);
        return;
    }

    /* refused before it waits, unless it takes the page to know who it is */

    known = recipient_cache_find(session_recipients(send->session),
                                 send->recipient.to, call->arrived);

    if ((known != NULL && !send_may_write(send, known, &error))
        || !send_media_take(&send->media, params, call, &error)
        || !lanes_submit(session_lanes(send->session), LANE_SENDS,
                         &send->job, &error))
    {
        send_not_sent(send, &error);
    }
}


struct send *
send_create(struct call *call, struct idempotency_entry *entry,
    enum lane lane)
{
    struct send  *send;

    send = calloc(1, sizeof(struct send));

    if (send == NULL) {
        return NULL;
    }

    TAILQ_INIT(&send->calls);

    send->lane = lane;
    send->session = call->session;
    send->table = call->table;
    send->pairs = call->pairs;
    send->entry = entry;
    send->page_deadline = call_page_deadline(call);

    TAILQ_INSERT_TAIL(&send->calls, call, link);
    call->send = send;

    idempotency_own(entry, send);

    return send;
}


/* the send keeps its own deadline; whoever joins has another one beside */

static void
send_join(struct call *call, struct send *send)
{
    uint64_t        left;
    struct error    error;
    struct timeval  tv;

    call->timer = evtimer_new(call->base, send_join_timeout, call);

    if (call->timer == NULL) {
        error = error_memory();
        error.outcome = OUTCOME_UNKNOWN;
        call_fail(call, &error);
        return;
    }

    left = call_page_deadline(call) - call->arrived;

    tv.tv_sec = (time_t) (left / 1000);
    tv.tv_usec = (suseconds_t) (left % 1000 * 1000);

    (void) evtimer_add(call->timer, &tv);

    TAILQ_INSERT_TAIL(&send->calls, call, link);
    call->send = send;
}


static void
send_join_timeout(int fd, short what, void *ctx)
{
    char                             text[WAMID_TEXT_SIZE];
    bool                             queued, last;
    struct call                     *call = ctx;
    struct error                     error;
    const struct idempotency_entry  *entry;

    (void) fd;
    (void) what;

    entry = call->send->entry;
    queued = entry->state == IDEMPOTENCY_QUEUED;
    last = TAILQ_FIRST(&call->send->calls) == call
           && TAILQ_NEXT(call, link) == NULL;

    error = error_make(ERROR_DEADLINE);

    if (!queued) {
        error = send_unknown_error(entry, text);
        error.code = ERROR_DEADLINE;

    } else if (!last) {

        /* it will be sent for the others that wait for it */

        error.outcome = OUTCOME_UNKNOWN;
    }

    send_forget(call);
    call_fail(call, &error);
}


static void
send_run(struct lane_job *job)
{
    json_t                  *params;
    struct send             *send = (struct send *) job;
    const struct recipient  *known;

    known = recipient_cache_find(session_recipients(send->session),
                                 send->recipient.to, clock_ms());

    if (known != NULL) {
        send->recipient = *known;
        send_prepare(send);
        return;
    }

    params = json_pack("{s:s}", "to", send->recipient.to);

    if (params == NULL
        || session_call(send->session, "recipient.resolve", params, NULL,
                        send_left(send, SEND_RESOLVE_MS), send_resolved,
                        send)
           != 0)
    {
        send_not_written(send);
    }
}


static void
send_resolved(void *ctx, enum browser_call_status status, json_t *result)
{
    struct send   *send = ctx;
    struct error   error;

    switch (status) {

    case BROWSER_CALL_OK:

        if (recipient_read(&send->recipient, result)) {
            recipient_cache_store(session_recipients(send->session),
                                  &send->recipient, clock_ms());
            send_prepare(send);
            return;
        }

        error = error_make(ERROR_PAGE_ERROR);
        break;

    case BROWSER_CALL_ERROR:
        error = error_from_page(result);
        break;

    case BROWSER_CALL_TIMEOUT:
        error = error_say(ERROR_DEADLINE,
                          "WhatsApp took too long to look the recipient up");
        break;

    default: /* BROWSER_CALL_NOT_WRITTEN, BROWSER_CALL_LOST */
        error = error_make(ERROR_SESSION_RESTARTING);
    }

    /* nothing was sent, whatever became of the question */

    error.outcome = OUTCOME_NOT_SENT;

    send_not_sent(send, &error);
}


/* a number and a lid of one person are one recipient */

static bool
send_may_write(struct send *send, const struct recipient *to,
    struct error *error)
{
    uint64_t           wait;
    enum pair_verdict  verdict;

    verdict = pairs_take(send->pairs, session_id(send->session), to->wa_id,
                         clock_ms(), &send->pair, &wait);

    if (verdict == PAIR_LIMITED) {
        *error = error_make(ERROR_PAIR_LIMITED);
        error->retry_after_ms = wait;

    } else if (verdict == PAIR_BROKEN) {
        *error = error_memory();
    }

    return verdict == PAIR_OK;
}


/* the file first, if there is one to be downloaded */

static void
send_prepare(struct send *send)
{
    struct error  error;

    if (!send_may_write(send, &send->recipient, &error)) {
        send_not_sent(send, &error);
        return;
    }

    if (!send_media_waits(&send->media)) {
        send_dispatch(send);
        return;
    }

    if (!send_may_dispatch(send, &error)
        || !send_media_fetch(&send->media, send_left(send, SEND_FETCH_MS),
                             send_prepared, send, &error))
    {
        send_not_sent(send, &error);
        return;
    }

    send->job.beside = true;
}


static void
send_prepared(void *ctx, const struct error *error)
{
    struct send  *send = ctx;

    send->job.beside = false;

    if (error != NULL) {
        send_not_sent(send, error);

    } else {
        send_dispatch(send);
    }
}


static void
send_dispatch(struct send *send)
{
    char           key[WAMID_KEY_SIZE];
    struct error   error;
    struct wamid   wamid;

    if (!send_may_dispatch(send, &error)) {
        send_not_sent(send, &error);
        return;
    }

    if (!wamid_create(&wamid, send->recipient.chat,
                      send->recipient.participant)
        || json_object_set_new(send->message, "chat",
                               json_string(wamid.chat)) != 0
        || json_object_set_new(send->message, "key",
                               json_string(wamid_key(&wamid, key))) != 0
        || !send_media_describe(&send->media, send->message))
    {
        error = error_memory();
        send_not_sent(send, &error);
        return;
    }

    /* recorded first: from here on it is never dispatched again */

    idempotency_dispatch(send->entry, &wamid, send->recipient.wa_id);
    pairs_spend(&send->pair);

    if (session_call(send->session, "message.send",
                     json_incref(send->message),
                     send_media_path(&send->media),
                     send_left(send, UINT32_MAX), send_sent, send)
        != 0)
    {
        send_not_written(send);
    }
}


static bool
send_may_dispatch(struct send *send, struct error *error)
{
    /* all peers left while the recipient was resolved: no one is told */

    if (TAILQ_EMPTY(&send->calls)) {
        *error = error_make(ERROR_DEADLINE);
        return false;
    }

    if (clock_ms() > send->job.item.deadline) {
        *error = error_say(ERROR_DEADLINE,
                           "The deadline passed before the message was sent");
        return false;
    }

    if (!session_check(send->session, error)) {
        return false;
    }

    if (!session_can(send->session, send->capability)) {
        *error = error_say(ERROR_SESSION_NOT_READY, "This version of "
                           "WhatsApp Web does not let this be sent");
        return false;
    }

    return true;
}


static void
send_sent(void *ctx, enum browser_call_status status, json_t *result)
{
    struct send   *send = ctx;
    struct error   error;

    switch (status) {

    case BROWSER_CALL_OK:

        /* nothing below the server's acknowledgement counts */

        if (json_integer_value(json_object_get(result, "ack")) >= 1) {
            send_rename(send, result);
            send_done(send);

        } else {
            send_unknown(send, ERROR_PAGE_ERROR, NULL);
        }

        return;

    case BROWSER_CALL_ERROR:
        error = error_from_page(result);

        if (error.outcome == OUTCOME_NOT_SENT) {
            send_not_sent(send, &error);

        } else {
            send_unknown(send, error.code, error.message);
        }

        return;

    case BROWSER_CALL_NOT_WRITTEN:
        error = error_make(ERROR_SESSION_RESTARTING);
        send_not_sent(send, &error);
        return;

    case BROWSER_CALL_LOST:
        send_unknown(send, ERROR_CONNECTION_LOST, NULL);
        return;

    case BROWSER_CALL_TIMEOUT:
        send_unknown(send, ERROR_DEADLINE,
                     "WhatsApp did not acknowledge the message in time");
    }
}


static void
send_refuse(struct lane_job *job, const struct error *error)
{
    send_not_sent((struct send *) job, error);
}


/* the browser did not take the call: it is not up, or has too many */

static void
send_not_written(struct send *send)
{
    struct error  error;

    if (session_check(send->session, &error)) {
        error = error_make(ERROR_SESSION_RESTARTING);
    }

    send_not_sent(send, &error);
}


/* some messages get an id that only WhatsApp Web can give */

static void
send_rename(struct send *send, json_t *result)
{
    const char    *key;
    struct wamid   wamid;

    key = json_string_value(json_object_get(result, "id"));

    if (key != NULL && wamid_parse(key, &wamid)) {
        idempotency_rename(send->entry, &wamid);
    }
}


/* the three ends of a send */

static void
send_not_sent(struct send *send, const struct error *error)
{
    idempotency_drop(send->table, send->entry);
    send->entry = NULL;

    send_end(send, error);
}


void
send_done(struct send *send)
{
    idempotency_done(send->table, send->entry, clock_ms());
    send_end(send, NULL);
}


void
send_unknown(struct send *send, enum error_code code, const char *message)
{
    char          text[WAMID_TEXT_SIZE];
    struct error  error;

    idempotency_unknown(send->table, send->entry, code, clock_ms());

    error = send_unknown_error(send->entry, text);
    error.message = message;

    send_end(send, &error);
}


static void
send_end(struct send *send, const struct error *error)
{
    struct call               *call;
    struct idempotency_entry  *entry;

    /*
     * answers first: the next send may need this entry's place in the table,
     * and error may point into what the browser lends us
     */

    entry = send->entry;

    while ((call = TAILQ_FIRST(&send->calls)) != NULL) {
        send_detach(call);

        if (error != NULL) {
            call_fail(call, error);

        } else {
            send_answer(call, entry);
        }
    }

    /* a check asks about a send that was counted before */

    if (send->lane == LANE_SENDS) {
        session_count_send(send->session, error == NULL ? SESSION_SENT
                                          : entry == NULL ? SESSION_NOT_SENT
                                          : SESSION_UNKNOWN);
    }

    lanes_leave(session_lanes(send->session), send->lane, &send->job);

    send_destroy(send);
}


static void
send_detach(struct call *call)
{
    TAILQ_REMOVE(&call->send->calls, call, link);
    call->send = NULL;

    if (call->timer != NULL) {
        event_free(call->timer);
        call->timer = NULL;
    }
}


static void
send_destroy(struct send *send)
{
    pairs_return(send->pairs, &send->pair, clock_ms());
    send_media_drop(&send->media);
    json_decref(send->message);
    free(send);
}


/* the time left for the page, at least 1 ms */

uint64_t
send_left(const struct send *send, uint64_t most)
{
    uint64_t  now, left;

    now = clock_ms();
    left = send->page_deadline > now ? send->page_deadline - now : 1;

    return left < most ? left : most;
}
