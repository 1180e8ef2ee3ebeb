/*
 * The second half of a send: the page is asked whether it has the message, the
 * file is downloaded, the message dispatched, and the acknowledgement waited
 * for.  A message without a file to download is looked for by the call that
 * sends it.
 */

#include "base/clock.h"
#include "calls/send_private.h"


/* ms for the download of a link; the session's other sends wait for it */

#define SEND_FETCH_MS  60000


static void send_lookup(struct send *send);
static void send_looked_up(void *ctx, enum tab_call_status status,
    json_t *result);
static void send_found(struct send *send, json_t *result);
static void send_found_refused(struct send *send);
static void send_lookup_failed(struct send *send,
    enum tab_call_status status);
static void send_prepare(struct send *send);
static void send_prepared(void *ctx, const struct error *error);
static void send_dispatch(struct send *send);
static bool send_check_dispatch(struct send *send, struct error *error);
static void send_dispatched(void *ctx, enum tab_call_status status,
    json_t *result);


/* a number and a lid of one person have one wa_id, and so one limit */

bool
send_take_pair_limit(struct send *send, const struct recipient *to,
    struct error *error)
{
    return pair_limit_take(send->services->pair_limit,
                           session_id(send->session), to->wa_id, clock_ms(),
                           &send->pair, error);
}


void
send_proceed(struct send *send)
{
    if (send->looked_up
        || (!send_media_needs_fetch(&send->media)
            && session_can(send->session, send->capability)))
    {
        send_prepare(send);

    } else {
        send_lookup(send);
    }
}


static void
send_lookup(struct send *send)
{
    struct wamid  wamid;

    wamid_make(&wamid, send->entry->wamid.id, send->recipient.chat,
               send->recipient.participant);

    if (!send_ask(send, &wamid, NULL, send_looked_up)) {
        send_end_not_written(send);
    }
}


static void
send_looked_up(void *ctx, enum tab_call_status status, json_t *result)
{
    struct send  *send = ctx;

    if (status != TAB_CALL_OK) {
        send_lookup_failed(send, status);
        return;
    }

    if (send_read_fate(result) == SEND_ABSENT) {
        send->looked_up = true;
        send_prepare(send);

    } else {
        send_found(send, result);
    }
}


static void
send_found(struct send *send, json_t *result)
{
    struct wamid  wamid;

    if (send_read_fate(result) == SEND_REFUSED) {
        send_found_refused(send);
        return;
    }

    /* an earlier send has dispatched it, and was counted then */

    send->counted = true;

    wamid_make(&wamid, send->entry->wamid.id, send->recipient.chat,
               send->recipient.participant);

    idempotency_dispatch(send->entry, &wamid, send->recipient.wa_id);

    if (send_read_fate(result) == SEND_ACKNOWLEDGED) {
        send_rename(send, result);
        send_end_sent(send);

    } else {
        send_end_unknown(send, ERROR_CONNECTION_LOST,
                         "WhatsApp has not yet acknowledged the message");
    }
}


/* the message stays in the page as refused: a new try needs another id */

static void
send_found_refused(struct send *send)
{
    struct error  error;

    send_report_not_sent(send);
    idempotency_queue(send->entry, send);

    if (idempotency_next_id(send->services->idempotency, send->entry)) {
        send_proceed(send);
        return;
    }

    error = error_make(ERROR_SEND_REFUSED);
    send_end_not_sent(send, &error);
}


/* this send has dispatched nothing; a repeat asks again */

static void
send_lookup_failed(struct send *send, enum tab_call_status status)
{
    struct error  error;

    error = status == TAB_CALL_TIMEOUT
            ? error_say(ERROR_DEADLINE, "WhatsApp Web took too long to look "
                                        "for the message")
            : error_make(ERROR_SESSION_RESTARTING);

    send_end_not_sent(send, &error);
}


