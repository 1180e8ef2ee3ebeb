/*
 * phone_number.list: the sessions as the public API's list of phone numbers.
 * It is a call at no session, which needs no page.
 */

#include "api/api_private.h"
#include "calls/call_page.h"
#include "calls/phone_number.h"


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
        || !api_sessions_read(params, &sessions))
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

        if (api_sessions_have(sessions, id)) {
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
