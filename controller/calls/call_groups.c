/*
 * Calls about groups.  WhatsApp's own ids of groups can contain a number: they
 * are sealed before they leave the controller.
 */

#include <stdio.h>
#include <string.h>

#include <openssl/rand.h>

#include "base/seal.h"
#include "calls/call_group.h"
#include "calls/call_handlers.h"
#include "calls/call_page.h"
#include "calls/call_params.h"
#include "calls/call_picture.h"
#include "base/group_id.h"
#include "protocol/limits.h"


#define CALL_REQUEST_SIZE      8    /* random bytes of a request_id */
#define CALL_PARTICIPANT_DONE  200  /* WhatsApp's code for one participant */


static json_t *call_group_get_params(struct call *call, struct error *error);
static json_t *call_group_create_params(struct call *call,
    struct error *error);
static json_t *call_group_participants_params(struct call *call,
    struct error *error);
static json_t *call_group_update_params(struct call *call,
    struct error *error);
static json_t *call_group_reset_params(struct call *call, struct error *error);
static json_t *call_group_join_params(struct call *call, struct error *error);
static bool call_group_copy_subject(struct call *call, json_t *params,
    struct error *error);
static bool call_group_copy_participants(struct call *call, json_t *params,
    struct error *error);
static json_t *call_group_list_result(struct call *call, json_t *result);
static bool call_group_write_time(json_t *group);
static json_t *call_group_get_result(struct call *call, json_t *result);
static json_t *call_group_create_result(struct call *call, json_t *result);
static json_t *call_group_join_result(struct call *call, json_t *result);
static json_t *call_group_invite_result(struct call *call, json_t *result);
static json_t *call_group_participants_result(struct call *call,
    json_t *result);
static bool call_group_add_failures(struct call *call, json_t *result);
static json_t *call_group_failure(json_t *participant);
static json_t *call_group_change_result(struct call *call, json_t *result);
static bool call_group_add_request_id(json_t *result);
static bool call_group_seal_id(struct call *call, json_t *object);


const struct call_handler  call_group_list = {
    .check = session_check,
    .method = "group.list",
    .params = call_page_params,
    .result = call_group_list_result
};

const struct call_handler  call_group_get = {
    .check = session_check,
    .method = "group.get",
    .params = call_group_get_params,
    .result = call_group_get_result
};

const struct call_handler  call_group_create = {
    .check = session_check,
    .method = "group.create",
    .params = call_group_create_params,
    .result = call_group_create_result
};

const struct call_handler  call_group_participants = {
    .check = session_check,
    .method = "group.participants",
    .params = call_group_participants_params,
    .result = call_group_participants_result
};

const struct call_handler  call_group_update = {
    .check = session_check,
    .method = "group.update",
    .params = call_group_update_params,
    .result = call_group_change_result
};

const struct call_handler  call_group_invite = {
    .check = session_check,
    .method = "group.invite",
    .params = call_group_params,
    .result = call_group_invite_result
};

const struct call_handler  call_group_invite_reset = {
    .check = session_check,
    .method = "group.invite",
    .params = call_group_reset_params,
    .result = call_group_invite_result
};

const struct call_handler  call_group_join = {
    .check = session_check,
    .method = "group.join",
    .params = call_group_join_params,
    .result = call_group_join_result
};

const struct call_handler  call_group_leave = {
    .check = session_check,
    .method = "group.leave",
    .params = call_group_params,
    .result = call_group_change_result
};


/* the parameter is a sealed id or WhatsApp's own */

json_t *
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

    if (group_id_open_own(call->services->seal, text,
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


static json_t *
call_group_get_params(struct call *call, struct error *error)
{
    const char  *fields;

    if (!call_params_fields(call, &fields, error)) {
        return NULL;
    }

    return call_group_params(call, error);
}


static json_t *
call_group_create_params(struct call *call, struct error *error)
{
    bool     ok;
    json_t  *params;

    if (json_object_get(call->params, "subject") == NULL) {
        *error = error_say(ERROR_MISSING_PARAMETER,
                           "\"subject\" is missing");
        return NULL;
    }

    params = json_object();

    ok = call_group_copy_subject(call, params, error)
         && call_group_copy_participants(call, params, error);

    return call_group_accept(params, ok, error);
}


static json_t *
call_group_participants_params(struct call *call, struct error *error)
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
         && call_group_copy_participants(call, params, error);

    return call_group_accept(params, ok, error);
}


static json_t *
call_group_update_params(struct call *call, struct error *error)
{
    bool     ok;
    json_t  *params;

    params = call_group_params(call, error);

    if (params == NULL) {
        return NULL;
    }

    ok = call_group_copy_subject(call, params, error)
         && call_picture_hold(call, error);

    if (ok && !call_picture_describe(call, params)) {
        json_decref(params);
        params = NULL;
    }

    if (ok && json_object_size(params) == 1) {
        ok = error_set(error, ERROR_MISSING_PARAMETER, "\"subject\", "
                       "\"description\" or \"" CALL_PICTURE "\" is missing");
    }

    return call_group_accept(params, ok, error);
}


static json_t *
call_group_reset_params(struct call *call, struct error *error)
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
call_group_join_params(struct call *call, struct error *error)
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
call_group_copy_subject(struct call *call, json_t *params, struct error *error)
{
    return call_params_copy_text(call, "subject", WHATSAPP_SUBJECT_MAX,
                                 params, error)
           && call_params_copy_text(call, "description",
                                    WHATSAPP_DESCRIPTION_MAX, params, error);
}


static bool
call_group_copy_participants(struct call *call, json_t *params,
    struct error *error)
{
    return call_params_copy_numbers(call, "participants",
                                    WHATSAPP_PARTICIPANTS_MAX, params,
                                    "participants", error);
}


static json_t *
call_group_list_result(struct call *call, json_t *result)
{
    size_t             i;
    json_t            *group, *groups;
    struct call_page   page;

    groups = json_object_get(result, "groups");

    json_array_foreach(groups, i, group) {
        if (!call_group_seal_id(call, group)
            || !call_group_write_time(group))
        {
            return NULL;
        }
    }

    if (!json_is_array(groups) || !call_page_read(call->params, &page)) {
        return NULL;
    }

    return json_pack("{s:{s:O}, s:o}", "data", "groups", groups, "paging",
                     call_page_cut(&page, groups, "id"));
}


/* the Graph API has created_at as a string in a list, else as a number */

static bool
call_group_write_time(json_t *group)
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
call_group_get_result(struct call *call, json_t *result)
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

    if (!call_group_seal_id(call, result) || !call_group_add_product(result)) {
        return NULL;
    }

    return json_incref(result);
}


