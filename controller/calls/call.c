/*
 * The table of methods, and those of them that only ask the page.
 */

#include <string.h>

#include "base/wamid.h"
#include "calls/call_private.h"
#include "calls/send.h"


/*
 * What is kept of a deadline for the way back, and what the page must have
 * left at least to be asked at all, in ms
 */

#define CALL_MARGIN_MAX  500
#define CALL_PAGE_MIN    1000


struct call_method {
    const char                *name;
    enum call_scope            scope;
    const struct read_method  *read;    /* NULL: message.send */
};


static uint64_t call_tenth(const struct call *call, uint64_t most);
static bool call_may_read(struct session *session, struct error *error);
static bool call_linked(struct session *session, struct error *error);
static json_t *call_read_params(struct call *call, struct error *error);
static json_t *call_phone_params(struct call *call, struct error *error);
static json_t *call_phone(struct call *call, json_t *result);


static const struct read_method  call_message_read = {
    call_may_read, "message.read", call_read_params, call_success, NULL
};

static const struct read_method  call_phone_number_get = {
    call_ready, "phone.get", call_phone_params, call_phone, NULL
};

static const struct read_method  call_session_logout = {
    call_linked, "session.logout", call_no_params, call_success, NULL
};


/* what is true of each number that is linked */

static const struct {
    const char  *name;
    const char  *value;
    bool         asked;    /* left out unless it is asked for */
} call_phone_facts[] = {
    { "quality_rating", "GREEN", false },
    { "code_verification_status", "VERIFIED", false },
    { "platform_type", "NOT_APPLICABLE", false },
    { "account_mode", "LIVE", true }
};


static const struct call_method  call_methods[] = {
    { "message.send", CALL_PUBLIC, NULL },
    { "message.read", CALL_PUBLIC, &call_message_read },
    { "phone_number.get", CALL_PUBLIC, &call_phone_number_get },
    { "contacts.check", CALL_PUBLIC, &call_contacts_check },
    { "profile.get", CALL_PUBLIC, &call_profile_get },
    { "profile.set", CALL_PUBLIC, &call_profile_set },
    { "block.list", CALL_PUBLIC, &call_block_list },
    { "block.add", CALL_PUBLIC, &call_block_add },
    { "block.remove", CALL_PUBLIC, &call_block_remove },
    { "group.list", CALL_PUBLIC, &call_group_list },
    { "group.get", CALL_PUBLIC, &call_group_get },
    { "group.create", CALL_PUBLIC, &call_group_create },
    { "group.participants", CALL_PUBLIC, &call_group_participants },
    { "group.update", CALL_PUBLIC, &call_group_update },
    { "group.invite", CALL_PUBLIC, &call_group_invite },
    { "group.invite_reset", CALL_PUBLIC, &call_group_invite_reset },
    { "group.join", CALL_PUBLIC, &call_group_join },
    { "group.leave", CALL_PUBLIC, &call_group_leave },
    { "session.request_code", CALL_PUBLIC, &call_session_request_code },
    { "session.qr", CALL_PRIVATE, &call_session_qr },
    { "session.logout", CALL_PRIVATE, &call_session_logout }
};


void
call_start(struct call *call, const char *method, enum call_scope scope)
{
    size_t                     i;
    struct error               error;
    const struct call_method  *row;

    for (i = 0; i < sizeof(call_methods) / sizeof(call_methods[0]); i++) {
        row = &call_methods[i];

        if (row->scope != scope || strcmp(row->name, method) != 0) {
            continue;
        }

        if (row->read != NULL) {
            read_start(call, row->read);

        } else {
            send_start(call);
        }

        return;
    }

    error = error_make(ERROR_UNKNOWN_METHOD);
    call_fail(call, &error);
}


void
call_forget(struct call *call)
{
    if (call->send != NULL) {
        send_forget(call);

    } else if (call->read != NULL) {
        read_forget(call);
    }
}


void
call_fail(struct call *call, const struct error *error)
{
    struct error  told;

    told = *error;

    /* who can't link an account now wants to know what is instead */

    if (told.code == ERROR_NOT_IN_QR_STATE && told.state == NULL) {
        told.state = session_state_name(session_state(call->session));
    }

    call->done(call, &told, NULL);
}


uint64_t
call_page_deadline(const struct call *call)
{
    return call->arrived + call->deadline_ms
           - call_tenth(call, CALL_MARGIN_MAX);
}


uint64_t
call_start_deadline(const struct call *call)
{
    return call_page_deadline(call) - call_tenth(call, CALL_PAGE_MIN);
}


static uint64_t
call_tenth(const struct call *call, uint64_t most)
{
    uint64_t  tenth;

    tenth = call->deadline_ms / 10;

    return tenth < most ? tenth : most;
}


bool
call_ready(struct session *session, struct error *error)
{
    return session_check(session, error);
}


