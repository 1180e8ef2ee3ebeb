/*
 * Checks the parameters of message.send by one table: a type is a row and the
 * rows of its members.
 */

#include <stdio.h>
#include <string.h>

#include "calls/group_id.h"
#include "calls/message_params.h"


#define SEND_TEXT_MAX   16384    /* 4096 characters of UTF-8 */
#define SEND_LABEL_MAX  4096     /* 1024 */
#define SEND_NAME_MAX   1024     /* 255, a file's or place's */
#define SEND_EMOJI_MAX  64
#define SEND_LIST_MAX   1024     /* members */


enum send_kind {
    SEND_TEXT = 0,     /* a string of max bytes */
    SEND_FLAG,
    SEND_NUMBER,
    SEND_TEXTS,        /* an array of max strings */
    SEND_MESSAGE,      /* the id of a message: the page's "target" */
    SEND_MEDIA_ID,     /* a sealed id, for the controller alone */
    SEND_LINK          /* a URL, for the controller alone */
};


enum send_need {
    SEND_REQUIRED = 0,
    SEND_OPTIONAL      /* absent, or null */
};


struct send_row {
    const char      *name;
    enum send_kind   kind;
    enum send_need   need;
    size_t           min;    /* of a text's bytes or a list's members */
    size_t           max;
};


struct send_type {
    const char               *name;
    enum session_capability   capability;
    const struct send_row    *rows;       /* NULL: a list, passed on whole */
    const char               *page;       /* the page's name of the content */
};


static bool send_read_to(struct send_params *params, json_t *object,
    const struct send_ids *ids, struct error *error);
static bool send_read_recipient_type(struct send_params *params,
    json_t *object, const struct send_ids *ids, struct error *error);
static bool send_read_type(struct send_params *params, json_t *object,
    const struct send_ids *ids, struct error *error);
static bool send_read_content(struct send_params *params, json_t *object,
    const struct send_ids *ids, struct error *error);
static bool send_read_row(struct send_params *params,
    const struct send_row *row, const struct send_ids *ids,
    struct error *error);
static bool send_read_list(json_t *value, const struct send_row *row);
static bool send_read_media(struct send_params *params, json_t *object,
    const struct send_ids *ids, struct error *error);
static bool send_read_context(struct send_params *params, json_t *object,
    const struct send_ids *ids, struct error *error);
static json_t *send_content(const struct send_params *params);
static bool send_complain(struct send_params *params,
    const struct send_row *row, enum error_code code, const char *what,
    struct error *error);
static bool send_refused(struct error *error, enum error_code code,
    const char *message);


static const struct send_row  send_text[] = {
    { "body", SEND_TEXT, SEND_REQUIRED, 1, SEND_TEXT_MAX },
    { "preview_url", SEND_FLAG, SEND_OPTIONAL, 0, 0 },
    { "mentions", SEND_TEXTS, SEND_OPTIONAL, 0, SEND_LIST_MAX },
    { NULL, 0, 0, 0, 0 }
};

static const struct send_row  send_media[] = {
    { "id", SEND_MEDIA_ID, SEND_OPTIONAL, 0, 0 },
    { "link", SEND_LINK, SEND_OPTIONAL, 1, SEND_LABEL_MAX },
    { "caption", SEND_TEXT, SEND_OPTIONAL, 0, SEND_LABEL_MAX },
    { "filename", SEND_TEXT, SEND_OPTIONAL, 0, SEND_NAME_MAX },
    { "voice", SEND_FLAG, SEND_OPTIONAL, 0, 0 },
    { NULL, 0, 0, 0, 0 }
};

static const struct send_row  send_location[] = {
    { "latitude", SEND_NUMBER, SEND_REQUIRED, 0, 0 },
    { "longitude", SEND_NUMBER, SEND_REQUIRED, 0, 0 },
    { "name", SEND_TEXT, SEND_OPTIONAL, 0, SEND_NAME_MAX },
    { "address", SEND_TEXT, SEND_OPTIONAL, 0, SEND_LABEL_MAX },
    { NULL, 0, 0, 0, 0 }
};

static const struct send_row  send_reaction[] = {
    { "message_id", SEND_MESSAGE, SEND_REQUIRED, 0, 0 },
    { "emoji", SEND_TEXT, SEND_REQUIRED, 0, SEND_EMOJI_MAX },
    { NULL, 0, 0, 0, 0 }
};

static const struct send_row  send_poll[] = {
    { "name", SEND_TEXT, SEND_REQUIRED, 1, SEND_LABEL_MAX },
    { "options", SEND_TEXTS, SEND_REQUIRED, 2, 12 },
    { "selectable_count", SEND_NUMBER, SEND_OPTIONAL, 0, 0 },
    { NULL, 0, 0, 0, 0 }
};

