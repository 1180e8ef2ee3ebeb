/*
 * Copies a message of the bridge member by member.  Four members hold keys of
 * other messages, and "media" stands where the id of a file belongs; all else
 * is taken as it is.
 */

#include <string.h>

#include "events/envelope_message.h"
#include "media/message_media_id.h"


/* the file of an edited message is that of the first one */

struct envelope_part {
    const struct envelope_account  *account;
    const char                     *media;    /* the key for its file */
};


static json_t *envelope_copy(const struct envelope_part *part,
    json_t *message);
static json_t *envelope_copy_member(const struct envelope_part *part,
    const char *name, json_t *value);
static json_t *envelope_copy_context(const struct envelope_part *part,
    json_t *context);
static json_t *envelope_copy_content(const struct envelope_part *part,
    const char *type, json_t *content);
static json_t *envelope_copy_edited(const struct envelope_part *part,
    json_t *edit);
static json_t *envelope_public_id(const struct envelope_part *part,
    json_t *key);
static json_t *envelope_media_id(const struct envelope_part *part);
static bool envelope_set_group(json_t *message,
    const struct envelope_account *account, json_t *event);
static bool envelope_is_key(const char *type, const char *name);


/* members of a type's object that are keys of messages */

static const struct {
    const char  *type;
    const char  *name;
} envelope_keys[] = {
    { "reaction", "message_id" },
    { "poll_vote", "message_id" },
    { "edit", "original_message_id" },
    { "revoke", "original_message_id" }
};


bool
envelope_id(const struct envelope_account *account, const char *key,
    char id[WAMID_TEXT_SIZE])
{
    size_t       len;
    const char  *answered;

    len = key != NULL ? strnlen(key, WAMID_KEY_SIZE) : 0;

    if (len == 0 || len == WAMID_KEY_SIZE) {
        return false;
    }

    answered = account->answered != NULL
               ? account->answered(account->ctx, key) : NULL;

    if (answered != NULL) {
        memcpy(id, answered, strlen(answered) + 1);

    } else {
        wamid_encode(key, id);
    }

    return true;
}


bool
envelope_message_set_to(json_t *message,
    const struct envelope_account *account, json_t *event)
{
    char         id[GROUP_ID_SIZE];
    json_t      *to;
    const char  *group, *number, *lid;

    to = json_object_get(event, "to");
    group = json_string_value(json_object_get(event, "group"));
    number = json_string_value(json_object_get(to, "number"));
    lid = json_string_value(json_object_get(to, "lid"));

    if (group != NULL) {
        return group_id_close(account->seal, account->session, group, id)
               && json_object_set_new(message, "to", json_string(id)) == 0;
    }

    return (number == NULL
            || json_object_set_new(message, "to", json_string(number)) == 0)
           && (lid == NULL
               || json_object_set_new(message, "to_user_id",
                                      json_string(lid)) == 0);
}


bool
envelope_message_set(json_t *message, const struct envelope_account *account,
    json_t *event)
{
    bool                   ok;
    json_t                *copy;
    struct envelope_part   part;

    part.account = account;
    part.media = json_string_value(json_object_get(event, "id"));

    copy = envelope_copy(&part, json_object_get(event, "message"));

    ok = copy != NULL
         && json_is_string(json_object_get(copy, "type"))
         && envelope_set_group(message, account, event)
         && json_object_update_missing(message, copy) == 0;

    json_decref(copy);

    return ok;
}


static json_t *
envelope_copy(const struct envelope_part *part, json_t *message)
{
    json_t      *copy, *value;
    const char  *name;

    if (!json_is_object(message)) {
        return NULL;
    }

    copy = json_object();

    json_object_foreach(message, name, value) {
        if (json_object_set_new(copy, name,
                                envelope_copy_member(part, name, value))
            != 0)
        {
            json_decref(copy);
            return NULL;
        }
    }

    return copy;
}


static json_t *
envelope_copy_member(const struct envelope_part *part, const char *name,
    json_t *value)
{
    if (!json_is_object(value)) {
        return json_incref(value);
    }

    if (strcmp(name, "context") == 0) {
        return envelope_copy_context(part, value);
    }

    return envelope_copy_content(part, name, value);
}


/* what a message answers to, or that it was forwarded */

static json_t *
envelope_copy_context(const struct envelope_part *part, json_t *context)
{
    int          rc;
    json_t      *copy, *value, *number;
    const char  *name;

    rc = 0;
    copy = json_object();

    json_object_foreach(context, name, value) {

        if (strcmp(name, "id") == 0) {
            rc |= json_object_set_new(copy, name,
                                      envelope_public_id(part, value));

        } else if (strcmp(name, "from") == 0) {
            number = json_object_get(value, "number");

            if (json_is_string(number)) {
                rc |= json_object_set(copy, name, number);
            }

        } else {
            rc |= json_object_set(copy, name, value);
        }
    }

    if (rc != 0) {
        json_decref(copy);
        return NULL;
    }

    return copy;
}


static json_t *
envelope_copy_content(const struct envelope_part *part, const char *type,
    json_t *content)
{
    int          rc;
    json_t      *copy, *value;
    const char  *name;

    rc = 0;
    copy = json_object();

    json_object_foreach(content, name, value) {

        if (envelope_is_key(type, name)) {
            rc |= json_object_set_new(copy, name,
                                      envelope_public_id(part, value));

        } else if (strcmp(name, "media") == 0 && json_is_true(value)) {
            rc |= json_object_set_new(copy, "id", envelope_media_id(part));

        } else if (strcmp(type, "edit") == 0 && strcmp(name, "message") == 0)
        {
            rc |= json_object_set_new(copy, name,
                                      envelope_copy_edited(part, content));

        } else {
            rc |= json_object_set(copy, name, value);
        }
    }

    if (rc != 0) {
        json_decref(copy);
        return NULL;
    }

    return copy;
}


static json_t *
envelope_copy_edited(const struct envelope_part *part, json_t *edit)
{
    json_t                *original;
    struct envelope_part   edited;

    original = json_object_get(edit, "original_message_id");

    edited.account = part->account;
    edited.media = json_string_value(original);

    return envelope_copy(&edited, json_object_get(edit, "message"));
}


static json_t *
envelope_public_id(const struct envelope_part *part, json_t *key)
{
    char  id[WAMID_TEXT_SIZE];

    if (!envelope_id(part->account, json_string_value(key), id)) {
        return NULL;
    }

    return json_string(id);
}


static json_t *
envelope_media_id(const struct envelope_part *part)
{
    char  id[SEAL_TEXT_SIZE];

    if (part->media == NULL
        || !message_media_id_close(part->account->seal,
                                   part->account->session, part->media, id))
    {
        return NULL;
    }

    return json_string(id);
}


static bool
envelope_set_group(json_t *message, const struct envelope_account *account,
    json_t *event)
{
    char         id[GROUP_ID_SIZE];
    const char  *group;

    group = json_string_value(json_object_get(event, "group"));

    return group == NULL
           || (group_id_close(account->seal, account->session, group, id)
               && json_object_set_new(message, "group_id", json_string(id))
                  == 0);
}


static bool
envelope_is_key(const char *type, const char *name)
{
    size_t  i;

    for (i = 0; i < sizeof(envelope_keys) / sizeof(envelope_keys[0]); i++) {
        if (strcmp(envelope_keys[i].type, type) == 0
            && strcmp(envelope_keys[i].name, name) == 0)
        {
            return true;
        }
    }

    return false;
}