static json_t *
call_group_create_result(struct call *call, json_t *result)
{
    if (!call_group_seal_id(call, result)
        || !call_group_add_request_id(result)
        || !call_group_add_product(result))
    {
        return NULL;
    }

    return json_incref(result);
}


static json_t *
call_group_join_result(struct call *call, json_t *result)
{
    return call_group_seal_id(call, result) ? json_incref(result) : NULL;
}


static json_t *
call_group_invite_result(struct call *call, json_t *result)
{
    (void) call;

    return call_group_add_product(result) ? json_incref(result) : NULL;
}


static json_t *
call_group_participants_result(struct call *call, json_t *result)
{
    if (!call_group_add_failures(call, result)) {
        return NULL;
    }

    if (call->nothing_done) {
        return call_group_add_product(result) ? json_incref(result) : NULL;
    }

    return call_group_change_result(call, result);
}


/*
 * Adds failed_participants, as the Graph API has them.  If nobody is on
 * WhatsApp, nothing was done.
 */

static bool
call_group_add_failures(struct call *call, json_t *result)
{
    bool     ok;
    size_t   i, unknown;
    json_t  *list, *participant, *failed;

    ok = true;
    unknown = 0;
    failed = json_array();
    list = json_object_get(result, "participants");

    json_array_foreach(list, i, participant) {

        if (json_integer_value(json_object_get(participant, "code"))
            == CALL_PARTICIPANT_DONE)
        {
            continue;
        }

        unknown += !json_is_string(json_object_get(participant, "wa_id"));
        ok = ok && json_array_append_new(failed,
                                         call_group_failure(participant))
                   == 0;
    }

    if (json_array_size(failed) != 0) {
        ok = ok && json_object_set(result, "failed_participants", failed)
                   == 0;
    }

    json_decref(failed);

    call->nothing_done = unknown != 0 && unknown == json_array_size(list);

    return ok;
}


/* codes are those of WhatsApp's server, which are HTTP's */

static json_t *
call_group_failure(json_t *participant)
{
    size_t         i;
    json_int_t     code;
    struct error   error;

    static const struct {
        json_int_t       code;
        enum error_code  error;
        const char      *message;
    } rows[] = {
        { 403, ERROR_FORBIDDEN_ACTION, "WhatsApp does not allow this, perhaps "
          "because the person must be invited" },
        { 404, ERROR_INVALID_PARAMETER, "This is no participant of the "
          "group" },
        { 408, ERROR_INVALID_PARAMETER, "The person has left the group "
          "lately" },
        { 409, ERROR_INVALID_PARAMETER, "The person is in the group "
          "already" },
        { 0, ERROR_PAGE_ERROR, "WhatsApp refuses this person" }
    };

    if (!json_is_string(json_object_get(participant, "wa_id"))) {
        error = error_make(ERROR_NOT_ON_WHATSAPP);

    } else {
        code = json_integer_value(json_object_get(participant, "code"));

        for (i = 0; rows[i].code != 0 && rows[i].code != code; i++) {
            /* void */
        }

        error = error_say(rows[i].error, rows[i].message);
    }

    return json_pack("{s:O, s:[o]}", "input",
                     json_object_get(participant, "input"), "errors",
                     error_graph(&error));
}


static json_t *
call_group_change_result(struct call *call, json_t *result)
{
    (void) call;

    if (json_object_set_new(result, "success", json_true()) != 0
        || !call_group_add_request_id(result)
        || !call_group_add_product(result))
    {
        return NULL;
    }

    return json_incref(result);
}


/*
 * The Graph API does such a request later and returns its id.  Here the
 * request is done when the answer is made, but clients expect the member.
 */

static bool
call_group_add_request_id(json_t *result)
{
    char           text[2 * CALL_REQUEST_SIZE + 1];
    size_t         i;
    unsigned char  id[CALL_REQUEST_SIZE];

    if (RAND_bytes(id, sizeof(id)) != 1) {
        return false;
    }

    for (i = 0; i < sizeof(id); i++) {
        (void) snprintf(text + 2 * i, 3, "%02x", id[i]);
    }

    return json_object_set_new(result, "request_id", json_string(text)) == 0;
}


bool
call_group_add_product(json_t *result)
{
    return json_object_set_new(result, "messaging_product",
                               json_string("whatsapp"))
           == 0;
}


static bool
call_group_seal_id(struct call *call, json_t *object)
{
    char         text[GROUP_ID_SIZE];
    const char  *id;

    id = json_string_value(json_object_get(object, "id"));

    return id != NULL
           && group_id_close(call->services->seal, session_id(call->session),
                             id, text)
           && json_object_set_new(object, "id", json_string(text)) == 0;
}


json_t *
call_group_accept(json_t *params, bool ok, struct error *error)
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
