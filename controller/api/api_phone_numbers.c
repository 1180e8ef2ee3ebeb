/*
 * phone_number.list: the sessions as the public API's list of phone numbers.
 * It is a call at no session, which needs no page.
 */

#include <string.h>

#include "api/api_private.h"
#include "calls/phone_number.h"


#define API_PAGE_MAX  1000    /* numbers in one answer */


/* the parameters of a call, which they point into */

struct api_page {
    const char  *fields;      /* NULL: those that are told unasked */
    const char  *after;       /* the id before the first one; NULL: none */
    const char  *url;         /* of the list; NULL: not known */
    json_t      *sessions;    /* ids that are listed; NULL: all */
    json_int_t   limit;
};


static bool api_page_read(json_t *params, struct api_page *page);
static bool api_page_lists(const struct api_page *page, const char *id);
static json_t *api_page_paging(const struct api_page *page, json_t *data,
    bool more);


void
api_phone_number_list(struct api *api, struct server_request *request,
    json_t *params)
{
    int               rc;
    bool              begun, more;
    size_t            i;
    json_t           *data;
    const char       *id;
    struct session   *session;
    struct api_page   page;

    if (!api_page_read(params, &page)) {
        api_refuse(request, ERROR_INVALID_PARAMETER,
                   "A parameter of the list is not valid");
        return;
    }

    rc = 0;
    more = false;
    begun = page.after == NULL;
    data = json_array();

    for (i = 0; i < session_list_size(api->sessions) && !more; i++) {
        session = session_list_get(api->sessions, i);
        id = session_id(session);

        if (!api_page_lists(&page, id)) {
            continue;
        }

        if (!begun) {
            begun = strcmp(id, page.after) == 0;

        } else if (json_array_size(data) == (size_t) page.limit) {
            more = true;

        } else {
            rc |= json_array_append_new(data,
                      phone_number_json(id, session_wa_id(session),
                                        session_name(session),
                                        page.fields));
        }
    }

    api_answer(request, rc != 0 ? NULL
               : json_pack("{s:O, s:o}", "data", data, "paging",
                           api_page_paging(&page, data, more)));

    json_decref(data);
}


static bool
api_page_read(json_t *params, struct api_page *page)
{
    size_t   i;
    json_t  *id;

    memset(page, 0, sizeof(struct api_page));

    page->limit = API_PAGE_MAX;

    if (json_unpack(params, "{s?s, s?s, s?s, s?I, s?o}",
                    "fields", &page->fields, "after", &page->after,
                    "url", &page->url, "limit", &page->limit,
                    "sessions", &page->sessions)
        != 0
        || page->limit < 1 || page->limit > API_PAGE_MAX
        || (page->sessions != NULL && !json_is_array(page->sessions)))
    {
        return false;
    }

    if (page->after != NULL && *page->after == '\0') {
        page->after = NULL;
    }

    json_array_foreach(page->sessions, i, id) {
        if (!json_is_string(id)) {
            return false;
        }
    }

    return true;
}


static bool
api_page_lists(const struct api_page *page, const char *id)
{
    size_t   i;
    json_t  *listed;

    if (page->sessions == NULL) {
        return true;
    }

    json_array_foreach(page->sessions, i, listed) {
        if (strcmp(json_string_value(listed), id) == 0) {
            return true;
        }
    }

    return false;
}


/* the cursors of the first and last number, and the URL of the next page */

static json_t *
api_page_paging(const struct api_page *page, json_t *data, bool more)
{
    size_t       n;
    json_t      *first, *next;
    const char  *last;

    n = json_array_size(data);

    if (n == 0) {
        return json_object();
    }

    first = json_object_get(json_array_get(data, 0), "id");
    last = json_string_value(json_object_get(json_array_get(data, n - 1),
                                             "id"));
    next = NULL;

    if (more && page->url != NULL) {
        next = json_sprintf("%s?limit=%" JSON_INTEGER_FORMAT "&after=%s%s%s",
                            page->url, page->limit, last,
                            page->fields != NULL ? "&fields=" : "",
                            page->fields != NULL ? page->fields : "");
    }

    return json_pack("{s:{s:O, s:s}, s:o*}", "cursors", "before", first,
                     "after", last, "next", next);
}
