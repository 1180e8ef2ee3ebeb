/*
 * Calls about the account's profile.  Only the page knows which members an
 * account of its kind has: it refuses the others.
 */

#include <string.h>

#include "calls/call_handlers.h"
#include "calls/call_params.h"
#include "calls/call_picture.h"
#include "protocol/limits.h"


#define CALL_VERTICAL      "vertical"
#define CALL_VERTICAL_MAX  32


enum call_profile_kind {
    CALL_PROFILE_TEXT = 0,
    CALL_PROFILE_TEXTS,
    CALL_PROFILE_SHOWN      /* can't be set */
};


static json_t *call_profile_get_params(struct call *call, struct error *error);
static json_t *call_profile_get_result(struct call *call, json_t *result);
static json_t *call_profile_set_params(struct call *call,
    struct error *error);
static bool call_profile_check_names(struct call *call, struct error *error);


const struct call_handler  call_profile_get = {
    .check = session_check,
    .method = "profile.get",
    .params = call_profile_get_params,
    .result = call_profile_get_result
};

const struct call_handler  call_profile_set = {
    .check = session_check,
    .method = "profile.set",
    .params = call_profile_set_params,
    .result = call_run_success
};


static const struct {
    const char              *name;
    enum call_profile_kind   kind;
    size_t                   max;    /* characters, of a list in each text */
} call_profile_members[] = {
    { "about", CALL_PROFILE_TEXT, WHATSAPP_ABOUT_MAX },
    { "address", CALL_PROFILE_TEXT, WHATSAPP_PROFILE_ADDRESS_MAX },
    { "description", CALL_PROFILE_TEXT, WHATSAPP_PROFILE_DESCRIPTION_MAX },
    { "email", CALL_PROFILE_TEXT, WHATSAPP_PROFILE_EMAIL_MAX },
    { "websites", CALL_PROFILE_TEXTS, WHATSAPP_WEBSITE_MAX },
    { CALL_VERTICAL, CALL_PROFILE_TEXT, CALL_VERTICAL_MAX },
    { "profile_picture_url", CALL_PROFILE_SHOWN, 0 }
};


#define CALL_PROFILE_MEMBERS                                                  \
    (sizeof(call_profile_members) / sizeof(call_profile_members[0]))


static json_t *
call_profile_get_params(struct call *call, struct error *error)
{
    int          rc;
    size_t       i;
    json_t      *wanted, *params;
    const char  *list, *name;

    if (!call_params_fields(call, &list, error)) {
        return NULL;
    }

    rc = 0;
    wanted = json_array();

    for (i = 0; i < CALL_PROFILE_MEMBERS; i++) {
        name = call_profile_members[i].name;

        if (call_params_has_field(list, name)) {
            rc |= json_array_append_new(wanted, json_string(name));
        }
    }

    if (rc != 0) {
        json_decref(wanted);
        wanted = NULL;
    }

    params = json_pack("{s:o}", "fields", wanted);

    if (params == NULL) {
        *error = error_memory();
    }

    return params;
}


static json_t *
call_profile_get_result(struct call *call, json_t *result)
{
    int          rc;
    size_t       i;
    json_t      *profile, *value;
    const char  *list, *name;

    list = json_string_value(json_object_get(call->params, "fields"));
    profile = json_pack("{s:s}", "messaging_product", "whatsapp");
    rc = profile == NULL;

    for (i = 0; i < CALL_PROFILE_MEMBERS; i++) {
        name = call_profile_members[i].name;
        value = json_object_get(result, name);

        if (value != NULL && !json_is_null(value)
            && call_params_has_field(list, name))
        {
            rc |= json_object_set(profile, name, value);
        }
    }

    /* clients read the vertical of a business that has chosen none, too */

    if (call_params_has_field(list, CALL_VERTICAL)
        && json_object_get(profile, CALL_VERTICAL) == NULL)
    {
        rc |= json_object_set_new(profile, CALL_VERTICAL,
                                  json_string("UNDEFINED"));
    }

    if (rc != 0) {
        json_decref(profile);
        return NULL;
    }

    return json_pack("{s:[o]}", "data", profile);
}


static json_t *
call_profile_set_params(struct call *call, struct error *error)
{
    bool         ok;
    size_t       i, max;
    json_t      *members, *params;
    const char  *name;

    members = json_object();
    ok = call_profile_check_names(call, error);

    for (i = 0; ok && i < CALL_PROFILE_MEMBERS; i++) {
        name = call_profile_members[i].name;
        max = call_profile_members[i].max;

        if (call_profile_members[i].kind == CALL_PROFILE_TEXT) {
            ok = call_params_copy_text(call, name, max, members, error);

        } else if (call_profile_members[i].kind == CALL_PROFILE_TEXTS) {
            ok = call_params_copy_texts(call, name, WHATSAPP_WEBSITES_MAX,
                                        max, members, name, error);
        }
    }

    if (ok && json_object_size(members) == 0
        && json_object_get(call->params, CALL_PICTURE) == NULL)
    {
        *error = error_say(ERROR_MISSING_PARAMETER,
                           "There is nothing to be set");
        ok = false;
    }

    if (!ok || !call_picture_hold(call, error)) {
        json_decref(members);
        return NULL;
    }

    params = json_pack("{s:o}", "members", members);

    if (!call_picture_describe(call, params)) {
        json_decref(params);
        params = NULL;
    }

    if (params == NULL) {
        *error = error_memory();
    }

    return params;
}


/* a member that can't be set is refused, not ignored */

static bool
call_profile_check_names(struct call *call, struct error *error)
{
    size_t       i;
    json_t      *value;
    const char  *name;

    json_object_foreach(call->params, name, value) {

        if (strcmp(name, "messaging_product") == 0
            || strcmp(name, CALL_PICTURE) == 0)
        {
            continue;
        }

        for (i = 0; i < CALL_PROFILE_MEMBERS; i++) {
            if (call_profile_members[i].kind != CALL_PROFILE_SHOWN
                && strcmp(name, call_profile_members[i].name) == 0)
            {
                break;
            }
        }

        if (i == CALL_PROFILE_MEMBERS) {
            *error = error_say(ERROR_INVALID_PARAMETER,
                               "A profile has no such member to be set");
            return false;
        }
    }

    return true;
}
