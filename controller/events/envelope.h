/*
 * The bodies of events in the form of the Cloud API's webhooks, made of what
 * the bridge tells.  What WhatsApp Web names by its own ids gets public ones:
 * messages a wamid, groups and media a sealed id.  The same event always has
 * the same bytes.
 */

#ifndef ENVELOPE_H
#define ENVELOPE_H


#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/error.h"
#include "base/seal.h"


/* the longest body; an event that is longer is not told */

#define ENVELOPE_MAX  (1024 * 1024)


/* whom events reach; all of it is borrowed */

struct envelope_account {
    const char         *session;
    const char         *number;    /* digits, "" if not known */
    const struct seal  *seal;

    /*
     * Returns the public id that the send of a message was answered with, for
     * WhatsApp Web's key of the message, or NULL
     */
    const char       *(*answered)(void *ctx, const char *key);
    void               *ctx;
};


/* the body of an event, the caller's to free */

struct envelope {
    char    *body;
    size_t   size;
};


/*
 * Each makes the body of an event of the bridge; false when that is not
 * well-formed or too long, or memory is short.
 *
 * envelope_message is for a message and, if it is the account's own, for an
 * echo.  opaque is what the client gave with the send, or NULL.
 */
bool envelope_message(struct envelope *envelope,
    const struct envelope_account *account, json_t *event);
bool envelope_status(struct envelope *envelope,
    const struct envelope_account *account, json_t *event,
    const char *opaque);
bool envelope_call(struct envelope *envelope,
    const struct envelope_account *account, json_t *event);

/* Makes the body of an event about trouble. */
bool envelope_error(struct envelope *envelope,
    const struct envelope_account *account, const struct error *error);


#endif /* ENVELOPE_H */
