/*
 * Calls about groups, whose ids are sealed on their way out.
 */

#include <stdio.h>
#include <string.h>

#include <openssl/rand.h>

#include "base/seal.h"
#include "calls/call_handlers.h"
#include "calls/call_params.h"
#include "calls/group_id.h"
#include "protocol/limits.h"


#define CALL_REQUEST_SIZE  8    /* bytes of a request's id */


static json_t *call_group_params(struct call *call, struct error *error);
static json_t *call_get_params(struct call *call, struct error *error);
static json_t *call_create_params(struct call *call, struct error *error);
static json_t *call_participants_params(struct call *call,
    struct error *error);
static json_t *call_update_params(struct call *call, struct error *error);
static json_t *call_reset_params(struct call *call, struct error *error);
static json_t *call_join_params(struct call *call, struct error *error);
static bool call_copy_facts(struct call *call, json_t *params,
    struct error *error);
static bool call_copy_participants(struct call *call, json_t *params,
    struct error *error);
static json_t *call_groups(struct call *call, json_t *result);
static bool call_write_time(json_t *group);
static json_t *call_group(struct call *call, json_t *result);
static json_t *call_made(struct call *call, json_t *result);
static json_t *call_joined(struct call *call, json_t *result);
static json_t *call_invite(struct call *call, json_t *result);
static json_t *call_changed(struct call *call, json_t *result);
static json_t *call_operation(json_t *answer);
static json_t *call_product(json_t *answer);
static bool call_seal_id(struct call *call, json_t *object);
static json_t *call_checked(json_t *params, bool ok, struct error *error);


const struct call_handler  call_group_list = {
    session_check, "group.list", call_params_empty, call_groups, NULL, NULL
};

const struct call_handler  call_group_get = {
    session_check, "group.get", call_get_params, call_group, NULL, NULL
};

const struct call_handler  call_group_create = {
    session_check, "group.create", call_create_params, call_made, NULL, NULL
};

const struct call_handler  call_group_participants = {
    session_check, "group.participants", call_participants_params,
    call_changed, NULL, NULL
};

const struct call_handler  call_group_update = {
    session_check, "group.update", call_update_params, call_changed, NULL, NULL
};

const struct call_handler  call_group_invite = {
    session_check, "group.invite", call_group_params, call_invite, NULL, NULL
};

const struct call_handler  call_group_invite_reset = {
    session_check, "group.invite", call_reset_params, call_invite, NULL, NULL
};

const struct call_handler  call_group_join = {
    session_check, "group.join", call_join_params, call_joined, NULL, NULL
};

const struct call_handler  call_group_leave = {
    session_check, "group.leave", call_group_params, call_changed, NULL, NULL
};


/* {group}: sealed, or WhatsApp's own id */

static json_t *
call_group_params(struct call *call, struct error *error)
{
    char         id[RECIPIENT_TO_SIZE], group[WAMID_WID_SIZE];
    json_t      *params;
    const char  *text, *at;

    text = json_string_value(json_object_get(call->params, "group"));

    if (text == NULL) {
        *error = error_say(ERROR_MISSING_PARAMETER, "\"group\" is missing");
        return NULL;
    }

    if (group_id_open_of(call->services->seal, text,
                         session_id(call->session), group))
    {
        text = group;
    }

    at = strchr(text, '@');

    if (at == NULL || strcmp(at, "@g.us") != 0
        || !recipient_normalise(text, id))
    {
        *error = error_make(ERROR_GROUP_NOT_FOUND);
        return NULL;
    }

    params = json_pack("{s:s}", "group", id);

    if (params == NULL) {
        *error = error_memory();
    }

    return params;
}


/* and {fields} */

static json_t *
call_get_params(struct call *call, struct error *error)
{
    const char  *fields;

    if (!call_params_fields(call, &fields, error)) {
        return NULL;
    }

    return call_group_params(call, error);
}


static json_t *
call_create_params(struct call *call, struct error *error)
{
    bool     ok;
    json_t  *params;

    if (json_object_get(call->params, "subject") == NULL) {
        *error = error_say(ERROR_MISSING_PARAMETER,
                           "\"subject\" is missing");
        return NULL;
    }

    params = json_object();

    ok = call_copy_facts(call, params, error)
         && call_copy_participants(call, params, error);

    return call_checked(params, ok, error);
}


static json_t *
call_participants_params(struct call *call, struct error *error)
{
    bool         ok;
    json_t      *params;
    size_t       i;
    const char  *action;

    static const char *const  actions[] = {
        "add", "remove", "promote", "demote", NULL
    };

    action = json_string_value(json_object_get(call->params, "action"));

    for (i = 0;
         actions[i] != NULL && action != NULL
         && strcmp(actions[i], action) != 0;
         i++)
    { /* void */ }

    if (action == NULL || actions[i] == NULL
        || json_array_size(json_object_get(call->params, "participants"))
           == 0)
    {
        *error = error_say(ERROR_INVALID_PARAMETER, "\"action\" must be "
                           "add, remove, promote or demote, and "
                           "\"participants\" a list");
        return NULL;
    }

    params = call_group_params(call, error);

    if (params == NULL) {
        return NULL;
    }

    ok = call_params_copy_text(call, "action", strlen(action), params, error)
         && call_copy_participants(call, params, error);

    return call_checked(params, ok, error);
}


