/*
 * A body is built as JSON, member by member in the order in which it is told,
 * and then written by base/stringify.c.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/stringify.h"
#include "events/envelope.h"
#include "events/envelope_message.h"


#define ENVELOPE_TIME_SIZE  24


static bool envelope_contact(json_t *value, json_t *from);
static json_t *envelope_entry(const struct envelope_account *account,
    json_t *event, const char *from);
static bool envelope_set_status(json_t *object,
    const struct envelope_account *account, json_t *event);
static bool envelope_set_recipient(json_t *object,
    const struct envelope_account *account, json_t *event);
static json_t *envelope_errors(json_t *event);
static json_t *envelope_value(const struct envelope_account *account);
static bool envelope_set_list(json_t *value, const char *name, json_t *item);
static bool envelope_write(struct envelope *envelope,
    const struct envelope_account *account, const char *field,
    json_t *value);


/* by the code with which WhatsApp's server refused a message */

static const struct {
    json_int_t       ack;
    enum error_code  error;
} envelope_refusals[] = {
    { 463, ERROR_TIMELOCKED },
    { 475, ERROR_NEW_CHATS_CAPPED }
};


bool
envelope_message(struct envelope *envelope,
    const struct envelope_account *account, json_t *event)
{
    bool     ok, own;
    json_t  *value, *message, *from;

    own = json_is_true(json_object_get(event, "own"));
    from = json_object_get(event, "from");
    value = envelope_value(account);

    message = envelope_entry(account, event, "from");

    ok = message != NULL
         && (!own || envelope_message_set_to(message, account, event))
         && (own || envelope_contact(value, from))
         && envelope_message_set(message, account, event)
         && envelope_set_list(value, own ? "message_echoes" : "messages",
                              message);

    json_decref(message);

    if (!ok) {
        json_decref(value);
        return false;
    }

    return envelope_write(envelope, account,
                          own ? "smb_message_echoes" : "messages", value);
}


bool
envelope_status(struct envelope *envelope,
    const struct envelope_account *account, json_t *event,
    const char *opaque)
{
    bool     ok;
    json_t  *value, *status, *errors;

    value = envelope_value(account);
    status = json_object();
    errors = envelope_errors(event);

    ok = envelope_set_status(status, account, event)
         && envelope_set_recipient(status, account, event)
         && (opaque == NULL
             || json_object_set_new(status, "biz_opaque_callback_data",
                                    json_string(opaque)) == 0)
         && (errors == NULL
             || json_object_set(status, "errors", errors) == 0)
         && envelope_set_list(value, "statuses", status);

    json_decref(errors);
    json_decref(status);

    if (!ok) {
        json_decref(value);
        return false;
    }

    return envelope_write(envelope, account, "messages", value);
}


bool
envelope_call(struct envelope *envelope,
    const struct envelope_account *account, json_t *event)
{
    bool         ok;
    json_t      *value, *call, *member;
    const char  *name;

    value = envelope_value(account);
    call = envelope_entry(account, event, "from");

    ok = call != NULL
         && envelope_contact(value, json_object_get(event, "from"))
         && json_object_set_new(call, "to", json_string(account->number))
            == 0;

    json_object_foreach(json_object_get(event, "call"), name, member) {
        ok = ok && (json_object_get(call, name) != NULL
                    || json_object_set(call, name, member) == 0);
    }

    ok = ok && envelope_set_list(value, "calls", call);

    json_decref(call);

    if (!ok) {
        json_decref(value);
        return false;
    }

    return envelope_write(envelope, account, "calls", value);
}


bool
envelope_error(struct envelope *envelope,
    const struct envelope_account *account, const struct error *error)
{
    json_t  *value, *item;

    value = envelope_value(account);
    item = error_event(error);

    if (!envelope_set_list(value, "errors", item)) {
        json_decref(item);
        json_decref(value);
        return false;
    }

    json_decref(item);

    return envelope_write(envelope, account, "messages", value);
}


/* who has written: with a name in any case, as receivers count on it */

static bool
envelope_contact(json_t *value, json_t *from)
{
    bool         ok;
    json_t      *contact;
    const char  *name, *number, *lid;

    number = json_string_value(json_object_get(from, "number"));
    lid = json_string_value(json_object_get(from, "lid"));
    name = json_string_value(json_object_get(from, "name"));

    if (name == NULL || *name == '\0') {
        name = number != NULL ? number : "";
    }

    contact = json_pack("{s:{s:s}}", "profile", "name", name);

    ok = (number == NULL
          || json_object_set_new(contact, "wa_id", json_string(number)) == 0)
         && (lid == NULL
             || json_object_set_new(contact, "user_id", json_string(lid))
                == 0)
         && envelope_set_list(value, "contacts", contact);

    json_decref(contact);

    return ok;
}


/* {from, id, timestamp} of a message or a call, or NULL */

