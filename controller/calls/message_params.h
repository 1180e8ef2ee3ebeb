/*
 * The parameters of message.send: checked, and turned into what the page is
 * given.  nginx has checked them too; nothing here relies on it.
 */

#ifndef SEND_PARAMS_H
#define SEND_PARAMS_H


#include <stdbool.h>

#include <jansson.h>

#include "base/error.h"
#include "base/seal.h"
#include "base/wamid.h"
#include "media/media.h"
#include "session/recipient.h"
#include "session/session.h"


/* the JSON values and strings are borrowed from the parameters */

struct send_params {
    char                      to[RECIPIENT_TO_SIZE];     /* normalised */
    const struct send_type   *type;
    json_t                   *content;    /* the type's own member */
    char                      quoted[WAMID_KEY_SIZE];    /* or "" */
    char                      target[WAMID_KEY_SIZE];    /* or "" */

    char                      said[64];   /* what an error may point to */

    /* of media: either a link or, when it is NULL, a file's name */

    bool                      media;
    enum media_kind           kind;
    const char               *link;
    uint8_t                   name[MEDIA_NAME_SIZE];
};


/* what opens sealed ids, and whose groups they may name */

struct send_ids {
    const struct seal  *seal;
    const char         *session;
};


/*
 * Reads an object of parameters.  False: error says what is wrong, as long as
 * params are there.
 */
bool send_params_read(struct send_params *params, json_t *object,
    const struct send_ids *ids, struct error *error);

/* What WhatsApp Web must offer for it. */
enum session_capability send_params_capability(
    const struct send_params *params);

/*
 * What the page's message.send is given, but for key, chat and what is known
 * of the file; the caller's reference, NULL when memory is short.
 */
json_t *send_params_message(const struct send_params *params);

/* Adds what is known of the file to such a message; false for no memory. */
bool send_params_add_media(json_t *message, const struct media *media);


#endif /* SEND_PARAMS_H */