static json_t *
call_update_params(struct call *call, struct error *error)
{
    bool     ok;
    json_t  *params;

    params = call_group_params(call, error);

    if (params == NULL) {
        return NULL;
    }

    ok = call_copy_facts(call, params, error);

    if (ok && json_object_size(params) == 1) {
        json_decref(params);
        *error = error_say(ERROR_MISSING_PARAMETER, "\"subject\" or "
                           "\"description\" is missing");
        return NULL;
    }

    return call_checked(params, ok, error);
}


static json_t *
call_reset_params(struct call *call, struct error *error)
{
    json_t  *params;

    params = call_group_params(call, error);

    if (params != NULL
        && json_object_set_new(params, "reset", json_true()) != 0)
    {
        json_decref(params);
        *error = error_memory();
        return NULL;
    }

    return params;
}


static json_t *
call_join_params(struct call *call, struct error *error)
{
    json_t  *link, *params;

    link = json_object_get(call->params, "invite_link");

    if (!json_is_string(link)) {
        *error = error_say(ERROR_MISSING_PARAMETER,
                           "\"invite_link\" is missing");
        return NULL;
    }

    if (!call_params_is_text(link, WHATSAPP_INVITE_MAX)) {
        *error = error_say(ERROR_INVALID_PARAMETER,
                           "\"invite_link\" is too long");
        return NULL;
    }

    params = json_pack("{s:O}", "code", link);

    if (params == NULL) {
        *error = error_memory();
    }

    return params;
}


static bool
call_copy_facts(struct call *call, json_t *params, struct error *error)
{
    return call_params_copy_text(call, "subject", WHATSAPP_SUBJECT_MAX,
                                 params, error)
           && call_params_copy_text(call, "description",
                                    WHATSAPP_DESCRIPTION_MAX, params, error);
}


static bool
call_copy_participants(struct call *call, json_t *params, struct error *error)
{
    return call_params_copy_texts(call, "participants",
                                  WHATSAPP_PARTICIPANTS_MAX,
                                  WHATSAPP_NUMBER_MAX, params, "participants",
                                  error);
}


static json_t *
call_groups(struct call *call, json_t *result)
{
    size_t   i;
    json_t  *group, *groups;

    groups = json_object_get(result, "groups");

    json_array_foreach(groups, i, group) {
        if (!call_seal_id(call, group) || !call_write_time(group)) {
            return NULL;
        }
    }

    return json_pack("{s:{s:O}, s:{}}", "data", "groups", groups, "paging");
}


/* a list has times as strings, a single group as numbers: so has Meta's API */

static bool
call_write_time(json_t *group)
{
    char     text[24];
    json_t  *time;

    time = json_object_get(group, "created_at");

    if (!json_is_integer(time)) {
        (void) json_object_del(group, "created_at");
        return true;
    }

    (void) snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT,
                    json_integer_value(time));

    return json_object_set_new(group, "created_at", json_string(text)) == 0;
}


static json_t *
call_group(struct call *call, json_t *result)
{
    void        *next;
    json_t      *value;
    const char  *fields, *name;

    fields = json_string_value(json_object_get(call->params, "fields"));

    json_object_foreach_safe(result, next, name, value) {
        if (strcmp(name, "id") != 0 && !call_params_has_field(fields, name)) {
            (void) json_object_del(result, name);
        }
    }

    return call_seal_id(call, result) ? call_product(json_incref(result))
                                      : NULL;
}


static json_t *
call_made(struct call *call, json_t *result)
{
    return call_seal_id(call, result) ? call_operation(json_incref(result))
                                      : NULL;
}


static json_t *
call_joined(struct call *call, json_t *result)
{
    return call_seal_id(call, result) ? json_incref(result) : NULL;
}


static json_t *
call_invite(struct call *call, json_t *result)
{
    (void) call;

    return call_product(json_incref(result));
}


static json_t *
call_changed(struct call *call, json_t *result)
{
    (void) call;

    if (json_object_set_new(result, "success", json_true()) != 0) {
        return NULL;
    }

    return call_operation(json_incref(result));
}


/*
 * Meta's API does these later and answers with the id of the request; here it
 * is done, but clients want to see one.  Steals answer.
 */

static json_t *
call_operation(json_t *answer)
{
    char           text[2 * CALL_REQUEST_SIZE + 1];
    size_t         i;
    unsigned char  id[CALL_REQUEST_SIZE];

    if (RAND_bytes(id, sizeof(id)) != 1) {
        json_decref(answer);
        return NULL;
    }

    for (i = 0; i < sizeof(id); i++) {
        (void) snprintf(text + 2 * i, 3, "%02x", id[i]);
    }

    if (json_object_set_new(answer, "request_id", json_string(text)) != 0) {
        json_decref(answer);
        return NULL;
    }

    return call_product(answer);
}


/* steals answer */

static json_t *
call_product(json_t *answer)
{
    if (json_object_set_new(answer, "messaging_product",
                            json_string("whatsapp"))
        != 0)
    {
        json_decref(answer);
        return NULL;
    }

    return answer;
}


static bool
call_seal_id(struct call *call, json_t *object)
{
    char         text[GROUP_ID_SIZE];
    const char  *id;

    id = json_string_value(json_object_get(object, "id"));

    return id != NULL
           && group_id_close(call->services->seal, session_id(call->session),
                             id, text)
           && json_object_set_new(object, "id", json_string(text)) == 0;
}


/* params, or NULL when something was refused */

static json_t *
call_checked(json_t *params, bool ok, struct error *error)
{
    if (ok && params == NULL) {
        *error = error_memory();
    }

    if (!ok) {
        json_decref(params);
        return NULL;
    }

    return params;
}
