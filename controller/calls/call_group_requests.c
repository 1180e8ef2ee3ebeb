/*
 * Calls about those who ask to join a group: who they are, and the account's
 * answer.  The id of a request is WhatsApp's id of the person who asks.
 */

#include <string.h>

#include "base/seal.h"
#include "calls/call_group.h"
#include "calls/call_handlers.h"
#include "calls/call_page.h"
#include "calls/call_params.h"
#include "protocol/limits.h"


#define CALL_REQUEST_DONE  200  /* WhatsApp's code for one request */


static json_t *call_group_requests_params(struct call *call,
    struct error *error);
static json_t *call_group_requests_result(struct call *call, json_t *result);
static json_t *call_group_request(json_t *item);
static json_t *call_group_answer_params(struct call *call,
    struct error *error);
static json_t *call_group_answer_result(struct call *call, json_t *result);
static json_t *call_group_answer_failure(json_t *item);


const struct call_handler  call_group_requests = {
    .check = session_check,
    .method = "group.requests",
    .params = call_group_requests_params,
    .result = call_group_requests_result
};

const struct call_handler  call_group_answer = {
    .check = session_check,
    .method = "group.answer",
    .params = call_group_answer_params,
    .result = call_group_answer_result
};


static json_t *
call_group_requests_params(struct call *call, struct error *error)
{
    struct call_page   page;

    if (!call_page_read(call->params, &page)) {
        *error = error_say(ERROR_INVALID_PARAMETER,
                           "\"limit\", \"after\", \"before\" or \"url\" is "
                           "not valid");
        return NULL;
    }

    return call_group_params(call, error);
}


/* cursors are sealed: the id of a request can be a number */

static json_t *
call_group_requests_result(struct call *call, json_t *result)
{
    return call_page_list(call, json_object_get(result, "requests"),
                          call_group_request, "join_request_id");
}


/* a number that is not known is left out: wa_id is never a lid */

static json_t *
call_group_request(json_t *item)
{
    int      rc;
    json_t  *request, *wa_id, *time;

    request = json_pack("{s:O}", "join_request_id",
                        json_object_get(item, "id"));
    wa_id = json_object_get(item, "wa_id");
    time = json_object_get(item, "time");
    rc = request == NULL;

    if (json_is_string(wa_id)) {
        rc |= json_object_set(request, "wa_id", wa_id);
    }

    if (json_is_integer(time)) {
        rc |= json_object_set(request, "creation_timestamp", time);
    }

    if (rc != 0) {
        json_decref(request);
        return NULL;
    }

    return request;
}


static json_t *
call_group_answer_params(struct call *call, struct error *error)
{
    bool         ok;
    json_t      *params;
    const char  *action;

    action = json_string_value(json_object_get(call->params, "action"));

    if (action == NULL
        || (strcmp(action, "approve") != 0 && strcmp(action, "reject") != 0)
        || json_array_size(json_object_get(call->params, "join_requests"))
           == 0)
    {
        *error = error_say(ERROR_INVALID_PARAMETER, "\"action\" must be "
                           "approve or reject, and \"join_requests\" a list");
        return NULL;
    }

    params = call_group_params(call, error);

    if (params == NULL) {
        return NULL;
    }

    ok = call_params_copy_text(call, "action", strlen(action), params, error)
         && call_params_copy_texts(call, "join_requests",
                                   WHATSAPP_JOIN_REQUESTS_MAX,
                                   WHATSAPP_JOIN_REQUEST_MAX, params,
                                   "requests", error);

    return call_group_accept(params, ok, error);
}


static json_t *
call_group_answer_result(struct call *call, json_t *result)
{
    int          rc;
    size_t       i;
    json_t      *done, *failed, *item, *answer;
    const char  *action;

    action = json_string_value(json_object_get(call->params, "action"));

    rc = 0;
    done = json_array();
    failed = json_array();

    json_array_foreach(json_object_get(result, "requests"), i, item) {

        if (json_integer_value(json_object_get(item, "code"))
            == CALL_REQUEST_DONE)
        {
            rc |= json_array_append(done, json_object_get(item, "id"));

        } else {
            rc |= json_array_append_new(failed,
                                        call_group_answer_failure(item));
        }
    }

    answer = json_pack("{s:O}", strcmp(action, "approve") == 0
                                ? "approved_join_requests"
                                : "rejected_join_requests",
                       done);

    if (json_array_size(failed) != 0) {
        rc |= json_object_set(answer, "failed_join_requests", failed);
    }

    json_decref(done);
    json_decref(failed);

    if (rc != 0 || !call_group_add_product(answer)) {
        json_decref(answer);
        return NULL;
    }

    return answer;
}


static json_t *
call_group_answer_failure(json_t *item)
{
    struct error  error;

    error = error_say(ERROR_INVALID_PARAMETER,
                      json_integer_value(json_object_get(item, "code")) == 404
                      ? "There is no such request, or no longer"
                      : "WhatsApp refuses this request");

    return json_pack("{s:O, s:[o]}", "join_request_id",
                     json_object_get(item, "id"), "errors",
                     error_graph(&error));
}
