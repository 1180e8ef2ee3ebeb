/*
 * Checks the parameters of message.send by tables: a type of message is a row,
 * and so is each field of its content.
 */

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/group_id.h"
#include "calls/message_params.h"
#include "protocol/emoji.h"
#include "protocol/limits.h"


/* bytes of a name that is made up: "document", an extension and NUL */

#define MESSAGE_NAME_SIZE  32


enum message_kind {
    MESSAGE_TEXT = 0,     /* a string of at most max characters */
    MESSAGE_FLAG,
    MESSAGE_NUMBER,
    MESSAGE_EMOJI,        /* one, or "" */
    MESSAGE_TEXTS,        /* at most max strings of at most item characters */

    /* the page gets these in another form, or not at all */

    MESSAGE_TARGET,       /* the id of a message, "target" for the page */
    MESSAGE_MEDIA_ID,     /* a sealed id of a file */
    MESSAGE_LINK          /* the URL of a file */
};


enum message_need {
    MESSAGE_REQUIRED = 0,
    MESSAGE_OPTIONAL      /* absent, or null */
};


struct message_field {
    const char         *name;
    enum message_kind   kind;
    enum message_need   need;
    size_t              min;    /* characters, or elements of a list */
    size_t              max;
    size_t              item;
};


struct message_type {
    const char                  *name;
    const char                  *page;      /* the page's name of it */
    const struct message_field  *fields;    /* of an object */
    enum session_capability      capability;
    json_type                    content;
};


static bool message_parse_to(struct message_params *params, json_t *object,
    const struct message_ids *ids, struct error *error);
static bool message_normalise_to(struct message_params *params,
    json_t *object, const char *text);
static bool message_parse_recipient_type(struct message_params *params,
    json_t *object, const struct message_ids *ids, struct error *error);
static bool message_parse_type(struct message_params *params, json_t *object,
    const struct message_ids *ids, struct error *error);
static bool message_parse_content(struct message_params *params,
    json_t *object, const struct message_ids *ids, struct error *error);
static bool message_parse_field(struct message_params *params,
    const struct message_field *field, const struct message_ids *ids,
    struct error *error);
static bool message_parse_text(json_t *value, size_t min, size_t max);
static bool message_parse_list(json_t *value,
    const struct message_field *field);
static bool message_parse_media(struct message_params *params, json_t *object,
    const struct message_ids *ids, struct error *error);
static bool message_parse_context(struct message_params *params,
    json_t *object, const struct message_ids *ids, struct error *error);
static bool message_parse_callback_data(struct message_params *params,
    json_t *object, const struct message_ids *ids, struct error *error);
static json_t *message_content(const struct message_params *params);
static bool message_refuse_field(struct message_params *params,
    const struct message_field *field, enum error_code code,
    const char *what, struct error *error);


static const struct message_field  message_text[] = {
    { "body", MESSAGE_TEXT, MESSAGE_REQUIRED, 1, WHATSAPP_TEXT_MAX, 0 },
    { "preview_url", MESSAGE_FLAG, MESSAGE_OPTIONAL, 0, 0, 0 },
    { "mentions", MESSAGE_TEXTS, MESSAGE_OPTIONAL, 0, WHATSAPP_MENTIONS_MAX,
      WHATSAPP_NUMBER_MAX },
    { NULL, 0, 0, 0, 0, 0 }
};

static const struct message_field  message_media[] = {
    { "id", MESSAGE_MEDIA_ID, MESSAGE_OPTIONAL, 0, 0, 0 },
    { "link", MESSAGE_LINK, MESSAGE_OPTIONAL, 1, WHATSAPP_LINK_MAX, 0 },
    { "caption", MESSAGE_TEXT, MESSAGE_OPTIONAL, 0, WHATSAPP_SENT_CAPTION_MAX,
      0 },
    { "filename", MESSAGE_TEXT, MESSAGE_OPTIONAL, 0, WHATSAPP_FILENAME_MAX,
      0 },
    { "voice", MESSAGE_FLAG, MESSAGE_OPTIONAL, 0, 0, 0 },
    { NULL, 0, 0, 0, 0, 0 }
};

