/*
 * Checks the parameters of message.send, member by member.
 */

#include <string.h>

#include "send_params.h"


/* 4096 characters of UTF-8 */

#define SEND_TEXT_MAX  16384


static bool send_read_to(struct send_params *params, json_t *object,
    struct error *error);
static bool send_read_recipient_type(struct send_params *params,
    json_t *object, struct error *error);
static bool send_read_type(struct send_params *params, json_t *object,
    struct error *error);
static bool send_read_text(struct send_params *params, json_t *object,
    struct error *error);
static bool send_read_context(struct send_params *params, json_t *object,
    struct error *error);
static bool send_refused(struct error *error, enum error_code code,
    const char *message);


static bool (*const send_readers[])(struct send_params *params,
    json_t *object, struct error *error) =
{
    send_read_to,
    send_read_recipient_type,
    send_read_type,
    send_read_text,
    send_read_context
};


bool
send_params_read(struct send_params *params, json_t *object,
    struct error *error)
{
    size_t  i;

    memset(params, 0, sizeof(struct send_params));

    for (i = 0; i < sizeof(send_readers) / sizeof(send_readers[0]); i++) {
        if (!send_readers[i](params, object, error)) {
            return false;
        }
    }

    return true;
}


json_t *
send_params_message(const struct send_params *params)
{
    int      rc;
    json_t  *message, *text;

    message = json_object();
    text = json_object();

    rc = json_object_set(text, "body", params->body);

    if (params->preview_url != NULL) {
        rc |= json_object_set(text, "preview_url", params->preview_url);
    }

    rc |= json_object_set_new(message, "type", json_string("text"));
    rc |= json_object_set_new(message, "text", text);

    if (params->quoted[0] != '\0') {
        rc |= json_object_set_new(message, "quoted",
                                  json_string(params->quoted));
    }

    if (rc != 0) {
        json_decref(message);
        return NULL;
    }

    return message;
}


static bool
send_read_to(struct send_params *params, json_t *object, struct error *error)
{
    json_t  *to;

    to = json_object_get(object, "to");

    if (to == NULL) {
        return send_refused(error, ERROR_MISSING_PARAMETER,
                            "\"to\" is missing");
    }

    if (!json_is_string(to)
        || !recipient_normalise(json_string_value(to), params->to))
    {
        return send_refused(error, ERROR_INVALID_PARAMETER,
                            "\"to\" is not a number or an id");
    }

    return true;
}


static bool
send_read_recipient_type(struct send_params *params, json_t *object,
    struct error *error)
{
    json_t      *type;
    const char  *text;

    (void) params;

    type = json_object_get(object, "recipient_type");

    if (type == NULL || json_is_null(type)) {
        return true;
    }

    text = json_string_value(type);

    if (text == NULL || (strcmp(text, "individual") != 0
                         && strcmp(text, "group") != 0))
    {
        return send_refused(error, ERROR_INVALID_PARAMETER,
                         "\"recipient_type\" must be individual or group");
    }

    return true;
}


static bool
send_read_type(struct send_params *params, json_t *object,
    struct error *error)
{
    json_t  *type;

    (void) params;

    type = json_object_get(object, "type");

    if (type == NULL) {
        return true;
    }

    if (!json_is_string(type)) {
        return send_refused(error, ERROR_INVALID_PARAMETER,
                            "\"type\" must be a string");
    }

    if (strcmp(json_string_value(type), "text") != 0) {
        return send_refused(error, ERROR_UNSUPPORTED_TYPE, NULL);
    }

    return true;
}


static bool
send_read_text(struct send_params *params, json_t *object,
    struct error *error)
{
    json_t  *text, *body, *preview_url;

    text = json_object_get(object, "text");
    body = json_object_get(text, "body");
    preview_url = json_object_get(text, "preview_url");

    if (text == NULL || (json_is_object(text) && body == NULL)) {
        return send_refused(error, ERROR_MISSING_PARAMETER,
                            "\"text.body\" is missing");
    }

    if (!json_is_string(body) || json_string_length(body) == 0
        || json_string_length(body) > SEND_TEXT_MAX)
    {
        return send_refused(error, ERROR_INVALID_PARAMETER,
                        "\"text.body\" must have 1 to 4096 characters");
    }

    if (preview_url != NULL && !json_is_boolean(preview_url)) {
        return send_refused(error, ERROR_INVALID_PARAMETER,
                            "\"text.preview_url\" must be true or false");
    }

    params->body = body;
    params->preview_url = preview_url;

    return true;
}


static bool
send_read_context(struct send_params *params, json_t *object,
    struct error *error)
{
    json_t  *context, *id;

    context = json_object_get(object, "context");

    if (context == NULL || json_is_null(context)) {
        return true;
    }

    id = json_object_get(context, "message_id");

    if (json_is_object(context) && id == NULL) {
        return send_refused(error, ERROR_MISSING_PARAMETER,
                            "\"context.message_id\" is missing");
    }

    if (!json_is_string(id)
        || !wamid_decode(json_string_value(id), params->quoted))
    {
        return send_refused(error, ERROR_INVALID_PARAMETER,
                   "\"context.message_id\" is not the id of a message");
    }

    return true;
}


static bool
send_refused(struct error *error, enum error_code code, const char *message)
{
    *error = error_say(code, message);

    return false;
}