static json_t *
envelope_entry(const struct envelope_account *account, json_t *event,
    const char *from)
{
    char         text[ENVELOPE_TIME_SIZE], id[WAMID_TEXT_SIZE];
    json_t      *entry, *person;
    const char  *number, *lid;

    person = json_object_get(event, from);
    lid = NULL;

    if (json_is_true(json_object_get(event, "own"))) {
        number = account->number;

    } else {
        number = json_string_value(json_object_get(person, "number"));
        lid = json_string_value(json_object_get(person, "lid"));
    }

    if (!envelope_id(account,
                     json_string_value(json_object_get(event, "id")), id)
        || json_integer_value(json_object_get(event, "t")) <= 0)
    {
        return NULL;
    }

    (void) snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT,
                    json_integer_value(json_object_get(event, "t")));

    entry = json_object();

    if ((number != NULL
         && json_object_set_new(entry, "from", json_string(number)) != 0)
        || (lid != NULL
            && json_object_set_new(entry, "from_user_id", json_string(lid))
               != 0)
        || json_object_set_new(entry, "id", json_string(id)) != 0
        || json_object_set_new(entry, "timestamp", json_string(text)) != 0)
    {
        json_decref(entry);
        return NULL;
    }

    return entry;
}


static bool
envelope_set_status(json_t *object, const struct envelope_account *account,
    json_t *event)
{
    char         text[ENVELOPE_TIME_SIZE], id[WAMID_TEXT_SIZE];
    const char  *status;

    status = json_string_value(json_object_get(event, "status"));

    (void) snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT,
                    json_integer_value(json_object_get(event, "t")));

    return status != NULL
           && json_integer_value(json_object_get(event, "t")) > 0
           && envelope_id(account,
                          json_string_value(json_object_get(event, "id")), id)
           && json_object_set_new(object, "id", json_string(id)) == 0
           && json_object_set_new(object, "status", json_string(status)) == 0
           && json_object_set_new(object, "timestamp", json_string(text))
              == 0;
}


/* a group stands for the recipient, whose member is named beside it */

static bool
envelope_set_recipient(json_t *object,
    const struct envelope_account *account, json_t *event)
{
    char         id[GROUP_ID_SIZE];
    json_t      *recipient;
    const char  *number, *lid, *group;

    recipient = json_object_get(event, "recipient");
    number = json_string_value(json_object_get(recipient, "number"));
    lid = json_string_value(json_object_get(recipient, "lid"));
    group = json_string_value(json_object_get(event, "group"));

    if (group != NULL
        && (!group_id_close(account->seal, account->session, group, id)
            || json_object_set_new(object, "recipient_id", json_string(id))
               != 0
            || json_object_set_new(object, "recipient_type",
                                   json_string("group")) != 0))
    {
        return false;
    }

    if (number != NULL
        && json_object_set_new(object,
                               group != NULL ? "recipient_participant_id"
                                             : "recipient_id",
                               json_string(number)) != 0)
    {
        return false;
    }

    return lid == NULL
           || json_object_set_new(object, "recipient_user_id",
                                  json_string(lid)) == 0;
}


/* why a message failed; NULL if it has not */

static json_t *
envelope_errors(json_t *event)
{
    size_t         i;
    json_int_t     ack;
    const char    *status;
    struct error   error;

    status = json_string_value(json_object_get(event, "status"));

    if (status == NULL || strcmp(status, "failed") != 0) {
        return NULL;
    }

    ack = json_integer_value(json_object_get(event, "error_code"));
    error = error_make(ERROR_SEND_REFUSED);

    for (i = 0;
         i < sizeof(envelope_refusals) / sizeof(envelope_refusals[0]);
         i++)
    {
        if (envelope_refusals[i].ack == ack) {
            error = error_make(envelope_refusals[i].error);
        }
    }

    return json_pack("[o]", error_event(&error));
}


static json_t *
envelope_value(const struct envelope_account *account)
{
    return json_pack("{s:s, s:{s:s, s:s}}",
                     "messaging_product", "whatsapp",
                     "metadata",
                     "display_phone_number", account->number,
                     "phone_number_id", account->session);
}


/* a list of one item */

static bool
envelope_set_list(json_t *value, const char *name, json_t *item)
{
    return json_object_set_new(value, name, json_pack("[O]", item)) == 0;
}


/* takes the reference to value */

static bool
envelope_write(struct envelope *envelope,
    const struct envelope_account *account, const char *field, json_t *value)
{
    json_t  *root;

    root = json_pack("{s:s, s:[{s:s, s:[{s:s, s:o}]}]}",
                     "object", "whatsapp_business_account",
                     "entry", "id", account->session,
                     "changes", "field", field, "value", value);

    envelope->body = root != NULL ? stringify(root, &envelope->size) : NULL;

    json_decref(root);

    if (envelope->body != NULL && envelope->size > ENVELOPE_MAX) {
        free(envelope->body);
        envelope->body = NULL;
    }

    return envelope->body != NULL;
}