static const struct message_field  message_location[] = {
    { "latitude", MESSAGE_NUMBER, MESSAGE_REQUIRED, 0, 0, 0 },
    { "longitude", MESSAGE_NUMBER, MESSAGE_REQUIRED, 0, 0, 0 },
    { "name", MESSAGE_TEXT, MESSAGE_OPTIONAL, 0, WHATSAPP_PLACE_MAX, 0 },
    { "address", MESSAGE_TEXT, MESSAGE_OPTIONAL, 0, WHATSAPP_PLACE_MAX, 0 },
    { NULL, 0, 0, 0, 0, 0 }
};

/* an array, which is passed whole: the page checks what is in it */

static const struct message_field  message_contacts[] = {
    { "", MESSAGE_TEXTS, MESSAGE_REQUIRED, 1, WHATSAPP_CONTACTS_MAX, 0 }
};

static const struct message_field  message_reaction[] = {
    { "message_id", MESSAGE_TARGET, MESSAGE_REQUIRED, 0, 0, 0 },
    { "emoji", MESSAGE_EMOJI, MESSAGE_REQUIRED, 0, WHATSAPP_EMOJI_MAX, 0 },
    { NULL, 0, 0, 0, 0, 0 }
};

static const struct message_field  message_poll[] = {
    { "name", MESSAGE_TEXT, MESSAGE_REQUIRED, 1, WHATSAPP_POLL_NAME_MAX, 0 },
    { "options", MESSAGE_TEXTS, MESSAGE_REQUIRED, WHATSAPP_POLL_OPTIONS_MIN,
      WHATSAPP_POLL_OPTIONS_MAX, WHATSAPP_POLL_OPTION_MAX },
    { "selectable_count", MESSAGE_NUMBER, MESSAGE_OPTIONAL, 0, 0, 0 },
    { NULL, 0, 0, 0, 0, 0 }
};

static const struct message_field  message_edit[] = {
    { "message_id", MESSAGE_TARGET, MESSAGE_REQUIRED, 0, 0, 0 },
    { "body", MESSAGE_TEXT, MESSAGE_REQUIRED, 1, WHATSAPP_TEXT_MAX, 0 },
    { NULL, 0, 0, 0, 0, 0 }
};

static const struct message_field  message_revoke[] = {
    { "message_id", MESSAGE_TARGET, MESSAGE_REQUIRED, 0, 0, 0 },
    { NULL, 0, 0, 0, 0, 0 }
};

static const struct message_field  message_forward[] = {
    { "message_id", MESSAGE_TARGET, MESSAGE_REQUIRED, 0, 0, 0 },
    { NULL, 0, 0, 0, 0, 0 }
};


/* what a type's CONTENT is in JSON */

#define MESSAGE_OBJECT     JSON_OBJECT
#define MESSAGE_CAPTIONED  JSON_OBJECT
#define MESSAGE_ARRAY      JSON_ARRAY


/* the content's fields go by the page's name of it */

