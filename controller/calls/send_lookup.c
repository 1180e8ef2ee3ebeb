/*
 * A question to the page about a message of which only the id is known:
 * whether it is there, and whether WhatsApp's server has acknowledged it.
 */

#include "calls/send_private.h"


/* ms that the page may take to look for a message */

#define SEND_STATUS_MS  5000


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
