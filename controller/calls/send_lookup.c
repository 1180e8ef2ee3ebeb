/*
 * Questions to the page about a message of which only the id is known: whether
 * it is there, and whether WhatsApp's server has acknowledged it.  A send of a
 * key that the client has chosen asks by the call that sends, unless there is
 * work to do before.
 */

#include "base/clock.h"
#include "calls/send_private.h"


/* ms that the page may take to look for a message */

#define SEND_STATUS_MS  5000


static void send_looked_up(void *ctx, enum tab_call_status status,
    json_t *result);
static void send_found_refused(struct send *send);
static void send_lookup_failed(struct send *send,
    enum tab_call_status status);


void
send_lookup(struct send *send)
{
    struct wamid  wamid;

    wamid_make(&wamid, send->entry->wamid.id, send->recipient.chat,
               send->recipient.participant);

    if (!send_ask(send, &wamid, NULL, send_looked_up)) {
        send_end_not_written(send);
    }
}


bool
send_ask(struct send *send, const struct wamid *wamid, const char *deleted,
    tab_call_pt done)
{
    char     key[WAMID_KEY_SIZE];
    json_t  *params;

    params = json_pack("{s:s, s:s?}", "key", wamid_key(wamid, key),
                       "target", deleted);

    return params != NULL
           && session_call(send->session, "message.status", params, NULL,
                           send_time_left(send, SEND_STATUS_MS), done, send);
}


enum send_fate
send_read_fate(json_t *result)
{
    json_int_t  ack;

    if (json_is_false(json_object_get(result, "found"))) {
        return SEND_ABSENT;
    }

    ack = json_integer_value(json_object_get(result, "ack"));

    return ack >= 1 ? SEND_ACKNOWLEDGED
                    : ack < 0 ? SEND_REFUSED : SEND_PENDING;
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


void
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