static const struct send_row  send_edit[] = {
    { "message_id", SEND_MESSAGE, SEND_REQUIRED, 0, 0 },
    { "body", SEND_TEXT, SEND_REQUIRED, 1, SEND_TEXT_MAX },
    { NULL, 0, 0, 0, 0 }
};

static const struct send_row  send_message[] = {
    { "message_id", SEND_MESSAGE, SEND_REQUIRED, 0, 0 },
    { NULL, 0, 0, 0, 0 }
};


static const struct send_type  send_types[] = {
    { "text", SESSION_SEND_TEXT, send_text, "text" },
    { "image", SESSION_SEND_MEDIA, send_media, "media" },
    { "video", SESSION_SEND_MEDIA, send_media, "media" },
    { "audio", SESSION_SEND_MEDIA, send_media, "media" },
    { "document", SESSION_SEND_MEDIA, send_media, "media" },
    { "sticker", SESSION_SEND_MEDIA, send_media, "media" },
    { "location", SESSION_SEND_LOCATION, send_location, "location" },
    { "contacts", SESSION_SEND_CONTACTS, NULL, "contacts" },
    { "reaction", SESSION_SEND_REACTION, send_reaction, "reaction" },
    { "poll", SESSION_SEND_POLL, send_poll, "poll" },
    { "edit", SESSION_EDIT, send_edit, "edit" },
    { "revoke", SESSION_REVOKE, send_message, "revoke" },
    { "forward", SESSION_FORWARD, send_message, "forward" }
};


static bool (*const send_readers[])(struct send_params *params,
    json_t *object, const struct send_ids *ids, struct error *error) =
{
    send_read_to,
    send_read_recipient_type,
    send_read_type,
    send_read_content,
    send_read_media,
    send_read_context
};


bool
send_params_read(struct send_params *params, json_t *object,
    const struct send_ids *ids, struct error *error)
{
    size_t  i;

    memset(params, 0, sizeof(struct send_params));

    for (i = 0; i < sizeof(send_readers) / sizeof(send_readers[0]); i++) {
        if (!send_readers[i](params, object, ids, error)) {
            return false;
        }
    }

    return true;
}


enum session_capability
send_params_capability(const struct send_params *params)
{
    return params->type->capability;
}


