/*
 * Calls about the account's own number, about other numbers, and about those
 * that it blocks.
 */

#include <string.h>

#include "base/text.h"
#include "calls/call_handlers.h"
#include "calls/call_page.h"
#include "calls/call_params.h"
#include "calls/phone_number.h"
#include "protocol/phone.h"


static json_t *call_phone_number_params(struct call *call,
    struct error *error);
static json_t *call_phone_number_result(struct call *call, json_t *result);
static json_t *call_contacts_check_params(struct call *call,
    struct error *error);
static bool call_contacts_check_numbers(struct call *call,
    struct error *error);
static json_t *call_contacts_check_result(struct call *call, json_t *result);
static json_t *call_block_list_result(struct call *call, json_t *result);
static json_t *call_block_user(json_t *number);
static json_t *call_block_params(struct call *call, bool blocked,
    struct error *error);
static json_t *call_block_add_params(struct call *call, struct error *error);
static json_t *call_block_remove_params(struct call *call,
    struct error *error);
static json_t *call_block_add_next(struct call *call, json_t *results);
static json_t *call_block_remove_next(struct call *call, json_t *results);
static json_t *call_block_user_params(struct call *call, size_t i,
    bool blocked);
static json_t *call_block_add_result(struct call *call, json_t *results);
static json_t *call_block_remove_result(struct call *call, json_t *results);
static json_t *call_block_result(struct call *call, json_t *results,
    const char *name);


const struct call_handler  call_phone_number_get = {
    .check = session_check,
    .method = "phone.get",
    .params = call_phone_number_params,
    .result = call_phone_number_result
};

const struct call_handler  call_contacts_check = {
    .check = session_check,
    .method = "contacts.check",
    .params = call_contacts_check_params,
    .result = call_contacts_check_result
};

const struct call_handler  call_block_list = {
    .check = session_check,
    .method = "block.list",
    .params = call_page_params,
    .result = call_block_list_result
};

const struct call_handler  call_block_add = {
    .check = session_check,
    .method = "block.set",
    .params = call_block_add_params,
    .result = call_block_add_result,
    .next = call_block_add_next
};

const struct call_handler  call_block_remove = {
    .check = session_check,
    .method = "block.set",
    .params = call_block_remove_params,
    .result = call_block_remove_result,
    .next = call_block_remove_next
};


static json_t *
call_phone_number_params(struct call *call, struct error *error)
{
    const char  *fields;

    if (!call_params_fields(call, &fields, error)) {
        return NULL;
    }

    return call_params_empty(call, error);
}


static json_t *
call_phone_number_result(struct call *call, json_t *result)
{
    const char  *fields, *wa_id, *name;

    fields = json_string_value(json_object_get(call->params, "fields"));
    wa_id = json_string_value(json_object_get(result, "wa_id"));
    name = json_string_value(json_object_get(result, "name"));

    if (wa_id == NULL || strlen(wa_id) >= RECIPIENT_WA_ID_SIZE) {
        return NULL;
    }

    return phone_number_json(session_id(call->session), wa_id, name, fields);
}


static json_t *
call_contacts_check_params(struct call *call, struct error *error)
{
    size_t   n;
    json_t  *params;

    n = json_array_size(json_object_get(call->params, "contacts"));

    if (n == 0 || n > WHATSAPP_CHECK_MAX) {
        *error = error_say(ERROR_INVALID_PARAMETER, "\"contacts\" must be a "
                           "list of 1 to " text_of(WHATSAPP_CHECK_MAX)
                           " numbers");
        return NULL;
    }

    params = json_object();

    if (!call_params_copy_texts(call, "contacts", WHATSAPP_CHECK_MAX,
                                WHATSAPP_NUMBER_MAX, params, "numbers",
                                error)
        || !call_contacts_check_numbers(call, error))
    {
        json_decref(params);
        return NULL;
    }

    return params;
}


/* what is no number is nobody's; what may be another one is not looked up */

static bool
call_contacts_check_numbers(struct call *call, struct error *error)
{
    char         digits[WHATSAPP_PHONE_SIZE];
    size_t       i;
    json_t      *value;
    const char  *text;

    json_array_foreach(json_object_get(call->params, "contacts"), i, value) {
        text = json_string_value(value);

        if (whatsapp_phone_read(text, strlen(text), digits)
            == WHATSAPP_PHONE_DOUBTFUL)
        {
            return error_set(error, ERROR_INVALID_PARAMETER,
                             "A contact is no phone number");
        }
    }

    return true;
}


