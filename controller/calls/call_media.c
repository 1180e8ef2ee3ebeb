/*
 * media.get: describes the media of a message, and makes a URL for them.  The
 * parameters are our own route's: the public id, the session's key of the
 * message in it, and the base of public URLs.
 */

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "calls/call_handlers.h"
#include "media/message_media_id.h"


#define CALL_MEDIA_URL_S  300     /* seconds that a URL is valid */


static json_t *call_media_params(struct call *call, struct error *error);
static json_t *call_media_result(struct call *call, json_t *result);


const struct call_handler  call_media_get = {
    .check = session_check,
    .method = "media.describe",
    .params = call_media_params,
    .result = call_media_result
};


static json_t *
call_media_params(struct call *call, struct error *error)
{
    json_t  *params;

    params = json_pack("{s:O}", "key", json_object_get(call->params, "key"));

    if (params == NULL) {
        *error = error_memory();
    }

    return params;
}


static json_t *
call_media_result(struct call *call, json_t *result)
{
    char         sealed[SEAL_TEXT_SIZE];
    json_t      *url, *size;
    const char  *base, *key, *mime_type, *sha256;

    base = json_string_value(json_object_get(call->params, "base"));
    key = json_string_value(json_object_get(call->params, "key"));

    mime_type = json_string_value(json_object_get(result, "mime_type"));
    sha256 = json_string_value(json_object_get(result, "sha256"));
    size = json_object_get(result, "file_size");

    if (mime_type == NULL || sha256 == NULL || !json_is_integer(size)
        || !message_media_url_close(call->services->seal,
                                    session_id(call->session), key,
                                    (uint64_t) time(NULL) + CALL_MEDIA_URL_S,
                                    sealed))
    {
        return NULL;
    }

    url = json_sprintf("%s%smedia/%s", base, *base != '\0' ? "/" : "",
                       sealed);

    return json_pack("{s:s, s:o, s:s, s:s, s:O, s:O}",
                     "messaging_product", "whatsapp",
                     "url", url,
                     "mime_type", mime_type,
                     "sha256", sha256,
                     "file_size", size,
                     "id", json_object_get(call->params, "id"));
}