json_t *
send_params_message(const struct send_params *params)
{
    int      rc;
    json_t  *message;

    message = json_object();

    rc = json_object_set_new(message, "type",
                             json_string(params->type->name));
    rc |= json_object_set_new(message, params->type->page,
                              send_content(params));

    if (params->target[0] != '\0') {
        rc |= json_object_set_new(message, "target",
                                  json_string(params->target));
    }

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


bool
send_params_add_media(json_t *message, const struct media *media)
{
    int      rc;
    json_t  *object;

    object = json_object_get(message, "media");

    rc = json_object_set_new(object, "mime_type",
                             json_string(media_type_page(&media->type)));

    if (media->filename != NULL
        && json_object_get(object, "filename") == NULL)
    {
        rc |= json_object_set_new(object, "filename",
                                  json_string(media->filename));
    }

    return rc == 0;
}


static bool
send_read_to(struct send_params *params, json_t *object,
    const struct send_ids *ids, struct error *error)
{
    char         group[WAMID_WID_SIZE];
    json_t      *to;
    const char  *text;

    to = json_object_get(object, "to");

    if (to == NULL) {
        return send_refused(error, ERROR_MISSING_PARAMETER,
                            "\"to\" is missing");
    }

    text = json_string_value(to);

    if (text != NULL
        && group_id_open_of(ids->seal, text, ids->session, group))
    {
        text = group;
    }

    if (text != NULL && recipient_normalise(text, params->to)) {
        return true;
    }

    if (text != NULL && group_id_looks(text)) {
        return send_refused(error, ERROR_GROUP_NOT_FOUND, NULL);
    }

    return send_refused(error, ERROR_INVALID_PARAMETER,
                        "\"to\" is not a number or an id");
}


static bool
send_read_recipient_type(struct send_params *params, json_t *object,
    const struct send_ids *ids, struct error *error)
{
    json_t      *type;
    const char  *text;

    (void) params;
    (void) ids;

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
    const struct send_ids *ids, struct error *error)
{
    size_t       i;
    json_t      *type;
    const char  *name;

    (void) ids;

    type = json_object_get(object, "type");
    name = type != NULL ? json_string_value(type) : "text";

    if (name == NULL) {
        return send_refused(error, ERROR_INVALID_PARAMETER,
                            "\"type\" must be a string");
    }

    for (i = 0; i < sizeof(send_types) / sizeof(send_types[0]); i++) {
        if (strcmp(name, send_types[i].name) == 0) {
            params->type = &send_types[i];
            return true;
        }
    }

    return send_refused(error, ERROR_UNSUPPORTED_TYPE, NULL);
}


static bool
send_read_content(struct send_params *params, json_t *object,
    const struct send_ids *ids, struct error *error)
{
    const struct send_row  *row;

    params->content = json_object_get(object, params->type->name);

    if (params->content == NULL) {
        return send_complain(params, NULL, ERROR_MISSING_PARAMETER,
                             "is missing", error);
    }

    if (params->type->rows == NULL) {
        return json_array_size(params->content) != 0
               || send_complain(params, NULL, ERROR_INVALID_PARAMETER,
                                "must be a list", error);
    }

    if (!json_is_object(params->content)) {
        return send_complain(params, NULL, ERROR_INVALID_PARAMETER,
                             "must be an object", error);
    }

    for (row = params->type->rows; row->name != NULL; row++) {
        if (!send_read_row(params, row, ids, error)) {
            return false;
        }
    }

    return true;
}


static bool
send_read_row(struct send_params *params, const struct send_row *row,
    const struct send_ids *ids, struct error *error)
{
    bool         ok;
    json_t      *value;
    const char  *text;

    value = json_object_get(params->content, row->name);

    if (value == NULL || json_is_null(value)) {
        return row->need == SEND_OPTIONAL
               || send_complain(params, row, ERROR_MISSING_PARAMETER,
                                "is missing", error);
    }

    text = json_string_value(value);

    switch (row->kind) {

    case SEND_TEXT:
    case SEND_LINK:
        ok = text != NULL && json_string_length(value) >= row->min
             && json_string_length(value) <= row->max;
        break;

    case SEND_FLAG:
        ok = json_is_boolean(value);
        break;

    case SEND_NUMBER:
        ok = json_is_number(value);
        break;

    case SEND_TEXTS:
        ok = send_read_list(value, row);
        break;

    case SEND_MESSAGE:
        ok = text != NULL && wamid_decode(text, params->target);
        break;

    default: /* SEND_MEDIA_ID */

        /* an id that opens for nobody is of media that isn't there */

        ok = text != NULL;

        if (ok && seal_open(ids->seal, SEAL_MEDIA, text, params->name,
                            sizeof(params->name))
                  != sizeof(params->name))
        {
            return send_refused(error, ERROR_MEDIA_NOT_FOUND, NULL);
        }
    }

    return ok || send_complain(params, row, ERROR_INVALID_PARAMETER,
                               "is not valid", error);
}


static bool
send_read_list(json_t *value, const struct send_row *row)
{
    size_t   i;
    json_t  *item;

    if (!json_is_array(value) || json_array_size(value) < row->min
        || json_array_size(value) > row->max)
    {
        return false;
    }

    json_array_foreach(value, i, item) {
        if (!json_is_string(item)
            || json_string_length(item) > SEND_LABEL_MAX)
        {
            return false;
        }
    }

    return true;
}


static bool
send_read_media(struct send_params *params, json_t *object,
    const struct send_ids *ids, struct error *error)
{
    bool  id;

    (void) object;
    (void) ids;

    if (params->type->rows != send_media) {
        return true;
    }

    params->media = true;
    params->link = json_string_value(json_object_get(params->content,
                                                     "link"));
    id = json_is_string(json_object_get(params->content, "id"));

    (void) media_kind_find(params->type->name, &params->kind);

    if (!id && params->link == NULL) {
        return send_refused(error, ERROR_MISSING_PARAMETER,
                            "\"id\" or \"link\" is missing");
    }

    if (id && params->link != NULL) {
        return send_refused(error, ERROR_INVALID_PARAMETER,
                            "\"id\" and \"link\" exclude each other");
    }

    return true;
}


static bool
send_read_context(struct send_params *params, json_t *object,
    const struct send_ids *ids, struct error *error)
{
    json_t  *context, *id;

    (void) ids;

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


/* only what the table knows is handed on */

static json_t *
send_content(const struct send_params *params)
{
    json_t                 *content, *value;
    const struct send_row  *row;

    if (params->type->rows == NULL) {
        return json_incref(params->content);
    }

    content = json_object();

    for (row = params->type->rows; row->name != NULL; row++) {

        value = json_object_get(params->content, row->name);

        if (value == NULL || json_is_null(value)
            || row->kind >= SEND_MESSAGE)
        {
            continue;
        }

        if (json_object_set(content, row->name, value) != 0) {
            json_decref(content);
            return NULL;
        }
    }

    return content;
}


/* says what is wrong with the type's member, or one of that one's */

static bool
send_complain(struct send_params *params, const struct send_row *row,
    enum error_code code, const char *what, struct error *error)
{
    (void) snprintf(params->said, sizeof(params->said), "\"%s%s%s\" %s",
                    params->type->name, row != NULL ? "." : "",
                    row != NULL ? row->name : "", what);

    return send_refused(error, code, params->said);
}


static bool
send_refused(struct error *error, enum error_code code, const char *message)
{
    *error = error_say(code, message);

    return false;
}
