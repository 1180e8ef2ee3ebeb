/*
 * phone_number.list: the sessions as the public API's list of phone numbers.
 * It is a call at no session, which needs no page.
 */

#include <string.h>

#include "api/api_private.h"
#include "calls/call_page.h"
#include "calls/phone_number.h"


static bool api_phone_number_sessions(json_t *params, json_t **sessions);
static bool api_phone_number_listed(json_t *sessions, const char *id);


void
api_phone_number_list(struct api *api, struct server_request *request,
    json_t *params)
{
    int                rc;
    size_t             i;
    json_t            *data, *sessions, *paging;
    const char        *id;
    struct session    *session;
    struct call_page   page;

    if (!call_page_read(params, &page)
        || !api_phone_number_sessions(params, &sessions))
    {
        api_refuse(request, ERROR_INVALID_PARAMETER,
                   "A parameter of the list is not valid");
        return;
    }

    rc = 0;
    data = json_array();

    for (i = 0; i < session_list_size(api->sessions); i++) {
        session = session_list_get(api->sessions, i);
        id = session_id(session);

        if (api_phone_number_listed(sessions, id)) {
            rc |= json_array_append_new(data,
                      phone_number_json(id, session_wa_id(session),
                                        session_name(session),
                                        page.fields));
        }
    }

    paging = call_page_cut(&page, data, "id");

    api_answer(request, json_pack("{s:o, s:o}", "data",
                                  rc == 0 ? data : NULL, "paging", paging));

    if (rc != 0) {
        json_decref(data);
    }
}


/* points sessions to the ids that are listed; NULL stands for all of them */

static bool
api_phone_number_sessions(json_t *params, json_t **sessions)
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


static bool
api_phone_number_listed(json_t *sessions, const char *id)
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
