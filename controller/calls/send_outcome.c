/*
 * The object of a send, its ends, and what its calls are answered.
 */

#include <stdlib.h>

#include "base/clock.h"
#include "calls/send_private.h"


static void send_end(struct send *send, const struct error *error);


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
    send->services = call->services;
    send->entry = entry;
    send->page_deadline = call_page_deadline(call);

    send_attach(send, call);

    return send;
}


void
send_attach(struct send *send, struct call *call)
{
    TAILQ_INSERT_TAIL(&send->calls, call, link);
    call->send = send;
}


void
send_detach(struct call *call)
{
    TAILQ_REMOVE(&call->send->calls, call, link);
    call->send = NULL;

    if (call->timer != NULL) {
        event_free(call->timer);
        call->timer = NULL;
    }
}


uint64_t
send_time_left(const struct send *send, uint64_t most)
{
    uint64_t  now, left;

    now = clock_ms();
    left = send->page_deadline > now ? send->page_deadline - now : 1;

    return left < most ? left : most;
}


void
send_end_sent(struct send *send)
{
    idempotency_done(send->services->idempotency, send->entry, clock_ms());
    send_end(send, NULL);
}


void
send_end_not_sent(struct send *send, const struct error *error)
{
    idempotency_drop(send->services->idempotency, send->entry);
    send->entry = NULL;

    send_end(send, error);
}


void
send_end_not_written(struct send *send)
{
    struct error  error;

    if (session_check(send->session, &error)) {
        error = error_make(ERROR_SESSION_RESTARTING);
    }

    send_end_not_sent(send, &error);
}


void
send_end_unknown(struct send *send, enum error_code code,
    const char *message)
{
    char          text[WAMID_TEXT_SIZE];
    struct error  error;

    idempotency_unknown(send->services->idempotency, send->entry, code,
                        clock_ms());

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
     * Calls are answered before the next send gets its turn: that one may take
     * the place of this entry in the table, and the error's message may be
     * borrowed from the browser's result.
     */

    entry = send->entry;

    while ((call = TAILQ_FIRST(&send->calls)) != NULL) {
        send_detach(call);

        if (error != NULL) {
            call_fail(call, error);

        } else {
            send_return(call, entry);
        }
    }

    if (entry != NULL) {
        send_report_end(send, entry);

    } else {
        send_report_not_sent(send);
    }

    if (!send->counted) {
        session_count_send(send->session, error == NULL ? SESSION_SENT
                                          : entry == NULL ? SESSION_NOT_SENT
                                          : SESSION_UNKNOWN);
    }

    scheduler_leave(session_scheduler(send->session), send->lane, &send->job);

    pair_limit_return(send->services->pair_limit, &send->pair, clock_ms());
    send_media_free(&send->media);
    json_decref(send->message);
    free(send->callback_data);
    free(send);
}


void
send_rename(struct send *send, json_t *result)
{
    const char    *key;
    struct wamid   wamid;

    key = json_string_value(json_object_get(result, "id"));

    if (key != NULL && wamid_parse(key, &wamid)) {
        idempotency_rename(send->entry, &wamid);
    }
}


void
send_return(struct call *call, const struct idempotency_entry *entry)
{
    char           key[WAMID_KEY_SIZE], text[WAMID_TEXT_SIZE];
    json_t        *result;
    struct error   error;

    wamid_key(&entry->wamid, key);
    wamid_encode(key, text);

    result = json_pack("{s:s, s:[{s:O, s:s}], s:[{s:s, s:s}]}",
                       "messaging_product", "whatsapp",
                       "contacts",
                       "input", json_object_get(call->params, "to"),
                       "wa_id", entry->wa_id,
                       "messages", "id", text,
                       "message_status", "accepted");

    if (result == NULL) {
        error = error_say(ERROR_PAGE_ERROR,
                          "The controller is out of memory");
        error.message_id = text;
        call_fail(call, &error);
        return;
    }

    call_return(call, result);
}


void
send_return_unknown(struct call *call, const struct idempotency_entry *entry)
{
    char          text[WAMID_TEXT_SIZE];
    struct error  error;

    error = send_unknown_error(entry, text);

    call_fail(call, &error);
}


struct error
send_unknown_error(const struct idempotency_entry *entry,
    char text[WAMID_TEXT_SIZE])
{
    char          key[WAMID_KEY_SIZE];
    struct error  error;

    wamid_key(&entry->wamid, key);
    wamid_encode(key, text);

    error = error_make(entry->error);
    error.outcome = OUTCOME_UNKNOWN;
    error.message_id = text;

    return error;
}
