/*
 * Public ids of the media of messages.  An id has the session and WhatsApp
 * Web's key of the message sealed in it: nothing is kept to find the media
 * again, and a message that is told twice has the same id both times.
 */

#ifndef MESSAGE_MEDIA_ID_H
#define MESSAGE_MEDIA_ID_H


#include <stdbool.h>
#include <stdint.h>

#include "base/seal.h"
#include "base/wamid.h"


#define MESSAGE_MEDIA_SESSION_SIZE  32    /* a session's id, with NUL */


/*
 * Writes the id of the media of a session's message; key is the serialized
 * one.  False when libcrypto fails, or session or key is empty or too long.
 */
bool message_media_id_close(const struct seal *seal, const char *session,
    const char *key, char text[SEAL_TEXT_SIZE]);

/* Reads the session and the key of an id; false when it is none. */
bool message_media_id_open(const struct seal *seal, const char *text,
    char session[MESSAGE_MEDIA_SESSION_SIZE], char key[WAMID_KEY_SIZE]);

/*
 * The same for the text at the end of a download's URL, which is valid until
 * expires, in unix seconds; it is opened before that only.
 */
bool message_media_url_close(const struct seal *seal, const char *session,
    const char *key, uint64_t expires, char text[SEAL_TEXT_SIZE]);
bool message_media_url_open(const struct seal *seal, const char *text,
    uint64_t now, char session[MESSAGE_MEDIA_SESSION_SIZE],
    char key[WAMID_KEY_SIZE]);


#endif /* MESSAGE_MEDIA_ID_H */
