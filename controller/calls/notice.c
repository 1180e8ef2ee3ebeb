/*
 * A notice is a call of message.send without a peer.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "calls/method.h"
#include "calls/notice.h"
#include "protocol/idempotency.h"


#define NOTICE_DEADLINE_MS  60000


struct notice {
    struct call  call;      /* first: a call is cast to this */
    char         key[48];
    char         text[];
};


static void notice_done(struct call *call, const struct error *error,
    json_t *result);


void
notice_send(const struct services *services, struct session *session,
    const char *number, const char *text)
{
    struct call      *call;
    struct notice    *notice;
    static uint64_t   last;

    notice = calloc(1, sizeof(struct notice) + strlen(text) + 1);

    if (notice == NULL) {
        return;
    }

    strcpy(notice->text, text);
    (void) snprintf(notice->key, sizeof(notice->key),
                    "notice-%" PRIu64 "-%" PRIu64, clock_ms(), ++last);

    call = &notice->call;
    call->session = session;
    call->services = services;
    call->params = json_pack("{s:s, s:s, s:s, s:{s:s}}", "to", number,
                             "recipient_type", "individual", "type", "text",
                             "text", "body", text);
    call->key = notice->key;
    call->scope = WHATSAPP_SCOPE_REQUEST;
    call->body = notice->text;
    call->body_size = strlen(text);
    call->arrived = clock_ms();
    call->deadline_ms = NOTICE_DEADLINE_MS;
    call->done = notice_done;

    if (call->params == NULL) {
        free(notice);
        return;
    }

    method_start(call, "message.send", METHOD_PUBLIC);
}


static void
notice_done(struct call *call, const struct error *error, json_t *result)
{
    (void) error;

    json_decref(result);
    json_decref(call->params);
    free(call);
}
