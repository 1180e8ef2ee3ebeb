/*
 * Finds the image that shall become a picture.
 */

#include <string.h>

#include "base/seal.h"
#include "calls/call_picture.h"


bool
call_picture_hold(struct call *call, struct error *error)
{
    json_t        *id;
    uint8_t        name[MEDIA_NAME_SIZE];
    struct media  *file;

    id = json_object_get(call->params, CALL_PICTURE);

    if (id == NULL) {
        return true;
    }

    file = NULL;

    if (json_is_string(id)
        && seal_open(call->services->seal, SEAL_MEDIA, json_string_value(id),
                     name, sizeof(name))
           == sizeof(name))
    {
        file = media_hold(call->services->media, name);
    }

    if (file != NULL && file->type.kind == MEDIA_IMAGE
        && strcmp(file->session, session_id(call->session)) == 0)
    {
        call->file = file;
        return true;
    }

    if (file != NULL) {
        media_release(file);
    }

    return error_set(error, ERROR_INVALID_PARAMETER, "\"" CALL_PICTURE "\" is "
                     "not the id of an image of this session");
}


bool
call_picture_describe(const struct call *call, json_t *params)
{
    return call->file == NULL
           || json_object_set_new(params, "picture",
                  json_pack("{s:s}", "mime_type", call->file->type.mime))
              == 0;
}
