/*
 * Public ids of the media of messages: "<session>/<key>", sealed; in a URL
 * behind the time of its end.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/message_media_id.h"


/* characters of the time of a URL's end, in hexadecimal */

#define MESSAGE_MEDIA_TIME  16


_Static_assert(MESSAGE_MEDIA_SESSION_SIZE + WAMID_KEY_SIZE
               + MESSAGE_MEDIA_TIME <= SEAL_DATA_MAX,
               "a session, a key and a time fit");


static size_t message_media_write(const char *session, const char *key,
    char *data, size_t size);
static bool message_media_read(const char *data,
    char session[MESSAGE_MEDIA_SESSION_SIZE], char key[WAMID_KEY_SIZE]);


bool
message_media_id_close(const struct seal *seal, const char *session,
    const char *key, char text[SEAL_TEXT_SIZE])
{
    char    data[SEAL_DATA_MAX + 1];
    size_t  len;

    len = message_media_write(session, key, data, sizeof(data));

    return len != 0 && seal_close(seal, SEAL_MESSAGE, data, len, text);
}


bool
message_media_id_open(const struct seal *seal, const char *text,
    char session[MESSAGE_MEDIA_SESSION_SIZE], char key[WAMID_KEY_SIZE])
{
    char    data[SEAL_DATA_MAX + 1];
    size_t  len;

    len = seal_open(seal, SEAL_MESSAGE, text, data, SEAL_DATA_MAX);
    data[len] = '\0';

    return message_media_read(data, session, key);
}


bool
message_media_url_close(const struct seal *seal, const char *session,
    const char *key, uint64_t expires, char text[SEAL_TEXT_SIZE])
{
    char    data[SEAL_DATA_MAX + 1];
    size_t  len;

    (void) snprintf(data, sizeof(data), "%0*" PRIx64, MESSAGE_MEDIA_TIME,
                    expires);

    len = message_media_write(session, key, data + MESSAGE_MEDIA_TIME,
                              sizeof(data) - MESSAGE_MEDIA_TIME);

    return len != 0
           && seal_close(seal, SEAL_MESSAGE_URL, data,
                         MESSAGE_MEDIA_TIME + len, text);
}


bool
message_media_url_open(const struct seal *seal, const char *text,
    uint64_t now, char session[MESSAGE_MEDIA_SESSION_SIZE],
    char key[WAMID_KEY_SIZE])
{
    char    data[SEAL_DATA_MAX + 1], time[MESSAGE_MEDIA_TIME + 1];
    size_t  len;

    len = seal_open(seal, SEAL_MESSAGE_URL, text, data, SEAL_DATA_MAX);
    data[len] = '\0';

    if (len <= MESSAGE_MEDIA_TIME) {
        return false;
    }

    memcpy(time, data, MESSAGE_MEDIA_TIME);
    time[MESSAGE_MEDIA_TIME] = '\0';

    return strtoull(time, NULL, 16) > now
           && message_media_read(data + MESSAGE_MEDIA_TIME, session, key);
}


/* returns the length of the text; 0: session or key is empty or too long */

static size_t
message_media_write(const char *session, const char *key, char *data,
    size_t size)
{
    size_t  session_len, key_len;

    session_len = strnlen(session, MESSAGE_MEDIA_SESSION_SIZE);
    key_len = strnlen(key, WAMID_KEY_SIZE);

    if (session_len == 0 || session_len == MESSAGE_MEDIA_SESSION_SIZE
        || key_len == 0 || key_len == WAMID_KEY_SIZE)
    {
        return 0;
    }

    return (size_t) snprintf(data, size, "%s/%s", session, key);
}


static bool
message_media_read(const char *data,
    char session[MESSAGE_MEDIA_SESSION_SIZE], char key[WAMID_KEY_SIZE])
{
    size_t  before, after;

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
