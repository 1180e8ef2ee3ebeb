/*
 * Public ids of the media of messages: "<session>/<key>", sealed.
 */

#include <stdio.h>
#include <string.h>

#include "media/message_media_id.h"


_Static_assert(MESSAGE_MEDIA_SESSION_SIZE + WAMID_KEY_SIZE <= SEAL_DATA_MAX,
               "a session and a key fit");


bool
message_media_id_close(const struct seal *seal, const char *session,
    const char *key, char text[SEAL_TEXT_SIZE])
{
    int     n;
    char    data[SEAL_DATA_MAX];
    size_t  session_len, key_len;

    session_len = strnlen(session, MESSAGE_MEDIA_SESSION_SIZE);
    key_len = strnlen(key, WAMID_KEY_SIZE);

    if (session_len == 0 || session_len == MESSAGE_MEDIA_SESSION_SIZE
        || key_len == 0 || key_len == WAMID_KEY_SIZE)
    {
        return false;
    }

    n = snprintf(data, sizeof(data), "%s/%s", session, key);

    return seal_close(seal, SEAL_MESSAGE, data, (size_t) n, text);
}


bool
message_media_id_open(const struct seal *seal, const char *text,
    char session[MESSAGE_MEDIA_SESSION_SIZE], char key[WAMID_KEY_SIZE])
{
    char    data[SEAL_DATA_MAX + 1];
    size_t  len, before, after;

    len = seal_open(seal, SEAL_MESSAGE, text, data, SEAL_DATA_MAX);

    if (len == 0) {
        return false;
    }

    data[len] = '\0';

    before = strcspn(data, "/");
    after = strlen(data + before);

    if (before == 0 || before >= MESSAGE_MEDIA_SESSION_SIZE
        || after < sizeof("/") || after > WAMID_KEY_SIZE)
    {
        return false;
    }

    memcpy(session, data, before);
    session[before] = '\0';

    memcpy(key, data + before + 1, after);

    return true;
}