static void
send_prepare(struct send *send)
{
    struct error  error;

    if (!send_take_pair_limit(send, &send->recipient, &error)) {
        send_end_not_sent(send, &error);
        return;
    }

    if (!send_media_needs_fetch(&send->media)) {
        send_dispatch(send);
        return;
    }

    if (!send_check_dispatch(send, &error)
        || !send_media_fetch(&send->media,
                             send_time_left(send, SEND_FETCH_MS),
                             send_prepared, send, &error))
    {
        send_end_not_sent(send, &error);
        return;
    }

    send->job.off_page = true;
}


/* the file is there, or error says why not */

static void
send_prepared(void *ctx, const struct error *error)
{
    struct send  *send = ctx;

    send->job.off_page = false;

    if (error != NULL) {
        send_end_not_sent(send, error);

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

    if (!send_check_dispatch(send, &error)) {
        send_end_not_sent(send, &error);
        return;
    }

    wamid_make(&wamid, send->entry->wamid.id, send->recipient.chat,
               send->recipient.participant);

    if (json_object_set_new(send->message, "chat", json_string(wamid.chat))
        != 0
        || json_object_set_new(send->message, "key",
                               json_string(wamid_key(&wamid, key)))
           != 0
        || json_object_set_new(send->message, "time_ms", json_integer(
               (json_int_t) send_time_left(send, UINT32_MAX))) != 0
        || (!send->looked_up
            && json_object_set_new(send->message, "look_up", json_true())
               != 0)
        || !send_media_describe(&send->media, send->message))
    {
        error = error_memory();
        send_end_not_sent(send, &error);
        return;
    }

    /*
     * The record comes first: what it names is never dispatched again, unless
     * the page says that it has not sent it.
     */

    idempotency_dispatch(send->entry, &wamid, send->recipient.wa_id);
    send_report_begin(send, key);

    if (!session_call(send->session, "message.send",
                      json_incref(send->message),
                      send_media_path(&send->media),
                      send_time_left(send, UINT32_MAX), send_dispatched, send))
    {
        send_end_not_written(send);
    }
}


static bool
send_check_dispatch(struct send *send, struct error *error)
{
    /* all peers left while the recipient was resolved or the file fetched */

    if (TAILQ_EMPTY(&send->calls)) {
        return error_set(error, ERROR_DEADLINE, NULL);
    }

    if (clock_ms() > send->job.item.deadline) {
        return error_set(error, ERROR_DEADLINE,
                         "The deadline passed before the message was sent");
    }

    if (!session_check_page(send->session, error)) {
        return false;
    }

    if (session_can(send->session, send->capability)) {
        return true;
    }

    session_probe(send->session);

    return error_set(error, ERROR_SESSION_NOT_READY, "This version of "
                     "WhatsApp Web does not let this be sent");
}


static void
send_dispatched(void *ctx, enum tab_call_status status, json_t *result)
{
    struct send   *send = ctx;
    struct error   error;

    if (status == TAB_CALL_OK
        && json_is_true(json_object_get(result, "found")))
    {
        send_found(send, result);
        return;
    }

    pair_limit_spend(&send->pair);

    switch (status) {

    case TAB_CALL_OK:

        /* an ack of 1 is the server's; below it the message may not leave */

        if (json_integer_value(json_object_get(result, "ack")) >= 1) {
            send_rename(send, result);
            send_end_sent(send);

        } else {
            send_end_unknown(send, ERROR_PAGE_ERROR, NULL);
        }

        return;

    case TAB_CALL_ERROR:
        error = error_from_page(result);

        if (error.outcome == OUTCOME_NOT_SENT) {
            send_end_not_sent(send, &error);

        } else {
            send_end_unknown(send, error.code, error.message);
        }

        return;

    case TAB_CALL_NOT_WRITTEN:
        error = error_make(ERROR_SESSION_RESTARTING);
        send_end_not_sent(send, &error);
        return;

    case TAB_CALL_LOST:
        send_end_unknown(send, ERROR_CONNECTION_LOST, NULL);
        return;

    case TAB_CALL_TIMEOUT:
        send_end_unknown(send, ERROR_DEADLINE,
                         "WhatsApp did not acknowledge the message in time");
    }
}