static const struct message_type  message_types[] = {

#define WHATSAPP_MESSAGE_TYPE(name, CAPABILITY, page, CONTENT)                \
    { #name, #page, message_##page, SESSION_##CAPABILITY, MESSAGE_##CONTENT },
#include "protocol/message_types.h"

};


static bool (*const message_parsers[])(struct message_params *params,
    json_t *object, const struct message_ids *ids, struct error *error) =
{
    message_parse_to,
    message_parse_recipient_type,
    message_parse_type,
    message_parse_content,
    message_parse_media,
    message_parse_context,
    message_parse_callback_data
};


#define MESSAGE_PARSERS                                                       \
    (sizeof(message_parsers) / sizeof(message_parsers[0]))


bool
message_params_read(struct message_params *params, json_t *object,
    const struct message_ids *ids, struct error *error)
{
    size_t  i;

    memset(params, 0, sizeof(struct message_params));

    for (i = 0; i < MESSAGE_PARSERS; i++) {
        if (!message_parsers[i](params, object, ids, error)) {
            return false;
        }
    }

    return true;
}


enum session_capability
message_params_capability(const struct message_params *params)
{
    return params->type->capability;
}


json_t *
message_params_message(const struct message_params *params)
{
    int      rc;
    json_t  *message;

    message = json_object();

    rc = json_object_set_new(message, "type",
                             json_string(params->type->name));
    rc |= json_object_set_new(message, params->type->page,
                              message_content(params));

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
message_params_add_media(json_t *message, const struct media *media)
{
    int          rc;
    char         name[MESSAGE_NAME_SIZE];
    json_t      *object;
    const char  *filename, *type;

    object = json_object_get(message, "media");
    type = json_string_value(json_object_get(message, "type"));
    filename = json_string_value(json_object_get(object, "filename"));

    rc = json_object_set_new(object, "mime_type",
                             json_string(media_type_page(&media->type)));

    if (filename == NULL || *filename == '\0') {
        filename = media->filename;
    }

    /* phones show and open a document by its name */

    if (filename == NULL && type != NULL && strcmp(type, "document") == 0) {
        (void) snprintf(name, sizeof(name), "document%s",
                        media_type_extension(&media->type));
        filename = name;
    }

    if (filename != NULL) {
        rc |= json_object_set_new(object, "filename", json_string(filename));
    }

    return rc == 0;
}


static bool
message_parse_to(struct message_params *params, json_t *object,
    const struct message_ids *ids, struct error *error)
{
    char         group[WAMID_WID_SIZE];
    json_t      *to;
    const char  *text;

    to = json_object_get(object, "to");

    if (to == NULL) {
        return error_set(error, ERROR_MISSING_PARAMETER,
                         "\"to\" is missing");
    }

    text = json_string_value(to);

    if (text != NULL
        && group_id_open_own(ids->seal, text, ids->session, group))
    {
        text = group;
    }

    if (text != NULL && message_normalise_to(params, object, text)) {
        return true;
    }

    if (text != NULL && group_id_has_prefix(text)) {
        return error_set(error, ERROR_GROUP_NOT_FOUND, NULL);
    }

    return error_set(error, ERROR_INVALID_PARAMETER,
                     "\"to\" is not a number or an id");
}


/*
 * A number or an id; for a group the id, or the digits of one, which would
 * otherwise be the number of a person
 */

static bool
message_normalise_to(struct message_params *params, json_t *object,
    const char *text)
{
    char         id[RECIPIENT_TO_SIZE];
    size_t       len;
    const char  *type;

    static const char  host[] = "@g.us";

    type = json_string_value(json_object_get(object, "recipient_type"));

    if (type == NULL || strcmp(type, "group") != 0) {
        return recipient_normalise(text, params->to);
    }

    len = strspn(text, "0123456789-");

    if (len == 0 || len >= sizeof(id) - strlen(host)
        || (text[len] != '\0' && strcasecmp(text + len, host) != 0))
    {
        return false;
    }

    (void) snprintf(id, sizeof(id), "%.*s%s", (int) len, text, host);

    return recipient_normalise(id, params->to);
}


/* reads what `to` is said to be, which must fit it */

static bool
message_parse_recipient_type(struct message_params *params, json_t *object,
    const struct message_ids *ids, struct error *error)
{
    bool         group;
    json_t      *type;
    const char  *text;

    (void) ids;

    type = json_object_get(object, "recipient_type");

    if (type == NULL || json_is_null(type)) {
        return true;
    }

    text = json_string_value(type);
    group = text != NULL && strcmp(text, "group") == 0;

    if (text == NULL || (!group && strcmp(text, "individual") != 0)) {
        return error_set(error, ERROR_INVALID_PARAMETER,
                         "\"recipient_type\" must be individual or group");
    }

    return group == recipient_is_group(params->to)
           || error_set(error, ERROR_INVALID_PARAMETER,
                        "\"to\" does not fit \"recipient_type\"");
}


static bool
message_parse_type(struct message_params *params, json_t *object,
    const struct message_ids *ids, struct error *error)
{
    size_t       i;
    json_t      *type;
    const char  *name;

    (void) ids;

    type = json_object_get(object, "type");
    name = type != NULL ? json_string_value(type) : "text";

    if (name == NULL) {
        return error_set(error, ERROR_INVALID_PARAMETER,
                         "\"type\" must be a string");
    }

    for (i = 0; i < sizeof(message_types) / sizeof(message_types[0]); i++) {
        if (strcmp(name, message_types[i].name) == 0) {
            params->type = &message_types[i];
            return true;
        }
    }

    return error_set(error, ERROR_UNSUPPORTED_TYPE, NULL);
}


static bool
message_parse_content(struct message_params *params, json_t *object,
    const struct message_ids *ids, struct error *error)
{
    const struct message_field  *field;

    params->content = json_object_get(object, params->type->name);

    if (params->content == NULL) {
        return message_refuse_field(params, NULL, ERROR_MISSING_PARAMETER,
                                    "is missing", error);
    }

    if (params->type->content == JSON_ARRAY) {
        field = params->type->fields;

        return (json_array_size(params->content) >= field->min
                && json_array_size(params->content) <= field->max)
               || message_refuse_field(params, NULL, ERROR_INVALID_PARAMETER,
                                       "is no list, or too long", error);
    }

    if (!json_is_object(params->content)) {
        return message_refuse_field(params, NULL, ERROR_INVALID_PARAMETER,
                                    "must be an object", error);
    }

    for (field = params->type->fields; field->name != NULL; field++) {
        if (!message_parse_field(params, field, ids, error)) {
            return false;
        }
    }

    return true;
}


static bool
message_parse_field(struct message_params *params,
    const struct message_field *field, const struct message_ids *ids,
    struct error *error)
{
    bool         ok;
    json_t      *value;
    const char  *text;

    value = json_object_get(params->content, field->name);

    if (value == NULL || json_is_null(value)) {
        return field->need == MESSAGE_OPTIONAL
               || message_refuse_field(params, field, ERROR_MISSING_PARAMETER,
                                       "is missing", error);
    }

    text = json_string_value(value);

    switch (field->kind) {

    case MESSAGE_TEXT:
    case MESSAGE_LINK:
        ok = message_parse_text(value, field->min, field->max);
        break;

    case MESSAGE_FLAG:
        ok = json_is_boolean(value);
        break;

    case MESSAGE_EMOJI:
        ok = message_parse_text(value, field->min, field->max)
             && (*text == '\0' || whatsapp_emoji_is_one(text, strlen(text)));
        break;

    case MESSAGE_NUMBER:
        ok = json_is_number(value);
        break;

    case MESSAGE_TEXTS:
        ok = message_parse_list(value, field);
        break;

    case MESSAGE_TARGET:
        ok = text != NULL && wamid_decode(text, params->target);
        break;

    default: /* MESSAGE_MEDIA_ID */

        /* an id that does not open names no file that there is */

        ok = text != NULL;

        if (ok && seal_open(ids->seal, SEAL_MEDIA, text, params->name,
                            sizeof(params->name))
                  != sizeof(params->name))
        {
            return error_set(error, ERROR_MEDIA_UNKNOWN, NULL);
        }
    }

    return ok || message_refuse_field(params, field, ERROR_INVALID_PARAMETER,
                                      "is not valid", error);
}


/* whether value is a string of min to max characters */

static bool
message_parse_text(json_t *value, size_t min, size_t max)
{
    size_t  n;

    if (!json_is_string(value)) {
        return false;
    }

    n = text_characters(json_string_value(value), json_string_length(value));

    return n >= min && n <= max;
}


static bool
message_parse_list(json_t *value, const struct message_field *field)
{
    size_t   i;
    json_t  *item;

    if (!json_is_array(value) || json_array_size(value) < field->min
        || json_array_size(value) > field->max)
    {
        return false;
    }

    json_array_foreach(value, i, item) {
        if (!message_parse_text(item, 0, field->item)) {
            return false;
        }
    }

    return true;
}


static bool
message_parse_media(struct message_params *params, json_t *object,
    const struct message_ids *ids, struct error *error)
{
    bool  id;

    (void) object;
    (void) ids;

    if (params->type->fields != message_media) {
        return true;
    }

    params->media = true;
    params->link = json_string_value(json_object_get(params->content,
                                                     "link"));
    params->filename = json_string_value(json_object_get(params->content,
                                                         "filename"));
    id = json_is_string(json_object_get(params->content, "id"));

    (void) media_kind_find(params->type->name, &params->kind);

    if (!id && params->link == NULL) {
        return error_set(error, ERROR_MISSING_PARAMETER,
                         "\"id\" or \"link\" is missing");
    }

    if (id && params->link != NULL) {
        return error_set(error, ERROR_INVALID_PARAMETER,
                         "\"id\" and \"link\" exclude each other");
    }

    return true;
}


static bool
message_parse_context(struct message_params *params, json_t *object,
    const struct message_ids *ids, struct error *error)
{
    json_t  *context, *id;

    (void) ids;

    context = json_object_get(object, "context");

    if (context == NULL || json_is_null(context)) {
        return true;
    }

    id = json_object_get(context, "message_id");

    if (json_is_object(context) && (id == NULL || json_is_null(id))) {
        return true;
    }

    if (!json_is_string(id)
        || !wamid_decode(json_string_value(id), params->quoted))
    {
        return error_set(error, ERROR_INVALID_PARAMETER,
                         "\"context.message_id\" is not the id of a message");
    }

    return true;
}


/* what a client wants to be told with each status of the message */

static bool
message_parse_callback_data(struct message_params *params, json_t *object,
    const struct message_ids *ids, struct error *error)
{
    json_t  *data;

    (void) ids;

    data = json_object_get(object, "biz_opaque_callback_data");

    if (data == NULL || json_is_null(data)) {
        return true;
    }

    params->callback_data = json_string_value(data);

    return message_parse_text(data, 0, WHATSAPP_CALLBACK_DATA_MAX)
           || error_set(error, ERROR_INVALID_PARAMETER,
                        "\"biz_opaque_callback_data\" must be a text of at "
                        "most " text_of(WHATSAPP_CALLBACK_DATA_MAX)
                        " characters");
}



/* the page gets the fields of the table, and no others */

static json_t *
message_content(const struct message_params *params)
{
    json_t                      *content, *value;
    const struct message_field  *field;

    if (params->type->content == JSON_ARRAY) {
        return json_incref(params->content);
    }

    content = json_object();

    for (field = params->type->fields; field->name != NULL; field++) {

        value = json_object_get(params->content, field->name);

        if (value == NULL || json_is_null(value)
            || field->kind >= MESSAGE_TARGET)
        {
            continue;
        }

        if (json_object_set(content, field->name, value) != 0) {
            json_decref(content);
            return NULL;
        }
    }

    return content;
}


/* names a field of the type's content, or for NULL the content itself */

static bool
message_refuse_field(struct message_params *params,
    const struct message_field *field, enum error_code code,
    const char *what, struct error *error)
{
    (void) snprintf(params->refusal, sizeof(params->refusal), "\"%s%s%s\" %s",
                    params->type->name, field != NULL ? "." : "",
                    field != NULL ? field->name : "", what);

    return error_set(error, code, params->refusal);
}
