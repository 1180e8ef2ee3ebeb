/*
 * The list of sessions, whole or of those that a token may see, and what the
 * calls about several sessions share.
 */

#include <string.h>

#include "api/api_private.h"


static void api_session_list_answer(struct api *api,
    struct server_request *request, json_t *sessions);


void
api_session_list(struct api *api, struct server_request *request,
    struct session *session)
{
    (void) session;

    api_session_list_answer(api, request, NULL);
}


void
api_session_list_some(struct api *api, struct server_request *request,
    json_t *params)
{
    json_t  *sessions;

    if (!api_sessions_read(params, &sessions)) {
        api_refuse(request, ERROR_INVALID_PARAMETER,
                   "\"sessions\" must be a list of ids");
        return;
    }

    api_session_list_answer(api, request, sessions);
}


static void
api_session_list_answer(struct api *api, struct server_request *request,
    json_t *sessions)
{
    int              rc;
    size_t           i;
    json_t          *list;
    struct session  *session;

    rc = 0;
    list = json_array();

    for (i = 0; i < session_list_size(api->sessions); i++) {
        session = session_list_get(api->sessions, i);

        if (api_sessions_have(sessions, session_id(session))) {
            rc |= json_array_append_new(list,
                      api_session_add_webhook(api, session,
                                              session_summary_json(session)));
        }
    }

    if (rc != 0) {
        json_decref(list);
        list = NULL;
    }

    api_answer(request, json_pack("{s:o}", "sessions", list));
}


bool
api_sessions_read(json_t *params, json_t **sessions)
{
    size_t   i;
    json_t  *id;

    *sessions = json_object_get(params, "sessions");

    json_array_foreach(*sessions, i, id) {
        if (!json_is_string(id)) {
            return false;
        }
    }

    return *sessions == NULL || json_is_array(*sessions);
}


bool
api_sessions_have(json_t *sessions, const char *id)
{
    size_t   i;
    json_t  *listed;

    json_array_foreach(sessions, i, listed) {
        if (strcmp(json_string_value(listed), id) == 0) {
            return true;
        }
    }

    return sessions == NULL;
}
