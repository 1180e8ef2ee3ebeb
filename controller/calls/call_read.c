/*
 * message.read: marks a message as read, and shows that an answer is typed.
 */

#include <string.h>

#include "base/wamid.h"
#include "calls/call_handlers.h"


static json_t *call_read_params(struct call *call, struct error *error);


const struct call_handler  call_message_read = {
    .check = session_check,
    .method = "message.read",
    .params = call_read_params,
    .result = call_run_success
};


static json_t *
call_read_params(struct call *call, struct error *error)
{
    char         key[WAMID_KEY_SIZE];
    json_t      *id, *typing, *params;
    const char  *type;

    id = json_object_get(call->params, "message_id");
    typing = json_object_get(call->params, "typing_indicator");

    if (id == NULL) {
        *error = error_say(ERROR_MISSING_PARAMETER,
                           "\"message_id\" is missing");
        return NULL;
    }

    if (!json_is_string(id) || !wamid_decode(json_string_value(id), key)) {
        *error = error_say(ERROR_INVALID_PARAMETER,
                           "\"message_id\" is not the id of a message");
        return NULL;
    }

    if (typing != NULL && !json_is_null(typing)) {
        type = json_string_value(json_object_get(typing, "type"));

        if (type == NULL || strcmp(type, "text") != 0) {
            *error = error_say(ERROR_INVALID_PARAMETER,
                               "\"typing_indicator.type\" must be text");
            return NULL;
        }
    }

    params = json_pack("{s:s, s:b}", "key", key,
                       "typing", json_is_object(typing));

    if (params == NULL) {
        *error = error_memory();
    }

    return params;
}
