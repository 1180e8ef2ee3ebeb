/*
 * What a peer is told of a send, made from the send's entry.
 */

#include "calls/send_outcome.h"


void
send_answer(struct call *call, const struct idempotency_entry *entry)
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

    call->done(call, NULL, result);
}


void
send_answer_unknown(struct call *call, const struct idempotency_entry *entry)
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
