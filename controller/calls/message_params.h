/*
 * The parameters of message.send: they are checked, and made into the message
 * that the page gets.  The module has checked them too, but a peer need not be
 * the module.
 */

#ifndef MESSAGE_PARAMS_H
#define MESSAGE_PARAMS_H


#include <stdbool.h>

#include <jansson.h>

#include "base/error.h"
#include "base/seal.h"
#include "base/wamid.h"
#include "media/media.h"
#include "session/recipient.h"
#include "session/session.h"


/* the JSON values and strings are borrowed from the parameters */

struct message_params {
    char                        to[RECIPIENT_TO_SIZE];    /* normalised */
    const struct message_type  *type;
    json_t                     *content;    /* the type's own member */
    char                        quoted[WAMID_KEY_SIZE];   /* or "" */
    char                        target[WAMID_KEY_SIZE];   /* or "" */
    const char                 *callback_data;    /* for statuses, or NULL */

    char                        refusal[64];    /* an error's message */

    /* media is sent from a link or, when that is NULL, from a file's name */

    bool                        media;
    enum media_kind             kind;
    const char                 *link;
    const char                 *filename;   /* the client's for it, or NULL */
    uint8_t                     name[MEDIA_NAME_SIZE];
};


/* sealed ids are opened by seal, and must be of groups of the session */

struct message_ids {
    const struct seal  *seal;
    const char         *session;
};


/*
 * Reads an object of parameters.  False: error says what is wrong, as long as
 * params are there.
 */
bool message_params_read(struct message_params *params, json_t *object,
    const struct message_ids *ids, struct error *error);

/* Returns what WhatsApp Web must be capable of to send the message. */
enum session_capability message_params_capability(
    const struct message_params *params);

/*
 * What the page's message.send is given, but for key, chat and what is known
 * of the file; the caller's reference, NULL when memory is short.
 */
json_t *message_params_message(const struct message_params *params);

/*
 * Adds the file's MIME type, and its name unless there is one, to such a
 * message; false when memory is short.
 */
bool message_params_add_media(json_t *message, const struct media *media);


#endif /* MESSAGE_PARAMS_H */
