/*
 * The part of a body that is the message itself: the bridge's object with
 * public ids in place of WhatsApp Web's own.
 */

#ifndef ENVELOPE_MESSAGE_H
#define ENVELOPE_MESSAGE_H


#include <stdbool.h>

#include <jansson.h>

#include "base/group_id.h"
#include "base/wamid.h"
#include "events/envelope.h"


/*
 * Writes the public id of a message, for WhatsApp Web's key; false when the
 * key is missing or too long.
 */
bool envelope_id(const struct envelope_account *account, const char *key,
    char id[WAMID_TEXT_SIZE]);

/* Adds the receiver of a message of the account's own. */
bool envelope_message_set_to(json_t *message,
    const struct envelope_account *account, json_t *event);

/*
 * Adds all that a message has beside from, id and timestamp; false when the
 * event has no message, or memory is short.
 */
bool envelope_message_set(json_t *message,
    const struct envelope_account *account, json_t *event);


#endif /* ENVELOPE_MESSAGE_H */