static bool
call_may_read(struct session *session, struct error *error)
{
    if (!session_check(session, error)) {
        return false;
    }

    if (!session_can(session, SESSION_MARK_READ)) {
        *error = error_say(ERROR_SESSION_NOT_READY, "This version of "
                           "WhatsApp Web does not let messages be read");
        return false;
    }

    return true;
}


static bool
call_linked(struct session *session, struct error *error)
{
    if (session_check(session, error)) {
        return true;
    }

    return error->code != ERROR_SHUTTING_DOWN
           && (session_state(session) == SESSION_DEGRADED
               || session_state(session) == SESSION_SYNCING);
}


json_t *
call_no_params(struct call *call, struct error *error)
{
    json_t  *params;

    (void) call;

    params = json_object();

    if (params == NULL) {
        *error = error_memory();
    }

    return params;
}


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


static json_t *
call_phone_params(struct call *call, struct error *error)
{
    const char  *fields;

    return call_fields(call, &fields, error) ? call_no_params(call, error)
                                             : NULL;
}


json_t *
call_success(struct call *call, json_t *result)
{
    (void) call;
    (void) result;

    return json_pack("{s:b}", "success", 1);
}


static json_t *
call_phone(struct call *call, json_t *result)
{
    int          rc;
    size_t       i;
    char         number[RECIPIENT_WA_ID_SIZE + 1];
    json_t      *answer;
    const char  *fields, *wa_id, *name;

    fields = json_string_value(json_object_get(call->params, "fields"));
    wa_id = json_string_value(json_object_get(result, "wa_id"));
    name = json_string_value(json_object_get(result, "name"));

    if (wa_id == NULL || strlen(wa_id) >= RECIPIENT_WA_ID_SIZE) {
        return NULL;
    }

    number[0] = '+';
    strcpy(number + 1, wa_id);

    answer = json_pack("{s:s}", "id", session_id(call->session));
    rc = answer == NULL;

    if (call_field_wanted(fields, "display_phone_number")) {
        rc |= json_object_set_new(answer, "display_phone_number",
                                  json_string(number));
    }

    if (call_field_wanted(fields, "verified_name")) {
        rc |= json_object_set_new(answer, "verified_name",
                                  json_string(name != NULL ? name : ""));
    }

    for (i = 0; i < sizeof(call_phone_facts) / sizeof(call_phone_facts[0]);
         i++)
    {
        if (call_field_wanted(fields, call_phone_facts[i].name)
            && (fields != NULL || !call_phone_facts[i].asked))
        {
            rc |= json_object_set_new(answer, call_phone_facts[i].name,
                                      json_string(call_phone_facts[i].value));
        }
    }

    if (rc != 0) {
        json_decref(answer);
        return NULL;
    }

    return answer;
}


bool
call_fields(const struct call *call, const char **fields,
    struct error *error)
{
    json_t  *value;

    value = json_object_get(call->params, "fields");
    *fields = json_string_value(value);

    if (value != NULL && *fields == NULL) {
        *error = error_say(ERROR_INVALID_PARAMETER,
                           "\"fields\" must be a string");
        return false;
    }

    return true;
}


bool
call_field_wanted(const char *fields, const char *name)
{
    int     depth;
    size_t  len;

    if (fields == NULL || *fields == '\0') {
        return true;
    }

    while (*fields != '\0') {
        len = strcspn(fields, ",.({");

        if (len == strlen(name) && strncmp(fields, name, len) == 0) {
            return true;
        }

        /* what is wanted of a member, as in a{b,c}, comes with it */

        fields += len;

        for (depth = 0;
             *fields != '\0' && (*fields != ',' || depth > 0);
             fields++)
        {
            depth += (*fields == '{' || *fields == '(')
                     - (*fields == '}' || *fields == ')');
        }

        fields += strspn(fields, ",");
    }

    return false;
}


bool
call_copy_text(struct call *call, const char *name, json_t *params,
    struct error *error)
{
    json_t  *value;

    value = json_object_get(call->params, name);

    if (value == NULL || json_is_null(value)) {
        return true;
    }

    if (!json_is_string(value)) {
        *error = error_say(ERROR_INVALID_PARAMETER,
                           "A parameter must be a string");
        return false;
    }

    if (json_object_set(params, name, value) != 0) {
        *error = error_memory();
        return false;
    }

    return true;
}


bool
call_copy_texts(struct call *call, const char *name, json_t *params,
    const char *page, struct error *error)
{
    bool     ok;
    size_t   i;
    json_t  *value, *item;

    value = json_object_get(call->params, name);

    if (value == NULL || json_is_null(value)) {
        return true;
    }

    ok = json_is_array(value) && json_array_size(value) <= CALL_LIST_MAX;

    json_array_foreach(value, i, item) {
        ok = ok && json_is_string(item);
    }

    if (!ok) {
        *error = error_say(ERROR_INVALID_PARAMETER,
                           "A parameter must be a list of strings");
        return false;
    }

    if (json_object_set(params, page, value) != 0) {
        *error = error_memory();
        return false;
    }

    return true;
}