static json_t *
call_contacts_check_result(struct call *call, json_t *result)
{
    size_t   i;
    json_t  *list, *item, *wa_id, *contact;

    (void) call;

    list = json_array();

    json_array_foreach(json_object_get(result, "numbers"), i, item) {

        wa_id = json_object_get(item, "wa_id");
        contact = json_pack("{s:O, s:s}", "input",
                            json_object_get(item, "input"), "status",
                            json_is_string(wa_id) ? "valid" : "invalid");

        if (contact == NULL || json_array_append_new(list, contact) != 0
            || (json_is_string(wa_id)
                && json_object_set(contact, "wa_id", wa_id) != 0))
        {
            json_decref(list);
            return NULL;
        }
    }

    return json_pack("{s:o}", "contacts", list);
}


static json_t *
call_block_list_result(struct call *call, json_t *result)
{
    return call_page_list(call, json_object_get(result, "users"),
                          call_block_user, "wa_id");
}


static json_t *
call_block_user(json_t *number)
{
    return json_pack("{s:s, s:O}", "messaging_product", "whatsapp", "wa_id",
                     number);
}


static json_t *
call_block_params(struct call *call, bool blocked, struct error *error)
{
    bool     ok;
    size_t   i, n;
    json_t  *users, *user, *params;

    users = json_object_get(call->params, "users");
    n = json_array_size(users);
    ok = n != 0 && n <= WHATSAPP_BLOCK_MAX;

    json_array_foreach(users, i, user) {
        ok = ok && call_params_is_number(user);
    }

    if (!ok) {
        *error = error_say(ERROR_INVALID_PARAMETER, "\"users\" must be a "
                           "list of 1 to " text_of(WHATSAPP_BLOCK_MAX)
                           " numbers");
        return NULL;
    }

    params = call_block_user_params(call, 0, blocked);

    if (params == NULL) {
        *error = error_memory();
    }

    return params;
}


static json_t *
call_block_add_params(struct call *call, struct error *error)
{
    return call_block_params(call, true, error);
}


static json_t *
call_block_remove_params(struct call *call, struct error *error)
{
    return call_block_params(call, false, error);
}


static json_t *
call_block_add_next(struct call *call, json_t *results)
{
    return call_block_user_params(call, json_array_size(results), true);
}


static json_t *
call_block_remove_next(struct call *call, json_t *results)
{
    return call_block_user_params(call, json_array_size(results), false);
}


/* the page's parameters for user number i, NULL after the last one */

static json_t *
call_block_user_params(struct call *call, size_t i, bool blocked)
{
    json_t  *user;

    user = json_array_get(json_object_get(call->params, "users"), i);

    if (user == NULL) {
        return NULL;
    }

    return json_pack("{s:O, s:b}", "user", user, "blocked", blocked);
}


static json_t *
call_block_add_result(struct call *call, json_t *results)
{
    return call_block_result(call, results, "added_users");
}


static json_t *
call_block_remove_result(struct call *call, json_t *results)
{
    return call_block_result(call, results, "removed_users");
}


static json_t *
call_block_result(struct call *call, json_t *results, const char *name)
{
    int      rc;
    size_t   i;
    json_t  *done, *failed, *result, *user, *wa_id, *answer;

    rc = 0;
    done = json_array();
    failed = json_array();

    json_array_foreach(results, i, result) {

        user = json_array_get(json_object_get(call->params, "users"), i);
        wa_id = json_object_get(result, "wa_id");

        if (json_is_string(wa_id)) {
            rc |= json_array_append_new(done,
                      json_pack("{s:O, s:O}", "input", user, "wa_id",
                                wa_id));

        } else {
            rc |= json_array_append_new(failed,
                      json_pack("{s:O, s:[O]}", "input", user, "errors",
                                json_object_get(result, "error")));
        }
    }

    answer = json_pack("{s:s, s:{s:O}}", "messaging_product", "whatsapp",
                       "block_users", name, done);

    if (json_array_size(failed) != 0) {
        rc |= json_object_set(json_object_get(answer, "block_users"),
                              "failed_users", failed);
    }

    call->nothing_done = json_array_size(done) == 0;

    json_decref(done);
    json_decref(failed);

    if (rc != 0) {
        json_decref(answer);
        return NULL;
    }

    return answer;
}
